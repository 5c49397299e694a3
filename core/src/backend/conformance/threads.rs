//! Many callers at once.

use std::sync::Arc;
use std::thread;

use super::super::{Backend, CommitError, Operation, Precondition};
use super::steps::{commit, delete, key, pattern, put, scan, wait};

/// Of many threads that create the same key, one succeeds, and all others are told why.
pub fn one_winner_of_many_creates(backend: &Arc<dyn Backend>) {
    let outcomes = in_threads(backend, |backend, number| {
        wait(backend, vec![Precondition::Absent(key("a"))], vec![put("a", &number.to_string())])
    });
    let winners: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    assert_eq!(winners.len(), 1);
    assert!(
        outcomes
            .iter()
            .flat_map(|outcome| outcome.as_ref().err())
            .all(|error| { matches!(error, CommitError::Conflict(Precondition::Absent(which)) if *which == key("a")) })
    );
}

/// While writers keep two keys equal and toggle a third, no reader sees a half of a commit or a step back.
pub fn readers_see_whole_commits_only(backend: &Arc<dyn Backend>) {
    let reader = Arc::clone(backend);
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let reading = thread::spawn(move || {
        let mut last = 0;
        while matches!(stopped.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty)) {
            let page = scan(&*reader, "x/", None, 0);
            let revisions: Vec<_> = page.entries.iter().map(|(_, found)| found.modified).collect();
            let equal = revisions.iter().all(|revision| *revision == revisions[0]);
            assert!(equal && page.entries.len() != 1, "{revisions:?}");
            let newest = revisions.first().copied().unwrap_or(last);
            assert!(newest >= last && newest <= page.revision && page.revision <= reader.revision());
            last = newest;
        }
    });
    for round in 0..40 {
        let value = pattern(9_000, round);
        let pair = ["x/a", "x/b"].map(|name| Operation::Put(key(name), value.clone()));
        let third = if round % 2 == 0 { Operation::Put(key("x/c"), value) } else { delete("x/c") };
        commit(&**backend, [], pair.into_iter().chain([third]));
        if round % 5 == 4 {
            commit(&**backend, [], ["x/a", "x/b", "x/c"].map(delete));
        }
    }
    drop(stop);
    reading.join().expect("the reader saw whole commits");
}

fn in_threads<T: Send + 'static>(
    backend: &Arc<dyn Backend>,
    task: impl Fn(&dyn Backend, usize) -> T + Copy + Send + 'static,
) -> Vec<T> {
    let threads: Vec<_> = (0..16)
        .map(|number| {
            let backend = Arc::clone(backend);
            thread::spawn(move || task(&*backend, number))
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().expect("the thread does not panic")).collect()
}
