//! Random batches on a store and on maps behind a lock: equal answers to everything that can be asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use concord_shared::ids::{MemberId, ObjectRef, ObjectType, ProjectId, Reviewer, Revision};
use concord_shared::moment::Moment;
use concord_shared::review::state::{Comment, Judgement, ReviewState, ReviewStatus};
use concord_shared::role::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::dice::Dice;
use super::fixtures::{NOW, World, change, credentials, fact, project, project_score, review_commit, row_write};
use crate::domain::account::AccountStore;
use crate::domain::project::{Project, ProjectStore};
use crate::domain::rows::{Order, TraceKey};
use crate::domain::store::{Commit, CommitStore, NewChange, Rederive, ReviewKey, ReviewStore, RowsCommit, Store};
use crate::store::memory::MemoryStore;

/// Batches of the plan, and the plans. Each batch is followed by every question.
const BATCHES: usize = 14;
const PLANS: u64 = 4;

/// Both stores, holding the same.
struct Pair {
    store: Arc<dyn Store>,
    memory: MemoryStore,
    world: World,
    objects: [ObjectRef; 2],
    members: [MemberId; 2],
    dice: Dice,
}

pub(super) async fn random_batches_answer_like_maps(world: World) {
    let memory = MemoryStore::default();
    let own = world.store.project(world.organization, world.project).await.unwrap().unwrap();
    memory.register_project(&own).await.unwrap();
    let mut members = [world.owner; 2];
    let eva = credentials(world.organization, "eva@acme.test", Role::Reviewer);
    members[1] = world.store.add_member(&eva, None).await.unwrap();
    for member in [world.store.credentials("ann@acme.test").await.unwrap().unwrap(), eva] {
        memory.add_member(&member, None).await.unwrap();
    }
    let store = world.store.clone();
    let mut pair = Pair { store, memory, objects: [world.object; 2], world, members, dice: Dice(0) };
    for seed in 0..PLANS {
        pair.dice = Dice(seed);
        // A project of its own for each plan, so that plans do not see each other.
        let fresh = Project { ..project(pair.world.organization, &format!("Plan {seed}")) };
        pair.store.register_project(&fresh).await.unwrap();
        pair.memory.register_project(&fresh).await.unwrap();
        pair.world.project = fresh.id;
        let dataset = ObjectRef { object_type: ObjectType::Dataset, object_id: Uuid::now_v7() };
        pair.objects = [ObjectRef::logs(fresh.id), dataset];
        for step in 0..BATCHES {
            pair.maybe_change_scores().await;
            let commits = pair.batch().await;
            let now = Moment(NOW.0 + 1_000_000 * step as i64);
            let ours = pair.store.commit(commits.clone(), now).await.unwrap();
            let theirs = pair.memory.commit(commits, now).await.unwrap();
            assert_eq!(ours.deltas, theirs.deltas, "plan {seed}, batch {step}");
            assert_eq!(kinds(&ours.results), kinds(&theirs.results), "plan {seed}, batch {step}");
            assert_eq!(pair.answers(&*pair.store).await, pair.answers(&pair.memory).await, "plan {seed}, batch {step}");
        }
    }
}

/// Transaction ids of two stores are alike only when both have seen the same past.
fn kinds<T: std::fmt::Debug>(results: &[T]) -> Vec<String> {
    results.iter().map(|result| format!("{result:?}").split("XactId").next().unwrap_or_default().to_owned()).collect()
}

impl Pair {
    fn object(&mut self) -> ObjectRef {
        self.objects[self.dice.roll(2) as usize]
    }

    /// Adds, changes or deletes a configuration, the same on both sides.
    async fn maybe_change_scores(&mut self) {
        if self.dice.roll(3) > 0 {
            return;
        }
        let options = json!([{"name": "good", "value": 1}, {"name": "half", "value": 0.25 * self.dice.roll(4) as f64}]);
        let (kind, categories) =
            [("slider", Value::Null), ("categorical", options)][self.dice.roll(2) as usize].clone();
        let config = json!({"aggregate": (["mean", "median", "majority", "latest"][self.dice.roll(4) as usize])});
        let score = project_score(self.world.project, self.members[0], "Tone", kind, categories, config);
        let ours = self.store.register_score(&score, true).await.unwrap();
        assert_eq!(ours.1, self.memory.register_score(&score, true).await.unwrap().1);
    }

    async fn batch(&mut self) -> Arc<[Commit]> {
        let mut commits = Vec::new();
        for _ in 0..1 + self.dice.roll(4) {
            let commit = match self.dice.roll(7) {
                0 => {
                    let (project, object) = (self.world.project, self.object());
                    Commit::Rederive(Rederive { project, object, after: 0 })
                }
                1..=3 => self.review().await,
                _ => self.rows(),
            };
            // A batch holds one commit of a review at most: a room never has two under way.
            let document = |commit: &Commit| match commit {
                Commit::Review(commit) => Some(commit.key.document),
                Commit::Rows(_) | Commit::Rederive(_) => None,
            };
            if document(&commit).is_none() || commits.iter().all(|other| document(other) != document(&commit)) {
                commits.push(commit);
            }
        }
        commits.into()
    }

    fn rows(&mut self) -> Commit {
        let (project, object) = (self.world.project, self.object());
        let writes = (0..1 + self.dice.roll(4)).map(|_| row_write(&self.row())).collect();
        Commit::Rows(RowsCommit::new(project, object, writes))
    }

    fn row(&mut self) -> Value {
        let dice = &mut self.dice;
        let id = format!("row {}", dice.roll(9));
        let trace = format!("trace {}", dice.roll(3));
        let tone = 0.25 * dice.roll(5) as f64;
        match dice.roll(7) {
            0 => json!({"id": id, "_object_delete": true}),
            1 => json!({"id": id, "_is_merge": true, "scores": {"Tone": null}, "tags": [trace]}),
            2 => json!({"id": id, "_is_merge": true, "scores": {"Tone": tone}, "output": tone}),
            3 => json!({"id": id, "error": "broke", "root_span_id": trace, "span_parents": ["p"]}),
            4 => json!({"id": id, "_parent_id": format!("row {}", dice.roll(9)), "created": "2026-11-24T08:00:00Z"}),
            _ => json!({"id": id, "root_span_id": trace, "scores": {"Tone": tone, "Judge": 1}, "input": "hello",
                "span_attributes": {"type": (["llm", "tool"][dice.roll(2) as usize])}, "tags": ["a"],
                "metrics": {"tokens": dice.roll(100), "cost": 0.1}, "metadata": {"model": format!("m{}", dice.roll(3))}}),
        }
    }

    /// The review of a row under one id on both sides.
    async fn key(&mut self) -> ReviewKey {
        let (object, row) = (self.object(), format!("row {}", self.dice.roll(9)));
        let (organization, project) = (self.world.organization, self.world.project);
        let key = self.store.ensure_review(organization, project, object, &row, NOW).await.unwrap();
        let same = self.memory.data().ensure_review(key.document, organization, project, object, &row);
        assert_eq!(key, same);
        key
    }

    async fn review(&mut self) -> Commit {
        let key = self.key().await;
        let stored = self.memory.load_review(key.document).await.unwrap().unwrap();
        let dice = &mut self.dice;
        let base = if dice.roll(5) == 0 { dice.roll(4) } else { stored.revision.0 };
        let mut used: BTreeSet<Vec<u8>> = stored.replicas.iter().map(|(replica, _)| replica.clone()).collect();
        let mut changes = Vec::new();
        for n in base..base + dice.roll(3) {
            let author = [Some(self.members[0]), Some(self.members[1]), None][dice.roll(3) as usize];
            let own = [author.map_or([7; 16], |author| author.0.into_bytes()), key.document.0.into_bytes()].concat();
            // Mostly a replica of this document and author; sometimes one that somebody may use in another document.
            let mut change = NewChange { replica: own, ..change(0, n + 1, author) };
            let shared = vec![dice.roll(12) as u8; 16];
            if dice.roll(4) == 0 && used.insert(shared.clone()) {
                (change.replica, change.seq) = (shared, 1);
            }
            change.facts = (0..dice.roll(3)).map(|n| fact("/status/value", json!(n), json!({"to": "ü"}))).collect();
            change.feedback_id = (dice.roll(3) == 0).then(|| format!("f{}", dice.roll(4)));
            change.on_behalf_of = author.map(Reviewer::Member);
            changes.push(change);
        }
        let state = self.state();
        let mut commit = review_commit(&key, base, changes, state);
        if let Commit::Review(commit) = &mut commit
            && self.dice.roll(4) == 0
            && !commit.changes.is_empty()
        {
            commit.snapshot = Some(vec![self.dice.roll(256) as u8]);
        }
        commit
    }

    fn state(&mut self) -> ReviewState {
        let dice = &mut self.dice;
        let mut state = ReviewState::default();
        let reviewers =
            [Reviewer::Member(self.members[0]), Reviewer::Member(self.members[1]), Reviewer::External("user".into())];
        for reviewer in reviewers {
            let judgement = match dice.roll(5) {
                0 => Judgement::Withdrawn,
                1 => Judgement::Option("late".into()),
                n => Judgement::Number(0.25 * n as f64),
            };
            if dice.roll(2) == 0 {
                state.scores.insert(reviewer, [("Tone".to_owned(), judgement)].into());
            }
        }
        state.status.value = ReviewStatus::ALL[dice.roll(4) as usize];
        state.expected.set = dice.roll(3) == 0;
        if dice.roll(3) == 0 {
            let comment = Comment {
                author: Reviewer::Member(self.members[0]),
                at: NOW,
                text: "hm".into(),
                edited_at: None,
                deleted: dice.roll(2) == 0,
                resolved: false,
                parent: None,
                anchor: None,
                source: None,
            };
            state.comments.insert(format!("c{}", dice.roll(3)), comment);
        }
        state
    }

    /// Everything that can be asked, as text. Places and transaction ids count on the whole past of a store; their order is
    /// seen in the order of what they order.
    async fn answers(&self, store: &dyn Store) -> Vec<String> {
        let mut told = Vec::new();
        for object in self.objects {
            for order in [Order::Newest, Order::Oldest] {
                let page = store.traces(object, order, None, 4).await.unwrap();
                let last = page.last().map(|trace| TraceKey { created: trace.root.created, place: trace.place });
                let rest = store.traces(object, order, last, 100).await.unwrap();
                let lines = page.iter().chain(rest.iter().filter(|_| last.is_some()));
                told.extend(
                    lines.map(|line| format!("{:?}", crate::domain::rows::TraceLine { place: 0, ..line.clone() })),
                );
            }
            for trace in 0..3 {
                told.push(format!("{:?}", store.trace(object, &format!("trace {trace}"), 3).await.unwrap()));
            }
            let mut before = None;
            loop {
                let page = store.fetch(object, before, 2).await.unwrap();
                told.extend(page.rows.iter().map(|full| format!("{:?} {:?}", full.row, full.review)));
                before = page.last;
                if before.is_none() {
                    break;
                }
            }
            for row in 0..9 {
                told.push(format!("{:?}", store.locate(object, &format!("row {row}")).await.unwrap()));
            }
            for comment in ["c0", "c1", "c2"] {
                told.push(format!("{:?}", store.comment_row(object, comment).await.unwrap()));
            }
            told.push(format!(
                "{:?} {:?}",
                store.counters(object).await.unwrap(),
                store.extremes(object).await.unwrap()
            ));
        }
        told.push(format!("{:?}", store.project_numbers(self.world.project, NOW).await.unwrap()));
        told.extend(self.reviews(store, self.world.project).await);
        told
    }

    async fn reviews(&self, store: &dyn Store, project: ProjectId) -> Vec<String> {
        let keys: Vec<ReviewKey> = self.memory.data().reviews.values().map(|review| review.key.clone()).collect();
        let mut told = Vec::new();
        for key in keys.into_iter().filter(|key| key.project == project) {
            let mut stored = store.load_review(key.document).await.unwrap().unwrap();
            stored.replicas.sort();
            assert!(
                stored.snapshot_revision <= stored.revision && stored.revision > Revision(0) || stored.heads.is_empty()
            );
            told.push(format!("{stored:?}"));
            for entry in store.history(key.document, 0, 1000).await.unwrap() {
                told.push(format!("{:?}", crate::domain::store::HistoryEntry { id: String::new(), ..entry }));
            }
        }
        told
    }
}
