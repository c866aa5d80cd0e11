//! `concord audit verify`: everything that is stored, held against what it follows from. Ends at the first flaw.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use concord_shared::ids::{ObjectRef, ProjectId, Revision};
use concord_shared::metric::{CounterKey, Counters};
use concord_shared::score::Score;

use super::chain::{self, Tip};
use super::derive::{derive, same_json};
use super::finding::{Finding, Flaw, Place, Stop, read_at};
use super::replay::{Replay, check_author, check_entries};
use super::{EntryRecord, Extent, Inspect, ReviewRecord, TraceRecord};

/// Entries, changes and counters in one page: small things.
pub(super) const MANY: u32 = 500;

/// Reviews and rows in one page: a row may have megabytes.
pub(super) const FEW: u32 = 100;

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// The last entry of each project's chain that has one. Noted elsewhere, they show later that nothing was cut off
    /// and written anew.
    pub tips: Vec<(ProjectId, Tip)>,
    /// Entries, reviews, rows.
    pub extent: Extent,
    /// Changes.
    pub changes: u64,
}

/// How far it is: a part, what is done of it and how much there is.
pub(super) type Progress<'a> = &'a mut (dyn FnMut(&'static str, u64, u64) + Send);

/// Verifies everything.
pub async fn verify(store: &mut dyn Inspect, progress: Progress<'_>) -> Result<Summary, Stop> {
    if let Some(damage) = read_at(|| Place::Database, store.damage().await)? {
        return Err(Flaw::new("file", damage, "sound").at(Place::Database).into());
    }
    let extent = store.extent().await?;
    let mut summary = Summary { extent, ..Summary::default() };
    verify_chains(store, &mut summary, progress).await?;
    verify_reviews(store, &mut summary, progress).await?;
    let counted = verify_rows(store, extent, progress).await?;
    verify_traces(store).await?;
    verify_counters(store, counted).await?;
    if let Some(stray) = read_at(|| Place::Database, store.stray().await)? {
        return Err(Flaw::new("thing that belongs to nothing", stray, "absent").at(Place::Database).into());
    }
    Ok(summary)
}

async fn verify_chains(store: &mut dyn Inspect, summary: &mut Summary, progress: Progress<'_>) -> Result<(), Stop> {
    let (mut after, mut done) = (None, 0);
    loop {
        let projects = read_at(|| Place::Database, store.projects(after, MANY).await)?;
        let Some(last) = projects.last() else { return Ok(()) };
        after = Some(*last);
        for project in projects {
            let mut tip = Tip::START;
            let mut place = Place::Database;
            loop {
                let entries = read_at(|| place.clone(), store.chain(project, tip.sequence, MANY).await)?;
                let Some(last) = entries.last() else { break };
                place = chain::place(last);
                for entry in &entries {
                    tip = tip.follow(project, entry)?;
                }
                done += entries.len() as u64;
                progress("audit entries", done, summary.extent.entries);
            }
            if tip != Tip::START {
                summary.tips.push((project, tip));
            }
        }
    }
}

async fn verify_reviews(store: &mut dyn Inspect, summary: &mut Summary, progress: Progress<'_>) -> Result<(), Stop> {
    let (mut after, mut done) = (None, 0);
    loop {
        let place = || after.map_or(Place::Database, Place::Review);
        let reviews = read_at(place, store.reviews(after, FEW).await)?;
        let Some(last) = reviews.last() else { return Ok(()) };
        after = Some(last.key.document);
        for review in &reviews {
            verify_review(store, review).await?;
            summary.changes += review.revision.0;
        }
        done += reviews.len() as u64;
        progress("reviews", done, summary.extent.reviews);
    }
}

async fn verify_review(store: &mut dyn Inspect, review: &ReviewRecord) -> Result<(), Stop> {
    let document = review.key.document;
    let here = || Place::Review(document);
    let mut replay = Replay::new(review);
    loop {
        let from = replay.revision();
        let changes = read_at(|| Place::Change(document, from), store.changes(document, from, MANY).await)?;
        let Some(last) = changes.last() else { break };
        let entries = read_at(|| Place::Change(document, from), store.entries(document, from, last.revision).await)?;
        let entries = by_revision(entries);
        for change in &changes {
            let place = Place::Change(document, change.revision);
            let facts = replay.take(change)?;
            check_author(change, &facts).map_err(|flaw| flaw.at(place.clone()))?;
            let entries = entries.get(&change.revision).map_or(&[][..], Vec::as_slice);
            check_entries(review, change, &facts, entries)
                .map_err(|(entry, flaw)| flaw.at(entry.map_or(place, chain::place)))?;
        }
    }
    replay.check_review(review).map_err(|flaw| flaw.at(here()))?;
    replay.check_snapshot(review).map_err(|flaw| flaw.at(here()))?;
    let state = replay.state()?;
    // A review that nobody has written to yet is stored with an empty state.
    if !(review.revision.0 == 0 && review.state == "{}") {
        same_json("state", Some(&review.state), Some(&state)).map_err(|flaw| flaw.at(here()))?;
    }
    if review.status != state.status.value.as_str() {
        return Err(Flaw::new("status", &review.status, state.status.value.as_str()).at(here()).into());
    }
    if let Some(stranger) = review.comments.iter().find(|comment| !state.comments.contains_key(*comment)) {
        return Err(Flaw::new("list of comments", format!("one with {stranger}"), "one without").at(here()).into());
    }
    for comment in state.comments.keys().filter(|comment| !review.comments.contains(comment)) {
        // Ids are made by clients: the first row that had one keeps it.
        if store.comment_row(review.key.object, comment).await?.is_none() {
            return Err(Flaw::new("list of comments", "one without it", comment).at(here()).into());
        }
    }
    Ok(())
}

fn by_revision(entries: Vec<EntryRecord>) -> HashMap<Revision, Vec<EntryRecord>> {
    let mut sorted: HashMap<Revision, Vec<EntryRecord>> = HashMap::new();
    for entry in entries {
        sorted.entry(entry.revision).or_default().push(entry);
    }
    sorted
}

/// Verifies rows; what they add up to, by object.
async fn verify_rows(
    store: &mut dyn Inspect,
    extent: Extent,
    progress: Progress<'_>,
) -> Result<BTreeMap<ObjectRef, Counters>, Stop> {
    let mut counted: BTreeMap<ObjectRef, Counters> = BTreeMap::new();
    let mut scores: HashMap<ProjectId, Vec<Score>> = HashMap::new();
    let (mut after, mut done, mut place) = (0, 0, Place::Database);
    loop {
        let rows = read_at(|| place.clone(), store.rows(after, FEW).await)?;
        let Some(last) = rows.last() else { return Ok(counted) };
        after = last.place;
        place = Place::Row(last.object, last.logged.id.clone());
        for row in &rows {
            let here = || Place::Row(row.object, row.logged.id.clone());
            let right = derive(row, scores_of(store, &mut scores, row.project).await?);
            let right = right.map_err(|flaw| flaw.at(here()))?;
            right.check(row).map_err(|flaw| flaw.at(here()))?;
            counted.entry(row.object).or_default().merge(&right.counted);
        }
        done += rows.len() as u64;
        progress("rows", done, extent.rows);
    }
}

/// The scores of a project, read once.
pub(super) async fn scores_of<'a>(
    store: &mut dyn Inspect,
    known: &'a mut HashMap<ProjectId, Vec<Score>>,
    project: ProjectId,
) -> Result<&'a [Score], Stop> {
    match known.entry(project) {
        Entry::Occupied(known) => Ok(known.into_mut()),
        Entry::Vacant(unknown) => Ok(unknown.insert(read_at(|| Place::Database, store.scores(project).await)?)),
    }
}

async fn verify_traces(store: &mut dyn Inspect) -> Result<(), Stop> {
    let mut after = None;
    loop {
        let traces = read_at(|| Place::Database, store.traces(after.as_ref(), MANY).await)?;
        let Some(last) = traces.last() else { return Ok(()) };
        after = Some(last.key.clone());
        if let Some(finding) = traces.iter().find_map(check_trace) {
            return Err(finding.into());
        }
    }
}

/// What is wrong with the sums of a trace.
pub(super) fn check_trace(trace: &TraceRecord) -> Option<Finding> {
    let flaw = match (&trace.stored, trace.last) {
        (None, None) => return None,
        (None, Some(_)) => Flaw::new("list of sums", "missing", format!("{:?}", trace.counted)),
        (Some((sums, _)), _) if *sums != trace.counted => {
            Flaw::new("list of sums", format!("{sums:?}"), format!("{:?}", trace.counted))
        }
        (Some((_, xact)), Some(last)) if *xact < last => {
            Flaw::new("last transaction", xact, format!("at least {last}, of one of its rows"))
        }
        _ => return None,
    };
    Some(flaw.at(Place::Trace(trace.key.object, trace.key.root_span_id.clone())))
}

async fn verify_counters(store: &mut dyn Inspect, counted: BTreeMap<ObjectRef, Counters>) -> Result<(), Stop> {
    let mut left = counted;
    let mut after = None;
    loop {
        let counters = read_at(|| Place::Database, store.counters(after.as_ref(), MANY).await)?;
        let Some(last) = counters.last() else { break };
        after = Some((last.object, last.key.clone()));
        for counter in &counters {
            let here = || Place::Counter(counter.object, counter.key.clone());
            let Some(key) = CounterKey::from_text(&counter.key) else {
                return Err(Flaw::new("key", &counter.key, "one that is counted").at(here()).into());
            };
            let left = left.entry(counter.object).or_default();
            let right = left.get(&key);
            if counter.value != right {
                return Err(Flaw::new("value", counter.value, format!("{right}, by a recount")).at(here()).into());
            }
            left.add(key, -right);
        }
    }
    let missing = left.iter().find_map(|(object, counters)| Some((*object, counters.iter().next()?)));
    match missing {
        Some((object, (key, value))) => Err(Flaw::new("value", "missing", format!("{value}, by a recount"))
            .at(Place::Counter(object, key.to_text()))
            .into()),
        None => Ok(()),
    }
}
