//! Cursors: where a page ended. Opaque to clients, checked when they come back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use concord_shared::ids::XactId;
use concord_shared::moment::Moment;

use crate::domain::rows::TraceKey;

/// A text that this server has not given out as a cursor of this call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cursor is none that this call has given out; start without one")]
pub struct InvalidCursor;

/// Longest cursor that is looked at: a root span id of 1024 bytes in base64, and some.
const LONGEST: usize = 1600;

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

fn decode(text: &str, kind: char) -> Result<String, InvalidCursor> {
    if text.len() > LONGEST {
        return Err(InvalidCursor);
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
    let text = String::from_utf8(bytes).map_err(|_| InvalidCursor)?;
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
        for wrong in ["", "x", "dDE", &of_fetch(XactId(1), "a"), &"A".repeat(5000)] {
            assert_eq!(to_trace(wrong), Err(InvalidCursor), "{wrong}");
        }
    }
}
