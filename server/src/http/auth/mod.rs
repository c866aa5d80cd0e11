//! Who is asking: session cookie, API key or ticket. The only place where secrets are looked at.

mod cache;
pub mod origin;
mod tickets;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use tokio::sync::broadcast;

use super::body::Params;
use super::error::ApiError;
use crate::app::App;
use crate::clock::Clock;
use crate::domain::access::{Principal, Revocation};
use crate::domain::account::keys::Found;
use crate::domain::account::secret::{Digest, Secret};
use crate::domain::store::{Store, StoreError};
use cache::Cache;
use tickets::Tickets;

/// Name of the cookie.
pub const COOKIE: &str = "concord_session";
/// How long a session lasts unused.
pub const SESSION_IDLE: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long it lasts at most, however much it is used.
const SESSION_LIFE: Duration = Duration::from_secs(180 * 24 * 3600);
/// How exactly the use of a session is recorded.
const SESSION_SEEN: Duration = Duration::from_secs(3600);
/// How exactly the use of a key is recorded: a write per five minutes and key.
const KEY_SEEN: Duration = Duration::from_secs(300);
/// Revocations that a socket may lag behind; one that lags further is closed.
const REVOCATIONS: usize = 1024;

/// Looks up who comes with a secret, and tells everybody when that ends.
pub struct Access {
    store: Arc<dyn Store>,
    clock: Clock,
    cache: Cache,
    tickets: Tickets,
    revocations: broadcast::Sender<Revocation>,
}

impl Access {
    /// Knows nobody yet.
    pub fn new(store: Arc<dyn Store>, clock: Clock) -> Self {
        let revocations = broadcast::channel(REVOCATIONS).0;
        Self { store, clock, cache: Cache::default(), tickets: Tickets::default(), revocations }
    }

    /// To be called after a member, key or session was removed or narrowed in the store.
    pub fn revoke(&self, revocation: Revocation) {
        self.cache.revoke(&revocation);
        self.tickets.revoke(&revocation);
        // No open socket is fine.
        let _ = self.revocations.send(revocation);
    }

    /// What is revoked from now on. A socket closes when [`Revocation::ends`] its principal, and when it lags.
    pub fn subscribe(&self) -> broadcast::Receiver<Revocation> {
        self.revocations.subscribe()
    }

    /// A ticket for one socket of this principal.
    pub fn ticket(&self, principal: &Principal, random: [u8; 32]) -> Result<Secret, ApiError> {
        let secret = Secret::new("", random);
        if self.tickets.issue(secret.digest(), principal.clone(), self.clock.now()) {
            return Ok(secret);
        }
        let detail = "too many tickets are waiting to be used".to_owned();
        Err(ApiError::TooMany { wait: Duration::from_secs(30), detail })
    }

    /// Who comes with a session's cookie.
    pub async fn by_cookie(&self, cookie: &str) -> Result<Option<Principal>, StoreError> {
        let (digest, now) = (Secret::given(cookie).digest(), self.clock.now());
        let generation = match self.cache.get(&digest, now) {
            Ok(principal) => return Ok(Some(principal)),
            Err(generation) => generation,
        };
        let Some(found) = self.store.find_session(digest, now).await? else { return Ok(None) };
        self.record_session(&found, now).await;
        Ok(Some(self.keep(digest, found, generation, now)))
    }

    /// Who comes with an API key or feedback key.
    pub async fn by_key(&self, key: &str) -> Result<Option<Principal>, StoreError> {
        let (digest, now) = (Secret::given(key).digest(), self.clock.now());
        let generation = match self.cache.get(&digest, now) {
            Ok(principal) => return Ok(Some(principal)),
            Err(generation) => generation,
        };
        let Some(found) = self.store.find_key(digest).await? else { return Ok(None) };
        self.record_key(&found, now).await;
        Ok(Some(self.keep(digest, found, generation, now)))
    }

    fn keep(&self, digest: Digest, found: Found, generation: u64, now: Moment) -> Principal {
        self.cache.keep(digest, &found.principal, generation, now);
        found.principal
    }

    /// A use that cannot be recorded must not fail the request.
    async fn record_session(&self, found: &Found, now: Moment) {
        let Some(session) =
            found.principal.session.filter(|_| found.seen.is_none_or(|seen| now - seen >= SESSION_SEEN))
        else {
            return;
        };
        let expires = (now + SESSION_IDLE).min(found.created + SESSION_LIFE);
        if let Err(error) = self.store.touch_session(session, now, expires).await {
            tracing::warn!("cannot record the use of a session: {error}");
        }
    }

    async fn record_key(&self, found: &Found, now: Moment) {
        let is_due = found.principal.member.is_some() && found.seen.is_none_or(|seen| now - seen >= KEY_SEEN);
        let Some(key) = found.principal.key.filter(|_| is_due) else { return };
        if let Err(error) = self.store.touch_key(key, now).await {
            tracing::warn!("cannot record the use of a key: {error}");
        }
    }
}

/// Whoever sent the request. Handlers ask [`Principal::permit`] before anything else.
#[derive(Debug)]
pub struct Caller(pub Principal);

impl Caller {
    /// Asks the access table.
    pub fn permit(&self, action: Action) -> Result<&Principal, ApiError> {
        self.0.permit(action)?;
        Ok(&self.0)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    /// A key in the header wins over a ticket, a ticket over a cookie.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let is_upgrade =
            parts.headers.get(header::UPGRADE).is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket"));
        if let Some(key) = bearer(&parts.headers) {
            let principal = app.access.by_key(key).await?;
            let principal = principal.ok_or_else(|| unauthenticated("this API key is not known; was it deleted?"))?;
            check_page(&principal, &parts.headers)?;
            return Ok(Self(principal));
        }
        if is_upgrade && let Some(ticket) = Params::from_request_parts(parts, app).await?.text("ticket") {
            let principal = app.access.tickets.redeem(&Secret::given(ticket).digest(), app.clock.now());
            return principal.map(Self).ok_or_else(|| {
                unauthenticated("this ticket is used up or older than 30 seconds; get another from POST /api/ticket")
            });
        }
        if let Some(cookie) = cookie(&parts.headers) {
            if is_upgrade || !parts.method.is_safe() {
                origin::check(parts, &app.public_url)?;
            }
            let principal = app.access.by_cookie(cookie).await?;
            return principal.map(Self).ok_or_else(|| unauthenticated("the session has ended; sign in again"));
        }
        Err(unauthenticated("sign in, or send an API key as Authorization: Bearer sk-…"))
    }
}

/// The secret of a session in the request's cookies.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// The key of an `Authorization: Bearer` header. Other schemes belong to a proxy in between and are ignored.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = text.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case("Bearer ").then(|| key.trim())
}

/// A feedback key is limited to the pages it was made for.
fn check_page(principal: &Principal, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(limits) = principal.limits.as_ref().filter(|limits| !limits.origins.is_empty()) else { return Ok(()) };
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    if origin.is_some_and(|origin| limits.origins.iter().any(|allowed| allowed == origin)) {
        return Ok(());
    }
    let detail = match origin {
        Some(origin) => {
            format!("this key may not be used by pages of {}", origin.chars().take(100).collect::<String>())
        }
        None => "this key may be used by certain pages only, and the request names none in Origin".to_owned(),
    };
    Err(ApiError::new(ProblemCode::Forbidden, detail))
}

fn unauthenticated(detail: &str) -> ApiError {
    ApiError::new(ProblemCode::Unauthenticated, detail)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use concord_shared::ids::{KeyId, MemberId, OrganizationId};
    use concord_shared::role::Role;

    /// A principal with a key.
    pub(crate) fn principal() -> Principal {
        Principal {
            organization: OrganizationId::new(),
            member: Some(MemberId::new()),
            name: "Eva".to_owned(),
            role: Role::Owner,
            key: Some(KeyId::new()),
            session: None,
            limits: None,
        }
    }

    #[test]
    fn secrets_are_found_in_headers() {
        let mut headers = HeaderMap::new();
        assert_eq!((bearer(&headers), cookie(&headers)), (None, None));
        headers.insert(header::AUTHORIZATION, "bearer  sk-1 ".parse().expect("a header"));
        headers.insert(header::COOKIE, "a=b; concord_session=secret; c=d".parse().expect("a header"));
        assert_eq!((bearer(&headers), cookie(&headers)), (Some("sk-1"), Some("secret")));
        headers.insert(header::AUTHORIZATION, "Basic eDp5".parse().expect("a header"));
        assert_eq!(bearer(&headers), None);
    }
}
