//! What the values of a text take once it is read, counted from the text before.

use kindstore::manifest::Format;

/// About how many bytes a value takes besides its text: its place in its collection, its name, the ends of allocations.
const VALUE: usize = 80;

/// Returns about how many bytes the values of a text take, at most: many small values take several times their text. A text
/// with more values than `most` is refused before more are made.
pub(crate) fn size(text: &[u8], format: Format, most: usize) -> usize {
    text.len() + VALUE * count(text, format, most)
}

/// Returns how many values a text has, at most; those within its strings that look like some are counted too.
fn count(text: &[u8], format: Format, most: usize) -> usize {
    let opens = |byte: &u8| u8::from(matches!(byte, b',' | b'[' | b'{'));
    // A sum of bytes is made of many at once; that of a chunk fits one.
    let flow = 1 + text.chunks(128).map(|chunk| usize::from(chunk.iter().map(opens).sum::<u8>())).sum::<usize>();
    let all = match format {
        Format::Json => flow,
        Format::Yaml if has_aliases(text) => most,
        Format::Yaml => {
            let is_mark = |pair: &[u8]| matches!(pair[0], b'-' | b':' | b'?') && pair[1].is_ascii_whitespace();
            flow + text.windows(2).filter(|pair| is_mark(pair)).count() + 1
        }
    };
    all.min(most)
}

/// Whether a text may have an anchor and an alias, which copy values.
fn has_aliases(text: &[u8]) -> bool {
    let begins = |byte: u8| byte.is_ascii_whitespace() || b"[{,:".contains(&byte);
    let has = |mark: u8| {
        let is_one = |three: &[u8]| begins(three[0]) && three[1] == mark && !three[2].is_ascii_whitespace();
        text.first() == Some(&mark) || text.windows(3).any(is_one)
    };
    has(b'&') && has(b'*')
}

#[cfg(test)]
mod tests {
    use kindstore::manifest::{Limits, read};

    use kindstore::Json;

    use super::*;

    fn nodes(value: &Json) -> usize {
        let within = match value {
            Json::Array(items) => items.iter().map(nodes).sum(),
            Json::Object(members) => members.values().map(nodes).sum(),
            _ => 0,
        };
        1 + within
    }

    #[test]
    fn no_document_has_more_values_than_are_counted() {
        let json = [
            "0",
            "[]",
            "{}",
            "[0,0,0]",
            r#"{"a":0,"b":[{},[[]],{"c":{"d":null}}]}"#,
            "{\n  \"a\": \"b, c\",\n  \"d\": 1\n}",
        ];
        let yaml = [
            "a",
            "- a\n- - b\n  -\n  - c: d\n    e:\n",
            "? a\n: b\n? c\n: {d: e, f: g}\n",
            "a: |\n  b\n  c\nd: [e, [f], {g: h}]\n",
            "{a: b, c: [d, e]}",
            "a: &one1 [b, c, d]\ne: [*one1, *one1, *one1]\n",
            "- &_ [b, c, d]\n- *_\n- [*_,*_]\n",
        ];
        let json = json.into_iter().map(|text| (text, Format::Json));
        for (text, format) in json.chain(yaml.into_iter().map(|text| (text, Format::Yaml))) {
            let document = read(text.as_bytes(), format, &Limits::default()).expect("it can be read");
            let (counted, there) = (count(text.as_bytes(), format, 1_000), nodes(&document.value));
            assert!(counted >= there, "{text}: {counted} of {there}");
        }
    }

    #[test]
    fn an_ordinary_document_counts_with_little_more_than_it_has() {
        let text = r#"{"metadata":{"name":"a"},"spec":{"schedule":"*/5 * * * *","query":"a&b","items":[1,2,3]}}"#;
        for format in [Format::Json, Format::Yaml] {
            let document = read(text.as_bytes(), format, &Limits::default()).expect("it can be read");
            assert!(count(text.as_bytes(), format, 1_000) <= nodes(&document.value) + 3);
        }
    }
}
