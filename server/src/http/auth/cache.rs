//! Found keys and sessions in memory, so that a request costs no query. What is revoked here is gone at once.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use concord_shared::moment::Moment;

use crate::domain::access::{Principal, Revocation};
use crate::domain::account::secret::Digest;

/// Most secrets kept: about 300 bytes each. When full, everything is dropped and read again as it is asked for.
const CAPACITY: usize = 10_000;
/// How long one is believed: another process (`concord member remove`) may have revoked it.
const BELIEVED: Duration = Duration::from_secs(2);

/// Principals by digest of their secret.
#[derive(Debug, Default)]
pub(super) struct Cache(RwLock<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// Counts revocations: what was read before one is not kept after it.
    generation: u64,
    entries: HashMap<Digest, (Principal, Moment)>,
}

impl Cache {
    /// The principal if it is known and fresh, else the generation to hand to [`Self::keep`].
    pub(super) fn get(&self, digest: &Digest, now: Moment) -> Result<Principal, u64> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match kept.entries.get(digest) {
            Some((principal, read)) if now - *read < BELIEVED => Ok(principal.clone()),
            _ => Err(kept.generation),
        }
    }

    /// Keeps what was read, unless something was revoked since `generation`.
    pub(super) fn keep(&self, digest: Digest, principal: &Principal, generation: u64, now: Moment) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.generation != generation {
            return;
        }
        if kept.entries.len() >= CAPACITY {
            kept.entries.clear();
        }
        kept.entries.insert(digest, (principal.clone(), now));
    }

    /// Forgets everything that the revocation ends.
    pub(super) fn revoke(&self, revocation: &Revocation) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.generation += 1;
        kept.entries.retain(|_, (principal, _)| !revocation.ends(principal));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::principal;
    use super::*;

    #[test]
    fn what_was_read_before_a_revocation_is_not_kept_after_it() {
        let (cache, key, now) = (Cache::default(), principal(), Moment(0));
        let generation = cache.get(&[1; 32], now).expect_err("unknown");
        cache.revoke(&Revocation::Key(key.key.expect("a key")));
        cache.keep([1; 32], &key, generation, now);
        assert!(cache.get(&[1; 32], now).is_err());
    }

    #[test]
    fn revoked_and_stale_entries_are_not_found() {
        let (cache, key, now) = (Cache::default(), principal(), Moment(0));
        cache.keep([1; 32], &key, 0, now);
        assert_eq!(cache.get(&[1; 32], now), Ok(key.clone()));
        assert!(cache.get(&[1; 32], now + BELIEVED).is_err());
        cache.revoke(&Revocation::Member(key.member.expect("a member")));
        assert!(cache.get(&[1; 32], now).is_err());
    }
}
