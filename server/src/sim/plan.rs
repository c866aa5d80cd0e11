//! Plans: everything that happens in a simulated world, step by step. Steps name things by small numbers, and one whose
//! subject is not there does nothing, so any part of a plan is a plan again.

use concord_shared::role::Role;
use serde::{Deserialize, Serialize};

/// A world and what happens in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    /// What it shows, for plans that are kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) about: String,
    /// Server processes on one database.
    pub(super) servers: u8,
    /// Reviewed rows.
    pub(super) documents: u8,
    /// Open pages.
    pub(super) clients: Vec<Who>,
    pub(super) steps: Vec<Step>,
}

/// Whose page it is; two pages may be of one member.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Who {
    pub(super) member: u8,
    pub(super) role: Role,
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// A page connects and syncs what it has open.
    Connect { client: u8, server: u8 },
    /// The network goes; what it carried to the client is lost, what it carried to the server may arrive.
    Cut { client: u8 },
    /// A page opens a document: the server makes the maps of its member, then the page syncs.
    Open { client: u8, document: u8, server: u8 },
    /// Somebody works, online or offline.
    Edit { client: u8, document: u8, act: Act },
    /// Somebody works for long: many changes at once, more than a snapshot waits for.
    Burst { client: u8, document: u8 },
    /// The client's throttle ends: everything new is sent.
    Flush { client: u8 },
    /// A hostile message in the name of a page.
    Forge { client: u8, document: u8, forgery: Forgery },
    /// A message that was sent before comes once more.
    Replay { client: u8, message: u8 },
    /// The network carries some messages to the server.
    Up { client: u8, count: u8 },
    /// The network carries some messages to the client. A slow reader is one that gets few of these.
    Down { client: u8, count: u8 },
    /// A caller of the API writes; the same feedback id may come again.
    Write { server: u8, document: u8, member: u8, act: Act, feedback: Option<u8> },
    /// An SDK logs the row, once more if it was logged before.
    Log { server: u8, document: u8, value: u8 },
    /// Somebody changes what the scores are.
    Scores { variant: u8 },
    /// The committer writes what waits.
    Store { server: u8, outcome: Outcome },
    /// The outcome of what was written reaches the rooms and the callers.
    Settle { server: u8 },
    /// A room closes when nobody is in it.
    Close { server: u8, document: u8 },
    /// The process dies after so many more effects; what it sent before arrives, or not.
    Crash { server: u8, after: u8, arrives: bool },
    /// The clock jumps, perhaps backwards, and rooms look at it.
    Tick { seconds: i16 },
    /// Everything that is under way comes to its end.
    Calm,
}

/// What becomes of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// Stored.
    Stored,
    /// The database does not answer; nothing is stored.
    Unavailable,
    /// Stored, but the answer is lost.
    Lost,
}

/// What a reviewer does. Numbers choose among a few values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Act {
    Score(u8),
    Withdraw,
    Option(u8),
    Choose(u8),
    Note(u8),
    Expected(u8),
    Unset,
    Field(u8),
    Type(u8),
    Tag(u8),
    Comment(u8),
    Rewrite(u8),
    Delete(u8),
    Resolve(u8),
    Status(u8),
    Assign(u8),
    Unassign(u8),
    Complete,
    Uncomplete,
    /// A number that no score takes: the page has a bug, the gate has not.
    OutOfRange,
    /// Somebody else's score.
    OthersScore(u8),
}

/// How a message is forged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Forgery {
    /// Writes under somebody else's name.
    OthersScore(u8),
    /// Continues the replica of another page.
    Stolen(u8),
    /// Continues the server's own replica.
    ServersReplica,
    /// Skips a number of its replica.
    Sequence,
    /// Depends on a change that nobody has.
    UnknownDependency,
    /// A key that reviews do not have.
    Root,
    /// Larger than a change may be.
    Oversized,
    /// A byte is wrong.
    Checksum,
    /// Dated the day after tomorrow.
    Future,
    /// Operation numbers far ahead.
    Clock,
    /// A value out of range, and a right one that builds on it.
    Range,
    /// The second of two right changes without the first.
    Orphan,
    /// Two right changes in the wrong order.
    Backwards,
    /// A whole document instead of changes.
    Document,
    /// No sync message at all.
    Garbage,
}
