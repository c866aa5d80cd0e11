//! Sessions, API keys, feedback keys.

use async_trait::async_trait;
use concord_shared::ids::{KeyId, MemberId, OrganizationId, ProjectId, SessionId};
use concord_shared::moment::Moment;
use concord_shared::role::{Action, Role};
use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};

use super::PostgresStore;
use super::accounts::read_role;
use crate::domain::access::{FeedbackLimits, Principal};
use crate::domain::account::keys::{ApiKey, FeedbackKey, Found, KeyStore, Session};
use crate::domain::account::secret::Digest;
use crate::domain::store::StoreError;

#[async_trait]
impl KeyStore for PostgresStore {
    async fn add_session(&self, session: &Session, most: u32) -> Result<(), StoreError> {
        let mut write = self.writer.begin().await?;
        let insert = sqlx::query(
            "insert into session (digest, id, member_id, created_at, seen_at, expires_at) values ($1, $2, $3, $4, $5, $6)",
        );
        let insert = insert.bind(session.digest.to_vec()).bind(session.id.0).bind(session.member.0);
        let insert = insert.bind(session.created.0).bind(session.seen.0).bind(session.expires.0);
        insert.execute(&mut *write).await?;
        let forget = sqlx::query(
            "delete from session where member_id = $1 and (expires_at <= $2 or digest not in
                (select digest from session where member_id = $1 order by created_at desc, id desc limit $3))",
        );
        let forget = forget.bind(session.member.0).bind(session.created.0).bind(i64::from(most));
        forget.execute(&mut *write).await?;
        Ok(write.commit().await?)
    }

    async fn find_session(&self, digest: Digest, now: Moment) -> Result<Option<Found>, StoreError> {
        let query = sqlx::query(
            "select s.id as session_id, s.created_at, s.seen_at, s.expires_at, m.id as member_id, m.organization_id, m.name,
                    m.role
             from session s join member m on m.id = s.member_id
             where s.digest = $1 and s.expires_at > $2 and m.disabled_at is null",
        );
        let row = query.bind(digest.to_vec()).bind(now.0).fetch_optional(&self.readers).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Found {
            principal: Principal {
                organization: OrganizationId(row.try_get("organization_id")?),
                member: Some(MemberId(row.try_get("member_id")?)),
                name: row.try_get("name")?,
                role: read_role(&row, "role")?,
                key: None,
                session: Some(SessionId(row.try_get("session_id")?)),
                limits: None,
            },
            seen: Some(Moment(row.try_get("seen_at")?)),
            expires: Some(Moment(row.try_get("expires_at")?)),
            created: Moment(row.try_get("created_at")?),
        }))
    }

    async fn touch_session(&self, id: SessionId, seen: Moment, expires: Moment) -> Result<(), StoreError> {
        let query = sqlx::query("update session set seen_at = $2, expires_at = $3 where id = $1");
        query.bind(id.0).bind(seen.0).bind(expires.0).execute(&self.writer).await?;
        Ok(())
    }

    async fn remove_session(&self, id: SessionId) -> Result<(), StoreError> {
        sqlx::query("delete from session where id = $1").bind(id.0).execute(&self.writer).await?;
        Ok(())
    }

    async fn add_key(&self, key: &ApiKey, digest: Digest) -> Result<(), StoreError> {
        let mut write = self.writer.begin().await?;
        insert_key(&mut write, key, digest).await?;
        Ok(write.commit().await?)
    }

    async fn keys(&self, organization: OrganizationId) -> Result<Vec<ApiKey>, StoreError> {
        let query = sqlx::query("select * from api_key where organization_id = $1 order by created_at, id");
        query.bind(organization.0).fetch_all(&self.readers).await?.iter().map(read_key).collect()
    }

    async fn key(&self, organization: OrganizationId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        let query = sqlx::query("select * from api_key where id = $1 and organization_id = $2");
        let row = query.bind(id.0).bind(organization.0).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_key).transpose()
    }

    async fn remove_key(&self, organization: OrganizationId, id: KeyId) -> Result<bool, StoreError> {
        let query = sqlx::query("delete from api_key where id = $1 and organization_id = $2");
        let done = query.bind(id.0).bind(organization.0).execute(&self.writer).await?;
        Ok(done.rows_affected() > 0)
    }

    async fn find_key(&self, digest: Digest) -> Result<Option<Found>, StoreError> {
        let query = sqlx::query(
            "select k.id, k.organization_id, k.scope, k.created_at, k.last_used_at, m.id as member_id, m.name, m.role
             from api_key k join member m on m.id = k.member_id where k.digest = $1 and m.disabled_at is null",
        );
        if let Some(row) = query.bind(digest.to_vec()).fetch_optional(&self.readers).await? {
            return found_key(&row);
        }
        let query = sqlx::query(
            "select k.* from feedback_key k join project p on p.id = k.project_id
             where k.digest = $1 and p.deleted_at is null",
        );
        query.bind(digest.to_vec()).fetch_optional(&self.readers).await?.map(|row| found_feedback_key(&row)).transpose()
    }

    async fn touch_key(&self, id: KeyId, used: Moment) -> Result<(), StoreError> {
        let query = sqlx::query("update api_key set last_used_at = $2 where id = $1");
        query.bind(id.0).bind(used.0).execute(&self.writer).await?;
        Ok(())
    }

    async fn add_feedback_key(&self, key: &FeedbackKey, digest: Digest) -> Result<(), StoreError> {
        let query = sqlx::query(
            "insert into feedback_key (id, organization_id, project_id, scores, origins, digest, prefix, created_by,
                                       created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        );
        let query = query.bind(key.id.0).bind(key.organization.0).bind(key.project.0);
        let query = query.bind(list(&key.scores)).bind(list(&key.origins)).bind(digest.to_vec()).bind(&key.prefix);
        query.bind(key.created_by.0).bind(key.created.0).execute(&self.writer).await?;
        Ok(())
    }

    async fn feedback_keys(&self, organization: OrganizationId) -> Result<Vec<FeedbackKey>, StoreError> {
        let query = sqlx::query("select * from feedback_key where organization_id = $1 order by created_at, id");
        query.bind(organization.0).fetch_all(&self.readers).await?.iter().map(read_feedback_key).collect()
    }

    async fn remove_feedback_key(&self, organization: OrganizationId, id: KeyId) -> Result<bool, StoreError> {
        let query = sqlx::query("delete from feedback_key where id = $1 and organization_id = $2");
        let done = query.bind(id.0).bind(organization.0).execute(&self.writer).await?;
        Ok(done.rows_affected() > 0)
    }
}

/// Stores an API key inside a transaction.
pub(super) async fn insert_key(write: &mut PgConnection, key: &ApiKey, digest: Digest) -> Result<(), StoreError> {
    let query = sqlx::query(
        "insert into api_key (id, organization_id, member_id, name, scope, digest, prefix, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    let query = query.bind(key.id.0).bind(key.organization.0).bind(key.member.0);
    let query = query.bind(&key.name).bind(key.ingest.then_some("ingest")).bind(digest.to_vec()).bind(&key.prefix);
    let done = query.bind(key.created.0).execute(write).await;
    done.map_err(|error| super::accounts::conflict(error, "a key of that text"))?;
    Ok(())
}

fn read_key(row: &PgRow) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: KeyId(row.try_get("id")?),
        organization: OrganizationId(row.try_get("organization_id")?),
        member: MemberId(row.try_get("member_id")?),
        name: row.try_get("name")?,
        ingest: row.try_get::<Option<&str>, _>("scope")?.is_some(),
        prefix: row.try_get("prefix")?,
        created: Moment(row.try_get("created_at")?),
        last_used: row.try_get::<Option<i64>, _>("last_used_at")?.map(Moment),
    })
}

fn found_key(row: &PgRow) -> Result<Option<Found>, StoreError> {
    let member_role = read_role(row, "role")?;
    let ingest = row.try_get::<Option<&str>, _>("scope")?.is_some();
    if ingest && !member_role.may(Action::WriteRows) {
        return Ok(None);
    }
    Ok(Some(Found {
        principal: Principal {
            organization: OrganizationId(row.try_get("organization_id")?),
            member: Some(MemberId(row.try_get("member_id")?)),
            name: row.try_get("name")?,
            role: if ingest { Role::Ingest } else { member_role },
            key: Some(KeyId(row.try_get("id")?)),
            session: None,
            limits: None,
        },
        seen: row.try_get::<Option<i64>, _>("last_used_at")?.map(Moment),
        expires: None,
        created: Moment(row.try_get("created_at")?),
    }))
}

fn found_feedback_key(row: &PgRow) -> Result<Found, StoreError> {
    let key = read_feedback_key(row)?;
    Ok(Found {
        principal: Principal {
            organization: key.organization,
            member: None,
            name: key.prefix,
            role: Role::Feedback,
            key: Some(key.id),
            session: None,
            limits: Some(FeedbackLimits { project: key.project, scores: key.scores, origins: key.origins }),
        },
        // The use of a publishable key says nothing about anybody; it is not recorded.
        seen: None,
        expires: None,
        created: key.created,
    })
}

fn read_feedback_key(row: &PgRow) -> Result<FeedbackKey, StoreError> {
    Ok(FeedbackKey {
        id: KeyId(row.try_get("id")?),
        organization: OrganizationId(row.try_get("organization_id")?),
        project: ProjectId(row.try_get("project_id")?),
        scores: read_list(row, "scores")?,
        origins: read_list(row, "origins")?,
        prefix: row.try_get("prefix")?,
        created_by: MemberId(row.try_get("created_by")?),
        created: Moment(row.try_get("created_at")?),
    })
}

fn list(texts: &[String]) -> String {
    serde_json::Value::from(texts).to_string()
}

fn read_list(row: &PgRow, column: &str) -> Result<Vec<String>, StoreError> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what: "list", detail: error.to_string() })
}
