//! Describes the word under the cursor from the definitions.

use std::ops::Range;

use super::field::{Field, Identity, Reader, description, type_name};
use super::read;
use super::scan::{ROOT, Scan, Shape};
use super::token::decoded;
use crate::json::Json;
use crate::kind::Schema;
use crate::manifest::Format;
use crate::registry::Registry;

/// The description of a member or a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Hover {
    /// Where the key or the value begins, in bytes.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// Which member or item it is, as a JSON pointer (RFC 6901) into the document.
    pub pointer: String,
    /// Its title.
    pub title: Option<String>,
    /// Its type, and whether it is required: `string, required`.
    pub detail: String,
    /// Facts such as bounds and defaults, a sentence each, as in `kindstore explain`.
    pub facts: Vec<String>,
    /// Its description in the definition.
    pub documentation: Option<String>,
    /// Example values.
    pub examples: Vec<Json>,
}

/// Describes the key or value at a byte of a text, which need not parse. Returns `None` for undeclared members.
///
/// ```
/// use kindstore::Registry;
/// use kindstore::editor::hover;
/// use kindstore::manifest::Format;
/// let registry = Registry::builtin()?;
/// let text = "kind: Deployment\nspec:\n  state: RUNNING\n";
/// let found = hover(&registry, text, 26, Format::Yaml).expect("it is declared");
/// assert_eq!((&text[found.from..found.to], &*found.pointer), ("state", "/spec/state"));
/// assert_eq!(found.facts, ["One of RUNNING, SUSPENDED, CANCELLED.", "Without it, it is CANCELLED."]);
/// # Ok::<(), kindstore::Error>(())
/// ```
pub fn hover(registry: &Registry, text: &str, offset: usize, format: Format) -> Option<Hover> {
    let scan = read::scan(text, offset, format);
    let (slot, range, is_key) = under_cursor(&scan)?;
    let reader = Reader::new(registry, &scan);
    let mut field = reader.field(slot)?;
    let mut word = (!is_key).then(|| decoded(&text[range.clone()]));
    // A word that begins a line where a map must be is a key that is half typed.
    if scan.slots[slot].shape == Shape::Word(true)
        && let Some(name) = word.take_if(|_| field.is_map() || slot == ROOT)
    {
        field = reader.named(field, slot, &name)?;
    }
    Some(match field.identity {
        Some(identity) => of_identity(&reader, identity, word.as_deref(), field.pointer, range),
        None => of_field(&reader, field, word.as_deref(), range),
    })
}

/// The slot whose key or value the cursor is in, or else at the end of.
fn under_cursor(scan: &Scan<'_>) -> Option<(usize, Range<usize>, bool)> {
    let mut touched = None;
    for (index, slot) in scan.slots.iter().enumerate() {
        let has_word = matches!(slot.shape, Shape::Word(_) | Shape::Lines);
        let ranges = [(slot.key.clone(), true), (has_word.then(|| slot.value.clone()), false)];
        for (range, is_key) in ranges {
            match range {
                // A range that contains the cursor wins over one that only ends at it.
                Some(range) if range.contains(&scan.at) => return Some((index, range, is_key)),
                Some(range) if range.end == scan.at && !range.is_empty() => touched = Some((index, range, is_key)),
                _ => {}
            }
        }
    }
    touched
}

fn of_identity(
    reader: &Reader<'_, '_, '_>,
    identity: Identity,
    word: Option<&str>,
    pointer: String,
    range: Range<usize>,
) -> Hover {
    let (detail, documentation) = match identity {
        Identity::Kind => ("string, required", "Which kind of resource the document is."),
        Identity::ApiVersion => ("string", "The version of the structure; a document may leave it out."),
    };
    let (detail, documentation) = (detail.to_owned(), Some(documentation.to_owned()));
    let (from, to, facts, examples) = (range.start, range.end, Vec::new(), Vec::new());
    let hover = Hover { from, to, pointer, title: None, detail, facts, documentation, examples };
    match reader.kind.filter(|_| identity == Identity::Kind && word.is_some()) {
        Some(kind) => Hover {
            title: Some(kind.name.to_string()),
            detail: kind.api_version.to_string(),
            documentation: Some(kind.description.clone()),
            ..hover
        },
        None => hover,
    }
}

fn of_field(reader: &Reader<'_, '_, '_>, field: Field<'_>, word: Option<&str>, range: Range<usize>) -> Hover {
    let title = field.schemas.iter().find_map(|schema| schema.title.clone());
    let mut detail = type_name(&field.schemas);
    if field.is_required {
        detail.push_str(", required");
    }
    let by = field.around.iter().find(|schema| {
        let by = schema.discriminator.as_ref();
        by.is_some_and(|by| Some(&by.property_name) == field.name.as_ref())
    });
    let variant = word.and_then(|word| by?.variant(word)?.description.as_deref());
    let documentation = variant.or_else(|| description(&field.schemas)).map(str::to_owned);
    let main = field.schemas.iter().find(|schema| schema.json_type.is_some()).or(field.schemas.first());
    let mut facts = match (main, reader.kind) {
        (Some(schema), Some(kind)) => kind.facts(&field.place, schema),
        (Some(schema), None) => schema.facts(),
        (None, _) => Vec::new(),
    };
    facts.extend(by.map(|schema| variants(schema)));
    let examples = field.schemas.iter().flat_map(|schema| schema.examples.clone()).collect();
    Hover { from: range.start, to: range.end, pointer: field.pointer, title, detail, facts, documentation, examples }
}

/// The values of the discriminating member, as a sentence.
fn variants(schema: &Schema) -> String {
    let values: Vec<&str> = schema.variants.iter().filter_map(|variant| schema.variant_value(variant)).collect();
    format!("One of {}.", values.join(", "))
}
