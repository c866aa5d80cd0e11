//! Making organizations, members and keys: what the API, the command line and the first start have in common.

use std::time::Duration;

use concord_shared::ids::{KeyId, MemberId, OrganizationId};
use concord_shared::moment::Moment;
use concord_shared::role::Role;

use crate::config::FirstStart;
use crate::domain::account::keys::ApiKey;
use crate::domain::account::secret::{Digest, Secret};
use crate::domain::account::{Credentials, Member, NewToken, Organization, TokenKind};
use crate::domain::store::{Store, StoreError};
use crate::passwords::{PasswordError, Passwords};
use crate::random;

/// How long an invitation works.
const INVITATION_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a set-up link works; every start prints another.
const SET_UP_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long a sign-in link works; every start of a demo prints others.
const SIGN_IN_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

/// Why an account could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The database refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

/// Somebody to be added. Texts have passed [`crate::domain::account::check`].
pub struct NewMember {
    /// To whom.
    pub organization: OrganizationId,
    /// Lower case.
    pub email: String,
    /// Shown name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Without one they get an invitation.
    pub password: Option<String>,
}

/// Adds a member; without a password also the secret of an invitation.
pub async fn add_member(
    store: &dyn Store,
    passwords: &Passwords,
    new: NewMember,
    now: Moment,
) -> Result<(Member, Option<Secret>), AccountError> {
    let password_hash = match new.password {
        Some(password) => Some(passwords.hash(password).await?),
        None => None,
    };
    let member = Member {
        id: MemberId::new(),
        organization: new.organization,
        email: new.email,
        name: new.name,
        role: new.role,
        created: now,
        disabled: false,
    };
    let secret = password_hash.is_none().then(|| Secret::new("", random::bytes()));
    let token = secret.as_ref().map(|secret| NewToken {
        digest: secret.digest(),
        kind: TokenKind::Invitation,
        member: Some(member.id),
        expires: now + INVITATION_LIFE,
    });
    let credentials = Credentials { member, password_hash };
    let id = store.add_member(&credentials, token.as_ref()).await?;
    Ok((Member { id, ..credentials.member }, secret))
}

/// Another invitation for a member, to choose a new password.
pub async fn invite(store: &dyn Store, member: MemberId, now: Moment) -> Result<Secret, StoreError> {
    link(store, TokenKind::Invitation, Some(member), now + INVITATION_LIFE, now).await
}

/// A link that signs a member in as often as it is opened. For demos: whoever has it is that member.
pub async fn sign_in_url(
    store: &dyn Store,
    public_url: &str,
    member: MemberId,
    now: Moment,
) -> Result<String, StoreError> {
    let secret = link(store, TokenKind::SignIn, Some(member), now + SIGN_IN_LIFE, now).await?;
    Ok(format!("{public_url}/sign-in?token={}", secret.reveal()))
}

/// The link that makes the first organization.
pub async fn set_up_url(store: &dyn Store, public_url: &str, now: Moment) -> Result<String, StoreError> {
    let secret = link(store, TokenKind::SetUp, None, now + SET_UP_LIFE, now).await?;
    Ok(format!("{public_url}/setup?token={}", secret.reveal()))
}

/// The page on which an invitation is accepted.
pub fn invitation_url(public_url: &str, secret: &Secret) -> String {
    format!("{public_url}/invitation/{}", secret.reveal())
}

async fn link(
    store: &dyn Store,
    kind: TokenKind,
    member: Option<MemberId>,
    expires: Moment,
    now: Moment,
) -> Result<Secret, StoreError> {
    let secret = Secret::new("", random::bytes());
    store.add_token(&NewToken { digest: secret.digest(), kind, member, expires }, now).await?;
    Ok(secret)
}

/// An organization with its owner, as given at the first start or to `concord org add`.
pub async fn add_organization(
    store: &dyn Store,
    passwords: &Passwords,
    first: &FirstStart,
    now: Moment,
) -> Result<Member, AccountError> {
    let password_hash = match &first.password {
        Some(password) => Some(passwords.hash(password.clone()).await?),
        None => None,
    };
    let organization = Organization { id: OrganizationId::new(), name: first.organization.clone(), created: now };
    let member = Member {
        id: MemberId::new(),
        organization: organization.id,
        email: first.email.clone(),
        name: name_from(&first.email),
        role: Role::Owner,
        created: now,
        disabled: false,
    };
    let owner = Credentials { member, password_hash };
    let key =
        first.key.as_ref().map(|secret| (new_key(&owner.member, "first key", false, secret, now), secret.digest()));
    let key: Option<(&ApiKey, Digest)> = key.as_ref().map(|(key, digest)| (key, *digest));
    store.create_organization(&organization, &owner, key).await?;
    Ok(owner.member)
}

/// A key record for a secret; the caller stores it.
pub fn new_key(member: &Member, name: &str, ingest: bool, secret: &Secret, now: Moment) -> ApiKey {
    ApiKey {
        id: KeyId::new(),
        organization: member.organization,
        member: member.id,
        name: name.to_owned(),
        ingest,
        prefix: secret.prefix(),
        created: now,
        last_used: None,
    }
}

/// A fresh API key.
pub fn key_secret() -> Secret {
    Secret::new("sk-", random::bytes())
}

/// `eva.lind@example.com` is probably called Eva Lind.
fn name_from(email: &str) -> String {
    let local = email.split('@').next().unwrap_or(email);
    let words = local.split(['.', '_', '-', '+']).filter(|word| !word.is_empty());
    let words = words.map(|word| {
        let mut characters = word.chars();
        characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
    });
    let name = words.collect::<Vec<_>>().join(" ");
    if name.is_empty() { email.to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_named_after_their_address() {
        assert_eq!(name_from("eva.lind@example.com"), "Eva Lind");
        assert_eq!(name_from("admin@example.com"), "Admin");
        assert_eq!(name_from("-@example.com"), "-@example.com");
    }
}
