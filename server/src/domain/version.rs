//! Versions of the rows of datasets. A version is what a row showed after a transaction, so it holds the corrections of its
//! review as well as what was logged: whoever names it later gets what was seen then.

use std::borrow::Cow;

use concord_shared::ids::{ObjectRef, ObjectType};
use concord_shared::review::effective::{Logged, effective};
use concord_shared::review::state::ReviewState;
use concord_shared::row::Row;
use concord_shared::score::Score;
use serde_json::{Value, json};

use super::line::LoggedLine;

/// Whether former states of an object's rows are kept.
pub fn is_kept(object: ObjectRef) -> bool {
    object.object_type == ObjectType::Dataset
}

/// A row with its review laid over it: what becomes its version.
pub fn shown<'a>(row: &'a Row, review: Option<&ReviewState>, scores: &[Score]) -> Cow<'a, Row> {
    let Some(review) = review.filter(|_| !row.deleted) else { return Cow::Borrowed(row) };
    let line = LoggedLine::of(row);
    let (expected, metadata) = (row.field("expected"), row.field("metadata"));
    let (expected, metadata) = (expected.unwrap_or(&Value::Null), metadata.unwrap_or(&Value::Null));
    let logged = Logged { scores: &line.scores, expected, metadata, tags: &line.tags };
    let over = effective(logged, Some(review), scores);
    let mut row = row.clone();
    let (expected, metadata) = (over.expected.into_owned(), over.metadata.into_owned());
    for (field, value) in [("expected", expected), ("metadata", metadata), ("tags", json!(over.tags))] {
        let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !is_empty || row.logged.contains_key(field) {
            row.logged.insert(field.to_owned(), value);
        }
    }
    Cow::Owned(row)
}

#[cfg(test)]
mod tests {
    use concord_shared::moment::Moment;
    use concord_shared::review::state::Expected;
    use concord_shared::row::Spans;

    use super::*;

    #[test]
    fn a_version_holds_what_the_review_corrected() {
        let spans = Spans { span_id: "s".into(), root_span_id: "s".into(), span_parents: vec![] };
        let logged = json!({"input": 1, "expected": "old"}).as_object().expect("an object").clone();
        let row = Row { id: "a".into(), spans, created: Moment(0), logged, deleted: false };
        assert!(matches!(shown(&row, None, &[]), Cow::Borrowed(_)));
        let expected = Expected { set: true, value: json!("new") };
        let review = ReviewState { expected, tags: [("hard".to_owned(), true)].into(), ..ReviewState::default() };
        let seen = shown(&row, Some(&review), &[]).logged.clone();
        assert_eq!(Value::Object(seen), json!({"input": 1, "expected": "new", "tags": ["hard"]}));
    }
}
