//! A store of maps behind one lock: the reference that the others are held against, and the ground of the simulation.
//! Plain rather than fast: what can be counted when it is asked for is counted then.
//!
//! A commit asks everything that can refuse it before it changes anything, so no copy is needed to take it back.

mod accounts;
mod attachments;
mod commits;
mod keys;
mod members;
mod metrics;
mod notices;
mod objects;
mod projects;
mod reviews;
mod rows;
mod search;
mod tags;
mod views;
mod webhooks;
mod write_rows;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use concord_shared::ids::{
    DeliveryId, DocumentId, KeyId, MemberId, ObjectRef, OrganizationId, ProjectId, Revision, ScoreId, TagId, ViewId,
    WebhookId, XactId,
};
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewState;
use concord_shared::row::Row;

use crate::domain::account::keys::{ApiKey, FeedbackKey, Session};
use crate::domain::account::secret::Digest;
use crate::domain::account::{Credentials, NewToken, Organization};
use crate::domain::attachment::Attachment;
use crate::domain::line::LoggedLine;
use crate::domain::measure::Derived;
use crate::domain::notice::Notification;
use crate::domain::object::Object;
use crate::domain::project::tag::ProjectTag;
use crate::domain::project::{Project, ProjectScore};
use crate::domain::store::{NewChange, NewFact, NewRefusal, ReviewKey, Store};
use crate::domain::view::View;
use crate::domain::webhook::{Delivery, Webhook};

/// A store that forgets everything when it goes. Clones share what they hold, as servers share a database.
#[derive(Clone, Default)]
pub(crate) struct MemoryStore(Arc<Mutex<Data>>);

impl MemoryStore {
    /// Everything that is stored. A panic of a test that held the lock leaves the data as they were.
    pub(crate) fn data(&self) -> MutexGuard<'_, Data> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a database holds.
#[derive(Default)]
pub(crate) struct Data {
    pub(crate) organizations: BTreeMap<OrganizationId, Organization>,
    pub(crate) members: BTreeMap<MemberId, StoredMember>,
    pub(crate) tokens: BTreeMap<Digest, NewToken>,
    pub(crate) sessions: BTreeMap<Digest, Session>,
    pub(crate) keys: BTreeMap<KeyId, (ApiKey, Digest)>,
    pub(crate) feedback_keys: BTreeMap<KeyId, (FeedbackKey, Digest)>,
    pub(crate) projects: BTreeMap<ProjectId, Project>,
    pub(crate) objects: BTreeMap<ObjectRef, Object>,
    pub(crate) scores: BTreeMap<ScoreId, ProjectScore>,
    pub(crate) tags: BTreeMap<TagId, ProjectTag>,
    pub(crate) views: BTreeMap<ViewId, View>,
    pub(crate) webhooks: BTreeMap<WebhookId, Webhook>,
    pub(crate) deliveries: BTreeMap<DeliveryId, Delivery>,
    pub(crate) attachments: BTreeMap<(OrganizationId, String), Attachment>,
    pub(crate) signing_keys: BTreeMap<String, [u8; 32]>,
    pub(crate) rows: BTreeMap<(ObjectRef, String), StoredRow>,
    pub(crate) traces: BTreeMap<(ObjectRef, String), StoredTrace>,
    /// What rows of datasets showed after each transaction.
    pub(crate) versions: BTreeMap<(ObjectRef, String, XactId), Row>,
    /// Which row a comment speaks of.
    pub(crate) comments: BTreeMap<(ObjectRef, String), String>,
    pub(crate) reviews: BTreeMap<DocumentId, Review>,
    /// Which review a row has.
    pub(crate) review_of: BTreeMap<(ObjectRef, String), DocumentId>,
    /// Whose a replica id is; `None`: the server's.
    pub(crate) replicas: BTreeMap<Vec<u8>, Option<MemberId>>,
    /// All chains; the id of an entry is its place here, from 1.
    pub(crate) audit: Vec<AuditEntry>,
    pub(crate) refusals: Vec<(DocumentId, NewRefusal)>,
    /// By arrival; the id of one is its place here, from 1.
    pub(crate) notifications: Vec<Notification>,
    /// Batches committed.
    pub(crate) sequence: i64,
    pub(crate) xact: XactId,
    /// The last place given to a row.
    pub(crate) last_place: i64,
}

/// A member with what only the database knows.
pub(crate) struct StoredMember {
    pub(crate) credentials: Credentials,
    pub(crate) disabled_at: Option<Moment>,
}

/// A row with what was derived from it when it or its review was last written.
pub(crate) struct StoredRow {
    /// Order of arrival.
    pub(crate) place: i64,
    pub(crate) row: Row,
    pub(crate) xact: XactId,
    pub(crate) line: LoggedLine,
    pub(crate) derived: Derived,
}

/// What a trace has beyond its spans.
#[derive(Default)]
pub(crate) struct StoredTrace {
    /// When it was last written.
    pub(crate) xact: XactId,
    /// The model that was named last.
    pub(crate) model: Option<String>,
}

/// A review and its changes.
pub(crate) struct Review {
    pub(crate) key: ReviewKey,
    /// The change at index `n` has revision `n + 1`.
    pub(crate) changes: Vec<NewChange>,
    pub(crate) heads: Vec<[u8; 32]>,
    pub(crate) state: ReviewState,
    pub(crate) snapshot: Option<Vec<u8>>,
    pub(crate) snapshot_revision: Revision,
}

/// One link of a project's chain.
pub(crate) struct AuditEntry {
    pub(crate) project: ProjectId,
    pub(crate) sequence: i64,
    pub(crate) document: DocumentId,
    pub(crate) revision: u64,
    /// Without its facts and bytes.
    pub(crate) change: NewChange,
    pub(crate) fact: NewFact,
    pub(crate) hash: [u8; 32],
}

#[async_trait]
impl Store for MemoryStore {
    async fn close(&self) {}
}
