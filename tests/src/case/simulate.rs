//! Each patch of the cases is simulated too, and the answer is that of the store.

use kindstore::patch::{SimulateError, SimulateOptions, simulate_patch};
use kindstore::validation::Code;
use kindstore::{Diagnostic, Error, GetOptions, Object, Patch, Store, WriteOutcome};

use super::player::engine::body;
use super::player::options;
use super::step::Step;

/// A resource before a patch, when the step is one and the resource is there.
pub(crate) fn before(store: &Store, step: &Step) -> Option<Object> {
    let is_patch = ["patch", "json-patch"].contains(&step.verb.as_str());
    let read = GetOptions::default().reveal(true);
    is_patch
        .then(|| store.collection(&step.kind, step.namespace.as_deref()).unwrap().get_with(&step.key, read).ok())
        .flatten()
}

/// Simulates the patch on what was there and holds it against what the store answered.
pub(crate) fn check(
    store: &Store,
    step: &Step,
    before: &Object,
    plain_secrets: bool,
    answer: &Result<WriteOutcome, Error>,
) {
    let Ok(document) = body(step) else { return };
    let patch = if step.verb == "json-patch" { Patch::Json(document) } else { Patch::Merge(document) };
    let now = answer.as_ref().ok().and_then(|written| written.object.metadata.modified_at).unwrap_or_default();
    let options = SimulateOptions::default().now(now).write(options(store, step)).plain_secrets(plain_secrets);
    let simulated = simulate_patch(store.registry(), &step.kind, before.to_value(), patch, &options);
    let told = |problems: &[Diagnostic]| problems.iter().map(|problem| format!("{problem:?}")).collect::<Vec<_>>();
    match (answer, simulated) {
        (Ok(written), Ok(simulated)) => assert_eq!(simulated, WriteOutcome { revision: None, ..written.clone() }),
        // The state of what is referred to, which is not known here.
        (Err(Error::Blocked { kind, .. }), _) if *kind != step.kind => {}
        (Err(Error::Invalid { problems, .. }), simulated)
            if problems.iter().any(|one| is_dangling(store, step, one)) =>
        {
            let others: Vec<_> = problems.iter().filter(|one| !is_dangling(store, step, one)).cloned().collect();
            match simulated {
                Ok(_) => assert!(others.is_empty(), "{others:?}"),
                Err(SimulateError::Patch(Error::Invalid { problems, .. })) => {
                    assert_eq!(told(&problems), told(&others))
                }
                Err(other) => panic!("{other}"),
            }
        }
        (Err(error), Err(SimulateError::Patch(simulated))) => {
            assert_eq!(simulated.to_string().replacen(&name(before), &format!("{:?}", step.key), 1), error.to_string());
            assert_eq!(simulated.reason(), error.reason());
            if let (Error::Invalid { problems: one, .. }, Error::Invalid { problems: other, .. }) = (&simulated, error)
            {
                assert_eq!(told(one), told(other));
            }
        }
        (answer, simulated) => panic!("{answer:?} and simulated {simulated:?}"),
    }
}

/// What a simulation calls a resource, which a request may have addressed by its id.
fn name(object: &Object) -> String {
    format!("{:?}", object.metadata.name.as_deref().unwrap_or_default())
}

/// Whether a problem is that a reference leads nowhere.
fn is_dangling(store: &Store, step: &Step, problem: &Diagnostic) -> bool {
    let kind = store.registry().find(&step.kind).unwrap();
    let is_reference = kind.references.iter().any(|reference| reference.pointer == problem.pointer);
    problem.code == Code::RefersToNothing && is_reference
}
