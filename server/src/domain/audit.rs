//! The audit trail: one entry per visible fact, each entry's hash covering the one before, one chain per project.

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
    /// SHA-256 over the previous entry's hash and every stored field, each preceded by its length, so that no two
    /// entries can be written with the same bytes. `from` and `to` are the JSON texts as stored.
    pub fn hash(&self, previous: &[u8; 32], from: &str, to: &str) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(previous);
        let behalf = self.change.on_behalf_of.as_ref().map(ToString::to_string).unwrap_or_default();
        let metadata = self.change.metadata.as_ref().map(ToString::to_string).unwrap_or_default();
        let author = self.change.author.as_ref().map(|author| author.as_bytes().to_vec()).unwrap_or_default();
        let fields: [&[u8]; 14] = [
            &self.sequence.to_be_bytes(),
            self.key.project.as_bytes(),
            self.key.document.as_bytes(),
            self.key.row_id.as_bytes(),
            &self.revision.to_be_bytes(),
            &self.change.received_at.0.to_be_bytes(),
            &author,
            behalf.as_bytes(),
            self.change.source.as_str().as_bytes(),
            self.fact.path.as_bytes(),
            from.as_bytes(),
            to.as_bytes(),
            &self.change.hash,
            metadata.as_bytes(),
        ];
        for field in fields {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
        digest.finalize().into()
    }
}
