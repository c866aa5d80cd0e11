//! Small things that people follow beside metrics and views: how far the reviews of a project have come, who is on which row, whether
//! a member was told something. Each is read whole when it may have changed, and those who follow it are told the difference.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use concord_shared::ids::{MemberId, ObjectType, ProjectId};
use concord_shared::metric::review_data;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast;
use tokio::time::{MissedTickBehavior, interval};

use super::metrics::{BACKLOG, Subscription, Update, changed};
use crate::clock::Clock;
use crate::domain::hold::{Hold, Holds, Place};
use crate::domain::store::{Store, StoreError};
use crate::sync::committer::News;

/// Changes are gathered this long, since reading the counts of a project with a thousand experiments takes some milliseconds.
const COALESCE: Duration = Duration::from_millis(100);

/// How often holds that were not renewed are looked for, in gatherings: every five seconds.
const SWEEP: u32 = 50;

/// How long a member may be gone before their holds end: a reload, or a train's tunnel.
const GONE: Duration = Duration::from_secs(30);

/// Something small that can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bulletin {
    /// How far the reviews of a project have come.
    Counts(ProjectId),
    /// Who is on which of its rows.
    Holds(ProjectId),
    /// How many notifications a member has not read, and the newest.
    Inbox(MemberId),
}

struct Topic {
    shown: Value,
    revision: u64,
    dirty: bool,
    updates: broadcast::Sender<Update>,
}

/// Bulletins that somebody follows, and the holds of this server.
#[derive(Clone)]
pub struct Bulletins(Arc<Shared>);

struct Shared {
    store: Arc<dyn Store>,
    clock: Clock,
    topics: Mutex<HashMap<Bulletin, Topic>>,
    holds: Mutex<Holds>,
    /// Open connections of members, to know when one has left.
    present: Mutex<HashMap<MemberId, usize>>,
}

/// A member's connection; as long as one is open, they have not left.
pub struct Present {
    bulletins: Bulletins,
    member: MemberId,
}

impl Bulletins {
    /// Starts to tell.
    pub fn start(store: Arc<dyn Store>, clock: Clock) -> Self {
        let shared =
            Shared { store, clock, topics: Mutex::default(), holds: Mutex::default(), present: Mutex::default() };
        let bulletins = Self(Arc::new(shared));
        let weak = Arc::downgrade(&bulletins.0);
        tokio::spawn(async move {
            let mut ticks = interval(COALESCE);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            for tick in 1_u32.. {
                ticks.tick().await;
                let Some(shared) = weak.upgrade() else { return };
                let bulletins = Self(shared);
                if tick % SWEEP == 0 {
                    bulletins.sweep();
                }
                bulletins.publish().await;
            }
        });
        bulletins
    }

    /// Begins to follow.
    pub async fn subscribe(&self, bulletin: Bulletin) -> Result<Subscription, StoreError> {
        if let Some(subscription) = self.topics().get(&bulletin).map(Topic::subscription) {
            return Ok(subscription);
        }
        let shown = self.read(bulletin).await?;
        let mut topics = self.topics();
        // What was written since it was read is found by looking again.
        let topic = topics.entry(bulletin).or_insert_with(|| {
            let (updates, _) = broadcast::channel(BACKLOG);
            Topic { shown, revision: 0, dirty: true, updates }
        });
        Ok(topic.subscription())
    }

    /// Takes up what a batch means.
    pub fn take(&self, news: &News) {
        let mut dirty: Vec<Bulletin> = news.projects.iter().copied().map(Bulletin::Counts).collect();
        dirty.extend(news.members.iter().copied().map(Bulletin::Inbox));
        {
            let mut holds = self.holds();
            let ended = news.finished.iter().filter(|(project, finished)| holds.finish(*project, finished));
            dirty.extend(ended.map(|(project, _)| Bulletin::Holds(*project)));
        }
        self.tell(dirty);
    }

    /// That something may have changed.
    pub fn tell(&self, bulletins: impl IntoIterator<Item = Bulletin>) {
        let mut topics = self.topics();
        for bulletin in bulletins {
            if let Some(topic) = topics.get_mut(&bulletin) {
                topic.dirty = true;
            }
        }
    }

    /// Takes a row for a member, or learns who has it; `None`: nobody, and there is no room for another hold.
    pub fn hold(&self, project: ProjectId, place: Place, member: MemberId, name: &str) -> Option<Hold> {
        let hold = self.holds().take(self.0.clock.now(), project, place, member, name);
        self.tell([Bulletin::Holds(project)]);
        hold
    }

    /// Gives a row back.
    pub fn give_back(&self, project: ProjectId, place: &Place, member: MemberId) {
        if self.holds().give_back(project, place, member) {
            self.tell([Bulletin::Holds(project)]);
        }
    }

    /// Who is on which row of a project now.
    pub fn held(&self, project: ProjectId) -> BTreeMap<Place, Hold> {
        let now = self.0.clock.now();
        let holds = self.holds();
        let held = holds.of(project).filter(|(_, hold)| hold.until > now);
        held.map(|(place, hold)| (place.clone(), hold.clone())).collect()
    }

    /// That a member has a connection, until the answer is dropped.
    pub fn arrive(&self, member: MemberId) -> Present {
        *self.present().entry(member).or_default() += 1;
        Present { bulletins: self.clone(), member }
    }

    fn sweep(&self) {
        let ended = self.holds().sweep(self.0.clock.now());
        self.tell(ended.into_iter().map(Bulletin::Holds));
    }

    async fn publish(&self) {
        let dirty: Vec<Bulletin> = {
            let mut topics = self.topics();
            topics.retain(|_, topic| topic.updates.receiver_count() > 0);
            let dirty =
                topics.iter_mut().filter_map(|(bulletin, topic)| std::mem::take(&mut topic.dirty).then_some(*bulletin));
            dirty.collect()
        };
        for bulletin in dirty {
            match self.read(bulletin).await {
                Ok(now) => self.show(bulletin, now),
                Err(error) => {
                    tracing::warn!(?bulletin, %error, "cannot be read");
                    self.tell([bulletin]);
                }
            }
        }
    }

    fn show(&self, bulletin: Bulletin, now: Value) {
        let mut topics = self.topics();
        let Some(topic) = topics.get_mut(&bulletin) else { return };
        let difference = match bulletin {
            Bulletin::Holds(_) => moved(&topic.shown, &now),
            Bulletin::Counts(_) | Bulletin::Inbox(_) => changed(&topic.shown, &now),
        };
        let Some(difference) = difference else { return };
        topic.revision += 1;
        topic.shown = now;
        // Without receivers the topic is dropped with the next tick.
        let _ = topic.updates.send(Update { revision: topic.revision, data: Arc::new(difference) });
    }

    async fn read(&self, bulletin: Bulletin) -> Result<Value, StoreError> {
        match bulletin {
            Bulletin::Counts(project) => {
                let mut counts = self.0.store.review_counts(project).await?;
                let kinds = [ObjectType::ProjectLogs, ObjectType::Experiment, ObjectType::Dataset];
                let of = |kind: ObjectType| (kind.to_string(), review_data(&counts.remove(&kind).unwrap_or_default()));
                Ok(Value::Object(kinds.map(of).into_iter().collect()))
            }
            Bulletin::Holds(project) => {
                let held = self.held(project);
                Ok(json!({"holds": held.iter().map(|(place, hold)| told(place, hold)).collect::<Vec<_>>()}))
            }
            Bulletin::Inbox(member) => {
                let newest = self.0.store.notifications(member, None, 1).await?;
                let unread = self.0.store.unread(member).await?;
                let newest = newest.first().map(|newest| json!({"id": newest.id.to_string(), "rows": newest.rows}));
                Ok(json!({"unread": unread, "newest": newest}))
            }
        }
    }

    fn topics(&self) -> std::sync::MutexGuard<'_, HashMap<Bulletin, Topic>> {
        self.0.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn holds(&self) -> std::sync::MutexGuard<'_, Holds> {
        self.0.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn present(&self) -> std::sync::MutexGuard<'_, HashMap<MemberId, usize>> {
        self.0.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Topic {
    fn subscription(&self) -> Subscription {
        Subscription { revision: self.revision, data: self.shown.clone(), updates: self.updates.subscribe() }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let member = self.member;
        let left = {
            let mut present = self.bulletins.present();
            let count = present.get_mut(&member).map(|count| {
                *count -= 1;
                *count
            });
            count == Some(0) && present.remove(&member).is_some()
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if left {
            let bulletins = self.bulletins.clone();
            runtime.spawn(async move {
                tokio::time::sleep(GONE).await;
                if !bulletins.present().contains_key(&member) {
                    let ended = bulletins.holds().leave(member);
                    bulletins.tell(ended.into_iter().map(Bulletin::Holds));
                }
            });
        }
    }
}

/// A hold as it is told.
fn told(place: &Place, hold: &Hold) -> Value {
    let holder = json!({"id": hold.member, "name": hold.name, "until": hold.until});
    json!({"object_type": place.object.object_type, "object_id": place.object.object_id, "row_id": place.row_id, "holder": holder})
}

/// Holds that are there now or are others, and those that are gone. `None`: nothing moved.
fn moved(old: &Value, new: &Value) -> Option<Value> {
    fn by_place(value: &Value) -> BTreeMap<String, (Value, &Value)> {
        let holds = value["holds"].as_array().into_iter().flatten();
        let placed = holds.map(|hold| {
            let mut place = hold.as_object().cloned().unwrap_or_default();
            place.remove("holder");
            let place = Value::Object(place);
            (place.to_string(), (place, hold))
        });
        placed.collect()
    }
    let (old, new) = (by_place(old), by_place(new));
    let is_new = |place: &String, hold: &Value| old.get(place).is_none_or(|(_, before)| *before != hold);
    let set: Vec<&Value> =
        new.iter().filter(|(place, (_, hold))| is_new(place, hold)).map(|(_, (_, hold))| *hold).collect();
    let gone: Vec<&Value> =
        old.iter().filter(|(place, _)| !new.contains_key(*place)).map(|(_, (place, _))| place).collect();
    let mut out = Map::new();
    if !set.is_empty() {
        out.insert("set".into(), json!(set));
    }
    if !gone.is_empty() {
        out.insert("gone".into(), json!(gone));
    }
    (!out.is_empty()).then_some(Value::Object(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_are_told_as_they_come_and_go() {
        let hold = |row: &str, until: u32| json!({"row_id": row, "holder": {"until": until}});
        let old = json!({"holds": [hold("a", 1), hold("b", 1)]});
        let new = json!({"holds": [hold("b", 2), hold("c", 1)]});
        let expected = json!({"set": [hold("b", 2), hold("c", 1)], "gone": [{"row_id": "a"}]});
        assert_eq!(moved(&old, &new), Some(expected));
        assert_eq!(moved(&new, &new), None);
    }
}
