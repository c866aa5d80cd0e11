//! Everything an HTTP handler can answer besides success.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use concord_shared::ids::InvalidId;
use concord_shared::problem::{Problem, ProblemCode};
use concord_shared::score::config::InvalidConfig;
use serde_json::Value;

use super::frame::request_id;
use crate::domain::access::Denied;
use crate::domain::room::WriteFailure;
use crate::domain::store::StoreError;

/// A refusal or a failure.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The access table says no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The caller's fault, explained.
    #[error("{detail}")]
    Refused {
        /// Decides status and title.
        code: ProblemCode,
        /// What was wrong and what would be right.
        detail: String,
        /// Where in the input, if there is a place.
        position: Option<Value>,
    },
    /// Too often.
    #[error("{detail}")]
    TooMany {
        /// When to come back.
        wait: Duration,
        /// What was too often.
        detail: String,
    },
    /// The database refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A fault of ours. The text goes to the log only.
    #[error("{0}")]
    Internal(String),
}

impl ApiError {
    /// A refusal with an explanation.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::Refused { code, detail: detail.into(), position: None }
    }

    /// 422: readable, but a value is not allowed.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::InvalidValue, detail)
    }

    /// 404: nothing of that id in the caller's organization. The same whether it exists elsewhere or nowhere.
    pub fn not_found(what: &str, id: impl std::fmt::Display) -> Self {
        Self::new(ProblemCode::NotFound, format!("there is no {what} {id}"))
    }

    /// The one table from failure to public code.
    fn code(&self) -> ProblemCode {
        match self {
            Self::Denied(_) => ProblemCode::Forbidden,
            Self::Refused { code, .. } => *code,
            Self::TooMany { .. } => ProblemCode::TooManyAttempts,
            Self::Store(
                StoreError::Conflict { .. }
                | StoreError::Stale(_)
                | StoreError::ReplicaTaken { .. }
                | StoreError::Repeated { .. },
            ) => ProblemCode::Conflict,
            Self::Store(StoreError::Unavailable(_) | StoreError::Uncertain(_) | StoreError::Corrupt { .. }) => {
                ProblemCode::Unavailable
            }
            Self::Internal(_) => ProblemCode::Internal,
        }
    }

    /// The object that goes over the wire, here and on sockets. A fault of the server is logged, once, and not explained.
    pub fn to_problem(&self) -> Problem {
        let code = self.code();
        let instance = request_id();
        let mut problem = if code.status() >= 500 && code != ProblemCode::NotSupported {
            tracing::error!(request = instance.as_deref(), "{self}");
            Problem::bare(code)
        } else {
            Problem::new(code, self.to_string())
        };
        if let Self::Refused { position, .. } = self {
            problem.position.clone_from(position);
        }
        problem.instance = instance;
        problem
    }
}

impl From<WriteFailure> for ApiError {
    fn from(failure: WriteFailure) -> Self {
        match failure {
            WriteFailure::Invalid(detail) => Self::invalid(detail),
            WriteFailure::Busy => Self::Store(StoreError::Unavailable(failure.to_string())),
            WriteFailure::Store(error) => Self::Store(error),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> axum::response::Response {
        let problem = self.to_problem();
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self {
            // Rounded up: a client that comes back on the second must not be early.
            Self::TooMany { wait, .. } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
            }
            Self::Store(StoreError::Unavailable(_)) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::Refused { code: ProblemCode::Unauthenticated, .. } => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

impl From<InvalidConfig> for ApiError {
    fn from(error: InvalidConfig) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<InvalidId> for ApiError {
    fn from(error: InvalidId) -> Self {
        Self::new(ProblemCode::Malformed, error.to_string())
    }
}
