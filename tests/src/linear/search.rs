//! Looks for an order of a history's events (Wing and Gong's search, remembering what led nowhere).

use std::collections::HashSet;

use super::history::{Answer, Event, State};

/// The most events of a history.
const MOST: usize = 64;

/// Whether the events can have happened one after the other, each between its call and its answer. The resource is not
/// there before.
pub(crate) fn is_linear(events: &[Event]) -> bool {
    Search::of(events, None).goes_on(0, None, 0)
}

/// Whether they can have happened so that the resource had these states, one after the other, which a watch reported.
pub(crate) fn is_linear_with(events: &[Event], states: &[State]) -> bool {
    Search::of(events, Some(states)).goes_on(0, None, 0)
}

struct Search<'a> {
    events: &'a [Event],
    /// The states that a watch reported, if there was one.
    told: Option<&'a [State]>,
    /// Sets of events with the state after them, and the number of states before it, from where there is no way on.
    failed: HashSet<(u64, State, usize)>,
}

impl<'a> Search<'a> {
    fn of(events: &'a [Event], told: Option<&'a [State]>) -> Self {
        assert!(events.len() <= MOST, "{} events", events.len());
        Self { events, told, failed: HashSet::new() }
    }

    /// Whether a watch reports this as the next state.
    fn is_told(&self, next: State, states: usize) -> bool {
        self.told.is_none_or(|told| told.get(states) == Some(&next))
    }

    /// Whether the rest of the events fits behind those that are done, which had so many states.
    fn goes_on(&mut self, done: u64, state: State, states: usize) -> bool {
        let open = |place: &usize| done & (1 << place) == 0;
        let rest: Vec<usize> = (0..self.events.len()).filter(open).collect();
        // What is unknown need not have happened, unless a watch reported it.
        let is_all_told = self.told.is_none_or(|told| told.len() == states);
        if is_all_told && rest.iter().all(|place| self.events[*place].answer == Answer::Unknown) {
            return true;
        }
        if self.failed.contains(&(done, state, states)) {
            return false;
        }
        // The next one was called before any other of the rest was answered.
        let first = rest.iter().map(|place| self.events[*place].answered).min().unwrap_or(u64::MAX);
        for place in rest {
            let event = &self.events[place];
            if event.called < first
                && let Some(next) = event.run(state)
                && (next == state || self.is_told(next, states))
                && self.goes_on(done | (1 << place), next, states + usize::from(next != state))
            {
                return true;
            }
        }
        self.failed.insert((done, state, states));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::Call;
    use super::*;

    fn event(called: u64, answered: u64, call: Call, answer: Answer) -> Event {
        Event { called, answered, call, answer }
    }

    const CREATED: Event =
        Event { called: 0, answered: 1, call: Call::Create { token: 7 }, answer: Answer::Done(1, 7) };

    fn patched(called: u64, answered: u64, token: u32) -> Event {
        event(called, answered, Call::Patch { expected: 1, token }, Answer::Done(2, token))
    }

    #[test]
    fn what_overlaps_may_have_happened_in_any_order() {
        let get = |called, answered, answer| event(called, answered, Call::Get, answer);
        assert!(is_linear(&[CREATED, patched(2, 5, 8), get(3, 4, Answer::Done(1, 7)), get(6, 7, Answer::Done(2, 8))]));
        assert!(is_linear(&[CREATED, patched(2, 5, 8), get(3, 4, Answer::Done(2, 8))]));
        assert!(is_linear(&[get(0, 3, Answer::Refused), Event { called: 1, answered: 2, ..CREATED }]));
    }

    #[test]
    fn a_read_of_what_was_replaced_before_is_found() {
        let stale = event(6, 7, Call::Get, Answer::Done(1, 7));
        assert!(!is_linear(&[CREATED, patched(2, 5, 8), stale]));
        let lost = event(2, 3, Call::Get, Answer::Refused);
        assert!(!is_linear(&[CREATED, lost]));
        // Two readers who see a change come and go.
        let (new, old) = (event(3, 4, Call::Get, Answer::Done(2, 8)), event(5, 6, Call::Get, Answer::Done(1, 7)));
        assert!(!is_linear(&[CREATED, patched(2, 9, 8), new, old]));
    }

    #[test]
    fn a_watch_that_reports_another_order_or_not_all_is_found() {
        let patched = patched(2, 5, 8);
        let (first, second) = (Some((1, 7)), Some((2, 8)));
        assert!(is_linear_with(&[CREATED, patched], &[first, second]));
        for told in [&[first][..], &[second, first], &[first, second, None], &[first, second, second], &[]] {
            assert!(!is_linear_with(&[CREATED, patched], told), "{told:?}");
        }
        // What is unknown happened if a watch says so, and not if it does not.
        let unknown = event(2, u64::MAX, Call::Patch { expected: 1, token: 8 }, Answer::Unknown);
        assert!(is_linear_with(&[CREATED, unknown], &[first]));
        assert!(is_linear_with(&[CREATED, unknown], &[first, second]));
        let stale = event(6, 7, Call::Get, Answer::Done(1, 7));
        assert!(is_linear_with(&[CREATED, unknown, stale], &[first, second]));
        assert!(!is_linear_with(&[CREATED, unknown, event(6, 7, Call::Get, Answer::Done(2, 8))], &[first]));
    }

    #[test]
    fn two_changes_of_one_version_are_found() {
        assert!(!is_linear(&[CREATED, patched(2, 5, 8), patched(3, 4, 9)]));
        let refused = event(3, 4, Call::Patch { expected: 1, token: 9 }, Answer::Unexpected(Some(2)));
        assert!(is_linear(&[CREATED, patched(2, 5, 8), refused]));
        let wrongly = event(6, 7, Call::Patch { expected: 1, token: 9 }, Answer::Unexpected(Some(3)));
        assert!(!is_linear(&[CREATED, patched(2, 5, 8), wrongly]));
    }

    #[test]
    fn two_creates_of_one_name_and_a_deleted_one_that_is_there_are_found() {
        let again = event(0, 9, Call::Create { token: 8 }, Answer::Done(1, 8));
        assert!(!is_linear(&[CREATED, again]));
        let deleted = event(2, 3, Call::Delete, Answer::Done(1, 7));
        assert!(is_linear(&[CREATED, deleted, Event { called: 4, ..again }]));
        assert!(!is_linear(&[CREATED, deleted, event(4, 5, Call::Get, Answer::Done(1, 7))]));
    }

    #[test]
    fn what_is_unknown_happened_at_any_time_or_never_and_not_twice() {
        let unknown = event(2, u64::MAX, Call::Patch { expected: 1, token: 8 }, Answer::Unknown);
        let get = |called, answer| event(called, called + 1, Call::Get, answer);
        assert!(is_linear(&[CREATED, unknown, get(4, Answer::Done(1, 7)), get(6, Answer::Done(2, 8))]));
        assert!(is_linear(&[CREATED, unknown, get(4, Answer::Done(1, 7))]));
        assert!(!is_linear(&[CREATED, unknown, get(4, Answer::Done(2, 8)), get(6, Answer::Done(1, 7))]));
        assert!(!is_linear(&[CREATED, unknown, get(4, Answer::Done(2, 9))]));
    }
}
