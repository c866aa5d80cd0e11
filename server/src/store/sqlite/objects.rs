//! Experiments and datasets.

use async_trait::async_trait;
use concord_shared::ids::{ObjectRef, OrganizationId, ProjectId};
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::SqliteStore;
use super::accounts::{conflict, read_maker};
use super::projects::{id_list, json, newest_first, read_json};
use super::reviews::{object_type_from, object_type_number, uuid};
use super::row_columns::{self, to_json};
use crate::domain::object::{NAME_TAKEN, Object, ObjectFilter, ObjectStore};
use crate::domain::project::Page;
use crate::domain::store::StoreError;

#[async_trait]
impl ObjectStore for SqliteStore {
    async fn register_object(&self, object: &Object) -> Result<(Object, bool), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query(
            "select * from object where project_id = $1 and object_type = $2 and name = $3 and deleted_at is null",
        );
        let query = query.bind(object.project.as_bytes()).bind(object_type_number(object.object.object_type));
        if let Some(row) = query.bind(&object.name).fetch_optional(&mut *write).await? {
            return Ok((read_object(&row)?, true));
        }
        let insert = sqlx::query(
            "insert into object (id, object_type, project_id, name, description, metadata, details, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        );
        let ObjectRef { object_type, object_id } = &object.object;
        let insert = insert.bind(&object_id.as_bytes()[..]).bind(object_type_number(*object_type));
        let insert = insert.bind(object.project.as_bytes()).bind(&object.name).bind(&object.description);
        let insert = insert.bind(json(&object.metadata)).bind(to_json(&object.details)?);
        let insert = insert.bind(object.created_by.as_ref().map(|id| id.as_bytes())).bind(object.created.0);
        insert.execute(&mut *write).await.map_err(|error| conflict(error, NAME_TAKEN))?;
        write.commit().await?;
        Ok((object.clone(), false))
    }

    async fn object(&self, organization: OrganizationId, object: ObjectRef) -> Result<Option<Object>, StoreError> {
        let query = sqlx::query(
            "select o.* from object o join project p on p.id = o.project_id
             where o.id = $1 and o.object_type = $2 and o.deleted_at is null
             and p.organization_id = $3 and p.deleted_at is null",
        );
        let query = query.bind(&object.object_id.as_bytes()[..]).bind(object_type_number(object.object_type));
        let row = query.bind(organization.as_bytes()).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_object).transpose()
    }

    async fn objects(&self, filter: &ObjectFilter) -> Result<Vec<Object>, StoreError> {
        let query = sqlx::query(
            "select o.* from object o join project p on p.id = o.project_id
             where p.organization_id = $1 and p.deleted_at is null and o.object_type = $2 and o.deleted_at is null
             and ($3 is null or o.project_id = $3) and ($4 is null or p.name = $4) and ($5 is null or o.name = $5)
             and ($6 is null or hex(o.id) in (select value from json_each($6)))
             and ($7 is null or o.id < $7) and ($8 is null or o.id > $8)
             order by case when $8 is null then o.id end desc, o.id limit $9",
        );
        let Page { ids, after, before, limit } = &filter.page;
        let query = query.bind(filter.organization.as_bytes()).bind(object_type_number(filter.object_type));
        let query = query.bind(filter.project.as_ref().map(|id| id.as_bytes()));
        let query = query.bind(&filter.project_name).bind(&filter.name).bind(id_list(ids));
        let query = query.bind(after.as_ref().map(Uuid::as_bytes).map(|id| &id[..]));
        let query = query.bind(before.as_ref().map(Uuid::as_bytes).map(|id| &id[..])).bind(limit);
        let rows = query.fetch_all(&self.readers).await?;
        newest_first(rows.iter().map(read_object), before.is_some())
    }

    async fn objects_of(&self, project: ProjectId) -> Result<Vec<ObjectRef>, StoreError> {
        let query = sqlx::query("select object_type, id from object where project_id = $1 order by id");
        let rows = query.bind(project.as_bytes()).fetch_all(&self.readers).await?;
        rows.iter().map(read_ref).collect()
    }

    async fn update_object(&self, object: &Object) -> Result<(), StoreError> {
        let query =
            sqlx::query("update object set name = $2, description = $3, metadata = $4, details = $5 where id = $1");
        let query = query.bind(&object.object.object_id.as_bytes()[..]).bind(&object.name).bind(&object.description);
        let done = self.execute(query.bind(json(&object.metadata)).bind(to_json(&object.details)?)).await;
        done.map_err(|error| conflict(error, NAME_TAKEN))?;
        Ok(())
    }

    async fn delete_object(&self, object: ObjectRef, now: Moment) -> Result<(), StoreError> {
        let query = sqlx::query("update object set deleted_at = $2 where id = $1");
        self.execute(query.bind(&object.object_id.as_bytes()[..]).bind(now.0)).await?;
        Ok(())
    }
}

fn read_ref(row: &SqliteRow) -> Result<ObjectRef, StoreError> {
    Ok(ObjectRef { object_type: object_type_from(row.try_get("object_type")?)?, object_id: uuid(row, "id")? })
}

fn read_object(row: &SqliteRow) -> Result<Object, StoreError> {
    Ok(Object {
        object: read_ref(row)?,
        project: ProjectId(uuid(row, "project_id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        metadata: read_json(row, "metadata")?,
        details: row_columns::json(row, "details")?,
        created_by: read_maker(row, "created_by")?,
        created: Moment(row.try_get("created_at")?),
        deleted: row.try_get::<Option<i64>, _>("deleted_at")?.map(Moment),
    })
}
