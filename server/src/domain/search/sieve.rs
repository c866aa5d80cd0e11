//! What a filter says in the words of an index.

use std::collections::BTreeSet;

use concord_shared::moment::Moment;

use super::label::Label;
use super::terms::MORE;

/// Rows to look at. Every row that the filter matches passes.
#[derive(Debug, Clone, PartialEq)]
pub enum Sieve {
    /// Every row.
    All,
    /// Rows of which it is true.
    Is(Leaf),
    /// Rows of which it is not; never of a [`Leaf::Term`], which is no more than a hint.
    Not(Leaf),
    /// Rows that pass each of two or more.
    And(Vec<Sieve>),
    /// Rows that pass any of two or more.
    Or(Vec<Sieve>),
}

/// One thing that an index knows.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaf {
    /// A term; rows that have [`MORE`] pass as well.
    Term(String),
    /// A label.
    Label(Label),
    /// An effective number of that name within bounds.
    Score {
        /// Name of the score.
        name: String,
        /// Which numbers.
        range: Range,
    },
    /// Made within bounds, in microseconds.
    Created(Moments),
}

/// Numbers between bounds, which may or may not belong to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The smallest, and whether it belongs to it.
    pub low: Option<(f64, bool)>,
    /// The largest, and whether it belongs to it.
    pub high: Option<(f64, bool)>,
}

/// Moments from one to another, both within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moments {
    /// The first.
    pub from: Moment,
    /// The last.
    pub to: Moment,
}

impl Range {
    /// All numbers.
    pub const ALL: Self = Self { low: None, high: None };

    /// Whether a number is within.
    pub fn holds(&self, number: f64) -> bool {
        self.low.is_none_or(|(low, within)| number > low || (within && number == low))
            && self.high.is_none_or(|(high, within)| number < high || (within && number == high))
    }

    /// Numbers that are within both.
    pub fn meet(self, other: Self) -> Self {
        let tighter = |a: Option<(f64, bool)>, b: Option<(f64, bool)>, later: fn(f64, f64) -> bool| match (a, b) {
            (Some(a), Some(b)) if a.0 == b.0 => Some((a.0, a.1 && b.1)),
            (Some(a), Some(b)) => Some(if later(a.0, b.0) { a } else { b }),
            (a, b) => a.or(b),
        };
        Self { low: tighter(self.low, other.low, |a, b| a > b), high: tighter(self.high, other.high, |a, b| a < b) }
    }
}

impl Moments {
    /// Moments that are within both; `from` after `to` when there are none.
    pub fn meet(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }
}

/// What an index knows of one row.
#[derive(Debug, Default)]
pub struct Facts {
    /// Of what was logged, and of its comments.
    pub terms: BTreeSet<String>,
    /// As they are stored.
    pub labels: BTreeSet<String>,
    /// Effective numbers.
    pub scores: Vec<(String, f64)>,
    /// When it was made.
    pub created: Moment,
}

impl Sieve {
    /// Rows that pass each.
    pub fn and(parts: Vec<Self>) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        for part in parts {
            match part {
                Self::All => {}
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        let mut met: Vec<Self> = Vec::new();
        for part in flat {
            let joined = met.iter_mut().any(|known| match (known, &part) {
                (Self::Is(Leaf::Score { name, range }), Self::Is(Leaf::Score { name: other, range: more }))
                    if name == other =>
                {
                    *range = range.meet(*more);
                    true
                }
                (Self::Is(Leaf::Created(moments)), Self::Is(Leaf::Created(more))) => {
                    *moments = moments.meet(*more);
                    true
                }
                (known, part) => known == part,
            });
            if !joined {
                met.push(part);
            }
        }
        match met.len() {
            0 => Self::All,
            1 => met.swap_remove(0),
            _ => Self::And(met),
        }
    }

    /// Rows that pass any; all of them, if one lets all through.
    pub fn or(parts: Vec<Self>) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        for part in parts {
            match part {
                Self::All => return Self::All,
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            1 => flat.swap_remove(0),
            _ => Self::Or(flat),
        }
    }

    /// Parts of which each must be passed.
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::All => &[],
            Self::And(parts) => parts,
            one => std::slice::from_ref(one),
        }
    }

    /// Whether a row of which this is known passes.
    pub fn passes(&self, facts: &Facts) -> bool {
        match self {
            Self::All => true,
            Self::Is(leaf) => leaf.is_true(facts),
            Self::Not(leaf) => !leaf.is_true(facts),
            Self::And(parts) => parts.iter().all(|part| part.passes(facts)),
            Self::Or(parts) => parts.iter().any(|part| part.passes(facts)),
        }
    }
}

impl Leaf {
    fn is_true(&self, facts: &Facts) -> bool {
        match self {
            Self::Term(term) => facts.terms.contains(term) || facts.terms.contains(MORE),
            Self::Label(label) => facts.labels.contains(&label.to_text()),
            Self::Score { name, range } => {
                facts.scores.iter().any(|(score, value)| score == name && range.holds(*value))
            }
            Self::Created(moments) => moments.from <= facts.created && facts.created <= moments.to,
        }
    }
}
