//! Audit chains: each entry follows from the one before it, and stands for a change that is there.

use std::fmt::Debug;

use concord_shared::ids::ProjectId;

use super::EntryRecord;
use super::finding::{Finding, Flaw, Place, hex};
use crate::domain::audit::Hashed;

/// How far a chain was followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    /// The last entry's place; 0 before the first.
    pub sequence: i64,
    /// The last entry's hash.
    pub hash: [u8; 32],
}

impl Tip {
    /// Before the first entry.
    pub const START: Self = Self { sequence: 0, hash: [0; 32] };

    /// Follows the chain of `project` by one entry.
    pub fn follow(self, project: ProjectId, entry: &EntryRecord) -> Result<Self, Finding> {
        let place = || place(entry);
        let sequence = self.sequence + 1;
        if entry.sequence != sequence {
            let missing = if entry.sequence - 1 == sequence {
                format!("entry {sequence} is missing")
            } else {
                format!("entries {sequence} to {} are missing", entry.sequence - 1)
            };
            return Err(Flaw::new("sequence", format!("{}: {missing}", entry.sequence), sequence).at(place()));
        }
        let hash = hashed(project, entry).hash(&self.hash);
        if entry.hash != hash {
            let found = format!("{} (or the entry was altered)", hex(&entry.hash));
            return Err(Flaw::new("hash", found, hex(&hash)).at(place()));
        }
        check_change(entry).map_err(|flaw| flaw.at(place()))?;
        Ok(Self { sequence, hash })
    }
}

/// Where an entry is.
pub(super) fn place(entry: &EntryRecord) -> Place {
    Place::Entry {
        project: entry.project,
        sequence: entry.sequence,
        document: entry.document,
        revision: entry.revision,
    }
}

fn hashed(project: ProjectId, entry: &EntryRecord) -> Hashed<'_> {
    Hashed {
        sequence: entry.sequence,
        project,
        document: entry.document,
        row_id: &entry.row_id,
        revision: entry.revision.0,
        at: entry.at,
        author: entry.author,
        on_behalf_of: entry.on_behalf_of.as_deref().unwrap_or_default(),
        source: &entry.source,
        path: &entry.path,
        from: &entry.from,
        to: &entry.to,
        change_hash: &entry.change_hash,
        metadata: entry.metadata.as_deref().unwrap_or_default(),
    }
}

/// The entry says of its change what the change says of itself.
fn check_change(entry: &EntryRecord) -> Result<(), Flaw> {
    let Some(change) = &entry.change else {
        return Err(Flaw::new("change", "not stored", format!("the change {}", hex(&entry.change_hash))));
    };
    if change.hash != entry.change_hash {
        let found = format!("{} by the entry, {} in the document", hex(&entry.change_hash), hex(&change.hash));
        return Err(Flaw::new("change's hash", found, "one and the same"));
    }
    same("author", &entry.author, &change.author)?;
    same("person on whose behalf it was written", &entry.on_behalf_of, &change.on_behalf_of)?;
    same("source", &entry.source, &change.source)?;
    same("moment", &entry.at, &change.received_at)
}

fn same<T: PartialEq + Debug>(what: &'static str, entry: &T, change: &T) -> Result<(), Flaw> {
    if entry == change {
        return Ok(());
    }
    Err(Flaw::new(what, format!("{entry:?} by the entry, {change:?} by its change"), "one and the same"))
}
