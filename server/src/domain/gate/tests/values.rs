//! What JavaScript and other clients may make of a value.

use super::*;

#[test]
fn sliders_take_numbers_from_0_to_1_and_null() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    for value in [
        ScalarValue::Int(1),
        ScalarValue::Uint(0),
        ScalarValue::F64(0.5),
        ScalarValue::F64(1.0),
        ScalarValue::Int(0),
        ScalarValue::Null,
    ] {
        let chunk = client.score("Tone", value);
        server.accepts(&mut client, chunk);
    }
    for value in [
        ScalarValue::F64(f64::NAN),
        ScalarValue::F64(f64::INFINITY),
        ScalarValue::F64(-0.1),
        ScalarValue::F64(1.000_001),
        ScalarValue::Int(-1),
        ScalarValue::Int(2),
        ScalarValue::Int(i64::MAX),
        ScalarValue::Uint(u64::MAX),
        ScalarValue::Str("0.5".into()),
        ScalarValue::Boolean(true),
        ScalarValue::Timestamp(1),
        ScalarValue::Bytes(vec![1]),
        ScalarValue::counter(1),
        ScalarValue::Unknown { type_code: 12, bytes: vec![1] },
    ] {
        let chunk = client.score("Tone", value.clone());
        assert_eq!(server.refuses(&mut client, chunk).0, "invalid-value", "{value:?}");
    }
    let me = client.me();
    for kind in [ObjType::Map, ObjType::List, ObjType::Text] {
        let chunk = client.change(|tx| {
            let own = at(tx, &["scores", &me]);
            tx.put_object(own, "Tone", kind).map(drop)
        });
        assert_eq!(server.refuses(&mut client, chunk).0, "invalid-value", "{kind}");
    }
    let chunk = client.change(|tx| {
        let own = at(tx, &["scores", &me]);
        tx.delete(own, "Tone")
    });
    let (code, reason) = server.refuses(&mut client, chunk);
    assert_eq!(code, "not-allowed");
    assert!(reason.ends_with("withdraw a judgement with null, so that it stays on record"));
}

#[test]
fn options_are_taken_by_number_or_by_name_as_configured() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    // Clients round to six digits.
    for value in [0.333_333, 1.0 / 3.0, 0.0] {
        let chunk = client.score("Correct", value);
        server.accepts(&mut client, chunk);
    }
    let chunk = client.score("Correct", 0.5);
    let (code, reason) = server.refuses(&mut client, chunk);
    assert_eq!(code, "invalid-value");
    assert!(reason.contains("takes the number of an option"), "{reason}");
    let chunk = client.score("Correct", "third");
    assert_eq!(server.refuses(&mut client, chunk).0, "invalid-value");

    for name in ["Failure", "Failures"] {
        let chunk = client.score(name, "late");
        server.accepts(&mut client, chunk);
        let chunk = client.score(name, "latte");
        let (code, reason) = server.refuses(&mut client, chunk);
        assert_eq!(code, "invalid-value");
        assert!(reason.contains("did you mean \"late\"?"), "{reason}");
        let chunk = client.score(name, 0.5);
        assert_eq!(server.refuses(&mut client, chunk).0, "invalid-value");
    }
    let me = client.me();
    let choose = |client: &mut Client, score: &str, options: &[(&str, ScalarValue)]| {
        client.change(|tx| {
            let own = at(tx, &["scores", &me]);
            let chosen = tx.put_object(own, score, ObjType::Map)?;
            options.iter().try_for_each(|(name, value)| tx.put(&chosen, *name, value.clone()))
        })
    };
    let chunk = choose(&mut client, "Failures", &[("late", true.into()), ("rude", true.into())]);
    let facts = server.accepts(&mut client, chunk);
    assert_eq!(facts, [format!("/scores/{me}/Failures: \"late\" -> [\"late\",\"rude\"]")]);
    let chunk = choose(&mut client, "Failures", &[("slow", true.into())]);
    assert_eq!(server.refuses(&mut client, chunk).0, "invalid-value");
    let chunk = choose(&mut client, "Failures", &[("late", 1.into())]);
    assert_eq!(server.refuses(&mut client, chunk).0, "invalid-value");
    let chunk = choose(&mut client, "Failure", &[("late", true.into())]);
    assert_eq!(server.refuses(&mut client, chunk).0, "invalid-value", "a single choice is a scalar");
}

#[test]
fn unknown_scores_are_refused_with_the_nearest_name() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let chunk = client.score("Tonne", 0.5);
    let (code, reason) = server.refuses(&mut client, chunk);
    assert_eq!(code, "unknown-score");
    assert!(reason.ends_with("score \"Tonne\" is not configured in this project; did you mean \"Tone\"?"), "{reason}");
    let chunk = client.score("What went wrong", "much");
    assert_eq!(server.refuses(&mut client, chunk).0, "invalid-value", "free-form scores are texts under /fields");
    let chunk = client.score("Nothing", ScalarValue::Null);
    assert_eq!(server.refuses(&mut client, chunk).0, "unknown-score", "there is nothing to withdraw");
    // A score that is gone can be withdrawn, not changed.
    let chunk = client.score("Tone", 0.5);
    server.accepts(&mut client, chunk);
    server.scores.retain(|score| score.name != "Tone");
    let chunk = client.score("Tone", 0.6);
    assert_eq!(server.refuses(&mut client, chunk).0, "unknown-score");
    let chunk = client.score("Tone", ScalarValue::Null);
    server.accepts(&mut client, chunk);
}

#[test]
fn moments_are_those_of_a_sane_clock() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let me = client.me();
    for value in [ScalarValue::Timestamp(0), ScalarValue::Timestamp(i64::MAX), timestamp(90_000), ScalarValue::Int(1)] {
        let chunk = client.change(|tx| {
            let completed = at(tx, &["completed"]);
            tx.put(completed, me.as_str(), value.clone())
        });
        assert_eq!(server.refuses(&mut client, chunk).0, "invalid-value", "{value:?}");
    }
    let chunk = client.change(|tx| {
        let completed = at(tx, &["completed"]);
        tx.put(completed, me.as_str(), timestamp(-40 * 86_400))
    });
    server.accepts(&mut client, chunk);
}

fn expected(client: &mut Client, value: impl Into<ScalarValue>) -> Vec<u8> {
    let value = value.into();
    client.change(|tx| {
        let expected = at(tx, &["expected"]);
        tx.put(&expected, "set", true)?;
        let tree = tx.put_object(&expected, "value", ObjType::Map)?;
        tx.put(&tree, "x", value)
    })
}

#[test]
fn expected_takes_json_and_nothing_else() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    for value in [
        ScalarValue::Null,
        ScalarValue::Boolean(false),
        ScalarValue::Int((1 << 53) - 1),
        ScalarValue::Int(1 - (1 << 53)),
        ScalarValue::Uint((1 << 53) - 1),
        ScalarValue::F64(1e300),
        ScalarValue::Str("short".into()),
    ] {
        let chunk = expected(&mut client, value);
        server.accepts(&mut client, chunk);
    }
    // `2**53`, `1e19` (which JavaScript clients store as the largest integer), `NaN`, `new Date()`, bytes, a counter.
    for value in [
        ScalarValue::Int(1 << 53),
        ScalarValue::Int(i64::MAX),
        ScalarValue::Int(i64::MIN),
        ScalarValue::Uint(u64::MAX),
        ScalarValue::F64(f64::NAN),
        ScalarValue::F64(f64::NEG_INFINITY),
        timestamp(0),
        ScalarValue::Bytes(vec![1, 2]),
        ScalarValue::counter(3),
        ScalarValue::Str("x".repeat(70_000).into()),
    ] {
        let chunk = expected(&mut client, value.clone());
        let (code, reason) = server.refuses(&mut client, chunk);
        assert_eq!(code, "invalid-value", "{reason}");
        assert!(reason.starts_with("/expected/value/x: "), "{reason}");
    }
}

#[test]
fn expected_trees_are_edited_in_place() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let chunk = client.change(|tx| {
        let expected = at(tx, &["expected"]);
        tx.put(&expected, "set", true)?;
        let tree = tx.put_object(&expected, "value", ObjType::Map)?;
        let list = tx.put_object(&tree, "items", ObjType::List)?;
        for (index, name) in ["a", "b", "c"].into_iter().enumerate() {
            tx.insert(&list, index, name)?;
        }
        let item = tx.insert_object(&list, 3, ObjType::Map)?;
        tx.put(&item, "size", 38)
    });
    server.accepts(&mut client, chunk);
    let chunk = client.change(|tx| {
        let list = at(tx, &["expected", "value", "items"]);
        tx.put(&list, 0, "A")?;
        tx.delete(&list, 1)?;
        tx.insert(&list, 2, true)?;
        let tree = at(tx, &["expected", "value"]);
        tx.put(&tree, "note", "n")?;
        tx.delete(&tree, "note")
    });
    let facts = server.accepts(&mut client, chunk);
    assert_eq!(
        facts,
        ["/expected: {\"items\":[\"a\",\"b\",\"c\",{\"size\":38}]} -> {\"items\":[\"A\",\"c\",true,{\"size\":38}]}"]
    );
    let chunk = client.change(|tx| {
        let expected = at(tx, &["expected"]);
        tx.put(&expected, "set", false)
    });
    assert!(server.accepts(&mut client, chunk)[0].ends_with("-> null"));
}

#[test]
fn settling_a_conflict_takes_the_losers_away_and_is_signed() {
    let mut server = Server::new();
    let (mut ann, mut ben) = (server.open(Role::Reviewer), server.open(Role::Reviewer));
    server.update(&mut ann);
    let set = |client: &mut Client, value: &str| {
        client.change(|tx| {
            let expected = at(tx, &["expected"]);
            tx.put(&expected, "set", true)?;
            tx.put(&expected, "value", value)
        })
    };
    let (hers, his) = (set(&mut ann, "Paris"), set(&mut ben, "Lyon"));
    server.accepts(&mut ann, hers);
    server.accepts(&mut ben, his);
    server.update(&mut ann);
    server.update(&mut ben);
    let expected = at(&server.doc, &["expected"]);
    assert_eq!(server.doc.get_all(&expected, "value").expect("values").len(), 2);
    let shown = server.doc.get(&expected, "value").expect("a map").expect("a value").0.into_owned();
    let settle = |client: &mut Client, by: &str| {
        let shown = shown.as_str().expect("a string").to_owned();
        client.change(|tx| {
            let expected = at(tx, &["expected"]);
            tx.put(&expected, "value", shown)?;
            let settled = tx.put_object(&expected, "settled", ObjType::Map)?;
            tx.put(&settled, "by", by)?;
            tx.put(&settled, "at", timestamp(1))
        })
    };
    let (me, him) = (ann.me(), ben.me());
    let chunk = settle(&mut ann, &him);
    assert_eq!(server.refuses(&mut ann, chunk).0, "invalid-value", "signed with another's name");
    // Both settle at the same moment, each without having seen the other.
    let (hers, his) = (settle(&mut ann, &me), settle(&mut ben, &him));
    server.accepts(&mut ann, hers);
    server.accepts(&mut ben, his);
    assert_eq!(server.doc.get_all(&expected, "value").expect("values").len(), 1);
    // Emptying the place is not settling.
    server.update(&mut ann);
    let chunk = ann.change(|tx| {
        let expected = at(tx, &["expected"]);
        tx.delete(expected, "value")
    });
    assert_eq!(server.refuses(&mut ann, chunk).0, "not-allowed");
}

#[test]
fn texts_take_letters_up_to_their_size() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    for _ in 0..4 {
        let chunk = client.change(|tx| {
            let field = at(tx, &["fields", "What went wrong"]);
            tx.splice_text(field, 0, 0, &"x".repeat(16_000))
        });
        server.accepts(&mut client, chunk);
    }
    let chunk = client.change(|tx| {
        let field = at(tx, &["fields", "What went wrong"]);
        tx.splice_text(field, 0, 0, &"x".repeat(2_000))
    });
    let full = "/fields/What went wrong has as many characters as it can hold (65536)".to_owned();
    assert_eq!(server.refuses(&mut client, chunk), ("full", full));
}
