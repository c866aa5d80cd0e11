//! The audit trail: one entry per visible fact, each entry's hash covering the one before, one chain per project.

use concord_shared::ids::{DocumentId, MemberId, ProjectId};
use concord_shared::moment::Moment;
use sha2::{Digest, Sha256};

use super::store::{NewChange, NewFact, ReviewKey};

/// An entry that is about to be stored.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Place in the project's chain, from 1.
    pub sequence: i64,
    /// The document's revision that made it.
    pub revision: u64,
    /// Which review.
    pub key: &'a ReviewKey,
    /// The change that it is of.
    pub change: &'a NewChange,
    /// What became visible.
    pub fact: &'a NewFact,
}

impl Entry<'_> {
    /// The entry's hash. `from` and `to` are the JSON texts as stored.
    pub fn hash(&self, previous: &[u8; 32], from: &str, to: &str) -> [u8; 32] {
        let behalf = self.change.on_behalf_of.as_ref().map(ToString::to_string);
        let metadata = self.change.metadata.as_ref().map(ToString::to_string);
        let hashed = Hashed {
            sequence: self.sequence,
            project: self.key.project,
            document: self.key.document,
            row_id: &self.key.row_id,
            revision: self.revision,
            at: self.change.received_at,
            author: self.change.author,
            on_behalf_of: behalf.as_deref().unwrap_or_default(),
            source: self.change.source.as_str(),
            path: &self.fact.path,
            from,
            to,
            change_hash: &self.change.hash,
            metadata: metadata.as_deref().unwrap_or_default(),
        };
        hashed.hash(previous)
    }
}

/// Everything that an entry's hash covers, as it is stored; what is absent is empty.
#[derive(Debug, Clone, Copy)]
pub struct Hashed<'a> {
    /// Place in the project's chain, from 1.
    pub sequence: i64,
    /// Whose chain.
    pub project: ProjectId,
    /// The reviewed document.
    pub document: DocumentId,
    /// The reviewed row.
    pub row_id: &'a str,
    /// The document's revision that made it.
    pub revision: u64,
    /// When.
    pub at: Moment,
    /// Who; `None`: the server.
    pub author: Option<MemberId>,
    /// For whom the server wrote.
    pub on_behalf_of: &'a str,
    /// By which way.
    pub source: &'a str,
    /// JSON Pointer of the fact.
    pub path: &'a str,
    /// JSON text of the value before.
    pub from: &'a str,
    /// JSON text of the value after.
    pub to: &'a str,
    /// Hash of the change.
    pub change_hash: &'a [u8],
    /// JSON text of what the writer said about it.
    pub metadata: &'a str,
}

impl Hashed<'_> {
    /// SHA-256 over the previous entry's hash and every field, each preceded by its length, so that no two entries can
    /// be written with the same bytes.
    pub fn hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(previous);
        let fields: [&[u8]; 14] = [
            &self.sequence.to_be_bytes(),
            self.project.as_bytes(),
            self.document.as_bytes(),
            self.row_id.as_bytes(),
            &self.revision.to_be_bytes(),
            &self.at.0.to_be_bytes(),
            self.author.as_ref().map(MemberId::as_bytes).unwrap_or_default(),
            self.on_behalf_of.as_bytes(),
            self.source.as_bytes(),
            self.path.as_bytes(),
            self.from.as_bytes(),
            self.to.as_bytes(),
            self.change_hash,
            self.metadata.as_bytes(),
        ];
        for field in fields {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
        digest.finalize().into()
    }
}
