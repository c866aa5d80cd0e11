//! `concord rebuild`: throws away what is derived and makes it anew from documents and logged rows (rule R3). Writes only
//! what differs, all of it or nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use concord_shared::ids::{ObjectRef, ProjectId, Revision};
use concord_shared::metric::{CounterKey, Counters};
use concord_shared::score::Score;

use super::derive::{derive, same_json};
use super::finding::{Finding, Flaw, Place, Stop, read_at};
use super::replay::Replay;
use super::verify::{FEW, MANY, check_trace, scores_of};
use super::{Extent, Mend, ReviewMend, ReviewRecord, TraceMend};
use crate::domain::gate::checked_snapshot;

/// What a rebuild did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rebuilt {
    /// What was looked at.
    pub extent: Extent,
    /// Reviews, rows, traces and counters that were written anew.
    pub mended: u64,
    /// Reviews and rows that could not be derived: what they are derived from is damaged.
    pub failed: u64,
}

/// What a rebuild says as it goes.
pub trait Witness: Send {
    /// How far it is: a part, what is done of it and how much there is.
    fn progress(&mut self, part: &'static str, done: u64, of: u64);
    /// Something stored differed and was written anew.
    fn mended(&mut self, finding: &Finding);
    /// Something cannot be derived and was left as it is.
    fn failed(&mut self, finding: &Finding);
}

struct Rebuild<'a> {
    store: &'a mut dyn Mend,
    witness: &'a mut dyn Witness,
    rebuilt: Rebuilt,
}

/// Rebuilds everything; call [`Mend::finish`] afterwards to keep it.
pub async fn rebuild(store: &mut dyn Mend, witness: &mut dyn Witness) -> Result<Rebuilt, Stop> {
    let extent = store.extent().await?;
    let mut rebuild = Rebuild { store, witness, rebuilt: Rebuilt { extent, ..Rebuilt::default() } };
    let swept = rebuild.store.sweep().await?;
    if swept > 0 {
        rebuild.mended(
            Flaw::new("list of scores", format!("one with {swept} of no row"), "one without").at(Place::Database),
        );
    }
    rebuild.reviews().await?;
    let counted = rebuild.rows().await?;
    rebuild.traces().await?;
    rebuild.counters(counted).await?;
    Ok(rebuild.rebuilt)
}

impl Rebuild<'_> {
    fn mended(&mut self, finding: Finding) {
        self.rebuilt.mended += 1;
        self.witness.mended(&finding);
    }

    fn failed(&mut self, finding: Finding) {
        self.rebuilt.failed += 1;
        self.witness.failed(&finding);
    }

    async fn reviews(&mut self) -> Result<(), Stop> {
        let (mut after, mut done) = (None, 0);
        loop {
            let reviews =
                read_at(|| after.map_or(Place::Database, Place::Review), self.store.reviews(after, FEW).await)?;
            let Some(last) = reviews.last() else { return Ok(()) };
            after = Some(last.key.document);
            let mut mends = Vec::new();
            for review in &reviews {
                match self.review(review).await {
                    Ok(None) => {}
                    Ok(Some((mend, finding))) => {
                        mends.push(mend);
                        self.mended(finding);
                    }
                    Err(Stop::Found(finding)) => self.failed(*finding),
                    Err(stop) => return Err(stop),
                }
            }
            self.store.mend_reviews(&mends).await?;
            done += reviews.len() as u64;
            self.witness.progress("reviews", done, self.rebuilt.extent.reviews);
        }
    }

    /// What a review should be, if it is not. An error: its changes do not make the document that they once made.
    async fn review(&mut self, review: &ReviewRecord) -> Result<Option<(ReviewMend, Finding)>, Stop> {
        let document = review.key.document;
        let here = Place::Review(document);
        let mut replay = Replay::new(review);
        loop {
            let from = replay.revision();
            let changes = read_at(|| Place::Change(document, from), self.store.changes(document, from, MANY).await)?;
            if changes.is_empty() {
                break;
            }
            for change in &changes {
                replay.take(change)?;
            }
        }
        replay.check_review(review).map_err(|flaw| flaw.at(here.clone()))?;
        let state = replay.state()?;
        let snapshot = replay.check_snapshot(review);
        let flaw = snapshot.as_ref().err().cloned().or_else(|| review_flaw(review, &state));
        let Some(flaw) = flaw else { return Ok(None) };
        let snapshot = match snapshot {
            Ok(()) => None,
            Err(_) => {
                let bytes = checked_snapshot(replay.document())
                    .map_err(|error| Flaw::new("document", error, "one that can be saved").at(here.clone()))?;
                Some((bytes, replay.revision()))
            }
        };
        let mend = ReviewMend {
            key: review.key.clone(),
            status: state.status.value,
            state: serde_json::to_string(&state).unwrap_or_default(),
            snapshot,
            comments: state.comments.into_keys().collect(),
        };
        Ok(Some((mend, flaw.at(here))))
    }

    /// Rows; what they add up to, by object.
    async fn rows(&mut self) -> Result<BTreeMap<ObjectRef, Counters>, Stop> {
        let mut counted: BTreeMap<ObjectRef, Counters> = BTreeMap::new();
        let mut scores: HashMap<ProjectId, Vec<Score>> = HashMap::new();
        let (mut after, mut done, mut place) = (0, 0, Place::Database);
        loop {
            let rows = read_at(|| place.clone(), self.store.rows(after, FEW).await)?;
            let Some(last) = rows.last() else { return Ok(counted) };
            after = last.place;
            place = Place::Row(last.object, last.logged.id.clone());
            let mut mends = Vec::new();
            for row in &rows {
                let here = || Place::Row(row.object, row.logged.id.clone());
                let project_scores = scores_of(as_inspect(self.store), &mut scores, row.project).await?;
                match derive(row, project_scores) {
                    Err(flaw) => self.failed(flaw.at(here())),
                    Ok(right) => {
                        counted.entry(row.object).or_default().merge(&right.counted);
                        if let Err(flaw) = right.check(row) {
                            mends.push(right.mend);
                            self.mended(flaw.at(here()));
                        }
                    }
                }
            }
            self.store.mend_rows(&mends).await?;
            done += rows.len() as u64;
            self.witness.progress("rows", done, self.rebuilt.extent.rows);
        }
    }

    async fn traces(&mut self) -> Result<(), Stop> {
        let mut after = None;
        loop {
            let traces = read_at(|| Place::Database, self.store.traces(after.as_ref(), MANY).await)?;
            let Some(last) = traces.last() else { return Ok(()) };
            after = Some(last.key.clone());
            let mut mends = Vec::new();
            for trace in &traces {
                let Some(finding) = check_trace(trace) else { continue };
                let known = trace.stored.map(|(_, xact)| xact).max(trace.last);
                let Some(xact) = known else { continue };
                mends.push(TraceMend { key: trace.key.clone(), sums: trace.counted, xact });
                self.mended(finding);
            }
            self.store.mend_traces(&mends).await?;
        }
    }

    /// Writes the counters of objects that differ anywhere.
    async fn counters(&mut self, counted: BTreeMap<ObjectRef, Counters>) -> Result<(), Stop> {
        let mut stored: BTreeMap<ObjectRef, Counters> = BTreeMap::new();
        let mut unreadable: BTreeMap<ObjectRef, String> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = read_at(|| Place::Database, self.store.counters(after.as_ref(), MANY).await)?;
            let Some(last) = page.last() else { break };
            after = Some((last.object, last.key.clone()));
            for counter in page {
                match CounterKey::from_text(&counter.key) {
                    Some(key) => stored.entry(counter.object).or_default().add(key, counter.value),
                    None => drop(unreadable.insert(counter.object, counter.key)),
                }
            }
        }
        let objects: BTreeSet<ObjectRef> =
            stored.keys().chain(unreadable.keys()).chain(counted.keys()).copied().collect();
        let nothing = Counters::new();
        for object in objects {
            let (found, right) = (stored.get(&object).unwrap_or(&nothing), counted.get(&object).unwrap_or(&nothing));
            let finding = match (unreadable.remove(&object), found.clone().minus(right).iter().next()) {
                (Some(key), _) => Flaw::new("key", &key, "one that is counted").at(Place::Counter(object, key)),
                (None, Some((key, _))) => {
                    let flaw = Flaw::new("value", found.get(key), format!("{}, by a recount", right.get(key)));
                    flaw.at(Place::Counter(object, key.to_text()))
                }
                (None, None) => continue,
            };
            self.store.mend_counters(object, right).await?;
            self.mended(finding);
        }
        Ok(())
    }
}

fn review_flaw(review: &ReviewRecord, state: &concord_shared::review::state::ReviewState) -> Option<Flaw> {
    let is_untouched = review.revision == Revision(0) && review.state == "{}";
    let wrong_state = same_json("state", Some(&review.state), Some(state)).err().filter(|_| !is_untouched);
    let status = state.status.value.as_str();
    let wrong_status = (review.status != status).then(|| Flaw::new("status", &review.status, status));
    let comments: Vec<&String> = state.comments.keys().collect();
    let mut listed: Vec<&String> = review.comments.iter().collect();
    listed.sort();
    let wrong_comments =
        || (listed != comments).then(|| Flaw::new("list of comments", format!("{listed:?}"), format!("{comments:?}")));
    wrong_state.or(wrong_status).or_else(wrong_comments)
}

fn as_inspect(store: &mut dyn Mend) -> &mut dyn super::Inspect {
    store
}
