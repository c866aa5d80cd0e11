//! Conditions that an index answers: `id`, `span_id` and `root_span_id` equal to a text or one of a list, where every row that matches
//! must meet them.

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::filter::ast::{Operator, Step};
use concord_shared::filter::{Expr, Kind};
use concord_shared::ids::{ObjectRef, XactId};
use serde_json::Value;

use crate::domain::rows::FullRow;
use crate::domain::store::{Store, StoreError};

/// More ids of traces or spans are not looked up one by one; the walk finds them as well.
pub const TRACES: usize = 100;

/// More ids of rows are not looked up at once.
pub const ROWS: usize = 10_000;

/// What to look up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// Rows by their id.
    Rows(Vec<String>),
    /// Traces by their id.
    Traces(Vec<String>),
    /// Spans by their id.
    Spans(Vec<String>),
}

/// Traces with the transaction that last touched them, and their rows, the most recently written first.
pub type Traces = Vec<(XactId, String, Vec<FullRow>)>;

impl Lookup {
    /// Finds what it names; `whole`: with the other rows of the trace. `None`: it names so many traces, or several with more than
    /// `most` rows together, that walking is no worse.
    pub async fn find(
        &self,
        store: &dyn Store,
        object: ObjectRef,
        whole: bool,
        most: usize,
    ) -> Result<Option<Traces>, StoreError> {
        let mut roots = BTreeSet::new();
        let mut traces: BTreeMap<String, Vec<FullRow>> = BTreeMap::new();
        match self {
            Self::Traces(ids) => roots.extend(ids.iter().cloned()),
            Self::Spans(ids) => {
                for id in ids {
                    roots.extend(store.traces_of_span(object, id).await?);
                }
            }
            Self::Rows(ids) => {
                for row in store.rows(object, ids).await?.into_values() {
                    let root = row.row.spans.root_span_id.clone();
                    if whole {
                        roots.insert(root);
                    } else {
                        traces.entry(root).or_default().push(row);
                    }
                }
            }
        }
        if roots.len() > TRACES {
            return Ok(None);
        }
        let several = roots.len() > 1;
        let mut rows = 0;
        for root in roots {
            let trace: Vec<FullRow> = store.whole_trace(object, &root).await?.into_iter().map(|(_, row)| row).collect();
            rows += trace.len();
            if several && rows > most {
                return Ok(None);
            }
            traces.insert(root, trace);
        }
        let newest = |rows: &[FullRow]| rows.iter().map(|row| row.xact).max();
        let mut found: Traces =
            traces.into_iter().filter_map(|(root, rows)| Some((newest(&rows)?, root, rows))).collect();
        found.sort_by(|a, b| (b.0, &b.1).cmp(&(a.0, &a.1)));
        Ok(Some(found))
    }
}

/// The best lookup for a filter, if there is one: rows before spans before traces.
pub fn lookup(filter: &Expr) -> Option<Lookup> {
    let parts = match &filter.kind {
        Kind::And(parts) => parts.as_slice(),
        _ => std::slice::from_ref(filter),
    };
    let find = |name: &str, most: usize| {
        parts.iter().find_map(|part| ids(part, name)).map(distinct).filter(|ids| ids.len() <= most)
    };
    find("id", ROWS)
        .map(Lookup::Rows)
        .or_else(|| find("span_id", TRACES).map(Lookup::Spans))
        .or_else(|| find("root_span_id", TRACES).map(Lookup::Traces))
}

/// Ids of rows that a filter asks for.
pub fn row_ids(filter: &Expr) -> Option<Vec<String>> {
    match lookup(filter) {
        Some(Lookup::Rows(ids)) => Some(ids),
        _ => None,
    }
}

fn distinct(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids.dedup();
    ids
}

/// The texts that a field must be one of.
fn ids(part: &Expr, name: &str) -> Option<Vec<String>> {
    let Kind::Binary(operator, left, right) = &part.kind else { return None };
    let is_field = |expr: &Expr| matches!(&expr.kind, Kind::Path(steps) if matches!(steps.as_slice(), [Step::Key(key)] if key == name));
    let text = |expr: &Expr| match &expr.kind {
        Kind::Literal(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    match (operator, &right.kind) {
        (Operator::Equal, _) if is_field(left) => Some(vec![text(right)?]),
        (Operator::Equal, _) if is_field(right) => Some(vec![text(left)?]),
        (Operator::In, Kind::List(items)) if is_field(left) => items.iter().map(text).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use concord_shared::filter::parser::expression;

    use super::*;

    #[test]
    fn ids_that_every_match_must_have_are_looked_up() {
        let found = |text: &str| lookup(&expression(text).expect("readable"));
        let list = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(found("id = 'a'"), Some(Lookup::Rows(list(&["a"]))));
        assert_eq!(found("root_span_id = 'r' and id in ['b', 'a', 'b']"), Some(Lookup::Rows(list(&["a", "b"]))));
        assert_eq!(found("'s' = span_id and error is null"), Some(Lookup::Spans(list(&["s"]))));
        assert_eq!(found("root_span_id = 'r' and (id = 'a' or id = 'b')"), Some(Lookup::Traces(list(&["r"]))));
        for none in [
            "id = 'a' or id = 'b'",
            "not id = 'a'",
            "id = 1",
            "id in ['a', 1]",
            "metadata.id = 'a'",
            "id = span_id",
            "true",
        ] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}
