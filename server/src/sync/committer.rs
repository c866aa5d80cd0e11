//! Group commit: whatever waits, of all rooms and all ingest requests, becomes one transaction with one disk sync.
//! An idle committer adds no wait: it takes the first commit at once and, with it, only what is there already.

use std::collections::BTreeSet;
use std::sync::Arc;

use concord_shared::ids::{MemberId, ObjectRef, ProjectId};
use concord_shared::metric::{CounterKey, Counters};
use dashmap::DashSet;
use tokio::sync::{mpsc, oneshot};

use crate::clock::Clock;
use crate::domain::notice::{Finished, finished, notices};
use crate::domain::store::{Batch, Commit, Committed, Store, StoreError};
use crate::domain::touch::{Touched, touched};
use crate::gauges::{Gauges, Stopwatch};

/// Commits that may wait. Senders beyond it wait for their turn, which slows rooms and ingest to the speed of the disk.
const QUEUE: usize = 1024;

/// Work in one transaction, as [`weight`] counts it: 128 changes of reviews, or 1,024 rows. Bounds how long the first commit
/// waits for the last, and lets rooms judge the next changes while the disk is busy with these.
const BATCH: usize = 1024;

/// Batches whose deltas have not been taken by the live side; beyond it the committer waits for it.
const PUBLISHED: usize = 256;

/// Objects of which somebody wants to know what is written. The others cost nothing.
#[derive(Debug, Clone, Default)]
pub struct Watched(Arc<DashSet<ObjectRef>>);

impl Watched {
    /// From now on.
    pub fn add(&self, object: ObjectRef) {
        self.0.insert(object);
    }

    /// No longer.
    pub fn remove(&self, object: ObjectRef) {
        self.0.remove(&object);
    }
}

/// A durable batch, for those who follow.
#[derive(Debug)]
pub struct Published {
    /// Counters and their number.
    pub batch: Batch,
    /// What it may have changed of watched objects.
    pub touched: Vec<Touched>,
    /// Whom it concerns.
    pub news: News,
}

/// What a batch means to people who are not looking at the rows that it wrote.
#[derive(Debug, Default)]
pub struct News {
    /// Projects whose reviews have come further, or back.
    pub projects: BTreeSet<ProjectId>,
    /// Members who were told something.
    pub members: BTreeSet<MemberId>,
    /// Rows that somebody is done with.
    pub finished: Vec<(ProjectId, Finished)>,
}

impl News {
    /// Of the commits that are stored, and of how counters moved.
    fn of<'a>(stored: impl Iterator<Item = &'a Commit>, deltas: &[(ObjectRef, Counters)]) -> Self {
        let mut news = Self::default();
        let is_review = |key: &CounterKey| matches!(key, CounterKey::Status(_) | CounterKey::Waiting(_));
        let moved = |(_, delta): &&(ObjectRef, Counters)| delta.iter().any(|(key, _)| is_review(key));
        let moved: BTreeSet<ObjectRef> = deltas.iter().filter(moved).map(|(object, _)| *object).collect();
        for commit in stored {
            if moved.contains(&commit.object()) {
                news.projects.insert(commit.project());
            }
            if let Commit::Review(commit) = commit {
                news.members.extend(notices(commit).into_iter().map(|notice| notice.member));
                news.finished.extend(finished(commit).map(|finished| (commit.key.project, finished)));
            }
        }
        news
    }
}

/// Hands commits to the one task that writes.
#[derive(Debug, Clone)]
pub struct Committer {
    queue: mpsc::Sender<Item>,
}

#[derive(Debug)]
struct Item {
    commit: Commit,
    done: oneshot::Sender<Result<Committed, StoreError>>,
}

impl Committer {
    /// Starts the task. The receiver gets every durable batch, in order.
    pub fn start(
        store: Arc<dyn Store>,
        clock: Clock,
        gauges: Gauges,
        watched: Watched,
    ) -> (Self, mpsc::Receiver<Published>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let (publish, published) = mpsc::channel(PUBLISHED);
        tokio::spawn(run(store, clock, gauges, waiting, publish, watched));
        (Self { queue }, published)
    }

    /// Commits that wait.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Returns when the commit is durable, or is known not to be.
    pub async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let stopped = || StoreError::Unavailable("the server is stopping".into());
        let (done, outcome) = oneshot::channel();
        self.queue.send(Item { commit, done }).await.map_err(|_| stopped())?;
        outcome.await.map_err(|_| stopped())?
    }
}

/// What a commit costs, in rows of an ingest request. A change of a review costs about eight of them.
fn weight(commit: &Commit) -> usize {
    match commit {
        Commit::Review(commit) => 8 * (commit.changes.len() + commit.refusals.len()),
        Commit::Rows(commit) => commit.writes.len(),
        Commit::Rederive(_) => BATCH,
    }
}

async fn run(
    store: Arc<dyn Store>,
    clock: Clock,
    gauges: Gauges,
    mut waiting: mpsc::Receiver<Item>,
    publish: mpsc::Sender<Published>,
    watched: Watched,
) {
    let attempt = async |commits: Arc<[Commit]>| {
        let stopwatch = Stopwatch::start();
        let stored = store.commit(commits.clone(), clock.now()).await;
        match &stored {
            Ok(_) => gauges.batch(commits.len(), rows(&commits), stopwatch.elapsed()),
            Err(error) => gauges.store_error(error),
        }
        stored
    };
    while let Some(first) = waiting.recv().await {
        let mut heavy = weight(&first.commit);
        let (mut commits, mut dones) = (vec![first.commit], vec![first.done]);
        while heavy < BATCH
            && let Ok(item) = waiting.try_recv()
        {
            heavy += weight(&item.commit);
            commits.push(item.commit);
            dones.push(item.done);
        }
        let commits: Arc<[Commit]> = commits.into();
        match attempt(commits.clone()).await {
            Ok(batch) => {
                let (touched, news) = told(&commits, &batch, &watched);
                // Taking thousands of rows apart takes as long as writing some: the next batch need not wait for it.
                tokio::spawn(async move { drop(commits) });
                finish(Published { batch, touched, news }, dones, &publish).await;
            }
            // One commit that the database cannot take must not cost the others: each tries alone.
            Err(StoreError::Unavailable(_)) | Err(StoreError::Corrupt { .. }) if commits.len() > 1 => {
                for (commit, done) in commits.iter().zip(dones) {
                    match attempt(Arc::new([commit.clone()])).await {
                        Ok(batch) => {
                            let (touched, news) = told(std::slice::from_ref(commit), &batch, &watched);
                            finish(Published { batch, touched, news }, vec![done], &publish).await;
                        }
                        Err(error) => fail(error, vec![done]),
                    }
                }
            }
            Err(error) => fail(error, dones),
        }
    }
}

fn rows(commits: &[Commit]) -> usize {
    let rows = |commit: &Commit| if let Commit::Rows(rows) = commit { rows.writes.len() } else { 0 };
    commits.iter().map(rows).sum()
}

/// What commits that are stored may have changed of objects that somebody watches, and whom they concern.
fn told(commits: &[Commit], batch: &Batch, watched: &Watched) -> (Vec<Touched>, News) {
    let stored = || commits.iter().zip(&batch.results).filter(|(_, result)| result.is_ok()).map(|(commit, _)| commit);
    let touched = match watched.0.is_empty() {
        true => Vec::new(),
        false => stored().filter(|commit| watched.0.contains(&commit.object())).flat_map(touched).collect(),
    };
    (touched, News::of(stored(), &batch.deltas))
}

async fn finish(
    mut published: Published,
    dones: Vec<oneshot::Sender<Result<Committed, StoreError>>>,
    publish: &mpsc::Sender<Published>,
) {
    for (result, done) in std::mem::take(&mut published.batch.results).into_iter().zip(dones) {
        // Whoever waited may be gone; the commit is durable all the same.
        let _ = done.send(result);
    }
    let Published { batch, touched, news } = &published;
    let says = !batch.deltas.is_empty() || !touched.is_empty() || !news.members.is_empty() || !news.finished.is_empty();
    if says && publish.send(published).await.is_err() {
        tracing::debug!("nobody follows what is written any more");
    }
}

fn fail(error: StoreError, dones: Vec<oneshot::Sender<Result<Committed, StoreError>>>) {
    tracing::error!(%error, commits = dones.len(), "a batch was not stored");
    for done in dones {
        let _ = done.send(Err(error.clone()));
    }
}
