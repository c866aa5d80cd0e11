//! Who may write what where, and which facts a change makes.

use super::*;

fn tag(client: &mut Client, tag: &str, state: Option<bool>) -> Vec<u8> {
    client.change(|tx| {
        let tags = at(tx, &["tags"]);
        match state {
            Some(state) => tx.put(tags, tag, state),
            None => tx.delete(tags, tag),
        }
    })
}

#[test]
fn judgements_notes_and_completion_are_written_under_the_own_key_only() {
    let mut server = Server::new();
    let (mut ann, ben) = (server.open(Role::Lead), server.open(Role::Reviewer));
    server.update(&mut ann);
    let (me, him) = (ann.me(), ben.me());
    let chunk = ann.score("Tone", 0.5);
    assert_eq!(server.accepts(&mut ann, chunk), [format!("/scores/{me}/Tone: null -> 0.5")]);
    let chunk = ann.change(|tx| {
        let own = at(tx, &["notes", &me]);
        let note = tx.put_object(own, "Tone", ObjType::Text)?;
        tx.splice_text(note, 0, 0, "warm")
    });
    assert_eq!(server.accepts(&mut ann, chunk), [format!("/notes/{me}/Tone: null -> \"warm\"")]);
    let chunk = ann.change(|tx| {
        let completed = at(tx, &["completed"]);
        tx.put(completed, me.as_str(), timestamp(0))
    });
    assert_eq!(server.accepts(&mut ann, chunk), [format!("/completed/{me}: null -> \"{NOW}\"")]);
    let chunk = ann.change(|tx| {
        let completed = at(tx, &["completed"]);
        tx.delete(completed, me.as_str())
    });
    assert_eq!(server.accepts(&mut ann, chunk), [format!("/completed/{me}: \"{NOW}\" -> null")]);

    let not_yours = |path: String| ("not-yours", format!("{path} belongs to {him}: write under your own name"));
    let chunk = ann.change(|tx| {
        let his = at(tx, &["scores", &him]);
        tx.put(his, "Tone", 0.5)
    });
    assert_eq!(server.refuses(&mut ann, chunk), not_yours(format!("/scores/{him}/Tone")));
    let chunk = ann.change(|tx| {
        let his = at(tx, &["notes", &him]);
        tx.put_object(his, "Tone", ObjType::Text).map(drop)
    });
    assert_eq!(server.refuses(&mut ann, chunk), not_yours(format!("/notes/{him}/Tone")));
    let chunk = ann.change(|tx| {
        let completed = at(tx, &["completed"]);
        tx.put(completed, him.as_str(), timestamp(0))
    });
    assert_eq!(server.refuses(&mut ann, chunk), not_yours(format!("/completed/{him}")));
}

#[test]
fn a_hidden_value_is_judged_like_a_shown_one() {
    // Two tabs write at once; whichever loses is hidden, but must be legal.
    for value in [0.1, 99.0] {
        let mut server = Server::new();
        let mut first = server.open(Role::Reviewer);
        let mut second = server.connect(first.writer.clone());
        let (one, two) = (first.score("Tone", 0.5), second.score("Tone", value));
        server.accepts(&mut first, one);
        let verdict = server.take(&mut second, &[two]);
        assert_eq!(verdict.accepted.len(), usize::from(value < 1.0));
    }
}

#[test]
fn the_maps_of_a_review_stay() {
    let mut server = Server::new();
    let mut client = server.open(Role::Owner);
    let me = client.me();
    for part in ["scores", "expected", "comments", "status", "v"] {
        let chunk = client.change(|tx| tx.delete(ROOT, part));
        let answer = server.refuses(&mut client, chunk);
        assert_eq!(answer.0, "not-allowed");
        assert_eq!(
            answer.1,
            format!("/{part} cannot be written so: the maps of a review are made by the server and stay")
        );
    }
    let chunk = client.change(|tx| tx.put(ROOT, "mine", 1));
    assert_eq!(server.refuses(&mut client, chunk).0, "not-allowed");
    for (part, name) in [("scores", me.as_str()), ("notes", me.as_str()), ("fields", "What went wrong")] {
        let chunk = client.change(|tx| {
            let map = at(tx, &[part]);
            tx.put_object(map, name, ObjType::Map).map(drop)
        });
        assert_eq!(server.refuses(&mut client, chunk).0, "not-allowed", "{part} is replaced");
        let chunk = client.change(|tx| {
            let map = at(tx, &[part]);
            tx.delete(map, name)
        });
        assert_eq!(server.refuses(&mut client, chunk).0, "not-allowed", "{part} is deleted");
    }
    for path in [&["expected"][..], &["status"]] {
        let chunk = client.change(|tx| {
            let map = at(tx, path);
            tx.delete(map, "value")
        });
        assert_eq!(server.refuses(&mut client, chunk).0, "not-allowed");
    }
    let chunk = client.change(|tx| {
        let expected = at(tx, &["expected"]);
        tx.put(expected, "comment", "hi")
    });
    assert_eq!(server.refuses(&mut client, chunk).0, "not-allowed");
}

#[test]
fn viewers_and_keys_for_machines_write_nothing() {
    for role in [Role::Viewer, Role::Ingest, Role::Feedback] {
        let mut server = Server::new();
        let mut client = server.open(role);
        let chunk = tag(&mut client, "golden", Some(true));
        let reason = format!("a {role} may not write in reviews: ask an owner for the role of a reviewer");
        assert_eq!(server.refuses(&mut client, chunk), ("read-only", reason));
    }
}

#[test]
fn tags_are_added_removed_and_left_alone() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let chunk = tag(&mut client, "golden", Some(true));
    assert_eq!(server.accepts(&mut client, chunk), ["/tags/golden: null -> true"]);
    let chunk = tag(&mut client, "golden", Some(false));
    assert_eq!(server.accepts(&mut client, chunk), ["/tags/golden: true -> false"]);
    let chunk = tag(&mut client, "golden", None);
    assert_eq!(server.accepts(&mut client, chunk), ["/tags/golden: false -> null"]);
    for name in ["", "__proto__", "a\u{7}b", &"long".repeat(33)] {
        let chunk = tag(&mut client, name, Some(true));
        let (code, reason) = server.refuses(&mut client, chunk);
        assert!(code == "invalid-value" || code == "structure", "{name:?}: {reason}");
    }
    let many = client.change(|tx| {
        let tags = at(tx, &["tags"]);
        (0..201).try_for_each(|number| tx.put(&tags, format!("t{number}"), true))
    });
    let full = ("full", "/tags has as many tags as it can hold (200)".to_owned());
    assert_eq!(server.refuses(&mut client, many), full);
}

#[test]
fn a_comment_is_made_whole_and_changed_by_its_author() {
    let mut server = Server::new();
    let (mut ann, mut ben, mut lead) =
        (server.open(Role::Reviewer), server.open(Role::Reviewer), server.open(Role::Lead));
    server.update(&mut ann);
    let me = ann.me();
    let chunk = ann.comment("Well done");
    assert_eq!(
        server.accepts(&mut ann, chunk),
        [format!("/comments/{COMMENT}: null -> {{\"at\":\"{NOW}\",\"author\":\"{me}\",\"text\":\"Well done\"}}")]
    );
    [&mut ben, &mut lead].into_iter().for_each(|client| server.update(client));

    let edited = |client: &mut Client, dated: bool| {
        client.change(|tx| {
            let comment = at(tx, &["comments", COMMENT]);
            let text = at(tx, &["comments", COMMENT, "text"]);
            tx.update_text(&text, "Well done, Ann")?;
            if dated { tx.put(comment, "edited_at", timestamp(5)) } else { Ok(()) }
        })
    };
    let chunk = edited(&mut ann, false);
    let missing = format!("/comments/{COMMENT} is not complete: `edited_at` must be written in the same change");
    assert_eq!(server.refuses(&mut ann, chunk), ("incomplete", missing));
    let chunk = edited(&mut lead, true);
    assert_eq!(server.refuses(&mut lead, chunk).0, "not-yours", "leads do not put words in another's mouth");
    let chunk = edited(&mut ann, true);
    assert_eq!(
        server.accepts(&mut ann, chunk),
        [format!("/comments/{COMMENT}/text: \"Well done\" -> \"Well done, Ann\"")]
    );
    [&mut ben, &mut lead].into_iter().for_each(|client| server.update(client));

    let flag = |client: &mut Client, name: &str, value: bool| {
        client.change(|tx| {
            let comment = at(tx, &["comments", COMMENT]);
            tx.put(comment, name, value)
        })
    };
    let chunk = flag(&mut ben, "resolved", true);
    assert_eq!(server.refuses(&mut ben, chunk).0, "not-yours");
    let chunk = flag(&mut lead, "resolved", true);
    assert_eq!(server.accepts(&mut lead, chunk), [format!("/comments/{COMMENT}/resolved: null -> true")]);
    let chunk = flag(&mut lead, "deleted", true);
    assert_eq!(server.accepts(&mut lead, chunk), [format!("/comments/{COMMENT}/deleted: null -> true")]);
    server.update(&mut ann);
    let chunk = flag(&mut ann, "deleted", false);
    assert_eq!(server.refuses(&mut ann, chunk).0, "not-allowed", "what a lead took away stays away");
    let chunk = ann.change(|tx| {
        let comments = at(tx, &["comments"]);
        tx.delete(comments, COMMENT)
    });
    assert_eq!(server.refuses(&mut ann, chunk).0, "not-allowed");
    let chunk = ann.change(|tx| {
        let comment = at(tx, &["comments", COMMENT]);
        tx.put(comment, "author", "somebody")
    });
    assert_eq!(server.refuses(&mut ann, chunk).0, "not-allowed");
    let chunk = ann.comment("Again");
    assert_eq!(server.refuses(&mut ann, chunk).0, "not-allowed", "an id is used once");
}

#[test]
fn a_comment_names_its_writer_and_has_all_its_parts() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let me = client.me();
    let other = MemberId::new().to_string();
    let mut made = |id: &str, parts: &dyn Fn(&mut Transaction<'_>, &ObjId) -> Result<(), AutomergeError>| {
        let chunk = client.change(|tx| {
            let comments = at(tx, &["comments"]);
            let comment = tx.put_object(comments, id, ObjType::Map)?;
            parts(tx, &comment)
        });
        server.refuses(&mut client, chunk)
    };
    let text = |tx: &mut Transaction<'_>, comment: &ObjId, words: &str| {
        let text = tx.put_object(comment, "text", ObjType::Text)?;
        tx.splice_text(text, 0, 0, words)
    };
    let (code, reason) = made(COMMENT, &|tx, comment| {
        tx.put(comment, "author", other.as_str())?;
        tx.put(comment, "at", timestamp(0))?;
        text(tx, comment, "hi")
    });
    assert_eq!(code, "invalid-value");
    let right = format!("takes the writer's own key {me:?} as a scalar string, not {other:?}");
    assert_eq!(reason, format!("/comments/{COMMENT}/author: {right}"));
    let (code, reason) = made(COMMENT, &|tx, comment| {
        tx.put(comment, "at", timestamp(0))?;
        text(tx, comment, "hi")
    });
    let author = format!("/comments/{COMMENT} is not complete: `author` must be written in the same change");
    assert_eq!((code, reason), ("incomplete", author));
    let (code, reason) = made(COMMENT, &|tx, comment| {
        tx.put(comment, "author", me.as_str())?;
        tx.put(comment, "at", timestamp(0))?;
        text(tx, comment, "")
    });
    assert_eq!((code, reason.contains("`text` with some words")), ("incomplete", true));
    let (code, _) = made("not-a-uuid", &|tx, comment| text(tx, comment, "hi"));
    assert_eq!(code, "invalid-value");
    let (code, reason) = made(COMMENT, &|tx, comment| tx.put(comment, "parent", other.as_str()));
    assert_eq!((code, reason.contains("to answer in this review")), ("invalid-value", true));
    let (code, _) = made(COMMENT, &|tx, comment| tx.put(comment, "resolved", true));
    assert_eq!(code, "not-allowed");
    let (code, reason) = made(COMMENT, &|tx, comment| tx.put(comment, "text", "scalar"));
    assert_eq!((code, reason.contains("takes shared text")), ("invalid-value", true));
}

#[test]
fn an_answer_with_a_place_is_taken_whole() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let chunk = client.comment("Well done");
    server.accepts(&mut client, chunk);
    let (me, id) = (client.me(), "0b8e7a54-6a8e-4a6c-9a9f-5d0f3c2b1a01");
    let chunk = client.change(|tx| {
        let comments = at(tx, &["comments"]);
        let made = tx.put_object(comments, id, ObjType::Map)?;
        tx.put(&made, "author", me.as_str())?;
        tx.put(&made, "at", timestamp(0))?;
        let text = tx.put_object(&made, "text", ObjType::Text)?;
        tx.splice_text(text, 0, 0, "Indeed 👋🏽")?;
        tx.put(&made, "parent", COMMENT)?;
        let anchor = tx.put_object(&made, "anchor", ObjType::Map)?;
        tx.put(&anchor, "field", "output")?;
        tx.put(&anchor, "start", 3)?;
        let quote = tx.put_object(&anchor, "quote", ObjType::Text)?;
        tx.splice_text(quote, 0, 0, "three words here")
    });
    let facts = server.accepts(&mut client, chunk);
    assert_eq!(facts.len(), 1);
    assert!(facts[0].contains("\"quote\":\"three words here\""), "{}", facts[0]);
    let chunk = client.change(|tx| {
        let anchor = at(tx, &["comments", id, "anchor"]);
        tx.put(anchor, "start", 4)
    });
    assert_eq!(server.refuses(&mut client, chunk).0, "not-allowed");
}

fn status(client: &mut Client, value: &str, by: &str, seconds: i64) -> Vec<u8> {
    client.change(|tx| {
        let status = at(tx, &["status"]);
        tx.put(&status, "value", value)?;
        tx.put(&status, "by", by)?;
        tx.put(&status, "at", timestamp(seconds))
    })
}

#[test]
fn a_status_names_who_set_it() {
    let mut server = Server::new();
    let (mut ann, mut ben) = (server.open(Role::Reviewer), server.open(Role::Reviewer));
    server.update(&mut ann);
    let (me, him) = (ann.me(), ben.me());
    let chunk = status(&mut ann, "awaiting", &me, 0);
    assert_eq!(
        server.accepts(&mut ann, chunk),
        [format!("/status: {{\"value\":\"none\"}} -> {{\"at\":\"{NOW}\",\"by\":\"{me}\",\"value\":\"awaiting\"}}")]
    );
    // Again by the same member within the same millisecond: automerge leaves out what is equal.
    let chunk = status(&mut ann, "in_progress", &me, 0);
    server.accepts(&mut ann, chunk);
    let chunk = status(&mut ann, "complete", &him, 0);
    assert_eq!(server.refuses(&mut ann, chunk).0, "invalid-value");
    let chunk = status(&mut ann, "done", &me, 0);
    let (code, reason) = server.refuses(&mut ann, chunk);
    assert_eq!(code, "invalid-value");
    assert_eq!(reason, "/status/value: takes one of none, awaiting, in_progress, complete, not \"done\"");
    server.update(&mut ben);
    let alone = |client: &mut Client, name: &str, value: ScalarValue| {
        client.change(|tx| {
            let status = at(tx, &["status"]);
            tx.put(status, name, value)
        })
    };
    let chunk = alone(&mut ben, "value", "complete".into());
    let missing = "/status is not complete: `by` must be written in the same change".to_owned();
    assert_eq!(server.refuses(&mut ben, chunk), ("incomplete", missing));
    let chunk = alone(&mut ben, "at", timestamp(9));
    assert_eq!(server.refuses(&mut ben, chunk).0, "incomplete", "the time of another");
    let chunk = alone(&mut ben, "by", him.as_str().into());
    let missing = "/status is not complete: `at` must be written in the same change".to_owned();
    assert_eq!(server.refuses(&mut ben, chunk), ("incomplete", missing));
    // The same status by another member: value is equal and left out.
    let chunk = status(&mut ben, "in_progress", &him, 3);
    server.accepts(&mut ben, chunk);
}

#[test]
fn assignments_are_signed_and_taken_back() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let (me, other) = (client.me(), MemberId::new().to_string());
    let assign = |client: &mut Client, member: &str, by: &str, dated: bool| {
        client.change(|tx| {
            let assignees = at(tx, &["assignees"]);
            let entry = tx.put_object(assignees, member, ObjType::Map)?;
            tx.put(&entry, "by", by)?;
            if dated { tx.put(&entry, "at", timestamp(0)) } else { Ok(()) }
        })
    };
    let chunk = assign(&mut client, &other, &me, true);
    assert_eq!(
        server.accepts(&mut client, chunk),
        [format!("/assignees/{other}: null -> {{\"at\":\"{NOW}\",\"by\":\"{me}\"}}")]
    );
    let chunk = client.change(|tx| {
        let entry = at(tx, &["assignees", &other]);
        tx.put(entry, "at", timestamp(9))
    });
    assert_eq!(server.refuses(&mut client, chunk).0, "not-allowed");
    let chunk = client.change(|tx| {
        let assignees = at(tx, &["assignees"]);
        tx.delete(assignees, other.as_str())
    });
    server.accepts(&mut client, chunk);
    for (member, by, dated, code) in [
        (other.as_str(), other.as_str(), true, "invalid-value"),
        (other.as_str(), me.as_str(), false, "incomplete"),
        ("Ann", me.as_str(), true, "invalid-value"),
        (other.to_uppercase().as_str(), me.as_str(), true, "invalid-value"),
    ] {
        let chunk = assign(&mut client, member, by, dated);
        assert_eq!(server.refuses(&mut client, chunk).0, code);
    }
}

#[test]
fn fields_are_written_by_anybody_who_reviews() {
    let mut server = Server::new();
    let mut client = server.open(Role::Reviewer);
    let chunk = client.change(|tx| {
        let field = at(tx, &["fields", "What went wrong"]);
        tx.splice_text(field, 0, 0, "Nothing 👟")
    });
    assert_eq!(server.accepts(&mut client, chunk), ["/fields/What went wrong: \"\" -> \"Nothing 👟\""]);
    let chunk = client.change(|tx| {
        let field = at(tx, &["fields", "What went wrong"]);
        tx.splice_text(&field, 0, 8, "")?;
        tx.mark(&field, automerge::marks::Mark::new("bold".to_owned(), true, 0, 1), automerge::marks::ExpandMark::None)
    });
    assert_eq!(server.refuses(&mut client, chunk).0, "structure", "no rich text");
    let chunk = client.change(|tx| {
        let field = at(tx, &["fields", "What went wrong"]);
        tx.split_block(field, 0).map(drop)
    });
    assert_eq!(server.refuses(&mut client, chunk).0, "not-allowed", "no blocks");
}

#[test]
fn facts_of_the_servers_own_edits() {
    let mut server = Server::new();
    let reviewer = Reviewer::External("shopper".to_owned());
    let facts = server.edit(&[
        Edit::SetScore {
            reviewer,
            score: "Helpful".to_owned(),
            judgement: concord_shared::review::state::Judgement::Number(1.0),
        },
        Edit::SetExpected { value: serde_json::json!({"a": "one two three"}) },
    ]);
    let shown: Vec<_> = facts.iter().map(|fact| format!("{}: {} -> {}", fact.path, fact.from, fact.to)).collect();
    assert_eq!(
        shown,
        ["/scores/external:shopper/Helpful: null -> 1.0", "/expected: null -> {\"a\":\"one two three\"}"]
    );
}
