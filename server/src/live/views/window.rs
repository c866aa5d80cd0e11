//! One live view: which rows match, the first of them as lists show them, and what has changed since it last said so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

/// Most matching rows that are counted; beyond it the total is "at least".
pub(super) const COUNTED: usize = 2000;

/// A row as followers see it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    /// Its id.
    pub(super) id: String,
    /// As lists show it, with its place in the order of arrival.
    pub(super) line: Value,
}

/// What reading a view anew finds.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Places of matching rows, newest arrivals first; at most [`COUNTED`].
    pub(super) matching: BTreeSet<i64>,
    /// The newest of them as followers see them.
    pub(super) rows: BTreeMap<i64, Arc<Shown>>,
    /// Rows below this place were not looked at; `None`: all were.
    pub(super) floor: Option<i64>,
    /// The reading ended because enough had been counted: there may be as many again.
    pub(super) more: bool,
}

/// The rows of a view in the order of arrival, the newest first.
#[derive(Debug)]
pub(super) struct Window {
    limit: usize,
    matching: BTreeSet<i64>,
    /// Rows below are not followed.
    floor: Option<i64>,
    /// There are more matching rows below.
    more: bool,
    /// The newest matching rows: those that are shown, and some to take the place of those that leave.
    held: BTreeMap<i64, Arc<Shown>>,
    told: BTreeMap<i64, Arc<Shown>>,
    told_total: (usize, bool),
}

impl Window {
    /// Of what was read.
    pub(super) fn new(limit: usize, reading: Reading) -> Self {
        let mut window = Self {
            limit,
            matching: BTreeSet::new(),
            floor: None,
            more: false,
            held: BTreeMap::new(),
            told: BTreeMap::new(),
            told_total: (0, true),
        };
        window.replace(reading);
        window.told = window.visible();
        window.told_total = window.total();
        window
    }

    /// How many rows are shown.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Rows that are read for a window of that size.
    pub(super) fn to_hold(limit: usize) -> usize {
        2 * limit
    }

    /// Takes what was read anew in place of all that was known.
    pub(super) fn replace(&mut self, reading: Reading) {
        Reading { matching: self.matching, rows: self.held, floor: self.floor, more: self.more } = reading;
    }

    /// Whether a row is among those that are shown or held.
    pub(super) fn holds(&self, place: i64) -> bool {
        self.held.contains_key(&place)
    }

    /// A row was looked at: whether it matches, and how it shows if it does.
    pub(super) fn take(&mut self, place: i64, matches: bool, row: impl FnOnce() -> Arc<Shown>) {
        if self.floor.is_some_and(|floor| place < floor) {
            return;
        }
        if !matches {
            return self.remove(place);
        }
        let holds_all = self.held.len() == self.matching.len();
        let is_new = self.matching.insert(place);
        let follows = self.held.first_key_value().is_some_and(|(last, _)| *last <= place);
        if follows || (is_new && holds_all) {
            self.held.insert(place, row());
            if self.held.len() > Self::to_hold(self.limit) {
                self.held.pop_first();
            }
        }
        if self.matching.len() > 2 * COUNTED {
            let floor = self.matching.iter().rev().nth(COUNTED - 1).copied().unwrap_or(i64::MIN);
            self.matching = self.matching.split_off(&floor);
            (self.floor, self.more) = (Some(floor), true);
        }
    }

    /// A row matches no longer.
    pub(super) fn remove(&mut self, place: i64) {
        self.matching.remove(&place);
        self.held.remove(&place);
    }

    /// A row that still matches shows differently.
    pub(super) fn refresh(&mut self, place: i64, row: impl FnOnce() -> Arc<Shown>) {
        if let Some(held) = self.held.get_mut(&place) {
            *held = row();
        }
    }

    /// Whether rows that are not held belong to what is shown: it has to be read anew.
    pub(super) fn is_short(&self) -> bool {
        self.held.len() < self.limit && (self.matching.len() > self.held.len() || self.more)
    }

    fn visible(&self) -> BTreeMap<i64, Arc<Shown>> {
        self.held.iter().rev().take(self.limit).map(|(place, row)| (*place, row.clone())).collect()
    }

    /// How many match, and whether that is exact.
    fn total(&self) -> (usize, bool) {
        (self.matching.len(), self.floor.is_none())
    }

    /// What followers were told last, as a whole.
    pub(super) fn snapshot(&self) -> Value {
        let rows: Vec<&Value> = self.told.values().rev().map(|row| &row.line).collect();
        json!({"rows": rows, "total": self.told_total.0, "total_is": word(self.told_total)})
    }

    /// What has changed since; `None`: nothing.
    pub(super) fn publish(&mut self) -> Option<Value> {
        let (now, total) = (self.visible(), self.total());
        let (mut entered, mut changed) = (Vec::new(), Vec::new());
        for (place, row) in now.iter().rev() {
            match self.told.get(place) {
                None => entered.push(row.line.clone()),
                Some(told) if !Arc::ptr_eq(told, row) && told != row => changed.push(row.line.clone()),
                Some(_) => {}
            }
        }
        let left: Vec<&str> =
            self.told.iter().filter(|(place, _)| !now.contains_key(place)).map(|(_, row)| row.id.as_str()).collect();
        if entered.is_empty() && changed.is_empty() && left.is_empty() && total == self.told_total {
            return None;
        }
        let update =
            json!({"entered": entered, "changed": changed, "left": left, "total": total.0, "total_is": word(total)});
        (self.told, self.told_total) = (now, total);
        Some(update)
    }
}

fn word(total: (usize, bool)) -> &'static str {
    if total.1 { "exact" } else { "at_least" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(place: i64, version: u8) -> Arc<Shown> {
        Arc::new(Shown { id: format!("r{place}"), line: json!({"id": format!("r{place}"), "version": version}) })
    }

    /// All rows: whether they match, and their version.
    type World = BTreeMap<i64, (bool, u8)>;

    fn read(world: &World, limit: usize) -> Reading {
        let matching: BTreeSet<i64> =
            world.iter().filter(|(_, (matches, _))| *matches).map(|(place, _)| *place).collect();
        let rows =
            matching.iter().rev().take(Window::to_hold(limit)).map(|place| (*place, row(*place, world[place].1)));
        Reading { rows: rows.collect(), matching, ..Reading::default() }
    }

    /// What a client makes of a snapshot and an update.
    fn apply(rows: &mut BTreeMap<String, Value>, update: &Value) {
        for gone in update["left"].as_array().expect("ids") {
            rows.remove(gone.as_str().expect("an id")).expect("only what was there leaves");
        }
        for row in update["entered"].as_array().expect("rows") {
            assert!(rows.insert(row["id"].to_string().replace('"', ""), row.clone()).is_none(), "it was there already");
        }
        for row in update["changed"].as_array().expect("rows") {
            assert!(rows.insert(row["id"].to_string().replace('"', ""), row.clone()).is_some(), "it was not there");
        }
    }

    fn shown(snapshot: &Value) -> BTreeMap<String, Value> {
        let rows = snapshot["rows"].as_array().expect("rows");
        rows.iter().map(|row| (row["id"].as_str().expect("an id").to_owned(), row.clone())).collect()
    }

    proptest! {
        #[test]
        fn r5_a_snapshot_and_its_updates_are_a_later_snapshot(
            limit in 1_usize..4,
            start in prop::collection::btree_map(0_i64..12, (any::<bool>(), 0_u8..3), 0..12),
            writes in prop::collection::vec((0_i64..16, any::<bool>(), 0_u8..3, any::<bool>()), 0..40),
        ) {
            let mut world = start;
            let mut window = Window::new(limit, read(&world, limit));
            let mut client = shown(&window.snapshot());
            for (place, matches, version, publishes) in writes {
                world.insert(place, (matches, version));
                window.take(place, matches, || row(place, version));
                if window.is_short() {
                    window.replace(read(&world, limit));
                }
                if publishes && let Some(update) = window.publish() {
                    apply(&mut client, &update);
                }
            }
            if let Some(update) = window.publish() {
                apply(&mut client, &update);
            }
            let fresh = Window::new(limit, read(&world, limit)).snapshot();
            prop_assert_eq!(client, shown(&fresh));
            prop_assert_eq!(window.snapshot(), fresh);
        }
    }
}
