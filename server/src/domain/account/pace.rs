//! The pace of feedback keys, which stand in public pages: whoever reads one there could otherwise fill the database with it.

use std::collections::HashMap;
use std::time::Duration;

use concord_shared::ids::KeyId;
use concord_shared::moment::Moment;

/// Items that one key may give in a second, in the long run: the end users of a busy product.
const A_SECOND: f64 = 20.0;
/// Items at once, after a quiet half minute. A request with more costs as much as this.
const AT_ONCE: f64 = 600.0;
/// Keys that are remembered; those whose allowance is whole again are forgotten first.
const CAPACITY: usize = 10_000;

/// What each key may still give.
#[derive(Debug, Default)]
pub struct Pace {
    keys: HashMap<KeyId, Allowance>,
}

#[derive(Debug, Clone, Copy)]
struct Allowance {
    items: f64,
    at: Moment,
}

impl Allowance {
    fn now(self, now: Moment) -> f64 {
        (self.items + (now - self.at).as_secs_f64() * A_SECOND).min(AT_ONCE)
    }
}

impl Pace {
    /// Takes that many items from the allowance of a key. `Err` is the time to wait; then nothing is taken.
    pub fn take(&mut self, now: Moment, key: KeyId, items: usize) -> Result<(), Duration> {
        if self.keys.len() >= CAPACITY && !self.keys.contains_key(&key) {
            self.keys.retain(|_, allowance| allowance.now(now) < AT_ONCE);
            if self.keys.len() >= CAPACITY {
                self.keys.clear();
            }
        }
        let allowance = self.keys.entry(key).or_insert(Allowance { items: AT_ONCE, at: now });
        let (left, cost) = (allowance.now(now), (items as f64).min(AT_ONCE));
        if left < cost {
            return Err(Duration::from_secs_f64((cost - left) / A_SECOND));
        }
        *allowance = Allowance { items: left - cost, at: now };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_much_at_once_and_then_some_a_second() {
        let (mut pace, key, start) = (Pace::default(), KeyId::new(), Moment(1_000_000));
        for _ in 0..6 {
            assert_eq!(pace.take(start, key, 100), Ok(()));
        }
        assert_eq!(pace.take(start, key, 20), Err(Duration::from_secs(1)));
        assert_eq!(pace.take(start, KeyId::new(), 600), Ok(()), "others are not slowed");
        assert_eq!(pace.take(start + Duration::from_secs(1), key, 20), Ok(()));
        assert_eq!(
            pace.take(start + Duration::from_secs(3600), key, 10_000),
            Ok(()),
            "a large request is not shut out"
        );
        assert!(pace.take(start + Duration::from_secs(3600), key, 1).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let mut pace = Pace::default();
        for _ in 0..CAPACITY + 50 {
            assert_eq!(pace.take(Moment(0), KeyId::new(), 1), Ok(()));
        }
        assert!(pace.keys.len() <= CAPACITY);
    }
}
