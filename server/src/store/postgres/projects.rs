//! Projects; their scores are in the module beside this one, which finishes the trait.

use concord_shared::ids::{OrganizationId, ProjectId};
use concord_shared::moment::Moment;
use serde_json::Value;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::PostgresStore;
use super::accounts::{conflict, read_maker};
use super::text::plain;
use crate::domain::project::{Page, Project, ProjectFilter};
use crate::domain::store::StoreError;

/// What a rename or a new project may clash with.
const NAME_TAKEN: &str = "a project of that name";

impl PostgresStore {
    pub(super) async fn register_project_row(&self, project: &Project) -> Result<(Project, bool), StoreError> {
        // Most often it exists: logging clients register their project at every start.
        if let Some(found) = self.project_of_name(project).await? {
            return Ok((found, true));
        }
        let insert = sqlx::query(
            "insert into project (id, organization_id, name, description, settings, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (organization_id, name) where deleted_at is null do nothing",
        );
        let insert = insert.bind(project.id.0).bind(project.organization.0).bind(&project.name);
        let insert = insert.bind(project.description.as_deref().map(plain)).bind(json(&project.settings));
        let insert = insert.bind(project.created_by.map(|member| member.0)).bind(project.created.0);
        if insert.execute(&self.writer).await?.rows_affected() > 0 {
            return Ok((project.clone(), false));
        }
        // Made by somebody else in between.
        let found = self.project_of_name(project).await?;
        found.map(|found| (found, true)).ok_or(StoreError::Conflict { what: NAME_TAKEN })
    }

    async fn project_of_name(&self, project: &Project) -> Result<Option<Project>, StoreError> {
        let query =
            sqlx::query("select * from project where organization_id = $1 and name = $2 and deleted_at is null");
        let row = query.bind(project.organization.0).bind(&project.name).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_project).transpose()
    }

    pub(super) async fn project_row(
        &self,
        organization: OrganizationId,
        id: ProjectId,
    ) -> Result<Option<Project>, StoreError> {
        let query = sqlx::query("select * from project where id = $1 and organization_id = $2 and deleted_at is null");
        let row = query.bind(id.0).bind(organization.0).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_project).transpose()
    }

    pub(super) async fn project_rows(&self, filter: &ProjectFilter) -> Result<Vec<Project>, StoreError> {
        let query = sqlx::query(
            "select * from project where organization_id = $1 and deleted_at is null
             and ($2 is null or name = $2)
             and ($3 is null or id = any($3))
             and ($4 is null or id < $4) and ($5 is null or id > $5)
             order by case when $5 is null then id end desc, id limit $6",
        );
        let Page { ids, after, before, limit } = &filter.page;
        let query = query.bind(filter.organization.0).bind(filter.name.as_deref().map(plain));
        let query = query.bind(id_list(ids)).bind(*after).bind(*before).bind(i64::from(*limit));
        let rows = query.fetch_all(&self.readers).await?;
        newest_first(rows.iter().map(read_project), before.is_some())
    }

    pub(super) async fn update_project_row(&self, project: &Project) -> Result<(), StoreError> {
        let query = sqlx::query("update project set name = $2, description = $3, settings = $4 where id = $1");
        let query = query.bind(project.id.0).bind(&project.name).bind(project.description.as_deref().map(plain));
        let done = query.bind(json(&project.settings)).execute(&self.writer).await;
        done.map_err(|error| conflict(error, NAME_TAKEN))?;
        Ok(())
    }

    pub(super) async fn delete_project_row(&self, id: ProjectId, now: Moment) -> Result<(), StoreError> {
        let query = sqlx::query("update project set deleted_at = $2 where id = $1");
        query.bind(id.0).bind(now.0).execute(&self.writer).await?;
        Ok(())
    }
}

/// JSON as stored: null becomes SQL's null.
pub(super) fn json(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_string())
}

/// Reads what [`json`] stored.
pub(super) fn read_json(row: &PgRow, column: &str) -> Result<Value, StoreError> {
    let Some(text) = row.try_get::<Option<&str>, _>(column)? else { return Ok(Value::Null) };
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what: "JSON", detail: error.to_string() })
}

/// Ids to choose from; `None` for no restriction.
pub(super) fn id_list(ids: &[Uuid]) -> Option<&[Uuid]> {
    (!ids.is_empty()).then_some(ids)
}

/// A page read upwards (for `ending_before`) comes oldest first; turn it round.
pub(super) fn newest_first<T>(
    items: impl Iterator<Item = Result<T, StoreError>>,
    read_upwards: bool,
) -> Result<Vec<T>, StoreError> {
    let mut items: Vec<T> = items.collect::<Result<_, _>>()?;
    if read_upwards {
        items.reverse();
    }
    Ok(items)
}

fn read_project(row: &PgRow) -> Result<Project, StoreError> {
    Ok(Project {
        id: ProjectId(row.try_get("id")?),
        organization: OrganizationId(row.try_get("organization_id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        settings: read_json(row, "settings")?,
        created_by: read_maker(row, "created_by")?,
        created: Moment(row.try_get("created_at")?),
        deleted: row.try_get::<Option<i64>, _>("deleted_at")?.map(Moment),
    })
}
