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
use super::meant::Meant;
use super::object::visible;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::store::Source;
use crate::sync::edits::ReviewRequest;

/// Reviews that are written at a time; their commits share transactions.
const AT_ONCE: usize = 32;

/// Members and tags of one request.
const NAMES: usize = 50;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(bulk))
}

/// What to do to which rows.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = BulkReview)]
struct Body {
    #[serde(flatten)]
    object: ObjectRef,
    #[serde(flatten)]
    rows: Meant,
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

/// The ids of the rows that are meant, each once; those that are named have to be there.
async fn rows(app: &App, principal: &Principal, body: &Body) -> Result<Vec<String>, ApiError> {
    let ids = body.rows.ids(app, principal, body.object).await?;
    if body.rows.are_named() {
        let stored = app.store.rows(body.object, &ids).await?;
        if let Some(missing) = ids.iter().find(|id| !stored.contains_key(*id)) {
            return Err(ApiError::not_found("row", missing));
        }
    }
    Ok(ids)
}
