//! Saved views.

use async_trait::async_trait;
use concord_shared::ids::{OrganizationId, ViewId};
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::PostgresStore;
use super::accounts::{conflict, read_maker};
use super::projects::{id_list, json, newest_first, read_json};
use super::text::plain;
use crate::domain::project::Page;
use crate::domain::store::StoreError;
use crate::domain::view::{View, ViewFilter, ViewStore};

/// What a rename may clash with.
const NAME_TAKEN: &str = "a view of that name";

#[async_trait]
impl ViewStore for PostgresStore {
    async fn register_view(&self, view: &View, replace: bool) -> Result<(View, bool), StoreError> {
        let mut write = self.writer.begin().await?;
        // One at a time in an organization, or two of one name would clash instead of being one.
        let lock = sqlx::query("select 1 from organization where id = $1 for no key update");
        lock.bind(view.organization.0).execute(&mut *write).await?;
        let query = sqlx::query(
            "select * from view
             where organization_id = $1 and object_type = $2 and object_id = $3 and view_type = $4 and name = $5",
        );
        let query = query.bind(view.organization.0).bind(&view.object_type).bind(view.object_id);
        let query = query.bind(view.view_type.as_deref().unwrap_or_default()).bind(&view.name);
        if let Some(row) = query.fetch_optional(&mut *write).await? {
            let stored = read_view(&row)?;
            if !replace {
                return Ok((stored, true));
            }
            let View { id, created_by, created, .. } = stored;
            let replaced = View { id, created_by, created, ..view.clone() };
            update(&replaced).execute(&mut *write).await?;
            write.commit().await?;
            return Ok((replaced, true));
        }
        let insert = sqlx::query(
            "insert into view (id, organization_id, object_type, object_id, view_type, name, description, view_data,
                               options, created_by, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        );
        let insert = insert.bind(view.id.0).bind(view.organization.0).bind(&view.object_type);
        let insert = insert.bind(view.object_id).bind(view.view_type.as_deref().unwrap_or_default());
        let insert = insert.bind(&view.name).bind(view.description.as_deref().map(plain)).bind(json(&view.view_data));
        let insert = insert.bind(json(&view.options)).bind(view.created_by.map(|id| id.0));
        let insert = insert.bind(view.created.0).bind(view.updated.0);
        insert.execute(&mut *write).await.map_err(|error| conflict(error, NAME_TAKEN))?;
        write.commit().await?;
        Ok((view.clone(), false))
    }

    async fn view(&self, organization: OrganizationId, id: ViewId) -> Result<Option<View>, StoreError> {
        let query = sqlx::query("select * from view where id = $1 and organization_id = $2");
        let row = query.bind(id.0).bind(organization.0).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_view).transpose()
    }

    async fn views(&self, filter: &ViewFilter) -> Result<Vec<View>, StoreError> {
        let query = sqlx::query(
            "select * from view where organization_id = $1 and object_type = $2 and object_id = $3
             and ($4 is null or name = $4) and ($5 is null or view_type = $5)
             and ($6 is null or id = any($6))
             and ($7 is null or id < $7) and ($8 is null or id > $8)
             order by case when $8 is null then id end desc, id limit $9",
        );
        let Page { ids, after, before, limit } = &filter.page;
        let query = query.bind(filter.organization.0).bind(&filter.object_type);
        let query = query
            .bind(filter.object_id)
            .bind(filter.name.as_deref().map(plain))
            .bind(filter.view_type.as_deref().map(plain));
        let query = query.bind(id_list(ids)).bind(*after);
        let query = query.bind(*before).bind(i64::from(*limit));
        let rows = query.fetch_all(&self.readers).await?;
        newest_first(rows.iter().map(read_view), before.is_some())
    }

    async fn update_view(&self, view: &View) -> Result<(), StoreError> {
        update(view).execute(&self.writer).await.map_err(|error| conflict(error, NAME_TAKEN))?;
        Ok(())
    }

    async fn delete_view(&self, id: ViewId) -> Result<(), StoreError> {
        sqlx::query("delete from view where id = $1").bind(id.0).execute(&self.writer).await?;
        Ok(())
    }
}

fn update(view: &View) -> sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments> {
    let query = sqlx::query(
        "update view set view_type = $2, name = $3, description = $4, view_data = $5, options = $6, updated_at = $7
         where id = $1",
    );
    let query = query.bind(view.id.0).bind(view.view_type.as_deref().unwrap_or_default()).bind(&view.name);
    let query =
        query.bind(view.description.as_deref().map(plain)).bind(json(&view.view_data)).bind(json(&view.options));
    query.bind(view.updated.0)
}

fn read_view(row: &PgRow) -> Result<View, StoreError> {
    Ok(View {
        id: ViewId(row.try_get("id")?),
        organization: OrganizationId(row.try_get("organization_id")?),
        object_type: row.try_get("object_type")?,
        object_id: row.try_get("object_id")?,
        view_type: row.try_get::<Option<String>, _>("view_type")?.filter(|view_type| !view_type.is_empty()),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        view_data: read_json(row, "view_data")?,
        options: read_json(row, "options")?,
        created_by: read_maker(row, "created_by")?,
        created: Moment(row.try_get("created_at")?),
        updated: Moment(row.try_get("updated_at")?),
    })
}
