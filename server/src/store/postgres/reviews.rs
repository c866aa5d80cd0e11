//! Reviews: opening, loading, history.

use async_trait::async_trait;
use concord_shared::ids::{DocumentId, MemberId, ObjectRef, ObjectType, OrganizationId, ProjectId, Reviewer, Revision};
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::text::plain;
use super::{ONE_MOMENT, PostgresStore};
use crate::domain::store::{HistoryActor, HistoryEntry, ReviewKey, ReviewStore, StoreError, StoredReview};

/// The number of an object type in the database.
pub(super) fn object_type_number(object_type: ObjectType) -> i16 {
    match object_type {
        ObjectType::ProjectLogs => 0,
        ObjectType::Experiment => 1,
        ObjectType::Dataset => 2,
    }
}

/// The object type of a number in the database.
pub(super) fn object_type_from(number: i16) -> Result<ObjectType, StoreError> {
    match number {
        0 => Ok(ObjectType::ProjectLogs),
        1 => Ok(ObjectType::Experiment),
        2 => Ok(ObjectType::Dataset),
        _ => Err(StoreError::Corrupt { what: "object type", detail: number.to_string() }),
    }
}

/// Concatenated 32-byte hashes, as the `heads` column holds them.
pub(super) fn join_heads(heads: &[[u8; 32]]) -> Vec<u8> {
    heads.concat()
}

fn split_heads(bytes: &[u8]) -> Result<Vec<[u8; 32]>, StoreError> {
    let (heads, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() {
        Ok(heads.to_vec())
    } else {
        Err(StoreError::Corrupt { what: "heads", detail: format!("{} bytes", bytes.len()) })
    }
}

fn review_key(row: &PgRow) -> Result<ReviewKey, StoreError> {
    Ok(ReviewKey {
        document: DocumentId(row.try_get("document_id")?),
        organization: OrganizationId(row.try_get("organization_id")?),
        project: ProjectId(row.try_get("project_id")?),
        object: ObjectRef {
            object_type: object_type_from(row.try_get("object_type")?)?,
            object_id: row.try_get("object_id")?,
        },
        row_id: row.try_get("row_id")?,
    })
}

#[async_trait]
impl ReviewStore for PostgresStore {
    async fn ensure_review(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        object: ObjectRef,
        row_id: &str,
        now: Moment,
    ) -> Result<ReviewKey, StoreError> {
        const FIND: &str = "select document_id, organization_id, project_id, object_type, object_id, row_id from review \
             where object_type = $1 and object_id = $2 and row_id = $3";
        let find = || {
            sqlx::query(FIND)
                .bind(object_type_number(object.object_type))
                .bind(object.object_id)
                .bind(plain(row_id).into_owned())
        };
        if let Some(row) = find().fetch_optional(&self.readers).await? {
            return review_key(&row);
        }
        sqlx::query(
            "insert into review (document_id, organization_id, project_id, object_type, object_id, row_id, created_at, updated_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict do nothing",
        )
        .bind(DocumentId::new().0)
        .bind(organization.0)
        .bind(project.0)
        .bind(object_type_number(object.object_type))
        .bind(object.object_id)
        .bind(row_id)
        .bind(now.0)
        .execute(&self.writer)
        .await?;
        review_key(&find().fetch_one(&self.writer).await?)
    }

    async fn find_review(&self, document: DocumentId) -> Result<Option<ReviewKey>, StoreError> {
        let row = sqlx::query(
            "select document_id, organization_id, project_id, object_type, object_id, row_id from review where document_id = $1",
        )
        .bind(document.0)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(review_key).transpose()
    }

    async fn load_review(&self, document: DocumentId) -> Result<Option<StoredReview>, StoreError> {
        // One transaction, so that head, snapshot and changes are of one moment.
        let mut read = self.readers.begin_with(ONE_MOMENT).await?;
        let row = sqlx::query(
            "select document_id, organization_id, project_id, object_type, object_id, row_id, revision, heads, snapshot, \
             snapshot_revision from review where document_id = $1",
        )
        .bind(document.0)
        .fetch_optional(&mut *read)
        .await?;
        let Some(row) = row else {
            read.commit().await?;
            return Ok(None);
        };
        let snapshot_revision: i64 = row.try_get("snapshot_revision")?;
        let changes = sqlx::query_scalar::<_, Vec<u8>>(
            "select bytes from review_change where document_id = $1 and revision > $2 order by revision",
        )
        .bind(document.0)
        .bind(snapshot_revision)
        .fetch_all(&mut *read)
        .await?;
        let replicas = sqlx::query("select distinct replica, author_id from review_change where document_id = $1")
            .bind(document.0)
            .fetch_all(&mut *read)
            .await?;
        read.commit().await?;
        let replicas = replicas.iter().map(|row| {
            let replica: Vec<u8> = row.try_get("replica")?;
            Ok((replica, row.try_get::<Option<Uuid>, _>("author_id")?.map(MemberId)))
        });
        Ok(Some(StoredReview {
            key: review_key(&row)?,
            revision: Revision(row.try_get::<i64, _>("revision")? as u64),
            heads: split_heads(row.try_get("heads")?)?,
            snapshot: row.try_get("snapshot")?,
            snapshot_revision: Revision(snapshot_revision as u64),
            changes,
            replicas: replicas.collect::<Result<_, StoreError>>()?,
        }))
    }

    async fn revision(&self, document: DocumentId) -> Result<Option<Revision>, StoreError> {
        let query = sqlx::query_scalar::<_, i64>("select revision from review where document_id = $1").bind(document.0);
        Ok(query.fetch_optional(&self.readers).await?.map(|revision| Revision(revision as u64)))
    }

    async fn feedback_seen(&self, document: DocumentId, feedback_id: &str) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar(
            "select exists (select 1 from review_change where document_id = $1 and feedback_id = $2)",
        )
        .bind(document.0)
        .bind(plain(feedback_id))
        .fetch_one(&self.readers)
        .await?;
        Ok(found)
    }

    async fn history(&self, document: DocumentId, after: i64, limit: u32) -> Result<Vec<HistoryEntry>, StoreError> {
        let rows = sqlx::query(
            "select e.id, e.revision, e.at, e.author_id, e.on_behalf_of, e.source, e.path, e.\"from\", e.\"to\", e.change_hash, \
             e.metadata, m.name as author_name, \
             case when e.on_behalf_of not like 'external:%' then (select b.name from member b where b.id = e.on_behalf_of::uuid) end \
             as behalf_name \
             from audit_entry e left join member m on m.id = e.author_id \
             where e.document_id = $1 and e.id > $2 order by e.id limit $3",
        )
        .bind(document.0)
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(history_entry).collect()
    }

    async fn save_snapshot(&self, document: DocumentId, revision: Revision, bytes: Vec<u8>) -> Result<(), StoreError> {
        sqlx::query(
            "update review set snapshot = $1, snapshot_revision = $2 where document_id = $3 and snapshot_revision < $2",
        )
        .bind(bytes)
        .bind(revision.0 as i64)
        .bind(document.0)
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}

fn history_entry(row: &PgRow) -> Result<HistoryEntry, StoreError> {
    let json = |column: &str| -> Result<serde_json::Value, StoreError> {
        let text: &str = row.try_get(column)?;
        serde_json::from_str(text)
            .map_err(|error| StoreError::Corrupt { what: "audit entry", detail: error.to_string() })
    };
    let author = row.try_get::<Option<Uuid>, _>("author_id")?.map(MemberId);
    let author_name: Option<String> = row.try_get("author_name")?;
    let actor = match author {
        Some(id) => HistoryActor { id: id.to_string(), name: author_name.unwrap_or_else(|| "removed member".into()) },
        None => HistoryActor { id: "server".into(), name: "Concord".into() },
    };
    let behalf: Option<String> = row.try_get("on_behalf_of")?;
    let behalf_name: Option<String> = row.try_get("behalf_name")?;
    let on_behalf_of = behalf.map(|id| HistoryActor {
        name: match id.parse() {
            Ok(Reviewer::External(name)) => name,
            _ => behalf_name.unwrap_or_else(|| "removed member".into()),
        },
        id,
    });
    let hash: &[u8] = row.try_get("change_hash")?;
    let metadata: Option<&str> = row.try_get("metadata")?;
    Ok(HistoryEntry {
        id: row.try_get::<i64, _>("id")?.to_string(),
        revision: row.try_get::<i64, _>("revision")? as u64,
        at: Moment(row.try_get("at")?),
        actor,
        on_behalf_of,
        source: row.try_get("source")?,
        path: row.try_get("path")?,
        from: json("from")?,
        to: json("to")?,
        hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        metadata: metadata.and_then(|text| serde_json::from_str(text).ok()),
    })
}
