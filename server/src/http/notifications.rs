//! What the caller was told: that they are asked to review, were named, answered, or that their comment was resolved. Of nobody else.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use concord_shared::ids::{MemberId, ObjectRef, ObjectType, ProjectId};
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{JsonBody, Params};
use super::error::ApiError;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::notice::{Kind, Notification, Read};
use crate::domain::rows::RowLine;
use crate::domain::store::{HistoryActor, StoreError};
use crate::live::bulletins::Bulletin;

/// Notifications of a page unless asked otherwise, and at most: each costs a look at its row.
const PAGE: u32 = 30;
const LONGEST_PAGE: u32 = 100;

/// Notifications that one call may mark.
const MARKED: usize = 1000;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(mark_read))
}

/// A page of what the caller was told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notifications)]
struct List {
    /// Newest first. What is about experiments and datasets that are gone is left out.
    items: Vec<Item>,
    /// Not read, of all.
    unread: u64,
    /// Asks for the next page; null: this is the last one.
    #[schema(required)]
    cursor: Option<String>,
}

/// Something that the caller was told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notification)]
struct Item {
    id: String,
    kind: Kind,
    /// Who did it.
    by: HistoryActor,
    at: Moment,
    read: bool,
    project_id: ProjectId,
    project_name: String,
    #[serde(flatten)]
    object: ObjectRef,
    object_name: String,
    /// Of rows that were assigned together, the last.
    row_id: String,
    /// How many were assigned together.
    rows: i64,
    /// Missing where the row has not arrived or is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = RowPlace, required = false)]
    row: Option<RowPlace>,
    /// Missing for assignments.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    comment_id: Option<String>,
    /// Beginning of the comment.
    excerpt: String,
}

/// Where a row is, and what it is called.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotifiedRow)]
struct RowPlace {
    span_id: String,
    root_span_id: String,
    #[schema(required)]
    name: Option<String>,
    preview: String,
}

/// What the caller was told, a page at a time; topic `inbox` of `/live` says when there is more.
#[utoipa::path(get, path = "/api/notification", tag = "notifications", params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)), responses((status = 200, body = List)))]
async fn list(State(app): State<App>, Caller(principal): Caller, params: Params) -> Result<Json<List>, ApiError> {
    let member = member_of(&principal)?;
    let limit = params.value("limit")?.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let kept = app.store.notifications(member, params.value("cursor")?, limit).await?;
    let cursor = kept.last().filter(|_| kept.len() == limit as usize).map(|last| last.id.to_string());
    let unread = app.store.unread(member).await?;
    let names = app.store.member_names(principal.organization).await?;
    let mut describe = Describe { app: &app, principal: &principal, places: HashMap::new() };
    let mut items = Vec::with_capacity(kept.len());
    for notification in kept {
        let by = notification.notice.by;
        let name = names.get(&by).cloned().unwrap_or_else(|| "removed member".into());
        let by = HistoryActor { id: by.to_string(), name };
        items.extend(describe.item(notification, by).await?);
    }
    Ok(Json(List { items, unread, cursor }))
}

/// Names of objects and their projects, each looked up once.
struct Describe<'a> {
    app: &'a App,
    principal: &'a Principal,
    places: HashMap<ObjectRef, Option<(String, String)>>,
}

impl Describe<'_> {
    async fn item(&mut self, kept: Notification, by: HistoryActor) -> Result<Option<Item>, StoreError> {
        let Some((project_name, object_name)) = self.place(kept.project, kept.object).await? else { return Ok(None) };
        let row = self.app.store.locate(kept.object, &kept.row_id).await?.filter(|line| line.id == kept.row_id);
        Ok(Some(Item {
            id: kept.id.to_string(),
            kind: kept.notice.kind,
            by,
            at: kept.notice.at,
            read: kept.read.is_some(),
            project_id: kept.project,
            project_name,
            object: kept.object,
            object_name,
            row_id: kept.row_id,
            rows: kept.rows,
            row: row.map(row_place),
            comment_id: Some(kept.notice.comment).filter(|comment| !comment.is_empty()),
            excerpt: kept.notice.excerpt,
        }))
    }

    async fn place(&mut self, project: ProjectId, object: ObjectRef) -> Result<Option<(String, String)>, StoreError> {
        if let Some(known) = self.places.get(&object) {
            return Ok(known.clone());
        }
        let (store, organization) = (&self.app.store, self.principal.organization);
        let project = store.project(organization, project).await?;
        let object_name = match object.object_type {
            ObjectType::ProjectLogs => project.as_ref().map(|project| project.name.clone()),
            ObjectType::Experiment | ObjectType::Dataset => {
                store.object(organization, object).await?.map(|object| object.name)
            }
        };
        let place = project.map(|project| project.name).zip(object_name);
        self.places.insert(object, place.clone());
        Ok(place)
    }
}

fn row_place(line: RowLine) -> RowPlace {
    RowPlace {
        span_id: line.spans.span_id,
        root_span_id: line.spans.root_span_id,
        name: line.line.name,
        preview: line.line.input_preview.unwrap_or_default(),
    }
}

/// Which were read: those of `ids`, or `up_to` one and everything before it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReadNotifications)]
struct ReadBody {
    #[serde(default)]
    ids: Option<Vec<String>>,
    #[serde(default)]
    up_to: Option<String>,
}

/// How many are left.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnreadNotifications)]
struct Unread {
    unread: u64,
}

/// Marks notifications of the caller as read. A repeat changes nothing, nor do ids of others.
#[utoipa::path(post, path = "/api/notification/read", tag = "notifications", request_body = ReadBody, responses((status = 200, body = Unread)))]
async fn mark_read(
    State(app): State<App>,
    Caller(principal): Caller,
    JsonBody(body): JsonBody<ReadBody>,
) -> Result<Json<Unread>, ApiError> {
    let member = member_of(&principal)?;
    let number = |field: &str, text: &str| {
        let wrong = || ApiError::new(ProblemCode::Malformed, format!("{field}: {text:?} is no id of a notification"));
        text.parse::<i64>().map_err(|_| wrong())
    };
    let read = match (&body.ids, &body.up_to) {
        (Some(ids), None) if ids.len() > MARKED => {
            let detail = format!("ids: {} are named; at most {MARKED} at once, or say up_to", ids.len());
            return Err(ApiError::new(ProblemCode::TooLarge, detail));
        }
        (Some(ids), None) => Read::Some(ids.iter().map(|id| number("ids", id)).collect::<Result<_, _>>()?),
        (None, Some(id)) => Read::UpTo(number("up_to", id)?),
        _ => return Err(ApiError::new(ProblemCode::Malformed, "say either ids or up_to")),
    };
    app.store.mark_read(member, &read, app.clock.now()).await?;
    app.bulletins.tell([Bulletin::Inbox(member)]);
    Ok(Json(Unread { unread: app.store.unread(member).await? }))
}

fn member_of(principal: &Principal) -> Result<MemberId, ApiError> {
    principal.permit(Action::Read)?;
    let nobody = || ApiError::new(ProblemCode::Forbidden, "only members are told something; this key belongs to none");
    principal.member.ok_or_else(nobody)
}
