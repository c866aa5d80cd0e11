//! A world around an empty store: an organization with an owner and a project, and short ways to write.

use std::any::Any;
use std::sync::Arc;

use concord_shared::ids::{MemberId, ObjectRef, OrganizationId, ProjectId, Revision, ScoreId};
use concord_shared::metric::Counters;
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewState;
use concord_shared::role::Role;
use concord_shared::row::{RowWrite, Write, parse};
use serde_json::{Value, json};

use super::open::Opened;
use crate::domain::account::{Credentials, Member, NewToken, Organization, TokenKind};
use crate::domain::line::LoggedLine;
use crate::domain::measure::derive;
use crate::domain::project::{Project, ProjectScore};
use crate::domain::store::{
    Batch, Commit, Committed, NewChange, NewFact, ReviewCommit, ReviewKey, RowsCommit, Source, Store, StoreError,
};

/// 2026-11-24T08:40:00Z.
pub(super) const NOW: Moment = Moment(1_795_509_600_000_000);

pub(super) struct World {
    pub(super) store: Arc<dyn Store>,
    pub(super) organization: OrganizationId,
    pub(super) owner: MemberId,
    pub(super) project: ProjectId,
    /// The logs of the project.
    pub(super) object: ObjectRef,
    /// The sum of all deltas that batches have told of the logs.
    pub(super) moved: Counters,
    _keep: Box<dyn Any + Send>,
}

impl World {
    pub(super) async fn new(Opened { store, keep }: Opened) -> Self {
        let organization = organization("Acme");
        let owner = credentials(organization.id, "ann@acme.test", Role::Owner);
        assert_eq!(store.has_organization().await, Ok(false), "a new store is empty");
        let link = NewToken { digest: [0xAA; 32], kind: TokenKind::SetUp, member: None, expires: Moment(NOW.0 + 1) };
        store.add_token(&link, NOW).await.expect("a link");
        let set_up = store.set_up(link.digest, &organization, &owner, NOW).await;
        assert_eq!(set_up, Ok(true), "the first organization comes by its link");
        let (project, owner) = (project(organization.id, "Support"), owner.member.id);
        store.register_project(&project).await.expect("a project");
        let (project, object) = (project.id, ObjectRef::logs(project.id));
        Self { store, organization: organization.id, owner, project, object, moved: Counters::new(), _keep: keep }
    }

    /// Commits a batch that must be stored.
    pub(super) async fn commit(&mut self, batch: &[Commit]) -> Batch {
        let batch = self.store.commit(batch.into(), NOW).await.expect("a stored batch");
        for (object, delta) in &batch.deltas {
            assert!(!delta.is_empty(), "objects that did not move are left out");
            if *object == self.object {
                self.moved.merge(delta);
            }
        }
        batch
    }

    /// Commits one thing; what became of it.
    pub(super) async fn commit_one(&mut self, commit: Commit) -> Result<Committed, StoreError> {
        let mut results = self.commit(&[commit]).await.results;
        assert_eq!(results.len(), 1);
        results.remove(0)
    }

    /// Writes rows of one request to the logs.
    pub(super) async fn write(&mut self, rows: &[Value]) -> Batch {
        self.commit(&[self.rows(rows)]).await
    }

    /// Rows of one request to the logs.
    pub(super) fn rows(&self, rows: &[Value]) -> Commit {
        let writes = rows.iter().map(row_write).collect();
        Commit::Rows(RowsCommit::new(self.project, self.object, writes))
    }

    /// The review of a row of the logs.
    pub(super) async fn review(&self, row_id: &str) -> ReviewKey {
        let review = self.store.ensure_review(self.organization, self.project, self.object, row_id, NOW);
        review.await.expect("a review")
    }

    /// Stores what a review says now, with one change by the owner's replica of that review.
    pub(super) async fn judge(&mut self, row_id: &str, state: ReviewState) {
        let key = self.review(row_id).await;
        let revision = self.revision(&key).await;
        let replica = key.document.as_bytes().to_vec();
        let change = NewChange { replica, ..change(1, revision + 1, Some(self.owner)) };
        let commit = review_commit(&key, revision, vec![change], state);
        assert_eq!(self.commit_one(commit).await, Ok(Committed::Review));
    }

    pub(super) async fn revision(&self, key: &ReviewKey) -> u64 {
        self.store.load_review(key.document).await.expect("read").expect("a review").revision.0
    }

    /// What the counters of the logs should be: every row that is stored, derived anew.
    pub(super) async fn recount(&self) -> Counters {
        let scores = self.store.scores_of(self.project).await.expect("scores");
        let scores: Vec<_> = scores.iter().map(|score| score.to_score().expect("a checked one")).collect();
        let mut total = Counters::new();
        let fetched = self.store.fetch(self.object, None, 1000).await.expect("rows");
        assert_eq!(fetched.last, None, "all rows fit a page");
        for full in fetched.rows {
            let state = full.review.as_ref().map(|review| &review.state);
            total.merge(&derive(&LoggedLine::of(&full.row), full.row.is_root(), false, state, &scores).counted);
        }
        total
    }

    /// Rule R5: what is stored, the sum of what was told, and a recount are the same.
    pub(super) async fn assert_counted(&self) {
        let stored = self.store.counters(self.object).await.expect("counters");
        let stored: Counters = stored.iter().map(|(key, n)| (key.clone(), *n)).collect();
        assert_eq!(stored, self.recount().await, "the counters equal a recount");
        assert_eq!(stored, self.moved, "the differences add up");
        let snapshot = self.store.metrics(self.object).await.expect("metrics");
        assert_eq!(snapshot.counters, stored);
    }

    /// Adds a score configuration to the project.
    pub(super) async fn add_score(
        &self,
        name: &str,
        score_type: &str,
        categories: Value,
        config: Value,
    ) -> ProjectScore {
        let score = project_score(self.project, self.owner, name, score_type, categories, config);
        self.store.register_score(&score, false).await.expect("a score").0
    }
}

pub(super) fn organization(name: &str) -> Organization {
    Organization { id: OrganizationId::new(), name: name.into(), created: NOW }
}

pub(super) fn credentials(organization: OrganizationId, email: &str, role: Role) -> Credentials {
    let name = email.split('@').next().expect("a name").to_owned();
    let id = MemberId::new();
    let member = Member { id, organization, email: email.into(), name, role, created: NOW, disabled: false };
    Credentials { member, password_hash: Some(format!("hash of {email}")) }
}

pub(super) fn project(organization: OrganizationId, name: &str) -> Project {
    Project {
        id: ProjectId::new(),
        organization,
        name: name.into(),
        description: Some("What customers ask".into()),
        settings: json!({"comparison_key": "input"}),
        created_by: None,
        created: NOW,
        deleted: None,
    }
}

pub(super) fn project_score(
    project: ProjectId,
    created_by: MemberId,
    name: &str,
    score_type: &str,
    categories: Value,
    config: Value,
) -> ProjectScore {
    let (id, name, score_type) = (ScoreId::new(), name.into(), score_type.into());
    let (position, description) = (String::new(), Some("How to judge".into()));
    ProjectScore { id, project, created_by, name, description, score_type, categories, config, position, created: NOW }
}

pub(super) fn row_write(row: &Value) -> RowWrite {
    match parse(&row.to_string(), &mut || "made".into()).expect("a row").write {
        Write::Row(write) => *write,
        Write::Comment(_) => panic!("a comment"),
    }
}

/// A change as a store sees it: bytes that nobody reads, under a hash of their own.
pub(super) fn change(replica: u8, seq: u64, author: Option<MemberId>) -> NewChange {
    let mut hash = [replica; 32];
    hash[..8].copy_from_slice(&seq.to_be_bytes());
    NewChange {
        hash,
        replica: vec![replica; 16],
        seq,
        author,
        on_behalf_of: None,
        source: Source::App,
        connection: None,
        client_time: NOW,
        received_at: NOW,
        bytes: format!("change {seq} of replica {replica}").into_bytes(),
        facts: vec![fact("/status/value", json!("none"), json!(format!("{replica} {seq}")))],
        metadata: None,
        feedback_id: None,
    }
}

pub(super) fn fact(path: &str, from: Value, to: Value) -> NewFact {
    NewFact { path: path.into(), from, to }
}

pub(super) fn review_commit(key: &ReviewKey, base: u64, changes: Vec<NewChange>, state: ReviewState) -> Commit {
    let heads = changes.last().map(|change| change.hash).into_iter().collect();
    Commit::Review(Box::new(ReviewCommit {
        key: key.clone(),
        base: Revision(base),
        changes,
        refusals: Vec::new(),
        heads,
        state: Box::new(state),
        snapshot: None,
        at: NOW,
    }))
}
