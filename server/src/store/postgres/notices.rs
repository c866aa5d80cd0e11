//! What members are told.

use async_trait::async_trait;
use concord_shared::ids::{DocumentId, MemberId, ObjectRef, ProjectId};
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};

use super::PostgresStore;
use super::reviews::{object_type_from, object_type_number};
use super::text::plain;
use crate::domain::notice::{
    KEPT, Kind, NewNotification, Notice, Notification, NotificationStore, Read, TOGETHER, gather,
};
use crate::domain::store::{ReviewCommit, StoreError};

/// Keeps what the reviews of a batch tell, inside its transaction.
pub(super) async fn store(conn: &mut PgConnection, commits: &[&ReviewCommit]) -> Result<(), StoreError> {
    for new in gather(commits.iter().copied()) {
        if new.notice.kind != Kind::Assigned || !add_to_newest(conn, &new).await? {
            insert(conn, &new).await?;
        }
    }
    Ok(())
}

/// Whether it was added to the member's newest unread one.
async fn add_to_newest(conn: &mut PgConnection, new: &NewNotification<'_>) -> Result<bool, StoreError> {
    let NewNotification { review, rows, notice } = new;
    let added = sqlx::query(
        "update notification set rows = rows + $1, document_id = $2, row_id = $3, at = $4 \
         where id = (select max(id) from notification where member_id = $5 and read_at is null) \
         and kind = 'assigned' and object_type = $6 and object_id = $7 and made_by = $8 and at > $9",
    )
    .bind(rows)
    .bind(review.document.0)
    .bind(plain(&review.row_id))
    .bind(notice.at.0)
    .bind(notice.member.0)
    .bind(object_type_number(review.object.object_type))
    .bind(review.object.object_id)
    .bind(notice.by.0)
    .bind(notice.at.0 - TOGETHER)
    .execute(conn)
    .await?;
    Ok(added.rows_affected() > 0)
}

async fn insert(conn: &mut PgConnection, new: &NewNotification<'_>) -> Result<(), StoreError> {
    let NewNotification { review, rows, notice } = new;
    sqlx::query(
        "insert into notification (member_id, project_id, object_type, object_id, document_id, row_id, kind, comment_id, excerpt, \
         made_by, rows, at) \
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 where exists \
         (select 1 from member where id = $1 and organization_id = $13 and disabled_at is null) on conflict do nothing",
    )
    .bind(notice.member.0)
    .bind(review.project.0)
    .bind(object_type_number(review.object.object_type))
    .bind(review.object.object_id)
    .bind(review.document.0)
    .bind(plain(&review.row_id))
    .bind(notice.kind.as_str())
    .bind(plain(&notice.comment))
    .bind(plain(&notice.excerpt))
    .bind(notice.by.0)
    .bind(rows)
    .bind(notice.at.0)
    .bind(review.organization.0)
    .execute(conn)
    .await?;
    Ok(())
}

#[async_trait]
impl NotificationStore for PostgresStore {
    async fn notifications(
        &self,
        member: MemberId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        let rows = sqlx::query("select * from notification where member_id = $1 and id < $2 order by id desc limit $3")
            .bind(member.0)
            .bind(before.unwrap_or(i64::MAX))
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(notification).collect()
    }

    async fn unread(&self, member: MemberId) -> Result<u64, StoreError> {
        let count: i64 =
            sqlx::query_scalar("select count(*) from notification where member_id = $1 and read_at is null")
                .bind(member.0)
                .fetch_one(&self.readers)
                .await?;
        Ok(count.unsigned_abs())
    }

    async fn mark_read(&self, member: MemberId, read: &Read, now: Moment) -> Result<(), StoreError> {
        let (ids, last) = match read {
            Read::Some(ids) => (Some(ids.as_slice()), i64::MAX),
            Read::UpTo(last) => (None, *last),
        };
        sqlx::query(
            "update notification set read_at = $1 where member_id = $2 and read_at is null and id <= $3 \
             and ($4::bigint[] is null or id = any($4))",
        )
        .bind(now.0)
        .bind(member.0)
        .bind(last)
        .bind(ids)
        .execute(&self.writer)
        .await?;
        sqlx::query(
            "delete from notification where member_id = $1 and read_at is not null and id <= \
             (select id from notification where member_id = $1 order by id desc limit 1 offset $2)",
        )
        .bind(member.0)
        .bind(i64::from(KEPT))
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}

fn notification(row: &PgRow) -> Result<Notification, StoreError> {
    let kind: &str = row.try_get("kind")?;
    Ok(Notification {
        id: row.try_get("id")?,
        project: ProjectId(row.try_get("project_id")?),
        object: ObjectRef {
            object_type: object_type_from(row.try_get("object_type")?)?,
            object_id: row.try_get("object_id")?,
        },
        document: DocumentId(row.try_get("document_id")?),
        row_id: row.try_get("row_id")?,
        rows: row.try_get("rows")?,
        read: row.try_get::<Option<i64>, _>("read_at")?.map(Moment),
        notice: Notice {
            member: MemberId(row.try_get("member_id")?),
            kind: Kind::parse(kind)
                .ok_or_else(|| StoreError::Corrupt { what: "notification", detail: kind.to_owned() })?,
            comment: row.try_get("comment_id")?,
            excerpt: row.try_get("excerpt")?,
            by: MemberId(row.try_get("made_by")?),
            at: Moment(row.try_get("at")?),
        },
    })
}
