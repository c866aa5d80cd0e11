//! `like`, `ilike` and `match`. Every pattern is searched part by part, so that none takes longer than its text is long.

use std::collections::HashSet;

use serde_json::Value;

use super::value::Val;

/// `%` stands for anything, `\%` for itself; `_` is a letter like others.
pub(super) fn like(value: &Val<'_>, pattern: &Val<'_>, any_case: bool) -> bool {
    let (Some(text), Some(pattern)) = (value.as_searched(), pattern.as_text()) else { return false };
    if any_case { fits(&text.to_lowercase(), &pattern.to_lowercase()) } else { fits(&text, &pattern) }
}

fn fits(text: &str, pattern: &str) -> bool {
    let parts = like_parts(pattern);
    let [first, middle @ .., last] = parts.as_slice() else { return parts.first().is_some_and(|only| only == text) };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        match rest.find(part.as_str()) {
            Some(place) => rest = &rest[place + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

/// What stands between the wildcards of a pattern of `like`.
pub fn like_parts(pattern: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = match c {
            '\\' => chars.next_if(|next| matches!(next, '%' | '_' | '\\')),
            '%' => {
                parts.push(String::new());
                continue;
            }
            _ => None,
        };
        if let Some(part) = parts.last_mut() {
            part.push(escaped.unwrap_or(c));
        }
    }
    parts
}

/// Whether all words of the query are words of the value; of a list or an object, of anything in it, names of fields too.
pub(super) fn has_words(value: &Val<'_>, query: &Val<'_>) -> bool {
    let Some(query) = query.as_text() else { return false };
    let query = query.to_lowercase();
    let mut wanted: HashSet<&str> = split(&query).collect();
    if wanted.is_empty() {
        return false;
    }
    let mut take = |word: &str| {
        wanted.remove(word);
        !wanted.is_empty()
    };
    match value.as_json() {
        Some(value) => drop(each_word(value, &mut take)),
        None => drop(value.as_text().map(|text| each_word(&Value::from(text.as_ref()), &mut take))),
    }
    wanted.is_empty()
}

/// Tells `take` every word of a text, or of anything in a list or an object, in lower case, until it wants no more; whether it still
/// does. A word is a run of letters and digits.
pub fn each_word(value: &Value, take: &mut dyn FnMut(&str) -> bool) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => words(text, take),
        Value::Bool(_) | Value::Number(_) => words(&value.to_string(), take),
        Value::Array(items) => items.iter().all(|item| each_word(item, take)),
        Value::Object(map) => map.iter().all(|(key, value)| words(key, take) && each_word(value, take)),
    }
}

/// The same of one text.
pub fn words(text: &str, take: &mut dyn FnMut(&str) -> bool) -> bool {
    if text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        split(&text.to_lowercase()).all(take)
    } else {
        split(text).all(take)
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_a_whole() {
        for (text, pattern, fit) in [
            ("How are you", "How%", true),
            ("how are you", "How%", false),
            ("save 50% off", r"%50\% off%", true),
            ("save 500 off", r"%50\% off%", false),
            ("abab", "%ab", true),
            ("ab", "ab%ab", false),
            ("a_b", "a_b", true),
            ("axb", "a_b", false),
            ("", "%", true),
            ("", "", true),
            ("x", "", false),
            (r"a\b", r"a\\b", true),
        ] {
            assert_eq!(fits(text, pattern), fit, "{text} like {pattern}");
        }
        let (text, pattern) = ("a".repeat(1 << 20), "%a".repeat(1000) + "b%");
        assert!(!fits(&text, &pattern), "in time");
    }
}
