//! Organizations and links. Changes to members are in the module beside this one.

use async_trait::async_trait;
use concord_shared::ids::{MemberId, OrganizationId};
use concord_shared::moment::Moment;
use concord_shared::role::Role;

use super::{Data, MemoryStore};
use crate::domain::account::keys::ApiKey;
use crate::domain::account::secret::Digest;
use crate::domain::account::{AccountStore, Credentials, Member, MemberChange, NewToken, Organization, TokenKind};
use crate::domain::store::StoreError;

#[async_trait]
impl AccountStore for MemoryStore {
    async fn has_organization(&self) -> Result<bool, StoreError> {
        Ok(!self.data().organizations.is_empty())
    }

    async fn create_organization(
        &self,
        organization: &Organization,
        owner: &Credentials,
        key: Option<(&ApiKey, Digest)>,
    ) -> Result<(), StoreError> {
        let mut data = self.data();
        data.may_add_organization(organization, owner)?;
        if let Some((key, digest)) = key {
            data.add_key(key, digest)?;
        }
        data.add_organization(organization, owner);
        Ok(())
    }

    async fn set_up(
        &self,
        token: Digest,
        organization: &Organization,
        owner: &Credentials,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut data = self.data();
        let works = data.tokens.get(&token).is_some_and(|token| token.kind == TokenKind::SetUp && token.expires > now);
        if !works || !data.organizations.is_empty() {
            return Ok(false);
        }
        data.may_add_organization(organization, owner)?;
        data.tokens.retain(|_, token| token.kind != TokenKind::SetUp);
        data.add_organization(organization, owner);
        Ok(true)
    }

    async fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        Ok(self.data().organizations.get(&id).cloned())
    }

    async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        let mut all: Vec<Organization> = self.data().organizations.values().cloned().collect();
        all.sort_by_key(|organization| (organization.created, organization.id));
        Ok(all)
    }

    async fn rename_organization(&self, id: OrganizationId, name: &str) -> Result<(), StoreError> {
        let mut data = self.data();
        if data.organizations.values().any(|known| known.id != id && known.name == name) {
            return Err(StoreError::Conflict { what: "an organization of that name" });
        }
        if let Some(known) = data.organizations.get_mut(&id) {
            name.clone_into(&mut known.name);
        }
        Ok(())
    }

    async fn member(&self, id: MemberId) -> Result<Option<Member>, StoreError> {
        Ok(self.data().members.get(&id).map(|stored| stored.credentials.member.clone()))
    }

    async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        Ok(self.data().active(email).cloned())
    }

    async fn members(&self, organization: OrganizationId) -> Result<Vec<Member>, StoreError> {
        let data = self.data();
        let all = data.members.values().map(|stored| &stored.credentials.member);
        let mut members: Vec<Member> = all.filter(|member| member.organization == organization).cloned().collect();
        members.sort_by_key(|member| (member.created, member.id));
        Ok(members)
    }

    async fn add_member(&self, member: &Credentials, invitation: Option<&NewToken>) -> Result<MemberId, StoreError> {
        let mut data = self.data();
        let id = data.add_or_revive(member)?;
        if let Some(token) = invitation {
            data.tokens.insert(token.digest, NewToken { member: Some(id), ..token.clone() });
        }
        Ok(id)
    }

    async fn set_role(
        &self,
        organization: OrganizationId,
        member: MemberId,
        role: Role,
    ) -> Result<MemberChange, StoreError> {
        Ok(self.data().set_role(organization, member, role))
    }

    async fn remove_member(
        &self,
        organization: OrganizationId,
        member: MemberId,
        now: Moment,
    ) -> Result<MemberChange, StoreError> {
        Ok(self.data().remove_member(organization, member, now))
    }

    async fn add_token(&self, token: &NewToken, now: Moment) -> Result<(), StoreError> {
        let mut data = self.data();
        data.tokens.retain(|_, token| token.expires > now);
        data.tokens.insert(token.digest, token.clone());
        Ok(())
    }

    async fn token_member(&self, token: Digest, kind: TokenKind, now: Moment) -> Result<Option<Member>, StoreError> {
        Ok(self.data().token_member(&token, kind, now))
    }

    async fn accept_invitation(
        &self,
        token: Digest,
        password_hash: &str,
        now: Moment,
    ) -> Result<Option<Member>, StoreError> {
        let mut data = self.data();
        let Some(member) = data.token_member(&token, TokenKind::Invitation, now) else { return Ok(None) };
        if let Some(stored) = data.members.get_mut(&member.id) {
            stored.credentials.password_hash = Some(password_hash.to_owned());
        }
        data.sessions.retain(|_, session| session.member != member.id);
        data.tokens.retain(|_, token| token.kind != TokenKind::Invitation || token.member != Some(member.id));
        Ok(Some(member))
    }
}

impl Data {
    fn may_add_organization(&self, organization: &Organization, owner: &Credentials) -> Result<(), StoreError> {
        if self.organizations.values().any(|known| known.name == organization.name) {
            return Err(StoreError::Conflict { what: "an organization of that name" });
        }
        self.may_take(&owner.member.email)
    }

    fn add_organization(&mut self, organization: &Organization, owner: &Credentials) {
        self.organizations.insert(organization.id, organization.clone());
        self.insert_member(owner);
    }

    fn token_member(&self, token: &Digest, kind: TokenKind, now: Moment) -> Option<Member> {
        let token = self.tokens.get(token).filter(|token| token.kind == kind && token.expires > now)?;
        let member = &self.members.get(&token.member?)?.credentials.member;
        (!member.disabled).then(|| member.clone())
    }
}
