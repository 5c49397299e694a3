//! A store fills a small disk by itself, in the way that is named, and gets over it without a hand and without a restart.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program of the tests, which read what it prints")]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kindstore::backend::{Backend, SledBackend, SledOptions};
use kindstore::{Error, Retention, Store};
use serde_json::json;

const KIND: &str = "Deployment";
const NAMESPACE: &str = "default";

/// Writes are refused below this; the test's disk is small.
const RESERVE: u64 = 32 << 20;

/// How long the store may take to come back.
const PATIENCE: Duration = Duration::from_secs(60);

fn options() -> SledOptions {
    let mut options = SledOptions::default();
    options.cache_bytes = 8 << 20;
    options.min_free_bytes = RESERVE;
    options
}

fn open(folder: &Path, retention: Retention) -> Store {
    open_with(folder, retention, true)
}

fn open_with(folder: &Path, retention: Retention, background: bool) -> Store {
    let backend = Arc::new(SledBackend::open(folder, options()).unwrap());
    let builder = Store::builder().backend(backend as Arc<dyn Backend>).retention(retention);
    builder.background(background).open().unwrap()
}

/// Text that no engine makes smaller, and that has nothing in common with that of another number.
fn noise(number: usize, bytes: usize) -> String {
    let mut state = 88_172_645_463_325_252_u64 ^ (number as u64) << 7;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        format!("{state:016x}")
    };
    (0..bytes.div_ceil(16)).map(|_| next()).collect()
}

/// Stores a resource of so many bytes.
fn create(store: &Store, name: &str, bytes: usize) {
    for name in ["jobs", "unused"] {
        let target = json!({"metadata": {"name": name}, "spec": {"kubernetes": {}}});
        store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).create(target).wait().unwrap();
    }
    let spec = json!({"deploymentTargetName": "jobs",
        "template": {"spec": {"artifact": {"kind": "JAR", "jarUri": "s3://a/b.jar", "flinkVersion": "1.20"}}}});
    let document = json!({"metadata": {"name": name, "annotations": {"body": noise(0, bytes)}}, "spec": spec});
    store.kind(KIND).unwrap().namespace(NAMESPACE).create(document).wait().unwrap();
}

/// Replaces so many bytes: of a small change little is stored.
fn patch(store: &Store, name: &str, number: usize, bytes: usize) -> Result<(), Error> {
    let (labels, annotations) = (json!({"number": number.to_string()}), json!({"body": noise(number, bytes)}));
    let patch = json!({"metadata": {"labels": labels, "annotations": annotations}});
    store.kind(KIND).unwrap().namespace(NAMESPACE).patch(name, patch).wait().map(drop)
}

fn number(store: &Store, name: &str) -> usize {
    let object = store.kind(KIND).unwrap().namespace(NAMESPACE).get(name).unwrap();
    object.metadata.labels.unwrap().get("number").unwrap().parse().unwrap()
}

/// Patches until the store refuses; returns the last number that was acknowledged.
fn fill(store: &Store, name: &str, bytes: usize) -> usize {
    for number in 1.. {
        match patch(store, name, number, bytes) {
            Ok(()) => {}
            Err(Error::Unavailable { why }) => {
                println!("{} patches, then: {why}; {}", number - 1, space(store));
                return number - 1;
            }
            Err(error) => panic!("{number}: {error}"),
        }
    }
    unreachable!()
}

/// Reads all the time, and writes until as much is written again.
fn get_over(store: &Store, name: &str, (last, bytes): (usize, usize)) {
    let (begun, goal, mut last) = (Instant::now(), last + last.min(1_000), last);
    while last < goal {
        assert_eq!(number(store, name), last, "reads go on");
        match patch(store, name, last + 1, bytes) {
            Ok(()) => last += 1,
            Err(Error::Unavailable { .. }) => std::thread::sleep(Duration::from_millis(5)),
            Err(error) => panic!("{error}"),
        }
        assert!(begun.elapsed() < PATIENCE, "{last} of {goal} writes: {:?}", store.health());
    }
    println!("came back after {:?}; {}", begun.elapsed(), space(store));
}

fn space(store: &Store) -> String {
    let space = store.health().space.unwrap();
    format!("free {:.1} MiB, used {:.1} MiB", space.free as f64 / 1048576.0, space.used as f64 / 1048576.0)
}

/// A restart with a shorter history: what was kept is removed beside reads and writes.
fn restart(folder: &Path) {
    let store = open(folder, Retention::forever());
    create(&store, "one", 1 << 20);
    let last = fill(&store, "one", 1 << 20);
    drop(store);
    get_over(&open(folder, short()), "one", (last, 1 << 20));
}

/// A small resource that is changed often, while history is removed by its age.
fn small(folder: &Path) {
    // Without the limits in bytes, which would not let it come so far.
    let limits = short().revisions(1_000_000).time(Duration::from_secs(10));
    let store = open(folder, limits.resource_bytes(u64::MAX).store_bytes(u64::MAX));
    create(&store, "one", 20_000);
    let last = fill(&store, "one", 20_000);
    get_over(&store, "one", (last, 20_000));
}

/// A compaction that does not fit changes nothing; one into a folder on another disk, or after history was removed, is done.
fn compact(folder: &Path, other: &Path) {
    let store = open(folder, Retention::forever());
    create(&store, "one", 1 << 20);
    let last = fill(&store, "one", 1 << 20);
    let revision = store.revision();
    drop(store);
    let refused = SledBackend::rewrite(folder, &options(), |_| {});
    println!("{refused:?}");
    assert!(matches!(refused, Err(Error::Unavailable { .. })));
    let report = SledBackend::rewrite_to(folder, other, &options(), |_| {}).unwrap();
    println!("{report:?}");
    for folder in [folder, other] {
        let store = open(folder, Retention::forever());
        assert_eq!((store.revision(), number(&store, "one")), (revision, last));
    }
    let store = open_with(folder, short(), false);
    let removable = store.removable_bytes(0).unwrap();
    let compaction = store.compact(0).unwrap();
    println!("{removable} bytes, {compaction:?}; {}", space(&store));
    assert!(removable > 0 && compaction.removed > 0 && number(&store, "one") == last);
    drop(store);
    let report = SledBackend::rewrite(folder, &options(), |_| {}).unwrap();
    println!("{report:?}");
    assert!(report.after < report.before);
    let store = open(folder, short());
    get_over(&store, "one", (last, 1 << 20));
}

/// A disk without any free space, which another program has filled: the store opens, is read, and frees space; and it is
/// written when there is space again.
fn filled(folder: &Path) {
    let store = open(folder, short());
    create(&store, "one", 20_000);
    (1..200).for_each(|number| patch(&store, "one", number, 20_000).unwrap());
    drop(store);
    let ballast = folder.with_file_name("ballast");
    let mut file = std::fs::File::create(&ballast).unwrap();
    let piece = vec![1; 1 << 16];
    while file.write_all(&piece).is_ok() {}
    drop(file);
    let store = open(folder, short());
    println!("opened; {}", space(&store));
    // Before the removal of history, which also takes of the reserve: what is held back is soon used up.
    store.kind("DeploymentTarget").unwrap().namespace(NAMESPACE).delete("unused").wait().unwrap();
    for _ in 0..20 {
        assert_eq!(number(&store, "one"), 199);
        let refused = patch(&store, "one", 200, 20_000);
        assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
    let health = store.health();
    assert!(health.reads.is_ok() && health.writes.is_err(), "{health:?}");
    std::fs::remove_file(ballast).unwrap();
    get_over(&store, "one", (199, 20_000));
}

fn short() -> Retention {
    Retention::default().versions(3).revisions(10)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let folder = Path::new(&arguments[2]).join("store");
    match arguments[1].as_str() {
        "restart" => restart(&folder),
        "small" => small(&folder),
        "compact" => compact(&folder, Path::new(&arguments[3])),
        "filled" => filled(&folder),
        other => panic!("no way {other}"),
    }
}
