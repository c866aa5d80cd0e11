//! Numbers in words: counts, shares, lengths of time, sums of money, dates.

use super::slot::quote;
use super::words::Word;
use crate::filter::ast::Unit;
use crate::filter::eval::parse_time;

const SMALL: [&str; 11] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// A number, as figures or as a word; `1k` and `2m` are thousands and millions.
pub(super) fn number(words: &[Word], from: usize) -> Option<(usize, f64)> {
    let text = words.get(from).filter(|word| !word.quoted)?.text.replace(',', "");
    let value = match text.as_str() {
        "half" => Some(0.5),
        "a" | "an" => None,
        text => SMALL.iter().position(|word| *word == text).map(|value| value as f64),
    };
    let figures = || {
        let (digits, scale) = match text.char_indices().last() {
            Some((place, 'k')) => (&text[..place], 1e3),
            Some((place, 'm')) => (&text[..place], 1e6),
            _ => (text.as_str(), 1.0),
        };
        let number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
        digits.parse::<f64>().ok().filter(|value| number && value.is_finite()).map(|value| value * scale)
    };
    value.or_else(figures).map(|value| (from + 1, value))
}

/// A part of 1: `0.75`, `75%`, `75 percent`, `75`.
pub(super) fn share(words: &[Word], from: usize) -> Option<(usize, String)> {
    let word = words.get(from).filter(|word| !word.quoted)?;
    let (end, value, percent) = match word.text.strip_suffix('%') {
        Some(figures) => (from + 1, figures.parse().ok()?, true),
        None => {
            let (end, value) = number(words, from)?;
            let percent = words.get(end).is_some_and(|word| ["percent", "%", "pct"].contains(&word.text.as_str()));
            (end + usize::from(percent), value, percent)
        }
    };
    let value: f64 = if percent || value > 1.0 { value / 100.0 } else { value };
    (0.0..=1.0).contains(&value).then(|| (end, shown(value)))
}

/// Without digits that only binary fractions have.
pub(super) fn shown(value: f64) -> String {
    let rounded = (value * 1e9).round() / 1e9;
    rounded.to_string()
}

fn read_unit(text: &str) -> Option<Unit> {
    match text {
        "s" | "sec" | "secs" => Some(Unit::Second),
        "ms" | "msec" | "millis" => Some(Unit::Millisecond),
        "min" | "mins" => Some(Unit::Minute),
        "h" | "hr" | "hrs" => Some(Unit::Hour),
        "d" => Some(Unit::Day),
        text => Unit::read(text),
    }
}

pub(super) fn unit(words: &[Word], from: usize) -> Option<(usize, Unit)> {
    words.get(from).filter(|word| !word.quoted).and_then(|word| Some((from + 1, read_unit(&word.text)?)))
}

/// A length of time in seconds: `5 s`, `5s`, `two minutes`, and `5` where no unit is needed.
pub(super) fn time(words: &[Word], from: usize, with_unit: bool) -> Option<(usize, String)> {
    let seconds = |unit: Unit| match unit {
        Unit::Microsecond => Some(1e-6),
        Unit::Millisecond => Some(1e-3),
        Unit::Second => Some(1.0),
        Unit::Minute => Some(60.0),
        Unit::Hour => Some(3600.0),
        Unit::Day => Some(86_400.0),
        Unit::Week | Unit::Month | Unit::Year => None,
    };
    let word = words.get(from).filter(|word| !word.quoted)?;
    let letters = word.text.find(|c: char| c.is_alphabetic()).filter(|place| *place > 0);
    if let Some((figures, unit)) = letters.map(|place| word.text.split_at(place))
        && let (Ok(value), Some(unit)) = (figures.parse::<f64>(), read_unit(unit))
    {
        return Some((from + 1, shown(value * seconds(unit)?)));
    }
    if let Some((end, unit)) = unit(words, from + 1).filter(|_| matches!(word.text.as_str(), "a" | "an")) {
        return Some((end, shown(seconds(unit)?)));
    }
    let (end, value) = number(words, from)?;
    match unit(words, end) {
        Some((end, unit)) => Some((end, shown(value * seconds(unit)?))),
        None => (!with_unit).then(|| (end, shown(value))),
    }
}

/// Dollars.
pub(super) fn money(words: &[Word], from: usize) -> Option<(usize, String)> {
    let word = words.get(from).filter(|word| !word.quoted)?;
    if let Ok(value) = word.text.trim_matches('$').parse::<f64>()
        && word.text.contains('$')
    {
        return Some((from + 1, shown(value)));
    }
    let (end, value) = match (word.text.as_str(), unit_of_money(words, from + 1)) {
        ("a", Some(_)) => (from + 1, 1.0),
        _ => number(words, from)?,
    };
    match unit_of_money(words, end) {
        Some(unit) => Some((end + 1, shown(value * unit))),
        None => Some((end, shown(value))),
    }
}

fn unit_of_money(words: &[Word], from: usize) -> Option<f64> {
    match words.get(from)?.text.as_str() {
        "dollar" | "dollars" | "usd" | "$" => Some(1.0),
        "cent" | "cents" | "¢" => Some(0.01),
        _ => None,
    }
}

pub(super) fn date(words: &[Word], from: usize) -> Option<(usize, String)> {
    let word = words.get(from)?;
    let is = word.raw.len() >= 7 && word.raw.starts_with(|c: char| c.is_ascii_digit()) && word.raw.contains('-');
    (is && parse_time(&word.raw, 0).is_some()).then(|| (from + 1, quote(&word.raw)))
}
