//! The rules one by one, by criterion: reading, merging, judging and writing a document of 2 KB.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use kindstore::manifest::{Format, Limits};
use kindstore::patch::merge_patch;
use kindstore::{Json, Store, WriteOptions};

#[path = "../src/document.rs"]
mod document;

fn rules(criterion: &mut Criterion) {
    let text = document::Texts::new().text(0);
    let read =
        |text: &str, format| kindstore::manifest::read(text.as_bytes(), format, &Limits::default()).expect("readable");
    let value = read(&text, Format::Json).value;
    let yaml = kindstore::manifest::to_yaml(&value);
    let patch = Json::from(document::patch(1));
    let store = Store::in_memory().expect("a store in memory opens");
    let options = || WriteOptions::default().dry_run(true);
    let create = |document| {
        store
            .kind(document::KIND)
            .expect("the kind is there")
            .namespace(document::NAMESPACE)
            .create(document)
            .options(options())
            .wait()
    };
    criterion.bench_function("read JSON", |bencher| bencher.iter(|| read(black_box(&text), Format::Json)));
    criterion.bench_function("read YAML", |bencher| bencher.iter(|| read(black_box(&yaml), Format::Yaml)));
    criterion.bench_function("write JSON", |bencher| bencher.iter(|| black_box(&value).to_text()));
    criterion.bench_function("write YAML", |bencher| bencher.iter(|| kindstore::manifest::to_yaml(black_box(&value))));
    criterion.bench_function("merge patch", |bencher| {
        let parts = || (value.clone(), patch.clone());
        bencher.iter_batched(
            parts,
            |(mut target, patch)| merge_patch(&mut target, &patch),
            criterion::BatchSize::SmallInput,
        );
    });
    criterion.bench_function("judge a create (dry run)", |bencher| {
        bencher.iter_batched(
            || value.clone(),
            |value| create(value).expect("it is sound"),
            criterion::BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, rules);
criterion_main!(benches);
