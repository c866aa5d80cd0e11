//! Organizations and links.

use concord_shared::ids::{KeyId, OrganizationId};
use concord_shared::moment::Moment;
use concord_shared::role::Role;

use super::fixtures::{NOW, World, credentials, organization};
use super::keys::{key, session};
use crate::domain::account::secret::Digest;
use crate::domain::account::{NewToken, TokenKind};
use crate::domain::store::StoreError;

pub(super) fn token(digest: Digest, kind: TokenKind, world: &World) -> NewToken {
    let member = (kind != TokenKind::SetUp).then_some(world.owner);
    NewToken { digest, kind, member, expires: Moment(NOW.0 + 1000) }
}

pub(super) async fn an_organization_comes_whole_or_not_at_all(world: World) {
    let store = &world.store;
    let second = organization("Globex");
    let owner = credentials(second.id, "gus@globex.test", Role::Owner);
    let first_key = key(KeyId::new(), second.id, owner.member.id, NOW);
    store.create_organization(&second, &owner, Some((&first_key, [1; 32]))).await.unwrap();
    assert_eq!(store.organization(second.id).await, Ok(Some(second.clone())));
    assert_eq!(store.organization(OrganizationId::new()).await, Ok(None));
    assert_eq!(store.find_key([1; 32]).await.unwrap().unwrap().principal.member, Some(owner.member.id));
    assert_eq!(store.has_organization().await, Ok(true));

    let of_a_taken_name = organization("Globex");
    let by_nobody_known = credentials(of_a_taken_name.id, "new@globex.test", Role::Owner);
    let taken = store.create_organization(&of_a_taken_name, &by_nobody_known, None).await;
    assert_eq!(taken, Err(StoreError::Conflict { what: "an organization of that name" }));
    assert!(store.credentials("new@globex.test").await.unwrap().is_none());

    let third = organization("Initech");
    let by_gus = credentials(third.id, "gus@globex.test", Role::Owner);
    let taken = store.create_organization(&third, &by_gus, None).await;
    assert_eq!(taken, Err(StoreError::Conflict { what: "a member with that e-mail" }));
    let peter = credentials(third.id, "peter@initech.test", Role::Owner);
    let same_key = key(KeyId::new(), third.id, peter.member.id, NOW);
    let taken = store.create_organization(&third, &peter, Some((&same_key, [1; 32]))).await;
    assert_eq!(taken, Err(StoreError::Conflict { what: "a key of that text" }));
    assert_eq!(store.organization(third.id).await, Ok(None), "nothing of a refused one is kept");
    let names: Vec<String> = store.organizations().await.unwrap().into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["Acme", "Globex"]);
    let taken = store.rename_organization(second.id, "Acme").await;
    assert_eq!(taken, Err(StoreError::Conflict { what: "an organization of that name" }));
    store.rename_organization(second.id, "Globex Corporation").await.unwrap();
    assert_eq!(store.organization(second.id).await.unwrap().unwrap().name, "Globex Corporation");
}

pub(super) async fn a_set_up_link_works_once_and_only_first(world: World) {
    // The first organization exists: whoever still has a link comes too late.
    let store = &world.store;
    store.add_token(&token([2; 32], TokenKind::SetUp, &world), NOW).await.unwrap();
    let late = organization("Late");
    let owner = credentials(late.id, "late@late.test", Role::Owner);
    assert_eq!(store.set_up([2; 32], &late, &owner, NOW).await, Ok(false));
    assert_eq!(store.set_up([3; 32], &late, &owner, NOW).await, Ok(false));
    assert_eq!(store.organization(late.id).await, Ok(None));
}

pub(super) async fn a_sign_in_link_works_until_it_expires(world: World) {
    let store = &world.store;
    let link = token([4; 32], TokenKind::SignIn, &world);
    store.add_token(&link, NOW).await.unwrap();
    for _ in 0..2 {
        let member = store.token_member([4; 32], TokenKind::SignIn, NOW).await.unwrap().unwrap();
        assert_eq!(member.id, world.owner);
    }
    assert_eq!(store.token_member([4; 32], TokenKind::Invitation, NOW).await, Ok(None), "a link does one thing");
    assert_eq!(store.token_member([5; 32], TokenKind::SignIn, NOW).await, Ok(None));
    assert_eq!(store.token_member([4; 32], TokenKind::SignIn, link.expires).await, Ok(None));
    assert_eq!(store.accept_invitation([4; 32], "hash", NOW).await, Ok(None));
}

pub(super) async fn an_invitation_is_used_up_with_its_sessions(world: World) {
    let store = &world.store;
    let eva = credentials(world.organization, "eva@acme.test", Role::Reviewer);
    let invited = NewToken { member: None, ..token([6; 32], TokenKind::Invitation, &world) };
    let id = store.add_member(&eva, Some(&invited)).await.unwrap();
    let again = NewToken { member: Some(id), ..token([7; 32], TokenKind::Invitation, &world) };
    store.add_token(&again, NOW).await.unwrap();
    store.add_session(&session([8; 32], id, NOW), 5).await.unwrap();
    assert_eq!(store.token_member([6; 32], TokenKind::Invitation, NOW).await, Ok(Some(eva.member.clone())));
    assert_eq!(store.accept_invitation([6; 32], "too late", invited.expires).await, Ok(None));

    assert_eq!(store.accept_invitation([6; 32], "chosen", NOW).await, Ok(Some(eva.member)));
    let stored = store.credentials("eva@acme.test").await.unwrap().unwrap();
    assert_eq!(stored.password_hash.as_deref(), Some("chosen"));
    assert!(store.find_session([8; 32], NOW).await.unwrap().is_none(), "whoever was signed in is not any more");
    for used in [[6; 32], [7; 32]] {
        assert_eq!(store.accept_invitation(used, "again", NOW).await, Ok(None));
    }
}
