//! English to expressions: a grammar of the phrases in which people say what they look for. What it does not know it says; it never
//! guesses. The expression is what counts, so it is always shown and can be changed.
//!
//! The grammar is a table of phrases (`table`) whose slots (`slot`, `lists`, `quantity`) stand for scores, members, times and the like. `grammar` puts
//! phrases together with and, or, but and not. `words` takes the text apart.

mod grammar;
mod lists;
mod quantity;
mod slot;
mod table;
#[cfg(test)]
mod tests;
mod words;

use super::ast::Expr;

/// Longest text that is read, in bytes.
pub const TEXT_BYTES: usize = 1000;

/// A score that can be named.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KnownScore {
    /// As it stands under `scores`.
    pub name: String,
    /// Its options with their numbers; none for sliders.
    pub options: Vec<(String, Option<f64>)>,
    /// Its choices are written into `expected` rather than given as numbers.
    pub expected: bool,
    /// Several of them.
    pub multi: bool,
}

/// What names mean in one object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vocabulary {
    /// Scores, configured and seen.
    pub scores: Vec<KnownScore>,
    /// Tags, offered and seen.
    pub tags: Vec<String>,
    /// Keys that metadata has.
    pub fields: Vec<String>,
    /// Members: id and name.
    pub members: Vec<(String, String)>,
    /// The id of whoever asks.
    pub me: String,
}

/// Words that no phrase explains.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words:?} was not understood; phrases such as these are: {}", EXAMPLES.join("; "))]
pub struct NotUnderstood {
    /// The text from where it was not understood.
    pub words: String,
    /// Characters before it.
    pub offset: usize,
}

/// Phrases that are understood, for messages.
pub const EXAMPLES: [&str; 8] = [
    "preference above 75%",
    "not reviewed",
    "flagged and assigned to me",
    "comments mentioning refund",
    "errors in the last 2 days",
    "judge and human differ",
    "tagged billing but not completed",
    "llm calls slower than 5 s where env is prod",
];

/// The expression that a text means.
pub fn translate(text: &str, vocabulary: &Vocabulary) -> Result<Expr, NotUnderstood> {
    let words = words::words(text);
    let misunderstood = |from: usize| {
        let offset = words.get(from).map_or(0, |word| word.offset);
        let rest: String = text.chars().skip(offset).take(80).collect();
        NotUnderstood { words: rest.trim().to_owned(), offset }
    };
    if text.len() > TEXT_BYTES || words.is_empty() {
        return Err(misunderstood(0));
    }
    grammar::read(&words, vocabulary).map_err(misunderstood)
}
