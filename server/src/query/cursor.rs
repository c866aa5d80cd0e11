//! Cursors: where a page ended. Opaque to clients, checked when they come back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use concord_shared::ids::XactId;
use concord_shared::moment::Moment;
use serde_json::{Value, json};

use crate::domain::rows::TraceKey;

/// A text that this server has not given out as a cursor of this call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cursor is none that this call has given out; start without one")]
pub struct InvalidCursor;

/// Longest cursor that is looked at: two ids of 1024 bytes in base64, and some.
const LONGEST: usize = 3000;

/// After a trace in a list.
pub fn of_trace(key: TraceKey) -> String {
    URL_SAFE_NO_PAD.encode(format!("t{},{}", key.created.0, key.place))
}

/// Reads what [`of_trace`] writes.
pub fn to_trace(text: &str) -> Result<TraceKey, InvalidCursor> {
    let text = decode(text, 't')?;
    let (created, place) = text.split_once(',').ok_or(InvalidCursor)?;
    let number = |text: &str| text.parse::<i64>().map_err(|_| InvalidCursor);
    Ok(TraceKey { created: Moment(number(created)?), place: number(place)? })
}

/// After a trace in the order of fetch.
pub fn of_fetch(xact: XactId, root_span_id: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("f{xact},{root_span_id}"))
}

/// Reads what [`of_fetch`] writes.
pub fn to_fetch(text: &str) -> Result<(XactId, String), InvalidCursor> {
    let text = decode(text, 'f')?;
    let (xact, root) = text.split_once(',').ok_or(InvalidCursor)?;
    Ok((xact.parse().map_err(|_| InvalidCursor)?, root.to_owned()))
}

/// Where a page of a query ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryPlace {
    /// Which of the objects that the query names.
    pub object: usize,
    /// Where in it.
    pub spot: Spot,
}

/// Where in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// After the row of this place in the order of arrival.
    Place(i64),
    /// After a row of a trace, or after the whole trace, where traces or versions come by the transaction that last touched them.
    Trace {
        /// That transaction.
        xact: XactId,
        /// The trace.
        root_span_id: String,
        /// The last row of it that was looked at; `None`: all were.
        row: Option<String>,
    },
}

/// After a row of a query.
pub fn of_query(place: &QueryPlace) -> String {
    let object = place.object;
    let text = match &place.spot {
        Spot::Place(place) => format!("a{object},{place}"),
        Spot::Trace { xact, root_span_id, row } => {
            // Ids may hold anything, so their lengths are told.
            let row = row.as_ref().map(|row| format!(",{row}")).unwrap_or_default();
            format!("q{object},{xact},{},{root_span_id}{row}", root_span_id.len())
        }
    };
    URL_SAFE_NO_PAD.encode(text)
}

/// Reads what [`of_query`] writes.
pub fn to_query(text: &str) -> Result<QueryPlace, InvalidCursor> {
    if let Ok(text) = decode(text, 'a') {
        let (object, place) = text.split_once(',').ok_or(InvalidCursor)?;
        let place = Spot::Place(place.parse().map_err(|_| InvalidCursor)?);
        return Ok(QueryPlace { object: object.parse().map_err(|_| InvalidCursor)?, spot: place });
    }
    let text = decode(text, 'q')?;
    let mut parts = text.splitn(4, ',');
    let mut next = || parts.next().ok_or(InvalidCursor);
    let object = next()?.parse().map_err(|_| InvalidCursor)?;
    let xact = next()?.parse().map_err(|_| InvalidCursor)?;
    let length = next()?.parse().map_err(|_| InvalidCursor)?;
    let (root, rest) = next()?.split_at_checked(length).ok_or(InvalidCursor)?;
    let row = match rest.strip_prefix(',') {
        Some(row) => Some(row.to_owned()),
        None if rest.is_empty() => None,
        None => return Err(InvalidCursor),
    };
    Ok(QueryPlace { object, spot: Spot::Trace { xact, root_span_id: root.to_owned(), row } })
}

/// After a value of a list that is ordered by a field, and the trace that has it.
pub fn of_sorted(value: &Value, root_span_id: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("o{}", json!([value, root_span_id])))
}

/// Reads what [`of_sorted`] writes.
pub fn to_sorted(text: &str) -> Result<(Value, String), InvalidCursor> {
    serde_json::from_str(&decode(text, 'o')?).map_err(|_| InvalidCursor)
}

fn decode(text: &str, kind: char) -> Result<String, InvalidCursor> {
    if text.len() > LONGEST {
        return Err(InvalidCursor);
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).ok_or(InvalidCursor)?;
    text.strip_prefix(kind).map(str::to_owned).ok_or(InvalidCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_or_are_refused() {
        let key = TraceKey { created: Moment(-5), place: 7 };
        assert_eq!(to_trace(&of_trace(key)), Ok(key));
        assert_eq!(to_fetch(&of_fetch(XactId(12), "a,b ü")), Ok((XactId(12), "a,b ü".to_owned())));
        for row in [None, Some("r,\u{1f600}".to_owned())] {
            let spot = Spot::Trace { xact: XactId(9), root_span_id: "a,ü".to_owned(), row };
            let place = QueryPlace { object: 1, spot };
            assert_eq!(to_query(&of_query(&place)), Ok(place));
        }
        let place = QueryPlace { object: 2, spot: Spot::Place(77) };
        assert_eq!(to_query(&of_query(&place)), Ok(place));
        assert_eq!(to_query(&URL_SAFE_NO_PAD.encode("q0,1,2,ab\0")), Err(InvalidCursor));
        for wrong in ["", "x", "dDE", &of_fetch(XactId(1), "a"), &"A".repeat(5000)] {
            assert_eq!(to_trace(wrong), Err(InvalidCursor), "{wrong}");
        }
    }
}
