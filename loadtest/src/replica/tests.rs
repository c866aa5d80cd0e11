use automerge::sync::{BloomFilter, Have, Message, MessageVersion, State, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{ChangeHash, ObjType, Value};
use concord_shared::ids::DocumentId;
use concord_shared::review::seed::seed;

use super::*;

const SCORE: &str = "Quality";

/// A review that every reviewer of `reviewers` has opened.
fn review(reviewers: &[&str]) -> Automerge {
    let mut document = seed(DocumentId::new()).with_actor(ActorId::random());
    let mut tx = document.transaction();
    let (_, scores) = tx.get(ROOT, schema::SCORES).expect("readable").expect("seeded");
    for reviewer in reviewers {
        tx.put_object(&scores, *reviewer, ObjType::Map).expect("a fresh key");
    }
    tx.commit();
    document
}

fn score(document: &Automerge, reviewer: &str) -> Option<f64> {
    let (_, scores) = document.get(ROOT, schema::SCORES).expect("readable")?;
    let (_, own) = document.get(&scores, reviewer).expect("readable")?;
    match document.get(&own, SCORE).expect("readable")? {
        (Value::Scalar(value), _) => value.as_f64(),
        _ => None,
    }
}

fn replica(document: &Automerge, reviewer: &str) -> Replica {
    Replica::new(document.clone(), reviewer, SCORE).expect("an opened review")
}

/// An edit's hash, and the message that carries it as automerge reads it.
fn edit(replica: &mut Replica, value: f64) -> (ChangeHash, Message) {
    let mut out = Vec::new();
    let hash = replica.edit(value, &mut out).expect("an edit");
    (ChangeHash(hash), Message::decode(&out).expect("automerge reads it"))
}

/// What a replica makes of a message: the hashes in it, how many were new, and its answer.
fn receive(replica: &mut Replica, message: &Message) -> (Vec<ChangeHash>, usize, Option<Message>) {
    let bytes = message.clone().encode();
    let heard = Heard::read(&bytes).expect("a message");
    let (mut hashes, mut out) = (Vec::new(), Vec::new());
    let received = replica.receive(&heard, |hash| hashes.push(ChangeHash(hash)), &mut out).expect("readable");
    (hashes, received.fresh, received.reply.then(|| Message::decode(&out).expect("automerge reads it")))
}

fn only_change(message: &Message) -> Change {
    Change::from_bytes(message.changes.iter().next().expect("one change").to_vec()).expect("a change")
}

/// As servers write it.
fn message(heads: Vec<ChangeHash>, have: Vec<Have>, changes: Vec<Vec<u8>>) -> Message {
    Message { heads, need: vec![], have, changes: changes.into(), flags: None, version: MessageVersion::V1 }
}

#[test]
fn an_edit_is_the_change_that_automerge_would_have_made() {
    let document = review(&["a", "b"]);
    let (mut a, mut b) = (replica(&document, "a"), replica(&document, "b"));
    let mut stock = document.with_actor(a.actor.clone());
    let (_, scores) = stock.get(ROOT, schema::SCORES).expect("readable").expect("seeded");
    let (_, own) = stock.get(&scores, "a").expect("readable").expect("opened");
    for value in [0.1, 0.2, 0.3, 0.4] {
        let mut tx = stock.transaction();
        tx.put(&own, SCORE, value).expect("a map takes a number");
        tx.commit();
        let (hash, message) = edit(&mut a, value);
        assert_eq!(stock.get_heads(), vec![hash]);
        // Then somebody builds on it, so that the next edit has a head that is not the replica's own.
        receive(&mut b, &message);
        let (_, message) = edit(&mut b, value);
        receive(&mut a, &message);
        stock.apply_changes(vec![only_change(&message)]).expect("a valid change");
    }
}

#[test]
fn replicas_converge_through_a_server_of_the_general_api() {
    let mut server = review(&["a", "b"]);
    let mut replicas = [("a", State::new()), ("b", State::new())].map(|(reviewer, mut state)| {
        // What the handshake left behind: both sides have said that they are level.
        state.shared_heads = server.get_heads();
        state.their_heads = Some(server.get_heads());
        state.their_need = Some(Vec::new());
        state.their_have = Some(vec![Have { last_sync: server.get_heads(), bloom: BloomFilter::default() }]);
        state.last_sent_heads = server.get_heads();
        state.have_responded = true;
        (replica(&server, reviewer), state)
    });
    let mut received = [Vec::new(), Vec::new()];
    let mut sent = [Vec::new(), Vec::new()];
    for round in 0..40_u32 {
        // Both edit before either has heard of the other, then everybody speaks until nobody has anything to say.
        let mut waiting = Vec::new();
        for (index, (replica, _)) in replicas.iter_mut().enumerate() {
            let (hash, message) = edit(replica, f64::from(round * 2 + index as u32 + 1) / 100.0);
            sent[index].push(hash);
            waiting.push((index, message));
        }
        for turn in 0.. {
            assert!(turn < 20, "the exchange does not end");
            for (index, message) in waiting.drain(..) {
                server.receive_sync_message(&mut replicas[index].1, message).expect("the server takes it");
            }
            for (index, (replica, state)) in replicas.iter_mut().enumerate() {
                let Some(mut message) = server.generate_sync_message(state) else { continue };
                message.flags = None;
                let (changes, _, reply) = receive(replica, &message);
                received[index].extend(changes);
                waiting.extend(reply.map(|reply| (index, reply)));
            }
            if waiting.is_empty() {
                break;
            }
        }
    }
    assert_eq!(received[0], sent[1], "each edit once, in order");
    assert_eq!(received[1], sent[0], "each edit once, in order");
    for (replica, _) in replicas {
        assert!(replica.is_whole() && replica.unconfirmed.is_empty());
        let document = replica.document().expect("what was received replays");
        assert_eq!(document.get_heads(), server.get_heads());
        assert_eq!((score(&document, "a"), score(&document, "b")), (Some(0.79), Some(0.8)));
    }
}

#[test]
fn a_change_that_comes_before_its_cause_is_asked_for() {
    let mut server = review(&["a", "b"]);
    let level = server.get_heads();
    let (mut a, mut b) = (replica(&server, "a"), replica(&server, "b"));
    let changes: Vec<Change> = [0.1, 0.2].into_iter().map(|value| only_change(&edit(&mut b, value).1)).collect();
    server.apply_changes(changes.clone()).expect("valid changes");
    let have = vec![Have { last_sync: level.clone(), bloom: BloomFilter::default() }];
    let late = message(server.get_heads(), have.clone(), vec![changes[1].raw_bytes().to_vec()]);
    let reply = receive(&mut a, &late).2.expect("it asks");
    assert_eq!((reply.heads, reply.need), (level, vec![changes[0].hash()]));
    assert!(!a.is_whole());
    let rest = message(server.get_heads(), have, vec![changes[0].raw_bytes().to_vec()]);
    let (hashes, fresh, reply) = receive(&mut a, &rest);
    assert_eq!((hashes, fresh), (vec![changes[0].hash()], 1));
    assert_eq!(reply.expect("an acknowledgement").heads, server.get_heads());
    assert!(a.is_whole());
    assert_eq!(a.document().expect("what was received replays").get_heads(), server.get_heads());
}

/// One change in a hundred is held back, because the filter of what a client has seems to contain it.
#[test]
fn what_came_without_all_of_the_servers_heads_is_not_asked_for_again() {
    let server = review(&["a", "b", "c"]);
    let [mut a, mut b, mut c] = ["a", "b", "c"].map(|reviewer| replica(&server, reviewer));
    let ((came, sent), (held_back, _)) = (edit(&mut b, 0.1), edit(&mut c, 0.2));
    let mut heads = vec![came, held_back];
    heads.sort_unstable();
    let partial = Message { heads, need: vec![], ..sent };
    let reply = receive(&mut a, &partial).2.expect("it asks");
    assert_eq!((reply.heads, reply.need), (vec![came], vec![held_back]));
    let [have] = reply.have.as_slice() else { panic!("one filter") };
    assert_eq!(have.last_sync, server.get_heads());
    assert!(have.bloom.contains_hash(&came));
}

#[test]
fn repetitions_are_reported_but_not_those_of_a_whole_document() {
    let server = review(&["a", "b"]);
    let (mut a, mut b) = (replica(&server, "a"), replica(&server, "b"));
    let (hash, sent) = edit(&mut b, 0.5);
    let mut stored = server.clone();
    stored.apply_changes(vec![only_change(&sent)]).expect("a valid change");
    let whole = message(stored.get_heads(), sent.have.clone(), vec![stored.save()]);
    let counts = |(hashes, fresh, _): (Vec<ChangeHash>, usize, Option<Message>)| (hashes, fresh);
    assert_eq!(counts(receive(&mut a, &sent)), (vec![hash], 1));
    assert_eq!(counts(receive(&mut a, &sent)), (vec![hash], 0));
    assert_eq!(counts(receive(&mut a, &whole)), (vec![], 0));
}
