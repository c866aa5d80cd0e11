//! Organizations and their members. What members carry to be recognised is in [`keys`].

pub mod check;
pub mod keys;
pub mod pace;
pub mod secret;
pub mod throttle;

use async_trait::async_trait;
use concord_shared::ids::{MemberId, OrganizationId};
use concord_shared::moment::Moment;
use concord_shared::role::Role;

use super::store::StoreError;
use keys::ApiKey;
use secret::Digest;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Unique; what clients call `org_name`.
    pub name: String,
    /// When it was made.
    pub created: Moment,
}

/// A person of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Also the key of this person in review documents.
    pub id: MemberId,
    /// Whose member.
    pub organization: OrganizationId,
    /// Lower case; unique among members that are not disabled.
    pub email: String,
    /// Shown name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When they were added.
    pub created: Moment,
    /// Removed: may not come in, but keeps their name on what they judged.
    pub disabled: bool,
}

/// A member with the argon2id hash of their password; without one they can only come in by a link.
#[derive(Clone)]
pub struct Credentials {
    /// Who.
    pub member: Member,
    /// In PHC form.
    pub password_hash: Option<String>,
}

/// What a link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Makes the first organization; used once.
    SetUp,
    /// Lets a member choose a password; used once.
    Invitation,
    /// Signs a member in; works until it expires.
    SignIn,
}

impl TokenKind {
    /// The word in SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SetUp => "set-up",
            Self::Invitation => "invitation",
            Self::SignIn => "sign-in",
        }
    }
}

/// A link about to be stored.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Digest of the secret in the link.
    pub digest: Digest,
    /// What it does.
    pub kind: TokenKind,
    /// For whom; nobody for set-up.
    pub member: Option<MemberId>,
    /// When it stops working.
    pub expires: Moment,
}

/// What became of a change to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberChange {
    /// It was made.
    Done,
    /// The organization has no such member, or it was removed.
    Unknown,
    /// It would leave the organization without an owner.
    LastOwner,
}

/// Accounts, as a database keeps them. Links of disabled members do not work.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Whether the first start is over. Also answers whether the database can be read at all.
    async fn has_organization(&self) -> Result<bool, StoreError>;

    /// Makes an organization with its owner and, if given, the owner's first key; all or nothing.
    async fn create_organization(
        &self,
        organization: &Organization,
        owner: &Credentials,
        key: Option<(&ApiKey, Digest)>,
    ) -> Result<(), StoreError>;

    /// The same by a set-up link; `false` if the link is used up or an organization exists. Ends all set-up links.
    async fn set_up(
        &self,
        token: Digest,
        organization: &Organization,
        owner: &Credentials,
        now: Moment,
    ) -> Result<bool, StoreError>;

    /// An organization by id.
    async fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, StoreError>;

    /// All, oldest first.
    async fn organizations(&self) -> Result<Vec<Organization>, StoreError>;

    /// Gives an organization another name.
    async fn rename_organization(&self, id: OrganizationId, name: &str) -> Result<(), StoreError>;

    /// A member by id, disabled ones included.
    async fn member(&self, id: MemberId) -> Result<Option<Member>, StoreError>;

    /// An active member by lower-case e-mail.
    async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError>;

    /// All members, disabled ones included, oldest first.
    async fn members(&self, organization: OrganizationId) -> Result<Vec<Member>, StoreError>;

    /// Adds a member with their invitation, if any. A removed one of the same e-mail comes back under the old id, which is
    /// returned.
    async fn add_member(&self, member: &Credentials, invitation: Option<&NewToken>) -> Result<MemberId, StoreError>;

    /// Changes an active member's role.
    async fn set_role(
        &self,
        organization: OrganizationId,
        member: MemberId,
        role: Role,
    ) -> Result<MemberChange, StoreError>;

    /// Disables a member and deletes their sessions, keys and links.
    async fn remove_member(
        &self,
        organization: OrganizationId,
        member: MemberId,
        now: Moment,
    ) -> Result<MemberChange, StoreError>;

    /// Stores a link and forgets expired ones.
    async fn add_token(&self, token: &NewToken, now: Moment) -> Result<(), StoreError>;

    /// The member of a link that works, or `None`.
    async fn token_member(&self, token: Digest, kind: TokenKind, now: Moment) -> Result<Option<Member>, StoreError>;

    /// Uses up an invitation: sets the password, ends the member's sessions and other invitations.
    async fn accept_invitation(
        &self,
        token: Digest,
        password_hash: &str,
        now: Moment,
    ) -> Result<Option<Member>, StoreError>;
}
