//! Signing in and out.

use std::net::{IpAddr, SocketAddr};
use std::sync::PoisonError;

use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use concord_shared::ids::{MemberId, OrganizationId, SessionId};
use concord_shared::problem::ProblemCode;
use concord_shared::role::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::{COOKIE, Caller, SESSION_IDLE, cookie, origin};
use super::body::JsonBody;
use super::error::ApiError;
use crate::app::App;
use crate::domain::access::Revocation;
use crate::domain::account::keys::Session;
use crate::domain::account::secret::Secret;
use crate::domain::account::{Member, TokenKind, check};
use crate::random;

/// Most browsers of one member; the oldest is signed out by the next.
const SESSIONS: u32 = 20;

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, sign_in, sign_out))
}

/// Proof that a request comes from our own pages or from no browser, for calls that set a cookie without having one.
pub struct OwnPage;

impl FromRequestParts<App> for OwnPage {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        origin::check(parts, &app.public_url).map(|()| Self)
    }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = SignIn)]
struct SignIn {
    email: Option<String>,
    password: Option<String>,
    token: Option<String>,
}

/// Signs in with e-mail and password, or by a link; sets the cookie.
#[utoipa::path(post, path = "/api/session", tag = "session", security(()), request_body = SignIn, responses((status = 200, body = Answer)))]
async fn sign_in(
    State(app): State<App>,
    _: OwnPage,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    JsonBody(body): JsonBody<SignIn>,
) -> Result<Response, ApiError> {
    let member = match body {
        SignIn { token: Some(token), .. } => by_link(&app, token).await?,
        SignIn { email: Some(email), password: Some(password), .. } => {
            by_password(&app, &email, password, address.ip()).await?
        }
        _ => return Err(ApiError::invalid("send {\"email\", \"password\"}, or {\"token\"} of a sign-in link")),
    };
    begin(&app, &member).await
}

async fn by_link(app: &App, token: String) -> Result<Member, ApiError> {
    let member = app.store.token_member(Secret::given(token).digest(), TokenKind::SignIn, app.clock.now()).await?;
    member
        .ok_or_else(|| ApiError::new(ProblemCode::InvalidCredentials, "this sign-in link is not known or has expired"))
}

async fn by_password(app: &App, email: &str, password: String, address: IpAddr) -> Result<Member, ApiError> {
    let wrong = || ApiError::new(ProblemCode::InvalidCredentials, "no member has this e-mail and password");
    // What is no address belongs to nobody.
    let email = check::email(email).map_err(|_| wrong())?;
    let started = app.throttle.lock().unwrap_or_else(PoisonError::into_inner).begin(app.clock.now(), &email, address);
    started.map_err(|wait| ApiError::TooMany {
        wait,
        detail: format!("five sign-ins failed for {email}; wait {} seconds", wait.as_secs() + 1),
    })?;
    let credentials = app.store.credentials(&email).await?;
    let hash = credentials.as_ref().and_then(|credentials| credentials.password_hash.clone());
    let matches = app.passwords.verify(password, hash).await?;
    let member = credentials.filter(|_| matches).ok_or_else(wrong)?.member;
    app.throttle.lock().unwrap_or_else(PoisonError::into_inner).succeeded(&email, address);
    Ok(member)
}

/// Signs a member in: stores a session, sets its cookie, answers as `GET /api/session`.
pub async fn begin(app: &App, member: &Member) -> Result<Response, ApiError> {
    let (secret, now) = (Secret::new("", random::bytes()), app.clock.now());
    let session = Session {
        id: SessionId::new(),
        digest: secret.digest(),
        member: member.id,
        created: now,
        seen: now,
        expires: now + SESSION_IDLE,
    };
    app.store.add_session(&session, SESSIONS).await?;
    let body = describe(app, member, member.role).await?;
    Ok((set_cookie(app, secret.reveal(), SESSION_IDLE.as_secs()), Json(body)).into_response())
}

/// Also renews the cookie, so that it lives as long as the session that its use prolongs.
#[utoipa::path(get, path = "/api/session", tag = "session", responses((status = 200, body = Answer)))]
async fn show(State(app): State<App>, caller: Caller, headers: HeaderMap) -> Result<Response, ApiError> {
    let Some(member) = caller.0.member else {
        return Err(ApiError::new(ProblemCode::Forbidden, "a feedback key is nobody's session"));
    };
    let member = app.store.member(member).await?;
    let member = member.ok_or_else(|| ApiError::new(ProblemCode::Unauthenticated, "sign in again"))?;
    let body = Json(describe(&app, &member, caller.0.role).await?);
    Ok(match cookie(&headers).filter(|_| caller.0.session.is_some()) {
        Some(secret) => (set_cookie(&app, secret, SESSION_IDLE.as_secs()), body).into_response(),
        None => body.into_response(),
    })
}

/// Answers the same whether or not somebody was signed in.
#[utoipa::path(delete, path = "/api/session", tag = "session", security(()), responses((status = 204)))]
async fn sign_out(State(app): State<App>, _: OwnPage, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(secret) = cookie(&headers)
        && let Some(session) = app.access.by_cookie(secret).await?.and_then(|principal| principal.session)
    {
        app.store.remove_session(session).await?;
        app.access.revoke(Revocation::Session(session));
    }
    Ok((set_cookie(&app, "", 0), StatusCode::NO_CONTENT).into_response())
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct Answer {
    user: User,
    organization: Named,
    role: Role,
    /// Origin under which clients reach this server.
    public_url: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SessionUser)]
struct User {
    id: MemberId,
    email: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SessionOrganization)]
struct Named {
    id: OrganizationId,
    name: String,
}

async fn describe(app: &App, member: &Member, role: Role) -> Result<Answer, ApiError> {
    let organization = app.store.organization(member.organization).await?;
    let organization = organization.ok_or_else(|| ApiError::Internal("a member without organization".to_owned()))?;
    Ok(Answer {
        user: User { id: member.id, email: member.email.clone(), name: member.name.clone() },
        organization: Named { id: organization.id, name: organization.name },
        role,
        public_url: app.public_url.to_string(),
    })
}

fn set_cookie(app: &App, secret: &str, seconds: u64) -> HeaderMap {
    let secure = if app.public_url.starts_with("https://") { "; Secure" } else { "" };
    let text = format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    let mut headers = HeaderMap::new();
    // Our secrets are base64url; what a client sent as a cookie was a header value before.
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(header::SET_COOKIE, value);
    }
    headers
}
