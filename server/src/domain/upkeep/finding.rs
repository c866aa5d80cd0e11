//! What upkeep finds: where, what stands there, and what would be right.

use std::fmt;

use concord_shared::ids::{DocumentId, ObjectRef, ProjectId, Revision};

use crate::domain::store::StoreError;

/// Longest value that is quoted, in characters.
const QUOTED: usize = 160;

/// Where something is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The database as a whole.
    Database,
    /// An entry of a project's audit chain, with the change that it is of.
    Entry {
        /// Whose chain.
        project: ProjectId,
        /// Place in the chain.
        sequence: i64,
        /// The reviewed document.
        document: DocumentId,
        /// The change's revision.
        revision: Revision,
    },
    /// A review.
    Review(DocumentId),
    /// A change of a review.
    Change(DocumentId, Revision),
    /// A row.
    Row(ObjectRef, String),
    /// A trace.
    Trace(ObjectRef, String),
    /// A counter.
    Counter(ObjectRef, String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database => f.write_str("the database"),
            Self::Entry { project, sequence, document, revision } => {
                write!(f, "project {project}, entry {sequence} (document {document}, revision {})", revision.0)
            }
            Self::Review(document) => write!(f, "document {document}"),
            Self::Change(document, revision) => write!(f, "document {document}, revision {}", revision.0),
            Self::Row(object, id) => write!(f, "{object}, row {id:?}"),
            Self::Trace(object, id) => write!(f, "{object}, trace {id:?}"),
            Self::Counter(object, key) => write!(f, "{object}, counter {key}"),
        }
    }
}

/// Something that is not as it should be, wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Of what: `hash`, `author`, ….
    pub what: &'static str,
    /// What is stored.
    pub found: String,
    /// What would be right.
    pub right: String,
}

impl Flaw {
    /// Values in words, cut to a length that fits on a screen.
    pub fn new(what: &'static str, found: impl fmt::Display, right: impl fmt::Display) -> Self {
        Self { what, found: cut(&found.to_string()), right: cut(&right.to_string()) }
    }

    /// The flaw at its place.
    pub fn at(self, place: Place) -> Finding {
        Finding { place, flaw: self }
    }
}

/// A flaw and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub flaw: Flaw,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Flaw { what, found, right } = &self.flaw;
        write!(f, "{}: the {what} is {found}; right would be {right}", self.place)
    }
}

/// What ends a verification early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The first thing that is wrong.
    Found(Box<Finding>),
    /// The database cannot be read.
    Store(StoreError),
}

impl From<Finding> for Stop {
    fn from(finding: Finding) -> Self {
        Self::Found(Box::new(finding))
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Something that was read around `place`; what cannot be read at all is a finding there.
pub(super) fn read_at<T>(place: impl FnOnce() -> Place, read: Result<T, StoreError>) -> Result<T, Stop> {
    read.map_err(|error| match error {
        StoreError::Corrupt { what, detail } => {
            Stop::from(Flaw::new(what, format!("unreadable there or right after ({detail})"), "readable").at(place()))
        }
        other => Stop::Store(other),
    })
}

/// Bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn cut(text: &str) -> String {
    let mut cut: String = text.chars().take(QUOTED).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}
