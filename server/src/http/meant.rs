//! The rows that a request means: some by their ids, or all that a filter matches.

use std::collections::BTreeSet;

use concord_shared::ids::ObjectRef;
use concord_shared::problem::ProblemCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::ApiError;
use super::find::{page, read_filter};
use crate::app::App;
use crate::domain::access::Principal;
use crate::query::btql::Plan;

/// Rows of one request: some seconds of work. A filter that matches more is refused before anything is done.
pub(super) const ROWS: usize = 10_000;

/// Either `row_ids` or `filter`.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Meant {
    #[serde(default)]
    row_ids: Option<Vec<String>>,
    #[serde(default)]
    filter: Option<String>,
}

impl Meant {
    /// Whether each of them is named.
    pub(super) fn are_named(&self) -> bool {
        self.row_ids.is_some()
    }

    /// Their ids, each once, at most [`ROWS`]. Named ones need not exist.
    pub(super) async fn ids(
        &self,
        app: &App,
        principal: &Principal,
        object: ObjectRef,
    ) -> Result<Vec<String>, ApiError> {
        match (&self.row_ids, &self.filter) {
            (Some(ids), None) => {
                if ids.len() > ROWS {
                    return Err(too_many(&ids.len().to_string()));
                }
                let ids: BTreeSet<&String> = ids.iter().collect();
                Ok(ids.into_iter().cloned().collect())
            }
            (None, Some(filter)) => {
                let plan = Plan { limit: 1000, ..Plan::filtered(read_filter(Some(filter))?) };
                let (mut ids, mut after) = (Vec::new(), None);
                loop {
                    let page = page(app, principal, object, &plan, after).await?;
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
}

fn too_many(count: &str) -> ApiError {
    let detail = format!("{count} rows are meant; at most {ROWS} at once, so narrow the filter or go in parts");
    ApiError::new(ProblemCode::TooLarge, detail)
}
