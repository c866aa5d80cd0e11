//! Points in time: microseconds since 1970, RFC 3339 with microseconds wherever JSON is spoken.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z. Kept within the years 0001 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, format = DateTime))]
pub struct Moment(pub i64);

/// 0001-01-01 and 9999-12-30T22:00Z in microseconds: what RFC 3339 can write at any offset.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_207_200_000_000;

impl Moment {
    /// From the milliseconds that review documents hold; out of range is clamped.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000).clamp(*RANGE.start(), *RANGE.end()))
    }

    /// From Unix seconds as floats, which is how span metrics hold times. `None` when not finite or out of range.
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        let micros = (seconds * 1e6).round();
        (micros.is_finite() && RANGE.contains(&(micros as i64))).then_some(Self(micros as i64))
    }

    /// Milliseconds since 1970, rounded down.
    pub fn as_millis(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Whole seconds since 1970, rounded down.
    pub fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

impl Add<Duration> for Moment {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub for Moment {
    type Output = Duration;
    /// How long from `earlier` to here; zero when the clock went back.
    fn sub(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clamped = self.0.clamp(*RANGE.start(), *RANGE.end());
        let timestamp = Timestamp::from_microsecond(clamped).map_err(|_| fmt::Error)?;
        write!(f, "{timestamp:.6}")
    }
}

/// A text that is not an RFC 3339 date and time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a date and time such as 2026-11-24T09:30:00Z")]
pub struct InvalidMoment(String);

impl FromStr for Moment {
    type Err = InvalidMoment;
    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        let timestamp: Timestamp = text.parse().map_err(|_| InvalidMoment(text.chars().take(64).collect()))?;
        Ok(Self(timestamp.as_microsecond()))
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_with_microseconds() {
        let moment: Moment = "2026-11-23T09:09:34.514555+00:00".parse().expect("a Python time");
        assert_eq!(moment.to_string(), "2026-11-23T09:09:34.514555Z");
        assert_eq!(Moment(0).to_string(), "1970-01-01T00:00:00.000000Z");
        assert!("yesterday".parse::<Moment>().is_err());
        assert_eq!(Moment::from_seconds(f64::NAN), None);
        assert!(!Moment(i64::MAX).to_string().is_empty());
    }
}
