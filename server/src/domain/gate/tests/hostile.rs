//! Every row of the table of hostile changes, and the bombs.

use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Automerge, ChangeHash, ExpandedChange};

use super::forge::{Raw, chunk, forged, rewritten, signed, unsigned};
use super::*;

/// A server, a reviewer who has judged once, and the reviewer's next change.
fn scene() -> (Server, Client, Vec<u8>) {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let first = client.score("Tone", 0.25);
    server.accepts(&mut client, first);
    let next = client.score("Tone", 0.5);
    (server, client, next)
}

/// Sends a forged change; the valid one must still be accepted afterwards.
fn refused(alter: impl FnOnce(&mut Raw)) -> (&'static str, String) {
    let (mut server, mut client, valid) = scene();
    let answer = server.refuses(&mut client, forged(&valid, alter));
    server.accepts(&mut client, valid);
    answer
}

fn refused_operations(alter: impl FnOnce(&mut ExpandedChange)) -> (&'static str, String) {
    let (mut server, mut client, valid) = scene();
    let answer = server.refuses(&mut client, rewritten(&valid, alter));
    server.accepts(&mut client, valid);
    answer
}

fn structure(reason: &str) -> (&'static str, String) {
    ("structure", format!("no automerge client makes such a change: {reason}"))
}

fn start(change: &mut ExpandedChange, number: u64) {
    change.start_op = NonZeroU64::new(number).expect("not zero");
}

#[test]
fn a_gap_a_zero_and_a_used_number_of_a_replica() {
    for number in [0, 1, 4, u64::MAX] {
        let (code, reason) = refused(|raw| raw.seq = number);
        assert_eq!(code, "out-of-sequence");
        let text = format!("the change has number {number} of its replica, the next one is 2: reload the review");
        assert_eq!(reason, text);
    }
}

#[test]
fn operation_numbers_below_the_dependencies_and_beyond_the_document() {
    for number in [1, 5, 1 << 31, (1 << 32) - 2] {
        assert_eq!(refused_operations(|change| start(change, number)).0, "out-of-clock", "{number}");
    }
    assert_eq!(refused(|raw| raw.start_op = 1 << 32).0, "structure", "automerge does not read it");
    assert_eq!(refused(|raw| raw.start_op = u64::MAX).0, "structure");
    assert_eq!(refused(|raw| raw.start_op = 0).0, "structure");
}

#[test]
fn operation_numbers_below_when_the_change_makes_an_object() {
    let (mut server, mut client, _) = scene();
    server.update(&mut client);
    client.doc = server.doc.fork();
    let valid = client.comment("Well done");
    for number in [2, 1 << 31] {
        let forged = rewritten(&valid, |change| start(change, number));
        assert_eq!(server.refuses(&mut client, forged).0, "out-of-clock");
    }
}

#[test]
fn times_that_no_clock_shows() {
    for time in [i64::MIN, i64::MAX, -1, NOW.as_seconds() + 86_401] {
        assert_eq!(refused(|raw| raw.time = time).0, "time", "{time}");
    }
    let (mut server, mut client, valid) = scene();
    server.accepts(&mut client, forged(&valid, |raw| raw.time = NOW.as_seconds() - 90 * 86_400));
}

#[test]
fn objects_and_values_that_do_not_exist() {
    let nobody = ActorId::from([9_u8; 16]);
    let unknown = structure("it writes into an object that it does not know");
    assert_eq!(refused_operations(|change| change.operations[0].obj = ObjectId::Id(OpId::new(3, &nobody))), unknown);
    assert_eq!(
        refused_operations(|change| {
            let own = OpId::new(change.start_op.get() + 1, &change.actor_id);
            change.operations[0].obj = ObjectId::Id(own);
        }),
        unknown
    );
    let unseen = structure("it overwrites a value that its writer did not see");
    let preds = |ids: Vec<OpId>| move |change: &mut ExpandedChange| change.operations[0].pred = ids.into();
    assert_eq!(refused_operations(preds(vec![OpId::new(3, &nobody)])), unseen);
    assert_eq!(refused_operations(preds(vec![OpId::new(1, &ActorId::from([7_u8; 16]))])), unseen);
    assert_eq!(
        refused_operations(|change| {
            let own = change.operations[0].pred.get(0).expect("a value").clone();
            change.operations[0].pred = vec![own.clone(), own].into();
        }),
        unseen
    );
    assert_eq!(refused_operations(preds(vec![])), structure("it leaves rival values beside its own"));
}

#[test]
fn deletes_without_a_value_and_lone_marks() {
    assert_eq!(
        refused_operations(|change| {
            change.operations[0].action = OpType::Delete;
            change.operations[0].pred = SortedVec::new();
        }),
        structure("it deletes nothing")
    );
    let marks = structure("it has columns that reviews do not use");
    assert_eq!(
        refused_operations(|change| change.operations[0].action = OpType::MarkEnd(true)).1,
        format!("{}, or out of order", marks.1)
    );
    // Without `expand` the column of marks is left out, and only the operation tells.
    let unused = structure("reviews use neither counters nor marks");
    assert_eq!(refused_operations(|change| change.operations[0].action = OpType::MarkEnd(false)), unused);
    assert_eq!(refused_operations(|change| change.operations[0].action = OpType::Increment(1)), unused);
}

#[test]
fn items_in_maps_and_inserts_in_maps() {
    assert_eq!(
        refused_operations(|change| change.operations[0].key = Key::Seq(ElementId::Head)),
        structure("it names an item in a map")
    );
    assert_eq!(
        refused_operations(|change| {
            change.operations[0].insert = true;
            change.operations[0].pred = SortedVec::new();
        }),
        structure("it names a key in a list or text, or inserts in a map")
    );
}

#[test]
fn replica_ids_of_another_length() {
    for actor in [vec![], vec![1; 15], vec![1; 17], vec![1; 64]] {
        assert_eq!(refused(|raw| raw.actor = actor), structure("its replica id does not have 16 bytes"));
    }
}

#[test]
fn no_dependencies_no_operations_and_tables() {
    assert_eq!(refused(|raw| raw.deps.clear()), structure("it has no dependencies"));
    assert_eq!(refused(|raw| raw.columns.clear()), structure("it has no operations"));
    assert_eq!(refused_operations(|change| change.operations.clear()), structure("it has no operations"));
    let (code, _) = refused_operations(|change| change.operations[0].action = OpType::Make(ObjType::Table));
    assert_eq!(code, "invalid-value");
    let (code, reason) = refused_operations(|change| change.operations[0].key = Key::Map("".into()));
    assert_eq!(code, "invalid-value");
    assert!(reason.ends_with("the key is empty: a key has 1 to 129 bytes"), "{reason}");
}

#[test]
fn a_change_that_leaves_out_its_replicas_last_one() {
    let (mut server, mut client, _) = scene();
    let seed = server.doc.get_changes(&[])[0].hash();
    let own = client.me();
    // Written on the seed alone; number and clock fit.
    let valid = client.change(|tx| {
        let tags = at(tx, &["tags"]);
        tx.put(tags, own, true)
    });
    let answer = server.refuses(
        &mut client,
        forged(&valid, |raw| {
            raw.deps = vec![seed.0];
            raw.seq = 2;
        }),
    );
    assert_eq!(answer, structure("it does not depend on its replica's last change"));
}

#[test]
fn bytes_after_the_operations_and_the_author() {
    assert_eq!(refused(|raw| raw.extra = b"junk".to_vec()), structure("bytes follow its operations"));
    let footer = |author: &[u8]| [&[1, author.len() as u8], author].concat();
    assert_eq!(refused(|raw| raw.extra = footer(&[5; 16])).0, "wrong-author");
    assert_eq!(refused(|raw| raw.extra = footer(b"")).0, "wrong-author");

    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let own = footer(client.writer.member.as_bytes());
    let first = client.score("Tone", 0.25);
    let long = [&own[..], &[0]].concat();
    let answer = server.refuses(&mut client, forged(&first, |raw| raw.extra = long));
    assert_eq!(answer, structure("bytes follow its operations"));
    let mut tab = server.connect(client.writer.clone());
    let first = tab.score("Tone", 0.25);
    server.accepts(&mut tab, forged(&first, |raw| raw.extra = own.clone()));
    tab.doc = server.doc.clone().with_actor(tab.doc.get_actor().clone());
    let second = tab.score("Tone", 0.5);
    let answer = server.refuses(&mut tab, forged(&second, |raw| raw.extra = own));
    assert_eq!(answer, structure("it names the author, which only a replica's first does"));
}

#[test]
fn bytes_that_automerge_reads_but_writes_otherwise() {
    let otherwise = structure("it is not written the way automerge writes");
    // One repeated value as a run and as a literal; a number in more bytes than it needs.
    assert_eq!(refused(|raw| *raw.column(0x42) = vec![0x7f, 0x81, 0x00]).0, "structure");
    assert_eq!(refused(|raw| *raw.column(0x42) = vec![0x01, 0x01]), otherwise);
    assert_eq!(refused(|raw| raw.others.push(vec![4; 16])), otherwise);
    let (mut server, mut client, valid) = scene();
    let mut other = server.open(Role::Reviewer);
    let theirs = other.score("Tone", 1);
    server.accepts(&mut other, theirs.clone());
    // Two parents in the wrong order.
    let swapped = forged(&valid, |raw| {
        raw.deps.push(ChangeHash::try_from(&hash_of(&theirs)[..]).expect("a hash").0);
        raw.deps.sort_unstable();
        raw.deps.reverse();
        raw.start_op = server.paths.max_op() + 1;
    });
    assert_eq!(server.refuses(&mut client, swapped), otherwise);
}

fn hash_of(chunk: &[u8]) -> [u8; 32] {
    automerge::Change::from_bytes(chunk.to_vec()).expect("a change").hash().0
}

#[test]
fn letters_and_items_of_other_objects() {
    let (mut server, mut client, _) = scene();
    client.doc = server.doc.fork();
    let written = client.expect("abc");
    server.accepts(&mut client, written);
    let typed = client.change(|tx| {
        let value = at(tx, &["expected", "value"]);
        tx.splice_text(value, 1, 1, "x")
    });
    // The deletion names a letter of the text; its object becomes the free-form field.
    let field = match at(&server.doc, &["fields", "What went wrong"]) {
        ObjId::Id(counter, actor, _) => OpId::new(counter, &actor),
        ObjId::Root => panic!("a text"),
    };
    let moved = rewritten(&typed, |change| {
        change.operations.iter_mut().for_each(|op| op.obj = ObjectId::Id(field.clone()));
    });
    assert_eq!(server.refuses(&mut client, moved).0, "unstorable");
    let nowhere = rewritten(&typed, |change| {
        let head = change.operations.iter_mut().find(|op| op.insert).expect("an insertion");
        head.key = Key::Seq(ElementId::Id(OpId::new(4, &ActorId::from([9_u8; 16]))));
    });
    assert_eq!(server.refuses(&mut client, nowhere), structure("it refers to an item that its writer did not see"));
    let letter = rewritten(&typed, |change| {
        let deletion = change.operations.iter_mut().find(|op| !op.insert).expect("a deletion");
        deletion.pred = SortedVec::new();
    });
    assert_eq!(server.refuses(&mut client, letter), structure("it deletes nothing, or overwrites with an insertion"));
    server.accepts(&mut client, typed);
}

#[test]
fn what_came_before_a_change_that_breaks_the_document_is_kept() {
    let (mut server, mut client, _) = scene();
    client.doc = server.doc.fork();
    let written = client.expect("abc");
    server.accepts(&mut client, written);
    let letter = |server: &Server, client: &Client| {
        let mut tab = server.connect(client.writer.clone());
        tab.change(|tx| {
            let value = at(tx, &["expected", "value"]);
            tx.splice_text(value, 0, 1, "")
        })
    };
    let (one, two, moved) = (letter(&server, &client), letter(&server, &client), letter(&server, &client));
    let field = match at(&server.doc, &["fields", "What went wrong"]) {
        ObjId::Id(counter, actor, _) => OpId::new(counter, &actor),
        ObjId::Root => panic!("a text"),
    };
    let moved = rewritten(&moved, |change| change.operations[0].obj = ObjectId::Id(field));
    let mut batch = vec![one, moved];
    batch.extend((0..5).map(|_| letter(&server, &client)));
    batch.push(two);
    let verdict = server.take(&mut client, &batch);
    assert!(verdict.round_trip && verdict.draft.is_none());
    assert_eq!(verdict.accepted.len(), 1);
    assert_eq!(verdict.refused.len(), 7);
    assert!(verdict.refused.iter().all(|refused| refused.code == "unstorable"));
    let next = letter(&server, &client);
    server.accepts(&mut client, next);
}

#[test]
fn nothing_more_is_taken_from_a_message_that_makes_automerge_panic() {
    let (mut server, mut client, _) = scene();
    client.doc = server.doc.fork();
    let written = client.expect("abc");
    server.accepts(&mut client, written);
    let typed = |server: &Server, client: &Client| {
        let mut tab = server.connect(client.writer.clone());
        tab.change(|tx| {
            let value = at(tx, &["expected", "value"]);
            tx.splice_text(value, 1, 0, "x")
        })
    };
    let field = match at(&server.doc, &["fields", "What went wrong"]) {
        ObjId::Id(counter, actor, _) => OpId::new(counter, &actor),
        ObjId::Root => panic!("a text"),
    };
    // A letter of the free-form field that follows a letter of the expected text.
    let moved = rewritten(&typed(&server, &client), |change| change.operations[0].obj = ObjectId::Id(field));
    let batch = [typed(&server, &client), moved, typed(&server, &client)];
    let verdict = server.take(&mut client, &batch);
    assert_eq!(verdict.accepted.len(), 1);
    let reasons: Vec<&str> = verdict.refused.iter().map(|refused| refused.reason.as_str()).collect();
    let reason = |why: &str| format!("the change cannot be stored safely ({why}): reload the review");
    let wanted = [reason("it breaks the document"), reason("it came with one that breaks the document")];
    assert_eq!(reasons, wanted);
    let next = typed(&server, &client);
    server.accepts(&mut client, next);
}

#[test]
fn what_the_writer_did_not_see_cannot_be_referred_to() {
    let (mut server, mut client, _) = scene();
    client.doc = server.doc.fork();
    let mut other = server.open(Role::Reviewer);
    server.update(&mut client);
    let theirs = other.expect("abc");
    server.accepts(&mut other, theirs);
    // The client has not got the text yet, but names it.
    let valid = client.change(|tx| {
        let tags = at(tx, &["tags"]);
        tx.put(tags, "golden", true)
    });
    let text = match at(&server.doc, &["expected", "value"]) {
        ObjId::Id(counter, actor, _) => OpId::new(counter, &actor),
        ObjId::Root => panic!("a text"),
    };
    let forged = rewritten(&valid, |change| {
        change.start_op = NonZeroU64::new(server.paths.max_op() + 1).expect("not zero");
        change.operations[0] = Op {
            action: OpType::Put("x".into()),
            obj: ObjectId::Id(text),
            key: Key::Seq(ElementId::Head),
            pred: SortedVec::new(),
            insert: true,
        };
    });
    assert_eq!(server.refuses(&mut client, forged), structure("it writes into an object that it does not know"));
}

#[test]
fn chunks_that_are_no_single_change_close_the_connection() {
    let (mut server, mut client, valid) = scene();
    let mut malformed = |bytes: Vec<u8>| server.judge(&mut client, &[bytes]).expect_err("malformed");
    assert_eq!(malformed(Vec::new()), Malformed::Magic);
    assert_eq!(malformed(b"hello, server".to_vec()), Malformed::Magic);
    assert_eq!(malformed(valid[..6].to_vec()), Malformed::Length);
    assert_eq!(malformed(valid[..valid.len() - 1].to_vec()), Malformed::Length);
    assert_eq!(malformed(valid.repeat(2)), Malformed::Length);
    for kind in [0, 2, 3, 4, 255] {
        assert_eq!(malformed(forged(&valid, |raw| raw.kind = kind)), Malformed::Kind(kind));
    }
    assert_eq!(malformed(chunk(1, b"")), Malformed::Contents);
    assert_eq!(malformed(chunk(1, &[0xff; 40])), Malformed::Contents);
    let mut flipped = valid.clone();
    *flipped.last_mut().expect("a byte") ^= 1;
    assert_eq!(malformed(flipped), Malformed::Checksum);
    server.accepts(&mut client, valid);
}

#[test]
fn every_flipped_bit_is_noticed() {
    let (mut server, mut client, valid) = scene();
    for bit in 0..valid.len() * 8 {
        let mut flipped = valid.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(server.judge(&mut client, &[flipped]).is_err(), "bit {bit}");
    }
}

/// `count` repetitions of one value.
fn run(count: i64, value: &[u8]) -> Vec<u8> {
    let mut column = Vec::new();
    signed(count, &mut column);
    column.extend(value);
    column
}

/// A bomb that goes off takes minutes and all memory: this test would not end.
#[test]
fn runs_of_operations_do_not_go_off() {
    for count in [20_001, 1_000_000, i64::MAX] {
        let answer = refused(|raw| *raw.column(0x42) = run(count, &[1]));
        assert_eq!(answer.0, "too-many-operations", "{}", answer.1);
    }
    // More than can be counted.
    let (mut server, mut client, valid) = scene();
    let uncountable = forged(&valid, |raw| *raw.column(0x42) = run(i64::MAX, &[1]).repeat(4));
    assert_eq!(server.judge(&mut client, &[uncountable]).expect_err("malformed"), Malformed::Contents);
}

#[test]
fn runs_of_predecessors_and_keys_do_not_go_off() {
    let many = |raw: &mut Raw| {
        let mut count = Vec::new();
        unsigned(1 << 40, &mut count);
        *raw.column(0x70) = run(1, &count);
        *raw.column(0x71) = run(1 << 40, &[0]);
        *raw.column(0x73) = run(1 << 40, &[1]);
    };
    assert_eq!(refused(many), structure("it overwrites too many operations"));
    let long = |raw: &mut Raw| {
        let mut key = Vec::new();
        unsigned(100_000, &mut key);
        key.extend(vec![b'k'; 100_000]);
        *raw.column(0x15) = run(20_000, &key);
        *raw.column(0x42) = run(20_000, &[1]);
    };
    assert_eq!(refused(long), structure("a key is longer than any key of a review"));
}

#[test]
fn deflated_columns_and_unknown_ones_are_not_read() {
    let unknown = structure("it has columns that reviews do not use, or out of order");
    assert_eq!(refused(|raw| raw.columns[0].0 |= 0x08), unknown);
    assert_eq!(refused(|raw| raw.columns.push((0x94, vec![1]))), unknown);
    assert_eq!(refused(|raw| raw.columns.push((0x142, vec![1]))), unknown);
    assert_eq!(refused(|raw| raw.columns.swap(0, 1)), unknown);
}

#[test]
fn large_changes_are_refused_by_their_hash() {
    let (mut server, mut client, valid) = scene();
    let (code, reason) = server.refuses(&mut client, forged(&valid, |raw| raw.extra = vec![0; CHANGE_BYTES]));
    assert_eq!(code, "too-large");
    assert!(reason.ends_with("one change may have 262144: make several smaller ones"), "{reason}");
    let pasted = client.change(|tx| {
        let field = at(tx, &["fields", "What went wrong"]);
        tx.splice_text(field, 0, 0, &"long ".repeat(4_001))
    });
    let next = client.score("Tone", 1);
    let verdict = server.take(&mut client, &[pasted, next]);
    assert_eq!(verdict.refused[0].code, "too-many-operations");
    assert_eq!(verdict.refused[1].code, "depends-on-refused");
    client.doc = server.doc.fork();
    server.accepts(&mut client, valid);
}

#[test]
fn nesting_does_not_overflow_the_stack() {
    let (mut server, mut client, _) = scene();
    for levels in [concord_shared::review::schema::JSON_DEPTH + 1, 300] {
        client.doc = server.doc.fork();
        let deep = client.change(|tx| {
            let expected = at(tx, &["expected"]);
            tx.put(&expected, "set", true)?;
            let mut inner = tx.put_object(&expected, "value", ObjType::Map)?;
            for _ in 1..levels {
                inner = tx.put_object(&inner, "x", ObjType::Map)?;
            }
            Ok(())
        });
        let (code, reason) = server.refuses(&mut client, deep);
        assert_eq!(code, "invalid-value");
        let text = "/expected/value/x: is nested deeper than 8 levels: flatten it or write it as text";
        assert_eq!(reason, text);
    }
}

#[test]
fn a_bricked_document_is_what_the_bounds_prevent() {
    // What automerge does without the gate: the change applies, the document loads, and nobody can edit it again.
    let (mut server, _, valid) = scene();
    let bricking = rewritten(&valid, |change| start(change, (1 << 32) - 2));
    let change = automerge::Change::from_bytes(bricking).expect("a change");
    let mut victim: Automerge = server.doc.fork();
    victim.apply_changes([change]).expect("applies");
    assert!(victim.get_heads() != server.doc.get_heads());
    let mut client = server.open(Role::Reviewer);
    let fine = client.score("Tone", 0.5);
    server.accepts(&mut client, fine);
}
