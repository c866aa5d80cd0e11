//! Which scores are not asked of a row: those whose condition (`config.condition`) does not hold for it.
//!
//! `clauses` hold for the row, each of `subspan_clauses` for a span below it, each of `trace_clauses` for a span of its trace. A clause
//! that cannot be read hides nothing: a question too many is seen, one too few is not.

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::filter::{Aliases, Clock, Expr, Place, Scope, check, json, matches, parser};
use serde_json::{Map, Value};

use super::event::{Context, event};
use crate::domain::project::ProjectScore;
use crate::domain::rows::FullRow;
use crate::domain::store::{Store, StoreError};

/// A row, as the API tells it.
type Event = Map<String, Value>;

/// When a score is asked.
#[derive(Debug, Default)]
struct Condition {
    row: Vec<Expr>,
    below: Vec<Expr>,
    trace: Vec<Expr>,
}

impl Condition {
    fn of(score: &ProjectScore) -> Self {
        let clauses = |key: &str| -> Vec<Expr> {
            let written = score.config.pointer("/condition/when").and_then(|when| when.get(key));
            written.and_then(Value::as_array).into_iter().flatten().filter_map(clause).collect()
        };
        Self { row: clauses("clauses"), below: clauses("subspan_clauses"), trace: clauses("trace_clauses") }
    }

    fn needs_trace(&self) -> bool {
        !self.below.is_empty() || !self.trace.is_empty()
    }

    fn is_none(&self) -> bool {
        self.row.is_empty() && !self.needs_trace()
    }

    fn holds(&self, row: &Event, below: &[&Event], trace: &[Event], clock: Clock) -> bool {
        let on = |expr: &Expr, row: &Event| matches(expr, Scope { row, clock });
        self.row.iter().all(|expr| on(expr, row))
            && self.below.iter().all(|expr| below.iter().any(|span| on(expr, span)))
            && self.trace.iter().all(|expr| trace.iter().any(|span| on(expr, span)))
    }
}

fn clause(written: &Value) -> Option<Expr> {
    let expr = match written {
        Value::String(text) => parser::expression(text),
        tree => json::expression(tree),
    };
    check(&expr.ok()?, Place::Row, &Aliases::default()).ok()
}

/// Names of the scores that are not asked of a row.
pub async fn unasked(
    store: &dyn Store,
    scores: &[ProjectScore],
    row: &FullRow,
    context: Context<'_>,
    clock: Clock,
) -> Result<Vec<String>, StoreError> {
    let conditions: Vec<(&str, Condition)> = scores
        .iter()
        .map(|score| (score.name.as_str(), Condition::of(score)))
        .filter(|(_, condition)| !condition.is_none())
        .collect();
    if conditions.is_empty() {
        return Ok(Vec::new());
    }
    let trace: Vec<Event> = if conditions.iter().any(|(_, condition)| condition.needs_trace()) {
        let rows = store.whole_trace(context.object, &row.row.spans.root_span_id).await?;
        rows.iter().map(|(_, row)| event(row, context, false)).collect()
    } else {
        Vec::new()
    };
    let below = below(&trace, &row.row.spans.span_id);
    let row = event(row, context, false);
    let hidden = conditions.into_iter().filter(|(_, condition)| !condition.holds(&row, &below, &trace, clock));
    Ok(hidden.map(|(name, _)| name.to_owned()).collect())
}

/// Spans below a span, at any depth.
fn below<'a>(trace: &'a [Event], span_id: &'a str) -> Vec<&'a Event> {
    let mut children: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for span in trace {
        let parents = span.get("span_parents").and_then(Value::as_array).into_iter().flatten();
        for parent in parents.filter_map(Value::as_str) {
            children.entry(parent).or_default().push(span);
        }
    }
    let (mut found, mut seen, mut waiting) = (Vec::new(), BTreeSet::from([span_id]), vec![span_id]);
    while let Some(parent) = waiting.pop() {
        for span in children.get(parent).into_iter().flatten() {
            let Some(id) = span.get("span_id").and_then(Value::as_str) else { continue };
            // Clients may log circles.
            if seen.insert(id) {
                found.push(*span);
                waiting.push(id);
            }
        }
    }
    found
}
