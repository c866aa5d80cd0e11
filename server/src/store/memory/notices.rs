//! What members are told.

use async_trait::async_trait;
use concord_shared::ids::MemberId;
use concord_shared::moment::Moment;

use super::{Data, MemoryStore};
use crate::domain::notice::{Kind, NewNotification, Notification, NotificationStore, Read, TOGETHER, gather};
use crate::domain::store::{ReviewCommit, StoreError};

#[async_trait]
impl NotificationStore for MemoryStore {
    async fn notifications(
        &self,
        member: MemberId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        let data = self.data();
        let own = data
            .notifications
            .iter()
            .rev()
            .filter(|kept| kept.notice.member == member && before.is_none_or(|before| kept.id < before));
        Ok(own.take(limit as usize).cloned().collect())
    }

    async fn unread(&self, member: MemberId) -> Result<u64, StoreError> {
        let data = self.data();
        let unread = |kept: &&Notification| kept.notice.member == member && kept.read.is_none();
        Ok(data.notifications.iter().filter(unread).count() as u64)
    }

    async fn mark_read(&self, member: MemberId, read: &Read, now: Moment) -> Result<(), StoreError> {
        let mut data = self.data();
        let meant = |id: i64| match read {
            Read::Some(ids) => ids.contains(&id),
            Read::UpTo(last) => id <= *last,
        };
        let own = data.notifications.iter_mut().filter(|kept| kept.notice.member == member && kept.read.is_none());
        own.filter(|kept| meant(kept.id)).for_each(|kept| kept.read = Some(now));
        Ok(())
    }
}

impl Data {
    pub(super) fn keep_notices(&mut self, commits: &[&ReviewCommit]) {
        for new in gather(commits.iter().copied()) {
            if !self.add_to_newest(&new) {
                self.keep(&new);
            }
        }
    }

    /// Whether it was added to the member's newest unread one.
    fn add_to_newest(&mut self, new: &NewNotification<'_>) -> bool {
        let NewNotification { review, rows, notice } = new;
        let mut own = self.notifications.iter_mut().rev();
        let newest = own.find(|kept| kept.notice.member == notice.member && kept.read.is_none());
        let newest = newest.filter(|kept| {
            (kept.notice.kind, notice.kind) == (Kind::Assigned, Kind::Assigned)
                && kept.object == review.object
                && kept.notice.by == notice.by
                && kept.notice.at.0 > notice.at.0 - TOGETHER
        });
        let Some(kept) = newest else { return false };
        kept.rows += rows;
        (kept.document, kept.row_id, kept.notice.at) = (review.document, review.row_id.clone(), notice.at);
        true
    }

    fn keep(&mut self, new: &NewNotification<'_>) {
        let NewNotification { review, rows, notice } = new;
        let member = self.members.get(&notice.member).filter(|member| {
            member.credentials.member.organization == review.organization && member.disabled_at.is_none()
        });
        let told = |kept: &Notification| {
            !notice.comment.is_empty()
                && (kept.notice.member, kept.notice.kind) == (notice.member, notice.kind)
                && kept.document == review.document
                && kept.notice.comment == notice.comment
        };
        if member.is_none() || self.notifications.iter().any(told) {
            return;
        }
        self.notifications.push(Notification {
            id: self.notifications.len() as i64 + 1,
            project: review.project,
            object: review.object,
            document: review.document,
            row_id: review.row_id.clone(),
            rows: *rows,
            read: None,
            notice: notice.clone(),
        });
    }
}
