//! Believable data for `--demo`: a week of a shoe shop's support agent, its evaluation, and the reviews of three people. Everything is written for it
//! and takes the same path as the data of real clients.

mod build;
mod cast;
mod dice;
mod evals;
mod judge;
mod reviews;
mod shop;
mod stories;
mod tools;
mod tracer;

use concord_shared::ids::ObjectRef;
use concord_shared::row::{RowWrite, Write, parse};
use serde_json::Value;

use crate::app::App;
use crate::domain::room::WriteFailure;
use crate::domain::store::{RowsCommit, StoreError};
use crate::sync::edits::ReviewRequest;
use build::Conversation;
pub use cast::{Cast, ORGANIZATION, PROJECT};
use dice::Dice;
use stories::Story;

/// Conversations of the week.
const CONVERSATIONS: i64 = 304;

/// Among them, those of the last three hours.
const RECENT: i64 = 11;

/// Seconds of the week.
const WEEK: f64 = 7.0 * 86_400.0;

/// Conversations in one commit, as a client's batch would have them.
const BATCH: usize = 20;

/// Why the demo could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A review.
    #[error("a review of the demo was not written: {0}")]
    Review(#[from] WriteFailure),
}

/// Makes the demo unless its project exists. Returns its people, for whom the server prints links.
pub async fn seed(app: &App) -> Result<Cast, DemoError> {
    let now = app.clock.now();
    let (cast, existed) = cast::gather(app.store.as_ref(), now).await?;
    if existed {
        return Ok(cast);
    }
    let mut dice = Dice::new(0x5EED);
    let conversations = week(&mut dice, now.0 as f64 / 1e6);
    let object = ObjectRef::logs(cast.project);
    for batch in conversations.chunks(BATCH) {
        let writes = batch.iter().flat_map(|conversation| &conversation.rows).filter_map(write).collect();
        app.commit_rows(RowsCommit::new(cast.project, object, writes)).await?;
    }
    for conversation in &conversations {
        for work in reviews::work(&mut dice, &cast, conversation) {
            let request = ReviewRequest {
                organization: cast.organization,
                project: cast.project,
                object,
                row_id: work.row,
                document: None,
                on_behalf_of: Some(work.by),
                source: work.source,
                metadata: None,
                feedback_id: None,
                logged_expected: Value::Null,
                edits: work.edits,
            };
            app.hub.edit_review(request).await?;
        }
    }
    evals::seed(app, &cast, &mut dice, now.0 as f64 / 1e6).await?;
    Ok(cast)
}

/// A week of conversations that ends a few minutes ago, oldest first. The agent had two releases in it.
fn week(dice: &mut Dice, now: f64) -> Vec<Conversation> {
    let mut starts: Vec<f64> = (0..CONVERSATIONS).map(|index| now - 240.0 - ago(dice, now, index)).collect();
    starts.sort_by(f64::total_cmp);
    let stories: Vec<&Story> = stories::all().collect();
    starts
        .into_iter()
        .map(|start| {
            let release = match (now - start) / WEEK {
                age if age > 0.72 => "v40",
                age if age > 0.21 => "v41",
                _ => "v42",
            };
            let story = pick_story(dice, &stories);
            build::conversation(dice, story, release, start)
        })
        .collect()
}

/// How long before now a conversation began. Shops are asleep at night: three tries for an hour that is not. A few are recent
/// whatever the hour, so that the top of the list is of today.
fn ago(dice: &mut Dice, now: f64, index: i64) -> f64 {
    if index < RECENT {
        return dice.share() * 3.0 * 3600.0;
    }
    let tries = [dice.share(), dice.share(), dice.share()].map(|share| share * WEEK);
    let awake = |ago: &&f64| (7..23).contains(&(((now - **ago) / 3600.0) as i64).rem_euclid(24));
    tries.iter().find(awake).copied().unwrap_or(tries[0])
}

fn pick_story(dice: &mut Dice, stories: &[&'static Story]) -> &'static Story {
    let total: i64 = stories.iter().map(|story| story.weight).sum();
    let mut at = dice.between(1, total);
    let found = stories.iter().find(|story| {
        at -= story.weight;
        at <= 0
    });
    found.or(stories.first()).expect("there are stories")
}

/// A row of ours, read as a client's would be.
fn write(row: &Value) -> Option<RowWrite> {
    let parsed = parse(&row.to_string(), &mut || uuid::Uuid::new_v4().to_string()).ok()?;
    match parsed.write {
        Write::Row(write) => Some(*write),
        Write::Comment(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_week_is_whole_and_varied() {
        let conversations = week(&mut Dice::new(1), 1_795_424_974.0);
        let rows: Vec<&Value> = conversations.iter().flat_map(|conversation| &conversation.rows).collect();
        for row in &rows {
            let parsed = parse(&row.to_string(), &mut String::new).expect("a row");
            assert!(parsed.left_out.is_empty(), "{:?}", parsed.left_out);
            assert!(!row.to_string().contains("{first}") && !row["output"].to_string().contains("{order}"), "{row}");
        }
        let ids: BTreeSet<_> = rows.iter().map(|row| row["id"].to_string()).collect();
        assert_eq!(ids.len(), rows.len());
        let questions: BTreeSet<_> =
            conversations.iter().map(|c| c.rows.last().expect("a root")["input"].to_string()).collect();
        assert!(questions.len() as i64 > CONVERSATIONS * 9 / 10, "{} different questions", questions.len());
        let verdicts: BTreeSet<_> = conversations.iter().map(|conversation| conversation.answer.verdict).collect();
        assert_eq!(verdicts.len(), 3);
    }
}
