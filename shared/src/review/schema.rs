//! Keys and sizes of a review document, version 1. Both sides of the wire keep to them.
//!
//! ```text
//! { v: 1,
//!   scores:    { <reviewer>: { <score name>: number | null | Str | { <option>: true } } },
//!   notes:     { <reviewer>: { <score name>: Text } },
//!   expected:  { set: bool, value: JSON tree, settled?: { by, at } },
//!   fields:    { <score name>: Text },
//!   tags:      { <tag>: true | false },
//!   comments:  { <uuid>: { author, at, text: Text, edited_at?, deleted?, resolved?, parent?, anchor? } },
//!   status:    { value, by, at },
//!   assignees: { <member>: { by, at } },
//!   completed: { <reviewer>: at } }
//! ```
//! `Str` is a scalar written whole, `Text` is text that people edit together, `at` is a timestamp in milliseconds.

use crate::ids::EXTERNAL_NAME_BYTES;

/// Version of this schema, under [`V`]. A new version needs a new seed; an old one is never edited.
pub const VERSION: i64 = 1;

/// Schema version.
pub const V: &str = "v";
/// Judgements by reviewer and score name.
pub const SCORES: &str = "scores";
/// Reasons by reviewer and score name.
pub const NOTES: &str = "notes";
/// The corrected output.
pub const EXPECTED: &str = "expected";
/// Free-form scores by name.
pub const FIELDS: &str = "fields";
/// Tags against the logged ones.
pub const TAGS: &str = "tags";
/// Remarks by UUID.
pub const COMMENTS: &str = "comments";
/// Where the review stands.
pub const STATUS: &str = "status";
/// Who is asked, by member.
pub const ASSIGNEES: &str = "assignees";
/// Who has finished, by reviewer.
pub const COMPLETED: &str = "completed";

/// Under [`EXPECTED`]: whether the value counts.
pub const SET: &str = "set";
/// Under [`EXPECTED`] and [`STATUS`]: the value.
pub const VALUE: &str = "value";
/// Under [`EXPECTED`]: who settled a conflict last.
pub const SETTLED: &str = "settled";
/// Reviewer key of whoever signed the map.
pub const BY: &str = "by";
/// When, by the signer's clock.
pub const AT: &str = "at";
/// In a comment: reviewer key of its writer.
pub const AUTHOR: &str = "author";
/// In a comment: its words.
pub const TEXT: &str = "text";
/// In a comment: when its words last changed.
pub const EDITED_AT: &str = "edited_at";
/// In a comment: withdrawn.
pub const DELETED: &str = "deleted";
/// In a comment: dealt with.
pub const RESOLVED: &str = "resolved";
/// In a comment: the comment that it answers.
pub const PARENT: &str = "parent";
/// In a comment: the place that it speaks of.
pub const ANCHOR: &str = "anchor";
/// By which way a comment came, when not through the app; written by the server alone.
pub const SOURCE: &str = "source";

/// Longest map key, in bytes: `external:` and the longest name of an end user. Keys are repeated in every operation
/// that names them and a run of them unpacks from a few bytes, so this also bounds what a hostile change can cost.
pub const KEY_BYTES: usize = "external:".len() + EXTERNAL_NAME_BYTES;

/// Deepest nesting of maps and lists in a JSON tree, the tree's own container counted. Readers recurse; three hundred
/// levels overflow a thread's stack. Real outputs stay below six.
pub const JSON_DEPTH: usize = 8;

/// Deepest nesting in a comment's anchor: a place is a flat map, lists of offsets allowed.
pub const ANCHOR_DEPTH: usize = 3;

/// Most keys of one JSON map.
pub const JSON_KEYS: usize = 1_000;

/// Most items of one JSON list.
pub const JSON_ITEMS: usize = 10_000;

/// Longest text that people edit together, in UTF-16 units. Each is an operation that stays for ever.
pub const TEXT_UNITS: usize = 64 * 1024;

/// Longest scalar string of a JSON tree, in bytes: what was logged may come back whole.
pub const JSON_STR_BYTES: usize = 64 * 1024;

/// Longest scalar string elsewhere, in bytes: ids, option names, quoted words of an anchor.
pub const STR_BYTES: usize = 4 * 1024;

/// Largest integer, and with a minus sign the smallest: JavaScript reads larger ones as `BigInt`, which JSON lacks.
pub const INTEGER: i64 = (1 << 53) - 1;

/// Most reviewers of one document, end users included.
pub const REVIEWERS: usize = 500;

/// Most scores judged or explained by one reviewer.
pub const SCORES_EACH: usize = 500;

/// Most free-form scores.
pub const FIELD_COUNT: usize = 200;

/// Most tags.
pub const TAG_COUNT: usize = 200;

/// Most comments, deleted ones included.
pub const COMMENT_COUNT: usize = 2_000;

/// Most assignees.
pub const ASSIGNEE_COUNT: usize = 100;

/// Why a text cannot be a key of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Empty.
    #[error("is empty: a key has 1 to {KEY_BYTES} bytes")]
    Empty,
    /// Above [`KEY_BYTES`].
    #[error("has {0} bytes: a key has at most {KEY_BYTES}")]
    Long(usize),
    /// Control characters cannot be told apart on a screen.
    #[error("holds a control character: leave it out")]
    Control,
    /// Assigning it in JavaScript changes the object's prototype instead of a key.
    #[error("is `__proto__`, which JavaScript cannot hold: take another name")]
    Prototype,
}

/// Whether `key` may be a key of a map.
pub fn check_key(key: &str) -> Result<(), InvalidKey> {
    match key {
        "" => Err(InvalidKey::Empty),
        "__proto__" => Err(InvalidKey::Prototype),
        _ if key.len() > KEY_BYTES => Err(InvalidKey::Long(key.len())),
        _ if key.chars().any(char::is_control) => Err(InvalidKey::Control),
        _ => Ok(()),
    }
}

/// Number of UTF-16 units, the length of a text as both sides count it.
pub fn units(text: &str) -> usize {
    // ASCII, the common case, needs no decoding.
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_printable_and_safe_in_javascript() {
        for key in ["Safe to send", "external:user@example.com", "Überprüft / ok", &"k".repeat(KEY_BYTES)] {
            assert_eq!(check_key(key), Ok(()), "{key:?}");
        }
        assert_eq!(check_key(""), Err(InvalidKey::Empty));
        assert_eq!(check_key("a\nb"), Err(InvalidKey::Control));
        assert_eq!(check_key("__proto__"), Err(InvalidKey::Prototype));
        assert_eq!(check_key(&"k".repeat(KEY_BYTES + 1)), Err(InvalidKey::Long(KEY_BYTES + 1)));
    }

    #[test]
    fn texts_are_measured_as_javascript_does() {
        assert_eq!((units("abc"), units("né"), units("👋🏽")), (3, 2, 4));
    }
}
