//! Paging of Braintrust's lists: `limit`, `starting_after`, `ending_before`, newest first, until a page is empty.

use axum::Json;
use concord_shared::problem::ProblemCode;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::Params;
use super::error::ApiError;
use crate::domain::project::Page;

/// Most items of one page, and how many come when no limit is given.
const LIMIT: u32 = 1000;

/// Reads the page's part of a query.
pub fn page(params: &Params) -> Result<Page, ApiError> {
    let page = Page {
        ids: params.values("ids")?,
        after: params.value("starting_after")?,
        before: params.value("ending_before")?,
        limit: params.value("limit")?.unwrap_or(LIMIT).min(LIMIT),
    };
    if page.after.is_some() && page.before.is_some() {
        return Err(ApiError::new(ProblemCode::Malformed, "send starting_after or ending_before, not both"));
    }
    Ok(page)
}

/// A client that pages from an item that is not there would start anew and never end.
pub fn unknown_cursor(what: &str, id: Uuid) -> ApiError {
    let detail = format!("starting_after or ending_before names no {what}: {id}");
    ApiError::new(ProblemCode::Malformed, detail)
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Objects<T> {
    /// Newest first; an empty page is the last.
    pub objects: Vec<T>,
}

/// A page of a list as it is sent.
pub fn objects<T, A>(items: &[T], describe: impl Fn(&T) -> A) -> Json<Objects<A>> {
    Json(Objects { objects: items.iter().map(describe).collect() })
}

/// What [`page`] reads, for the description of the API.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
pub struct Paging {
    /// Only these; may be repeated.
    ids: Option<Vec<Uuid>>,
    /// At most this many; 1000 if absent or more.
    limit: Option<u32>,
    /// Items after this one.
    starting_after: Option<Uuid>,
    /// Items before this one, the nearest ones.
    ending_before: Option<Uuid>,
}
