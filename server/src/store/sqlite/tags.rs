//! Tags that projects offer.

use async_trait::async_trait;
use concord_shared::ids::{MemberId, OrganizationId, ProjectId, TagId};
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::SqliteStore;
use super::accounts::conflict;
use super::projects::{id_list, newest_first};
use super::reviews::uuid;
use crate::domain::project::tag::{ProjectTag, TagFilter, TagStore};
use crate::domain::project::{Page, rank};
use crate::domain::store::StoreError;

/// What a rename may clash with.
const NAME_TAKEN: &str = "a tag of that name";

#[async_trait]
impl TagStore for SqliteStore {
    async fn register_tag(&self, tag: &ProjectTag, replace: bool) -> Result<(ProjectTag, bool), StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query("select * from project_tag where project_id = $1 and name = $2");
        if let Some(row) = query.bind(tag.project.as_bytes()).bind(&tag.name).fetch_optional(&mut *write).await? {
            let stored = read_tag(&row)?;
            if !replace {
                return Ok((stored, true));
            }
            let replaced = ProjectTag { description: tag.description.clone(), color: tag.color.clone(), ..stored };
            update(&replaced).execute(&mut *write).await?;
            write.commit().await?;
            return Ok((replaced, true));
        }
        let query = sqlx::query_scalar("select max(position) from project_tag where project_id = $1");
        let last: Option<String> = query.bind(tag.project.as_bytes()).fetch_one(&mut *write).await?;
        let tag = ProjectTag { position: rank::after(last.as_deref()), ..tag.clone() };
        let insert = sqlx::query(
            "insert into project_tag (id, project_id, created_by, name, description, color, position, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        );
        let insert = insert.bind(tag.id.as_bytes()).bind(tag.project.as_bytes()).bind(tag.created_by.as_bytes());
        let insert = insert.bind(&tag.name).bind(&tag.description).bind(&tag.color).bind(&tag.position);
        insert.bind(tag.created.0).execute(&mut *write).await.map_err(|error| conflict(error, NAME_TAKEN))?;
        write.commit().await?;
        Ok((tag, false))
    }

    async fn tag(&self, organization: OrganizationId, id: TagId) -> Result<Option<ProjectTag>, StoreError> {
        let query = sqlx::query(
            "select t.* from project_tag t join project p on p.id = t.project_id
             where t.id = $1 and p.organization_id = $2 and p.deleted_at is null",
        );
        let row = query.bind(id.as_bytes()).bind(organization.as_bytes()).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_tag).transpose()
    }

    async fn tags(&self, filter: &TagFilter) -> Result<Vec<ProjectTag>, StoreError> {
        let query = sqlx::query(
            "select t.* from project_tag t join project p on p.id = t.project_id
             where p.organization_id = $1 and p.deleted_at is null
             and ($2 is null or t.project_id = $2) and ($3 is null or p.name = $3) and ($4 is null or t.name = $4)
             and ($5 is null or hex(t.id) in (select value from json_each($5)))
             and ($6 is null or t.id < $6) and ($7 is null or t.id > $7)
             order by case when $7 is null then t.id end desc, t.id limit $8",
        );
        let Page { ids, after, before, limit } = &filter.page;
        let query = query.bind(filter.organization.as_bytes()).bind(filter.project.as_ref().map(|id| id.as_bytes()));
        let query = query.bind(&filter.project_name).bind(&filter.name).bind(id_list(ids));
        let query = query.bind(after.as_ref().map(Uuid::as_bytes).map(|id| &id[..]));
        let query = query.bind(before.as_ref().map(Uuid::as_bytes).map(|id| &id[..])).bind(limit);
        let rows = query.fetch_all(&self.readers).await?;
        newest_first(rows.iter().map(read_tag), before.is_some())
    }

    async fn update_tag(&self, tag: &ProjectTag) -> Result<(), StoreError> {
        self.execute(update(tag)).await.map_err(|error| conflict(error, NAME_TAKEN))?;
        Ok(())
    }

    async fn delete_tag(&self, id: TagId) -> Result<(), StoreError> {
        self.execute(sqlx::query("delete from project_tag where id = $1").bind(id.as_bytes())).await?;
        Ok(())
    }
}

fn update(tag: &ProjectTag) -> sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments> {
    let query =
        sqlx::query("update project_tag set name = $2, description = $3, color = $4, position = $5 where id = $1");
    query.bind(tag.id.as_bytes()).bind(&tag.name).bind(&tag.description).bind(&tag.color).bind(&tag.position)
}

fn read_tag(row: &SqliteRow) -> Result<ProjectTag, StoreError> {
    Ok(ProjectTag {
        id: TagId(uuid(row, "id")?),
        project: ProjectId(uuid(row, "project_id")?),
        created_by: MemberId(uuid(row, "created_by")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        color: row.try_get("color")?,
        position: row.try_get("position")?,
        created: Moment(row.try_get("created_at")?),
    })
}
