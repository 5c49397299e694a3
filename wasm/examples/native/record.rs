//! The calls and their outcomes, each a line of JSON: `[name, arguments, outcome, whether it was a failure]`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};

pub(crate) struct Record {
    out: BufWriter<File>,
    pub(crate) calls: usize,
    pub(crate) failures: usize,
}

impl Record {
    pub(crate) fn create(path: &Path) -> std::io::Result<Self> {
        Ok(Self { out: BufWriter::new(File::create(path)?), calls: 0, failures: 0 })
    }

    pub(crate) fn tell(&mut self, name: &str, arguments: Value, outcome: &Result<String, String>) {
        let (Ok(text) | Err(text)) = outcome;
        writeln!(self.out, "{}", json!([name, arguments, text, outcome.is_err()])).expect("the record is written");
        self.calls += 1;
        self.failures += usize::from(outcome.is_err());
    }

    pub(crate) fn end(mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
