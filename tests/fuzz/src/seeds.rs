//! Inputs to begin with, made by the code that they are for, so that they never grow old.

use automerge::sync::{State, SyncDoc};
use automerge::{ActorId, Change};
use concord_shared::ids::Reviewer;
use concord_shared::review;
use concord_shared::review::edit::Edit;
use concord_shared::review::state::{Judgement, ReviewStatus};
use concord_shared::wire::notice::{Notice, RejectedChange};
use concord_shared::wire::sync::Frame;
use serde_json::json;

use crate::Target;
use crate::scene::{COMMENT, LATER, REPLICA, SCENE, comment, judge, member};

/// Named inputs of a target.
pub fn seeds(target: Target) -> Vec<(String, Vec<u8>)> {
    match target {
        Target::Frame => frames(),
        Target::Message => messages(),
        Target::Change => changes().into_iter().map(|(name, change)| (name, change.raw_bytes().to_vec())).collect(),
        Target::Gate => changes().into_iter().map(|(name, change)| (name, contents(change.raw_bytes()))).collect(),
        Target::Row => rows(),
        Target::Filter => filters(),
    }
}

/// What follows the length of a chunk.
fn contents(chunk: &[u8]) -> Vec<u8> {
    let length = chunk[9..].iter().take_while(|byte| *byte & 0x80 != 0).count() + 1;
    chunk[9 + length..].to_vec()
}

fn named<T>(items: impl IntoIterator<Item = (&'static str, T)>) -> Vec<(String, T)> {
    items.into_iter().map(|(name, item)| (name.to_owned(), item)).collect()
}

fn frames() -> Vec<(String, Vec<u8>)> {
    let (sender, target, document) = ("peer-1".to_owned(), "concord".to_owned(), SCENE.key.document.to_text());
    let (s, t, d) = (sender.clone(), target.clone(), document.clone());
    let rejected = RejectedChange { hash: "0f".into(), code: "c".into(), reason: "r".into(), path: Some("/a".into()) };
    // As a stock client writes it: 16-bit counts, `undefined` for the storage id.
    let mut join = b"\xb9\x00\x04\x64type\x64join\x68senderId\x6epeer-765eqt5hh\x6cpeerMetadata\xb9\x00\x02".to_vec();
    join.extend(b"\x69storageId\xf7\x6bisEphemeral\xf5\x78\x19supportedProtocolVersions\x81\x611");
    let mut all = named([
        ("join", join),
        ("peer", Frame::Peer { sender: s, target: t }.encode()),
        ("leave", Frame::Other("leave".into()).encode()),
        ("error", Frame::Error { sender: sender.clone(), target: target.clone(), message: "no".into() }.encode()),
        ("saved", Notice::Saved(vec!["0f".into()]).encode()),
        ("rejected", Notice::Rejected(vec![rejected]).encode()),
        ("presence", b"\xa2\x64type\x68presence\x64user\xa1\x62id\x61u".to_vec()),
    ]);
    let ephemeral = |count| Frame::Ephemeral {
        sender: sender.clone(),
        target: target.clone(),
        document: d.clone(),
        count,
        session: "s".into(),
        data: vec![0xa0],
    };
    all.push(("ephemeral".into(), ephemeral(1 << 40).encode()));
    for request in [true, false] {
        let (sender, target, document) = (sender.clone(), target.clone(), document.clone());
        let data = vec![0x42, 0, 0, 1, 0, 0, 0, 2, 2, 0x84];
        all.push((format!("sync-{request}"), Frame::Sync { sender, target, document, request, data }.encode()));
    }
    all.push(("unavailable".into(), Frame::Unavailable { sender, target, document }.encode()));
    all
}

fn messages() -> Vec<(String, Vec<u8>)> {
    let empty = review::empty();
    let first = empty.generate_sync_message(&mut State::new()).expect("a first message").encode();
    let level = SCENE.document.generate_sync_message(&mut State::new()).expect("a message").encode();
    let mut client = SCENE.document.fork().with_actor(ActorId::from(REPLICA));
    let (mut mine, mut theirs) = (State::new(), State::new());
    let mut server = SCENE.document.clone();
    for _ in 0..3 {
        if let Some(message) = server.generate_sync_message(&mut theirs) {
            client.receive_sync_message(&mut mine, message).expect("a message");
        }
        if let Some(message) = client.generate_sync_message(&mut mine) {
            server.receive_sync_message(&mut theirs, message).expect("a message");
        }
    }
    client.apply_changes([SCENE.next(&[judge("Tone", Judgement::Number(0.5))])]).expect("it applies");
    let edit = client.generate_sync_message(&mut mine).map(|message| message.encode()).unwrap_or_default();
    // No heads, no need, one `have` with a Bloom filter of one entry, no changes.
    let filter = [0x42, 0, 0, 1, 0, 5, 1, 10, 7, 0, 0, 0].to_vec();
    named([("first", first), ("level", level), ("edit", edit), ("filter", filter)])
}

fn changes() -> Vec<(String, Change)> {
    let me = || Reviewer::Member(member(1));
    let edits = [
        ("number", judge("Tone", Judgement::Number(0.5))),
        ("withdrawn", judge("Tone", Judgement::Withdrawn)),
        ("option", judge("Correct", Judgement::Number(1.0))),
        ("options", judge("Failures", Judgement::Options(["late".to_owned()].into()))),
        ("note", Edit::SetNote { reviewer: me(), score: "Tone".into(), text: "so só".into() }),
        ("field", Edit::SetField { name: "Why".into(), text: "because".into() }),
        ("expected", Edit::SetExpected { value: json!({"text": "no", "list": [1, true]}) }),
        ("merged", Edit::MergeExpected { path: vec!["a".into(), "b".into()], value: json!(-1.5) }),
        ("unset", Edit::UnsetExpected),
        ("tag", Edit::AddTag { tag: "new".into() }),
        ("tag-cleared", Edit::ClearTag { tag: "odd".into() }),
        ("comment", Edit::AddComment { id: "1b8e7a54-6a8e-4a6c-9a9f-5d0f3c2b1a01".into(), comment: comment("hi") }),
        ("comment-edited", Edit::EditComment { id: COMMENT.into(), text: "look!".into(), at: LATER }),
        ("comment-deleted", Edit::DeleteComment { id: COMMENT.into() }),
        ("comment-resolved", Edit::ResolveComment { id: COMMENT.into(), resolved: true }),
        ("status", Edit::SetStatus { by: me(), at: LATER, value: ReviewStatus::Complete }),
        ("assigned", Edit::Assign { member: member(2), by: me(), at: LATER }),
        ("completed", Edit::Complete { reviewer: me(), at: LATER }),
    ];
    edits.into_iter().map(|(name, edit)| (name.to_owned(), SCENE.next(&[edit]))).collect()
}

fn rows() -> Vec<(String, Vec<u8>)> {
    let span = json!({"id": "a", "span_id": "s", "root_span_id": "r", "span_parents": ["p"], "created": "2026-01-05T09:00:00Z",
        "project_id": "p", "log_id": "g", "input": [{"role": "user", "content": "hi"}], "output": {"content": "yo"},
        "expected": "x", "error": {"message": "e"}, "tags": ["t"], "scores": {"Tone": 0.5, "Correct": null},
        "metadata": {"model": "m"}, "metrics": {"start": 1.5, "end": 2, "prompt_tokens": 3, "completion_tokens": 4, "cost": 1e-7},
        "span_attributes": {"name": "n", "type": "llm", "exec_counter": 1}});
    let merge = json!({"id": "a", "_is_merge": true, "_merge_paths": [["metadata"]], "metadata": {"b": 1},
        "_array_delete": [{"path": ["tags"], "delete": ["t"]}]});
    let feedback = json!({"id": "a", "_is_merge": true, "_audit_source": "external", "_audit_metadata": {"user_id": "u"},
        "scores": {"Tone": 1}, "expected": {"a": 1}, "tags": ["t"]});
    let review = json!({"id": "a", "_is_merge": true, "metadata": {"~__bt_review_lists": {"x": {"status": "PENDING"}},
        "~__bt_assignments": [member(2)]}});
    let remark = json!({"id": "c", "origin": {"id": "a"}, "comment": {"text": "hi"}, "_audit_source": "app"});
    let rows = json!({"rows": [span, merge, feedback, review, remark], "api_version": 2});
    let bytes = |value: &serde_json::Value| value.to_string().into_bytes();
    let mut all = named([
        ("span", bytes(&span)),
        ("merge", bytes(&merge)),
        ("delete", bytes(&json!({"id": "a", "_object_delete": true}))),
        ("feedback", bytes(&feedback)),
        ("review", bytes(&review)),
        ("comment", bytes(&remark)),
        ("surrogate", br#"{"id":"\ud83d","input":"\ud83d\ude00 \udc00"}"#.to_vec()),
        ("parent", bytes(&json!({"id": "b", "_parent_id": "a", "input": 1e300}))),
    ]);
    all.push(("body".into(), bytes(&rows)));
    all
}

fn filters() -> Vec<(String, Vec<u8>)> {
    let texts = [
        ("score", r#"scores."Answer quality" >= 0.5 and not tags includes "done""#),
        ("ternary", "metrics.tokens > (metadata.model = \"gpt-4\" ? 1000 : 500)"),
        ("times", "created > now() - interval 7 days or day(created) = '2024-11-09' -- comment"),
        ("texts", r"input ilike '%50\% off%' and output match 'refund policy' or comment not like 'a%'"),
        ("spans", "any_span(error is not null) and span_attributes.purpose != 'scorer'"),
        ("lists", "metadata.models[-1].name not in ('a', 'b') and [1, {'k': -2.5e3}] = input"),
        ("functions", "coalesce(round(scores.A, 1), 0) % 2 = 0 and json_extract(metadata.config, 'env') is null"),
        (
            "clauses",
            "select: id, a as b | from: project_logs('p') traces\nfilter: x = 1 | sort: created desc | limit: 5 | cursor: 'c'",
        ),
        (
            "groups",
            "dimensions: day(created) as d | measures: count(distinct id) as n | unpivot: scores as (k, v) | sample: 25% seed 1",
        ),
        (
            "sql",
            "SELECT a AS b, count(1) FROM experiment('e', shape => 'spans') WHERE tags IN ('x') GROUP BY a HAVING n > 1 ORDER BY b DESC LIMIT 3 OFFSET 'c'",
        ),
        (
            "tree",
            r#"{"op":"and","children":[{"op":"eq","left":{"op":"ident","name":["a",0]},"right":{"op":"literal","value":[1,null]}},{"btql":"b is null"}]}"#,
        ),
        (
            "query",
            r#"{"select":[{"op":"star"}],"from":{"op":"function","name":{"op":"ident","name":["dataset"]},"args":[{"op":"literal","value":"d"}]},"filter":[{"btql":"a"}],"limit":10}"#,
        ),
    ];
    named(texts.map(|(name, text)| (name, text.as_bytes().to_vec())))
}
