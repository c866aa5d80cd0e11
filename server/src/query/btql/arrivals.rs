//! Rows that an index lets through, the most recently arrived first. A row keeps its place whatever is written, so a page goes on where
//! the one before it ended.

use std::borrow::Cow;
use std::time::Instant;

use concord_shared::filter::eval::{Scope, settle};
use concord_shared::filter::{Expr, FilterError, Kind, Position, matches};
use serde_json::{Map, Value};

use super::plan::{Plan, Wish};
use super::walk::{Found, LOOKED, PATIENCE, Source, Walk, WalkError};
use crate::domain::rows::FullRow;
use crate::query::cursor::{QueryPlace, Spot};
use crate::query::event::{Context, event};
use crate::query::sieve::sieve;

/// Rows that are looked at at a time, and at first: most pages need no more.
const CHUNK: u32 = 250;
const FIRST_CHUNK: u32 = 60;

/// What stays the same along the way.
struct Way<'a> {
    source: &'a Source,
    context: Context<'a>,
    anchor: Expr,
    /// The trace that was read last, with what the filter is on it.
    settled: Option<(String, Expr)>,
}

impl Walk<'_> {
    /// Looks at the rows that may match; whether the page has ended.
    pub(super) async fn through_arrivals(
        &self,
        index: usize,
        source: &Source,
        after: Option<QueryPlace>,
        found: &mut Found,
    ) -> Result<bool, WalkError> {
        let anchor = anchor(self.plan)?;
        let sieve = sieve(&anchor, self.clock);
        let mut way = Way { source, context: self.context(source), anchor, settled: None };
        let end = |place| Some(QueryPlace { object: index, spot: Spot::Place(place) });
        let mut before = match after.map(|after| after.spot) {
            Some(Spot::Place(place)) => place,
            Some(Spot::Trace { .. }) | None => i64::MAX,
        };
        let deadline = found.began + PATIENCE;
        let mut chunk = FIRST_CHUNK;
        loop {
            let sifted = self.store.sift(source.object, &sieve, before, chunk, deadline).await?;
            for (place, row) in sifted.rows {
                if found.is_full(self.plan.wish) {
                    found.page.next = end(before);
                    return Ok(true);
                }
                (before, found.looked) = (place, found.looked + 1);
                self.look_at(place, &row, &mut way, found).await?;
            }
            tokio::task::yield_now().await;
            match sifted.next {
                None => return Ok(false),
                Some(next) => before = next,
            }
            found.page.next = end(before);
            let full = found.is_full(self.plan.wish);
            found.page.cut = !full && (found.looked >= LOOKED || Instant::now() >= deadline);
            if full || found.page.cut {
                return Ok(true);
            }
            chunk = CHUNK;
        }
    }

    /// Takes a row, or its trace, if it matches.
    async fn look_at(&self, place: i64, row: &FullRow, way: &mut Way<'_>, found: &mut Found) -> Result<(), WalkError> {
        let shown = event(row, way.context, false);
        let scope = Scope { row: &shown, clock: self.clock };
        if !matches(&way.anchor, scope) {
            return Ok(());
        }
        if self.plan.wish != Wish::Spans {
            return self.take_trace(place, &row.row.spans.root_span_id, way, found).await;
        }
        let matches = !self.plan.asks_of_others() || matches(self.filter_on(row, way, found).await?, scope);
        if matches {
            found.take_row(row, shown);
        }
        Ok(())
    }

    /// What the filter is on the trace of a row: what it asks of the other spans is known there.
    async fn filter_on<'w>(
        &self,
        row: &FullRow,
        way: &'w mut Way<'_>,
        found: &mut Found,
    ) -> Result<&'w Expr, WalkError> {
        let root = &row.row.spans.root_span_id;
        let known = way.settled.take().filter(|(known, _)| known == root);
        let settled = match known {
            Some(known) => known,
            None => {
                let trace = self.store.whole_trace(way.source.object, root).await?;
                found.looked += trace.len();
                let trace: Vec<_> = trace.iter().map(|(_, row)| event(row, way.context, false)).collect();
                (root.clone(), settle(&self.plan.filter, trace.iter(), self.clock)?)
            }
        };
        Ok(&way.settled.insert(settled).1)
    }

    /// Takes a trace if it matches and the row at `place` is the one that stands for it: the last to arrive that the anchor holds of,
    /// so that a trace comes once however many pages there are.
    async fn take_trace(&self, place: i64, root: &str, way: &Way<'_>, found: &mut Found) -> Result<(), WalkError> {
        let clock = self.clock;
        let trace = self.store.whole_trace(way.source.object, root).await?;
        found.looked += trace.len();
        let events: Vec<Map<String, Value>> = trace.iter().map(|(_, row)| event(row, way.context, false)).collect();
        let holds = |row: &Map<String, Value>| matches(&way.anchor, Scope { row, clock });
        if trace.iter().zip(&events).any(|((at, _), event)| *at > place && holds(event)) {
            return Ok(());
        }
        let filter = match self.plan.asks_of_others() {
            true => Cow::Owned(settle(&self.plan.filter, events.iter(), clock)?),
            false => Cow::Borrowed(&self.plan.filter),
        };
        let is = |row: &Map<String, Value>| matches(&filter, Scope { row, clock });
        let matched = trace.iter().zip(&events).filter(|(_, event)| is(event));
        let matched: Vec<String> = matched.map(|((_, row), _)| row.row.id.clone()).collect();
        if !matched.is_empty() {
            found.take_trace(self.plan.wish, root, matched, trace.iter().map(|(_, row)| row), events);
        }
        Ok(())
    }
}

/// What a row must be so that its trace, or it itself, may match: the filter without what it asks of other spans, or what one of those
/// must be.
fn anchor(plan: &Plan) -> Result<Expr, FilterError> {
    let parts = match &plan.filter.kind {
        Kind::And(parts) => parts.as_slice(),
        _ => std::slice::from_ref(&plan.filter),
    };
    let is_of_others = |part: &&Expr| part.any(&|expr| matches!(expr.kind, Kind::AnySpan(_)));
    let own: Vec<Expr> = parts.iter().filter(|part| !is_of_others(part)).cloned().collect();
    if !own.is_empty() {
        return Expr::and(own, Position::START);
    }
    let one = parts.iter().filter(|_| plan.wish != Wish::Spans).find_map(|part| match &part.kind {
        Kind::AnySpan(inner) => Some((**inner).clone()),
        _ => None,
    });
    one.map_or_else(|| Expr::value(true.into(), Position::START), Ok)
}
