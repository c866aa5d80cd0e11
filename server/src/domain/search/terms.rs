//! Terms: what full text search knows of a row. Words of its texts, and one term for each value that an equality may ask for.
//!
//! A term is letters and digits, so that any index of words keeps it as it is: the field's letter and the word, or `q` and a hash
//! of path and value. A hash may stand for two things; whoever asks looks at the row.

use concord_shared::filter::eval::{each_word, words};
use concord_shared::ids::ObjectRef;
use concord_shared::review::state::ReviewState;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// Most bytes of the terms of one row; one that has more is found by [`MORE`] whatever is asked.
pub const BYTES: usize = 128 * 1024;

/// Longest word; of longer ones as much.
const WORD_BYTES: usize = 48;

/// Levels below a field whose values have terms of their own.
const DEPTH: usize = 6;

/// Names of the longest path whose value has a term.
pub const LONGEST_PATH: usize = DEPTH + 1;

/// Of rows that have more terms than are kept, or values deeper than are looked at.
pub const MORE: &str = "x";

/// Fields whose words are searched, by their letters.
const WORDS: [(&str, char); 4] = [("input", 'i'), ("output", 'o'), ("expected", 'e'), ("error", 'r')];

/// The letter of words of comments.
pub const COMMENT: char = 'c';

/// Fields without terms for their values: they are numbers, or change with the review and have labels.
const WITHOUT_VALUES: [&str; 3] = ["scores", "metrics", "tags"];

/// The letter of a field whose words are searched.
pub fn letter(field: &str) -> Option<char> {
    WORDS.iter().find(|(name, _)| *name == field).map(|(_, letter)| *letter)
}

/// The term of a word of a field.
pub fn word(letter: char, word: &str) -> String {
    let mut term = String::with_capacity(word.len().min(WORD_BYTES) + 1);
    push_word(&mut term, letter, word);
    term
}

fn push_word(terms: &mut String, letter: char, word: &str) {
    let end = (0..=word.len().min(WORD_BYTES)).rev().find(|end| word.is_char_boundary(*end)).unwrap_or(0);
    terms.push(letter);
    terms.push_str(&word[..end]);
}

/// The term of a text, number or truth at a path, whose places in lists do not count; `None` of what is no such value.
pub fn value(path: &[&str], value: &Value) -> Option<String> {
    let mut hash = Sha256::new();
    for key in path {
        hash.update((key.len() as u32).to_le_bytes());
        hash.update(key);
    }
    match value {
        Value::String(text) => {
            hash.update(b"s");
            hash.update(text);
        }
        // 1 and 1.0 are equal.
        Value::Number(number) => {
            hash.update(b"n");
            hash.update((number.as_f64()? + 0.0).to_bits().to_le_bytes());
        }
        Value::Bool(flag) => hash.update(if *flag { b"t" } else { b"f" }),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    }
    Some(spell('q', &hash.finalize()[..8]))
}

/// The term that every row of an object has.
pub fn object(object: ObjectRef) -> String {
    let mut hash = Sha256::new();
    hash.update(object.object_type.as_str());
    hash.update(object.object_id.as_bytes());
    spell('z', &hash.finalize()[..8])
}

/// A letter and bytes as letters and digits.
fn spell(letter: char, bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut text = String::with_capacity(14);
    text.push(letter);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(DIGITS[(bits >> held & 31) as usize]));
        }
    }
    text.push(char::from(DIGITS[(bits << (5 - held) & 31) as usize]));
    text
}

/// Terms of a row, each with a space after it, in any order, some of them more than once. Made for every row that is written, so it
/// is one text and no set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms(String);

impl Terms {
    /// Of what a row logged.
    pub fn of_logged(logged: &Map<String, Value>) -> Self {
        let mut terms = Self(String::with_capacity(1024));
        for (field, letter) in WORDS {
            let Some(value) = logged.get(field) else { continue };
            each_word(value, &mut |text| terms.add_word(letter, text));
        }
        let mut whole = true;
        for (field, value) in logged.iter().filter(|(field, _)| !WITHOUT_VALUES.contains(&field.as_str())) {
            whole &= terms.add_values(&mut vec![field], value);
        }
        if !whole || terms.is_full() {
            terms.add(MORE);
        }
        terms
    }

    /// Of the comments of a review.
    pub fn of_comments(review: &ReviewState) -> Self {
        let mut terms = Self::default();
        for comment in review.comments.values().filter(|comment| !comment.deleted) {
            words(&comment.text, &mut |text| terms.add_word(COMMENT, text));
        }
        if terms.is_full() {
            terms.add(MORE);
        }
        terms
    }

    /// One more.
    pub fn add(&mut self, term: &str) {
        self.0.push_str(term);
        self.0.push(' ');
    }

    /// Those of another.
    pub fn extend(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    /// As a text of words.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_full(&self) -> bool {
        self.0.len() >= BYTES
    }

    /// Whether another fits.
    fn add_word(&mut self, letter: char, text: &str) -> bool {
        push_word(&mut self.0, letter, text);
        self.0.push(' ');
        !self.is_full()
    }

    /// Whether all values had their terms.
    fn add_values<'a>(&mut self, path: &mut Vec<&'a str>, at: &'a Value) -> bool {
        if self.is_full() {
            return false;
        }
        match at {
            Value::Array(items) => items.iter().all(|item| match item {
                // Lists in lists lead nowhere that an equality could ask for.
                Value::Array(_) => true,
                item => self.add_values(path, item),
            }),
            Value::Object(map) if path.len() <= DEPTH => map.iter().all(|(key, below)| {
                path.push(key);
                let whole = self.add_values(path, below);
                path.pop();
                whole
            }),
            Value::Object(map) => map.is_empty(),
            scalar => {
                if let Some(term) = value(path, scalar) {
                    self.add(&term);
                }
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_is_found_by_its_words_and_values() {
        let row = json!({"input": [{"role": "user", "content": "Wo ist\nMEINE Überweisung?"}], "output": "a-b_c",
            "metadata": {"model": "m1", "n": 1, "deep": {"list": [{"x": true}]}}, "tags": ["t"], "scores": {"s": 0.5}});
        let terms = Terms::of_logged(row.as_object().expect("an object"));
        let terms: Vec<&str> = terms.as_str().split(' ').collect();
        for found in ["iüberweisung", "imeine", "irole", "oa", "ob", "oc"] {
            assert!(terms.contains(&found), "{found} in {terms:?}");
        }
        for (path, value) in [
            (&["metadata", "model"][..], json!("m1")),
            (&["metadata", "n"], json!(1.0)),
            (&["metadata", "deep", "list", "x"], json!(true)),
            (&["input", "role"], json!("user")),
        ] {
            assert!(terms.contains(&super::value(path, &value).expect("a scalar").as_str()), "{path:?}");
        }
        assert!(!terms.contains(&super::value(&["metadata", "model"], &json!("m2")).expect("a scalar").as_str()));
        assert!(!terms.contains(&MORE));
    }

    #[test]
    fn a_row_of_too_many_terms_is_found_by_anything() {
        let row = json!({"input": (0..30_000).map(|n| format!("w{n} ")).collect::<String>()});
        let terms = Terms::of_logged(row.as_object().expect("an object"));
        let terms: Vec<&str> = terms.as_str().split(' ').collect();
        assert!(terms.contains(&MORE) && terms.len() < 30_000);
    }
}
