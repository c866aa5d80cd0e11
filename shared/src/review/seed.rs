//! The first change of every review document, the same wherever it is made.

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{ActorId, Automerge, AutomergeError, ObjType, ROOT, ScalarValue};

use super::schema as key;
use super::state::ReviewStatus;
use crate::ids::DocumentId;

/// Fixed text of the seed change; part of its hash.
const MESSAGE: &str = "concord review 1";

/// The replica that wrote the seed of a document: the bytes of its id. Nobody else may write as it.
pub fn replica(document: DocumentId) -> ActorId {
    ActorId::from(document.as_bytes())
}

/// A new document of schema version 1.
///
/// Two nodes that make one document at the same moment make the same change: replica, time, message and the order of
/// operations are fixed. Never edit what it writes; a new version gets a new function.
pub fn seed(document: DocumentId) -> Automerge {
    let mut doc = super::empty().with_actor(replica(document));
    let mut tx = doc.transaction();
    write(&mut tx).expect("a fresh document takes its first keys");
    tx.commit_with(CommitOptions::default().with_message(MESSAGE).with_time(0));
    doc
}

fn write(tx: &mut Transaction<'_>) -> Result<(), AutomergeError> {
    tx.put(ROOT, key::V, key::VERSION)?;
    for name in [key::SCORES, key::NOTES, key::FIELDS, key::TAGS, key::COMMENTS, key::ASSIGNEES, key::COMPLETED] {
        tx.put_object(ROOT, name, ObjType::Map)?;
    }
    let expected = tx.put_object(ROOT, key::EXPECTED, ObjType::Map)?;
    tx.put(&expected, key::SET, false)?;
    tx.put(&expected, key::VALUE, ScalarValue::Null)?;
    let status = tx.put_object(ROOT, key::STATUS, ObjType::Map)?;
    tx.put(&status, key::VALUE, ReviewStatus::None.as_str())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::read::read;
    use crate::review::state::ReviewState;
    use uuid::Uuid;

    #[test]
    fn two_runs_make_the_same_change() {
        let id = DocumentId::new();
        let (first, second) = (seed(id), seed(id));
        assert_eq!(first.get_heads(), second.get_heads());
        assert_eq!(first.save(), second.save());
        assert_ne!(first.get_heads(), seed(DocumentId::new()).get_heads());
    }

    /// If this fails, documents seeded by released versions and by this one no longer share their first change.
    #[test]
    fn the_seed_never_changes() {
        let heads = seed(DocumentId(Uuid::from_u128(0x0123_4567_89ab_7def_8123_4567_89ab_cdef))).get_heads();
        assert_eq!(heads.len(), 1);
        assert_eq!(heads[0].to_string(), "e4c4e1b2737446f6e354877d37f2a375067e3fb4c39e9e6628dc47ca1b88bb35");
    }

    #[test]
    fn a_seed_says_nothing() {
        assert_eq!(read(&seed(DocumentId::new())), ReviewState::default());
    }
}
