//! From a query as it was written to what will be done: names resolved, and what is not offered refused.

use concord_shared::filter::ast::Step;
use concord_shared::filter::query::{Column, Query, Shape, Sort};
use concord_shared::filter::{Aliases, Expr, FilterError, Kind, Place, Position, check};

/// Rows of a page unless asked otherwise.
pub const LIMIT: u64 = 1000;

/// Most rows of a page; a larger limit is met by its pages together.
pub const LONGEST: u64 = 10_000;

/// What a page is asked for.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Columns of the answer; empty: whole rows.
    pub select: Vec<Column>,
    /// Whether columns stand beside whole rows.
    pub whole: bool,
    /// Which rows.
    pub filter: Expr,
    /// Order; empty: the most recently written trace first.
    pub sort: Vec<Sort>,
    /// What the filter chooses.
    pub wish: Wish,
    /// Most rows, or traces, of a page.
    pub limit: usize,
}

/// What the filter chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Rows.
    Spans,
    /// Whole traces of which a row matches.
    Traces,
    /// The same traces, by their ids alone.
    Listed,
}

impl Plan {
    /// Plans a query.
    pub fn of(query: &Query) -> Result<Self, FilterError> {
        refuse(query)?;
        let aliases = Aliases::of(&query.select);
        let filter = match &query.filter {
            Some(filter) => check(filter, Place::Row, &aliases)?,
            None => Expr::value(true.into(), Position::START)?,
        };
        let mut select = Vec::new();
        let mut whole = query.select.is_empty();
        for column in &query.select {
            if column.expr.kind == Kind::Star {
                whole = true;
            } else {
                // Columns may use each other's names, but not their own.
                let expr = check(&column.expr, Place::Row, &Aliases::default())?;
                let alias = column.alias.clone().unwrap_or_else(|| name_of(&column.expr));
                select.push(Column { expr, alias: Some(alias) });
            }
        }
        let mut sort = Vec::new();
        for key in &query.sort {
            sort.push(Sort { expr: check(&key.expr, Place::Row, &aliases)?, descending: key.descending });
        }
        if is_natural(&sort) {
            sort.clear();
        }
        let wish = match query.from.as_ref().and_then(|from| from.shape) {
            None | Some(Shape::Spans) => Wish::Spans,
            Some(Shape::Traces) => Wish::Traces,
            Some(Shape::Summary) => return Err(unsupported("the shape summary")),
        };
        let limit = query.limit.unwrap_or(LIMIT).min(LONGEST);
        Ok(Self { select, whole, filter, sort, wish, limit: usize::try_from(limit).unwrap_or(usize::MAX) })
    }

    /// Whole rows that match a checked filter.
    pub fn filtered(filter: Expr) -> Self {
        let limit = LIMIT as usize;
        Self { select: Vec::new(), whole: true, filter, sort: Vec::new(), wish: Wish::Spans, limit }
    }

    /// Whether the filter asks about other spans of the trace.
    pub fn asks_of_others(&self) -> bool {
        self.filter.any(&|expr| matches!(expr.kind, Kind::AnySpan(_)))
    }

    /// Whether a row alone is not enough.
    pub fn needs_trace(&self) -> bool {
        self.wish != Wish::Spans || self.asks_of_others()
    }
}

/// Newest transactions first is the order of a walk.
fn is_natural(sort: &[Sort]) -> bool {
    let natural = |key: &Sort| {
        let Kind::Path(steps) = &key.expr.kind else { return false };
        key.descending
            && matches!(steps.as_slice(), [Step::Key(name)] if name == "_pagination_key" || name == "_xact_id")
    };
    sort.iter().all(natural)
}

/// What a column is called when nobody named it: its last name, or itself.
fn name_of(expr: &Expr) -> String {
    let last = match &expr.kind {
        Kind::Path(steps) => steps.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.clone()),
            Step::Index(_) => None,
        }),
        _ => None,
    };
    last.unwrap_or_else(|| expr.to_string())
}

fn unsupported(what: &str) -> FilterError {
    let detail = format!(
        "{what} is not offered by this version; select, from, filter, sort, limit and cursor are, in the shapes spans and traces"
    );
    FilterError { message: detail, position: None, pointer: None, not_supported: true }
}

/// Parts of the language that are read and not done. One that is ignored would pass for an answer.
fn refuse(query: &Query) -> Result<(), FilterError> {
    let parts = [
        ("dimensions (group by)", !query.dimensions.is_empty()),
        ("measures (aggregates)", !query.measures.is_empty()),
        ("pivot", !query.pivot.is_empty()),
        ("unpivot", !query.unpivot.is_empty()),
        ("infer", !query.infer.is_empty()),
        ("sample", query.sample.is_some()),
        ("comparison_key", query.comparison_key.is_some()),
        ("custom_columns", !query.custom_columns.is_empty()),
        ("a filter beside filter", !query.more_filters.is_empty()),
    ];
    if let Some((what, _)) = parts.iter().find(|(_, given)| *given) {
        return Err(unsupported(what));
    }
    match query.unread.iter().find(|clause| **clause != "inference_budget") {
        Some(clause) => Err(unsupported(clause)),
        None => Ok(()),
    }
}
