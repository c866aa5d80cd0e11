//! The writer: reviews and steps of rederiving in the order of the batch, then its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::metric::Counters;
use concord_shared::moment::Moment;

use super::{AuditEntry, Data, MemoryStore};
use crate::domain::audit;
use crate::domain::store::{Batch, Commit, CommitStore, Committed, NewChange, ReviewCommit, RowsCommit, StoreError};

/// How counters moved, by object.
pub(super) type Deltas = BTreeMap<ObjectRef, Counters>;

#[async_trait]
impl CommitStore for MemoryStore {
    async fn commit(&self, batch: Arc<[Commit]>, now: Moment) -> Result<Batch, StoreError> {
        Ok(self.data().commit(&batch, now))
    }

    async fn last_xact(&self) -> Result<XactId, StoreError> {
        Ok(self.data().xact)
    }
}

impl Data {
    fn commit(&mut self, batch: &[Commit], now: Moment) -> Batch {
        self.sequence += 1;
        let mut deltas = Deltas::new();
        let mut rows: BTreeMap<ObjectRef, Vec<(XactId, &RowsCommit)>> = BTreeMap::new();
        let mut results = Vec::with_capacity(batch.len());
        let mut accepted = Vec::new();
        for commit in batch {
            self.xact = XactId::next(self.xact, now.as_seconds());
            let xact = self.xact;
            results.push(match commit {
                Commit::Review(commit) => self.store_review(commit).map(|()| {
                    if !commit.changes.is_empty() {
                        self.tell(commit);
                        let scores = self.book(commit.key.project);
                        let delta = self.derive_reviewed(commit, &scores, xact);
                        deltas.entry(commit.key.object).or_default().merge(&delta);
                        accepted.push(&**commit);
                    }
                    Committed::Review
                }),
                Commit::Rederive(step) => {
                    let (delta, next) = self.derive_step(*step);
                    deltas.entry(step.object).or_default().merge(&delta);
                    Ok(Committed::Rederived(next))
                }
                Commit::Rows(commit) => {
                    rows.entry(commit.object).or_default().push((xact, commit));
                    Ok(Committed::Rows(xact))
                }
            });
        }
        self.keep_notices(&accepted);
        for (object, commits) in rows {
            let delta = self.write_rows(object, &commits, now);
            deltas.entry(object).or_default().merge(&delta);
        }
        let moved = |(_, delta): &(ObjectRef, Counters)| !delta.is_empty();
        Batch { results, deltas: deltas.into_iter().filter(moved).collect(), sequence: self.sequence }
    }

    /// Everything that can refuse a commit is asked first.
    fn store_review(&mut self, commit: &ReviewCommit) -> Result<(), StoreError> {
        let document = commit.key.document;
        let missing = || StoreError::Unavailable(format!("there is no review {document}"));
        let review = self.reviews.get(&document).ok_or_else(missing)?;
        if review.revision() != commit.base {
            return Err(StoreError::Stale(review.revision()));
        }
        for change in commit.changes.iter().filter(|change| change.seq == 1) {
            match self.replicas.get(&change.replica) {
                Some(owner) if *owner != change.author => {
                    return Err(StoreError::ReplicaTaken { replica: change.replica.clone(), owner: *owner });
                }
                _ => {}
            }
        }
        let mut brought = BTreeSet::new();
        for feedback_id in commit.changes.iter().filter_map(|change| change.feedback_id.as_deref()) {
            if review.has_feedback(feedback_id) || !brought.insert(feedback_id) {
                return Err(StoreError::Repeated { feedback_id: feedback_id.to_owned() });
            }
        }
        self.refusals.extend(commit.refusals.iter().map(|refusal| (document, refusal.clone())));
        if !commit.changes.is_empty() {
            self.accept(commit);
        }
        Ok(())
    }

    fn accept(&mut self, commit: &ReviewCommit) {
        for (index, change) in commit.changes.iter().enumerate() {
            self.replicas.entry(change.replica.clone()).or_insert(change.author);
            self.append_audit(commit, commit.base.0 + 1 + index as u64, change);
        }
        let Some(review) = self.reviews.get_mut(&commit.key.document) else { return };
        review.changes.extend(commit.changes.iter().cloned());
        review.heads.clone_from(&commit.heads);
        review.state = (*commit.state).clone();
        if let Some(snapshot) = &commit.snapshot {
            (review.snapshot, review.snapshot_revision) = (Some(snapshot.clone()), review.revision());
        }
    }

    fn append_audit(&mut self, commit: &ReviewCommit, revision: u64, change: &NewChange) {
        let project = commit.key.project;
        for fact in &change.facts {
            let last = self.audit.iter().rev().find(|entry| entry.project == project);
            let (sequence, previous) = last.map_or((1, [0; 32]), |last| (last.sequence + 1, last.hash));
            let entry = audit::Entry { sequence, revision, key: &commit.key, change, fact };
            self.audit.push(AuditEntry {
                project,
                sequence,
                document: commit.key.document,
                revision,
                hash: entry.hash(&previous, &fact.from.to_string(), &fact.to.to_string()),
                change: NewChange { facts: Vec::new(), bytes: Vec::new(), ..change.clone() },
                fact: fact.clone(),
            });
        }
    }
}
