//! Where the values of a document are written: one small mark a value, in the order of writing.

use std::sync::{Arc, OnceLock};

use crate::diagnostic::Stops;

/// The places in a text, found at most once and shared by every document that was made of it.
#[derive(Debug)]
pub(crate) struct Places {
    marks: OnceLock<Marks>,
    /// Makes the marks from the text at the first question.
    make: fn(&str) -> Marks,
    stops: SharedStops,
}

/// Where counting can begin in a text; all of its documents share it.
pub(crate) type SharedStops = Arc<OnceLock<Stops>>;

impl From<Marks> for Places {
    fn from(marks: Marks) -> Self {
        Self { marks: marks.into(), ..Self::default() }
    }
}

impl Default for Places {
    /// The places of a document that was never text.
    fn default() -> Self {
        Self::later(|_| Marks::default())
    }
}

impl Places {
    /// Places that `make` reads from the text when somebody asks for one. A document without problems is never asked, which
    /// is why JSON defers its marks.
    pub(crate) fn later(make: fn(&str) -> Marks) -> Self {
        Self { marks: OnceLock::new(), make, stops: SharedStops::default() }
    }

    /// Shares the stops of the other documents of a text.
    pub(crate) fn sharing(self, stops: &SharedStops) -> Self {
        Self { stops: Arc::clone(stops), ..self }
    }

    /// The marks. `text` must be the text that this was made for.
    pub(crate) fn marks(&self, text: &str) -> &Marks {
        self.marks.get_or_init(|| (self.make)(text))
    }

    /// The marks, if there are any by now.
    pub(crate) fn into_marks(self) -> Option<Marks> {
        self.marks.into_inner()
    }

    /// The stops. `text` must be the text that this was made for.
    pub(crate) fn stops(&self, text: &str) -> &Stops {
        self.stops.get_or_init(|| Stops::of(text))
    }
}

/// The place of one value. The marks of its members or items follow it directly.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mark {
    /// The bytes of the key; empty unless the value is a member.
    pub(crate) key: (u32, u32),
    /// The bytes of the value.
    pub(crate) value: (u32, u32),
    /// How many marks this one and all within it are.
    pub(crate) size: u32,
    /// One more than the index of the key's name in [`Marks::names`], or 0 when the name is in the text verbatim.
    pub(crate) name: u32,
}

/// The marks of one document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    pub(crate) list: Vec<Mark>,
    /// The names of keys that are written with escapes, as aliases, or over several lines.
    pub(crate) names: Vec<Box<str>>,
}

impl Marks {
    /// The name of a member.
    pub(crate) fn name<'m>(&'m self, mark: &Mark, text: &'m str) -> &'m str {
        match (mark.name as usize).checked_sub(1) {
            Some(index) => &self.names[index],
            None => written(text, mark.key),
        }
    }

    /// Stores the name of a key, unless the text has it verbatim.
    pub(crate) fn set_name(&mut self, mark: &mut Mark, name: &str, text: &str) {
        // Names in the text cost nothing; a copy of each would double the memory of a document.
        if written(text, mark.key) != name {
            self.names.push(name.into());
            mark.name = self.names.len() as u32;
        }
    }

    /// The indexes of the marks directly within the one at `index`.
    pub(crate) fn children(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        // At least one: a mark without a size must not stop the walk.
        let end = index + (self.list[index].size as usize).max(1);
        let mut next = index + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next += (self.list[child].size as usize).max(1);
            Some(child)
        })
    }
}

/// The text of a key without its quotes.
fn written(text: &str, (start, end): (u32, u32)) -> &str {
    let raw = text.get(start as usize..end as usize).unwrap_or_default();
    match raw.as_bytes() {
        [b'"', .., b'"'] | [b'\'', .., b'\''] => &raw[1..raw.len() - 1],
        _ => raw,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::manifest::{Format, Limits, read_all};

    #[test]
    fn the_documents_of_a_text_count_from_the_same_stops() {
        let documents = read_all(b"a: 1\n---\nb: 2\n", Format::Yaml, &Limits::default()).expect("readable");
        let [one, other] = documents.as_slice() else { panic!("two documents") };
        assert!(Arc::ptr_eq(&one.places.stops, &other.places.stops), "each would walk through the whole text");
    }
}
