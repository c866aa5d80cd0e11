//! Members: added, changed, removed, back again.

use concord_shared::ids::{KeyId, MemberId, OrganizationId};
use concord_shared::moment::Moment;
use concord_shared::role::Role;

use super::accounts::token;
use super::fixtures::{NOW, World, credentials, organization};
use super::keys::{key, session};
use crate::domain::account::{Credentials, Member, MemberChange, NewToken, TokenKind};
use crate::domain::store::StoreError;

pub(super) async fn members_are_listed_oldest_first_and_found_by_email(world: World) {
    let store = &world.store;
    let mut added = Vec::new();
    for (email, age) in [("young@acme.test", 10), ("old@acme.test", 30), ("elder@acme.test", 30)] {
        let Credentials { member, password_hash } = credentials(world.organization, email, Role::Viewer);
        let member = Member { created: Moment(NOW.0 - age), ..member };
        store.add_member(&Credentials { member: member.clone(), password_hash }, None).await.unwrap();
        added.push(member);
    }
    let members = store.members(world.organization).await.unwrap();
    let emails: Vec<&str> = members.iter().map(|member| member.email.as_str()).collect();
    assert_eq!(emails, ["old@acme.test", "elder@acme.test", "young@acme.test", "ann@acme.test"]);
    assert_eq!(store.member(added[0].id).await, Ok(Some(added[0].clone())));
    assert_eq!(store.member(MemberId::new()).await, Ok(None));
    let found = store.credentials("old@acme.test").await.unwrap().unwrap();
    assert_eq!((found.member, found.password_hash.as_deref()), (added[1].clone(), Some("hash of old@acme.test")));
    assert!(store.credentials("nobody@acme.test").await.unwrap().is_none());
    assert!(store.members(OrganizationId::new()).await.unwrap().is_empty());

    let elsewhere = organization("Globex");
    let owner = credentials(elsewhere.id, "gus@globex.test", Role::Owner);
    store.create_organization(&elsewhere, &owner, None).await.unwrap();
    let taken = store.add_member(&credentials(elsewhere.id, "old@acme.test", Role::Viewer), None).await;
    assert_eq!(taken, Err(StoreError::Conflict { what: "a member with that e-mail" }), "whatever the organization");
    let names = store.member_names(world.organization).await.unwrap();
    assert_eq!(names.len(), 4);
    assert_eq!(names[&added[1].id], "old");
}

pub(super) async fn a_removed_member_cannot_come_in_and_keeps_their_name(world: World) {
    let store = &world.store;
    let eva = credentials(world.organization, "eva@acme.test", Role::Reviewer);
    let id = store.add_member(&eva, None).await.unwrap();
    store.add_session(&session([1; 32], id, NOW), 5).await.unwrap();
    store.add_key(&key(KeyId::new(), world.organization, id, NOW), [2; 32]).await.unwrap();
    let link = NewToken { member: Some(id), ..token([3; 32], TokenKind::SignIn, &world) };
    store.add_token(&link, NOW).await.unwrap();

    let elsewhere = store.remove_member(OrganizationId::new(), id, NOW).await;
    assert_eq!(elsewhere, Ok(MemberChange::Unknown), "nobody removes members of others");
    assert!(store.find_session([1; 32], NOW).await.unwrap().is_some());
    assert_eq!(store.remove_member(world.organization, id, NOW).await, Ok(MemberChange::Done));
    assert_eq!(store.remove_member(world.organization, id, NOW).await, Ok(MemberChange::Unknown));
    assert_eq!(store.set_role(world.organization, id, Role::Lead).await, Ok(MemberChange::Unknown));

    assert!(store.credentials("eva@acme.test").await.unwrap().is_none());
    assert!(store.find_session([1; 32], NOW).await.unwrap().is_none());
    assert!(store.find_key([2; 32]).await.unwrap().is_none());
    assert_eq!(store.token_member([3; 32], TokenKind::SignIn, NOW).await, Ok(None));
    assert_eq!(store.member(id).await, Ok(Some(Member { disabled: true, ..eva.member })));
    assert_eq!(store.member_names(world.organization).await.unwrap()[&id], "eva");
}

pub(super) async fn a_removed_member_comes_back_under_the_old_id(world: World) {
    let store = &world.store;
    let eva = credentials(world.organization, "eva@acme.test", Role::Reviewer);
    let id = store.add_member(&eva, None).await.unwrap();
    let twice = store.add_member(&credentials(world.organization, "eva@acme.test", Role::Lead), None).await;
    assert_eq!(twice, Err(StoreError::Conflict { what: "a member with that e-mail" }));
    store.remove_member(world.organization, id, NOW).await.unwrap();

    let mut back = credentials(world.organization, "eva@acme.test", Role::Lead);
    (back.member.name, back.password_hash) = ("Eva again".into(), None);
    let invitation = NewToken { member: None, ..token([1; 32], TokenKind::Invitation, &world) };
    assert_eq!(store.add_member(&back, Some(&invitation)).await, Ok(id));
    let stored = store.credentials("eva@acme.test").await.unwrap().unwrap();
    let expected = Member { name: "Eva again".into(), role: Role::Lead, ..eva.member };
    assert_eq!((stored.member, stored.password_hash), (expected, None));
    assert_eq!(store.token_member([1; 32], TokenKind::Invitation, NOW).await.unwrap().unwrap().id, id);
    assert_eq!(store.members(world.organization).await.unwrap().len(), 2);
}

pub(super) async fn an_organization_keeps_an_owner(world: World) {
    let store = &world.store;
    let (organization, owner) = (world.organization, world.owner);
    assert_eq!(store.set_role(organization, owner, Role::Lead).await, Ok(MemberChange::LastOwner));
    assert_eq!(store.remove_member(organization, owner, NOW).await, Ok(MemberChange::LastOwner));
    assert_eq!(store.set_role(organization, owner, Role::Owner).await, Ok(MemberChange::Done));
    let second = store.add_member(&credentials(organization, "bea@acme.test", Role::Viewer), None).await.unwrap();
    assert_eq!(store.set_role(organization, second, Role::Owner).await, Ok(MemberChange::Done));
    assert_eq!(store.set_role(organization, owner, Role::Reviewer).await, Ok(MemberChange::Done));
    assert_eq!(store.member(owner).await.unwrap().unwrap().role, Role::Reviewer);
    assert_eq!(store.remove_member(organization, second, NOW).await, Ok(MemberChange::LastOwner));
}
