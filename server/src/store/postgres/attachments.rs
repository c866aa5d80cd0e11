//! Files that rows refer to, and what their URLs are signed with.

use async_trait::async_trait;
use concord_shared::ids::OrganizationId;
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::PostgresStore;
use super::accounts::read_maker;
use super::text::plain;
use crate::domain::attachment::{Attachment, AttachmentStore, UploadStatus};
use crate::domain::store::StoreError;

#[async_trait]
impl AttachmentStore for PostgresStore {
    async fn announce_attachment(&self, attachment: &Attachment) -> Result<Attachment, StoreError> {
        let insert = sqlx::query(
            "insert into attachment (organization_id, key, filename, content_type, status, error, size, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (organization_id, key) do update set filename = excluded.filename, content_type = excluded.content_type,
                 status = excluded.status, error = excluded.error
             where attachment.status <> 'done'",
        );
        let insert = insert.bind(attachment.organization.0).bind(&attachment.key).bind(plain(&attachment.filename));
        let insert = insert
            .bind(&attachment.content_type)
            .bind(attachment.status.as_str())
            .bind(attachment.error.as_deref().map(plain));
        let insert = insert.bind(attachment.size).bind(attachment.created_by.map(|id| id.0));
        insert.bind(attachment.created.0).execute(&self.writer).await?;
        let stored = self.attachment(attachment.organization, &attachment.key).await?;
        stored.ok_or(StoreError::Corrupt { what: "attachment", detail: "it vanished".into() })
    }

    async fn attachment(&self, organization: OrganizationId, key: &str) -> Result<Option<Attachment>, StoreError> {
        let query = sqlx::query("select * from attachment where organization_id = $1 and key = $2");
        let row = query.bind(organization.0).bind(key).fetch_optional(&self.readers).await?;
        row.as_ref().map(read).transpose()
    }

    async fn attachment_bytes(&self, organization: OrganizationId) -> Result<i64, StoreError> {
        let query =
            sqlx::query_scalar("select coalesce(sum(size), 0)::bigint from attachment where organization_id = $1");
        Ok(query.bind(organization.0).fetch_one(&self.readers).await?)
    }

    async fn attachment_arrived(&self, organization: OrganizationId, key: &str, size: i64) -> Result<(), StoreError> {
        let query = sqlx::query("update attachment set size = $3 where organization_id = $1 and key = $2");
        query.bind(organization.0).bind(key).bind(size).execute(&self.writer).await?;
        Ok(())
    }

    async fn set_attachment_status(
        &self,
        organization: OrganizationId,
        key: &str,
        status: UploadStatus,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(
            "update attachment set status = $3, error = $4 where organization_id = $1 and key = $2 and status <> 'done'",
        );
        query.bind(organization.0).bind(key).bind(status.as_str()).bind(error.map(plain)).execute(&self.writer).await?;
        Ok(())
    }

    async fn signing_key(&self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let insert = sqlx::query("insert into signing_key (name, value) values ($1, $2) on conflict (name) do nothing");
        insert.bind(name).bind(&fresh[..]).execute(&self.writer).await?;
        let query = sqlx::query_scalar("select value from signing_key where name = $1").bind(name);
        let value: Vec<u8> = query.fetch_one(&self.readers).await?;
        value.try_into().map_err(|_| StoreError::Corrupt { what: "signing key", detail: "not 32 bytes".into() })
    }
}

fn read(row: &PgRow) -> Result<Attachment, StoreError> {
    let status = row.try_get("status")?;
    let status = UploadStatus::parse(status);
    Ok(Attachment {
        organization: OrganizationId(row.try_get("organization_id")?),
        key: row.try_get("key")?,
        filename: row.try_get("filename")?,
        content_type: row.try_get("content_type")?,
        status: status.ok_or(StoreError::Corrupt { what: "attachment", detail: "an unknown status".into() })?,
        error: row.try_get("error")?,
        size: row.try_get("size")?,
        created_by: read_maker(row, "created_by")?,
        created: Moment(row.try_get("created_at")?),
    })
}
