//! Score configurations, and with them the rest of the project store.

use async_trait::async_trait;
use concord_shared::ids::{MemberId, OrganizationId, ProjectId, ScoreId};
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::PostgresStore;
use super::accounts::conflict;
use super::projects::{id_list, json, newest_first, read_json};
use super::text::plain;
use crate::domain::project::{Page, Project, ProjectFilter, ProjectScore, ProjectStore, ScoreFilter, rank};
use crate::domain::store::StoreError;

/// What a rename may clash with.
const NAME_TAKEN: &str = "a score of that name";

#[async_trait]
impl ProjectStore for PostgresStore {
    async fn register_project(&self, project: &Project) -> Result<(Project, bool), StoreError> {
        self.register_project_row(project).await
    }

    async fn project(&self, organization: OrganizationId, id: ProjectId) -> Result<Option<Project>, StoreError> {
        self.project_row(organization, id).await
    }

    async fn projects(&self, filter: &ProjectFilter) -> Result<Vec<Project>, StoreError> {
        self.project_rows(filter).await
    }

    async fn update_project(&self, project: &Project) -> Result<(), StoreError> {
        self.update_project_row(project).await
    }

    async fn delete_project(&self, id: ProjectId, now: Moment) -> Result<(), StoreError> {
        self.delete_project_row(id, now).await
    }

    async fn register_score(&self, score: &ProjectScore, replace: bool) -> Result<(ProjectScore, bool), StoreError> {
        let mut write = self.writer.begin().await?;
        // One at a time in a project: each is placed after the last.
        let lock = sqlx::query("select 1 from project where id = $1 for no key update");
        lock.bind(score.project.0).execute(&mut *write).await?;
        let query = sqlx::query("select * from project_score where project_id = $1 and name = $2");
        let row = query.bind(score.project.0).bind(&score.name).fetch_optional(&mut *write).await?;
        if let Some(row) = row {
            let stored = read_score(&row)?;
            if !replace {
                return Ok((stored, true));
            }
            let replaced = ProjectScore {
                description: score.description.clone(),
                score_type: score.score_type.clone(),
                categories: score.categories.clone(),
                config: score.config.clone(),
                ..stored
            };
            update(&replaced).execute(&mut *write).await?;
            write.commit().await?;
            return Ok((replaced, true));
        }
        let query = sqlx::query_scalar("select max(position) from project_score where project_id = $1");
        let last: Option<String> = query.bind(score.project.0).fetch_one(&mut *write).await?;
        let score = ProjectScore { position: rank::after(last.as_deref()), ..score.clone() };
        let insert = sqlx::query(
            "insert into project_score (id, project_id, created_by, name, description, score_type, categories, config,
                                        position, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        );
        let insert = insert.bind(score.id.0).bind(score.project.0).bind(score.created_by.0);
        let insert = insert.bind(&score.name).bind(score.description.as_deref().map(plain)).bind(&score.score_type);
        let insert = insert.bind(json(&score.categories)).bind(json(&score.config)).bind(&score.position);
        insert.bind(score.created.0).execute(&mut *write).await.map_err(|error| conflict(error, NAME_TAKEN))?;
        write.commit().await?;
        Ok((score, false))
    }

    async fn score(&self, organization: OrganizationId, id: ScoreId) -> Result<Option<ProjectScore>, StoreError> {
        let query = sqlx::query(
            "select s.* from project_score s join project p on p.id = s.project_id
             where s.id = $1 and p.organization_id = $2 and p.deleted_at is null",
        );
        let row = query.bind(id.0).bind(organization.0).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_score).transpose()
    }

    async fn scores_of(&self, project: ProjectId) -> Result<Vec<ProjectScore>, StoreError> {
        let query = sqlx::query("select * from project_score where project_id = $1 order by position, id");
        query.bind(project.0).fetch_all(&self.readers).await?.iter().map(read_score).collect()
    }

    async fn scores(&self, filter: &ScoreFilter) -> Result<Vec<ProjectScore>, StoreError> {
        let query = sqlx::query(
            "select s.* from project_score s join project p on p.id = s.project_id
             where p.organization_id = $1 and p.deleted_at is null
             and ($2 is null or s.project_id = $2) and ($3 is null or p.name = $3) and ($4 is null or s.name = $4)
             and ($5 is null or s.score_type = any($5)) and ($6 is null or s.id = any($6))
             and ($7 is null or s.id < $7) and ($8 is null or s.id > $8)
             order by case when $8 is null then s.id end desc, s.id limit $9",
        );
        let Page { ids, after, before, limit } = &filter.page;
        let query = query.bind(filter.organization.0).bind(filter.project.map(|id| id.0));
        let query = query.bind(filter.project_name.as_deref().map(plain)).bind(filter.name.as_deref().map(plain));
        let query = query.bind((!filter.score_types.is_empty()).then_some(&filter.score_types[..]));
        let query = query.bind(id_list(ids)).bind(*after).bind(*before).bind(i64::from(*limit));
        let rows = query.fetch_all(&self.readers).await?;
        newest_first(rows.iter().map(read_score), before.is_some())
    }

    async fn update_score(&self, score: &ProjectScore) -> Result<(), StoreError> {
        update(score).execute(&self.writer).await.map_err(|error| conflict(error, NAME_TAKEN))?;
        Ok(())
    }

    async fn delete_score(&self, id: ScoreId) -> Result<(), StoreError> {
        sqlx::query("delete from project_score where id = $1").bind(id.0).execute(&self.writer).await?;
        Ok(())
    }
}

fn update(score: &ProjectScore) -> sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments> {
    let query = sqlx::query(
        "update project_score set name = $2, description = $3, score_type = $4, categories = $5, config = $6, position = $7
         where id = $1",
    );
    let query =
        query.bind(score.id.0).bind(&score.name).bind(score.description.as_deref().map(plain)).bind(&score.score_type);
    query.bind(json(&score.categories)).bind(json(&score.config)).bind(&score.position)
}

/// Reads a score.
pub(super) fn read_score(row: &PgRow) -> Result<ProjectScore, StoreError> {
    Ok(ProjectScore {
        id: ScoreId(row.try_get("id")?),
        project: ProjectId(row.try_get("project_id")?),
        created_by: MemberId(row.try_get("created_by")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        score_type: row.try_get("score_type")?,
        categories: read_json(row, "categories")?,
        config: read_json(row, "config")?,
        position: row.try_get("position")?,
        created: Moment(row.try_get("created_at")?),
    })
}
