//! What an object's own names say about an expression: scores, tags, kinds and statuses that are not there. What cannot be is an error;
//! what may yet come is a warning, since rows that are logged tomorrow may have it.

use serde::Serialize;
use serde_json::Value;

use super::ast::{Expr, Kind, Operator, Step};
use super::error::{FilterError, Position, nearest};
use super::eval::parse_time;
use crate::review::state::ReviewStatus;

/// Names of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Scores, configured and seen.
    pub scores: Vec<String>,
    /// Tags, offered and seen.
    pub tags: Vec<String>,
}

/// Something that is allowed and probably not meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// In words for machines.
    pub code: &'static str,
    /// What was found and what was probably meant.
    pub message: String,
    /// Where; the beginning of the text when the filter came as JSON.
    pub position: Position,
}

/// Kinds of spans that clients log.
pub const SPAN_KINDS: [&str; 11] =
    ["llm", "score", "function", "eval", "task", "tool", "automation", "facet", "preprocessor", "classifier", "review"];

/// Words of review lists in metadata.
const LIST_WORDS: [&str; 4] = ["PENDING", "BACKLOG", "IN_PROGRESS", "COMPLETE"];

/// Checks names and values; an expression that passed [`super::check()`].
pub fn check_names(expr: &Expr, known: &Known) -> Result<Vec<Warning>, FilterError> {
    let mut warnings = Vec::new();
    let mut stack = vec![expr];
    while let Some(expr) = stack.pop() {
        match &expr.kind {
            Kind::Path(steps) => score_name(steps, expr.at, known, &mut warnings)?,
            Kind::Binary(operator, left, right) => {
                comparison(*operator, left, right, known, &mut warnings)?;
                if !matches!(operator, Operator::Includes | Operator::In) {
                    comparison(*operator, right, left, known, &mut warnings)?;
                }
            }
            _ => {}
        }
        stack.extend(expr.kind.children());
    }
    warnings.sort_by_key(|warning| warning.position.offset);
    Ok(warnings)
}

/// What was meant by a field that there is not: a score without `scores.` before it.
pub fn bare_score(expr: &Expr, known: &Known) -> Option<FilterError> {
    let mut stack = vec![expr];
    while let Some(expr) = stack.pop() {
        if let Kind::Path(steps) = &expr.kind
            && let [Step::Key(name)] = steps.as_slice()
            && !super::check::FIELDS.contains(&name.as_str())
            && let Some(near) = near(name, &known.scores)
        {
            let steps = ["scores", near].map(|key| Step::Key(key.to_owned())).to_vec();
            let path = Expr::new(Kind::Path(steps), expr.at).ok()?;
            return Some(FilterError::at(expr.at, format!("there is no field {name}; did you mean {path}?")));
        }
        stack.extend(expr.kind.children());
    }
    None
}

/// `scores.Preferense`.
fn score_name(steps: &[Step], at: Position, known: &Known, warnings: &mut Vec<Warning>) -> Result<(), FilterError> {
    let [Step::Key(field), Step::Key(name), ..] = steps else { return Ok(()) };
    if (field != "scores" && field != "judge_scores") || known.scores.contains(name) {
        return Ok(());
    }
    let Some(near) = near(name, &known.scores) else { return Ok(()) };
    let message = format!("there is no score {name} here; did you mean {near}?");
    // Those that differ by a number are a family, of which one more may come.
    let letters = |name: &str| name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    if letters(name) == letters(near) {
        warnings.push(Warning { code: "unknown_score", message, position: at });
        return Ok(());
    }
    Err(FilterError::at(at, message))
}

/// One side is a field, the other a value.
fn comparison(
    operator: Operator,
    field: &Expr,
    value: &Expr,
    known: &Known,
    warnings: &mut Vec<Warning>,
) -> Result<(), FilterError> {
    let Kind::Path(steps) = &field.kind else { return Ok(()) };
    let keys: Vec<&str> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        })
        .collect();
    let values: Vec<&Expr> = match &value.kind {
        Kind::List(items) => items.iter().collect(),
        _ => vec![value],
    };
    let equates = matches!(operator, Operator::Equal | Operator::NotEqual | Operator::In);
    let orders =
        matches!(operator, Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual);
    let mut warn = |code, message: String, at: Position| warnings.push(Warning { code, message, position: at });
    for value in values {
        let Kind::Literal(literal) = &value.kind else { continue };
        if literal.is_null() && (equates || orders) {
            warn("never_true", format!("nothing equals null; write {field} is null"), value.at);
            continue;
        }
        let text = literal.as_str();
        match keys.as_slice() {
            ["scores"] if operator == Operator::Includes => {
                if let Some((text, near)) = text.and_then(|text| Some((text, near(text, &known.scores)?)))
                    && text != near
                {
                    warn("unknown_score", format!("there is no score {text} here; did you mean {near}?"), value.at);
                }
            }
            ["tags"] if matches!(operator, Operator::Includes | Operator::In) => {
                if let Some((text, near)) = text.and_then(|text| Some((text, near(text, &known.tags)?)))
                    && text != near
                {
                    warn("unknown_tag", format!("no row has the tag {text} so far; did you mean {near}?"), value.at);
                }
            }
            ["scores" | "judge_scores", _] if equates || orders => match literal {
                Value::Number(number) if number.as_f64().is_some_and(|number| !(0.0..=1.0).contains(&number)) => {
                    let message = format!("scores go from 0 to 1, and {number} is outside; 75% is 0.75");
                    warn("never_true", message, value.at);
                }
                Value::String(text) => {
                    let message = format!("scores are numbers from 0 to 1; the text '{text}' is none of them");
                    warn("never_true", message, value.at);
                }
                _ => {}
            },
            ["span_attributes", "type"] if equates => {
                if let Some(text) = text.filter(|text| !SPAN_KINDS.contains(text)) {
                    let hint = match nearest(text, SPAN_KINDS) {
                        Some(near) => format!("did you mean {near}?"),
                        None => format!("they log {}", SPAN_KINDS.join(", ")),
                    };
                    warn("unknown_kind", format!("no client logs spans of the type {text}; {hint}"), value.at);
                }
            }
            ["review", "status"] if equates => {
                let words = ReviewStatus::ALL.map(ReviewStatus::as_str);
                one_of(text, &words, "status of a review", value.at)?;
            }
            [.., "__bt_default_review_list", "status"] if equates => {
                one_of(text, &LIST_WORDS, "status of a review list", value.at)?;
            }
            ["created"] if equates || orders => {
                if let Some(text) = text.filter(|text| parse_time(text, 0).is_none()) {
                    let message =
                        format!("'{text}' is no time; write one such as '2026-11-24', or now() - interval 1 day");
                    return Err(FilterError::at(value.at, message));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn one_of(text: Option<&str>, words: &[&str], what: &str, at: Position) -> Result<(), FilterError> {
    let Some(text) = text.filter(|text| !words.contains(text)) else { return Ok(()) };
    let hint = nearest(text, words.iter().copied()).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    Err(FilterError::at(at, format!("{text} is no {what}; those are {}{hint}", words.join(", "))))
}

/// A name that is so near that another one was hardly meant: a third of its letters at most, and never a single letter for another.
fn near<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let near = nearest(name, known.iter().map(String::as_str))?;
    let same = name.to_lowercase() == near.to_lowercase();
    (same || name.chars().count() >= 4).then_some(near)
}
