//! The work that three reviewers have done already: judgements, reasons, corrections, comments, flags.

use concord_shared::ids::{MemberId, Reviewer};
use concord_shared::moment::Moment;
use concord_shared::review::edit::Edit;
use concord_shared::review::state::{Comment, Judgement, ReviewStatus};

use super::build::Conversation;
use super::cast::Cast;
use super::dice::Dice;
use crate::domain::store::Source;

/// Edits of one review by one person.
pub(super) struct Work {
    /// Row id.
    pub(super) row: String,
    pub(super) by: Reviewer,
    pub(super) source: Source,
    pub(super) edits: Vec<Edit>,
}

/// What was done about one conversation, in order. Most conversations are still untouched.
pub(super) fn work(dice: &mut Dice, cast: &Cast, conversation: &Conversation) -> Vec<Work> {
    let mut done = Vec::new();
    // Wrong answers find their reviewers sooner: somebody looks for low scores first.
    let share = match conversation.answer.verdict {
        0 => 62,
        1 => 38,
        _ => 16,
    };
    if dice.chance(9) {
        done.push(customer(dice, conversation));
    }
    if !dice.chance(share) {
        if dice.chance(10) {
            done.push(flagged(dice, cast, conversation));
        }
        return done;
    }
    let first = dice.pick(&[cast.noor, cast.mei, cast.mei, cast.eva]);
    done.push(judged(dice, first, conversation, 0));
    let second = [cast.noor, cast.mei, cast.eva].into_iter().find(|member| *member != first).unwrap_or(cast.eva);
    let discussed = dice.chance(45);
    if discussed {
        done.push(judged(dice, second, conversation, 1));
    }
    done.extend(traced(dice, cast, conversation));
    let by = if discussed { second } else { first };
    let finished = dice.chance(70);
    done.push(finish(dice, by, conversation, finished));
    done
}

fn said(dice: &mut Dice, author: &Reviewer, at: Moment, text: &str) -> Edit {
    let comment = Comment {
        author: author.clone(),
        at,
        text: text.to_owned(),
        edited_at: None,
        deleted: false,
        resolved: false,
        parent: None,
        anchor: None,
        source: None,
    };
    Edit::AddComment { id: dice.uuid(), comment }
}

fn minutes_after(conversation: &Conversation, minutes: i64) -> Moment {
    Moment::from_seconds(conversation.end + 60.0 * minutes as f64).unwrap_or_default()
}

/// A customer's thumb, sometimes with a word.
fn customer(dice: &mut Dice, conversation: &Conversation) -> Work {
    let happy = conversation.answer.verdict == 2;
    let name = format!("{}.{}", conversation.case.first, conversation.case.last).to_lowercase();
    let by = Reviewer::External(name);
    let judgement = Judgement::Number(if happy { 1.0 } else { 0.0 });
    let mut edits = vec![Edit::SetScore { reviewer: by.clone(), score: "Helpful".into(), judgement }];
    let words = match (happy, dice.between(0, 5)) {
        (true, 0) => Some("that was quick, thank you"),
        (true, 1) => Some("Finally an answer I can use."),
        (false, 0) => Some("Did not answer my question at all."),
        (false, 1) => Some("I have heard three different rules now."),
        _ => None,
    };
    if let Some(words) = words {
        edits.push(said(dice, &by, minutes_after(conversation, 2), words));
    }
    Work { row: conversation.root.clone(), by, source: Source::External, edits }
}

/// Set aside for somebody.
fn flagged(dice: &mut Dice, cast: &Cast, conversation: &Conversation) -> Work {
    let by = Reviewer::Member(cast.noor);
    let at = minutes_after(conversation, dice.between(20, 300));
    let mut edits = vec![Edit::SetStatus { by: by.clone(), at, value: ReviewStatus::Awaiting }];
    if dice.chance(60) {
        edits.push(Edit::Assign { member: dice.pick(&[cast.mei, cast.eva]), by: by.clone(), at });
    }
    Work { row: conversation.root.clone(), by, source: Source::App, edits }
}

/// One reviewer's judgement; the second sees things a little differently now and then.
fn judged(dice: &mut Dice, member: MemberId, conversation: &Conversation, turn: usize) -> Work {
    let by = Reviewer::Member(member);
    let answer = conversation.answer;
    let at = minutes_after(conversation, 30 + 40 * turn as i64 + dice.between(0, 25));
    let differs = turn > 0 && dice.chance(25);
    let verdict = if differs { (answer.verdict + 1).min(2) } else { answer.verdict };
    let mut edits = Vec::new();
    let mut score = |name: &str, judgement: Judgement| {
        edits.push(Edit::SetScore { reviewer: by.clone(), score: name.to_owned(), judgement });
    };
    score("Correctness", Judgement::Number(f64::from(verdict) / 2.0));
    let tone = (50 + i64::from(verdict) * 15 + dice.between(-12, 12)) as f64 / 100.0;
    score("Tone", Judgement::Number(tone.clamp(0.0, 1.0)));
    if dice.chance(75) {
        score("Safe to send", Judgement::Number(if verdict == 0 { 0.0 } else { 1.0 }));
    }
    // The choice goes into `expected`, where a rewritten answer would stand: one or the other.
    if turn == 0 && !answer.failure.is_empty() && answer.verdict == 1 && dice.chance(70) {
        let options = answer.failure.iter().map(|failure| (*failure).to_owned()).collect();
        score("Failure mode", Judgement::Options(options));
    } else if let (0, Some(expected)) = (turn, answer.expected)
        && dice.chance(80)
    {
        edits.push(Edit::SetExpected { value: conversation.case.fill(expected).into() });
    }
    if let Some(remark) = answer.remarks.get(turn) {
        if turn == 0 && dice.chance(30) {
            edits.push(Edit::SetNote { reviewer: by.clone(), score: "Correctness".into(), text: (*remark).to_owned() });
        } else {
            edits.push(said(dice, &by, at, remark));
        }
    }
    Work { row: conversation.root.clone(), by, source: Source::App, edits }
}

/// The cause, where somebody has found it: a remark on the span that searched the handbook.
fn traced(dice: &mut Dice, cast: &Cast, conversation: &Conversation) -> Option<Work> {
    let row = conversation.search.clone()?;
    if !conversation.answer.failure.contains(&"Wrong policy") || !dice.chance(60) {
        return None;
    }
    let by = Reviewer::Member(cast.noor);
    let remark = dice.pick(&[
        "The archived page ranks above the current one.",
        "Distance of the archived page is lower again. Can we drop it from the index?",
        "Both pages come back, and the model took the first. Cause found.",
    ]);
    let edits = vec![said(dice, &by, minutes_after(conversation, 95), remark)];
    Some(Work { row, by, source: Source::App, edits })
}

fn finish(dice: &mut Dice, member: MemberId, conversation: &Conversation, finished: bool) -> Work {
    let by = Reviewer::Member(member);
    let at = minutes_after(conversation, 100 + dice.between(0, 60));
    let value = if finished { ReviewStatus::Complete } else { ReviewStatus::InProgress };
    let mut edits = vec![Edit::SetStatus { by: by.clone(), at, value }];
    if finished {
        edits.push(Edit::Complete { reviewer: by.clone(), at });
    }
    if conversation.answer.verdict == 0 && dice.chance(35) {
        edits.push(Edit::AddTag { tag: "escalated".into() });
    }
    if dice.chance(12) {
        let note = dice.pick(&[
            "Same wording as in the report of last week. The prompt of v42 should fix it; check again after the release.",
            "Would be a good example for the handbook training.",
            "Retrieval looks fine here, the model ignored the first hit.",
            "Customer had already written twice. Please link conversations.",
        ]);
        edits.push(Edit::SetField { name: "Reviewer notes".into(), text: note.to_owned() });
    }
    Work { row: conversation.root.clone(), by, source: Source::App, edits }
}
