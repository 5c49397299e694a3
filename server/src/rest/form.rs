//! A list in the form that its client takes, piece by piece: JSON or YAML, of the flat form or not.

use std::sync::Arc;

use bytes::Bytes;
use kindstore::kind::Kind;
use kindstore::{Json, Object, Version};

use super::accept::Media;
use crate::envelope;

/// A piece of a list ends once it has this many bytes.
const PIECE: usize = 128 << 10;

/// How a list is written.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) kind: Arc<Kind>,
    pub(super) media: Media,
}

impl Form {
    fn is_flat(&self) -> bool {
        self.kind.flat.is_some()
    }

    /// The list of a kind up to its items. A page that is not the last one has the token of the next.
    pub(super) fn begin(&self, revision: u64, next: Option<&str>) -> String {
        if let Some(flat) = &self.kind.flat {
            return self.text_before_items(format!("{{{}:[", Json::from(flat.many.as_str()).to_text()));
        }
        let next = next.map(|token| format!(",\"continue\":\"{token}\"")).unwrap_or_default();
        self.text_before_items(format!(
            "{{\"kind\":\"{}\",\"apiVersion\":\"{}\",\"metadata\":{{\"revision\":{revision}{next}}},\"items\":[",
            self.kind.list_kind(),
            self.kind.api_version,
        ))
    }

    /// Any list up to its items, from its JSON text.
    pub(super) fn text_before_items(&self, json: String) -> String {
        match self.media {
            Media::Json => json,
            Media::Yaml => {
                let empty = envelope::text_to_yaml(&(json + "]}"));
                empty.strip_suffix(" []\n").map(str::to_owned).unwrap_or(empty)
            }
        }
    }

    /// Appends an item whose JSON text `write` appends.
    fn item(&self, text: &mut String, is_first: bool, is_flat: bool, write: impl FnOnce(&mut String)) {
        match self.media {
            Media::Json => {
                text.push_str(if is_first { "" } else { "," });
                write(text);
            }
            Media::Yaml => {
                text.push_str(if is_first { "\n" } else { "" });
                let mut json = String::new();
                write(&mut json);
                envelope::append_item(text, &json, is_flat);
            }
        }
    }

    fn end(&self, is_empty: bool) -> &'static str {
        match self.media {
            Media::Json => "]}",
            Media::Yaml if is_empty => " []\n",
            Media::Yaml => "",
        }
    }
}

/// Something that lists have.
pub(super) trait Item {
    /// Appends its JSON text.
    fn write(&self, kind: &Kind, text: &mut String);

    /// About how many bytes that has.
    fn size(&self) -> usize;

    /// Whether all of it is sorted when the kind has the flat form.
    const IS_FLAT: bool;
}

impl Item for Object {
    const IS_FLAT: bool = true;

    fn size(&self) -> usize {
        Object::size(self)
    }

    fn write(&self, kind: &Kind, text: &mut String) {
        match kind.flat {
            None => self.write_json(text),
            Some(_) => text.push_str(&kind.document(self).to_text()),
        }
    }
}

impl Item for Version {
    const IS_FLAT: bool = false;

    fn size(&self) -> usize {
        self.object.size()
    }

    fn write(&self, kind: &Kind, text: &mut String) {
        text.push('{');
        write_version(kind, self, text);
        text.push('}');
    }
}

/// The members of a version, as JSON text.
pub(super) fn write_version(kind: &Kind, version: &Version, text: &mut String) {
    let (number, revision) = (version.object.metadata.resource_version, version.revision);
    text.push_str(&format!("\"version\":{number},\"revision\":{revision}"));
    if let Some(ended) = version.ended {
        text.push_str(&format!(",\"endedRevision\":{ended}"));
    }
    text.push_str(&format!(",\"authored\":{},\"resource\":", version.is_authored));
    version.object.write(kind, text);
}

/// The text of a list in pieces, which reads its items as they are needed.
pub(super) struct Pieces<I> {
    form: Form,
    items: I,
    text: String,
    is_empty: bool,
    is_over: bool,
}

impl<T: Item, I: Iterator<Item = kindstore::Result<T>>> Pieces<I> {
    /// A list that begins with this text.
    pub(super) fn new(form: Form, begin: String, items: I) -> Self {
        Self { form, items, text: begin, is_empty: true, is_over: false }
    }

    /// All of it, for a list that is short.
    pub(super) fn whole(mut self) -> kindstore::Result<String> {
        let mut text = String::new();
        while let Some(piece) = self.piece() {
            text.push_str(&piece?);
        }
        Ok(text)
    }

    fn piece(&mut self) -> Option<kindstore::Result<String>> {
        if self.is_over {
            return None;
        }
        while self.text.len() < PIECE {
            match self.items.next() {
                Some(Ok(item)) => {
                    let is_first = std::mem::replace(&mut self.is_empty, false);
                    let (form, is_flat) = (&self.form, T::IS_FLAT && self.form.is_flat());
                    form.item(&mut self.text, is_first, is_flat, |text| item.write(&form.kind, text));
                }
                Some(Err(error)) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
                None => {
                    self.is_over = true;
                    self.text.push_str(self.form.end(self.is_empty));
                    break;
                }
            }
        }
        // With its capacity at once: growing would copy it, and touch memory of many sizes.
        let next = if self.is_over { String::new() } else { String::with_capacity(PIECE + PIECE / 8) };
        Some(Ok(std::mem::replace(&mut self.text, next)))
    }
}

impl<T: Item, I: Iterator<Item = kindstore::Result<T>>> Iterator for Pieces<I> {
    type Item = kindstore::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        self.piece().map(|piece| piece.map(Bytes::from))
    }
}
