//! One thing done to many reviews: flag, assign, complete, tag.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use concord_shared::ids::{MemberId, ObjectRef};
use concord_shared::problem::ProblemCode;
use concord_shared::review::edit::Edit;
use concord_shared::review::state::ReviewStatus;
use concord_shared::role::Action;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::JsonBody;
use super::error::ApiError;
use super::find::{page, read_filter};
use super::object::visible;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::store::Source;
use crate::query::btql::Plan;
use crate::sync::edits::ReviewRequest;

/// Rows of one request: some seconds of work. A filter that matches more is refused before anything is done.
const ROWS: usize = 10_000;

/// Reviews that are written at a time; their commits share transactions.
const AT_ONCE: usize = 32;

/// Members and tags of one request.
const NAMES: usize = 50;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(bulk))
}

/// What to do to which rows: those of `row_ids`, or those that `filter` matches.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = BulkReview)]
struct Body {
    #[serde(flatten)]
    object: ObjectRef,
    #[serde(default)]
    row_ids: Option<Vec<String>>,
    #[serde(default)]
    filter: Option<String>,
    #[serde(default)]
    status: Option<ReviewStatus>,
    #[serde(default)]
    assign: Vec<MemberId>,
    #[serde(default)]
    unassign: Vec<MemberId>,
    #[serde(default)]
    tags: Tags,
}

/// Tags to add and to take away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = BulkTags)]
#[serde(default)]
struct Tags {
    add: Vec<String>,
    remove: Vec<String>,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkAnswer)]
struct Answer {
    /// Reviews that are different now; a repeat changes none.
    changed: usize,
    /// Rows that were meant.
    rows: usize,
}

/// Flags, assigns, completes or tags many rows. What was done when something fails stays, and a repeat does the rest.
#[utoipa::path(post, path = "/api/review/bulk", tag = "reviews", request_body = Body, responses((status = 200, body = Answer)))]
async fn bulk(
    State(app): State<App>,
    Caller(principal): Caller,
    JsonBody(body): JsonBody<Body>,
) -> Result<Json<Answer>, ApiError> {
    principal.permit(Action::Review)?;
    let project = visible(&app, &principal, body.object).await?;
    let reviewer = principal
        .reviewer()
        .ok_or_else(|| ApiError::new(ProblemCode::Forbidden, "only members review; this key belongs to none"))?;
    let edits = edits(&app, &principal, &body).await?;
    let rows = rows(&app, &principal, &body).await?;
    let request = |row_id: String| ReviewRequest {
        organization: principal.organization,
        project,
        object: body.object,
        row_id,
        document: None,
        on_behalf_of: Some(reviewer.clone()),
        source: if principal.key.is_some() { Source::Api } else { Source::App },
        metadata: None,
        feedback_id: None,
        logged_expected: Value::Null,
        edits: edits.clone(),
    };
    let count = rows.len();
    let changed = stream::iter(rows.into_iter().map(|row| app.hub.edit_review(request(row))))
        .buffer_unordered(AT_ONCE)
        .try_fold(0, async |sum, changed| Ok(sum + usize::from(changed)))
        .await?;
    Ok(Json(Answer { changed, rows: count }))
}

async fn edits(app: &App, principal: &Principal, body: &Body) -> Result<Vec<Edit>, ApiError> {
    let (assign, unassign) = (&body.assign, &body.unassign);
    let names = [assign.len(), unassign.len(), body.tags.add.len(), body.tags.remove.len()];
    if names.into_iter().any(|count| count > NAMES) {
        return Err(ApiError::new(ProblemCode::TooLarge, format!("at most {NAMES} members and {NAMES} tags at once")));
    }
    let members: BTreeSet<MemberId> = app.store.member_names(principal.organization).await?.into_keys().collect();
    if let Some(stranger) = assign.iter().find(|member| !members.contains(member)) {
        return Err(ApiError::invalid(format!("assign: {stranger} is no member here")));
    }
    if let Some(tag) = body.tags.add.iter().find(|tag| body.tags.remove.contains(tag)) {
        return Err(ApiError::invalid(format!("tags: {tag:?} cannot be added and taken away at once")));
    }
    let by = principal.reviewer().ok_or_else(|| ApiError::invalid("only members review"))?;
    let at = app.clock.now();
    let mut edits = Vec::new();
    edits.extend(body.status.map(|value| Edit::SetStatus { by: by.clone(), at, value }));
    if body.status == Some(ReviewStatus::Complete) {
        edits.push(Edit::Complete { reviewer: by.clone(), at });
    }
    edits.extend(assign.iter().map(|member| Edit::Assign { member: *member, by: by.clone(), at }));
    edits.extend(unassign.iter().map(|member| Edit::Unassign { member: *member }));
    edits.extend(body.tags.add.iter().map(|tag| Edit::AddTag { tag: tag.clone() }));
    edits.extend(body.tags.remove.iter().map(|tag| Edit::RemoveTag { tag: tag.clone() }));
    if edits.is_empty() {
        return Err(ApiError::invalid("nothing is asked for; say status, assign, unassign or tags"));
    }
    Ok(edits)
}

/// The ids of the rows that are meant, each once.
async fn rows(app: &App, principal: &Principal, body: &Body) -> Result<Vec<String>, ApiError> {
    let too_many = |count: &str| {
        let detail = format!("{count} rows are meant; at most {ROWS} at once, so narrow the filter or go in parts");
        ApiError::new(ProblemCode::TooLarge, detail)
    };
    match (&body.row_ids, &body.filter) {
        (Some(ids), None) => {
            if ids.len() > ROWS {
                return Err(too_many(&ids.len().to_string()));
            }
            let ids: BTreeSet<&String> = ids.iter().collect();
            let ids: Vec<String> = ids.into_iter().cloned().collect();
            let stored = app.store.rows(body.object, &ids).await?;
            match ids.iter().find(|id| !stored.contains_key(*id)) {
                Some(missing) => Err(ApiError::not_found("row", missing)),
                None => Ok(ids),
            }
        }
        (None, Some(filter)) => {
            let plan = Plan { limit: 1000, ..Plan::filtered(read_filter(Some(filter))?) };
            let (mut ids, mut after) = (Vec::new(), None);
            loop {
                let page = page(app, principal, body.object, &plan, after).await?;
                ids.extend(page.rows.iter().filter_map(|row| Some(row.get("id")?.as_str()?.to_owned())));
                if ids.len() > ROWS {
                    return Err(too_many(&format!("more than {ROWS}")));
                }
                match page.next {
                    Some(next) => after = Some(next),
                    None => return Ok(ids),
                }
            }
        }
        _ => Err(ApiError::new(ProblemCode::Malformed, "say either row_ids or filter")),
    }
}
