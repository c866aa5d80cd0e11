//! Why a change is refused.

use automerge::ChangeHash;

/// Why a change is refused: what is wrong, where, and what would be right. Shown to the person who made it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Above [`super::CHANGE_BYTES`].
    #[error("the change has {0} bytes; one change may have {max}: make several smaller ones", max = super::CHANGE_BYTES)]
    TooLarge(usize),
    /// Above [`super::CHANGE_OPERATIONS`].
    #[error("the change has {0} operations; one change may have {max}: make several smaller ones", max = super::CHANGE_OPERATIONS)]
    TooManyOperations(u64),
    /// Bytes that automerge reads, but never writes.
    #[error("no automerge client makes such a change: {0}")]
    Structure(&'static str),
    /// Not the next change of its replica.
    #[error("the change has number {got} of its replica, the next one is {next}: reload the review")]
    OutOfSequence {
        /// As sent.
        got: u64,
        /// What would be right.
        next: u64,
    },
    /// The document's clock does not allow its first operation.
    #[error("the first operation has number {got}, allowed are {least} to {most}: reload the review")]
    OutOfClock {
        /// As sent.
        got: u64,
        /// Smallest number above all dependencies.
        least: u64,
        /// Next number of the document.
        most: u64,
    },
    /// A time that no clock shows.
    #[error("the change is dated {0} seconds after 1970, which is before 1970 or more than a day ahead: set the clock")]
    Time(i64),
    /// Written under the replica id of the server or of somebody else.
    #[error("the replica id of this change belongs to {0}: reload the page to get a new one")]
    ReplicaTaken(&'static str),
    /// Claims another author than the one who is signed in.
    #[error("the change names an author who is not the signed-in member: leave the author out")]
    WrongAuthor,
    /// Sent again.
    #[error("this change was refused before")]
    RefusedBefore,
    /// Builds on something that is not part of the document.
    #[error("the change builds on {0}, which was refused")]
    DependsOnRefused(ChangeHash),
    /// More than [`super::Pending`] holds.
    #[error("too many changes wait for others that did not arrive: reload the review")]
    TooManyOrphans,
    /// The role only reads.
    #[error("a {0} may not write in reviews: ask an owner for the role of a reviewer")]
    ReadOnly(&'static str),
    /// Somebody else's place.
    #[error("{path} belongs to {owner}: write under your own name")]
    NotYours {
        /// JSON Pointer into the document.
        path: String,
        /// Whose it is.
        owner: String,
    },
    /// Not a place, or not a way, to write.
    #[error("{path} cannot be written so: {right}")]
    NotAllowed {
        /// JSON Pointer into the document.
        path: String,
        /// What would be right.
        right: String,
    },
    /// A value that the place does not take.
    #[error("{path}: {reason}")]
    InvalidValue {
        /// JSON Pointer into the document.
        path: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A score that the project does not ask for.
    #[error("{path}: {reason}")]
    UnknownScore {
        /// JSON Pointer into the document.
        path: String,
        /// With the nearest name.
        reason: String,
    },
    /// Something that belongs in the same change is missing.
    #[error("{path} is not complete: {missing} must be written in the same change")]
    Incomplete {
        /// JSON Pointer into the document.
        path: String,
        /// What is missing.
        missing: &'static str,
    },
    /// A place is full.
    #[error("{path} has as many {what} as it can hold ({max})")]
    Full {
        /// JSON Pointer into the document.
        path: String,
        /// What there are too many of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// automerge could not apply it, or could not read back what it made of it.
    #[error("the change cannot be stored safely ({0}): reload the review")]
    Unstorable(&'static str),
}

impl Reason {
    /// The word for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "too-large",
            Self::TooManyOperations(_) => "too-many-operations",
            Self::Structure(_) => "structure",
            Self::OutOfSequence { .. } => "out-of-sequence",
            Self::OutOfClock { .. } => "out-of-clock",
            Self::Time(_) => "time",
            Self::ReplicaTaken(_) => "replica-taken",
            Self::WrongAuthor => "wrong-author",
            Self::RefusedBefore => "refused-before",
            Self::DependsOnRefused(_) => "depends-on-refused",
            Self::TooManyOrphans => "too-many-orphans",
            Self::ReadOnly(_) => "read-only",
            Self::NotYours { .. } => "not-yours",
            Self::NotAllowed { .. } => "not-allowed",
            Self::InvalidValue { .. } => "invalid-value",
            Self::UnknownScore { .. } => "unknown-score",
            Self::Incomplete { .. } => "incomplete",
            Self::Full { .. } => "full",
            Self::Unstorable(_) => "unstorable",
        }
    }

    /// Where in the document, as a JSON Pointer, if it is about a place.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::NotYours { path, .. }
            | Self::NotAllowed { path, .. }
            | Self::InvalidValue { path, .. }
            | Self::UnknownScore { path, .. }
            | Self::Incomplete { path, .. }
            | Self::Full { path, .. } => Some(path),
            _ => None,
        }
    }
}
