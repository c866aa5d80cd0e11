//! Phrases put together: from a place on, each phrase that fits is tried, the one that explains most first, until the whole text is explained.

use std::collections::HashSet;

use super::Vocabulary;
use super::slot::{Bindings, Lexicon, fill, slot};
use super::table::{AND, NEGATIONS, NOISE, PHRASES};
use super::words::Word;
use crate::filter::ast::{Expr, Kind, Operator};
use crate::filter::error::Position;
use crate::filter::parser;

/// Phrases that are tried before the text counts as not understood.
const STEPS: usize = 2000;

/// Negations in a row.
const NOTS: usize = 3;

/// Reads all words; else how many were understood.
pub(super) fn read(words: &[Word], vocabulary: &Vocabulary) -> Result<Expr, usize> {
    let lexicon = Lexicon::of(vocabulary);
    let mut reader = Reader { words, lexicon: &lexicon, dead: HashSet::new(), furthest: 0, steps: 0 };
    match reader.rest(0, None) {
        Some(parts) => join(parts).ok_or(0),
        None => {
            // Words that say nothing are not what is wrong, unless nothing else is left.
            let rest = &words[reader.furthest..];
            let told = rest.iter().position(|word| !is_noise(word) && !AND.contains(&word.text.as_str()));
            Err(reader.furthest + told.unwrap_or(0))
        }
    }
}

/// A phrase with what stood before it.
#[derive(Debug, Clone)]
struct Part {
    or: bool,
    expr: Expr,
}

/// A phrase that fits.
#[derive(Debug, Clone)]
struct Fit {
    expr: Expr,
    end: usize,
    /// Words that the phrase itself explains; the others could be anything.
    known: usize,
    /// The score that it is about, for "and below 90%".
    about: Option<String>,
}

struct Reader<'a> {
    words: &'a [Word],
    lexicon: &'a Lexicon<'a>,
    /// Places from which the rest was not understood.
    dead: HashSet<(usize, Option<String>)>,
    furthest: usize,
    steps: usize,
}

impl Reader<'_> {
    /// The parts from a place to the end.
    fn rest(&mut self, from: usize, about: Option<String>) -> Option<Vec<Part>> {
        let key = (from, about.clone());
        if self.dead.contains(&key) || self.steps > STEPS {
            return None;
        }
        for fit in self.clause(from, about.as_deref(), 0) {
            self.steps += 1;
            self.furthest = self.furthest.max(fit.end);
            let about = fit.about.or(about.clone());
            let mut next = fit.end;
            let mut or = false;
            while let Some(word) = self.words.get(next).filter(|word| !word.quoted) {
                match word.text.as_str() {
                    "or" => or = true,
                    text if AND.contains(&text) => {}
                    _ => break,
                }
                next += 1;
            }
            let first = Part { or: false, expr: fit.expr };
            if self.words[next..].iter().all(is_noise) {
                return Some(vec![first]);
            }
            if let Some(mut parts) = self.rest(next, about) {
                parts[0].or = or;
                parts.insert(0, first);
                return Some(parts);
            }
        }
        self.dead.insert(key);
        None
    }

    /// Phrases that fit at a place, perhaps after words that say nothing or after a negation.
    fn clause(&self, from: usize, about: Option<&str>, nots: usize) -> Vec<Fit> {
        let mut fits = Vec::new();
        let mut place = from;
        loop {
            fits.extend(self.phrases(place, about));
            let Some(word) = self.words.get(place).filter(|word| !word.quoted) else { break };
            if NEGATIONS.contains(&word.text.as_str()) && nots < NOTS {
                let inner = self.clause(place + 1, about, nots + 1);
                fits.extend(inner.into_iter().filter_map(|fit| Some(Fit { expr: opposite(fit.expr)?, ..fit })));
            }
            if !is_noise(word) {
                break;
            }
            place += 1;
        }
        // What explains most is right, and takes as few words of what could be anything as what follows lets it.
        fits.sort_by_key(|fit| (std::cmp::Reverse(fit.known), fit.end));
        fits
    }

    fn phrases(&self, from: usize, about: Option<&str>) -> Vec<Fit> {
        let mut fits: Vec<Fit> = Vec::new();
        for (pattern, template) in PHRASES {
            let elements: Vec<&str> = pattern.split(' ').collect();
            let start = Bindings::about(about);
            for (end, bindings) in self.fitting(&elements, from, start) {
                let text = fill(template, &bindings, self.lexicon);
                if let Some(expr) = text.and_then(|text| parser::expression(&text).ok()) {
                    fits.push(Fit { expr, end, known: end - from - bindings.open, about: bindings.score() });
                }
            }
        }
        fits
    }

    /// Where the elements of a phrase may end, and what filled its slots. What is open is tried short first.
    fn fitting(&self, elements: &[&str], from: usize, bindings: Bindings) -> Vec<(usize, Bindings)> {
        let Some((first, rest)) = elements.split_first() else { return vec![(from, bindings)] };
        let (element, optional) = first.strip_suffix('?').map_or((*first, false), |element| (element, true));
        let mut ends = Vec::new();
        if let Some(name) = element.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            for (end, value, open) in slot(name, self.words, from, self.lexicon, &bindings) {
                let mut bindings = bindings.clone();
                bindings.put(name, value);
                bindings.open += open;
                ends.extend(self.fitting(rest, end, bindings));
            }
        } else if let Some(word) = self.words.get(from).filter(|word| !word.quoted)
            && element.split('|').any(|alternative| alternative == word.text)
        {
            let mut bindings = bindings.clone();
            if matches!(word.text.as_str(), "and" | "or") {
                bindings.put("and", word.text.clone());
            }
            ends.extend(self.fitting(rest, from + 1, bindings));
        }
        if optional {
            ends.extend(self.fitting(rest, from, bindings));
        }
        ends
    }
}

fn is_noise(word: &Word) -> bool {
    !word.quoted && NOISE.contains(&word.text.as_str())
}

/// What holds where a phrase does not. A score that is not above something is there and at most that.
fn opposite(expr: Expr) -> Option<Expr> {
    let at = Position::START;
    let turned = |operator: Operator| match operator {
        Operator::Greater => Some(Operator::LessOrEqual),
        Operator::GreaterOrEqual => Some(Operator::Less),
        Operator::Less => Some(Operator::GreaterOrEqual),
        Operator::LessOrEqual => Some(Operator::Greater),
        _ => None,
    };
    let kind = match expr.kind {
        Kind::Not(inner) => return Some(*inner),
        Kind::Binary(operator, left, right) if turned(operator).is_some() => {
            Kind::Binary(turned(operator).unwrap_or(operator), left, right)
        }
        kind => Kind::Not(Box::new(Expr::new(kind, at).ok()?)),
    };
    Expr::new(kind, at).ok()
}

/// `and` binds more tightly than `or`.
fn join(parts: Vec<Part>) -> Option<Expr> {
    let at = Position::START;
    let mut groups: Vec<Vec<Expr>> = Vec::new();
    for part in parts {
        match groups.last_mut().filter(|_| !part.or) {
            Some(group) => group.push(part.expr),
            None => groups.push(vec![part.expr]),
        }
    }
    let groups = groups.into_iter().map(|group| Expr::and(group, at)).collect::<Result<Vec<_>, _>>().ok()?;
    Expr::or(groups, at).ok()
}
