//! One page of a query: rows that an index lets through are looked at, the most recently arrived first, until the page is full or has
//! looked at enough.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use concord_shared::filter::eval::{self, Clock, Scope, settle};
use concord_shared::filter::query::Sort;
use concord_shared::filter::{Expr, FilterError, Kind, Position, matches};
use concord_shared::ids::{MemberId, ObjectRef, OrganizationId, ProjectId, XactId};
use concord_shared::score::Score;
use serde_json::{Map, Value};

use super::lookup::{Lookup, TRACES, lookup};
use super::plan::{Plan, Wish};
use crate::domain::rows::FullRow;
use crate::domain::store::{Store, StoreError};
use crate::query::cursor::{QueryPlace, Spot};
use crate::query::event::{Context, event};
use crate::query::sieve::sieve;

/// Rows that one page looks at, beyond those that an index passed over: about half a second of a core. What is beyond is on the next page.
pub const LOOKED: usize = 10_000;

/// How long one page looks at rows, whatever their number: hostile filters and huge rows end here.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Rows that are looked at at a time, and at first: most pages need no more.
const CHUNK: u32 = 250;
const FIRST_CHUNK: u32 = 60;

/// Bytes of logged JSON on one page.
const BYTES: usize = 32 << 20;

/// An object that a query reads.
#[derive(Debug)]
pub struct Source {
    /// The object.
    pub object: ObjectRef,
    /// Its project.
    pub project: ProjectId,
    /// What the project wants judged.
    pub scores: std::sync::Arc<[Score]>,
}

/// A query under way.
pub struct Walk<'a> {
    /// Where rows are.
    pub store: &'a dyn Store,
    /// Whose they are.
    pub organization: OrganizationId,
    /// Names of members.
    pub names: &'a BTreeMap<MemberId, String>,
    /// The objects, in the order of the query.
    pub sources: &'a [Source],
    /// What is asked.
    pub plan: &'a Plan,
    /// The present.
    pub clock: Clock,
    /// Rows of datasets as they were after this transaction.
    pub as_of: Option<XactId>,
}

/// What a page holds.
#[derive(Debug, Default)]
pub struct Page {
    /// Rows as events of the API; none where traces are only listed.
    pub rows: Vec<Map<String, Value>>,
    /// Where whole traces were asked for: each with the ids of the rows that match.
    pub traces: Vec<(String, Vec<String>)>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<QueryPlace>,
    /// The bound was met before the page was full.
    pub cut: bool,
}

/// A trace on the way.
struct Trace<'a> {
    index: usize,
    source: &'a Source,
    xact: XactId,
    root: &'a str,
}

impl Trace<'_> {
    fn place(&self, row: Option<String>) -> QueryPlace {
        let spot = Spot::Trace { xact: self.xact, root_span_id: self.root.to_owned(), row };
        QueryPlace { object: self.index, spot }
    }
}

impl Found {
    fn is_full(&self, wish: Wish) -> bool {
        let taken = if wish == Wish::Spans { self.page.rows.len() } else { self.traces };
        taken >= self.limit || self.bytes >= BYTES
    }
}

/// Why a page cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An order of one's own needs all rows.
    #[error(
        "this order needs all rows that match, and finding them takes a look at more than {LOOKED} rows or 5 seconds; \
         say fewer by id, span_id or root_span_id, or sort by _pagination_key desc, which is read in pages"
    )]
    TooManyToSort,
    /// Evaluation could not go on.
    #[error("{0}")]
    Filter(#[from] concord_shared::filter::FilterError),
}

/// What was found so far.
struct Found {
    page: Page,
    began: Instant,
    limit: usize,
    traces: usize,
    looked: usize,
    bytes: usize,
}

impl Walk<'_> {
    /// The page after a place, or the first.
    pub async fn page(&self, after: Option<QueryPlace>) -> Result<Page, WalkError> {
        if self.plan.limit == 0 {
            return Ok(Page::default());
        }
        if self.plan.sort.is_empty() {
            return self.walk(after, self.plan.limit).await;
        }
        let mut page = self.walk(None, usize::MAX).await?;
        if page.next.is_some() {
            return Err(WalkError::TooManyToSort);
        }
        self.sort(&mut page.rows);
        page.rows.truncate(self.plan.limit);
        Ok(page)
    }

    /// From a place on, with a limit of its own.
    async fn walk(&self, after: Option<QueryPlace>, limit: usize) -> Result<Page, WalkError> {
        let mut found = Found { page: Page::default(), began: Instant::now(), limit, traces: 0, looked: 0, bytes: 0 };
        let begin = after.as_ref().map_or(0, |after| after.object);
        let looked_up = lookup(&self.plan.filter).filter(|_| self.as_of.is_none());
        for (index, source) in self.sources.iter().enumerate().skip(begin) {
            let after = after.clone().filter(|after| after.object == index);
            let traces = match &looked_up {
                Some(lookup) => self.look_up(source, lookup).await?,
                None => None,
            };
            let ended = match traces {
                None if self.as_of.is_some() => self.through_versions(index, source, after, &mut found).await?,
                Some(traces) => self.through_some(index, source, traces, after, &mut found)?,
                None => {
                    let after = after.and_then(|after| match after.spot {
                        Spot::Place(place) => Some(place),
                        Spot::Trace { .. } => None,
                    });
                    self.through_arrivals(index, source, after, &mut found).await?
                }
            };
            if ended {
                return Ok(found.page);
            }
        }
        found.page.next = None;
        Ok(found.page)
    }

    /// Looks at the rows that may match, the most recently arrived first; whether the page has ended.
    async fn through_arrivals(
        &self,
        index: usize,
        source: &Source,
        after: Option<i64>,
        found: &mut Found,
    ) -> Result<bool, WalkError> {
        let anchor = anchor(self.plan)?;
        let sieve = sieve(&anchor, self.clock);
        let context = self.context(source);
        let deadline = found.began + PATIENCE;
        let mut before = after.unwrap_or(i64::MAX);
        let mut chunk = FIRST_CHUNK;
        // The trace that was read last, with what the filter is on it.
        let mut settled: Option<(String, Expr)> = None;
        loop {
            let sifted = self.store.sift(source.object, &sieve, before, chunk, deadline).await?;
            for (place, row) in sifted.rows {
                let end = QueryPlace { object: index, spot: Spot::Place(before) };
                if found.is_full(self.plan.wish) {
                    found.page.next = Some(end);
                    return Ok(true);
                }
                (before, found.looked) = (place, found.looked + 1);
                let shown = shown(&row, context);
                if !self.plan.needs_trace() {
                    if matches(&self.plan.filter, Scope { row: &shown, clock: self.clock }) {
                        found.bytes += weigh_row(&row);
                        found.page.rows.push(shown);
                    }
                    continue;
                }
                let root = &row.row.spans.root_span_id;
                if !matches(&anchor, Scope { row: &shown, clock: self.clock }) {
                    continue;
                }
                if self.plan.wish == Wish::Spans {
                    if settled.as_ref().is_none_or(|(known, _)| known != root) {
                        let trace = self.store.placed_trace(source.object, root).await?;
                        found.looked += trace.len();
                        let trace: Vec<_> = trace.iter().map(|(_, row)| self::shown(row, context)).collect();
                        settled = Some((root.clone(), settle(&self.plan.filter, trace.iter(), self.clock)?));
                    }
                    let filter = settled.as_ref().map(|(_, filter)| filter);
                    if filter.is_some_and(|filter| matches(filter, Scope { row: &shown, clock: self.clock })) {
                        found.bytes += weigh_row(&row);
                        found.page.rows.push(shown);
                    }
                    continue;
                }
                let trace = self.store.placed_trace(source.object, root).await?;
                found.looked += trace.len();
                self.take_trace(trace, &anchor, place, context, found)?;
            }
            tokio::task::yield_now().await;
            match sifted.next {
                None => return Ok(false),
                Some(next) => before = next,
            }
            found.page.next = Some(QueryPlace { object: index, spot: Spot::Place(before) });
            if found.is_full(self.plan.wish) {
                return Ok(true);
            }
            if found.looked >= LOOKED || Instant::now() >= deadline {
                found.page.cut = true;
                return Ok(true);
            }
            chunk = CHUNK;
        }
    }

    /// Takes a trace if it matches and the row at `place` is the one that stands for it: the last to arrive that the anchor holds of,
    /// so that a trace comes once however many pages there are.
    fn take_trace(
        &self,
        mut trace: Vec<(i64, FullRow)>,
        anchor: &Expr,
        place: i64,
        context: Context<'_>,
        found: &mut Found,
    ) -> Result<(), WalkError> {
        let clock = self.clock;
        // As fetch has them: the most recently written first, roots before others.
        trace.sort_by_key(|(place, row)| (Reverse(row.xact), !row.row.is_root(), row.row.created, *place));
        let events: Vec<Map<String, Value>> = trace.iter().map(|(_, row)| shown(row, context)).collect();
        let holds = |row: &Map<String, Value>| matches(anchor, Scope { row, clock });
        let newer = |((at, _), event): (&(i64, FullRow), &Map<String, Value>)| *at > place && holds(event);
        if trace.iter().zip(&events).any(newer) {
            return Ok(());
        }
        let filter = match self.plan.asks_of_others() {
            true => Cow::Owned(settle(&self.plan.filter, events.iter(), clock)?),
            false => Cow::Borrowed(&self.plan.filter),
        };
        let matched: Vec<String> = trace
            .iter()
            .zip(&events)
            .filter(|(_, event)| matches(&filter, Scope { row: event, clock }))
            .map(|((_, row), _)| row.row.id.clone())
            .collect();
        if matched.is_empty() {
            return Ok(());
        }
        found.traces += 1;
        let root = trace.first().map(|(_, row)| row.row.spans.root_span_id.clone()).unwrap_or_default();
        if self.plan.wish == Wish::Traces {
            found.bytes += trace.iter().map(|(_, row)| weigh_row(row)).sum::<usize>();
            found.page.rows.extend(events);
        }
        found.page.traces.push((root, matched));
        Ok(())
    }

    fn context<'a>(&'a self, source: &'a Source) -> Context<'a> {
        Context {
            organization: self.organization,
            project: source.project,
            object: source.object,
            scores: &source.scores,
            names: self.names,
        }
    }

    /// Walks earlier versions of rows; each stands alone, under its own id.
    async fn through_versions(
        &self,
        index: usize,
        source: &Source,
        after: Option<QueryPlace>,
        found: &mut Found,
    ) -> Result<bool, WalkError> {
        let as_of = self.as_of.unwrap_or(XactId(i64::MAX));
        let mut before = after.and_then(|after| match after.spot {
            Spot::Trace { xact, root_span_id, .. } => Some((xact, root_span_id)),
            Spot::Place(_) => None,
        });
        loop {
            let fetched = self.store.versions(source.object, as_of, before, CHUNK).await?;
            for row in fetched.rows {
                let (xact, id) = (row.xact, row.row.id.clone());
                if self.take(&Trace { index, source, xact, root: &id }, vec![row], None, found)? {
                    return Ok(true);
                }
            }
            match fetched.last {
                Some(last) => before = Some(last),
                None => return Ok(false),
            }
        }
    }

    /// Goes through traces that were looked up.
    fn through_some(
        &self,
        index: usize,
        source: &Source,
        traces: Vec<(XactId, String, Vec<FullRow>)>,
        after: Option<QueryPlace>,
        found: &mut Found,
    ) -> Result<bool, WalkError> {
        for (xact, root, rows) in traces {
            let mut row = None;
            if let Some(Spot::Trace { xact: last, root_span_id, row: last_row }) =
                after.as_ref().map(|after| &after.spot)
            {
                let (here, there) = ((xact, root.as_str()), (*last, root_span_id.as_str()));
                let is_it = root == *root_span_id && last_row.is_some();
                if here >= there && !is_it {
                    continue;
                }
                row = last_row.as_deref().filter(|_| is_it);
            }
            if self.take(&Trace { index, source, xact, root: &root }, rows, row, found)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Traces with the rows that were asked for by id, newest first; `None`: there are so many that walking is no worse.
    async fn look_up(
        &self,
        source: &Source,
        lookup: &Lookup,
    ) -> Result<Option<Vec<(XactId, String, Vec<FullRow>)>>, WalkError> {
        let mut roots = BTreeSet::new();
        let mut traces: BTreeMap<String, Vec<FullRow>> = BTreeMap::new();
        match lookup {
            Lookup::Traces(ids) => roots.extend(ids.iter().cloned()),
            Lookup::Spans(ids) => {
                for id in ids {
                    roots.extend(self.store.traces_of_span(source.object, id).await?);
                }
            }
            Lookup::Rows(ids) => {
                let rows = self.store.rows(source.object, ids).await?;
                for row in rows.into_values() {
                    let root = row.row.spans.root_span_id.clone();
                    if self.plan.needs_trace() {
                        roots.insert(root);
                    } else {
                        traces.entry(root).or_default().push(row);
                    }
                }
            }
        }
        if roots.len() > TRACES {
            return Ok(None);
        }
        let mut looked = 0;
        for root in roots {
            let rows = self.store.whole_trace(source.object, &root).await?;
            looked += rows.len();
            if looked > LOOKED && self.plan.sort.is_empty() && lookup_is_wide(lookup) {
                return Ok(None);
            }
            traces.insert(root, rows);
        }
        let newest = |rows: &[FullRow]| rows.iter().map(|row| row.xact).max();
        let mut found: Vec<_> =
            traces.into_iter().filter_map(|(root, rows)| Some((newest(&rows)?, root, rows))).collect();
        found.sort_by(|a, b| (b.0, &b.1).cmp(&(a.0, &a.1)));
        Ok(Some(found))
    }

    /// Takes what matches of a trace, after the row `skip` if it is still there; whether the page has ended.
    fn take(
        &self,
        trace: &Trace<'_>,
        rows: Vec<FullRow>,
        skip: Option<&str>,
        found: &mut Found,
    ) -> Result<bool, WalkError> {
        let Plan { filter, wish, .. } = self.plan;
        let context = self.context(trace.source);
        found.looked += rows.len();
        let events: Vec<Map<String, Value>> = rows.iter().map(|row| shown(row, context)).collect();
        let filter: Cow<'_, Expr> = match self.plan.asks_of_others() {
            true => Cow::Owned(settle(filter, events.iter(), self.clock)?),
            false => Cow::Borrowed(filter),
        };
        let is = |row: &Map<String, Value>| matches(&filter, Scope { row, clock: self.clock });
        match wish {
            Wish::Traces | Wish::Listed => {
                let matched = rows.iter().zip(&events).filter(|(_, event)| is(event));
                let matched: Vec<String> = matched.map(|(row, _)| row.row.id.clone()).collect();
                if !matched.is_empty() {
                    found.traces += 1;
                    found.page.traces.push((trace.root.to_owned(), matched));
                    if *wish == Wish::Traces {
                        found.bytes += rows.iter().map(weigh_row).sum::<usize>();
                        found.page.rows.extend(events);
                    }
                }
            }
            Wish::Spans => {
                let known = skip.and_then(|skip| rows.iter().position(|row| row.row.id == skip));
                let mut last = skip.filter(|_| known.is_some());
                for (row, event) in rows.iter().zip(events).skip(known.map_or(0, |known| known + 1)) {
                    if found.is_full(*wish) {
                        found.page.next = Some(trace.place(last.map(str::to_owned)));
                        return Ok(true);
                    }
                    if is(&event) {
                        found.bytes += weigh_row(row);
                        found.page.rows.push(event);
                    }
                    last = Some(&row.row.id);
                }
            }
        }
        found.page.next = Some(trace.place(None));
        found.page.cut = !found.is_full(*wish) && (found.looked >= LOOKED || found.began.elapsed() >= PATIENCE);
        Ok(found.page.cut || found.is_full(*wish))
    }

    fn sort(&self, rows: &mut [Map<String, Value>]) {
        let key = |sort: &Sort, row: &Map<String, Value>| eval::value(&sort.expr, Scope { row, clock: self.clock });
        let keys = |row: &Map<String, Value>| self.plan.sort.iter().map(|sort| key(sort, row)).collect::<Vec<_>>();
        rows.sort_by_cached_key(|row| Keys(keys(row), self.plan.sort.iter().map(|sort| sort.descending).collect()));
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

/// A row as the API tells it.
fn shown(row: &FullRow, context: Context<'_>) -> Map<String, Value> {
    match event(row, context, false) {
        Value::Object(event) => event,
        _ => Map::new(),
    }
}

/// Whether walking could find the same without reading the traces whole first.
fn lookup_is_wide(lookup: &Lookup) -> bool {
    match lookup {
        Lookup::Traces(ids) | Lookup::Spans(ids) | Lookup::Rows(ids) => ids.len() > 1,
    }
}

/// Values to sort by, each with whether the largest comes first.
struct Keys(Vec<Value>, Vec<bool>);

impl Ord for Keys {
    fn cmp(&self, other: &Self) -> Ordering {
        let each = self.0.iter().zip(&other.0).zip(&self.1).map(|((left, right), descending)| {
            let ordering = eval::order(left, right);
            if *descending { ordering.reverse() } else { ordering }
        });
        each.fold(Ordering::Equal, Ordering::then)
    }
}

impl PartialOrd for Keys {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Keys {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Keys {}

fn weigh_row(row: &FullRow) -> usize {
    row.row.logged.values().map(weigh).sum()
}

/// About how long a value is as JSON. Its depth is bounded where rows come in.
fn weigh(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| 1 + weigh(item)).sum::<usize>(),
        Value::Object(map) => 2 + map.iter().map(|(key, value)| key.len() + 4 + weigh(value)).sum::<usize>(),
        _ => 5,
    }
}
