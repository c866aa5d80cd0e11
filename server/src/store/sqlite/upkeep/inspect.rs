//! Reading everything: chains, reviews and their changes. Rows are in `rows.rs`.

use async_trait::async_trait;
use concord_shared::ids::{DocumentId, MemberId, ObjectRef, ObjectType, OrganizationId, ProjectId, Revision};
use concord_shared::moment::Moment;
use concord_shared::score::Score;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::super::project_scores::scores_of;
use super::super::reviews::{object_type_from, object_type_number, optional_uuid, uuid};
use super::SqliteUpkeep;
use crate::domain::store::{ReviewKey, StoreError};
use crate::domain::upkeep::{
    Binding, ChangeRecord, CounterRecord, EntryChange, EntryRecord, Extent, Inspect, ReviewRecord, RowRecord, TraceKey,
    TraceRecord,
};

/// Columns of an entry `e` and its change `c`.
macro_rules! entry_query {
    ($rest:literal) => {
        concat!(
            "select e.project_id, e.sequence, e.document_id, e.object_type, e.object_id, e.row_id, e.revision, e.at, \
             e.author_id, e.on_behalf_of, e.source, e.path, e.\"from\", e.\"to\", e.change_hash, e.metadata, e.hash, \
             c.hash as c_hash, c.author_id as c_author_id, c.on_behalf_of as c_on_behalf_of, c.source as c_source, \
             c.received_at as c_received_at from audit_entry e \
             left join review_change c on c.document_id = e.document_id and c.revision = e.revision ",
            $rest
        )
    };
}

#[async_trait]
impl Inspect for SqliteUpkeep {
    async fn damage(&mut self) -> Result<Option<String>, StoreError> {
        let found: Vec<String> = sqlx::query_scalar("pragma integrity_check(1)").fetch_all(&mut self.conn).await?;
        Ok(found.into_iter().find(|line| line != "ok"))
    }

    async fn stray(&mut self) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "select * from (select 'a change of document ' || lower(hex(document_id)) || ', revision ' || revision || \
               ', whose review is missing' from review_change c \
               where not exists (select 1 from review v where v.document_id = c.document_id) limit 1) \
             union all select * from (select 'audit entry ' || sequence || ' of project ' || lower(hex(project_id)) || \
               ', which does not exist' from audit_entry e \
               where not exists (select 1 from project p where p.id = e.project_id) limit 1) \
             union all select * from (select 'replica ' || lower(hex(replica)) || ', bound without any change of it in ' \
               || lower(hex(document_id)) from review_actor a where not exists \
               (select 1 from review_change c where c.document_id = a.document_id and c.replica = a.replica) limit 1) \
             union all select * from (select 'the score ' || score || ' of row ' || row || ', which is not in its object' \
               from row_score s where not exists (select 1 from row r where r.pk = s.row \
               and r.object_type = s.object_type and r.object_id = s.object_id) limit 1) \
             union all select * from (select 'a label of row ' || row || ', which is missing, or the label is' from row_label c \
               where not exists (select 1 from row r where r.pk = c.row) \
               or not exists (select 1 from label l where l.id = c.label) limit 1) \
             union all select * from (select 'comment ' || comment_id || ' on row ' || row_id || ', which has no review' \
               from row_comment m where not exists (select 1 from review v where v.object_type = m.object_type \
               and v.object_id = m.object_id and v.row_id = m.row_id) limit 1) \
             union all select * from (select 'version ' || xact || ' of row ' || id || ', which does not exist' \
               from row_version n where not exists (select 1 from row r where r.object_type = $1 and r.object_id = n.object_id \
               and r.id = n.id) limit 1) limit 1",
        )
        .bind(object_type_number(ObjectType::Dataset))
        .fetch_optional(&mut self.conn)
        .await?)
    }

    async fn extent(&mut self) -> Result<Extent, StoreError> {
        let row = sqlx::query(
            "select (select count(*) from audit_entry) as entries, (select count(*) from review) as reviews, \
             (select count(*) from row) as rows",
        )
        .fetch_one(&mut self.conn)
        .await?;
        let count = |column: &str| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
        Ok(Extent { entries: count("entries")?, reviews: count("reviews")?, rows: count("rows")? })
    }

    async fn projects(&mut self, after: Option<ProjectId>, limit: u32) -> Result<Vec<ProjectId>, StoreError> {
        let rows = sqlx::query("select id from project where $1 is null or id > $1 order by id limit $2")
            .bind(after.as_ref().map(ProjectId::as_bytes))
            .bind(limit)
            .fetch_all(&mut self.conn)
            .await?;
        rows.iter().map(|row| Ok(ProjectId(uuid(row, "id")?))).collect()
    }

    async fn scores(&mut self, project: ProjectId) -> Result<Vec<Score>, StoreError> {
        let configured = scores_of(&mut self.conn, project).await?;
        Ok(configured.iter().filter_map(|score| score.to_score().ok()).collect())
    }

    async fn chain(&mut self, project: ProjectId, after: i64, limit: u32) -> Result<Vec<EntryRecord>, StoreError> {
        let query = entry_query!("where e.project_id = $1 and e.sequence > $2 order by e.sequence limit $3");
        let query = sqlx::query(query).bind(project.as_bytes()).bind(after).bind(limit);
        query.fetch_all(&mut self.conn).await?.iter().map(entry).collect()
    }

    async fn reviews(&mut self, after: Option<DocumentId>, limit: u32) -> Result<Vec<ReviewRecord>, StoreError> {
        let rows = sqlx::query(
            "select v.*, p.organization_id as owner, (select json_group_array(m.comment_id) from row_comment m \
               where m.object_type = v.object_type and m.object_id = v.object_id and m.row_id = v.row_id) as comments \
             from review v left join project p on p.id = v.project_id \
             where $1 is null or v.document_id > $1 order by v.document_id limit $2",
        )
        .bind(after.as_ref().map(DocumentId::as_bytes))
        .bind(limit)
        .fetch_all(&mut self.conn)
        .await?;
        rows.iter().map(review).collect()
    }

    async fn changes(
        &mut self,
        document: DocumentId,
        after: Revision,
        limit: u32,
    ) -> Result<Vec<ChangeRecord>, StoreError> {
        let rows = sqlx::query(
            "select c.*, a.replica is not null as is_bound, a.author_id as bound_to, exists \
               (select 1 from review_change f where f.document_id = a.document_id and f.replica = a.replica and f.seq = 1 \
                and f.received_at = a.first_seen) as is_grounded \
             from review_change c left join review_actor a on a.replica = c.replica \
             where c.document_id = $1 and c.revision > $2 order by c.revision limit $3",
        )
        .bind(document.as_bytes())
        .bind(after.0 as i64)
        .bind(limit)
        .fetch_all(&mut self.conn)
        .await?;
        rows.iter().map(change).collect()
    }

    async fn entries(
        &mut self,
        document: DocumentId,
        after: Revision,
        last: Revision,
    ) -> Result<Vec<EntryRecord>, StoreError> {
        let query = entry_query!(
            "where e.document_id = $1 and e.revision > $2 and e.revision <= $3 order by e.revision, e.sequence"
        );
        let query = sqlx::query(query).bind(document.as_bytes()).bind(after.0 as i64).bind(last.0 as i64);
        query.fetch_all(&mut self.conn).await?.iter().map(entry).collect()
    }

    async fn comment_row(&mut self, object: ObjectRef, comment: &str) -> Result<Option<String>, StoreError> {
        let query = "select row_id from row_comment where object_type = $1 and object_id = $2 and comment_id = $3";
        Ok(sqlx::query_scalar(query)
            .bind(object_type_number(object.object_type))
            .bind(object.object_id.as_bytes().as_slice())
            .bind(comment)
            .fetch_optional(&mut self.conn)
            .await?)
    }

    async fn rows(&mut self, after: i64, limit: u32) -> Result<Vec<RowRecord>, StoreError> {
        self.row_page(after, limit).await
    }

    async fn traces(&mut self, after: Option<&TraceKey>, limit: u32) -> Result<Vec<TraceRecord>, StoreError> {
        self.trace_page(after, limit).await
    }

    async fn counters(
        &mut self,
        after: Option<&(ObjectRef, String)>,
        limit: u32,
    ) -> Result<Vec<CounterRecord>, StoreError> {
        let rows = sqlx::query(
            "select object_type, object_id, key, value from metric_counter \
             where $1 is null or (object_type, object_id, key) > ($1, $2, $3) \
             order by object_type, object_id, key limit $4",
        )
        .bind(after.map(|(object, _)| object_type_number(object.object_type)))
        .bind(after.map(|(object, _)| object.object_id.as_bytes().as_slice()))
        .bind(after.map(|(_, key)| key.as_str()))
        .bind(limit)
        .fetch_all(&mut self.conn)
        .await?;
        let counter = |row: &SqliteRow| {
            Ok(CounterRecord { object: object(row)?, key: row.try_get("key")?, value: row.try_get("value")? })
        };
        rows.iter().map(counter).collect()
    }
}

/// Reads the columns `object_type` and `object_id`.
pub(super) fn object(row: &SqliteRow) -> Result<ObjectRef, StoreError> {
    Ok(ObjectRef { object_type: object_type_from(row.try_get("object_type")?)?, object_id: uuid(row, "object_id")? })
}

fn revision(row: &SqliteRow, column: &str) -> Result<Revision, StoreError> {
    Ok(Revision(row.try_get::<i64, _>(column)? as u64))
}

fn entry(row: &SqliteRow) -> Result<EntryRecord, StoreError> {
    let change = match row.try_get::<Option<Vec<u8>>, _>("c_hash")? {
        Some(hash) => Some(EntryChange {
            hash,
            author: optional_uuid(row, "c_author_id")?.map(MemberId),
            on_behalf_of: row.try_get("c_on_behalf_of")?,
            source: row.try_get("c_source")?,
            received_at: Moment(row.try_get("c_received_at")?),
        }),
        None => None,
    };
    Ok(EntryRecord {
        project: ProjectId(uuid(row, "project_id")?),
        sequence: row.try_get("sequence")?,
        document: DocumentId(uuid(row, "document_id")?),
        object: object(row)?,
        row_id: row.try_get("row_id")?,
        revision: revision(row, "revision")?,
        at: Moment(row.try_get("at")?),
        author: optional_uuid(row, "author_id")?.map(MemberId),
        on_behalf_of: row.try_get("on_behalf_of")?,
        source: row.try_get("source")?,
        path: row.try_get("path")?,
        from: row.try_get("from")?,
        to: row.try_get("to")?,
        change_hash: row.try_get("change_hash")?,
        metadata: row.try_get("metadata")?,
        hash: row.try_get("hash")?,
        change,
    })
}

fn review(row: &SqliteRow) -> Result<ReviewRecord, StoreError> {
    let comments: &str = row.try_get("comments")?;
    let comments = serde_json::from_str(comments)
        .map_err(|error| StoreError::Corrupt { what: "comment ids", detail: error.to_string() })?;
    Ok(ReviewRecord {
        key: ReviewKey {
            document: DocumentId(uuid(row, "document_id")?),
            organization: OrganizationId(uuid(row, "organization_id")?),
            project: ProjectId(uuid(row, "project_id")?),
            object: object(row)?,
            row_id: row.try_get("row_id")?,
        },
        project_organization: optional_uuid(row, "owner")?.map(OrganizationId),
        revision: revision(row, "revision")?,
        heads: row.try_get("heads")?,
        status: row.try_get("status")?,
        state: row.try_get("state")?,
        snapshot: row.try_get("snapshot")?,
        snapshot_revision: revision(row, "snapshot_revision")?,
        updated_at: Moment(row.try_get("updated_at")?),
        comments,
    })
}

fn change(row: &SqliteRow) -> Result<ChangeRecord, StoreError> {
    let binding = match row.try_get("is_bound")? {
        true => Some(Binding {
            author: optional_uuid(row, "bound_to")?.map(MemberId),
            is_grounded: row.try_get("is_grounded")?,
        }),
        false => None,
    };
    Ok(ChangeRecord {
        revision: revision(row, "revision")?,
        hash: row.try_get("hash")?,
        replica: row.try_get("replica")?,
        seq: row.try_get::<i64, _>("seq")? as u64,
        author: optional_uuid(row, "author_id")?.map(MemberId),
        on_behalf_of: row.try_get("on_behalf_of")?,
        source: row.try_get("source")?,
        client_time: Moment(row.try_get("client_time")?),
        received_at: Moment(row.try_get("received_at")?),
        bytes: row.try_get("bytes")?,
        binding,
    })
}
