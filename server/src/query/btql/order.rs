//! Rows in an order of one's own.

use std::cmp::Ordering;

use concord_shared::filter::eval::{self, Clock, Scope};
use concord_shared::filter::query::Sort;
use serde_json::{Map, Value};

/// Sorts rows as the API tells them by what is asked.
pub(super) fn sort(by: &[Sort], clock: Clock, rows: &mut [Map<String, Value>]) {
    let keys = |row: &Map<String, Value>| by.iter().map(|sort| eval::value(&sort.expr, Scope { row, clock })).collect();
    rows.sort_by_cached_key(|row| Keys(keys(row), by.iter().map(|sort| sort.descending).collect()));
}

/// Values to sort by, each with whether the largest comes first.
struct Keys(Vec<Value>, Vec<bool>);

impl Ord for Keys {
    fn cmp(&self, other: &Self) -> Ordering {
        let each = self.0.iter().zip(&other.0).zip(&self.1).map(|((left, right), descending)| {
            let ordering = eval::order(left, right);
            if *descending { ordering.reverse() } else { ordering }
        });
        each.fold(Ordering::Equal, Ordering::then)
    }
}

impl PartialOrd for Keys {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Keys {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Keys {}
