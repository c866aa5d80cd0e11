//! All live views of one object: what was written is looked at once for each view that reads it, and not at all for the others.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_shared::filter::{Clock, Expr, Scope, matches};
use concord_shared::ids::ObjectType;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast;

use super::window::{Reading, Shown, Window};
use crate::domain::rows::FullRow;
use crate::domain::touch::{Index, Reads, Touch};
use crate::live::metrics::{Subscription, Update};
use crate::query::event::{Context, event};
use crate::query::shape::{RecordLine, Span};

/// Updates that a follower may be behind before its connection is closed: three seconds.
const BACKLOG: usize = 64;

/// Rows that are remembered to be there; beyond it all are forgotten, which costs evaluations, not truth.
const SEEN: usize = 100_000;

/// What makes two views the same: the filter in its canonical text, and how many rows are shown.
pub(super) type Key = (String, usize);

/// A view and whoever follows it.
pub(super) struct View {
    /// What it asks.
    pub(super) filter: Expr,
    /// Of which fields.
    pub(super) reads: Reads,
    window: Window,
    revision: u64,
    updates: broadcast::Sender<Update>,
    /// What it shows may be wrong: it waits to be read anew.
    pub(super) stale: bool,
}

/// A row that was written, as it is now.
pub(super) struct Looked<'a> {
    place: i64,
    row: &'a FullRow,
    context: Context<'a>,
    event: OnceCell<Map<String, Value>>,
    shown: OnceCell<Arc<Shown>>,
}

impl<'a> Looked<'a> {
    /// Nothing is made of it yet.
    pub(super) fn new(place: i64, row: &'a FullRow, context: Context<'a>) -> Self {
        Self { place, row, context, event: OnceCell::new(), shown: OnceCell::new() }
    }

    /// As the API tells it, which is what filters are about.
    pub(super) fn event(&self) -> &Map<String, Value> {
        self.event.get_or_init(|| event(self.row, self.context, false))
    }

    /// As followers see it.
    pub(super) fn shown(&self) -> Arc<Shown> {
        let make = || {
            let span = Span::of_row(self.row, self.context.scores);
            let mut line = serde_json::to_value(span).unwrap_or_default();
            line["place"] = self.place.into();
            if self.context.object.object_type == ObjectType::Dataset {
                line["record"] = json!(RecordLine::of_row(self.row, self.context.scores));
            }
            Arc::new(Shown { id: self.row.row.id.clone(), line })
        };
        self.shown.get_or_init(make).clone()
    }
}

/// The views of an object.
#[derive(Default)]
pub(super) struct Board {
    views: BTreeMap<u64, View>,
    by_key: BTreeMap<Key, u64>,
    index: Index,
    opened: u64,
    /// Places of rows that were there when they were looked at last.
    seen: BTreeSet<i64>,
}

impl Board {
    /// A view that somebody follows, as it was told last, with what follows.
    pub(super) fn follow(&self, key: &Key) -> Option<Subscription> {
        let view = self.views.get(self.by_key.get(key)?)?;
        let (revision, data) = (view.revision, view.window.snapshot());
        Some(Subscription { revision, data, updates: view.updates.subscribe() })
    }

    /// How many views there are.
    pub(super) fn len(&self) -> usize {
        self.views.len()
    }

    /// Adds a view that was read; `stale`: it has to be read again.
    pub(super) fn open(&mut self, key: Key, filter: Expr, reading: Reading, stale: bool) {
        let reads = Reads::of(&filter);
        let (updates, _) = broadcast::channel(BACKLOG);
        self.opened += 1;
        self.index.add(self.opened, &reads);
        let window = Window::new(key.1, reading);
        let view = View { filter, reads, window, revision: 0, updates, stale };
        self.views.insert(self.opened, view);
        self.by_key.insert(key, self.opened);
    }

    /// Drops views that nobody follows any more; whether any are left.
    pub(super) fn tidy(&mut self) -> bool {
        let Self { views, by_key, index, .. } = self;
        by_key.retain(|_, id| {
            let is_followed = views.get(id).is_some_and(|view| view.updates.receiver_count() > 0);
            if !is_followed {
                views.remove(id);
                index.remove(*id);
            }
            is_followed
        });
        !views.is_empty()
    }

    /// Everything has to be read anew.
    pub(super) fn doubt(&mut self) {
        self.views.values_mut().for_each(|view| view.stale = true);
        self.seen.clear();
    }

    /// Views of which what holds may change as time passes have to be read anew.
    pub(super) fn age(&mut self) {
        self.views.values_mut().filter(|view| view.reads.clock).for_each(|view| view.stale = true);
    }

    /// Looks at a row that is there; how many expressions were evaluated.
    pub(super) fn take(&mut self, looked: &Looked<'_>, touch: &Touch, clock: Clock) -> usize {
        let place = looked.place;
        let is_new = touch.may_appear && !self.seen.contains(&place);
        let met = self.index.met_by(if is_new { &Touch::ALL } else { touch });
        if self.seen.len() >= SEEN {
            self.seen.clear();
        }
        self.seen.insert(place);
        for (id, view) in &mut self.views {
            if met.contains(id) {
                let holds = matches(&view.filter, Scope { row: looked.event(), clock });
                view.window.take(place, holds, || looked.shown());
            } else if view.window.holds(place) {
                view.window.refresh(place, || looked.shown());
            }
            view.stale |= view.window.is_short();
        }
        met.len()
    }

    /// A row that was touched is deleted: nothing matches it.
    pub(super) fn lose(&mut self, place: i64) {
        self.seen.remove(&place);
        for view in self.views.values_mut() {
            view.window.remove(place);
            view.stale |= view.window.is_short();
        }
    }

    /// Views that have to be read anew.
    pub(super) fn stale(&self) -> Vec<(u64, Expr, usize)> {
        let stale = self.views.iter().filter(|(_, view)| view.stale);
        stale.map(|(id, view)| (*id, view.filter.clone(), view.window.limit())).collect()
    }

    /// A view was read anew: followers are told; `stale`: it has to be read again.
    pub(super) fn replace(&mut self, id: u64, reading: Reading, stale: bool) {
        if let Some(view) = self.views.get_mut(&id) {
            view.window.replace(reading);
            view.publish();
            view.stale = stale;
        }
    }

    /// Tells followers what has changed; views in doubt say nothing until they are read anew.
    pub(super) fn publish(&mut self) {
        self.views.values_mut().filter(|view| !view.stale).for_each(View::publish);
    }
}

impl View {
    fn publish(&mut self) {
        let Some(data) = self.window.publish() else { return };
        self.revision += 1;
        // Without followers the view is dropped with the next tick.
        let _ = self.updates.send(Update { revision: self.revision, data: Arc::new(data) });
    }
}

#[cfg(test)]
mod tests {
    use concord_shared::filter::parser::expression;
    use concord_shared::ids::{ObjectRef, OrganizationId, ProjectId, XactId};
    use concord_shared::moment::Moment;
    use concord_shared::row::{Row, Spans};
    use serde_json::json;

    use super::*;
    use crate::domain::store::NewFact;

    const CLOCK: Clock = Clock { now: Moment(0), tz_offset: 0 };

    fn row(place: i64, score: f64) -> FullRow {
        let id = format!("r{place}");
        let spans = Spans { span_id: id.clone(), root_span_id: id.clone(), span_parents: vec![] };
        let logged = json!({"scores": {"A": score}, "tags": ["t3"]}).as_object().expect("a map").clone();
        FullRow { row: Row { id, spans, created: Moment(0), logged, deleted: false }, xact: XactId(1), review: None }
    }

    fn facts(path: &str) -> Touch {
        Touch::of_facts([&NewFact { path: path.to_owned(), from: Value::Null, to: Value::Null }])
    }

    #[test]
    fn a_write_costs_each_of_a_thousand_views_one_evaluation_or_none() {
        let mut board = Board::default();
        let mut open = |filter: String| {
            let expr = expression(&filter).expect("an expression");
            board.open((filter.clone(), 10), expr, Reading::default(), false);
            board.follow(&(filter, 10)).expect("it is there").updates
        };
        let mut followers: Vec<_> = (0..500).map(|n| open(format!("scores.A > {}", f64::from(n) / 500.0))).collect();
        followers.extend((0..500).map(|n| open(format!("tags includes 't{n}'"))));
        let (names, project) = (BTreeMap::new(), ProjectId::new());
        let context = Context {
            organization: OrganizationId::new(),
            project,
            object: ObjectRef::logs(project),
            scores: &[],
            names: &names,
        };
        let take = |board: &mut Board, score: f64, touch: &Touch| {
            let row = row(1, score);
            board.take(&Looked::new(1, &row, context), touch, CLOCK)
        };
        assert_eq!(take(&mut board, 0.101, &Touch::ALL), 1000, "a new row may be anywhere");
        board.publish();
        let told = |followers: &mut [broadcast::Receiver<Update>]| {
            followers.iter_mut().filter_map(|updates| updates.try_recv().ok()).collect::<Vec<_>>()
        };
        assert_eq!(told(&mut followers).len(), 52, "51 by the score, and one by the tag");
        assert_eq!(take(&mut board, 0.201, &facts("/scores/eva/A")), 500, "those that read the score");
        board.publish();
        let updates = told(&mut followers);
        let entered = updates.iter().filter(|update| update.data["entered"][0]["id"] == "r1").count();
        let changed = updates.iter().filter(|update| update.data["changed"][0]["scores"]["A"] == 0.201).count();
        assert_eq!((entered, changed), (50, 52), "whoever shows it sees it change, whatever they read");
        assert_eq!(take(&mut board, 0.201, &facts("/notes/eva/A")), 0, "nobody reads notes");
        assert_eq!(take(&mut board, 0.201, &facts("/comments/1")), 0);
        board.lose(1);
        board.publish();
        let left = told(&mut followers).iter().filter(|update| update.data["left"][0] == "r1").count();
        assert_eq!(left, 102);
        drop(followers);
        assert!(!board.tidy() && board.index.met_by(&Touch::ALL).is_empty(), "nobody is left");
    }
}
