//! Metrics, counted when they are asked for.

use async_trait::async_trait;
use concord_shared::ids::{ObjectRef, ProjectId};
use concord_shared::metric::{CounterKey, Counters, Extremes};
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewStatus;

use super::{Data, MemoryStore};
use crate::domain::rows::ProjectNumbers;
use crate::domain::store::{MetricSnapshot, MetricStore, ReviewCounts, StoreError};

#[async_trait]
impl MetricStore for MemoryStore {
    async fn metrics(&self, object: ObjectRef) -> Result<MetricSnapshot, StoreError> {
        let data = self.data();
        let (counters, extremes) = (data.counters(object), data.extremes(object));
        Ok(MetricSnapshot { counters, extremes, sequence: data.sequence })
    }

    async fn review_counts(&self, project: ProjectId) -> Result<ReviewCounts, StoreError> {
        let data = self.data();
        let mut counts = ReviewCounts::new();
        let others = data.objects.values().filter(|object| object.project == project && object.deleted.is_none());
        for object in others.map(|object| object.object).chain([ObjectRef::logs(project)]) {
            for (key, n) in data.counters(object).iter() {
                if matches!(key, CounterKey::Status(_) | CounterKey::Waiting(_)) {
                    counts.entry(object.object_type).or_default().add(key.clone(), *n);
                }
            }
        }
        Ok(counts)
    }
}

impl Data {
    pub(super) fn counters(&self, object: ObjectRef) -> Counters {
        let mut total = Counters::new();
        self.of(object).for_each(|stored| total.merge(&stored.derived.counted));
        total
    }

    pub(super) fn extremes(&self, object: ObjectRef) -> Extremes {
        let mut extremes = Extremes::new();
        for number in self.of(object).flat_map(|stored| &stored.derived.scores) {
            let (low, high) = extremes.entry(number.score.clone()).or_insert((number.value, number.value));
            (*low, *high) = (low.min(number.value), high.max(number.value));
        }
        extremes
    }

    pub(super) fn project_numbers(&self, project: ProjectId, since: Moment) -> ProjectNumbers {
        let object = ObjectRef::logs(project);
        let (counters, roots) = (self.counters(object), self.roots(object));
        let status = |status| counters.get(&CounterKey::Status(status));
        ProjectNumbers {
            traces: roots.len() as i64,
            traces_since: roots.iter().filter(|root| root.row.created >= since).count() as i64,
            awaiting: status(ReviewStatus::Awaiting),
            in_progress: status(ReviewStatus::InProgress),
            complete: status(ReviewStatus::Complete),
            last_activity: roots.last().map(|root| root.row.created),
        }
    }
}
