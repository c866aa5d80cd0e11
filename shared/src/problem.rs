//! The one error object on every wire: RFC 9457 `application/problem+json`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What went wrong, in words for machines. Each has one HTTP status and one title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// The body, query or frame could not be read at all.
    Malformed,
    /// Readable, but a value in it is not allowed.
    InvalidValue,
    /// No or unknown credentials.
    Unauthenticated,
    /// Wrong e-mail or password, or a sign-in link that is used up.
    InvalidCredentials,
    /// Signed in, but may not do this.
    Forbidden,
    /// Nothing of that id is visible to the caller.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// Clashes with something that exists.
    Conflict,
    /// Larger than the limit that `detail` names.
    TooLarge,
    /// Too often; `Retry-After` says when to come back.
    TooManyAttempts,
    /// Known, but not offered by this version.
    NotSupported,
    /// The server cannot store or read now; nothing was lost, try again.
    Unavailable,
    /// A fault of the server.
    Internal,
}

impl ProblemCode {
    /// HTTP status, last part of the type URI, title.
    fn parts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Malformed => (400, "malformed", "The request could not be read"),
            Self::InvalidValue => (422, "invalid-value", "A value is not allowed"),
            Self::Unauthenticated => (401, "unauthenticated", "Sign in or send an API key"),
            Self::InvalidCredentials => (401, "invalid-credentials", "E-mail and password do not match"),
            Self::Forbidden => (403, "forbidden", "Not allowed"),
            Self::NotFound => (404, "not-found", "Not found"),
            Self::MethodNotAllowed => (405, "method-not-allowed", "Not a method of this path"),
            Self::Conflict => (409, "conflict", "Already taken"),
            Self::TooLarge => (413, "too-large", "Too large"),
            Self::TooManyAttempts => (429, "too-many-attempts", "Too many attempts"),
            Self::NotSupported => (501, "not-supported", "Not offered by this version"),
            Self::Unavailable => (503, "unavailable", "Storage is not available"),
            Self::Internal => (500, "internal", "The server failed"),
        }
    }

    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        self.parts().0
    }
}

/// RFC 9457 problem details.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every problem of this kind.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What was wrong here, where, and what would be right. Absent for faults of the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Id of the request, as in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Where in the input, when there is a place: `{offset, line, column}` or a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Value>,
}

impl Problem {
    /// A problem with an explanation for the person who caused it.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::bare(code) }
    }

    /// A problem without explanation: faults of the server, whose cause stays in its log.
    pub fn bare(code: ProblemCode) -> Self {
        let (status, kind, title) = code.parts();
        Self {
            kind: format!("/problems/{kind}"),
            title: title.to_owned(),
            status,
            detail: None,
            instance: None,
            position: None,
        }
    }
}
