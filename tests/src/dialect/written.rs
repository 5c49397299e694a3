//! What we write as YAML or JSON is the same value for readers of YAML 1.1 and of YAML 1.2.

use kindstore::manifest::{Format, Limits, Tree, read, to_yaml, write_yaml};

use super::{Other, corpus, exact};
use crate::chance::Chance;
use crate::soak::rounds;

#[test]
fn yaml_that_we_write_is_read_back_the_same_by_yaml_1_1_and_by_yaml_1_2() {
    let values = corpus::values(&mut Chance::new(), rounds(2_000, 50_000));
    let texts: Vec<String> = values.iter().map(to_yaml).collect();
    // A server writes YAML from the JSON text that it has; that must be the same.
    for (value, text) in values.iter().zip(&texts) {
        assert_eq!(write_yaml(&Tree::Json(&value.to_text())), *text);
    }
    for (value, text) in values.iter().zip(&texts) {
        let ours = read(text.as_bytes(), Format::Yaml, &Limits::default());
        assert_eq!(ours.map(|document| document.value).as_ref(), Ok(value), "{text}");
    }
    let mut wrong = Vec::new();
    for other in Other::YAML {
        for ((value, text), answer) in values.iter().zip(&texts).zip(other.read(&texts)) {
            if answer != exact(value) {
                wrong.push(format!("{other:?} takes\n{text}which is {}\nfor {answer}", value.to_text()));
            }
        }
    }
    wrong.sort_by_key(String::len);
    assert!(
        wrong.is_empty(),
        "{} texts are read otherwise:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n\n")
    );
}

#[test]
fn json_that_we_write_is_read_back_the_same_as_json() {
    let values = corpus::values(&mut Chance::new(), rounds(2_000, 50_000));
    let texts: Vec<String> = values.iter().map(kindstore::Json::to_text).collect();
    for (value, text) in values.iter().zip(&texts) {
        let ours = read(text.as_bytes(), Format::Json, &Limits::default());
        assert_eq!(ours.map(|document| document.value).as_ref(), Ok(value), "{text}");
    }
    for ((value, text), answer) in values.iter().zip(&texts).zip(Other::Json.read(&texts)) {
        assert_eq!(answer, exact(value), "{text}");
    }
}
