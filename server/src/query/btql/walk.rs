//! One page of a query: rows are looked at until the page is full or has looked at enough. Rows that an index lets through come as
//! they arrived (`arrivals`), what is named by its id and former versions by the transaction that last touched them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use concord_shared::filter::eval::{Clock, Scope, settle};
use concord_shared::filter::{Expr, matches};
use concord_shared::ids::{MemberId, ObjectRef, OrganizationId, ProjectId, XactId};
use concord_shared::score::Score;
use serde_json::{Map, Value};

use super::lookup::{Traces, lookup};
use super::order;
use super::plan::{Plan, Wish};
use crate::domain::rows::FullRow;
use crate::domain::store::{Store, StoreError};
use crate::query::cursor::{QueryPlace, Spot};
use crate::query::event::{Context, event};

/// Rows that one page looks at, beyond those that an index passed over: about half a second of a core. What is beyond is on the next page.
pub const LOOKED: usize = 10_000;

/// How long one page looks at rows, whatever their number: hostile filters and huge rows end here.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Versions that are read at a time.
const CHUNK: u32 = 100;

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
    pub(super) fn is_full(&self, wish: Wish) -> bool {
        let taken = if wish == Wish::Spans { self.page.rows.len() } else { self.page.traces.len() };
        taken >= self.limit || self.bytes >= BYTES
    }

    /// A row that matches.
    pub(super) fn take_row(&mut self, row: &FullRow, event: Map<String, Value>) {
        self.bytes += weigh_row(row);
        self.page.rows.push(event);
    }

    /// A trace of which these rows match, with all its rows where whole traces are asked for.
    pub(super) fn take_trace<'r>(
        &mut self,
        wish: Wish,
        root: &str,
        matched: Vec<String>,
        rows: impl Iterator<Item = &'r FullRow>,
        events: Vec<Map<String, Value>>,
    ) {
        self.page.traces.push((root.to_owned(), matched));
        if wish == Wish::Traces {
            self.bytes += rows.map(weigh_row).sum::<usize>();
            self.page.rows.extend(events);
        }
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
pub(super) struct Found {
    pub(super) page: Page,
    pub(super) began: Instant,
    limit: usize,
    pub(super) looked: usize,
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
        order::sort(&self.plan.sort, self.clock, &mut page.rows);
        page.rows.truncate(self.plan.limit);
        Ok(page)
    }

    /// From a place on, with a limit of its own.
    async fn walk(&self, after: Option<QueryPlace>, limit: usize) -> Result<Page, WalkError> {
        let mut found = Found { page: Page::default(), began: Instant::now(), limit, looked: 0, bytes: 0 };
        let begin = after.as_ref().map_or(0, |after| after.object);
        let looked_up = lookup(&self.plan.filter).filter(|_| self.as_of.is_none());
        for (index, source) in self.sources.iter().enumerate().skip(begin) {
            let after = after.clone().filter(|after| after.object == index);
            let traces = match &looked_up {
                Some(lookup) => {
                    // An order of one's own needs all of them, however many.
                    let most = if self.plan.sort.is_empty() { LOOKED } else { usize::MAX };
                    lookup.find(self.store, source.object, self.plan.needs_trace(), most).await?
                }
                None => None,
            };
            let ended = match traces {
                None if self.as_of.is_some() => self.through_versions(index, source, after, &mut found).await?,
                Some(traces) => self.through_some(index, source, traces, after, &mut found)?,
                None => self.through_arrivals(index, source, after, &mut found).await?,
            };
            if ended {
                return Ok(found.page);
            }
        }
        found.page.next = None;
        Ok(found.page)
    }

    pub(super) fn context<'a>(&'a self, source: &'a Source) -> Context<'a> {
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
        traces: Traces,
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
        let events: Vec<Map<String, Value>> = rows.iter().map(|row| event(row, context, false)).collect();
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
                    found.take_trace(*wish, trace.root, matched, rows.iter(), events);
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
                        found.take_row(row, event);
                    }
                    last = Some(&row.row.id);
                }
            }
        }
        found.page.next = Some(trace.place(None));
        found.page.cut = !found.is_full(*wish) && (found.looked >= LOOKED || found.began.elapsed() >= PATIENCE);
        Ok(found.page.cut || found.is_full(*wish))
    }
}

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
