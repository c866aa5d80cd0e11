//! Writing rows, and deriving what follows from them and their reviews.

use std::collections::BTreeMap;

use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::metric::Counters;
use concord_shared::moment::Moment;
use concord_shared::row::{Row, apply};
use concord_shared::score::Score;

use super::{Data, StoredRow};
use crate::domain::line::LoggedLine;
use crate::domain::measure::{Derived, derive};
use crate::domain::store::{Rederive, ReviewCommit, RowsCommit};
use crate::domain::version;

/// Places of one step of [`Data::derive_step`].
const STEP: i64 = 500;

impl Data {
    /// Applies the writes of all requests to one object, in order; then derives each touched row once.
    pub(super) fn write_rows(&mut self, object: ObjectRef, commits: &[(XactId, &RowsCommit)], now: Moment) -> Counters {
        // By id: the last transaction, and the trace that the row was in.
        let mut touched: BTreeMap<&str, (XactId, Option<String>)> = BTreeMap::new();
        let mut scores = Vec::new();
        for (xact, commit) in commits {
            scores = self.book(commit.project);
            for write in &commit.writes {
                let key = (object, write.id.clone());
                let parent = write.parent_id.as_ref().and_then(|parent| self.rows.get(&(object, parent.clone())));
                let parent = parent.map(|stored| stored.row.spans.clone());
                let stored = self.rows.get(&key);
                let before = stored.map(|stored| stored.row.spans.root_span_id.clone());
                let row = apply(stored.map(|stored| stored.row.clone()), write, parent.as_ref(), now);
                let Some(row) = row else { continue };
                touched.entry(&write.id).or_insert((*xact, before)).0 = *xact;
                let new = StoredRow {
                    place: 0,
                    row: row.clone(),
                    xact: *xact,
                    line: LoggedLine::default(),
                    derived: Derived::default(),
                };
                self.remember(object, &row, *xact, &scores);
                self.rows.entry(key).or_insert(new).row = row;
            }
        }
        // By transaction, age and id: the order of arrival.
        let mut order: Vec<(XactId, Moment, &str, Option<String>)> = Vec::new();
        for (id, (xact, before)) in touched {
            let created = self.rows.get(&(object, id.to_owned())).map(|stored| stored.row.created);
            order.extend(created.map(|created| (xact, created, id, before)));
        }
        order.sort();
        let mut delta = Counters::new();
        for (xact, _, id, before) in order {
            delta.merge(&self.derive_row(object, id, &scores, Some(xact)));
            let Some(stored) = self.rows.get(&(object, id.to_owned())) else { continue };
            let model = stored.line.model.clone().filter(|_| is_call(&stored.line) && !stored.row.deleted);
            let root = stored.row.spans.root_span_id.clone();
            for (root, model) in [(Some(root), model), (before, None)] {
                let Some(root) = root else { continue };
                let trace = self.traces.entry((object, root)).or_default();
                trace.xact = trace.xact.max(xact);
                trace.model = model.or(trace.model.take());
            }
        }
        delta
    }

    /// After a review has changed: its row, if it has arrived, and where its comments belong.
    pub(super) fn derive_reviewed(&mut self, commit: &ReviewCommit, scores: &[Score], xact: XactId) -> Counters {
        let (object, row_id) = (commit.key.object, &commit.key.row_id);
        for comment in commit.state.comments.keys() {
            self.comments.entry((object, comment.clone())).or_insert(row_id.clone());
        }
        let root = self.rows.get(&(object, row_id.clone())).map(|stored| stored.row.spans.root_span_id.clone());
        if let Some(trace) = root.and_then(|root| self.traces.get_mut(&(object, root))) {
            trace.xact = trace.xact.max(xact);
        }
        if let Some(row) = self.rows.get(&(object, row_id.clone())).map(|stored| stored.row.clone()) {
            self.remember(object, &row, xact, scores);
        }
        self.derive_row(object, row_id, scores, Some(xact))
    }

    /// Keeps what a row of a dataset shows as of a transaction, in place of what was kept of later ones of the same batch.
    fn remember(&mut self, object: ObjectRef, row: &Row, xact: XactId, scores: &[Score]) {
        if !version::is_kept(object) {
            return;
        }
        let review = self.review_of.get(&(object, row.id.clone())).and_then(|document| self.reviews.get(document));
        let shown = version::shown(row, review.map(|review| &review.state), scores).into_owned();
        self.versions.retain(|(of, id, at), _| (*of, id) != (object, &row.id) || *at <= xact);
        self.versions.insert((object, row.id.clone(), xact), shown);
    }

    /// A step of bringing rows in line with changed scores. Nobody wrote anything, so transactions stay.
    pub(super) fn derive_step(&mut self, step: Rederive) -> (Counters, Option<i64>) {
        let scores = self.book(step.project);
        let end = step.after + STEP;
        let here = |stored: &StoredRow| step.after < stored.place && stored.place <= end;
        let ids = self.rows.iter().filter(|((object, _), stored)| *object == step.object && here(stored));
        let ids: Vec<String> = ids.map(|((_, id), _)| id.clone()).collect();
        let mut delta = Counters::new();
        for id in ids {
            delta.merge(&self.derive_row(step.object, &id, &scores, None));
        }
        (delta, (self.last_place > end).then_some(end))
    }

    /// Derives a stored row anew; how that moves the counters.
    fn derive_row(&mut self, object: ObjectRef, id: &str, scores: &[Score], xact: Option<XactId>) -> Counters {
        let key = (object, id.to_owned());
        let review = self.review_of.get(&key).and_then(|document| self.reviews.get(document));
        let Some(stored) = self.rows.get_mut(&key) else { return Counters::new() };
        if stored.place == 0 {
            self.last_place += 1;
            stored.place = self.last_place;
        }
        stored.xact = xact.unwrap_or(stored.xact);
        stored.line = LoggedLine::of(&stored.row);
        let (is_root, deleted) = (stored.row.is_root(), stored.row.deleted);
        let derived = derive(&stored.line, is_root, deleted, review.map(|review| &review.state), scores);
        let before = std::mem::replace(&mut stored.derived, derived);
        stored.derived.counted.clone().minus(&before.counted)
    }
}

/// Whether a span is a model call: only those have tokens, cost and a model of their own.
pub(super) fn is_call(line: &LoggedLine) -> bool {
    line.kind.as_deref() == Some("llm")
}
