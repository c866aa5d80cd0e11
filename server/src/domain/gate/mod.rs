//! What a change must pass before it becomes part of a document. Pure: knows no store, no socket, no clock.
//!
//! | step | module | asks |
//! | --- | --- | --- |
//! | bytes | `peek` | is it one change, and what does it unpack to? |
//! | causes | `causal` | are its dependencies here, is it its replica's next, is the replica the writer's? |
//! | operations | `rules` | may this writer write this value at this place? |
//! | replay | `replay` | does it apply, and does the document load again? |
//!
//! Plain changes, which most are, take a shorter way through the same checks: `run`.
//!
//! A message is judged change by change: its valid prefix is accepted. Every refusal names the change's hash, so that
//! the client rolls back just that and what builds on it (rule R4).

mod causal;
mod paths;
mod peek;
mod reason;
mod replay;
mod rules;
mod run;
mod session;
#[cfg(test)]
pub(crate) mod tests;

use automerge::{Automerge, Change, ChangeHash};
use concord_shared::ids::MemberId;
use concord_shared::moment::Moment;
use concord_shared::review::fact::FactPath;
use concord_shared::role::Role;
use concord_shared::score::Score;
use serde_json::Value;

pub use self::causal::{BadSet, Pending, Replicas};
pub use self::paths::Paths;
pub use self::peek::Malformed;
pub use self::reason::Reason;
pub(crate) use self::replay::guarded;
pub use self::replay::{apply, checked_snapshot};
pub use self::run::{Run, plain, put_score};

/// Largest change in bytes. One keystroke has 140; a page pasted as text has 40,000.
pub const CHANGE_BYTES: usize = 256 * 1024;

/// Most operations of one change: one a character for text, and applying 20,000 takes as long as people notice.
pub const CHANGE_OPERATIONS: u64 = 20_000;

/// Who sent the changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// The member; their id is their reviewer key.
    pub member: MemberId,
    /// What they may do.
    pub role: Role,
}

/// What one connection sent, and what is known about it.
pub struct GateInput<'a> {
    /// Who.
    pub writer: &'a Writer,
    /// Our clock.
    pub now: Moment,
    /// The project's scores.
    pub scores: &'a [Score],
    /// List items of a sync message, one change each.
    pub chunks: Vec<&'a [u8]>,
    /// The connection's changes that wait for others.
    pub pending: &'a mut Pending,
    /// The connection's refused changes.
    pub bad: &'a mut BadSet,
    /// Owners of the replica ids that the document has seen. Add the accepted ones before the next call.
    pub replicas: &'a Replicas,
    /// Memory of the document.
    pub paths: &'a mut Paths,
}

/// A change that may become part of the document.
#[derive(Debug)]
pub struct Accepted {
    /// The change.
    pub change: Change,
    /// What it made visible.
    pub facts: Vec<Fact>,
}

/// One visible fact, before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Where.
    pub path: FactPath,
    /// Before; null if absent.
    pub from: Value,
    /// After; null if absent.
    pub to: Value,
}

/// A change that may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Which.
    pub hash: ChangeHash,
    /// For machines.
    pub code: &'static str,
    /// For people: what is wrong, where, and what would be right.
    pub reason: String,
    /// Where in the document, as a JSON Pointer, if it is about a place.
    pub path: Option<String>,
    /// The change itself, as evidence.
    pub bytes: Vec<u8>,
}

impl Refused {
    /// Refuses `change`.
    pub fn new(change: &Change, reason: &Reason) -> Self {
        Self::of(change.hash(), change.raw_bytes().to_vec(), reason)
    }

    fn of(hash: ChangeHash, bytes: Vec<u8>, reason: &Reason) -> Self {
        let path = reason.path().map(str::to_owned);
        Self { hash, code: reason.code(), reason: reason.to_string(), path, bytes }
    }
}

/// What became of the changes of one message.
#[derive(Debug, Default)]
pub struct Verdict {
    /// In the order in which they were applied.
    pub accepted: Vec<Accepted>,
    /// In the order in which they were judged.
    pub refused: Vec<Refused>,
    /// Changes to ask the sender for: others wait for them.
    pub missing: Vec<ChangeHash>,
    /// The document with the accepted changes; `None` if there are none. Judge the next connection's changes on it.
    pub draft: Option<Automerge>,
    /// Whether the draft was saved and loaded. Left out for plain writes at keys of maps, which cannot do harm; done
    /// again with [`checked_snapshot`].
    pub round_trip: bool,
}

/// Judges what one connection sent against `doc`, which is left as it is.
///
/// An error means that the bytes are no changes at all: close the connection.
pub fn gate(doc: &Automerge, input: GateInput<'_>) -> Result<Verdict, Malformed> {
    let waiting = input.chunks.iter().map(|chunk| peek::peek(chunk)).collect::<Result<Vec<_>, _>>()?;
    Ok(session::Session::new(doc, input).judge(waiting))
}

/// The facts that a change of our own made visible between `before` and `after`, which has it.
pub fn facts_between(before: &Automerge, after: &Automerge, change: &Change, paths: &mut Paths) -> Vec<Fact> {
    paths.meet(before);
    let trace = rules::trace(before, paths, change);
    paths.record(after.get_heads(), change, trace.made);
    let (from, to) = (replay::look(before, &trace.facts), replay::look(after, &trace.facts));
    replay::differences(trace.facts, from, to)
}
