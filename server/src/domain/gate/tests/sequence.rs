//! Batches, orphans, two writers, replica ids.

use super::forge::forged;
use super::*;

#[test]
fn r4_the_valid_prefix_of_an_offline_batch_is_accepted() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let batch =
        [client.score("Tone", 0.25), client.score("Correct", 0), client.score("Tone", 7), client.score("Tone", 0.75)];
    let verdict = server.take(&mut client, &batch);
    assert_eq!(verdict.accepted.len(), 2);
    let codes: Vec<_> = verdict.refused.iter().map(|refused| refused.code).collect();
    assert_eq!(codes, ["invalid-value", "depends-on-refused"]);
    assert_eq!(verdict.refused[0].bytes, batch[2]);
    assert_eq!(verdict.refused[0].path, Some(format!("/scores/{}/Tone", client.me())));
    assert_eq!(
        verdict.refused[1].reason,
        format!("the change builds on {}, which was refused", verdict.refused[0].hash)
    );
    // Sent again, it is refused again, and nothing is doubled.
    let again = server.take(&mut client, &batch);
    assert!(again.accepted.is_empty());
    assert_eq!(again.refused.iter().map(|refused| refused.code).collect::<Vec<_>>()[0], "refused-before");
}

#[test]
fn r8_a_change_that_is_stored_is_passed_over() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let chunk = client.score("Tone", 0.25);
    server.accepts(&mut client, chunk.clone());
    let verdict = server.take(&mut client, &[chunk.clone(), chunk]);
    assert!(verdict.accepted.is_empty() && verdict.refused.is_empty() && verdict.missing.is_empty());
}

#[test]
fn orphans_wait_for_their_dependencies() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let (first, second, third) = (client.score("Tone", 0.1), client.score("Tone", 0.2), client.comment("Well"));
    let verdict = server.take(&mut client, &[third, second]);
    assert!(verdict.accepted.is_empty() && verdict.refused.is_empty());
    let hash = automerge::Change::from_bytes(first.clone()).expect("a change").hash();
    assert_eq!(verdict.missing, [hash]);
    let verdict = server.take(&mut client, &[first]);
    assert_eq!(verdict.accepted.iter().map(|item| item.change.seq()).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(verdict.missing.is_empty());
}

#[test]
fn a_reversed_batch_is_sorted() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let mut batch: Vec<_> = (0..60).map(|step| client.score("Tone", f64::from(step % 9) / 10.0)).collect();
    batch.reverse();
    assert_eq!(server.take(&mut client, &batch).accepted.len(), 60);
}

#[test]
fn made_up_dependencies_fill_nothing_but_a_bounded_list() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let valid = client.score("Tone", 0.5);
    let size = valid.len();
    let orphans: Vec<Vec<u8>> = (0..1024 * 1024 / size + 50)
        .map(|number| {
            forged(&valid, |raw| {
                raw.deps = vec![[0; 32]];
                raw.deps[0][..8].copy_from_slice(&number.to_be_bytes());
            })
        })
        .collect();
    let verdict = server.take(&mut client, &orphans);
    assert!(verdict.accepted.is_empty());
    assert!(verdict.refused.len() >= 49 && verdict.refused.iter().all(|refused| refused.code == "too-many-orphans"));
    client.bad = BadSet::default();
    server.accepts(&mut client, valid);
}

#[test]
fn refused_changes_are_remembered_up_to_a_bound() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let valid = client.score("Tone", 0.5);
    for number in 0..1_100 {
        let bad = forged(&valid, |raw| raw.seq = 100 + number);
        server.judge(&mut client, &[bad]).expect("a verdict");
    }
    assert_eq!(client.bad.iter().count(), 1024);
    assert!(client.bad.iter().next().expect("the newest").reason.contains("number 1199"));
}

#[test]
fn two_writers_are_judged_one_after_another_on_one_draft() {
    let mut server = Server::new();
    let (mut ann, mut ben) = (server.open(Role::Reviewer), server.open(Role::Lead));
    server.update(&mut ann);
    let (hers, his) = (ann.score("Tone", 0.25), ben.score("Tone", 0.75));
    let first = server.judge(&mut ann, &[hers]).expect("a verdict");
    let draft = first.draft.expect("a draft");
    let committed = std::mem::replace(&mut server.doc, draft);
    let second = server.judge(&mut ben, &[his]).expect("a verdict");
    let draft = second.draft.expect("a draft");
    assert_eq!(draft.get_heads().len(), 2);
    assert!(!first.round_trip && !second.round_trip, "plain scores need no round trip");
    // The commit fails: the gate's memory of the draft is of no harm.
    server.doc = committed;
    let again = ben.score("Correct", 0);
    let verdict = server.take(&mut ben, &[again]);
    assert_eq!(verdict.missing.len(), 1, "his first change is not stored");
}

#[test]
fn concurrent_changes_converge_whatever_their_order() {
    let mut server = Server::new();
    let (mut ann, mut ben) = (server.open(Role::Reviewer), server.open(Role::Reviewer));
    server.update(&mut ann);
    let text = ann.expect("The order was lost.");
    server.accepts(&mut ann, text);
    server.update(&mut ben);
    for round in 0..5 {
        let typed = |client: &mut Client, at_: usize, letters: &str| {
            client.change(|tx| {
                let value = at(tx, &["expected", "value"]);
                tx.splice_text(value, at_, 1, letters)
            })
        };
        let (hers, his) = (typed(&mut ann, round, "A"), typed(&mut ben, round + 3, "bb"));
        server.accepts(&mut ben, his);
        server.accepts(&mut ann, hers);
        server.update(&mut ann);
        server.update(&mut ben);
    }
    assert_eq!(ann.doc.get_heads(), server.doc.get_heads());
    assert_eq!(ben.doc.get_heads(), server.doc.get_heads());
}

#[test]
fn r7_replica_ids_belong_to_whoever_brought_them_first() {
    let mut server = Server::new();
    let (mut ann, mut eve) = (server.open(Role::Reviewer), server.open(Role::Reviewer));
    server.update(&mut ann);
    let hers = ann.score("Tone", 0.5);
    server.accepts(&mut ann, hers);
    server.update(&mut eve);
    let taken = |text: &str| {
        ("replica-taken", format!("the replica id of this change belongs to {text}: reload the page to get a new one"))
    };
    eve.doc = server.doc.fork().with_actor(ann.doc.get_actor().clone());
    let stolen = eve.score("Tone", 0.9);
    assert_eq!(server.refuses(&mut eve, stolen), taken("somebody else"));
    eve.doc = server.doc.fork().with_actor(ActorId::from([7_u8; 16]));
    let servers = eve.score("Tone", 0.9);
    assert_eq!(server.refuses(&mut eve, servers), taken("the server"));
    let seed = server.doc.get_changes(&[])[0].actor_id().clone();
    eve.doc = server.doc.fork().with_actor(seed);
    let seeds = eve.score("Tone", 0.9);
    assert_eq!(server.refuses(&mut eve, seeds), taken("the server"));
}

#[test]
fn a_second_tab_of_the_same_member_writes_too() {
    let mut server = Server::new();
    let mut first = server.open(Role::Reviewer);
    let mut second = server.connect(first.writer.clone());
    let one = first.score("Tone", 0.5);
    server.accepts(&mut first, one);
    let two = second.score("Tone", 0.75);
    server.accepts(&mut second, two);
    // Both tabs see a conflict of their own member; writing the shown value takes the loser away.
    server.update(&mut first);
    let me = first.me();
    let own = at(&first.doc, &["scores", &me]);
    assert_eq!(first.doc.get_all(&own, "Tone").expect("values").len(), 2);
    let shown = first.doc.get(&own, "Tone").expect("a map").expect("a value").0.as_f64().expect("a number");
    let settled = first.score("Tone", shown);
    assert_eq!(server.accepts(&mut first, settled), Vec::<String>::new(), "nothing that shows has changed");
    assert_eq!(server.doc.get_all(&own, "Tone").expect("values").len(), 1);
}

#[test]
fn memory_meets_a_document_that_it_does_not_know() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let chunk = client.comment("Well");
    server.accepts(&mut client, chunk);
    server.paths = Paths::default();
    server.doc = load(&server.doc.save()).expect("loads");
    let edit = client.change(|tx| {
        let text = at(tx, &["comments", COMMENT, "text"]);
        tx.splice_text(text, 4, 0, " done")?;
        let comment = at(tx, &["comments", COMMENT]);
        tx.put(comment, "edited_at", timestamp(1))
    });
    assert_eq!(server.accepts(&mut client, edit), [format!("/comments/{COMMENT}/text: \"Well\" -> \"Well done\"")]);
}
