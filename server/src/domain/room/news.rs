//! Another server has written the document: what it wrote is taken in, and what our clients wrote is judged again on top of
//! it. Nobody is disconnected and nothing is sent twice.

use automerge::ChangeHash;
use concord_shared::ids::Revision;
use concord_shared::moment::Moment;

use super::event::{Effect, Reloaded, WriteFailure};
use super::work::Work;
use super::{Phase, Room};
use crate::domain::gate::Paths;
use crate::domain::store::StoreError;

impl Room {
    /// The commit built on an older revision than is stored. Callers of the API are told so and come again, which also asks
    /// anew whether their feedback is stored by now; changes of clients are kept, since automerge sends each only once.
    pub(super) fn fall_behind(&mut self, mut work: Box<Work>, stored: Revision) -> Vec<Effect> {
        let mut effects = turn_away(&mut work, &StoreError::Stale(stored));
        self.phase = Phase::CatchingUp(work);
        effects.push(Effect::Reload);
        effects
    }

    /// Feedback in the commit is stored already. Its caller is told so, the others come again, and clients do not notice.
    pub(super) fn leave_callers_out(&mut self, now: Moment, mut work: Box<Work>, error: StoreError) -> Vec<Effect> {
        let mut effects = turn_away(&mut work, &error);
        let again = self.judge_again(now, *work);
        effects.extend(self.go_on(now, again));
        effects
    }

    /// The document was read again. Unasked it is only of use between commits: a running one will find out by itself.
    pub(super) fn reloaded(&mut self, now: Moment, result: Result<Box<Reloaded>, StoreError>) -> Vec<Effect> {
        let work = match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Idle => None,
            Phase::CatchingUp(work) => Some(work),
            committing @ Phase::Committing(_) => {
                self.phase = committing;
                return Vec::new();
            }
        };
        let mut effects = match (result, &work) {
            (Ok(news), _) => self.take_in(*news),
            (Err(_), None) => return Vec::new(),
            (Err(error), Some(_)) => {
                let mut effects = work.map(|work| self.give_up(*work, error)).unwrap_or_default();
                effects.push(Effect::Abandon);
                return effects;
            }
        };
        if let Some(work) = work {
            let again = self.judge_again(now, *work);
            effects.extend(self.go_on(now, again));
        }
        effects
    }

    /// Makes the newer document ours and sends what is new in it.
    fn take_in(&mut self, news: Reloaded) -> Vec<Effect> {
        let Reloaded { document, revision, snapshot_revision, replicas } = news;
        if revision <= self.revision {
            return Vec::new();
        }
        let before: Vec<ChangeHash> = self.held.heads().to_vec();
        let changes = document.get_changes(&before);
        let changes: Vec<_> = changes.iter().collect();
        self.end_run();
        self.held.replace(document, None);
        self.revision = revision;
        self.snapshot_revision = snapshot_revision;
        self.replicas = replicas;
        // It knows none of the new objects.
        self.paths = Paths::default();
        let (held, peers) = (&mut self.held, self.peers.iter_mut());
        peers.filter_map(|(connection, peer)| peer.push(*connection, held, &before, &changes)).collect()
    }
}

/// Tells every caller of the API whose edits are in the commit why they are not stored.
fn turn_away(work: &mut Work, error: &StoreError) -> Vec<Effect> {
    let failure = || Err(WriteFailure::Store(error.clone()));
    let answers = std::mem::take(&mut work.answers).into_iter();
    answers.map(|answer| Effect::Answer { request: answer.request, result: failure() }).collect()
}
