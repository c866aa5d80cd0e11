//! From a query as it was written to what will be done: names resolved, conditions put where they are asked.

use super::group::Grouping;
use super::{GROUPS, ROWS, preview};
use crate::filter::ast::{Expr, Kind, Step};
use crate::filter::check::{Aliases, Place, check};
use crate::filter::error::{FilterError, Position};
use crate::filter::query::{Column, MoreFilter, Query, Sample, Shape, Sort, Unpivot};

/// Rows of an answer unless asked otherwise.
const LIMIT: u64 = 1000;

/// Fields that summaries have beside those of rows.
const OF_SUMMARY: &str = "span_type_info";

/// What is asked, checked.
#[derive(Debug, Clone)]
pub struct Compute {
    /// What one row is before it is grouped or unpivoted.
    pub shape: Shape,
    /// Which spans match; a trace is taken when one of its spans does. `any_span` may stand in it.
    pub filter: Expr,
    /// Which spans of a trace are taken with it.
    pub(super) span_filter: Option<Expr>,
    pub(super) sample: Option<Sample>,
    pub(super) unpivot: Vec<Unpivot>,
    /// Which unpivoted rows.
    pub(super) unpivoted_filter: Option<Expr>,
    pub(super) output: Output,
    /// Which rows of the answer.
    pub(super) final_filter: Option<Expr>,
    pub(super) sort: Vec<Sort>,
    /// Most rows of the answer; of the shape `traces`, most traces.
    pub limit: usize,
    /// Whether somebody asked for that limit.
    pub limit_said: bool,
    pub(super) preview: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum Output {
    /// Rows with their columns, which stand beside all fields where it is whole.
    Rows { columns: Vec<Column>, whole: bool },
    /// Groups.
    Groups(Grouping),
    /// What values these paths have; an empty path means all fields.
    Values(Vec<Vec<String>>),
}

impl Compute {
    /// Whether a query asks for more than rows as they are, in pages.
    pub fn is_needed(query: &Query) -> bool {
        let shape = query.from.as_ref().and_then(|from| from.shape);
        let filters_spans = query.more_filters.iter().any(|(kind, _)| *kind == MoreFilter::Span);
        !query.dimensions.is_empty()
            || !query.measures.is_empty()
            || !query.pivot.is_empty()
            || !query.unpivot.is_empty()
            || !query.infer.is_empty()
            || query.sample.is_some()
            || shape == Some(Shape::Summary)
            || (shape == Some(Shape::Traces) && filters_spans)
    }

    /// Plans a query.
    pub fn of(query: &Query) -> Result<Self, FilterError> {
        refuse(query)?;
        let shape = query.from.as_ref().and_then(|from| from.shape).unwrap_or(Shape::Spans);
        let columns: Vec<Column> = query.select.iter().chain(&query.custom_columns).cloned().collect();
        let made = || unpivoted_names(query).chain((shape == Shape::Summary).then(|| OF_SUMMARY.to_owned()));
        let named: Vec<Column> = columns.iter().chain(&query.dimensions).cloned().collect();
        let aliases = Aliases::of(&named).with(made());

        let mut unpivot = Vec::with_capacity(query.unpivot.len());
        for one in &query.unpivot {
            unpivot.push(Unpivot { expr: checked(&one.expr, Place::Row, &aliases)?, ..one.clone() });
        }
        // Conditions that use unpivoted names are about rows that come later.
        let names: Vec<String> = unpivoted_names(query).collect();
        let (later, now): (Vec<Expr>, Vec<Expr>) =
            query.filter.iter().flat_map(parts).partition(|part| mentions(part, &names));
        let mut filters: Vec<Expr> =
            now.iter().map(|part| check(part, Place::Row, &aliases)).collect::<Result<_, _>>()?;
        filters.extend(trace_filters(query, &aliases)?);
        let span_filter = more_filter(query, MoreFilter::Span, &aliases)?;
        if shape == Shape::Spans {
            filters.extend(span_filter.clone());
        }
        let later: Vec<Expr> =
            later.iter().map(|part| checked(part, Place::Row, &aliases)).collect::<Result<_, _>>()?;
        let unpivoted_filter = if later.is_empty() { None } else { Some(Expr::and(later, Position::START)?) };

        let grouped = !query.dimensions.is_empty() || !query.measures.is_empty();
        let mut output = output(query, &columns)?;
        let mut final_filter = query.more_filters.iter().filter(|(kind, _)| *kind == MoreFilter::Final);
        let final_filter = final_filter.next().map(|(_, expr)| expr);
        let mut sort = Vec::with_capacity(query.sort.len());
        let final_filter = match &mut output {
            Output::Groups(grouping) => {
                for key in &query.sort {
                    sort.push(Sort { expr: grouping.of_answer(&key.expr)?, descending: key.descending });
                }
                final_filter.map(|expr| grouping.of_answer(expr)).transpose()?
            }
            Output::Rows { .. } | Output::Values(_) => {
                for key in &query.sort {
                    sort.push(Sort { expr: checked(&key.expr, Place::Row, &aliases)?, descending: key.descending });
                }
                final_filter.map(|expr| checked(expr, Place::Row, &aliases)).transpose()?
            }
        };
        if is_natural(&sort) {
            sort.clear();
        }
        let (unsaid, most) = if grouped { (GROUPS as u64, GROUPS) } else { (LIMIT, ROWS) };
        Ok(Self {
            shape,
            filter: if filters.is_empty() {
                Expr::value(true.into(), Position::START)?
            } else {
                Expr::and(filters, Position::START)?
            },
            span_filter,
            sample: query.sample.clone(),
            unpivot,
            unpivoted_filter,
            output,
            final_filter,
            sort,
            limit: usize::try_from(query.limit.unwrap_or(unsaid)).unwrap_or(usize::MAX).min(most),
            limit_said: query.limit.is_some(),
            preview: preview::length(query.preview_length, (shape == Shape::Summary).then_some(preview::LENGTH)),
        })
    }

    /// Whether the answer comes in pages: summaries in the order in which traces are walked.
    pub fn is_paged(&self) -> bool {
        self.shape == Shape::Summary
            && matches!(self.output, Output::Rows { .. })
            && self.sort.is_empty()
            && self.sample.is_none()
            && self.unpivot.is_empty()
    }

    /// Whether every row is judged by itself.
    pub fn is_about_rows(&self) -> bool {
        self.shape == Shape::Spans && !self.asks_of_others()
    }

    /// Whether the filter asks about other spans of the trace.
    pub(super) fn asks_of_others(&self) -> bool {
        self.filter.any(&|expr| matches!(expr.kind, Kind::AnySpan(_)))
    }
}

fn output(query: &Query, columns: &[Column]) -> Result<Output, FilterError> {
    let grouped = !query.dimensions.is_empty() || !query.measures.is_empty();
    if let Some(column) = columns.first().filter(|_| grouped) {
        let message = "select does not go with dimensions and measures, which are the columns of groups";
        return Err(FilterError::at(column.expr.at, message));
    }
    if !query.pivot.is_empty() && !grouped {
        return Err(FilterError::at(
            query.pivot[0].expr.at,
            "pivot spreads measures over the values of a dimension; say dimensions and measures as well",
        ));
    }
    if !query.infer.is_empty() {
        if grouped || !query.select.is_empty() {
            return Err(FilterError::at(
                query.infer[0].at,
                "infer stands alone, without select, dimensions and measures",
            ));
        }
        return query.infer.iter().map(inferred).collect::<Result<_, _>>().map(Output::Values);
    }
    if grouped {
        let names = unpivoted_names(query).chain(
            (query.from.as_ref().and_then(|from| from.shape) == Some(Shape::Summary)).then(|| OF_SUMMARY.to_owned()),
        );
        return Grouping::of(&query.dimensions, &query.measures, &query.pivot, names).map(Output::Groups);
    }
    let mut whole = query.select.is_empty();
    let mut shown = Vec::new();
    for column in columns {
        if column.expr.kind == Kind::Star {
            whole = true;
            continue;
        }
        // Columns may use unpivoted names, but not each other's.
        let own = Aliases::default().with(unpivoted_names(query)).with([OF_SUMMARY.to_owned()]);
        let expr = checked(&column.expr, Place::Row, &own)?;
        let alias = column.alias.clone().unwrap_or_else(|| name_of(&column.expr));
        shown.push(Column { expr, alias: Some(alias) });
    }
    Ok(Output::Rows { columns: shown, whole })
}

fn inferred(expr: &Expr) -> Result<Vec<String>, FilterError> {
    let path = match &expr.kind {
        Kind::Star => Some(Vec::new()),
        Kind::Path(steps) => steps
            .iter()
            .map(|step| match step {
                Step::Key(key) => Some(key.clone()),
                Step::Index(_) => None,
            })
            .collect(),
        _ => None,
    };
    path.ok_or_else(|| FilterError::at(expr.at, "infer wants fields such as metadata or metadata.model, or *"))
}

/// Checked, where a row is alone.
pub(super) fn checked(expr: &Expr, place: Place, aliases: &Aliases) -> Result<Expr, FilterError> {
    let checked = check(expr, place, aliases)?;
    if checked.any(&|expr| matches!(expr.kind, Kind::AnySpan(_))) {
        return Err(FilterError::at(expr.at, "any_span is about whole traces; it stands in filter, not here"));
    }
    Ok(checked)
}

/// The conditions of `trace_filter`: some span of the trace is such.
pub fn trace_filters(query: &Query, aliases: &Aliases) -> Result<Option<Expr>, FilterError> {
    let Some(expr) = more_filter(query, MoreFilter::Trace, aliases)? else { return Ok(None) };
    let of_others = expr.any(&|expr| matches!(expr.kind, Kind::AnySpan(_)));
    let at = expr.at;
    if of_others { Ok(Some(expr)) } else { Expr::new(Kind::AnySpan(Box::new(expr)), at).map(Some) }
}

/// A filter beside `filter`, checked.
pub fn more_filter(query: &Query, wanted: MoreFilter, aliases: &Aliases) -> Result<Option<Expr>, FilterError> {
    let parts = query.more_filters.iter().filter(|(kind, _)| *kind == wanted);
    let parts: Vec<Expr> = parts.map(|(_, expr)| check(expr, Place::Row, aliases)).collect::<Result<_, _>>()?;
    if parts.is_empty() { Ok(None) } else { Expr::and(parts, Position::START).map(Some) }
}

fn unpivoted_names(query: &Query) -> impl Iterator<Item = String> + '_ {
    query.unpivot.iter().flat_map(|unpivot| unpivot.key.iter().chain([&unpivot.value])).cloned()
}

fn parts(expr: &Expr) -> Vec<Expr> {
    match &expr.kind {
        Kind::And(parts) => parts.clone(),
        _ => vec![expr.clone()],
    }
}

fn mentions(expr: &Expr, names: &[String]) -> bool {
    expr.any(&|expr| matches!(&expr.kind, Kind::Path(steps) if matches!(steps.first(), Some(Step::Key(name)) if names.contains(name))))
}

/// Newest transactions first is the order in which traces come.
fn is_natural(sort: &[Sort]) -> bool {
    let natural = |key: &Sort| {
        let Kind::Path(steps) = &key.expr.kind else { return false };
        key.descending
            && matches!(steps.as_slice(), [Step::Key(name)] if name == "_pagination_key" || name == "_xact_id")
    };
    sort.iter().all(natural)
}

/// What a column is called when nobody named it: its last name, or itself.
pub fn name_of(expr: &Expr) -> String {
    crate::filter::parser::implied_name(expr).map_or_else(|| expr.to_string(), str::to_owned)
}

/// Clauses that are read and not done. One that is ignored would pass for an answer.
pub fn refuse(query: &Query) -> Result<(), FilterError> {
    let unread = query.unread.iter().find(|clause| **clause != "inference_budget").copied();
    let Some(clause) = unread.or(query.comparison_key.as_ref().map(|_| "comparison_key")) else { return Ok(()) };
    let message = format!("{clause} is not offered by this version; leave it out");
    Err(FilterError { message, position: None, pointer: None, not_supported: true })
}
