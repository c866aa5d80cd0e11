//! Carries a request out: reads what bears on it, plans, edits reviews, commits rows.

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::ids::{ObjectRef, ProjectId};
use futures_util::{StreamExt as _, stream};

use super::ItemError;
use super::edits::Known;
use super::feedback::Feedback;
use super::plan::{ObjectWrites, Plan, Stored, comment_id};
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::room::WriteFailure;
use crate::domain::store::{RowsCommit, StoreError};
use crate::sync::edits::ReviewRequest;

/// Reviews that one request edits at a time; their commits share transactions.
const EDITS_AT_ONCE: usize = 16;

/// Writes the rows of one request to one object. What is refused is returned, the rest is durable.
pub async fn write_rows(app: &App, principal: &Principal, writes: ObjectWrites) -> Result<Vec<ItemError>, StoreError> {
    let (project, object) = (writes.project, writes.object);
    let scores = app.hub.scores(project).await?;
    let mut needed = writes.rows_needed();
    let corrected = writes.rows_corrected();
    if !corrected.is_empty() {
        needed.extend(app.store.reviewed(object, &corrected).await?);
    }
    let mut rows = if needed.is_empty() { BTreeMap::new() } else { app.store.rows(object, &needed).await? };
    let mut comments = BTreeMap::new();
    for id in writes.maybe_comments(&rows) {
        if let Some(row_id) = app.store.comment_row(object, &comment_id(&id)).await? {
            comments.insert(id, row_id);
        }
    }
    if !comments.is_empty() {
        rows.extend(app.store.rows(object, &comments.values().cloned().collect::<Vec<_>>()).await?);
    }
    let members: BTreeSet<_> = if writes.names_members() {
        app.store.member_names(principal.organization).await?.into_keys().collect()
    } else {
        BTreeSet::new()
    };
    let stored = Stored { scores: &scores, rows: &rows, comments: &comments, members: &members };
    let Plan { reviews, rows, mut errors } = writes.plan(principal, &stored, app.clock.now());
    errors.extend(edit_reviews(app, reviews).await?);
    if !rows.is_empty() {
        app.commit_rows(RowsCommit::new(project, object, rows)).await?;
    }
    Ok(errors)
}

/// Takes feedback on rows of one object. What is refused is returned, the rest is durable.
pub async fn give_feedback(
    app: &App,
    principal: &Principal,
    project: ProjectId,
    object: ObjectRef,
    items: &[&str],
) -> Result<Vec<ItemError>, StoreError> {
    let scores = app.hub.scores(project).await?;
    let mut errors = Vec::new();
    let mut read = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match Feedback::read(item) {
            Ok(item) => read.push((index, item)),
            Err(detail) => errors.push(ItemError::new(index, None, detail)),
        }
    }
    let asked = read.iter().filter(|(_, item)| item.needs_row(&scores));
    let ids: Vec<String> = asked.map(|(_, item)| item.id.clone()).collect();
    let rows = if ids.is_empty() { BTreeMap::new() } else { app.store.rows(object, &ids).await? };
    let mut requests = Vec::with_capacity(read.len());
    for (index, item) in read {
        let id = item.id.clone();
        let known = Known { of: object.object_type, scores: &scores, row: rows.get(&id), now: app.clock.now() };
        match item.request(principal, project, object, known) {
            Ok(request) => requests.push((index, request)),
            Err(detail) => errors.push(ItemError::new(index, Some(&id), detail)),
        }
    }
    errors.extend(edit_reviews(app, requests).await?);
    errors.sort_by_key(|error| error.index);
    Ok(errors)
}

/// Edits reviews: of one row in order, of several rows side by side. An edit that is not allowed costs only itself.
async fn edit_reviews(app: &App, requests: Vec<(usize, ReviewRequest)>) -> Result<Vec<ItemError>, StoreError> {
    let mut by_row: BTreeMap<String, Vec<(usize, ReviewRequest)>> = BTreeMap::new();
    for (index, request) in requests {
        if !request.edits.is_empty() {
            by_row.entry(request.row_id.clone()).or_default().push((index, request));
        }
    }
    let mut running =
        stream::iter(by_row.into_values().map(|requests| edit_one(app, requests))).buffer_unordered(EDITS_AT_ONCE);
    let mut errors = Vec::new();
    while let Some(outcome) = running.next().await {
        errors.extend(outcome?);
    }
    Ok(errors)
}

async fn edit_one(app: &App, requests: Vec<(usize, ReviewRequest)>) -> Result<Vec<ItemError>, StoreError> {
    let mut errors = Vec::new();
    for (index, request) in requests {
        let row_id = request.row_id.clone();
        match app.hub.edit_review(request).await {
            Ok(_) => {}
            Err(WriteFailure::Invalid(detail)) => errors.push(ItemError::new(index, Some(&row_id), detail)),
            Err(busy @ WriteFailure::Busy) => return Err(StoreError::Unavailable(busy.to_string())),
            Err(WriteFailure::Store(error)) => return Err(error),
        }
    }
    Ok(errors)
}
