//! What callers carry: sessions, API keys, feedback keys.

use concord_shared::ids::{KeyId, MemberId, OrganizationId, SessionId};
use concord_shared::moment::Moment;
use concord_shared::role::Role;

use super::fixtures::{NOW, World, credentials};
use crate::domain::access::{FeedbackLimits, Principal};
use crate::domain::account::keys::{ApiKey, FeedbackKey, Session};
use crate::domain::account::secret::Digest;
use crate::domain::store::StoreError;

pub(super) fn session(digest: Digest, member: MemberId, created: Moment) -> Session {
    Session { id: SessionId::new(), digest, member, created, seen: created, expires: Moment(created.0 + 1000) }
}

pub(super) fn key(id: KeyId, organization: OrganizationId, member: MemberId, created: Moment) -> ApiKey {
    let (name, prefix) = ("script".into(), "sk-abcde".into());
    ApiKey { id, organization, member, name, ingest: false, prefix, created, last_used: None }
}

pub(super) async fn sessions_end_by_time_by_sign_out_and_by_number(world: World) {
    let store = &world.store;
    let first = session([1; 32], world.owner, NOW);
    store.add_session(&first, 2).await.unwrap();
    let found = store.find_session([1; 32], NOW).await.unwrap().unwrap();
    let principal = Principal {
        organization: world.organization,
        member: Some(world.owner),
        name: "ann".into(),
        role: Role::Owner,
        key: None,
        session: Some(first.id),
        limits: None,
    };
    assert_eq!(found.principal, principal);
    assert_eq!((found.seen, found.expires, found.created), (Some(NOW), Some(first.expires), NOW));
    assert!(store.find_session([9; 32], NOW).await.unwrap().is_none());
    assert!(store.find_session([1; 32], first.expires).await.unwrap().is_none(), "it has expired");

    let later = Moment(NOW.0 + 5000);
    store.touch_session(first.id, later, Moment(later.0 + 1000)).await.unwrap();
    let found = store.find_session([1; 32], later).await.unwrap().unwrap();
    assert_eq!((found.seen, found.expires, found.created), (Some(later), Some(Moment(later.0 + 1000)), NOW));

    for (digest, created) in [([2; 32], NOW.0 + 10), ([3; 32], NOW.0 + 20)] {
        store.add_session(&session(digest, world.owner, Moment(created)), 2).await.unwrap();
    }
    let kept = [[1; 32], [2; 32], [3; 32]].map(|digest| store.find_session(digest, Moment(NOW.0 + 20)));
    let kept = futures_util::future::join_all(kept).await.into_iter().map(|found| found.unwrap().is_some());
    assert_eq!(kept.collect::<Vec<_>>(), [false, true, true], "the newest two are kept");

    let third = store.find_session([3; 32], NOW).await.unwrap().unwrap().principal.session.unwrap();
    store.remove_session(third).await.unwrap();
    assert!(store.find_session([3; 32], NOW).await.unwrap().is_none());
    assert!(store.find_session([2; 32], NOW).await.unwrap().is_some());
}

pub(super) async fn a_key_acts_as_its_member_or_as_less(world: World) {
    let store = &world.store;
    let eva = credentials(world.organization, "eva@acme.test", Role::Reviewer);
    let eva = store.add_member(&eva, None).await.unwrap();
    let plain = key(KeyId::new(), world.organization, eva, NOW);
    let narrow = ApiKey { ingest: true, ..key(KeyId::new(), world.organization, eva, NOW) };
    store.add_key(&plain, [1; 32]).await.unwrap();
    store.add_key(&narrow, [2; 32]).await.unwrap();
    let twice = store.add_key(&key(KeyId::new(), world.organization, eva, NOW), [1; 32]).await;
    assert_eq!(twice, Err(StoreError::Conflict { what: "a key of that text" }));

    let found = store.find_key([1; 32]).await.unwrap().unwrap();
    assert_eq!((found.principal.role, found.principal.member), (Role::Reviewer, Some(eva)));
    assert_eq!((found.principal.key, found.principal.name.as_str()), (Some(plain.id), "eva"));
    assert_eq!((found.seen, found.expires, found.created), (None, None, NOW));
    assert_eq!(store.find_key([2; 32]).await.unwrap().unwrap().principal.role, Role::Ingest);
    store.touch_key(plain.id, Moment(NOW.0 + 7)).await.unwrap();
    assert_eq!(store.find_key([1; 32]).await.unwrap().unwrap().seen, Some(Moment(NOW.0 + 7)));

    store.set_role(world.organization, eva, Role::Viewer).await.unwrap();
    assert_eq!(store.find_key([1; 32]).await.unwrap().unwrap().principal.role, Role::Viewer);
    assert!(store.find_key([2; 32]).await.unwrap().is_none(), "a viewer writes no rows, nor does their key");
}

pub(super) async fn keys_are_listed_and_deleted_within_their_organization(world: World) {
    let store = &world.store;
    let younger = key(KeyId::new(), world.organization, world.owner, NOW);
    let older = ApiKey { ingest: true, ..key(KeyId::new(), world.organization, world.owner, Moment(NOW.0 - 1)) };
    store.add_key(&younger, [1; 32]).await.unwrap();
    store.add_key(&older, [2; 32]).await.unwrap();
    store.touch_key(older.id, NOW).await.unwrap();
    let listed = store.keys(world.organization).await.unwrap();
    let told: Vec<_> = listed.iter().map(|key| (key.id, key.ingest, key.last_used, key.created)).collect();
    assert_eq!(told, [(older.id, true, Some(NOW), older.created), (younger.id, false, None, NOW)]);
    assert_eq!(
        (listed[0].name.as_str(), listed[0].prefix.as_str(), listed[0].member),
        ("script", "sk-abcde", world.owner)
    );

    let stranger = OrganizationId::new();
    assert!(store.keys(stranger).await.unwrap().is_empty());
    assert!(store.key(stranger, older.id).await.unwrap().is_none());
    assert_eq!(store.remove_key(stranger, older.id).await, Ok(false));
    assert_eq!(store.key(world.organization, older.id).await.unwrap().unwrap().id, older.id);
    assert_eq!(store.remove_key(world.organization, older.id).await, Ok(true));
    assert_eq!(store.remove_key(world.organization, older.id).await, Ok(false));
    assert!(store.find_key([2; 32]).await.unwrap().is_none());
}

pub(super) async fn a_feedback_key_lives_as_long_as_its_project(world: World) {
    let store = &world.store;
    let of = |created| FeedbackKey {
        id: KeyId::new(),
        organization: world.organization,
        project: world.project,
        scores: vec!["Tone, spoken".into(), "\"quoted\"".into()],
        origins: vec!["https://app.example.com".into()],
        prefix: "pk-abcde".into(),
        created_by: world.owner,
        created,
    };
    let (younger, older) = (of(NOW), of(Moment(NOW.0 - 1)));
    store.add_feedback_key(&younger, [1; 32]).await.unwrap();
    store.add_feedback_key(&older, [2; 32]).await.unwrap();
    let found = store.find_key([1; 32]).await.unwrap().unwrap();
    let limits =
        FeedbackLimits { project: world.project, scores: younger.scores.clone(), origins: younger.origins.clone() };
    let principal = Principal {
        organization: world.organization,
        member: None,
        name: "pk-abcde".into(),
        role: Role::Feedback,
        key: Some(younger.id),
        session: None,
        limits: Some(limits),
    };
    assert_eq!(found.principal, principal);
    let listed = store.feedback_keys(world.organization).await.unwrap();
    assert_eq!(listed.iter().map(|key| key.id).collect::<Vec<_>>(), [older.id, younger.id]);
    assert_eq!(
        (&listed[1].scores, &listed[1].origins, listed[1].created_by),
        (&younger.scores, &younger.origins, world.owner)
    );

    assert_eq!(store.remove_feedback_key(OrganizationId::new(), older.id).await, Ok(false));
    assert_eq!(store.remove_feedback_key(world.organization, older.id).await, Ok(true));
    assert!(store.find_key([2; 32]).await.unwrap().is_none());
    store.delete_project(world.project, NOW).await.unwrap();
    assert!(store.find_key([1; 32]).await.unwrap().is_none());
}
