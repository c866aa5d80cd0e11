//! Files that rows refer to. Their bytes are not in the database.

use async_trait::async_trait;
use concord_shared::ids::{MemberId, OrganizationId};
use concord_shared::moment::Moment;

use super::store::StoreError;

/// How far an upload has come, as its client says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadStatus {
    /// Announced.
    Uploading,
    /// Complete; for ever.
    Done,
    /// Given up.
    Error,
}

impl UploadStatus {
    /// The word in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Done => "done",
            Self::Error => "error",
        }
    }

    /// Reads what [`Self::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Uploading, Self::Done, Self::Error].into_iter().find(|status| status.as_str() == text)
    }
}

/// A file that a row refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Whose.
    pub organization: OrganizationId,
    /// Chosen by the client; unique in the organization.
    pub key: String,
    /// As the client calls it.
    pub filename: String,
    /// As the client says.
    pub content_type: String,
    /// How far it has come.
    pub status: UploadStatus,
    /// Why it was given up.
    pub error: Option<String>,
    /// Bytes that have arrived; absent before.
    pub size: Option<i64>,
    /// Who announced it.
    pub created_by: Option<MemberId>,
    /// When.
    pub created: Moment,
}

/// Attachments, as a database keeps them.
#[async_trait]
pub trait AttachmentStore: Send + Sync {
    /// Announces one. One of that key is returned as it is, unless it is not done: then it takes the new name and type.
    async fn announce_attachment(&self, attachment: &Attachment) -> Result<Attachment, StoreError>;

    /// One of the organization.
    async fn attachment(&self, organization: OrganizationId, key: &str) -> Result<Option<Attachment>, StoreError>;

    /// Bytes of all that have arrived.
    async fn attachment_bytes(&self, organization: OrganizationId) -> Result<i64, StoreError>;

    /// Its bytes have arrived.
    async fn attachment_arrived(&self, organization: OrganizationId, key: &str, size: i64) -> Result<(), StoreError>;

    /// Stores what its client says; nothing changes once it is done.
    async fn set_attachment_status(
        &self,
        organization: OrganizationId,
        key: &str,
        status: UploadStatus,
        error: Option<&str>,
    ) -> Result<(), StoreError>;

    /// The key of that name that all servers on this database sign with; `fresh` becomes it if there is none yet.
    async fn signing_key(&self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError>;
}
