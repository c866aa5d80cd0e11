//! Tags that projects offer.

use async_trait::async_trait;
use concord_shared::ids::{MemberId, OrganizationId, ProjectId, TagId};
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::PostgresStore;
use super::accounts::conflict;
use super::projects::{id_list, newest_first};
use super::text::plain;
use crate::domain::project::tag::{ProjectTag, TagFilter, TagStore};
use crate::domain::project::{Page, rank};
use crate::domain::store::StoreError;

/// What a rename may clash with.
const NAME_TAKEN: &str = "a tag of that name";

#[async_trait]
impl TagStore for PostgresStore {
    async fn register_tag(&self, tag: &ProjectTag, replace: bool) -> Result<(ProjectTag, bool), StoreError> {
        let mut write = self.writer.begin().await?;
        // One at a time in a project: each is placed after the last.
        let lock = sqlx::query("select 1 from project where id = $1 for no key update");
        lock.bind(tag.project.0).execute(&mut *write).await?;
        let query = sqlx::query("select * from project_tag where project_id = $1 and name = $2");
        if let Some(row) = query.bind(tag.project.0).bind(&tag.name).fetch_optional(&mut *write).await? {
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
        let last: Option<String> = query.bind(tag.project.0).fetch_one(&mut *write).await?;
        let tag = ProjectTag { position: rank::after(last.as_deref()), ..tag.clone() };
        let insert = sqlx::query(
            "insert into project_tag (id, project_id, created_by, name, description, color, position, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        );
        let insert = insert.bind(tag.id.0).bind(tag.project.0).bind(tag.created_by.0);
        let insert =
            insert.bind(&tag.name).bind(tag.description.as_deref().map(plain)).bind(&tag.color).bind(&tag.position);
        insert.bind(tag.created.0).execute(&mut *write).await.map_err(|error| conflict(error, NAME_TAKEN))?;
        write.commit().await?;
        Ok((tag, false))
    }

    async fn tag(&self, organization: OrganizationId, id: TagId) -> Result<Option<ProjectTag>, StoreError> {
        let query = sqlx::query(
            "select t.* from project_tag t join project p on p.id = t.project_id
             where t.id = $1 and p.organization_id = $2 and p.deleted_at is null",
        );
        let row = query.bind(id.0).bind(organization.0).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_tag).transpose()
    }

    async fn tags(&self, filter: &TagFilter) -> Result<Vec<ProjectTag>, StoreError> {
        let query = sqlx::query(
            "select t.* from project_tag t join project p on p.id = t.project_id
             where p.organization_id = $1 and p.deleted_at is null
             and ($2 is null or t.project_id = $2) and ($3 is null or p.name = $3) and ($4 is null or t.name = $4)
             and ($5 is null or t.id = any($5))
             and ($6 is null or t.id < $6) and ($7 is null or t.id > $7)
             order by case when $7 is null then t.id end desc, t.id limit $8",
        );
        let Page { ids, after, before, limit } = &filter.page;
        let query = query.bind(filter.organization.0).bind(filter.project.map(|id| id.0));
        let query = query
            .bind(filter.project_name.as_deref().map(plain))
            .bind(filter.name.as_deref().map(plain))
            .bind(id_list(ids));
        let query = query.bind(*after);
        let query = query.bind(*before).bind(i64::from(*limit));
        let rows = query.fetch_all(&self.readers).await?;
        newest_first(rows.iter().map(read_tag), before.is_some())
    }

    async fn update_tag(&self, tag: &ProjectTag) -> Result<(), StoreError> {
        update(tag).execute(&self.writer).await.map_err(|error| conflict(error, NAME_TAKEN))?;
        Ok(())
    }

    async fn delete_tag(&self, id: TagId) -> Result<(), StoreError> {
        sqlx::query("delete from project_tag where id = $1").bind(id.0).execute(&self.writer).await?;
        Ok(())
    }
}

fn update(tag: &ProjectTag) -> sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments> {
    let query =
        sqlx::query("update project_tag set name = $2, description = $3, color = $4, position = $5 where id = $1");
    query
        .bind(tag.id.0)
        .bind(&tag.name)
        .bind(tag.description.as_deref().map(plain))
        .bind(&tag.color)
        .bind(&tag.position)
}

fn read_tag(row: &PgRow) -> Result<ProjectTag, StoreError> {
    Ok(ProjectTag {
        id: TagId(row.try_get("id")?),
        project: ProjectId(row.try_get("project_id")?),
        created_by: MemberId(row.try_get("created_by")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        color: row.try_get("color")?,
        position: row.try_get("position")?,
        created: Moment(row.try_get("created_at")?),
    })
}
