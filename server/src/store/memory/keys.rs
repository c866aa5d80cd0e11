//! Sessions, API keys, feedback keys.

use async_trait::async_trait;
use concord_shared::ids::{KeyId, OrganizationId, SessionId};
use concord_shared::moment::Moment;
use concord_shared::role::{Action, Role};

use super::{Data, MemoryStore};
use crate::domain::access::{FeedbackLimits, Principal};
use crate::domain::account::Member;
use crate::domain::account::keys::{ApiKey, FeedbackKey, Found, KeyStore, Session};
use crate::domain::account::secret::Digest;
use crate::domain::store::StoreError;

#[async_trait]
impl KeyStore for MemoryStore {
    async fn add_session(&self, session: &Session, most: u32) -> Result<(), StoreError> {
        let mut data = self.data();
        data.sessions.insert(session.digest, session.clone());
        let mut own: Vec<(Moment, SessionId)> = data
            .sessions
            .values()
            .filter(|known| known.member == session.member && known.expires > session.created)
            .map(|known| (known.created, known.id))
            .collect();
        own.sort();
        own.reverse();
        own.truncate(most as usize);
        data.sessions.retain(|_, known| known.member != session.member || own.contains(&(known.created, known.id)));
        Ok(())
    }

    async fn find_session(&self, digest: Digest, now: Moment) -> Result<Option<Found>, StoreError> {
        let data = self.data();
        let session = data.sessions.get(&digest).filter(|session| session.expires > now);
        let found = session.and_then(|session| Some((session, data.comes_in(session.member)?)));
        Ok(found.map(|(session, member)| Found {
            principal: Principal { session: Some(session.id), ..principal(member) },
            seen: Some(session.seen),
            expires: Some(session.expires),
            created: session.created,
        }))
    }

    async fn touch_session(&self, id: SessionId, seen: Moment, expires: Moment) -> Result<(), StoreError> {
        if let Some(session) = self.data().sessions.values_mut().find(|session| session.id == id) {
            (session.seen, session.expires) = (seen, expires);
        }
        Ok(())
    }

    async fn remove_session(&self, id: SessionId) -> Result<(), StoreError> {
        self.data().sessions.retain(|_, session| session.id != id);
        Ok(())
    }

    async fn add_key(&self, key: &ApiKey, digest: Digest) -> Result<(), StoreError> {
        self.data().add_key(key, digest)
    }

    async fn keys(&self, organization: OrganizationId) -> Result<Vec<ApiKey>, StoreError> {
        let data = self.data();
        let mut keys: Vec<ApiKey> =
            data.keys.values().map(|(key, _)| key).filter(|key| key.organization == organization).cloned().collect();
        keys.sort_by_key(|key| (key.created, key.id));
        Ok(keys)
    }

    async fn key(&self, organization: OrganizationId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        let data = self.data();
        Ok(data.keys.get(&id).map(|(key, _)| key).filter(|key| key.organization == organization).cloned())
    }

    async fn remove_key(&self, organization: OrganizationId, id: KeyId) -> Result<bool, StoreError> {
        let mut data = self.data();
        let own = data.keys.get(&id).is_some_and(|(key, _)| key.organization == organization);
        Ok(own && data.keys.remove(&id).is_some())
    }

    async fn find_key(&self, digest: Digest) -> Result<Option<Found>, StoreError> {
        let data = self.data();
        let api = data.keys.values().find(|(_, known)| *known == digest);
        let found = api.and_then(|(key, _)| Some((key, data.comes_in(key.member)?)));
        if let Some((key, member)) = found {
            let role = if key.ingest { Role::Ingest } else { member.role };
            let works = !key.ingest || member.role.may(Action::WriteRows);
            return Ok(works.then(|| Found {
                principal: Principal { role, key: Some(key.id), ..principal(member) },
                seen: key.last_used,
                expires: None,
                created: key.created,
            }));
        }
        let feedback = data.feedback_keys.values().find(|(_, known)| *known == digest).map(|(key, _)| key);
        let stands = |key: &&FeedbackKey| data.projects.get(&key.project).is_some_and(|known| known.deleted.is_none());
        Ok(feedback.filter(stands).map(found_feedback_key))
    }

    async fn touch_key(&self, id: KeyId, used: Moment) -> Result<(), StoreError> {
        if let Some((key, _)) = self.data().keys.get_mut(&id) {
            key.last_used = Some(used);
        }
        Ok(())
    }

    async fn add_feedback_key(&self, key: &FeedbackKey, digest: Digest) -> Result<(), StoreError> {
        self.data().feedback_keys.insert(key.id, (key.clone(), digest));
        Ok(())
    }

    async fn feedback_keys(&self, organization: OrganizationId) -> Result<Vec<FeedbackKey>, StoreError> {
        let data = self.data();
        let all = data.feedback_keys.values().map(|(key, _)| key);
        let mut keys: Vec<FeedbackKey> = all.filter(|key| key.organization == organization).cloned().collect();
        keys.sort_by_key(|key| (key.created, key.id));
        Ok(keys)
    }

    async fn remove_feedback_key(&self, organization: OrganizationId, id: KeyId) -> Result<bool, StoreError> {
        let mut data = self.data();
        let own = data.feedback_keys.get(&id).is_some_and(|(key, _)| key.organization == organization);
        Ok(own && data.feedback_keys.remove(&id).is_some())
    }
}

impl Data {
    pub(super) fn add_key(&mut self, key: &ApiKey, digest: Digest) -> Result<(), StoreError> {
        if self.keys.values().any(|(_, known)| *known == digest) {
            return Err(StoreError::Conflict { what: "a key of that text" });
        }
        self.keys.insert(key.id, (key.clone(), digest));
        Ok(())
    }

    fn comes_in(&self, member: concord_shared::ids::MemberId) -> Option<&Member> {
        self.members.get(&member).map(|stored| &stored.credentials.member).filter(|member| !member.disabled)
    }
}

fn principal(member: &Member) -> Principal {
    Principal {
        organization: member.organization,
        member: Some(member.id),
        name: member.name.clone(),
        role: member.role,
        key: None,
        session: None,
        limits: None,
    }
}

fn found_feedback_key(key: &FeedbackKey) -> Found {
    let limits = FeedbackLimits { project: key.project, scores: key.scores.clone(), origins: key.origins.clone() };
    Found {
        principal: Principal {
            organization: key.organization,
            member: None,
            name: key.prefix.clone(),
            role: Role::Feedback,
            key: Some(key.id),
            session: None,
            limits: Some(limits),
        },
        seen: None,
        expires: None,
        created: key.created,
    }
}
