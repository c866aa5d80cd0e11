//! A document made anew from its seed and its stored changes, each held against what is stored beside it.

use std::collections::HashMap;

use automerge::{Automerge, Change, ChangeHash};
use concord_shared::ids::{DocumentId, MemberId, Reviewer, Revision};
use concord_shared::moment::Moment;
use concord_shared::review::fact::FactPath;
use concord_shared::review::state::ReviewState;
use concord_shared::review::{load, read, seed};
use sha2::{Digest as _, Sha256};

use super::finding::{Finding, Flaw, Place, hex};
use super::{ChangeRecord, EntryRecord, ReviewRecord};
use crate::domain::gate::{self, Fact, Paths, guarded};

/// A document on its way from the seed to its last change.
pub(super) struct Replay {
    id: DocumentId,
    document: Automerge,
    paths: Paths,
    revision: Revision,
    /// The last sequence number of each replica.
    sequences: HashMap<Vec<u8>, u64>,
    /// When the last change was stored.
    last: Option<Moment>,
    snapshot_revision: Revision,
    /// Heads and state as of the snapshot's revision.
    at_snapshot: Option<(Vec<ChangeHash>, ReviewState)>,
}

impl Replay {
    /// Begins with the seed.
    pub(super) fn new(review: &ReviewRecord) -> Self {
        let id = review.key.document;
        let mut replay = Self {
            id,
            document: seed::seed(id),
            paths: Paths::default(),
            revision: Revision(0),
            sequences: HashMap::new(),
            last: None,
            snapshot_revision: review.snapshot_revision,
            at_snapshot: None,
        };
        replay.remember_snapshot();
        replay
    }

    /// How far it is.
    pub(super) fn revision(&self) -> Revision {
        self.revision
    }

    /// The document as far as it is.
    pub(super) fn document(&self) -> &Automerge {
        &self.document
    }

    /// What it says. An error: not even reading it works.
    pub(super) fn state(&self) -> Result<ReviewState, Finding> {
        guarded(|| read::read(&self.document))
            .map_err(|reason| Flaw::new("document", reason, "readable").at(Place::Review(self.id)))
    }

    /// Applies the next change; what it made visible.
    pub(super) fn take(&mut self, record: &ChangeRecord) -> Result<Vec<Fact>, Finding> {
        let next = Revision(self.revision.0 + 1);
        let place = Place::Change(self.id, record.revision);
        if record.revision != next {
            let found = format!("{}: a change is missing before it", record.revision.0);
            return Err(Flaw::new("revision", found, next.0).at(place));
        }
        let change = self.check(record).map_err(|flaw| flaw.at(place.clone()))?;
        let before = self.document.clone();
        let applied = guarded(|| {
            gate::apply(&mut self.document, std::slice::from_ref(&change))?;
            Ok(gate::facts_between(&before, &self.document, &change, &mut self.paths))
        });
        let facts = applied.flatten().map_err(|reason| Flaw::new("change", reason, "one that applies").at(place))?;
        self.sequences.insert(record.replica.clone(), record.seq);
        self.revision = next;
        self.last = Some(record.received_at);
        self.remember_snapshot();
        Ok(facts)
    }

    /// The bytes are the change that the columns beside them speak of.
    fn check(&self, record: &ChangeRecord) -> Result<Change, Flaw> {
        // Magic, checksum, and what the hash covers.
        let digest: [u8; 32] = Sha256::digest(record.bytes.get(8..).unwrap_or_default()).into();
        if record.hash != digest {
            let found = format!("{}, its bytes hash to {}", hex(&record.hash), hex(&digest));
            return Err(Flaw::new("change's hash", found, "one and the same"));
        }
        let unreadable = || Flaw::new("change", "unreadable", "an automerge change");
        let checksum = record.bytes.get(4..8).ok_or_else(unreadable)?;
        if checksum != &digest[..4] {
            return Err(Flaw::new("change's checksum", hex(checksum), hex(&digest[..4])));
        }
        let read = guarded(|| Change::from_bytes(record.bytes.clone()).ok());
        let Ok(Some(change)) = read else { return Err(unreadable()) };
        let replica = change.actor_id().to_bytes();
        if replica != record.replica {
            return Err(Flaw::new("replica", hex(&record.replica), hex(replica)));
        }
        if change.seq() != record.seq {
            return Err(Flaw::new("replica's sequence number", record.seq, change.seq()));
        }
        let next = self.sequences.get(&record.replica).map_or(1, |last| last + 1);
        if record.seq != next {
            return Err(Flaw::new("replica's sequence number", record.seq, next));
        }
        let time = Moment(change.timestamp().saturating_mul(1_000_000));
        if time != record.client_time {
            return Err(Flaw::new("writer's time", record.client_time, time));
        }
        Ok(change)
    }

    fn remember_snapshot(&mut self) {
        if self.revision == self.snapshot_revision {
            let state = guarded(|| read::read(&self.document)).unwrap_or_default();
            self.at_snapshot = Some((sorted(self.document.get_heads()), state));
        }
    }

    /// Holds the review against the whole replayed document.
    pub(super) fn check_review(&self, review: &ReviewRecord) -> Result<(), Flaw> {
        if review.revision != self.revision {
            return Err(Flaw::new("revision", review.revision.0, format!("{} (its changes)", self.revision.0)));
        }
        let heads = if self.revision.0 == 0 { Vec::new() } else { sorted(self.document.get_heads()) };
        let (stored, rest) = review.heads.as_chunks::<32>();
        let stored = sorted(stored.iter().map(|head| ChangeHash(*head)).collect());
        if stored != heads || !rest.is_empty() {
            return Err(Flaw::new("list of heads", hex(&review.heads), join(&heads)));
        }
        if let Some(last) = self.last.filter(|last| *last != review.updated_at) {
            return Err(Flaw::new("moment of the last change", review.updated_at, last));
        }
        if review.project_organization != Some(review.key.organization) {
            let owner = review.project_organization.map_or("no organization".to_owned(), |owner| owner.to_string());
            return Err(Flaw::new("organization", review.key.organization, format!("that of its project, {owner}")));
        }
        Ok(())
    }

    /// Holds the snapshot against the document as it was.
    pub(super) fn check_snapshot(&self, review: &ReviewRecord) -> Result<(), Flaw> {
        let Some(snapshot) = &review.snapshot else {
            let none = review.snapshot_revision.0 == 0;
            return if none { Ok(()) } else { Err(Flaw::new("snapshot", "missing", "stored, as its revision says")) };
        };
        let Some((heads, state)) = &self.at_snapshot else {
            let right = format!("at most {}", self.revision.0);
            return Err(Flaw::new("snapshot's revision", review.snapshot_revision.0, right));
        };
        let loaded = guarded(|| {
            let document = load(snapshot).map_err(|error| error.to_string())?;
            Ok::<_, String>((sorted(document.get_heads()), read::read(&document)))
        });
        match loaded {
            Err(reason) => Err(Flaw::new("snapshot", reason, "one that loads")),
            Ok(Err(error)) => Err(Flaw::new("snapshot", error, "one that loads")),
            Ok(Ok((found, _))) if found != *heads => {
                Err(Flaw::new("snapshot", format!("the document at heads {}", join(&found)), join(heads)))
            }
            Ok(Ok((_, said))) if said != *state => Err(Flaw::new("snapshot", "another document", "the replayed one")),
            Ok(Ok(_)) => Ok(()),
        }
    }
}

/// The change is its author's: by the binding of its replica, by the author that it names, by what it writes (rule R7).
pub(super) fn check_author(record: &ChangeRecord, facts: &[Fact]) -> Result<(), Flaw> {
    let Some(binding) = record.binding else {
        return Err(Flaw::new("binding of its replica", "missing", format!("to {}", who(record.author))));
    };
    if binding.author != record.author {
        let found =
            format!("{} by the change, {} by the binding of its replica", who(record.author), who(binding.author));
        return Err(Flaw::new("author", found, "one and the same"));
    }
    if !binding.is_grounded {
        let right = "the document and moment of the replica's first change";
        return Err(Flaw::new("place of the replica's binding", "another", right));
    }
    let named = guarded(|| {
        let change = Change::from_bytes(record.bytes.clone()).ok()?;
        Some(change.author()?.as_bytes().to_vec())
    });
    let author = record.author.as_ref().map(MemberId::as_bytes);
    if let Ok(Some(named)) = named
        && Some(named.as_slice()) != author
    {
        return Err(Flaw::new("author", who(record.author), format!("{}, whom the change names", hex(&named))));
    }
    let writer = match (record.author, record.on_behalf_of.as_deref()) {
        (Some(author), None) => Some(author.to_string()),
        (Some(_), Some(other)) => return Err(Flaw::new("person on whose behalf it was written", other, "nobody")),
        (None, behalf) => behalf.map(str::to_owned),
    };
    let Some(writer) = writer else { return Ok(()) };
    for fact in facts {
        let owner = match &fact.path {
            FactPath::Score(owner, _) | FactPath::Note(owner, _) | FactPath::Completed(owner) => owner.as_str(),
            FactPath::Comment(_) => fact.to["author"].as_str().unwrap_or(&writer),
            _ => continue,
        };
        if owner != writer {
            return Err(Flaw::new("author", &writer, format!("{owner}, under whose name {} stands", fact.path)));
        }
    }
    Ok(())
}

/// The audit entries of a change are exactly what it made visible. `Err` names the entry if there is one.
pub(super) fn check_entries<'a>(
    review: &ReviewRecord,
    record: &ChangeRecord,
    facts: &[Fact],
    entries: &'a [EntryRecord],
) -> Result<(), (Option<&'a EntryRecord>, Flaw)> {
    for (index, fact) in facts.iter().enumerate() {
        let Some(entry) = entries.get(index) else {
            return Err((None, Flaw::new("audit entry", "missing", format!("one of {}", fact.path))));
        };
        let flaw = |what, found: &str, right: &str| Err((Some(entry), Flaw::new(what, found, right)));
        let (path, from, to) = (fact.path.to_string(), fact.from.to_string(), fact.to.to_string());
        if entry.path != path {
            return flaw("path", &entry.path, &path);
        }
        if entry.from != from {
            return flaw("value before", &entry.from, &from);
        }
        if entry.to != to {
            return flaw("value after", &entry.to, &to);
        }
        if entry.row_id != review.key.row_id {
            return flaw("row", &entry.row_id, &review.key.row_id);
        }
        if entry.object != review.key.object {
            return flaw("object", &entry.object.to_string(), &review.key.object.to_string());
        }
        if entry.project != review.key.project {
            return flaw("project", &entry.project.to_string(), &review.key.project.to_string());
        }
        if entry.change_hash != record.hash {
            return flaw("change's hash", &hex(&entry.change_hash), &hex(&record.hash));
        }
    }
    match entries.get(facts.len()) {
        Some(more) => {
            Err((Some(more), Flaw::new("entry", &more.path, "absent: its change made nothing visible there")))
        }
        None => Ok(()),
    }
}

fn who(author: Option<MemberId>) -> String {
    author.map_or_else(|| "the server".to_owned(), |author| Reviewer::Member(author).to_string())
}

fn sorted(mut heads: Vec<ChangeHash>) -> Vec<ChangeHash> {
    heads.sort_unstable();
    heads
}

fn join(heads: &[ChangeHash]) -> String {
    heads.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
