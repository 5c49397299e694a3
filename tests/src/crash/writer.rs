//! A writer under whom the store is killed: it creates, upserts, patches, deletes and reads, through the client that it
//! is given, and reports what was acknowledged.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::content;
use crate::chance::Chance;

/// The kind that is written.
pub(crate) const KIND: &str = "Deployment";

/// How many names all writers share.
const SHARED: u64 = 6;

/// How many resources are created together.
pub(crate) const TOGETHER: usize = 5;

/// What stands between the name of resources that are created together and the place of each.
pub(crate) const JOINT: &str = "-together-";

/// A write that was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ack {
    pub(crate) name: String,
    pub(crate) id: String,
    /// The version that was written, or deleted.
    pub(crate) version: u64,
    /// The commit; 0 where the client is not told.
    pub(crate) revision: u64,
    /// What was written; none for a delete.
    pub(crate) token: Option<String>,
}

impl fmt::Display for Ack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = self.token.as_deref().unwrap_or("-");
        write!(f, "{} {} {} {} {token}", self.name, self.id, self.version, self.revision)
    }
}

impl FromStr for Ack {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let [name, id, version, revision, token] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(format!("not an acknowledgement: {line:?}"));
        };
        let number = |text: &str| text.parse().map_err(|_| format!("not an acknowledgement: {line:?}"));
        Ok(Self {
            name: name.to_owned(),
            id: id.to_owned(),
            version: number(version)?,
            revision: number(revision)?,
            token: Some(token.to_owned()).filter(|token| token != "-"),
        })
    }
}

/// How a request ended.
pub(crate) enum Answer {
    /// Done: the resource as it is now, or was last, and the commit where it is told.
    Done(Value, u64),
    /// Refused; nothing was changed.
    Refused,
    /// No answer came, or none that says what happened.
    Gone,
}

/// A way to the store: a binding of a server, or the store in this process.
pub(crate) trait Client {
    fn create(&mut self, document: Value) -> Answer;
    fn upsert(&mut self, name: &str, document: Value) -> Answer;
    /// Patches the resource with this id if it is at this version.
    fn patch(&mut self, name: &str, patch: Value, id: &str, version: u64) -> Answer;
    fn delete(&mut self, name: &str) -> Answer;
    fn get(&mut self, name: &str) -> Answer;
    /// Creates these together; the answer is that of the first one.
    fn create_together(&mut self, documents: Vec<Value>) -> Answer;
}

/// Writes until the store is gone, and tells what was acknowledged as soon as it is.
pub(crate) fn write(who: &str, client: &mut dyn Client, chance: &mut Chance, acknowledge: &mut dyn FnMut(Ack)) {
    for number in 0.. {
        let shared = format!("shared-{}", chance.below(SHARED));
        let own = format!("{who}-{number}");
        let earlier = format!("{who}-{}", chance.below(number + 1));
        // Most fit into one piece of the disk's format; some do not.
        let size = if chance.one_in(8) { chance.below(30_000) } else { chance.below(1_000) };
        let token = content::token(who, number, size);
        let (name, answer) = match chance.below(11) {
            0..4 => (own.clone(), client.create(content::document(&own, &token))),
            4..6 => (shared.clone(), client.upsert(&shared, content::document(&shared, &token))),
            6..9 => {
                let Some(answer) = change(client, &shared, &token) else { return };
                (shared, answer)
            }
            9 => {
                let name = if chance.one_in(2) { shared } else { earlier };
                match client.delete(&name) {
                    Answer::Done(last, revision) => acknowledge(ack(&name, &last, revision, None)),
                    Answer::Refused => {}
                    Answer::Gone => return,
                }
                continue;
            }
            _ => {
                let names = together(&own);
                let documents = names.iter().map(|name| content::document(name, &token)).collect();
                (names[0].clone(), client.create_together(documents))
            }
        };
        match answer {
            Answer::Done(written, revision) => {
                assert_eq!(content::token_of(&written).as_ref(), Ok(&token), "the answer is what was sent");
                acknowledge(ack(&name, &written, revision, Some(token)));
            }
            Answer::Refused => {}
            Answer::Gone => return,
        }
    }
}

/// The names of resources that are created together; nothing else happens to them.
pub(crate) fn together(own: &str) -> [String; TOGETHER] {
    std::array::from_fn(|place| format!("{own}{JOINT}{place}"))
}

/// Reads a resource and patches it if it is still as it was read.
fn change(client: &mut dyn Client, name: &str, token: &str) -> Option<Answer> {
    let read = match client.get(name) {
        Answer::Done(read, _) => read,
        Answer::Refused => return Some(Answer::Refused),
        Answer::Gone => return None,
    };
    content::token_of(&read).unwrap_or_else(|why| panic!("{why}"));
    let (id, version) = place(&read);
    let answer = client.patch(name, content::patch(token), &id, version);
    if let Answer::Done(written, _) = &answer {
        assert_eq!(place(written), (id, version + 1), "the precondition held");
    }
    Some(answer)
}

fn ack(name: &str, object: &Value, revision: u64, token: Option<String>) -> Ack {
    let (id, version) = place(object);
    Ack { name: name.to_owned(), id, version, revision, token }
}

fn place(object: &Value) -> (String, u64) {
    let metadata = &object["metadata"];
    (metadata["id"].as_str().unwrap_or_default().to_owned(), metadata["resourceVersion"].as_u64().unwrap_or_default())
}
