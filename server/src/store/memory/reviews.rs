//! Reviews: opening, loading, history.

use std::collections::BTreeMap;

use async_trait::async_trait;
use concord_shared::ids::{DocumentId, MemberId, ObjectRef, OrganizationId, ProjectId, Reviewer, Revision};
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewState;

use super::{AuditEntry, Data, MemoryStore, Review};
use crate::domain::store::{HistoryActor, HistoryEntry, ReviewKey, ReviewStore, StoreError, StoredReview};

#[async_trait]
impl ReviewStore for MemoryStore {
    async fn ensure_review(
        &self,
        organization: OrganizationId,
        project: ProjectId,
        object: ObjectRef,
        row_id: &str,
        _now: Moment,
    ) -> Result<ReviewKey, StoreError> {
        Ok(self.data().ensure_review(DocumentId::new(), organization, project, object, row_id))
    }

    async fn find_review(&self, document: DocumentId) -> Result<Option<ReviewKey>, StoreError> {
        Ok(self.data().reviews.get(&document).map(|review| review.key.clone()))
    }

    async fn load_review(&self, document: DocumentId) -> Result<Option<StoredReview>, StoreError> {
        Ok(self.data().reviews.get(&document).map(|review| {
            let replicas: BTreeMap<_, _> =
                review.changes.iter().map(|change| (change.replica.clone(), change.author)).collect();
            let later = &review.changes[review.snapshot_revision.0 as usize..];
            StoredReview {
                key: review.key.clone(),
                revision: review.revision(),
                heads: review.heads.clone(),
                snapshot: review.snapshot.clone(),
                snapshot_revision: review.snapshot_revision,
                changes: later.iter().map(|change| change.bytes.clone()).collect(),
                replicas: replicas.into_iter().collect(),
            }
        }))
    }

    async fn feedback_seen(&self, document: DocumentId, feedback_id: &str) -> Result<bool, StoreError> {
        Ok(self.data().reviews.get(&document).is_some_and(|review| review.has_feedback(feedback_id)))
    }

    async fn history(&self, document: DocumentId, after: i64, limit: u32) -> Result<Vec<HistoryEntry>, StoreError> {
        let data = self.data();
        let numbered = data.audit.iter().enumerate().map(|(index, entry)| (index as i64 + 1, entry));
        let own = numbered.filter(|(id, entry)| entry.document == document && *id > after);
        Ok(own.take(limit as usize).map(|(id, entry)| data.told(id, entry)).collect())
    }

    async fn save_snapshot(&self, document: DocumentId, revision: Revision, bytes: Vec<u8>) -> Result<(), StoreError> {
        if let Some(review) = self.data().reviews.get_mut(&document)
            && review.snapshot_revision < revision
        {
            (review.snapshot, review.snapshot_revision) = (Some(bytes), revision);
        }
        Ok(())
    }
}

impl Review {
    pub(crate) fn revision(&self) -> Revision {
        Revision(self.changes.len() as u64)
    }

    pub(super) fn has_feedback(&self, feedback_id: &str) -> bool {
        self.changes.iter().any(|change| change.feedback_id.as_deref() == Some(feedback_id))
    }
}

impl Data {
    /// The review of a row; made under the id `document` when there is none.
    pub(crate) fn ensure_review(
        &mut self,
        document: DocumentId,
        organization: OrganizationId,
        project: ProjectId,
        object: ObjectRef,
        row_id: &str,
    ) -> ReviewKey {
        let document = *self.review_of.entry((object, row_id.to_owned())).or_insert(document);
        let made = || Review {
            key: ReviewKey { document, organization, project, object, row_id: row_id.to_owned() },
            changes: Vec::new(),
            heads: Vec::new(),
            state: ReviewState::default(),
            snapshot: None,
            snapshot_revision: Revision(0),
        };
        self.reviews.entry(document).or_insert_with(made).key.clone()
    }

    fn told(&self, id: i64, entry: &AuditEntry) -> HistoryEntry {
        let change = &entry.change;
        let name = |member: &MemberId| match self.members.get(member) {
            Some(stored) => stored.credentials.member.name.clone(),
            None => "removed member".to_owned(),
        };
        let actor = match &change.author {
            Some(author) => HistoryActor { id: author.to_string(), name: name(author) },
            None => HistoryActor { id: "server".into(), name: "Concord".into() },
        };
        let on_behalf_of = change.on_behalf_of.as_ref().map(|reviewer| HistoryActor {
            id: reviewer.to_string(),
            name: match reviewer {
                Reviewer::Member(member) => name(member),
                Reviewer::External(name) => name.clone(),
            },
        });
        HistoryEntry {
            id: id.to_string(),
            revision: entry.revision,
            at: change.received_at,
            actor,
            on_behalf_of,
            source: change.source.as_str().to_owned(),
            path: entry.fact.path.clone(),
            from: entry.fact.from.clone(),
            to: entry.fact.to.clone(),
            hash: change.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            metadata: change.metadata.clone(),
        }
    }
}
