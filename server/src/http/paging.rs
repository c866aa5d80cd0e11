//! Paging of Braintrust's lists: `limit`, `starting_after`, `ending_before`, newest first, until a page is empty.

use concord_shared::problem::ProblemCode;
use serde_json::{Value, json};
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

/// `{"objects": […]}`.
pub fn objects<T>(items: &[T], describe: impl Fn(&T) -> Value) -> Value {
    json!({"objects": items.iter().map(describe).collect::<Vec<_>>()})
}
