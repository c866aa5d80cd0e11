//! The view topic: rows that match a filter, told as they enter, change and leave.
//!
//! A view is shared by all who follow the same filter of the same object with the same limit. It is read once, and from then on
//! told what commits touched ([`crate::domain::touch`]): each touched row is read back once and looked at once for each view that
//! reads what was touched. Nothing of it is on the way of a commit; what does not fit into the bounded queue puts the object's views
//! in doubt, and they are read anew. Commits of other servers on the same database are seen when a view is read, and in between not.

mod board;
mod read;
mod window;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use concord_shared::filter::{Clock as FilterClock, Expr};
use concord_shared::ids::{MemberId, ObjectRef, OrganizationId, ProjectId};
use concord_shared::score::Score;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval};

use self::board::{Board, Key, Looked};
use self::window::Reading;
use super::metrics::Subscription;
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::domain::store::{Store, StoreError};
use crate::domain::touch::{Touch, Touched};
use crate::query::event::Context;
use crate::sync::committer::Watched;

/// Updates are gathered this long: at most 20 a second reach a screen.
const COALESCE: Duration = Duration::from_millis(50);

/// Batches of touched rows that may wait; beyond it the views of their objects are read anew.
const BATCHES: usize = 256;

/// Touched rows of an object that are looked at one by one between two updates; beyond it its views are read anew.
const TOUCHED: usize = 2_000;

/// Rows that are read back at a time.
const CHUNK: usize = 500;

/// Subscriptions that may wait to be taken up, and readings that may wait to be taken in.
const REQUESTS: usize = 256;

/// Views that are read at the same time.
const READING: usize = 4;

/// How often views that look at the time are read anew.
const AGING: Duration = Duration::from_secs(30);

/// Most rows of a view.
pub const LONGEST: usize = 1000;

/// Rows of a view unless asked otherwise.
pub const USUAL: usize = 100;

/// Most views of one object that are followed at once.
const VIEWS: usize = 5_000;

/// What somebody wants to follow.
#[derive(Debug)]
pub struct Wish {
    /// Whose.
    pub organization: OrganizationId,
    /// The project of the object.
    pub project: ProjectId,
    /// The object.
    pub object: ObjectRef,
    /// Which rows; checked, without `any_span`.
    pub filter: Expr,
    /// How many are shown.
    pub limit: usize,
}

type Answer = oneshot::Sender<Result<Subscription, StoreError>>;

/// Hands subscriptions and touched rows to the one task that follows views.
#[derive(Debug, Clone)]
pub struct Views {
    requests: mpsc::Sender<(Wish, Answer)>,
    touched: mpsc::Sender<Vec<Touched>>,
    lost: Arc<Mutex<BTreeSet<ObjectRef>>>,
}

/// A reading that has ended.
struct Done {
    object: ObjectRef,
    what: What,
    about: About,
    outcome: Result<Reading, StoreError>,
}

/// Whose reading it is, and of when.
#[derive(Clone, Copy)]
struct About {
    organization: OrganizationId,
    project: ProjectId,
    /// Tells one following of an object from a later one.
    following: u64,
    /// How often the object had been in doubt when the reading began.
    doubts: u64,
}

enum What {
    Opens(Key, Expr),
    Again(u64),
}

/// An object that somebody follows.
struct Followed {
    about: About,
    board: Board,
    pending: HashMap<String, Touch>,
    /// Rows that were touched while some view was being read: they are looked at again once it is there.
    missed: BTreeSet<String>,
    /// Who waits for views that are being read.
    waiting: BTreeMap<Key, Vec<Answer>>,
    /// Views that are being read again.
    again: BTreeSet<u64>,
}

struct Task {
    store: Arc<dyn Store>,
    catalog: Arc<Catalog>,
    clock: Clock,
    watched: Watched,
    lost: Arc<Mutex<BTreeSet<ObjectRef>>>,
    objects: HashMap<ObjectRef, Followed>,
    followings: u64,
    turns: Arc<Semaphore>,
    done: mpsc::Sender<Done>,
}

impl Views {
    /// Starts the task.
    pub fn start(store: Arc<dyn Store>, catalog: Arc<Catalog>, clock: Clock, watched: Watched) -> Self {
        let (requests, wishes) = mpsc::channel(REQUESTS);
        let (touched, batches) = mpsc::channel(BATCHES);
        let (done, readings) = mpsc::channel(REQUESTS);
        let lost = Arc::new(Mutex::default());
        let task = Task {
            store,
            catalog,
            clock,
            watched,
            lost: lost.clone(),
            objects: HashMap::new(),
            followings: 0,
            turns: Arc::new(Semaphore::new(READING)),
            done,
        };
        tokio::spawn(task.run(wishes, batches, readings));
        Self { requests, touched, lost }
    }

    /// Begins to follow a view.
    pub async fn subscribe(&self, wish: Wish) -> Result<Subscription, StoreError> {
        let stopped = || StoreError::Unavailable("the server is stopping".into());
        let (done, outcome) = oneshot::channel();
        self.requests.send((wish, done)).await.map_err(|_| stopped())?;
        outcome.await.map_err(|_| stopped())?
    }

    /// Tells what a batch touched. Never waits: what finds no room puts the views of its object in doubt.
    pub fn tell(&self, touched: Vec<Touched>) {
        if touched.is_empty() {
            return;
        }
        if let Err(mpsc::error::TrySendError::Full(touched)) = self.touched.try_send(touched) {
            let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
            lost.extend(touched.iter().map(|touched| touched.object));
        }
    }
}

impl Task {
    async fn run(
        mut self,
        mut wishes: mpsc::Receiver<(Wish, Answer)>,
        mut batches: mpsc::Receiver<Vec<Touched>>,
        mut readings: mpsc::Receiver<Done>,
    ) {
        let mut ticks = interval(COALESCE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut aged = Instant::now();
        loop {
            tokio::select! {
                wish = wishes.recv() => match wish {
                    Some((wish, answer)) => self.follow(wish, answer),
                    None => return,
                },
                Some(batch) = batches.recv() => self.take(batch),
                Some(done) = readings.recv() => self.read(done),
                _ = ticks.tick(), if !self.objects.is_empty() => {
                    let ages = aged.elapsed() >= AGING;
                    if ages {
                        aged = Instant::now();
                    }
                    self.tick(ages).await;
                }
            }
        }
    }

    /// Answers from a view that is there, or waits for one that is read.
    fn follow(&mut self, wish: Wish, answer: Answer) {
        let Wish { organization, project, object, filter, limit } = wish;
        let key = (filter.to_string(), limit);
        let followed = self.objects.entry(object).or_insert_with(|| {
            // From now on its commits say what they touch.
            self.watched.add(object);
            self.followings += 1;
            Followed::new(About { organization, project, following: self.followings, doubts: 0 })
        });
        if let Some(subscription) = followed.board.follow(&key) {
            // Whoever asked may be gone; the view is dropped with the next tick then.
            return drop(answer.send(Ok(subscription)));
        }
        if let Some(waiting) = followed.waiting.get_mut(&key) {
            return waiting.push(answer);
        }
        if followed.board.len() + followed.waiting.len() >= VIEWS {
            let detail = format!("{VIEWS} different views of this object are followed already");
            return drop(answer.send(Err(StoreError::Unavailable(detail))));
        }
        followed.waiting.insert(key.clone(), vec![answer]);
        let about = followed.about;
        self.begin(object, about, What::Opens(key, filter.clone()), filter, limit);
    }

    /// Reads a view beside everything else.
    fn begin(&self, object: ObjectRef, about: About, what: What, filter: Expr, limit: usize) {
        let (store, catalog, clock) = (self.store.clone(), self.catalog.clone(), self.clock.clone());
        let (turns, done) = (self.turns.clone(), self.done.clone());
        tokio::spawn(async move {
            let _turn = turns.acquire().await;
            let About { organization, project, .. } = about;
            let reading = async {
                let (scores, names) = around(&*store, &catalog, organization, project).await?;
                let context = Context { organization, project, object, scores: &scores, names: &names };
                read::read(&*store, context, &filter, limit, now(&clock)).await
            };
            let outcome = reading.await;
            // An error means that the server stops.
            let _ = done.send(Done { object, what, about, outcome }).await;
        });
    }

    fn take(&mut self, batch: Vec<Touched>) {
        for Touched { object, row } in batch {
            let Some(followed) = self.objects.get_mut(&object) else { continue };
            match row {
                Some((id, touch)) => followed.touch(id, touch),
                None => followed.doubt(),
            }
        }
    }

    /// Takes a reading in.
    fn read(&mut self, done: Done) {
        let Done { object, what, about, outcome } = done;
        let followed = self.objects.get_mut(&object).filter(|followed| followed.about.following == about.following);
        let Some(followed) = followed else { return };
        let is_doubtful = about.doubts != followed.about.doubts;
        match (what, outcome) {
            (What::Opens(key, filter), Ok(reading)) => {
                followed.board.open(key.clone(), filter, reading, is_doubtful);
                for answer in followed.waiting.remove(&key).into_iter().flatten() {
                    if let Some(subscription) = followed.board.follow(&key) {
                        drop(answer.send(Ok(subscription)));
                    }
                }
            }
            (What::Opens(key, _), Err(error)) => {
                for answer in followed.waiting.remove(&key).into_iter().flatten() {
                    drop(answer.send(Err(error.clone())));
                }
            }
            (What::Again(id), Ok(reading)) => {
                followed.again.remove(&id);
                // Also when it is in doubt again: followers see what was true a moment ago rather than nothing.
                followed.board.replace(id, reading, is_doubtful);
            }
            // Still in doubt: the next tick tries again.
            (What::Again(id), Err(error)) => {
                followed.again.remove(&id);
                tracing::warn!(%object, %error, "cannot read a view");
            }
        }
        for id in std::mem::take(&mut followed.missed) {
            if followed.is_reading() {
                followed.missed.insert(id.clone());
            }
            followed.pending.insert(id, Touch::ALL);
        }
    }

    async fn tick(&mut self, ages: bool) {
        let lost = std::mem::take(&mut *self.lost.lock().unwrap_or_else(PoisonError::into_inner));
        for object in lost {
            if let Some(followed) = self.objects.get_mut(&object) {
                followed.doubt();
            }
        }
        let (store, catalog, now) = (self.store.clone(), self.catalog.clone(), now(&self.clock));
        let mut begin = Vec::new();
        for (object, followed) in &mut self.objects {
            if ages {
                followed.board.age();
            }
            if let Err(error) = followed.look(&*store, &catalog, *object, now).await {
                tracing::warn!(%object, %error, "cannot look at what was written; its views are read anew");
                followed.doubt();
            }
            for (id, filter, limit) in followed.board.stale() {
                if followed.again.insert(id) {
                    begin.push((*object, followed.about, id, filter, limit));
                }
            }
            followed.board.publish();
        }
        for (object, about, id, filter, limit) in begin {
            self.begin(object, about, What::Again(id), filter, limit);
        }
        let watched = &self.watched;
        self.objects.retain(|object, followed| {
            let stays = followed.board.tidy() || !followed.waiting.is_empty();
            if !stays {
                watched.remove(*object);
            }
            stays
        });
    }
}

impl Followed {
    fn new(about: About) -> Self {
        Self {
            about,
            board: Board::default(),
            pending: HashMap::new(),
            missed: BTreeSet::new(),
            waiting: BTreeMap::new(),
            again: BTreeSet::new(),
        }
    }

    fn is_reading(&self) -> bool {
        !self.waiting.is_empty() || !self.again.is_empty()
    }

    fn touch(&mut self, id: String, touch: Touch) {
        if self.is_reading() {
            self.missed.insert(id.clone());
        }
        match self.pending.get_mut(&id) {
            Some(known) => known.merge(touch),
            None => drop(self.pending.insert(id, touch)),
        }
        if self.pending.len().max(self.missed.len()) > TOUCHED {
            self.doubt();
        }
    }

    /// Everything is read anew; readings that are under way will not do.
    fn doubt(&mut self) {
        self.pending.clear();
        self.missed.clear();
        self.board.doubt();
        self.about.doubts += 1;
    }

    /// Looks at what was touched.
    async fn look(
        &mut self,
        store: &dyn Store,
        catalog: &Catalog,
        object: ObjectRef,
        clock: FilterClock,
    ) -> Result<(), StoreError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let About { organization, project, .. } = self.about;
        let (scores, names) = around(store, catalog, organization, project).await?;
        let context = Context { organization, project, object, scores: &scores, names: &names };
        let ids: Vec<String> = self.pending.keys().cloned().collect();
        for ids in ids.chunks(CHUNK) {
            // Places first: a row that is deleted in between is told as such with its own touch.
            let places = store.places(object, ids).await?;
            let rows = store.rows(object, ids).await?;
            for id in ids {
                let touch = self.pending.remove(id).unwrap_or(Touch::ALL);
                match (places.get(id), rows.get(id)) {
                    (Some(place), Some(row)) => {
                        let touch = touch.with_consequences(&scores);
                        self.board.take(&Looked::new(*place, row, context), &touch, clock);
                    }
                    (Some(place), None) => self.board.lose(*place),
                    // It has not arrived yet; when it does, that is another touch.
                    (None, _) => {}
                }
            }
        }
        Ok(())
    }
}

/// What the rows of a project are told with.
async fn around(
    store: &dyn Store,
    catalog: &Catalog,
    organization: OrganizationId,
    project: ProjectId,
) -> Result<(Arc<[Score]>, BTreeMap<MemberId, String>), StoreError> {
    Ok((catalog.scores(project).await?, store.member_names(organization).await?))
}

fn now(clock: &Clock) -> FilterClock {
    FilterClock { now: clock.now(), tz_offset: 0 }
}
