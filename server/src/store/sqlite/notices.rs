//! What members are told.

use async_trait::async_trait;
use concord_shared::ids::{DocumentId, MemberId, ObjectRef, ProjectId};
use concord_shared::moment::Moment;
use rusqlite::{Connection, params};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::reviews::{object_type_from, object_type_number, uuid};
use crate::domain::notice::{
    KEPT, Kind, NewNotification, Notice, Notification, NotificationStore, Read, TOGETHER, gather,
};
use crate::domain::store::{ReviewCommit, StoreError};

/// Keeps what the reviews of a batch tell, inside its transaction.
pub(super) fn store_notices(conn: &Connection, commits: &[&ReviewCommit]) -> Result<(), StoreError> {
    for new in gather(commits.iter().copied()) {
        if new.notice.kind != Kind::Assigned || !add_to_newest(conn, &new)? {
            insert(conn, &new)?;
        }
    }
    Ok(())
}

/// Whether it was added to the member's newest unread one.
fn add_to_newest(conn: &Connection, new: &NewNotification<'_>) -> Result<bool, StoreError> {
    let NewNotification { review, rows, notice } = new;
    let added = conn
        .prepare_cached(
            "update notification set rows = rows + ?, document_id = ?, row_id = ?, at = ? \
             where id = (select max(id) from notification where member_id = ? and read_at is null) \
             and kind = 'assigned' and object_type = ? and object_id = ? and made_by = ? and at > ?",
        )?
        .execute(params![
            rows,
            review.document.as_bytes(),
            review.row_id,
            notice.at.0,
            notice.member.as_bytes(),
            object_type_number(review.object.object_type),
            review.object.object_id.as_bytes(),
            notice.by.as_bytes(),
            notice.at.0 - TOGETHER,
        ])?;
    Ok(added > 0)
}

fn insert(conn: &Connection, new: &NewNotification<'_>) -> Result<(), StoreError> {
    let NewNotification { review, rows, notice } = new;
    conn.prepare_cached(
        "insert into notification (member_id, project_id, object_type, object_id, document_id, row_id, kind, comment_id, excerpt, \
         made_by, rows, at) \
         select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 where exists \
         (select 1 from member where id = ?1 and organization_id = ?13 and disabled_at is null) on conflict do nothing",
    )?
    .execute(params![
        notice.member.as_bytes(),
        review.project.as_bytes(),
        object_type_number(review.object.object_type),
        review.object.object_id.as_bytes(),
        review.document.as_bytes(),
        review.row_id,
        notice.kind.as_str(),
        notice.comment,
        notice.excerpt,
        notice.by.as_bytes(),
        rows,
        notice.at.0,
        review.organization.as_bytes(),
    ])?;
    Ok(())
}

#[async_trait]
impl NotificationStore for SqliteStore {
    async fn notifications(
        &self,
        member: MemberId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        let rows = sqlx::query("select * from notification where member_id = $1 and id < $2 order by id desc limit $3")
            .bind(member.as_bytes())
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(notification).collect()
    }

    async fn unread(&self, member: MemberId) -> Result<u64, StoreError> {
        let count: i64 =
            sqlx::query_scalar("select count(*) from notification where member_id = $1 and read_at is null")
                .bind(member.as_bytes())
                .fetch_one(&self.readers)
                .await?;
        Ok(count.unsigned_abs())
    }

    async fn mark_read(&self, member: MemberId, read: &Read, now: Moment) -> Result<(), StoreError> {
        let (ids, last) = match read {
            Read::Some(ids) => (Some(serde_json::json!(ids).to_string()), i64::MAX),
            Read::UpTo(last) => (None, *last),
        };
        let update = sqlx::query(
            "update notification set read_at = $1 where member_id = $2 and read_at is null and id <= $3 \
             and ($4 is null or id in (select value from json_each($4)))",
        );
        self.execute(update.bind(now.0).bind(member.as_bytes()).bind(last).bind(ids)).await?;
        let forget = sqlx::query(
            "delete from notification where member_id = $1 and read_at is not null and id <= \
             (select id from notification where member_id = $1 order by id desc limit 1 offset $2)",
        );
        self.execute(forget.bind(member.as_bytes()).bind(KEPT)).await?;
        Ok(())
    }
}

fn notification(row: &SqliteRow) -> Result<Notification, StoreError> {
    let kind: &str = row.try_get("kind")?;
    Ok(Notification {
        id: row.try_get("id")?,
        project: ProjectId(uuid(row, "project_id")?),
        object: ObjectRef {
            object_type: object_type_from(row.try_get("object_type")?)?,
            object_id: uuid(row, "object_id")?,
        },
        document: DocumentId(uuid(row, "document_id")?),
        row_id: row.try_get("row_id")?,
        rows: row.try_get("rows")?,
        read: row.try_get::<Option<i64>, _>("read_at")?.map(Moment),
        notice: Notice {
            member: MemberId(uuid(row, "member_id")?),
            kind: Kind::parse(kind)
                .ok_or_else(|| StoreError::Corrupt { what: "notification", detail: kind.to_owned() })?,
            comment: row.try_get("comment_id")?,
            excerpt: row.try_get("excerpt")?,
            by: MemberId(uuid(row, "made_by")?),
            at: Moment(row.try_get("at")?),
        },
    })
}
