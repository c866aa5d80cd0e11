//! Score configurations, and with them the rest of the project store.

use async_trait::async_trait;
use concord_shared::ids::{MemberId, OrganizationId, ProjectId, ScoreId};
use concord_shared::moment::Moment;
use concord_shared::score::Score;
use rusqlite::Connection;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteExecutor, SqliteRow};
use uuid::Uuid;

use super::SqliteStore;
use super::accounts::conflict;
use super::projects::{id_list, json, newest_first, read_json};
use super::reviews::uuid;
use super::stored;
use crate::domain::project::{Page, Project, ProjectFilter, ProjectScore, ProjectStore, ScoreFilter, rank};
use crate::domain::store::StoreError;

/// What a rename may clash with.
const NAME_TAKEN: &str = "a score of that name";

#[async_trait]
impl ProjectStore for SqliteStore {
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
        let mut write = self.begin().await?;
        let query = sqlx::query("select * from project_score where project_id = $1 and name = $2");
        let row = query.bind(score.project.as_bytes()).bind(&score.name).fetch_optional(&mut *write).await?;
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
        let last: Option<String> = query.bind(score.project.as_bytes()).fetch_one(&mut *write).await?;
        let score = ProjectScore { position: rank::after(last.as_deref()), ..score.clone() };
        let insert = sqlx::query(
            "insert into project_score (id, project_id, created_by, name, description, score_type, categories, config,
                                        position, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        );
        let insert = insert.bind(score.id.as_bytes()).bind(score.project.as_bytes()).bind(score.created_by.as_bytes());
        let insert = insert.bind(&score.name).bind(&score.description).bind(&score.score_type);
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
        let row = query.bind(id.as_bytes()).bind(organization.as_bytes()).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_score).transpose()
    }

    async fn scores_of(&self, project: ProjectId) -> Result<Vec<ProjectScore>, StoreError> {
        scores_of(&self.readers, project).await
    }

    async fn scores(&self, filter: &ScoreFilter) -> Result<Vec<ProjectScore>, StoreError> {
        let query = sqlx::query(
            "select s.* from project_score s join project p on p.id = s.project_id
             where p.organization_id = $1 and p.deleted_at is null
             and ($2 is null or s.project_id = $2) and ($3 is null or p.name = $3) and ($4 is null or s.name = $4)
             and ($5 is null or s.score_type in (select value from json_each($5)))
             and ($6 is null or hex(s.id) in (select value from json_each($6)))
             and ($7 is null or s.id < $7) and ($8 is null or s.id > $8)
             order by case when $8 is null then s.id end desc, s.id limit $9",
        );
        let Page { ids, after, before, limit } = &filter.page;
        let types = serde_json::Value::from(filter.score_types.as_slice()).to_string();
        let query = query.bind(filter.organization.as_bytes()).bind(filter.project.as_ref().map(|id| id.as_bytes()));
        let query = query.bind(&filter.project_name).bind(&filter.name);
        let query = query.bind((!filter.score_types.is_empty()).then_some(types)).bind(id_list(ids));
        let query = query.bind(after.as_ref().map(Uuid::as_bytes).map(|id| &id[..]));
        let query = query.bind(before.as_ref().map(Uuid::as_bytes).map(|id| &id[..])).bind(limit);
        let rows = query.fetch_all(&self.readers).await?;
        newest_first(rows.iter().map(read_score), before.is_some())
    }

    async fn update_score(&self, score: &ProjectScore) -> Result<(), StoreError> {
        self.execute(update(score)).await.map_err(|error| conflict(error, NAME_TAKEN))?;
        Ok(())
    }

    async fn delete_score(&self, id: ScoreId) -> Result<(), StoreError> {
        self.execute(sqlx::query("delete from project_score where id = $1").bind(id.as_bytes())).await?;
        Ok(())
    }
}

/// The scores of a project in their order, also for whoever is inside a transaction.
pub(super) async fn scores_of(
    reader: impl SqliteExecutor<'_>,
    project: ProjectId,
) -> Result<Vec<ProjectScore>, StoreError> {
    let query = sqlx::query("select * from project_score where project_id = $1 order by position, id");
    query.bind(project.as_bytes()).fetch_all(reader).await?.iter().map(read_score).collect()
}

/// The scores of a project as rows are judged by, for the writer.
pub(super) fn stored_scores(conn: &Connection, project: ProjectId) -> Result<Vec<Score>, StoreError> {
    let mut select = conn.prepare_cached(
        "select id, created_by, name, description, score_type, categories, config, position, created_at \
         from project_score where project_id = ? order by position, id",
    )?;
    let mut rows = select.query([project.as_bytes()])?;
    let mut scores = Vec::new();
    while let Some(row) = rows.next()? {
        let score = ProjectScore {
            id: ScoreId(Uuid::from_bytes(row.get("id")?)),
            project,
            created_by: MemberId(Uuid::from_bytes(row.get("created_by")?)),
            name: row.get("name")?,
            description: row.get("description")?,
            score_type: row.get("score_type")?,
            categories: stored::optional_json(row, "categories")?.unwrap_or_default(),
            config: stored::optional_json(row, "config")?.unwrap_or_default(),
            position: row.get("position")?,
            created: Moment(row.get("created_at")?),
        };
        // Stored configurations have been checked; one that an older version took is left out rather than in the way.
        scores.extend(score.to_score().ok());
    }
    Ok(scores)
}

fn update(score: &ProjectScore) -> sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments> {
    let query = sqlx::query(
        "update project_score set name = $2, description = $3, score_type = $4, categories = $5, config = $6, position = $7
         where id = $1",
    );
    let query = query.bind(score.id.as_bytes()).bind(&score.name).bind(&score.description).bind(&score.score_type);
    query.bind(json(&score.categories)).bind(json(&score.config)).bind(&score.position)
}

fn read_score(row: &SqliteRow) -> Result<ProjectScore, StoreError> {
    Ok(ProjectScore {
        id: ScoreId(uuid(row, "id")?),
        project: ProjectId(uuid(row, "project_id")?),
        created_by: MemberId(uuid(row, "created_by")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        score_type: row.try_get("score_type")?,
        categories: read_json(row, "categories")?,
        config: read_json(row, "config")?,
        position: row.try_get("position")?,
        created: Moment(row.try_get("created_at")?),
    })
}
