//! Files that rows refer to, and what their URLs are signed with.

use async_trait::async_trait;
use concord_shared::ids::OrganizationId;

use super::MemoryStore;
use crate::domain::attachment::{Attachment, AttachmentStore, UploadStatus};
use crate::domain::store::StoreError;

#[async_trait]
impl AttachmentStore for MemoryStore {
    async fn announce_attachment(&self, attachment: &Attachment) -> Result<Attachment, StoreError> {
        let mut data = self.data();
        let place = (attachment.organization, attachment.key.clone());
        let known = data.attachments.entry(place).or_insert_with(|| attachment.clone());
        if known.status != UploadStatus::Done {
            known.filename.clone_from(&attachment.filename);
            known.content_type.clone_from(&attachment.content_type);
            known.status = attachment.status;
            known.error.clone_from(&attachment.error);
        }
        Ok(known.clone())
    }

    async fn attachment(&self, organization: OrganizationId, key: &str) -> Result<Option<Attachment>, StoreError> {
        Ok(self.data().attachments.get(&(organization, key.to_owned())).cloned())
    }

    async fn attachment_bytes(&self, organization: OrganizationId) -> Result<i64, StoreError> {
        let data = self.data();
        let own = data.attachments.values().filter(|attachment| attachment.organization == organization);
        Ok(own.filter_map(|attachment| attachment.size).sum())
    }

    async fn attachment_arrived(&self, organization: OrganizationId, key: &str, size: i64) -> Result<(), StoreError> {
        if let Some(known) = self.data().attachments.get_mut(&(organization, key.to_owned())) {
            known.size = Some(size);
        }
        Ok(())
    }

    async fn set_attachment_status(
        &self,
        organization: OrganizationId,
        key: &str,
        status: UploadStatus,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut data = self.data();
        let known = data.attachments.get_mut(&(organization, key.to_owned()));
        if let Some(known) = known.filter(|known| known.status != UploadStatus::Done) {
            known.status = status;
            known.error = error.map(str::to_owned);
        }
        Ok(())
    }

    async fn signing_key(&self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        Ok(*self.data().signing_keys.entry(name.to_owned()).or_insert(fresh))
    }
}
