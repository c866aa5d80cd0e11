//! What callers carry: sessions of browsers, API keys, feedback keys.

use async_trait::async_trait;
use concord_shared::ids::{KeyId, MemberId, OrganizationId, ProjectId, SessionId};
use concord_shared::moment::Moment;

use super::secret::Digest;
use crate::domain::access::Principal;
use crate::domain::store::StoreError;

/// A browser's sign-in.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its public identity.
    pub id: SessionId,
    /// Digest of the secret in the cookie.
    pub digest: Digest,
    /// Who signed in.
    pub member: MemberId,
    /// When.
    pub created: Moment,
    /// When it was last used, give or take an hour.
    pub seen: Moment,
    /// When it ends unless it is used.
    pub expires: Moment,
}

/// An API key; acts as its member, or as less.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its public identity.
    pub id: KeyId,
    /// Whose data it reaches.
    pub organization: OrganizationId,
    /// As whom it acts.
    pub member: MemberId,
    /// What it is for, in its maker's words.
    pub name: String,
    /// Narrowed to the role `ingest`.
    pub ingest: bool,
    /// Its first characters.
    pub prefix: String,
    /// When it was made.
    pub created: Moment,
    /// When it was last used, give or take five minutes.
    pub last_used: Option<Moment>,
}

/// A publishable key for end users' feedback.
#[derive(Debug, Clone)]
pub struct FeedbackKey {
    /// Its public identity.
    pub id: KeyId,
    /// Whose data it reaches.
    pub organization: OrganizationId,
    /// The one project it writes to.
    pub project: ProjectId,
    /// Names of the scores it may write.
    pub scores: Vec<String>,
    /// Pages that may use it; empty: any.
    pub origins: Vec<String>,
    /// Its first characters.
    pub prefix: String,
    /// Who made it.
    pub created_by: MemberId,
    /// When.
    pub created: Moment,
}

/// A secret that was found, with what the caller needs to keep it fresh.
#[derive(Debug, Clone)]
pub struct Found {
    /// Who comes with it.
    pub principal: Principal,
    /// When its use was last recorded.
    pub seen: Option<Moment>,
    /// When a session ends; keys do not.
    pub expires: Option<Moment>,
    /// When a session began; the epoch for keys.
    pub created: Moment,
}

/// Sessions and keys, as a database keeps them. Lookups by digest find nothing of a disabled member.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// Stores a session; keeps the member's newest `most` and forgets expired ones.
    async fn add_session(&self, session: &Session, most: u32) -> Result<(), StoreError>;

    /// Who comes with a cookie.
    async fn find_session(&self, digest: Digest, now: Moment) -> Result<Option<Found>, StoreError>;

    /// Records a use.
    async fn touch_session(&self, id: SessionId, seen: Moment, expires: Moment) -> Result<(), StoreError>;

    /// Signs out.
    async fn remove_session(&self, id: SessionId) -> Result<(), StoreError>;

    /// Stores a key.
    async fn add_key(&self, key: &ApiKey, digest: Digest) -> Result<(), StoreError>;

    /// All keys of an organization, oldest first.
    async fn keys(&self, organization: OrganizationId) -> Result<Vec<ApiKey>, StoreError>;

    /// One key.
    async fn key(&self, organization: OrganizationId, id: KeyId) -> Result<Option<ApiKey>, StoreError>;

    /// Deletes a key; `false` if there was none.
    async fn remove_key(&self, organization: OrganizationId, id: KeyId) -> Result<bool, StoreError>;

    /// Who comes with an API key or a feedback key. A key narrowed to ingest of a member who may not write rows finds
    /// nobody.
    async fn find_key(&self, digest: Digest) -> Result<Option<Found>, StoreError>;

    /// Records a use of an API key.
    async fn touch_key(&self, id: KeyId, used: Moment) -> Result<(), StoreError>;

    /// Stores a feedback key.
    async fn add_feedback_key(&self, key: &FeedbackKey, digest: Digest) -> Result<(), StoreError>;

    /// All feedback keys of an organization, oldest first.
    async fn feedback_keys(&self, organization: OrganizationId) -> Result<Vec<FeedbackKey>, StoreError>;

    /// Deletes a feedback key; `false` if there was none.
    async fn remove_feedback_key(&self, organization: OrganizationId, id: KeyId) -> Result<bool, StoreError>;
}
