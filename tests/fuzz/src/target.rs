//! The targets, and what must hold whatever the input.

use std::collections::HashMap;
use std::str::FromStr;

use automerge::ActorId;
use concord_shared::filter::{self, Aliases, Clock, Expr, FilterError, Place, Query, Scope, check, matches};
use concord_shared::ids::{ConnectionId, Revision};
use concord_shared::moment::Moment;
use concord_shared::review::fact::FactPath;
use concord_shared::review::read::read;
use concord_shared::row::{self, Mode, Write};
use concord_shared::wire::notice::{claim, saved_heads};
use concord_shared::wire::sync::Frame;
use sha2::{Digest as _, Sha256};

use crate::domain::gate::{BadSet, GateInput, Paths, Pending, checked_snapshot, gate};
use crate::domain::line::LoggedLine;
use crate::domain::measure::derive;
use crate::domain::room::{Effect, Event, Opening, Room, decode_message};
use crate::envelope;
use crate::scene::{NOW, SCENE, SERVER};

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Frames of `/sync`, and the values of ephemeral ones.
    Frame,
    /// Sync messages, all the way through a room.
    Message,
    /// Changes as they come: the reading of their heads.
    Change,
    /// The contents of a change in a chunk with the right checksum: the whole gate.
    Gate,
    /// Bodies of `/logs3`, and single rows.
    Row,
    /// Filters and queries, as text and as JSON trees.
    Filter,
}

impl Target {
    /// All.
    pub const ALL: [Self; 6] = [Self::Frame, Self::Message, Self::Change, Self::Gate, Self::Row, Self::Filter];

    /// Its name on the command line and of its corpus.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Message => "message",
            Self::Change => "change",
            Self::Gate => "gate",
            Self::Row => "row",
            Self::Filter => "filter",
        }
    }
}

impl FromStr for Target {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|target| target.name() == name)
            .ok_or(format!("there is no target {name:?}: {names}"))
    }
}

/// Tries one input.
pub fn run(target: Target, data: &[u8]) {
    match target {
        Target::Frame => frame(data),
        Target::Message => message(data),
        Target::Change => change(data.to_vec()),
        Target::Gate => change(chunk(data)),
        Target::Row => rows(data),
        Target::Filter => filters(data),
    }
}

/// A frame that was read is written and read again as the same.
fn frame(data: &[u8]) {
    let _ = (claim(data), saved_heads(data));
    if let Ok(frame) = Frame::decode(data) {
        assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
    }
}

/// A change chunk with these contents.
pub fn chunk(contents: &[u8]) -> Vec<u8> {
    let mut body = vec![1];
    let mut length = contents.len();
    while length >= 0x80 {
        body.push(length as u8 | 0x80);
        length >>= 7;
    }
    body.push(length as u8);
    body.extend(contents);
    let digest = Sha256::digest(&body);
    [&[0x85, 0x6f, 0x4a, 0x83], &digest[..4], &body].concat()
}

/// Rules R4 and R7: what is accepted is the writer's, and leaves a document that is stored and loads; the stored one is
/// left as it is.
fn change(chunk: Vec<u8>) {
    let scene = &*SCENE;
    let (mut pending, mut bad, mut paths) = (Pending::default(), BadSet::default(), Paths::default());
    let heads = scene.document.get_heads();
    let input = GateInput {
        writer: &scene.writer,
        now: NOW,
        scores: &scene.scores,
        chunks: vec![&chunk],
        pending: &mut pending,
        bad: &mut bad,
        replicas: &scene.replicas,
        paths: &mut paths,
    };
    let Ok(verdict) = gate(&scene.document, input) else { return };
    assert_eq!(scene.document.get_heads(), heads, "the stored document is left as it is");
    assert_eq!(verdict.draft.is_some(), !verdict.accepted.is_empty());
    let me = scene.writer.member.to_string();
    for item in &verdict.accepted {
        assert_eq!(item.change.raw_bytes(), chunk, "what is accepted is what was sent");
        for fact in &item.facts {
            match &fact.path {
                FactPath::Score(owner, _) | FactPath::Note(owner, _) | FactPath::Completed(owner) => {
                    assert_eq!(*owner, me, "{} is somebody else's", fact.path);
                }
                FactPath::Comment(_) => assert_eq!(fact.to["author"], me.as_str()),
                _ => {}
            }
        }
    }
    if let Some(draft) = verdict.draft {
        let saved = checked_snapshot(&draft).expect("an accepted change leaves a document that can be stored");
        let loaded = concord_shared::review::load(&saved).expect("it loads");
        assert_eq!(read(&loaded), read(&draft), "it loads as the same");
    }
}

/// A room answers any message, and goes on.
fn message(data: &[u8]) {
    let Ok(message) = decode_message(data) else { return };
    let scene = &*SCENE;
    let mut room = Room::new(Opening {
        key: scene.key.clone(),
        document: scene.document.clone(),
        revision: Revision(3),
        snapshot_revision: Revision(0),
        replicas: scene.replicas.clone().into_iter().collect::<HashMap<_, _>>(),
        scores: scene.scores.clone().into(),
        server_replica: ActorId::from(SERVER),
    });
    let connection = ConnectionId(1);
    room.handle(NOW, Event::Join { connection, writer: Some(scene.writer.clone()) });
    room.handle(NOW, Event::Join { connection: ConnectionId(2), writer: None });
    for _ in 0..2 {
        let event = Event::Sync { connection, message: Box::new(message.clone()) };
        let mut effects = room.handle(NOW, event);
        // Each commit can lead to one more, of what waited for it.
        for _ in 0..4 {
            if effects.iter().any(|effect| matches!(effect, Effect::Commit(_))) {
                effects = room.handle(NOW, Event::Committed(Ok(())));
            }
        }
    }
    room.handle(NOW, Event::Leave { connection });
    room.handle(NOW, Event::Leave { connection: ConnectionId(2) });
    assert!(room.is_idle(), "nothing is left under way");
}

/// Rows that are taken can be stored, read back, derived from, and written again without a difference.
fn rows(data: &[u8]) {
    if let Ok(items) = envelope::items(data, "rows") {
        items.iter().for_each(|item| row(item.get()));
    } else if let Ok(text) = std::str::from_utf8(data) {
        row(text);
    }
}

fn row(text: &str) {
    let Ok(parsed) = row::parse(text, &mut || "fresh".to_owned()) else { return };
    let Write::Row(write) = parsed.write else { return };
    let first = row::apply(None, &write, None, NOW);
    let again = row::apply(first.clone(), &write, None, Moment(NOW.0 + 1));
    if write.mode == Mode::Replace {
        assert_eq!(first, again, "an exact retry changes nothing");
    }
    let Some(row) = again else { return };
    let stored = serde_json::to_string(&row.logged).expect("JSON");
    assert_eq!(serde_json::from_str::<serde_json::Map<_, _>>(&stored).expect("JSON"), row.logged);
    let line = LoggedLine::of(&row);
    let stored = serde_json::to_string(&line).expect("JSON");
    assert_eq!(serde_json::from_str::<LoggedLine>(&stored).expect("a line"), line);
    let derived = derive(&line, row.is_root(), row.deleted, None, &SCENE.scores);
    assert!(derived.scores.iter().all(|score| score.value.is_finite()), "{:?}", derived.scores);
}

/// What is read is printed and read again as the same, and has an answer on every row; what is not names a place in its text.
fn filters(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let placed = |error: FilterError| {
        let offset = error.position.expect("a place").offset as usize;
        assert!(offset <= text.chars().count(), "{error}");
    };
    match filter::parser::expression(text) {
        Ok(expr) => expression(&expr),
        Err(error) => placed(error),
    }
    match filter::parser::query(text) {
        Ok(query) => printed(query),
        Err(error) => placed(error),
    }
    if let Ok(tree) = serde_json::from_str(text) {
        let _ = filter::json::expression(&tree).map(|expr| expression(&expr));
        let _ = filter::json::query(&tree).map(printed);
    }
}

fn expression(expr: &Expr) {
    let text = expr.to_string();
    // Escapes make it longer, beyond what is read.
    if text.len() <= filter::TEXT_BYTES {
        match filter::parser::expression(&text) {
            Ok(again) => assert_eq!(&again, expr, "{text}"),
            // Each level of a tree is one of parentheses, of which text may have fewer.
            Err(error) => assert!(error.to_string().contains("nested deeper"), "{text}: {error}"),
        }
    }
    if let Ok(checked) = check(expr, Place::Row, &Aliases::default()) {
        let clock = Clock { now: NOW, tz_offset: 480 };
        let row = serde_json::json!({"id": "a", "created": "2026-01-05T09:00:00.000000Z", "_xact_id": "1000198257225170955",
            "input": "hi", "tags": ["t"], "scores": {"A": 0.5}, "metadata": {"n": 3, "a": [{"b": null}]}, "comments": [{"text": "x"}]});
        let row = row.as_object().expect("an object");
        let scope = Scope { row, clock };
        let settled = filter::eval::settle(&checked, std::iter::once(row), clock).expect("settled");
        assert_eq!(matches(&checked, scope), matches(&settled, scope));
        let _ = filter::eval::value(&checked, scope);
    }
}

fn printed(query: Query) {
    let text = query.to_string();
    if let Ok(again) = filter::parser::query(&text) {
        assert_eq!(again.filter, query.filter, "{text}");
    }
}
