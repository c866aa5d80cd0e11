//! Which functions there are and how many arguments each takes. One table for the parser, the checker and evaluation.

use super::ast::{Expr, Kind, Operator};
use super::error::{FilterError, Position, did_you_mean, nearest};

/// What a function is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// About one row.
    Row,
    /// About many rows: only in `measures` and the like.
    Aggregate,
}

/// Name, fewest and most arguments, role.
type Entry = (&'static str, usize, usize, Role);

const MANY: usize = 64;

const TABLE: [Entry; 39] = [
    ("any_span", 1, 1, Role::Row),
    ("second", 1, 1, Role::Row),
    ("minute", 1, 1, Role::Row),
    ("hour", 1, 1, Role::Row),
    ("day", 1, 1, Role::Row),
    ("week", 1, 1, Role::Row),
    ("month", 1, 1, Role::Row),
    ("year", 1, 1, Role::Row),
    ("date_trunc", 2, 2, Role::Row),
    ("current_timestamp", 0, 0, Role::Row),
    ("now", 0, 0, Role::Row),
    ("current_date", 0, 0, Role::Row),
    ("lower", 1, 1, Role::Row),
    ("upper", 1, 1, Role::Row),
    ("concat", 1, MANY, Role::Row),
    ("substring", 2, 3, Role::Row),
    ("len", 1, 1, Role::Row),
    ("contains", 2, 2, Role::Row),
    ("includes", 2, 2, Role::Row),
    ("search", 1, 1, Role::Row),
    ("json_extract", 2, 2, Role::Row),
    ("coalesce", 1, MANY, Role::Row),
    ("nullif", 2, 2, Role::Row),
    ("least", 1, MANY, Role::Row),
    ("greatest", 1, MANY, Role::Row),
    ("round", 1, 2, Role::Row),
    ("to_string", 1, 1, Role::Row),
    ("to_boolean", 1, 1, Role::Row),
    ("to_integer", 1, 1, Role::Row),
    ("to_number", 1, 1, Role::Row),
    ("to_date", 1, 1, Role::Row),
    ("to_datetime", 1, 1, Role::Row),
    ("to_interval", 1, 1, Role::Row),
    ("count", 0, 1, Role::Aggregate),
    ("count_distinct", 1, 1, Role::Aggregate),
    ("sum", 1, 1, Role::Aggregate),
    ("avg", 1, 1, Role::Aggregate),
    ("min", 1, 1, Role::Aggregate),
    ("max", 1, 1, Role::Aggregate),
];

/// `percentile(x, p)`; apart, because it alone takes two.
const PERCENTILE: Entry = ("percentile", 2, 2, Role::Aggregate);

fn entry(name: &str) -> Option<&'static Entry> {
    TABLE.iter().chain(std::iter::once(&PERCENTILE)).find(|(known, ..)| *known == name)
}

/// Names of functions in other languages.
const SYNONYMS: [(&str, &str); 8] = [
    ("length", "len"),
    ("size", "len"),
    ("average", "avg"),
    ("mean", "avg"),
    ("median", "percentile"),
    ("ifnull", "coalesce"),
    ("json_value", "json_extract"),
    ("trunc", "date_trunc"),
];

/// What a function is for; `None`: there is none of that name.
pub fn role(name: &str) -> Option<Role> {
    entry(name).map(|(.., role)| *role)
}

/// Names of all functions.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().chain(std::iter::once(&PERCENTILE)).map(|(name, ..)| *name)
}

/// A call, checked; those that say the same as an operator become it.
pub(super) fn make(name: String, distinct: bool, arguments: Vec<Expr>, at: Position) -> Result<Expr, FilterError> {
    let Some((_, fewest, most, role)) = entry(&name) else {
        let said = SYNONYMS.iter().find(|(other, _)| nearest(&name, [*other]).is_some());
        let hint = match (did_you_mean(&name, names()), said) {
            (hint, Some((_, right))) if hint.is_empty() => format!("; did you mean {right}?"),
            (hint, _) => hint,
        };
        let message = format!("there is no function {name}{hint}");
        return Err(FilterError::at(at, message));
    };
    if !(*fewest..=*most).contains(&arguments.len()) {
        let right = match (fewest, most) {
            (fewest, most) if fewest == most => format!("{fewest}"),
            (fewest, &MANY) => format!("{fewest} to {MANY}"),
            (fewest, most) => format!("{fewest} or {most}"),
        };
        return Err(FilterError::at(at, format!("{name} takes {right} arguments, not {}", arguments.len())));
    }
    if distinct && *role != Role::Aggregate {
        return Err(FilterError::at(at, format!("distinct stands in aggregates such as count, not in {name}")));
    }
    let mut arguments = arguments;
    match name.as_str() {
        "any_span" => match arguments.pop() {
            Some(inner) => Expr::new(Kind::AnySpan(Box::new(inner)), at),
            None => Err(FilterError::at(at, "any_span takes 1 arguments, not 0")),
        },
        "includes" | "contains" => match (arguments.pop(), arguments.pop()) {
            (Some(needle), Some(haystack)) => {
                Expr::new(Kind::Binary(Operator::Includes, Box::new(haystack), Box::new(needle)), at)
            }
            _ => Err(FilterError::at(at, format!("{name} takes 2 arguments"))),
        },
        _ => Expr::new(Kind::Call { name, distinct, arguments }, at),
    }
}
