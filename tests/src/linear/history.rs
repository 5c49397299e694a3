//! What threads asked of one resource and were answered, and what a resource does.

/// What is there under the name: version, and what was written last.
pub(crate) type State = Option<(u64, u32)>;

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Create { token: u32 },
    Patch { expected: u64, token: u32 },
    Delete,
    Get,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// This is there now; after a delete, was there last.
    Done(u64, u32),
    /// The name is taken, or nothing has it.
    Refused,
    /// The version was not the expected one, but this, or nothing is there.
    Unexpected(Option<u64>),
    /// A patch was not done, and the client was not told which version there is.
    Declined,
    /// Nobody knows whether it was done.
    Unknown,
}

/// One request of a history. It happened between two points in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) called: u64,
    /// For ever when the answer is unknown: it may happen at any time.
    pub(crate) answered: u64,
    pub(crate) call: Call,
    pub(crate) answer: Answer,
}

impl Call {
    /// What the resource is after the call and what it answers.
    fn run(self, state: State) -> (State, Answer) {
        match (self, state) {
            (Call::Create { token }, None) => (Some((1, token)), Answer::Done(1, token)),
            (Call::Patch { expected, token }, Some((version, _))) if version == expected => {
                (Some((version + 1, token)), Answer::Done(version + 1, token))
            }
            (Call::Patch { .. }, state) => (state, Answer::Unexpected(state.map(|(version, _)| version))),
            (Call::Delete, Some((version, token))) => (None, Answer::Done(version, token)),
            (Call::Get, Some((version, token))) => (state, Answer::Done(version, token)),
            (Call::Create { .. } | Call::Delete | Call::Get, state) => (state, Answer::Refused),
        }
    }
}

impl Event {
    /// What the resource is after this, if it can have been answered so there.
    pub(crate) fn run(&self, state: State) -> Option<State> {
        let (next, answer) = self.call.run(state);
        let is_declined = self.answer == Answer::Declined && matches!(answer, Answer::Unexpected(_));
        (self.answer == answer || is_declined || self.answer == Answer::Unknown).then_some(next)
    }
}
