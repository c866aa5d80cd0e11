//! A query under way: traces in, the answer out.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::group::Groups;
use super::infer::Seen;
use super::plan::{Compute, Output};
use super::sample::Sampler;
use super::unpivot::unpivoted;
use super::{ANSWER_BYTES, TooMuch, preview, summary::summary};
use crate::filter::ast::Expr;
use crate::filter::eval::{self, Clock, Scope, matches, settle};
use crate::filter::query::{Shape, Sort};

type Row = Map<String, Value>;

/// Whether more traces are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// They are.
    More,
    /// The answer is full.
    Full,
}

/// What came out.
#[derive(Debug, Default)]
pub struct Answer {
    /// In order.
    pub rows: Vec<Row>,
    /// Names of columns that were asked for, in order.
    pub columns: Vec<String>,
    /// The limit left rows out.
    pub limited: bool,
}

/// A query under way. Owns what it needs, so that it can be moved to wherever there is time.
#[derive(Debug)]
pub struct Run {
    compute: Arc<Compute>,
    clock: Clock,
    sampler: Sampler<Vec<Row>>,
    made: usize,
    sink: Sink,
}

/// Where rows end.
#[derive(Debug, Default)]
struct Sink {
    groups: Groups,
    seen: Seen,
    rows: Vec<(Vec<Value>, Row)>,
    bytes: usize,
    units: usize,
    limited: bool,
}

impl Run {
    /// Begins.
    pub fn new(compute: Arc<Compute>, clock: Clock) -> Self {
        let sampler = Sampler::new(compute.sample.as_ref());
        Self { compute, clock, sampler, made: 0, sink: Sink::default() }
    }

    /// Takes what is asked of a trace.
    pub fn trace(&mut self, spans: Vec<Row>) -> Result<Flow, TooMuch> {
        let compute = self.compute.clone();
        let clock = self.clock;
        let settled = match compute.asks_of_others() {
            true => Some(settle(&compute.filter, spans.iter(), clock)?),
            false => None,
        };
        let filter = settled.as_ref().unwrap_or(&compute.filter);
        let is = |filter: &Expr, row: &Row| matches(filter, Scope { row, clock });
        let root = |spans: &[Row]| text(spans.first(), "root_span_id");
        match compute.shape {
            Shape::Spans => {
                for span in spans {
                    if is(filter, &span) {
                        let id = text(Some(&span), "id");
                        self.offer(&id, vec![span])?;
                    }
                }
            }
            Shape::Traces if spans.iter().any(|span| is(filter, span)) => {
                let id = root(&spans);
                let kept = spans.into_iter().filter(|span| compute.span_filter.as_ref().is_none_or(|f| is(f, span)));
                self.offer(&id, kept.collect())?;
            }
            Shape::Summary if spans.iter().any(|span| is(filter, span)) => {
                let kept = spans.iter().filter(|span| compute.span_filter.as_ref().is_none_or(|f| is(f, span)));
                let row = summary(&spans, &kept.collect::<Vec<_>>());
                self.offer(&root(&spans), vec![row])?;
            }
            Shape::Traces | Shape::Summary => {}
        }
        Ok(if self.is_full() { Flow::Full } else { Flow::More })
    }

    /// Rows so far, or traces where they are the unit of the limit.
    fn is_full(&self) -> bool {
        matches!(self.compute.output, Output::Rows { .. })
            && self.compute.sort.is_empty()
            && self.sink.units >= self.compute.limit
    }

    fn offer(&mut self, id: &str, rows: Vec<Row>) -> Result<(), TooMuch> {
        let weight = if self.compute.sample.is_some() { rows.iter().map(weigh).sum() } else { 0 };
        match self.sampler.offer(id, weight, rows)? {
            Some(rows) => self.take(rows),
            None => Ok(()),
        }
    }

    fn take(&mut self, rows: Vec<Row>) -> Result<(), TooMuch> {
        let (compute, clock) = (&self.compute, self.clock);
        let by_trace = compute.shape == Shape::Traces && compute.unpivot.is_empty();
        if by_trace && compute.sort.is_empty() {
            if self.sink.units >= compute.limit {
                self.sink.limited = true;
                return Ok(());
            }
            self.sink.units += 1;
        }
        for mut row in rows {
            let sink = &mut self.sink;
            unpivoted(&mut row, &compute.unpivot, clock, &mut self.made, &mut |row| {
                let is = |filter: &Option<Expr>| filter.as_ref().is_none_or(|f| matches(f, Scope { row, clock }));
                if is(&compute.unpivoted_filter) { sink.put(compute, row, clock, by_trace) } else { Ok(()) }
            })?;
        }
        Ok(())
    }

    /// The answer.
    pub fn finish(mut self) -> Result<Answer, TooMuch> {
        let sampler = std::mem::replace(&mut self.sampler, Sampler::All);
        for rows in sampler.rest() {
            self.take(rows)?;
        }
        let Self { compute, clock, sink, .. } = self;
        match &compute.output {
            Output::Groups(grouping) => {
                let is = |row: &Row| compute.final_filter.as_ref().is_none_or(|f| matches(f, Scope { row, clock }));
                let rows = sink.groups.rows(grouping, clock).into_iter().filter(is);
                let mut keyed: Vec<_> = rows.map(|row| (keys(&compute.sort, &row, clock), row)).collect();
                keyed.sort_by(|left, right| by_keys(&compute.sort, &left.0, &right.0));
                let (mut rows, columns) = grouping.answer(keyed.into_iter().map(|(_, row)| row).collect())?;
                let limited = rows.len() > compute.limit;
                rows.truncate(compute.limit);
                Ok(Answer { rows, columns, limited })
            }
            Output::Rows { columns, .. } => {
                let columns = columns.iter().filter_map(|column| column.alias.clone()).collect();
                let Sink { mut rows, mut limited, .. } = sink;
                if !compute.sort.is_empty() {
                    rows.sort_by(|left, right| by_keys(&compute.sort, &left.0, &right.0));
                    limited |= rows.len() > compute.limit;
                    rows.truncate(compute.limit);
                }
                Ok(Answer { rows: rows.into_iter().map(|(_, row)| row).collect(), columns, limited })
            }
            Output::Values(_) => {
                let mut rows = sink.seen.rows();
                let limited = rows.len() > compute.limit;
                rows.truncate(compute.limit);
                let columns = ["name", "type", "count", "top_values", "more"].map(str::to_owned).to_vec();
                Ok(Answer { rows, columns, limited })
            }
        }
    }
}

impl Sink {
    fn put(&mut self, compute: &Compute, row: &Row, clock: Clock, by_trace: bool) -> Result<(), TooMuch> {
        let (columns, whole) = match &compute.output {
            Output::Groups(grouping) => return self.groups.add(grouping, row, clock),
            Output::Values(paths) => {
                paths.iter().for_each(|path| self.seen.row(row, path));
                return Ok(());
            }
            Output::Rows { columns, whole } => (columns, *whole),
        };
        let scope = Scope { row, clock };
        if compute.final_filter.as_ref().is_some_and(|filter| !matches(filter, scope)) {
            return Ok(());
        }
        if compute.sort.is_empty() && !by_trace {
            if self.units >= compute.limit {
                self.limited = true;
                return Ok(());
            }
            self.units += 1;
        }
        let mut shown = if whole { row.clone() } else { Row::new() };
        for column in columns {
            shown.insert(column.alias.clone().unwrap_or_default(), eval::value(&column.expr, scope));
        }
        if let Some(length) = compute.preview {
            preview::cut(&mut shown, length);
        }
        self.bytes += weigh(&shown);
        self.rows.push((keys(&compute.sort, row, clock), shown));
        // Of an order only its beginning is kept.
        if !compute.sort.is_empty() && (self.rows.len() > 2 * compute.limit + 100 || self.bytes > ANSWER_BYTES) {
            self.limited |= self.rows.len() > compute.limit;
            self.rows.sort_by(|left, right| by_keys(&compute.sort, &left.0, &right.0));
            self.rows.truncate(compute.limit);
            self.bytes = self.rows.iter().map(|(_, row)| weigh(row)).sum();
        }
        if self.bytes > ANSWER_BYTES { Err(TooMuch::Rows) } else { Ok(()) }
    }
}

fn text(row: Option<&Row>, field: &str) -> String {
    row.and_then(|row| row.get(field)).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn keys(sort: &[Sort], row: &Row, clock: Clock) -> Vec<Value> {
    sort.iter().map(|key| eval::measured(&key.expr, Scope { row, clock })).collect()
}

/// Nothing comes last, whichever way is up.
fn by_keys(sort: &[Sort], left: &[Value], right: &[Value]) -> Ordering {
    let each = sort.iter().zip(left.iter().zip(right)).map(|(key, (left, right))| {
        let ordering = eval::order(left, right);
        if key.descending && !left.is_null() && !right.is_null() { ordering.reverse() } else { ordering }
    });
    each.fold(Ordering::Equal, Ordering::then)
}

/// About how long a row is as JSON.
fn weigh(row: &Row) -> usize {
    fn of(value: &Value) -> usize {
        match value {
            Value::String(text) => text.len() + 2,
            Value::Array(items) => 2 + items.iter().map(|item| 1 + of(item)).sum::<usize>(),
            Value::Object(map) => weigh(map),
            _ => 5,
        }
    }
    2 + row.iter().map(|(key, value)| key.len() + 4 + of(value)).sum::<usize>()
}
