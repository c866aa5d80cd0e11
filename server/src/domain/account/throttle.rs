//! Slows guessing of passwords: five failures for one e-mail from one address, then half a minute of silence.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use concord_shared::moment::Moment;

/// Failures before the pause.
const FAILURES: u32 = 5;
/// The pause; also how long a failure is remembered.
const PAUSE: Duration = Duration::from_secs(30);
/// Most pairs of e-mail and address remembered: 10,000 of about 100 bytes. When full, the oldest is forgotten; a guesser
/// who brings ten thousand addresses is not stopped by memory.
const CAPACITY: usize = 10_000;

/// Attempts to sign in, by e-mail and address.
#[derive(Debug, Default)]
pub struct Throttle {
    attempts: HashMap<(String, IpAddr), Attempts>,
}

#[derive(Debug, Clone, Copy)]
struct Attempts {
    count: u32,
    last: Moment,
}

impl Throttle {
    /// Counts an attempt before its password is checked, so that a burst in parallel is counted too. `Err` is the time to
    /// wait; a refused attempt does not prolong the pause.
    pub fn begin(&mut self, now: Moment, email: &str, address: IpAddr) -> Result<(), Duration> {
        let key = (email.to_owned(), address);
        if self.attempts.len() >= CAPACITY && !self.attempts.contains_key(&key) {
            self.forget(now);
        }
        let attempts = self.attempts.entry(key).or_insert(Attempts { count: 0, last: now });
        let passed = now - attempts.last;
        if passed >= PAUSE {
            attempts.count = 0;
        } else if attempts.count >= FAILURES {
            return Err(PAUSE - passed);
        }
        *attempts = Attempts { count: attempts.count + 1, last: now };
        Ok(())
    }

    /// The password was right: earlier failures no longer count.
    pub fn succeeded(&mut self, email: &str, address: IpAddr) {
        self.attempts.remove(&(email.to_owned(), address));
    }

    fn forget(&mut self, now: Moment) {
        self.attempts.retain(|_, attempts| now - attempts.last < PAUSE);
        if self.attempts.len() >= CAPACITY
            && let Some(oldest) =
                self.attempts.iter().min_by_key(|(_, attempts)| attempts.last).map(|(key, _)| key.clone())
        {
            self.attempts.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn five_failures_pause_for_thirty_seconds() {
        let mut throttle = Throttle::default();
        let start = Moment(1_000_000);
        for _ in 0..FAILURES {
            assert_eq!(throttle.begin(start, "eva@example.com", HERE), Ok(()));
        }
        let later = start + Duration::from_secs(10);
        assert_eq!(throttle.begin(later, "eva@example.com", HERE), Err(Duration::from_secs(20)));
        assert_eq!(throttle.begin(later, "noor@example.com", HERE), Ok(()), "others are not slowed");
        assert_eq!(throttle.begin(start + PAUSE, "eva@example.com", HERE), Ok(()));
    }

    #[test]
    fn success_forgets_failures() {
        let mut throttle = Throttle::default();
        for _ in 0..20 {
            assert_eq!(throttle.begin(Moment(0), "eva@example.com", HERE), Ok(()));
            throttle.succeeded("eva@example.com", HERE);
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut throttle = Throttle::default();
        for number in 0..CAPACITY + 50 {
            let now = Moment(i64::try_from(number).expect("small"));
            assert_eq!(throttle.begin(now, &format!("{number}@example.com"), HERE), Ok(()));
        }
        assert_eq!(throttle.attempts.len(), CAPACITY);
    }
}
