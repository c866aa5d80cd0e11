//! Hostile messages, put together by hand.

use automerge::sync::{BloomFilter, Have, Message, MessageVersion};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ChangeHash, ObjId, ROOT};
use concord_shared::ids::MemberId;
use concord_shared::moment::Moment;

use super::act::scores_of;
use super::plan::Forgery;
use crate::domain::gate::CHANGE_BYTES;
use crate::domain::gate::tests::forge::forged;

/// What a forger has at hand.
pub(super) struct Forger<'a> {
    pub(super) document: &'a Automerge,
    pub(super) me: MemberId,
    /// Whose place or replica is stolen.
    pub(super) victim: MemberId,
    /// Under which the change is made: fresh, or stolen.
    pub(super) actor: ActorId,
    pub(super) now: Moment,
}

/// A forged message.
pub(super) struct Forged {
    pub(super) message: Vec<u8>,
    /// Changes that must never be stored.
    pub(super) forbidden: Vec<ChangeHash>,
}

impl Forger<'_> {
    /// `None`: the document has not come yet, or has no such victim.
    pub(super) fn forge(&self, forgery: Forgery) -> Option<Forged> {
        let own = scores_of(self.document, self.me)?;
        let mut document = self.document.fork().with_actor(self.actor.clone());
        let right = |document: &mut Automerge, value: f64| self.put(document, &own, value, self.now.as_seconds());
        let (chunks, is_right) = match forgery {
            Forgery::Garbage => return Some(Forged { message: b"no message".to_vec(), forbidden: vec![] }),
            Forgery::Document => (vec![document.save()], true),
            Forgery::OthersScore(_) => {
                let map = scores_of(self.document, self.victim).filter(|_| self.victim != self.me)?;
                (vec![self.put(&mut document, &map, 0.0625, self.now.as_seconds())?], false)
            }
            Forgery::Stolen(_) | Forgery::ServersReplica => (vec![right(&mut document, 0.1875)?], false),
            Forgery::Sequence => (vec![forged(&right(&mut document, 0.3)?, |raw| raw.seq += 1)], false),
            Forgery::UnknownDependency => {
                (vec![forged(&right(&mut document, 0.3)?, |raw| raw.deps = vec![[0x5A; 32]])], false)
            }
            Forgery::Clock => (vec![forged(&right(&mut document, 0.3)?, |raw| raw.start_op += 1 << 20)], false),
            Forgery::Checksum => {
                let mut chunk = right(&mut document, 0.3)?;
                let last = chunk.len() - 1;
                chunk[last] ^= 1;
                (vec![chunk], false)
            }
            Forgery::Future => (vec![self.put(&mut document, &own, 0.3, self.now.as_seconds() + 3 * 86_400)?], false),
            Forgery::Root => (vec![self.put(&mut document, &ROOT, 0.3, self.now.as_seconds())?], false),
            Forgery::Oversized => {
                let text = "x".repeat(CHANGE_BYTES + 1);
                let options = CommitOptions::default().with_time(self.now.as_seconds());
                document.transact_with(|_| options, |tx| tx.put(&own, "Tone", text)).ok()?;
                (vec![document.get_last_local_change()?.raw_bytes().to_vec()], false)
            }
            Forgery::Range => (vec![right(&mut document, 7.0)?, right(&mut document, 0.25)?], false),
            Forgery::Orphan => {
                right(&mut document, 0.25)?;
                (vec![right(&mut document, 0.75)?], true)
            }
            Forgery::Backwards => {
                let mut chunks = vec![right(&mut document, 0.25)?, right(&mut document, 0.75)?];
                chunks.reverse();
                (chunks, true)
            }
        };
        let hashes: Vec<ChangeHash> = chunks.iter().filter_map(|chunk| hash(chunk)).collect();
        let have = Have { last_sync: self.document.get_heads(), bloom: BloomFilter::default() };
        let message = Message {
            heads: hashes.last().copied().map_or_else(|| self.document.get_heads(), |head| vec![head]),
            need: Vec::new(),
            have: vec![have],
            changes: chunks.into(),
            flags: None,
            version: MessageVersion::V1,
        };
        Some(Forged { message: message.encode(), forbidden: if is_right { Vec::new() } else { hashes } })
    }

    fn put(&self, document: &mut Automerge, map: &ObjId, value: f64, seconds: i64) -> Option<Vec<u8>> {
        let options = CommitOptions::default().with_time(seconds);
        document.transact_with(|_| options, |tx| tx.put(map, "Tone", value)).ok()?;
        Some(document.get_last_local_change()?.raw_bytes().to_vec())
    }
}

fn hash(chunk: &[u8]) -> Option<ChangeHash> {
    Change::from_bytes(chunk.to_vec()).ok().map(|change| change.hash())
}
