//! Reading rows and traces.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use concord_shared::ids::{MemberId, ObjectRef, OrganizationId, ProjectId, XactId};
use concord_shared::metric::{Counters, Extremes};
use concord_shared::moment::Moment;
use concord_shared::row::Row;
use serde_json::Map;

use super::write_rows::is_call;
use super::{Data, MemoryStore, StoredRow};
use crate::domain::rows::{
    Fetched, FullRow, Order, Outcome, ProjectNumbers, RowLine, RowReview, RowStore, TraceDetail, TraceKey, TraceLine,
    trace_scores,
};
use crate::domain::store::StoreError;

#[async_trait]
impl RowStore for MemoryStore {
    async fn traces(
        &self,
        object: ObjectRef,
        order: Order,
        after: Option<TraceKey>,
        limit: u32,
    ) -> Result<Vec<TraceLine>, StoreError> {
        let data = self.data();
        let after = after.map(|after| (after.created, after.place));
        let mut roots = data.roots(object);
        if order == Order::Newest {
            roots.reverse();
        }
        roots.retain(|root| match order {
            Order::Newest => after.is_none_or(|after| age(root) < after),
            Order::Oldest => after.is_none_or(|after| age(root) > after),
        });
        Ok(roots.into_iter().take(limit as usize).map(|root| data.trace_line(object, root)).collect())
    }

    async fn outcomes(
        &self,
        object: ObjectRef,
        after: Option<TraceKey>,
        limit: u32,
        whole: bool,
    ) -> Result<Vec<(TraceKey, Outcome)>, StoreError> {
        let data = self.data();
        let mut roots = data.roots(object);
        roots.retain(|root| after.is_none_or(|after| age(root) > (after.created, after.place)));
        let outcome = |root: &StoredRow| {
            let trace = data.trace_line(object, root);
            let mut outcome = Outcome {
                logged: if whole { root.row.logged.clone() } else { Map::new() },
                scores: Vec::new(),
                duration: root.line.duration,
                tokens: root.line.tokens.or(trace.tokens),
                cost: root.line.cost.or(trace.cost),
            };
            outcome.scores = data.scores_of_trace(object, &root.row.spans.root_span_id);
            (TraceKey { created: root.row.created, place: root.place }, outcome)
        };
        Ok(roots.into_iter().take(limit as usize).map(outcome).collect())
    }

    async fn trace_scores(
        &self,
        object: ObjectRef,
        roots: &[String],
    ) -> Result<BTreeMap<String, Vec<(String, f64)>>, StoreError> {
        let data = self.data();
        let scores = roots.iter().map(|root| (root.clone(), data.scores_of_trace(object, root)));
        Ok(scores.filter(|(_, scores)| !scores.is_empty()).collect())
    }

    async fn trace(
        &self,
        object: ObjectRef,
        root_span_id: &str,
        limit: u32,
    ) -> Result<Option<TraceDetail>, StoreError> {
        let data = self.data();
        let spans = data.spans(object, root_span_id);
        let Some(first) = spans.first() else { return Ok(None) };
        let mut detail = TraceDetail {
            spans: spans.iter().take(limit as usize).map(|span| data.line(object, span)).collect(),
            truncated: spans.len() > limit as usize,
            previous: None,
            next: None,
            position: 0,
        };
        if first.row.is_root() {
            let roots = data.roots(object);
            let trace = |root: &&StoredRow| root.row.spans.root_span_id.clone();
            let index = roots.partition_point(|root| age(root) < age(first));
            detail.position = (roots.len() - index) as i64;
            detail.previous = roots.get(index + 1).map(trace);
            detail.next = index.checked_sub(1).and_then(|index| roots.get(index)).map(trace);
        }
        Ok(Some(detail))
    }

    async fn row(&self, object: ObjectRef, id: &str) -> Result<Option<FullRow>, StoreError> {
        Ok(self.rows(object, &[id.to_owned()]).await?.remove(id))
    }

    async fn rows(&self, object: ObjectRef, ids: &[String]) -> Result<BTreeMap<String, FullRow>, StoreError> {
        let data = self.data();
        let found = ids.iter().filter_map(|id| data.visible(object, id));
        Ok(found.map(|stored| (stored.row.id.clone(), data.full(object, stored))).collect())
    }

    async fn reviewed(&self, object: ObjectRef, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let data = self.data();
        Ok(ids.iter().filter(|id| data.review_of.contains_key(&(object, (*id).clone()))).cloned().collect())
    }

    async fn places(&self, object: ObjectRef, ids: &[String]) -> Result<BTreeMap<String, i64>, StoreError> {
        let data = self.data();
        let place = |id: &String| data.rows.get(&(object, id.clone())).map(|stored| stored.place);
        let found = ids.iter().filter_map(|id| Some((id.clone(), place(id)?)));
        Ok(found.collect())
    }

    async fn locate(&self, object: ObjectRef, text: &str) -> Result<Option<RowLine>, StoreError> {
        let data = self.data();
        let by_span = || {
            let spans = data.of(object).filter(|stored| stored.row.spans.span_id == text);
            spans.min_by_key(|stored| stored.place)
        };
        let found = data.visible(object, text).or_else(by_span);
        let found = found.or_else(|| data.spans(object, text).into_iter().next());
        Ok(found.map(|stored| RowLine { document: None, ..data.line(object, stored) }))
    }

    async fn fetch(
        &self,
        object: ObjectRef,
        before: Option<(XactId, String)>,
        limit: u32,
    ) -> Result<Fetched, StoreError> {
        let data = self.data();
        let traces = data.traces.iter().filter(|((of, _), _)| *of == object);
        let mut traces: Vec<(XactId, &str)> = traces.map(|((_, root), trace)| (trace.xact, root.as_str())).collect();
        traces.retain(|trace| before.as_ref().is_none_or(|(xact, root)| *trace < (*xact, root.as_str())));
        traces.retain(|(_, root)| !data.spans(object, root).is_empty());
        traces.sort();
        traces.reverse();
        traces.truncate(limit as usize);
        let mut fetched = Fetched { rows: Vec::new(), traces: Vec::new(), last: None };
        for (xact, root) in &traces {
            fetched.rows.extend(data.whole_trace(object, root).into_iter().map(|(_, row)| row));
            fetched.traces.push((*xact, (*root).to_owned()));
        }
        if traces.len() == limit as usize {
            fetched.last = traces.last().map(|(xact, root)| (*xact, (*root).to_owned()));
        }
        Ok(fetched)
    }

    async fn whole_trace(&self, object: ObjectRef, root_span_id: &str) -> Result<Vec<(i64, FullRow)>, StoreError> {
        Ok(self.data().whole_trace(object, root_span_id))
    }

    async fn traces_of_span(&self, object: ObjectRef, span_id: &str) -> Result<Vec<String>, StoreError> {
        let data = self.data();
        let spans = data.of(object).filter(|stored| stored.row.spans.span_id == span_id);
        let roots: BTreeSet<String> = spans.map(|stored| stored.row.spans.root_span_id.clone()).collect();
        Ok(roots.into_iter().collect())
    }

    async fn versions(
        &self,
        object: ObjectRef,
        as_of: XactId,
        before: Option<(XactId, String)>,
        limit: u32,
    ) -> Result<Fetched, StoreError> {
        let data = self.data();
        let mut newest: BTreeMap<&str, (XactId, &Row)> = BTreeMap::new();
        for ((of, id, xact), row) in &data.versions {
            if *of == object && *xact <= as_of {
                newest.insert(id, (*xact, row));
            }
        }
        let mut found: Vec<(XactId, &str, &Row)> =
            newest.into_iter().map(|(id, (xact, row))| (xact, id, row)).collect();
        found.retain(|(xact, id, row)| {
            !row.deleted && before.as_ref().is_none_or(|(last, of)| (*xact, *id) < (*last, of.as_str()))
        });
        found.sort_by_key(|(xact, id, _)| Reverse((*xact, *id)));
        found.truncate(limit as usize);
        let last = found.last().filter(|_| found.len() == limit as usize);
        let last = last.map(|(xact, id, _)| (*xact, (*id).to_owned()));
        let rows = found.into_iter().map(|(xact, _, row)| FullRow { row: row.clone(), xact, review: None });
        Ok(Fetched { rows: rows.collect(), traces: Vec::new(), last })
    }

    async fn comment_row(&self, object: ObjectRef, comment: &str) -> Result<Option<String>, StoreError> {
        Ok(self.data().comments.get(&(object, comment.to_owned())).cloned())
    }

    async fn counters(&self, object: ObjectRef) -> Result<Counters, StoreError> {
        Ok(self.data().counters(object))
    }

    async fn extremes(&self, object: ObjectRef) -> Result<Extremes, StoreError> {
        Ok(self.data().extremes(object))
    }

    async fn project_numbers(&self, project: ProjectId, since: Moment) -> Result<ProjectNumbers, StoreError> {
        Ok(self.data().project_numbers(project, since))
    }

    async fn member_names(&self, organization: OrganizationId) -> Result<BTreeMap<MemberId, String>, StoreError> {
        let data = self.data();
        let all = data.members.values().map(|stored| &stored.credentials.member);
        let own = all.filter(|member| member.organization == organization);
        Ok(own.map(|member| (member.id, member.name.clone())).collect())
    }
}

/// By age; the order of arrival breaks ties.
fn age(stored: &StoredRow) -> (Moment, i64) {
    (stored.row.created, stored.place)
}

impl Data {
    /// Rows of an object that are not deleted.
    pub(super) fn of(&self, object: ObjectRef) -> impl Iterator<Item = &StoredRow> {
        let own = move |((of, _), stored): &(&(ObjectRef, String), &StoredRow)| *of == object && !stored.row.deleted;
        self.rows.iter().filter(own).map(|(_, stored)| stored)
    }

    fn visible(&self, object: ObjectRef, id: &str) -> Option<&StoredRow> {
        self.rows.get(&(object, id.to_owned())).filter(|stored| !stored.row.deleted)
    }

    /// Roots of traces, oldest first.
    pub(super) fn roots(&self, object: ObjectRef) -> Vec<&StoredRow> {
        let mut roots: Vec<&StoredRow> = self.of(object).filter(|stored| stored.row.is_root()).collect();
        roots.sort_by_key(|stored| age(stored));
        roots
    }

    /// Spans of a trace, the root first, then by age.
    pub(super) fn spans(&self, object: ObjectRef, root_span_id: &str) -> Vec<&StoredRow> {
        let mut spans: Vec<&StoredRow> =
            self.of(object).filter(|stored| stored.row.spans.root_span_id == root_span_id).collect();
        spans.sort_by_key(|stored| (!stored.row.is_root(), age(stored)));
        spans
    }

    fn scores_of_trace(&self, object: ObjectRef, root_span_id: &str) -> Vec<(String, f64)> {
        let spans = self.spans(object, root_span_id);
        trace_scores(spans.into_iter().flat_map(|span| {
            let numbers = span.derived.scores.iter();
            numbers.map(|score| (span.row.is_root(), score.score.clone(), score.value))
        }))
    }

    /// Rows of a trace, the most recently written first.
    fn whole_trace(&self, object: ObjectRef, root_span_id: &str) -> Vec<(i64, FullRow)> {
        let mut spans = self.spans(object, root_span_id);
        spans.sort_by_key(|stored| (Reverse(stored.xact), !stored.row.is_root(), age(stored)));
        spans.into_iter().map(|stored| (stored.place, self.full(object, stored))).collect()
    }

    fn line(&self, object: ObjectRef, stored: &StoredRow) -> RowLine {
        RowLine {
            id: stored.row.id.clone(),
            spans: stored.row.spans.clone(),
            created: stored.row.created,
            line: stored.line.clone(),
            overlay: stored.derived.overlay.clone(),
            document: self.review_of.get(&(object, stored.row.id.clone())).copied(),
        }
    }

    pub(super) fn full(&self, object: ObjectRef, stored: &StoredRow) -> FullRow {
        let document = self.review_of.get(&(object, stored.row.id.clone()));
        let review = document.and_then(|document| self.reviews.get(document)).map(|review| RowReview {
            document: review.key.document,
            revision: review.revision(),
            state: review.state.clone(),
        });
        FullRow { row: stored.row.clone(), xact: stored.xact, review }
    }

    pub(super) fn trace_line(&self, object: ObjectRef, root: &StoredRow) -> TraceLine {
        let trace = &root.row.spans.root_span_id;
        let spans = self.spans(object, trace);
        let calls = || spans.iter().map(|span| &span.line).filter(|line| is_call(line));
        // Sums are exact in billionths of a dollar.
        let cost: i64 = calls().filter_map(|line| line.cost).map(|cost| (cost * 1e9).round() as i64).sum();
        let tokens: i64 = calls().filter_map(|line| line.tokens).sum();
        TraceLine {
            root: self.line(object, root),
            place: root.place,
            spans: spans.len() as i64,
            errors: spans.iter().filter(|span| span.line.error.is_some()).count() as i64,
            tokens: (tokens > 0).then_some(tokens),
            cost: (cost > 0).then_some(cost as f64 / 1e9),
            model: self.traces.get(&(object, trace.clone())).and_then(|trace| trace.model.clone()),
        }
    }
}
