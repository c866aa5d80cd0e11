//! Random bytes, random mutations, random histories.

use std::panic;

use proptest::collection::vec;
use proptest::prelude::*;

use super::forge::{Raw, forged, rewritten};
use super::*;

/// A document with a bit of everything, and valid next changes of one member.
fn scene() -> (Server, Client, Vec<Vec<u8>>) {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let first = [client.score("Tone", 0.25), client.comment("Well done"), client.expect("Dear Ann, it was lost")];
    for chunk in first {
        server.accepts(&mut client, chunk);
    }
    let next = |write: &dyn Fn(&mut Client) -> Vec<u8>| {
        let mut tab = server.connect(client.writer.clone());
        write(&mut tab)
    };
    let chunks = vec![
        next(&|tab| tab.score("Tone", 0.5)),
        next(&|tab| tab.expect("Dear Ben")),
        next(&|tab| {
            tab.change(|tx| {
                let value = at(tx, &["expected", "value"]);
                tx.splice_text(value, 5, 3, "Eve 👋")
            })
        }),
        next(&|tab| {
            tab.change(|tx| {
                let tags = at(tx, &["tags"]);
                tx.put(&tags, "golden", true)?;
                tx.put(&tags, "noise", false)
            })
        }),
    ];
    (server, client, chunks)
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Whatever comes: no panic, nothing stored of what is refused, everything accepted loads again.
fn survives(server: &mut Server, client: &mut Client, chunk: Vec<u8>) {
    let before = server.doc.get_heads();
    match server.judge(client, std::slice::from_ref(&chunk)) {
        Err(_) => assert_eq!(server.doc.get_heads(), before),
        Ok(_) => {
            client.bad = BadSet::default();
            client.pending = Pending::default();
            let accepted = server.take(client, &[chunk]).accepted.len();
            assert!(accepted > 0 || server.doc.get_heads() == before);
        }
    }
}

/// Panics of automerge are caught and expected here: they need not fill the log.
fn quietly(test: impl FnOnce()) {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = panic::catch_unwind(panic::AssertUnwindSafe(test));
    panic::set_hook(hook);
    if let Err(cause) = outcome {
        panic::resume_unwind(cause);
    }
}

fn mutate(raw: &mut Raw, what: u8, place: usize, value: u64) {
    match what % 9 {
        0 => raw.seq = value,
        1 => raw.start_op = value,
        2 => raw.time = value as i64,
        3 => raw.message = value.to_string().into_bytes(),
        4 => raw.extra = value.to_le_bytes()[..place % 8].to_vec(),
        5 => raw.others.push(vec![value as u8; 16]),
        6 => raw.columns.truncate(place % (raw.columns.len() + 1)),
        _ if raw.columns.is_empty() => raw.kind = value as u8,
        _ => {
            let count = raw.columns.len();
            let data = &mut raw.columns[place % count].1;
            if data.is_empty() {
                data.extend(value.to_le_bytes());
            } else {
                let length = data.len();
                data[(value as usize >> 8) % length] = value as u8;
            }
        }
    }
}

#[test]
fn random_bytes_are_malformed() {
    let (mut server, mut client, chunks) = scene();
    let mut runner = proptest::test_runner::TestRunner::new(cases(512));
    let server = std::cell::RefCell::new((&mut server, &mut client));
    runner
        .run(&(vec(any::<u8>(), 0..200), 0..4_usize, 0..150_usize), |(bytes, which, cut)| {
            let (server, client) = &mut *server.borrow_mut();
            prop_assert!(server.judge(client, std::slice::from_ref(&bytes)).is_err());
            let head = &chunks[which][..cut.min(chunks[which].len())];
            survives(server, client, [head, &bytes].concat());
            survives(server, client, super::forge::chunk(1, &bytes));
            Ok(())
        })
        .expect("no panic");
}

#[test]
fn random_mutations_of_valid_changes_do_no_harm() {
    quietly(|| {
        let (mut server, mut client, chunks) = scene();
        let server = std::cell::RefCell::new((&mut server, &mut client));
        let numbers = prop_oneof![0..300_u64, any::<u64>()];
        let strategy = (0..4_usize, vec((any::<u8>(), any::<usize>(), numbers), 1..3));
        let mut runner = proptest::test_runner::TestRunner::new(cases(1500));
        runner
            .run(&strategy, |(which, mutations)| {
                let (server, client) = &mut *server.borrow_mut();
                let chunk = forged(&chunks[which], |raw| {
                    mutations.iter().for_each(|(what, place, value)| mutate(raw, *what, *place, *value));
                });
                survives(server, client, chunk);
                Ok(())
            })
            .expect("no panic");
    });
}

#[test]
fn random_operations_in_good_encoding_do_no_harm() {
    use automerge::legacy::{ElementId, Key, ObjectId, OpId, OpType};
    quietly(|| {
        let (mut server, mut client, chunks) = scene();
        let ids: Vec<OpId> = server
            .doc
            .get_changes(&[])
            .iter()
            .flat_map(|change| {
                (0..change.len() as u64).map(|step| OpId::new(change.start_op().get() + step, change.actor_id()))
            })
            .collect();
        let server = std::cell::RefCell::new((&mut server, &mut client));
        let strategy = (0..4_usize, vec((0..9_u8, any::<usize>(), any::<usize>()), 1..4));
        let mut runner = proptest::test_runner::TestRunner::new(cases(1500));
        runner
            .run(&strategy, |(which, mutations)| {
                let (server, client) = &mut *server.borrow_mut();
                let chunk = rewritten(&chunks[which], |change| {
                    for (what, place, value) in mutations {
                        let count = change.operations.len();
                        let some = ids[value % ids.len()].clone();
                        let own = OpId::new(change.start_op.get() + (value % 8) as u64, &change.actor_id);
                        let op = &mut change.operations[place % count];
                        match what {
                            0 => op.obj = ObjectId::Id(some),
                            1 => op.obj = ObjectId::Id(own),
                            2 => op.key = Key::Seq(ElementId::Id(some)),
                            3 => op.key = Key::Seq(ElementId::Id(own)),
                            4 => op.key = Key::Map(["set", "value", "Tone", "golden"][value % 4].into()),
                            5 => op.pred = [some, own].into_iter().take(value % 3).collect(),
                            6 => op.action = OpType::Delete,
                            7 => op.insert = !op.insert,
                            _ => op.action = OpType::Make([ObjType::Map, ObjType::List, ObjType::Text][value % 3]),
                        }
                    }
                });
                survives(server, client, chunk);
                Ok(())
            })
            .expect("no panic");
    });
}
