//! Queries over all rows: traces are read in chunks, and what is asked of them (`concord_shared::filter::compute`) is worked out beside
//! the async threads, a chunk at a time, so that neither writers nor other readers wait.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use concord_shared::filter::compute::run::Answer;
use concord_shared::filter::compute::{Compute, Flow, Run, TooMuch};
use concord_shared::filter::eval::Clock;
use concord_shared::ids::{MemberId, OrganizationId, XactId};

use super::lookup::{Traces, lookup};
use super::walk::Source;
use crate::domain::store::{Store, StoreError};
use crate::query::cursor::{QueryPlace, Spot};
use crate::query::event::{Context, event};
use crate::query::sieve::sieve;

/// Rows that one query looks at: about five seconds of a core.
pub const LOOKED: usize = 200_000;

/// How long one query looks at rows, whatever their number.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Traces that are read at a time.
const CHUNK: u32 = 200;

/// Rows that are read at a time where they stand alone.
const ROWS_AT_ONCE: u32 = 500;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ComputeError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many rows, or too slow.
    #[error(
        "this query would look at more than {LOOKED} rows or take more than {PATIENCE:?}; narrow it by a filter on time (created > \
         now() - interval 1 day), tags, scores or texts, by ids, or ask an experiment instead of all logs"
    )]
    TooLong,
    /// Too large in between.
    #[error("this query {0}")]
    TooMuch(#[from] TooMuch),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
}

/// A query over all rows of its objects.
pub struct Scan<'a> {
    /// Where rows are.
    pub store: &'a dyn Store,
    /// Whose they are.
    pub organization: OrganizationId,
    /// Names of members.
    pub names: Arc<BTreeMap<MemberId, String>>,
    /// The objects, in the order of the query.
    pub sources: &'a [Source],
    /// What is asked.
    pub compute: Arc<Compute>,
    /// The present.
    pub clock: Clock,
    /// Rows of datasets as they were after this transaction.
    pub as_of: Option<XactId>,
}

/// An answer, and where the next page of it begins.
#[derive(Debug)]
pub struct Page {
    /// Rows and columns.
    pub answer: Answer,
    /// `None`: there is none.
    pub next: Option<QueryPlace>,
}

/// Traces on their way into the answer.
struct Progress {
    run: Run,
    began: Instant,
    looked: usize,
    next: Option<QueryPlace>,
}

impl Scan<'_> {
    /// The answer, or a page of it where it comes in pages.
    pub async fn answer(&self, after: Option<QueryPlace>) -> Result<Page, ComputeError> {
        let run = Run::new(self.compute.clone(), self.clock);
        let mut progress = Progress { run, began: Instant::now(), looked: 0, next: None };
        let mut flow = if self.compute.limit == 0 { Flow::Full } else { Flow::More };
        let begin = after.as_ref().map_or(0, |after| after.object);
        for (index, source) in self.sources.iter().enumerate().skip(begin) {
            let mut before = after.as_ref().filter(|after| after.object == index).and_then(|after| match &after.spot {
                Spot::Trace { xact, root_span_id, .. } => Some((*xact, root_span_id.clone())),
                Spot::Place(_) => None,
            });
            if let Some(traces) = self.look_up(source).await? {
                let rest = traces.into_iter().filter(|(xact, root, _)| {
                    before.as_ref().is_none_or(|(before, after)| (*xact, root) < (*before, after))
                });
                (progress, flow) = self.take(progress, index, source, rest.collect()).await?;
                if flow == Flow::Full {
                    break;
                }
                continue;
            }
            if self.as_of.is_none() && self.compute.is_about_rows() {
                (progress, flow) = self.sift(progress, index, source).await?;
                if flow == Flow::Full {
                    break;
                }
                continue;
            }
            while flow == Flow::More {
                let (traces, last) = self.read(source, before).await?;
                (progress, flow) = self.take(progress, index, source, traces).await?;
                before = last;
                if before.is_none() {
                    break;
                }
            }
            if flow == Flow::Full {
                break;
            }
        }
        let paged = self.compute.is_paged() && flow == Flow::Full;
        let next = progress.next.filter(|_| paged);
        let run = progress.run;
        let answer = tokio::task::spawn_blocking(move || run.finish()).await.map_err(|_| ComputeError::Stopping)??;
        Ok(Page { answer, next })
    }

    /// Rows that an index lets through, each by itself: enough where nothing is asked about the other spans of its trace.
    async fn sift(
        &self,
        mut progress: Progress,
        index: usize,
        source: &Source,
    ) -> Result<(Progress, Flow), ComputeError> {
        let sieve = sieve(&self.compute.filter, self.clock);
        let deadline = progress.began + PATIENCE;
        let mut before = i64::MAX;
        loop {
            let sifted = self.store.sift(source.object, &sieve, before, ROWS_AT_ONCE, deadline).await?;
            let rows =
                sifted.rows.into_iter().map(|(_, row)| (row.xact, row.row.spans.root_span_id.clone(), vec![row]));
            let flow;
            (progress, flow) = self.take(progress, index, source, rows.collect()).await?;
            match sifted.next {
                Some(_) if Instant::now() >= deadline => return Err(ComputeError::TooLong),
                Some(next) if flow == Flow::More => before = next,
                _ => return Ok((progress, flow)),
            }
        }
    }

    /// Traces before a place, and where the next ones begin.
    async fn read(
        &self,
        source: &Source,
        before: Option<(XactId, String)>,
    ) -> Result<(Traces, Option<(XactId, String)>), StoreError> {
        if let Some(as_of) = self.as_of {
            let fetched = self.store.versions(source.object, as_of, before, CHUNK).await?;
            let alone = fetched.rows.into_iter().map(|row| (row.xact, row.row.id.clone(), vec![row]));
            return Ok((alone.collect(), fetched.last));
        }
        let fetched = self.store.fetch(source.object, before, CHUNK).await?;
        let mut rows = fetched.rows.into_iter().peekable();
        let traces = fetched.traces.into_iter().map(|(xact, root)| {
            let mut own = Vec::new();
            while let Some(row) = rows.next_if(|row| row.row.spans.root_span_id == root) {
                own.push(row);
            }
            (xact, root, own)
        });
        Ok((traces.collect(), fetched.last))
    }

    /// The traces that a filter names, newest first; `None`: it names none, or so many that walking is no worse.
    async fn look_up(&self, source: &Source) -> Result<Option<Traces>, StoreError> {
        let Some(lookup) = lookup(&self.compute.filter).filter(|_| self.as_of.is_none()) else { return Ok(None) };
        lookup.find(self.store, source.object, true, LOOKED).await
    }

    /// Works on traces beside the async threads.
    async fn take(
        &self,
        progress: Progress,
        index: usize,
        source: &Source,
        traces: Traces,
    ) -> Result<(Progress, Flow), ComputeError> {
        let (organization, project, object) = (self.organization, source.project, source.object);
        let (scores, names) = (source.scores.clone(), self.names.clone());
        let work = move || {
            let mut progress = progress;
            let context = Context { organization, project, object, scores: &scores, names: &names };
            for (xact, root_span_id, rows) in traces {
                progress.looked += rows.len();
                if progress.looked > LOOKED || progress.began.elapsed() > PATIENCE {
                    return Err(ComputeError::TooLong);
                }
                let events = rows.iter().map(|row| event(row, context, false));
                let flow = progress.run.trace(events.collect())?;
                let spot = Spot::Trace { xact, root_span_id, row: None };
                progress.next = Some(QueryPlace { object: index, spot });
                if flow == Flow::Full {
                    return Ok((progress, Flow::Full));
                }
            }
            Ok((progress, Flow::More))
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| ComputeError::Stopping)?
    }
}
