//! The two languages of manifests.

/// The language of a text: JSON or YAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON as in RFC 8259, without duplicate names.
    Json,
    /// YAML 1.2 with the core schema, and the merge key `<<`.
    Yaml,
}
