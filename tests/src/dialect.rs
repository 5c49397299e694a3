//! Other readers of YAML beside ours: PyYAML, which is of version 1.1, in Python and in C, and the package `yaml` of version 1.2;
//! for JSON Python's. They really run; `make test` installs them.

mod corpus;
mod page;
mod written;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kindstore::Json;
use serde_json::{Value, json};

/// A reader that is not ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Other {
    PyYaml,
    LibYaml,
    Yaml12,
    Json,
}

impl Other {
    const YAML: [Self; 3] = [Self::PyYaml, Self::LibYaml, Self::Yaml12];

    fn command(self) -> Command {
        let python = root().join("target/venv/bin/python");
        let (program, arguments): (PathBuf, &[&str]) = match self {
            Self::PyYaml => (python, &["tests/yaml/pyyaml.py", "pyyaml"]),
            Self::LibYaml => (python, &["tests/yaml/pyyaml.py", "libyaml"]),
            Self::Yaml12 => ("node".into(), &["tests/yaml/yaml12.mjs"]),
            Self::Json => (python, &["tests/yaml/pyyaml.py", "json"]),
        };
        let mut command = Command::new(program);
        command.args(arguments).current_dir(root());
        command
    }

    /// What it takes the texts for, in the form that its script describes.
    fn read(self, texts: &[String]) -> Vec<Value> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("texts");
        std::fs::write(&path, texts.iter().map(|text| json!(text).to_string() + "\n").collect::<String>()).unwrap();
        let output =
            self.command().stdin(File::open(&path).unwrap()).stderr(Stdio::inherit()).output().unwrap_or_else(
                |error| panic!("{self:?} does not run, tests/scripts/setup.sh test installs it: {error}"),
            );
        assert!(output.status.success(), "{self:?} failed, tests/scripts/setup.sh test installs what it needs");
        let answers = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<Value> = answers.lines().map(|line| sorted(serde_json::from_str(line).unwrap())).collect();
        assert_eq!(answers.len(), texts.len(), "{self:?} answers to each text");
        answers
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Our value in the form of the scripts.
fn exact(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => json!(flag.value()),
        Json::Number(number) if number.is_integer() => json!({"integer": number.to_string()}),
        Json::Number(number) => json!({"float": format!("{:016x}", number.as_f64().to_bits())}),
        Json::String(text) => json!(text),
        Json::Array(items) => items.iter().map(exact).collect(),
        Json::Object(members) => {
            let pairs: Vec<_> = members.iter().map(|(name, value)| json!([name, exact(value)])).collect();
            sorted(json!({"members": pairs}))
        }
    }
}

/// A value of the scripts with the members of mappings in one order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let mut value = sorted(value);
                if name == "members"
                    && let Some(pairs) = value.as_array_mut()
                {
                    pairs.sort_by_cached_key(|pair| pair[0].to_string());
                }
                (name, value)
            })
            .collect(),
        value => value,
    }
}
