//! What is wrong with a filter, where, and what would be right.

use std::fmt;

use serde::Serialize;

/// A place in a text, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// Characters before it.
    pub offset: u32,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

impl Position {
    /// The first character.
    pub const START: Self = Self { offset: 0, line: 1, column: 1 };
}

/// A filter or query that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// What was found and what would fit.
    pub message: String,
    /// Where in the text; `None` in a tree that came as JSON.
    pub position: Option<Position>,
    /// JSON pointer, when the filter came as JSON: to the node, or to the text inside it.
    pub pointer: Option<String>,
    /// It is right, but this version does not do it.
    pub not_supported: bool,
}

impl FilterError {
    /// At a place of a text.
    pub fn at(position: Position, message: impl Into<String>) -> Self {
        Self { message: message.into(), position: Some(position), pointer: None, not_supported: false }
    }

    /// In JSON; the way to it is added on the way out.
    pub fn in_json(message: impl Into<String>) -> Self {
        Self { message: message.into(), position: None, pointer: Some(String::new()), not_supported: false }
    }

    /// Right, but not offered.
    #[must_use]
    pub fn unsupported(self) -> Self {
        Self { not_supported: true, ..self }
    }

    /// The same, seen from one level further up.
    #[must_use]
    pub fn under(self, key: impl fmt::Display) -> Self {
        let below = self.pointer.unwrap_or_default();
        Self { pointer: Some(format!("/{key}{below}")), ..self }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(pointer) = self.pointer.as_deref().filter(|pointer| !pointer.is_empty()) {
            write!(f, "{pointer}: ")?;
        }
        if let Some(Position { line, column, .. }) = self.position {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for FilterError {}

/// The name that was probably meant: at most a third of its letters are wrong.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer names are not compared; the work grows with the square.
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return None;
    }
    let lower = name.to_lowercase();
    let scored = known.into_iter().filter(|known| known.len() <= LONGEST);
    let scored = scored.map(|known| (distance(&lower, &known.to_lowercase()), known));
    let (distance, found) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance <= (lower.chars().count() / 3).max(1)).then_some(found)
}

/// `; did you mean …?`, or nothing.
pub(super) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map(|known| format!("; did you mean {known}?")).unwrap_or_default()
}

/// Edits from one text to the other, where neighbours that changed places are one (optimal string alignment).
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for i in 0..from.len() {
        let mut row = vec![i + 1];
        for j in 0..to.len() {
            let replaced = last[j] + usize::from(from[i] != to[j]);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && from[i] == to[j - 1] && from[i - 1] == to[j] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["Preference", "Factuality", "tags"];
        assert_eq!(nearest("Preferense", known), Some("Preference"));
        assert_eq!(nearest("tag", known), Some("tags"));
        assert_eq!(nearest("tgas", known), Some("tags"), "two letters that changed places");
        assert_eq!(nearest("abs_diff", known), None);
        assert_eq!(nearest(&"x".repeat(1 << 20), known), None);
    }
}
