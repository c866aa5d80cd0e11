//! What members are told by changes of reviews.

use concord_shared::ids::{MemberId, OrganizationId, Reviewer};
use concord_shared::moment::Moment;
use concord_shared::review::state::{Comment, ReviewState};
use concord_shared::role::Role;
use serde_json::{Value, json};

use super::fixtures::{NOW, World, change, credentials, fact, organization, review_commit};
use crate::domain::notice::{Kind, Notification, Read, TOGETHER};
use crate::domain::store::{Commit, NewChange, NewFact};

const COMMENT: &str = "0b8e7a54-6a8e-4a6c-9a9f-5d0f3c2b1a00";
const REPLY: &str = "0b8e7a54-6a8e-4a6c-9a9f-5d0f3c2b1a01";

async fn member(world: &World, email: &str) -> MemberId {
    world.store.add_member(&credentials(world.organization, email, Role::Reviewer), None).await.expect("a member")
}

/// A change of a row's review by a member, at a time.
async fn change_of(
    world: &World,
    row: &str,
    by: MemberId,
    at: Moment,
    facts: Vec<NewFact>,
    state: ReviewState,
) -> Commit {
    let key = world.review(row).await;
    let revision = world.revision(&key).await;
    let seq = revision + 1;
    // Each has a replica of its own, so that anybody may be next.
    let replica = [key.document.as_bytes(), by.as_bytes(), &seq.to_be_bytes()].concat();
    let change = NewChange { replica, facts, received_at: at, ..change(1, 1, Some(by)) };
    review_commit(&key, revision, vec![NewChange { hash: [seq as u8; 32], ..change }], state)
}

async fn assign(world: &World, row: &str, by: MemberId, to: MemberId, at: Moment) -> Commit {
    let fact = fact(&format!("/assignees/{to}"), Value::Null, json!({"by": by, "at": at}));
    change_of(world, row, by, at, vec![fact], ReviewState::default()).await
}

fn comment(author: MemberId, text: &str, parent: Option<&str>) -> Comment {
    Comment {
        author: Reviewer::Member(author),
        at: NOW,
        text: text.into(),
        edited_at: None,
        deleted: false,
        resolved: false,
        parent: parent.map(str::to_owned),
        anchor: None,
        source: None,
    }
}

async fn told(world: &World, member: MemberId) -> Vec<Notification> {
    world.store.notifications(member, None, 100).await.expect("notifications")
}

async fn kinds(world: &World, member: MemberId) -> Vec<(Kind, String)> {
    let told = told(world, member).await;
    told.into_iter().map(|told| (told.notice.kind, told.notice.comment)).collect()
}

pub(super) async fn assignments_made_together_are_one_notification(mut world: World) {
    let (noor, mei) = (member(&world, "noor@acme.test").await, member(&world, "mei@acme.test").await);
    let mut batch = Vec::new();
    for row in ["a", "b", "c"] {
        batch.push(assign(&world, row, mei, noor, NOW).await);
    }
    world.commit(&batch).await;
    world.commit(&[assign(&world, "d", mei, noor, Moment(NOW.0 + 5)).await]).await;
    let first = told(&world, noor).await;
    assert_eq!(first.len(), 1);
    let first = &first[0];
    assert_eq!((first.rows, first.row_id.as_str(), first.notice.kind), (4, "d", Kind::Assigned));
    assert_eq!((first.notice.by, first.notice.at, first.read), (mei, Moment(NOW.0 + 5), None));
    assert_eq!((first.project, first.object), (world.project, world.object));
    assert_eq!(first.document, world.review("d").await.document);

    world.commit(&[assign(&world, "e", world.owner, noor, Moment(NOW.0 + 6)).await]).await;
    world.commit(&[assign(&world, "f", world.owner, noor, Moment(NOW.0 + 6 + TOGETHER)).await]).await;
    world.commit(&[assign(&world, "g", noor, noor, NOW).await]).await;
    let rows: Vec<i64> = told(&world, noor).await.iter().map(|told| told.rows).collect();
    assert_eq!(rows, [1, 1, 4], "by somebody else, later, and by oneself");
    let last = told(&world, noor).await[0].id;
    world.store.mark_read(noor, &Read::UpTo(last), NOW).await.unwrap();
    world.commit(&[assign(&world, "h", world.owner, noor, Moment(NOW.0 + 7 + TOGETHER)).await]).await;
    assert_eq!(told(&world, noor).await.len(), 4, "what was read is not added to");
    assert_eq!(world.store.unread(noor).await, Ok(1));
    assert!(told(&world, mei).await.is_empty());
}

pub(super) async fn r8_a_comment_is_told_once_and_to_whom_it_concerns(mut world: World) {
    let (noor, mei, owner) =
        (member(&world, "noor@acme.test").await, member(&world, "mei@acme.test").await, world.owner);
    let text = format!("Look, @[Noor]({noor}): too late");
    let mut state = ReviewState::default();
    state.comments.insert(COMMENT.into(), comment(owner, &text, None));
    let made = fact(&format!("/comments/{COMMENT}"), Value::Null, json!({"author": owner, "text": text}));
    world.commit(&[change_of(&world, "a", owner, NOW, vec![made.clone()], state.clone()).await]).await;
    assert_eq!(kinds(&world, noor).await, [(Kind::Mentioned, COMMENT.to_owned())]);
    assert_eq!(told(&world, noor).await[0].notice.excerpt, text);

    // The same again, as when an edit takes a name out and puts it back.
    world.commit(&[change_of(&world, "a", owner, NOW, vec![made], state.clone()).await]).await;
    let edited = format!("{text} @[Mei]({mei})");
    let edit = fact(&format!("/comments/{COMMENT}/text"), json!(text), json!(edited));
    world.commit(&[change_of(&world, "a", owner, NOW, vec![edit], state.clone()).await]).await;
    assert_eq!(kinds(&world, noor).await.len(), 1);
    assert_eq!(kinds(&world, mei).await, [(Kind::Mentioned, COMMENT.to_owned())], "named by an edit");

    state.comments.insert(REPLY.into(), comment(noor, "Agreed", Some(COMMENT)));
    let reply = fact(&format!("/comments/{REPLY}"), Value::Null, json!({"author": noor, "text": "Agreed"}));
    world.commit(&[change_of(&world, "a", noor, NOW, vec![reply], state.clone()).await]).await;
    assert_eq!(kinds(&world, owner).await, [(Kind::Replied, REPLY.to_owned())]);
    assert_eq!(kinds(&world, mei).await.len(), 1, "named, but has not written in the thread");

    let resolved = fact(&format!("/comments/{COMMENT}/resolved"), Value::Null, json!(true));
    world.commit(&[change_of(&world, "a", mei, NOW, vec![resolved], state).await]).await;
    let expected = [(Kind::Resolved, COMMENT.to_owned()), (Kind::Replied, REPLY.to_owned())];
    assert_eq!(kinds(&world, owner).await, expected);
}

pub(super) async fn only_members_who_are_still_there_are_told(mut world: World) {
    let gone = member(&world, "gone@acme.test").await;
    world.store.remove_member(world.organization, gone, NOW).await.unwrap();
    let elsewhere = organization("Globex");
    let stranger = credentials(elsewhere.id, "gus@globex.test", Role::Owner);
    world.store.create_organization(&elsewhere, &stranger, None).await.unwrap();
    for nobody in [gone, stranger.member.id, MemberId::new()] {
        world.commit(&[assign(&world, "a", world.owner, nobody, NOW).await]).await;
        assert!(told(&world, nobody).await.is_empty());
        assert_eq!(world.store.unread(nobody).await, Ok(0));
    }
    assert_ne!(elsewhere.id, OrganizationId::default());
}

pub(super) async fn what_was_read_is_ones_own(mut world: World) {
    let (noor, mei) = (member(&world, "noor@acme.test").await, member(&world, "mei@acme.test").await);
    for n in 0..3 {
        let at = Moment(NOW.0 + n * 2 * TOGETHER);
        world.commit(&[assign(&world, &format!("n{n}"), world.owner, noor, at).await]).await;
        world.commit(&[assign(&world, &format!("m{n}"), world.owner, mei, at).await]).await;
    }
    let ids: Vec<i64> = told(&world, noor).await.iter().map(|told| told.id).collect();
    assert!(ids.is_sorted_by(|a, b| a > b) && ids.len() == 3, "newest first");
    let page = world.store.notifications(noor, Some(ids[0]), 1).await.unwrap();
    assert_eq!(page.iter().map(|told| told.id).collect::<Vec<_>>(), [ids[1]]);
    let read = |world: &World, read: Read| {
        let store = world.store.clone();
        async move { store.mark_read(noor, &read, NOW).await }
    };
    let of_mei: Vec<i64> = told(&world, mei).await.iter().map(|told| told.id).collect();
    read(&world, Read::Some(of_mei)).await.unwrap();
    assert_eq!((world.store.unread(noor).await, world.store.unread(mei).await), (Ok(3), Ok(3)));
    read(&world, Read::Some(vec![ids[0]])).await.unwrap();
    assert_eq!(world.store.unread(noor).await, Ok(2));
    read(&world, Read::UpTo(ids[1])).await.unwrap();
    assert_eq!((world.store.unread(noor).await, world.store.unread(mei).await), (Ok(0), Ok(3)));
    assert!(told(&world, noor).await.iter().all(|told| told.read == Some(NOW)));
}
