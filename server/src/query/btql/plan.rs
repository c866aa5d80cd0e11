//! From a query as it was written to what will be done: names resolved, and what is not offered refused.

use concord_shared::filter::ast::Step;
use concord_shared::filter::compute::plan::{more_filter, refuse, trace_filters};
use concord_shared::filter::compute::{name_of, preview};
use concord_shared::filter::query::{Column, MoreFilter, Query, Shape, Sort};
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
    /// Characters of large fields; `None`: all.
    pub preview: Option<usize>,
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
    /// Plans a query that asks for rows as they are. What [`Compute`](concord_shared::filter::compute::Compute) does is not for it.
    pub fn of(query: &Query) -> Result<Self, FilterError> {
        refuse(query)?;
        let columns: Vec<Column> = query.select.iter().chain(&query.custom_columns).cloned().collect();
        let aliases = Aliases::of(&columns);
        // On rows as they are, all filters are about the same.
        let mut filters = Vec::new();
        if let Some(filter) = &query.filter {
            filters.push(check(filter, Place::Row, &aliases)?);
        }
        filters.extend(trace_filters(query, &aliases)?);
        for kind in [MoreFilter::Span, MoreFilter::Final] {
            filters.extend(more_filter(query, kind, &aliases)?);
        }
        let filter = match filters.is_empty() {
            true => Expr::value(true.into(), Position::START)?,
            false => Expr::and(filters, Position::START)?,
        };
        let mut select = Vec::new();
        let mut whole = query.select.is_empty();
        for column in &columns {
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
            Some(Shape::Traces) => Wish::Traces,
            _ => Wish::Spans,
        };
        let preview = preview::length(query.preview_length, None);
        let limit = query.limit.unwrap_or(LIMIT).min(LONGEST);
        Ok(Self { select, whole, filter, sort, wish, limit: usize::try_from(limit).unwrap_or(usize::MAX), preview })
    }

    /// Whole rows that match a checked filter.
    pub fn filtered(filter: Expr) -> Self {
        let limit = LIMIT as usize;
        Self { select: Vec::new(), whole: true, filter, sort: Vec::new(), wish: Wish::Spans, limit, preview: None }
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
