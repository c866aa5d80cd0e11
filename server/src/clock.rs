//! The one place where the time comes from. Everything below the edge gets a [`Moment`] as an argument.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use concord_shared::moment::Moment;

/// The system's clock, or one that a test moves by hand.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands until it is moved.
    pub fn standing(at: Moment) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.0))))
    }

    /// What it shows.
    pub fn now(&self) -> Moment {
        match &self.0 {
            Some(standing) => Moment(standing.load(Ordering::SeqCst)),
            // A system clock before 1970 is a broken one; the epoch is as good as any answer.
            None => Moment(0) + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }

    /// Moves a standing clock; the system's own moves by itself.
    pub fn advance(&self, by: Duration) {
        if let Some(standing) = &self.0 {
            standing.store((self.now() + by).0, Ordering::SeqCst);
        }
    }
}
