//! Whether an expression makes sense where it stands: names that exist, functions that fit, `any_span` at one level.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{Expr, Kind, Step};
use super::error::{FilterError, Position, did_you_mean};
use super::functions::{Role, role};
use super::parser::implied_name;
use super::query::Column;

/// Names at the top of a row (compat 4.4), with those that are made when they are asked for: `comment`, `duration`, `latency`,
/// and `disagreement`, the largest distance between what was logged for a score (`judge_scores`) and what people decided.
pub const FIELDS: [&str; 36] = [
    "id",
    "span_id",
    "root_span_id",
    "span_parents",
    "is_root",
    "created",
    "input",
    "output",
    "expected",
    "error",
    "scores",
    "metadata",
    "metrics",
    "tags",
    "context",
    "span_attributes",
    "origin",
    "comments",
    "comment",
    "audit_data",
    "reviews",
    "review",
    "_xact_id",
    "_pagination_key",
    "project_id",
    "experiment_id",
    "dataset_id",
    "log_id",
    "org_id",
    "facets",
    "classifications",
    "__bt_assignments",
    "__bt_review_lists",
    "duration",
    "judge_scores",
    "disagreement",
];

/// Operations, fields and calls of one expression; constants in lists are free. Each may look through a whole row.
pub const PARTS: usize = 2000;

/// Another name of `duration`.
const LATENCY: &str = "latency";

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// About a row or a trace: a filter, a column, an order.
    Row,
    /// About groups of rows: a measure.
    Measure,
}

/// Names that a query gives to its columns: they may be used in its filter and order when no field has them.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    columns: BTreeMap<String, Option<Expr>>,
    /// Names that rows have beside their fields: of `unpivot`, and of columns once they are made.
    made: BTreeSet<String>,
}

impl Aliases {
    /// Names that columns have or imply; one that two columns have means neither.
    pub fn of(columns: &[Column]) -> Self {
        let mut aliases: BTreeMap<String, Option<Expr>> = BTreeMap::new();
        for column in columns {
            let name = column.alias.as_deref().or_else(|| implied_name(&column.expr));
            if let Some(name) = name.filter(|name| !is_field(name)) {
                aliases
                    .entry(name.to_owned())
                    .and_modify(|known| *known = known.take().filter(|known| *known == column.expr))
                    .or_insert_with(|| Some(column.expr.clone()));
            }
        }
        Self { columns: aliases, made: BTreeSet::new() }
    }

    /// The same, where rows have these names as well.
    #[must_use]
    pub fn with(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.made.extend(names);
        self
    }
}

fn is_field(name: &str) -> bool {
    name == LATENCY || FIELDS.contains(&name)
}

/// Checks an expression and puts columns in the place of their names.
pub fn check(expr: &Expr, place: Place, aliases: &Aliases) -> Result<Expr, FilterError> {
    let resolved = expr.map(&mut |expr| resolve(expr, aliases))?;
    let mut stack = vec![(&resolved, false, place)];
    let mut parts = 0;
    while let Some((expr, inside, place)) = stack.pop() {
        parts += usize::from(!matches!(expr.kind, Kind::Literal(_)));
        if parts > PARTS {
            let message = format!("has more than {PARTS} parts; say it in fewer, such as field in ('a', 'b')");
            return Err(FilterError::at(Position::START, message));
        }
        let mut below = (inside, place);
        match &expr.kind {
            Kind::AnySpan(_) if inside => {
                return Err(FilterError::at(expr.at, "any_span stands inside any_span; one is enough"));
            }
            Kind::AnySpan(_) => below.0 = true,
            Kind::Call { name, .. } if role(name) == Some(Role::Aggregate) => {
                if place == Place::Row {
                    let message = format!("{name} is about many rows; it stands in measures, not here");
                    return Err(FilterError::at(expr.at, message));
                }
                // An aggregate of aggregates says nothing.
                below.1 = Place::Row;
                if name == "count" {
                    stack.extend(
                        expr.kind
                            .children()
                            .filter(|child| child.kind != Kind::Star)
                            .map(|child| (child, inside, Place::Row)),
                    );
                    continue;
                }
            }
            Kind::Star => {
                return Err(FilterError::at(expr.at, "* stands for all fields, only in select and in count(*)"));
            }
            _ => {}
        }
        stack.extend(expr.kind.children().map(|child| (child, below.0, below.1)));
    }
    Ok(resolved)
}

fn resolve(expr: &Expr, aliases: &Aliases) -> Result<Option<Expr>, FilterError> {
    let Kind::Path(steps) = &expr.kind else { return Ok(None) };
    let Some((Step::Key(name), rest)) = steps.split_first() else { return Ok(None) };
    if is_field(name) || aliases.made.contains(name) {
        return Ok(None);
    }
    match aliases.columns.get(name) {
        Some(Some(Expr { kind: Kind::Path(start), .. })) => {
            Expr::new(Kind::Path(start.iter().chain(rest).cloned().collect()), expr.at).map(Some)
        }
        Some(Some(column)) if rest.is_empty() => Ok(Some(column.clone())),
        Some(None) => {
            Err(FilterError::at(expr.at, format!("several columns are called {name}; name them apart with as")))
        }
        _ => {
            let known = FIELDS
                .into_iter()
                .chain([LATENCY])
                .chain(aliases.columns.keys().chain(&aliases.made).map(String::as_str));
            let hint = did_you_mean(name, known);
            let hint = if hint.is_empty() {
                "; fields are scores.…, metadata.…, tags, input and so on, and texts stand in quotes".to_owned()
            } else {
                hint
            };
            Err(FilterError::at(
                expr.at,
                format!("there is no field {}{hint}", name.chars().take(64).collect::<String>()),
            ))
        }
    }
}
