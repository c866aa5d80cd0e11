//! The short way of plain changes: takes what it should, and says what the general way says. That it takes nothing that
//! the general way refuses is asserted of every single change of every test here, in `Server::take`.

use proptest::collection::vec;
use proptest::prelude::*;

use concord_shared::review::state::Judgement;
use concord_shared::review::{fact, read};

use super::*;

/// A member whose keys hold something already.
fn scene() -> (Server, Client) {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    for chunk in [
        client.score("Tone", 0.5),
        client.score("Correct", 0),
        client.score("Failure", "late"),
        client.tag("golden", true),
        client.complete(0),
    ] {
        server.accepts(&mut client, chunk);
    }
    (server, client)
}

impl Client {
    fn tag(&mut self, tag: &str, on: bool) -> Vec<u8> {
        self.change(|tx| {
            let tags = at(tx, &["tags"]);
            tx.put(tags, tag, on)
        })
    }

    fn complete(&mut self, seconds: i64) -> Vec<u8> {
        let me = self.me();
        self.change(|tx| {
            let completed = at(tx, &["completed"]);
            tx.put(completed, me, timestamp(seconds))
        })
    }
}

/// Judges a sequence both ways; the facts of each change, which must be the same.
fn both_ways(server: &mut Server, client: &mut Client, chunks: &[Vec<u8>]) -> Vec<Vec<Fact>> {
    let (mut run, mut paths) = (Run::default(), Paths::default());
    let short: Vec<Accepted> = chunks
        .iter()
        .enumerate()
        .map(|(index, chunk)| {
            let taken = server.judge_plainly(&mut run, &mut paths, client, chunk);
            taken.unwrap_or_else(|| panic!("change {index} is plain"))
        })
        .collect();
    assert_eq!(run.len(), chunks.len());
    let server_before = server.doc.clone();
    let mut draft = server_before.clone();
    let changes: Vec<Change> = short.iter().map(|item| item.change.clone()).collect();
    apply(&mut draft, &changes).expect("all of them apply at once");
    let long: Vec<Accepted> =
        chunks.iter().flat_map(|chunk| server.take(client, std::slice::from_ref(chunk)).accepted).collect();
    assert_eq!(draft.get_heads(), server.doc.get_heads());
    let mut state = read::read(&server_before);
    let noted = short.iter().flat_map(|item| &item.facts).all(|fact| fact::note(&mut state, &fact.path, &fact.to));
    assert!(!noted || state == read::read(&draft), "what is noted is what is read");
    let facts = |items: Vec<Accepted>| items.into_iter().map(|item| item.facts).collect::<Vec<_>>();
    let short = facts(short);
    assert_eq!(short, facts(long));
    short
}

#[test]
fn what_keys_hold_is_overwritten_without_being_applied() {
    let (mut server, mut client) = scene();
    let chunks = [
        client.score("Tone", 1),
        client.score("Tone", 1.0),
        client.score("Tone", ScalarValue::Null),
        client.score("Correct", 1.0 / 3.0),
        client.tag("golden", false),
        client.complete(5),
    ];
    let facts = both_ways(&mut server, &mut client, &chunks);
    assert_eq!(facts.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 1, 1, 1, 1], "the same again is no new fact");
    assert_eq!((&facts[2][0].from, &facts[2][0].to), (&Value::from(1.0), &Value::Null));
}

#[test]
fn a_writer_who_has_taken_what_others_wrote_sees_everything() {
    let (mut server, mut client) = scene();
    let mut other = server.open(Role::Reviewer);
    let chunk = other.score("Tone", 0.9);
    server.accepts(&mut other, chunk);
    server.update(&mut client);
    let chunk = client.score("Tone", 0.1);
    let deps = Change::from_bytes(chunk.clone()).expect("a change").deps().len();
    assert_eq!(deps, 2, "the head, and the replica's own last change below it");
    let chunks = [chunk, client.score("Tone", 0.2)];
    both_ways(&mut server, &mut client, &chunks);
}

#[test]
fn anything_else_is_left_to_the_general_way() {
    let (mut server, mut client) = scene();
    let mut stale = server.connect(client.writer.clone());
    let chunk = client.score("Tone", 0.1);
    server.accepts(&mut client, chunk);
    let mut other = server.open(Role::Reviewer);
    server.update(&mut client);
    let me = client.me();
    let mut stranger = server.connect(client.writer.clone());
    stranger.writer.member = other.writer.member;
    let mut viewer = server.connect(Writer { role: Role::Viewer, ..client.writer.clone() });
    let cases: Vec<(&str, Vec<u8>, Client)> = vec![
        ("a key that held nothing", other.tag("new", true), server.connect(other.writer.clone())),
        ("a value that is not allowed", client.score("Tone", 7), server.connect(client.writer.clone())),
        ("what its writer did not see", stale.score("Tone", 0.2), server.connect(client.writer.clone())),
        (
            "the place of another",
            stranger.change(|tx| {
                let own = at(tx, &["scores", &me]);
                tx.put(own, "Tone", 0.3)
            }),
            server.connect(stranger.writer.clone()),
        ),
        ("a reader's", viewer.score("Tone", 0.4), server.connect(viewer.writer.clone())),
        (
            "the status, which has several parts",
            server.connect(client.writer.clone()).change(|tx| {
                let status = at(tx, &["status"]);
                tx.put(&status, "value", "awaiting")?;
                tx.put(&status, "by", me.as_str())?;
                tx.put(&status, "at", timestamp(0))
            }),
            server.connect(client.writer.clone()),
        ),
        ("a comment", server.connect(client.writer.clone()).comment("Hm"), server.connect(client.writer.clone())),
    ];
    for (what, chunk, mut sender) in cases {
        let mut run = Run::default();
        let taken = server.judge_plainly(&mut run, &mut Paths::default(), &mut sender, &chunk);
        assert!(taken.is_none() && run.is_empty(), "{what}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r2_a_judgement_written_by_hand_is_the_change_that_a_transaction_makes(
        steps in vec((0..5_u8, any::<bool>()), 1..12),
    ) {
        let (mut server, mut client) = scene();
        let replica = ActorId::from([7_u8; 16]);
        let (mut run, mut paths, mut draft) = (Run::default(), Paths::default(), server.doc.fork().with_actor(replica.clone()));
        let reviewer = Reviewer::Member(client.writer.member);
        for (value, on_option) in steps {
            let edit = if on_option {
                let judgement = if value == 0 { Judgement::Withdrawn } else { Judgement::Option(["late", "rude"][usize::from(value % 2)].into()) };
                Edit::SetScore { reviewer: reviewer.clone(), score: "Failure".into(), judgement }
            } else {
                let judgement = Judgement::Number(f64::from(value) / 4.0);
                Edit::SetScore { reviewer: reviewer.clone(), score: "Tone".into(), judgement }
            };
            let before = draft.clone();
            let item = put_score(&server.doc, &mut run, &mut paths, &replica, std::slice::from_ref(&edit), NOW);
            // The same option again is a change that says nothing, which is left to the general way.
            let Some(item) = item else { continue };
            let made = edit::apply(&mut draft, &[edit], NOW, None).expect("an edit").expect("a change");
            prop_assert_eq!(item.change.raw_bytes(), made.raw_bytes());
            let facts = facts_between(&before, &draft, &made, &mut Paths::default());
            prop_assert_eq!(item.facts, facts);
        }
        // A client that has seen all of it goes on.
        server.doc = draft;
        server.update(&mut client);
        let chunk = client.score("Tone", 0.31);
        server.accepts(&mut client, chunk);
    }

    #[test]
    fn r3_both_ways_say_the_same_of_any_plain_sequence(steps in vec((0..4_u8, 0..5_u8), 1..24)) {
        let (mut server, mut client) = scene();
        let me = client.me();
        let values = [ScalarValue::Null, "late".into(), "rude".into(), ScalarValue::Null, "late".into()];
        let step = |(what, value): (u8, u8)| client.written(NOW.as_seconds(), |tx| match what {
            0 => tx.put(at(tx, &["scores", &me]), "Tone", f64::from(value) / 4.0),
            1 => tx.put(at(tx, &["scores", &me]), "Failure", values[usize::from(value)].clone()),
            2 => tx.put(at(tx, &["tags"]), "golden", value % 2 == 0),
            _ => tx.put(at(tx, &["completed"]), &me, timestamp(i64::from(value))),
        });
        let chunks: Vec<Vec<u8>> = steps.into_iter().filter_map(step).collect();
        both_ways(&mut server, &mut client, &chunks);
    }
}
