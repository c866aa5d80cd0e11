//! The metrics topic: counters of the objects that somebody watches, kept by adding up the deltas of commits.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use concord_shared::ids::ObjectRef;
use concord_shared::metric::{Counters, metrics_data};
use serde_json::{Map, Value};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval};

use super::bulletins::Bulletins;
use super::views::Views;
use crate::domain::store::{Batch, MetricSnapshot, Store, StoreError};
use crate::sync::committer::Published;

/// Updates are gathered this long: at most 20 a second reach a screen.
const COALESCE: Duration = Duration::from_millis(50);

/// Updates that a subscriber may be behind before its connection is closed: three seconds.
pub(super) const BACKLOG: usize = 64;

/// Subscriptions that may wait to be taken up.
const REQUESTS: usize = 256;

/// An update of one object, as every subscriber gets it.
#[derive(Debug, Clone)]
pub struct Update {
    /// One more than the last one's.
    pub revision: u64,
    /// Only what changed.
    pub data: Arc<Value>,
}

/// The start of a subscription.
#[derive(Debug)]
pub struct Subscription {
    /// The revision of `data`.
    pub revision: u64,
    /// Everything.
    pub data: Value,
    /// Everything that follows.
    pub updates: broadcast::Receiver<Update>,
}

type Request = (ObjectRef, oneshot::Sender<Result<Subscription, StoreError>>);

/// Hands subscriptions to the one task that follows commits.
#[derive(Debug, Clone)]
pub struct Metrics {
    requests: mpsc::Sender<Request>,
}

struct Topic {
    counters: Counters,
    /// The batch up to which `counters` is exact.
    sequence: i64,
    revision: u64,
    shown: Value,
    dirty: bool,
    updates: broadcast::Sender<Update>,
}

impl Metrics {
    /// Starts the task. `batches` are all durable batches, in order.
    /// What they touched goes on to the views, and whom they concern to the bulletins.
    pub fn start(
        store: Arc<dyn Store>,
        batches: mpsc::Receiver<Published>,
        views: Views,
        bulletins: Bulletins,
    ) -> Self {
        let (requests, waiting) = mpsc::channel(REQUESTS);
        tokio::spawn(run(store, batches, waiting, views, bulletins));
        Self { requests }
    }

    /// Begins to follow an object.
    pub async fn subscribe(&self, object: ObjectRef) -> Result<Subscription, StoreError> {
        let stopped = || StoreError::Unavailable("the server is stopping".into());
        let (done, outcome) = oneshot::channel();
        self.requests.send((object, done)).await.map_err(|_| stopped())?;
        outcome.await.map_err(|_| stopped())?
    }
}

async fn run(
    store: Arc<dyn Store>,
    mut batches: mpsc::Receiver<Published>,
    mut requests: mpsc::Receiver<Request>,
    views: Views,
    bulletins: Bulletins,
) {
    let mut topics: HashMap<ObjectRef, Topic> = HashMap::new();
    let mut ticks = interval(COALESCE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            batch = batches.recv() => match batch {
                Some(Published { batch, touched, news }) => {
                    take(&mut topics, batch);
                    bulletins.take(&news);
                    views.tell(touched);
                }
                None => return,
            },
            Some((object, done)) = requests.recv() => {
                // Whoever asked may be gone; the topic is dropped with the next tick then.
                drop(done.send(subscribe(&*store, &mut topics, object).await));
            }
            _ = ticks.tick() => {
                topics.retain(|_, topic| topic.updates.receiver_count() > 0);
                for (object, topic) in topics.iter_mut().filter(|(_, topic)| topic.dirty) {
                    publish(&*store, *object, topic).await;
                }
            }
        }
    }
}

fn take(topics: &mut HashMap<ObjectRef, Topic>, batch: Batch) {
    for (object, delta) in batch.deltas {
        // A topic that was loaded after this batch contains it already (rule R5: snapshot plus deltas).
        if let Some(topic) = topics.get_mut(&object).filter(|topic| topic.sequence < batch.sequence) {
            topic.counters.merge(&delta);
            topic.sequence = batch.sequence;
            topic.dirty = true;
        }
    }
}

async fn subscribe(
    store: &dyn Store,
    topics: &mut HashMap<ObjectRef, Topic>,
    object: ObjectRef,
) -> Result<Subscription, StoreError> {
    let topic = match topics.entry(object) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(place) => {
            let MetricSnapshot { counters, extremes, sequence } = store.metrics(object).await?;
            let shown = metrics_data(&counters, &extremes);
            let (updates, _) = broadcast::channel(BACKLOG);
            place.insert(Topic { counters, sequence, revision: 0, shown, dirty: false, updates })
        }
    };
    Ok(Subscription { revision: topic.revision, data: topic.shown.clone(), updates: topic.updates.subscribe() })
}

async fn publish(store: &dyn Store, object: ObjectRef, topic: &mut Topic) {
    let extremes = match store.extremes(object).await {
        Ok(extremes) => extremes,
        // Still dirty: the next tick tries again.
        Err(error) => return tracing::warn!(%object, %error, "cannot read metrics"),
    };
    topic.dirty = false;
    let data = metrics_data(&topic.counters, &extremes);
    let Some(changed) = changed(&topic.shown, &data) else { return };
    topic.revision += 1;
    topic.shown = data;
    // Without receivers the topic is dropped with the next tick.
    let _ = topic.updates.send(Update { revision: topic.revision, data: Arc::new(changed) });
}

/// What of `new` differs from `old`: whole values of the top level, and of `scores` one by one. A score that vanished is
/// null. `None`: nothing.
pub(super) fn changed(old: &Value, new: &Value) -> Option<Value> {
    let (old, new) = (old.as_object()?, new.as_object()?);
    let mut out = Map::new();
    for (key, value) in new {
        match (old.get(key), value) {
            (Some(before), _) if before == value => {}
            (Some(Value::Object(before)), Value::Object(after)) if key == "scores" => {
                let gone =
                    before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name.clone(), Value::Null));
                let differing = after.iter().filter(|(name, score)| before.get(*name) != Some(*score));
                let differing = differing.map(|(name, score)| (name.clone(), score.clone()));
                out.insert(key.clone(), Value::Object(gone.chain(differing).collect()));
            }
            _ => drop(out.insert(key.clone(), value.clone())),
        }
    }
    (!out.is_empty()).then_some(Value::Object(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn r5_an_update_names_only_what_changed() {
        let old = json!({"rows": 3, "comments": 0, "scores": {"A": {"count": 1}, "B": {"count": 2}}});
        let new = json!({"rows": 4, "comments": 0, "scores": {"A": {"count": 2}, "C": {"count": 1}}});
        let expected = json!({"rows": 4, "scores": {"A": {"count": 2}, "B": null, "C": {"count": 1}}});
        assert_eq!(changed(&old, &new), Some(expected));
        assert_eq!(changed(&new, &new), None);
    }
}
