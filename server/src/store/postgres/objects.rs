//! Experiments and datasets.

use async_trait::async_trait;
use concord_shared::ids::{ObjectRef, OrganizationId, ProjectId};
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::PostgresStore;
use super::accounts::{conflict, read_maker};
use super::projects::{id_list, json, newest_first, read_json};
use super::reviews::{object_type_from, object_type_number};
use super::row_columns::{self, to_json};
use super::text::plain;
use crate::domain::object::{NAME_TAKEN, Object, ObjectFilter, ObjectStore};
use crate::domain::project::Page;
use crate::domain::store::StoreError;

#[async_trait]
impl ObjectStore for PostgresStore {
    async fn register_object(&self, object: &Object) -> Result<(Object, bool), StoreError> {
        if let Some(found) = self.object_of_name(object).await? {
            return Ok((found, true));
        }
        let insert = sqlx::query(
            "insert into object (id, object_type, project_id, name, description, metadata, details, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (project_id, object_type, name) where deleted_at is null do nothing",
        );
        let ObjectRef { object_type, object_id } = object.object;
        let insert = insert.bind(object_id).bind(object_type_number(object_type)).bind(object.project.0);
        let insert = insert.bind(&object.name).bind(object.description.as_deref().map(plain));
        let insert = insert.bind(json(&object.metadata)).bind(to_json(&object.details)?);
        let insert = insert.bind(object.created_by.map(|member| member.0)).bind(object.created.0);
        if insert.execute(&self.writer).await?.rows_affected() > 0 {
            return Ok((object.clone(), false));
        }
        // Made by somebody else in between.
        let found = self.object_of_name(object).await?;
        found.map(|found| (found, true)).ok_or(StoreError::Conflict { what: NAME_TAKEN })
    }

    async fn object(&self, organization: OrganizationId, object: ObjectRef) -> Result<Option<Object>, StoreError> {
        let query = sqlx::query(
            "select o.* from object o join project p on p.id = o.project_id
             where o.id = $1 and o.object_type = $2 and o.deleted_at is null
             and p.organization_id = $3 and p.deleted_at is null",
        );
        let query = query.bind(object.object_id).bind(object_type_number(object.object_type));
        let row = query.bind(organization.0).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_object).transpose()
    }

    async fn objects(&self, filter: &ObjectFilter) -> Result<Vec<Object>, StoreError> {
        let query = sqlx::query(
            "select o.* from object o join project p on p.id = o.project_id
             where p.organization_id = $1 and p.deleted_at is null and o.object_type = $2 and o.deleted_at is null
             and ($3 is null or o.project_id = $3) and ($4 is null or p.name = $4) and ($5 is null or o.name = $5)
             and ($6 is null or o.id = any($6))
             and ($7 is null or o.id < $7) and ($8 is null or o.id > $8)
             order by case when $8 is null then o.id end desc, o.id limit $9",
        );
        let Page { ids, after, before, limit } = &filter.page;
        let query = query.bind(filter.organization.0).bind(object_type_number(filter.object_type));
        let query = query.bind(filter.project.map(|project| project.0));
        let query = query.bind(filter.project_name.as_deref().map(plain)).bind(filter.name.as_deref().map(plain));
        let query = query.bind(id_list(ids)).bind(*after).bind(*before).bind(i64::from(*limit));
        let rows = query.fetch_all(&self.readers).await?;
        newest_first(rows.iter().map(read_object), before.is_some())
    }

    async fn objects_of(&self, project: ProjectId) -> Result<Vec<ObjectRef>, StoreError> {
        let query = sqlx::query("select object_type, id from object where project_id = $1 order by id");
        query.bind(project.0).fetch_all(&self.readers).await?.iter().map(read_ref).collect()
    }

    async fn update_object(&self, object: &Object) -> Result<(), StoreError> {
        let query =
            sqlx::query("update object set name = $2, description = $3, metadata = $4, details = $5 where id = $1");
        let query = query.bind(object.object.object_id).bind(&object.name);
        let query = query.bind(object.description.as_deref().map(plain)).bind(json(&object.metadata));
        let done = query.bind(to_json(&object.details)?).execute(&self.writer).await;
        done.map_err(|error| conflict(error, NAME_TAKEN))?;
        Ok(())
    }

    async fn delete_object(&self, object: ObjectRef, now: Moment) -> Result<(), StoreError> {
        let query = sqlx::query("update object set deleted_at = $2 where id = $1");
        query.bind(object.object_id).bind(now.0).execute(&self.writer).await?;
        Ok(())
    }
}

impl PostgresStore {
    async fn object_of_name(&self, object: &Object) -> Result<Option<Object>, StoreError> {
        let query = sqlx::query(
            "select * from object where project_id = $1 and object_type = $2 and name = $3 and deleted_at is null",
        );
        let query = query.bind(object.project.0).bind(object_type_number(object.object.object_type));
        let row = query.bind(&object.name).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_object).transpose()
    }
}

fn read_ref(row: &PgRow) -> Result<ObjectRef, StoreError> {
    Ok(ObjectRef { object_type: object_type_from(row.try_get("object_type")?)?, object_id: row.try_get("id")? })
}

fn read_object(row: &PgRow) -> Result<Object, StoreError> {
    Ok(Object {
        object: read_ref(row)?,
        project: ProjectId(row.try_get("project_id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        metadata: read_json(row, "metadata")?,
        details: row_columns::json(row, "details")?,
        created_by: read_maker(row, "created_by")?,
        created: Moment(row.try_get("created_at")?),
        deleted: row.try_get::<Option<i64>, _>("deleted_at")?.map(Moment),
    })
}
