//! Members: added, changed, removed, back again.

use concord_shared::ids::{MemberId, OrganizationId};
use concord_shared::moment::Moment;
use concord_shared::role::Role;

use super::{Data, StoredMember};
use crate::domain::account::{Credentials, Member, MemberChange};
use crate::domain::store::StoreError;

impl Data {
    /// The active member of an e-mail.
    pub(super) fn active(&self, email: &str) -> Option<&Credentials> {
        let mut all = self.members.values().map(|stored| &stored.credentials);
        all.find(|known| known.member.email == email && !known.member.disabled)
    }

    pub(super) fn may_take(&self, email: &str) -> Result<(), StoreError> {
        match self.active(email) {
            Some(_) => Err(StoreError::Conflict { what: "a member with that e-mail" }),
            None => Ok(()),
        }
    }

    pub(super) fn insert_member(&mut self, member: &Credentials) {
        self.members.insert(member.member.id, StoredMember { credentials: member.clone(), disabled_at: None });
    }

    pub(super) fn add_or_revive(&mut self, new: &Credentials) -> Result<MemberId, StoreError> {
        self.may_take(&new.member.email)?;
        let removed = self.members.values_mut().filter(|stored| {
            let member = &stored.credentials.member;
            (member.organization, &member.email) == (new.member.organization, &new.member.email)
        });
        let Some(stored) = removed.max_by_key(|stored| stored.disabled_at) else {
            self.insert_member(new);
            return Ok(new.member.id);
        };
        let Credentials { member, password_hash } = &mut stored.credentials;
        *member = Member { name: new.member.name.clone(), role: new.member.role, disabled: false, ..member.clone() };
        password_hash.clone_from(&new.password_hash);
        stored.disabled_at = None;
        Ok(member.id)
    }

    pub(super) fn set_role(&mut self, organization: OrganizationId, member: MemberId, role: Role) -> MemberChange {
        let change = self.may_change(organization, member, role == Role::Owner);
        if let (MemberChange::Done, Some(stored)) = (change, self.members.get_mut(&member)) {
            stored.credentials.member.role = role;
        }
        change
    }

    pub(super) fn remove_member(&mut self, organization: OrganizationId, id: MemberId, now: Moment) -> MemberChange {
        let change = self.may_change(organization, id, false);
        if let (MemberChange::Done, Some(stored)) = (change, self.members.get_mut(&id)) {
            stored.credentials.member.disabled = true;
            stored.credentials.password_hash = None;
            stored.disabled_at = Some(now);
            self.sessions.retain(|_, session| session.member != id);
            self.keys.retain(|_, (key, _)| key.member != id);
            self.tokens.retain(|_, token| token.member != Some(id));
        }
        change
    }

    fn may_change(&self, organization: OrganizationId, id: MemberId, stays_owner: bool) -> MemberChange {
        let all = self.members.values().map(|stored| &stored.credentials.member);
        let active: Vec<&Member> =
            all.filter(|member| member.organization == organization && !member.disabled).collect();
        let Some(member) = active.iter().find(|member| member.id == id) else { return MemberChange::Unknown };
        let owners = active.iter().filter(|member| member.role == Role::Owner).count();
        if member.role == Role::Owner && owners == 1 && !stays_owner {
            MemberChange::LastOwner
        } else {
            MemberChange::Done
        }
    }
}
