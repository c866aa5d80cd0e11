//! Times: read from texts, cut to units, moved by lengths. Calendars are those of a fixed offset from UTC.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Span};

use crate::filter::ast::{Interval, Unit};
use crate::moment::Moment;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A length of time: months have no fixed length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    months: i64,
    micros: i64,
}

impl Length {
    pub(super) fn micros(micros: i64) -> Self {
        Self { months: 0, micros }
    }

    pub(super) fn of(interval: Interval) -> Self {
        let Interval { count, unit } = interval;
        match unit {
            Unit::Year => Self { months: count.saturating_mul(12), micros: 0 },
            Unit::Month => Self { months: count, micros: 0 },
            _ => Self::micros(count.saturating_mul(micros_of(unit))),
        }
    }

    pub(super) fn negative(self) -> Self {
        Self { months: self.months.saturating_neg(), micros: self.micros.saturating_neg() }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { months: self.months.saturating_add(other.months), micros: self.micros.saturating_add(other.micros) }
    }

    /// For comparing lengths; a month counts as 30 days.
    pub(super) fn micros_about(self) -> i64 {
        self.months.saturating_mul(30 * DAY).saturating_add(self.micros)
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { months: 0, micros } => write!(f, "{} seconds", *micros as f64 / 1e6),
            Self { months, micros: 0 } => write!(f, "{months} months"),
            Self { months, micros } => write!(f, "{months} months {} seconds", *micros as f64 / 1e6),
        }
    }
}

fn micros_of(unit: Unit) -> i64 {
    match unit {
        Unit::Year => 365 * DAY,
        Unit::Month => 30 * DAY,
        Unit::Week => 7 * DAY,
        Unit::Day => DAY,
        Unit::Hour => 60 * MINUTE,
        Unit::Minute => MINUTE,
        Unit::Second => 1_000_000,
        Unit::Millisecond => 1000,
        Unit::Microsecond => 1,
    }
}

/// Reads a time: RFC 3339, or a date with or without a time of day, then in the zone of the caller; a month or a year is its first day.
pub fn parse(text: &str, tz_offset: i32) -> Option<Moment> {
    let text = text.trim();
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let civil = match text.len() {
        4 => format!("{text}-01-01").parse::<Date>().ok()?.at(0, 0, 0, 0),
        7 => format!("{text}-01").parse::<Date>().ok()?.at(0, 0, 0, 0),
        10 => text.parse::<Date>().ok()?.at(0, 0, 0, 0),
        _ => text.parse::<DateTime>().ok()?,
    };
    from_civil(civil, tz_offset)
}

/// Microseconds on the clock of the wall since 1970.
fn wall(moment: Moment, tz_offset: i32) -> i64 {
    moment.0.saturating_sub(i64::from(tz_offset).saturating_mul(MINUTE))
}

fn from_wall(micros: i64, tz_offset: i32) -> Option<Moment> {
    micros.checked_add(i64::from(tz_offset).checked_mul(MINUTE)?).map(Moment)
}

fn civil(moment: Moment, tz_offset: i32) -> Option<DateTime> {
    DateTime::constant(1970, 1, 1, 0, 0, 0, 0).checked_add(SignedDuration::from_micros(wall(moment, tz_offset))).ok()
}

fn from_civil(civil: DateTime, tz_offset: i32) -> Option<Moment> {
    let since = civil.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    from_wall(i64::try_from(since.as_micros()).ok()?, tz_offset)
}

/// A moment that much later.
pub(super) fn add(moment: Moment, length: Length, tz_offset: i32) -> Option<Moment> {
    let moved = match length.months {
        0 => moment,
        months => {
            from_civil(civil(moment, tz_offset)?.checked_add(Span::new().try_months(months).ok()?).ok()?, tz_offset)?
        }
    };
    moved.0.checked_add(length.micros).map(Moment)
}

/// The beginning of the unit, or of so many of them, in which a moment lies. Weeks begin on Monday.
pub(super) fn truncate(moment: Moment, every: Interval, tz_offset: i32) -> Option<Moment> {
    if every.count <= 0 {
        return None;
    }
    let months = match every.unit {
        Unit::Year => Some(every.count.checked_mul(12)?),
        Unit::Month => Some(every.count),
        _ => None,
    };
    if let Some(months) = months {
        let date = civil(moment, tz_offset)?.date();
        let since = i64::from(date.year()).checked_mul(12)?.checked_add(i64::from(date.month()) - 1)?;
        let begin = since - since.rem_euclid(months);
        let first =
            Date::new(i16::try_from(begin.div_euclid(12)).ok()?, i8::try_from(begin.rem_euclid(12) + 1).ok()?, 1);
        return from_civil(first.ok()?.at(0, 0, 0, 0), tz_offset);
    }
    let length = every.count.checked_mul(micros_of(every.unit))?;
    // 1970 began on a Thursday.
    let origin = if every.unit == Unit::Week { -3 * DAY } else { 0 };
    let since = wall(moment, tz_offset).checked_sub(origin)?;
    from_wall(since.checked_sub(since.rem_euclid(length))?.checked_add(origin)?, tz_offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_cut_and_moved_by_the_calendar_of_the_caller() {
        let moment = |text: &str| text.parse::<Moment>().expect("a moment");
        let at = moment("2024-11-09T03:10:20.5Z");
        let cut = |count, unit, offset| truncate(at, Interval { count, unit }, offset).expect("a moment");
        assert_eq!(cut(1, Unit::Day, 0), moment("2024-11-09T00:00:00Z"));
        assert_eq!(cut(1, Unit::Day, 480), moment("2024-11-08T08:00:00Z"));
        assert_eq!(cut(1, Unit::Week, 0), moment("2024-11-04T00:00:00Z"));
        assert_eq!(cut(1, Unit::Month, 0), moment("2024-11-01T00:00:00Z"));
        assert_eq!(cut(1, Unit::Year, 480), moment("2024-01-01T08:00:00Z"));
        assert_eq!(cut(15, Unit::Minute, 0), moment("2024-11-09T03:00:00Z"));
        assert_eq!(parse("2024-11-09", 480), Some(moment("2024-11-09T08:00:00Z")));
        assert_eq!(parse("2024-11-09 10:00", 0), Some(moment("2024-11-09T10:00:00Z")));
        assert_eq!(parse("2024", 0), Some(moment("2024-01-01T00:00:00Z")));
        assert_eq!(parse("soon", 0), None);
        let month = Length::of(Interval { count: 1, unit: Unit::Month });
        assert_eq!(add(moment("2024-01-31T00:00:00Z"), month, 0), Some(moment("2024-02-29T00:00:00Z")));
        for count in [i64::MAX, i64::MIN, 0] {
            for unit in Unit::ALL {
                let _ = (
                    add(at, Length::of(Interval { count, unit }), i32::MIN),
                    truncate(at, Interval { count, unit }, i32::MAX),
                );
            }
        }
    }
}
