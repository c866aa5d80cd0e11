//! Tickets: a secret for the URL of a socket, where no header can be set. Used once, within half a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use concord_shared::moment::Moment;

use crate::domain::access::{Principal, Revocation};
use crate::domain::account::secret::Digest;

/// From issue to use.
const LIFE: Duration = Duration::from_secs(30);
/// Most tickets at once. When full and none has expired, no more are issued: 429.
const CAPACITY: usize = 10_000;

/// Tickets that were issued and not used yet.
#[derive(Debug, Default)]
pub(super) struct Tickets(Mutex<HashMap<Digest, (Principal, Moment)>>);

impl Tickets {
    /// Remembers a ticket; `false` if there are too many.
    pub(super) fn issue(&self, digest: Digest, principal: Principal, now: Moment) -> bool {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tickets.len() >= CAPACITY {
            tickets.retain(|_, (_, issued)| now - *issued < LIFE);
        }
        if tickets.len() >= CAPACITY {
            return false;
        }
        tickets.insert(digest, (principal, now));
        true
    }

    /// Uses a ticket up.
    pub(super) fn redeem(&self, digest: &Digest, now: Moment) -> Option<Principal> {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (principal, issued) = tickets.remove(digest)?;
        (now - issued < LIFE).then_some(principal)
    }

    /// Forgets the tickets of whoever the revocation ends.
    pub(super) fn revoke(&self, revocation: &Revocation) {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|_, (principal, _)| !revocation.ends(principal));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::principal;
    use super::*;

    #[test]
    fn a_ticket_works_once_within_half_a_minute() {
        let (tickets, key, now) = (Tickets::default(), principal(), Moment(0));
        assert!(tickets.issue([1; 32], key.clone(), now) && tickets.issue([2; 32], key.clone(), now));
        assert_eq!(tickets.redeem(&[1; 32], now), Some(key.clone()));
        assert_eq!(tickets.redeem(&[1; 32], now), None);
        assert_eq!(tickets.redeem(&[2; 32], now + LIFE), None);
    }

    #[test]
    fn tickets_end_with_their_owner_and_are_bounded() {
        let (tickets, key, now) = (Tickets::default(), principal(), Moment(0));
        assert!(tickets.issue([1; 32], key.clone(), now));
        tickets.revoke(&Revocation::Key(key.key.expect("a key")));
        assert_eq!(tickets.redeem(&[1; 32], now), None);
        for number in 0..CAPACITY as u64 {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&number.to_be_bytes());
            assert!(tickets.issue(digest, key.clone(), now));
        }
        assert!(!tickets.issue([255; 32], key.clone(), now));
        assert!(tickets.issue([255; 32], key, now + LIFE), "expired ones make room");
    }
}
