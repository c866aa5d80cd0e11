//! `like`, `ilike` and `match`. Every pattern is searched part by part, so that none takes longer than its text is long.

use std::collections::HashSet;

use super::value::Val;

/// `%` stands for anything, `\%` for itself; `_` is a letter like others.
pub(super) fn like(value: &Val<'_>, pattern: &Val<'_>, any_case: bool) -> bool {
    let (Some(text), Some(pattern)) = (value.as_searched(), pattern.as_text()) else { return false };
    if any_case { fits(&text.to_lowercase(), &pattern.to_lowercase()) } else { fits(&text, &pattern) }
}

fn fits(text: &str, pattern: &str) -> bool {
    let parts = parts(pattern);
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

/// What stands between the wildcards.
fn parts(pattern: &str) -> Vec<String> {
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

/// Whether all words of the query are words of the value.
pub(super) fn has_words(value: &Val<'_>, query: &Val<'_>) -> bool {
    let (Some(text), Some(query)) = (value.as_searched(), query.as_text()) else { return false };
    let (text, query) = (text.to_lowercase(), query.to_lowercase());
    let mut wanted: HashSet<&str> = words(&query).collect();
    if wanted.is_empty() {
        return false;
    }
    for word in words(&text) {
        wanted.remove(word);
        if wanted.is_empty() {
            return true;
        }
    }
    false
}

fn words(text: &str) -> impl Iterator<Item = &str> {
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
