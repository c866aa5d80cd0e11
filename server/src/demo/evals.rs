//! The team's evaluation: questions with the answers they should get as a dataset, and two releases of the agent run on all of them
//! as experiments, each answer with what the judges said. Three records have been gone over by people.

use concord_shared::ids::{ObjectRef, ObjectType, Reviewer};
use concord_shared::moment::Moment;
use concord_shared::review::edit::Edit;
use concord_shared::review::state::{Comment, ReviewStatus};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cast::Cast;
use super::dice::Dice;
use super::judge::judge;
use super::shop::Case;
use super::stories::{self, Answer, Story};
use super::tracer::{LARGE, Tracer};
use super::{DemoError, write};
use crate::app::App;
use crate::domain::object::{Details, Object};
use crate::domain::store::{RowsCommit, Source};
use crate::sync::edits::ReviewRequest;

/// Ways in which each kind of question is asked.
const WORDINGS: usize = 2;

/// Releases, and in how many of a hundred questions each finds the right answer.
const RELEASES: [(&str, i64); 2] = [("v41", 55), ("v42", 85)];

/// Seconds between the questions of a run.
const PACE: f64 = 4.0;

/// A record of the dataset.
struct Question {
    story: &'static Story,
    case: Case,
    right: &'static Answer,
    row: Value,
}

/// Makes dataset and experiments.
pub(super) async fn seed(app: &App, cast: &Cast, dice: &mut Dice, now: f64) -> Result<(), DemoError> {
    let day = 86_400.0;
    let dataset = object(cast, ObjectType::Dataset, "Golden questions", now - 6.0 * day);
    let dataset = Object { description: Some("One right answer for each kind of question".into()), ..dataset };
    let (dataset, _) = app.store.register_object(&dataset).await?;
    let questions = questions(dice, now - 6.0 * day);
    let rows = questions.iter().filter_map(|question| write(&question.row)).collect();
    let version = app.commit_rows(RowsCommit::new(cast.project, dataset.object, rows)).await?;
    review(app, cast, dataset.object, dice, &questions).await?;
    let mut base = None;
    for (turn, (release, right)) in RELEASES.into_iter().enumerate() {
        let start = now - (4.0 - 3.0 * turn as f64) * day;
        let run = object(cast, ObjectType::Experiment, &format!("support agent {release}"), start);
        let details = Details {
            base,
            dataset: Some(dataset.object.object_id),
            dataset_version: Some(version.to_string()),
            ..Details::default()
        };
        let run = Object { metadata: json!({"release": release, "model": LARGE.name}), details, ..run };
        let (run, _) = app.store.register_object(&run).await?;
        let mut rows = Vec::new();
        for (index, question) in questions.iter().enumerate() {
            let began = start + PACE * index as f64;
            rows.extend(answered(dice, question, right, began, dataset.object).iter().filter_map(write));
        }
        app.commit_rows(RowsCommit::new(cast.project, run.object, rows)).await?;
        base = Some(run.object.object_id);
    }
    Ok(())
}

fn object(cast: &Cast, object_type: ObjectType, name: &str, at: f64) -> Object {
    Object {
        object: ObjectRef { object_type, object_id: Uuid::now_v7() },
        project: cast.project,
        name: name.to_owned(),
        description: None,
        metadata: Value::Null,
        details: Details::default(),
        created_by: Some(cast.noor),
        created: Moment::from_seconds(at).unwrap_or_default(),
        deleted: None,
    }
}

fn questions(dice: &mut Dice, at: f64) -> Vec<Question> {
    let mut questions = Vec::new();
    for story in stories::all() {
        let Some(right) = story.answers.iter().find(|answer| answer.verdict == 2) else { continue };
        for opening in story.openings.iter().take(WORDINGS) {
            let case = Case::roll(dice, story.outdoor);
            let row = json!({
                "id": dice.uuid(),
                "created": Moment::from_seconds(at + questions.len() as f64),
                "input": {"question": case.fill(opening)},
                "expected": case.fill(right.text),
                "metadata": {"intent": story.intent},
                "tags": story.tags,
            });
            questions.push(Question { story, case, right, row });
        }
    }
    questions
}

/// One question as a run of the evaluation logs it: what the agent did, and what each judge said.
fn answered(dice: &mut Dice, question: &Question, right: i64, start: f64, dataset: ObjectRef) -> Vec<Value> {
    let others: Vec<&Answer> = question.story.answers.iter().filter(|answer| answer.verdict < 2).collect();
    let answer = if others.is_empty() || dice.chance(right) { question.right } else { dice.pick(&others) };
    let (asked, reply) = (&question.row["input"], question.case.fill(answer.text));
    let trace = dice.hex(16);
    let mut tracer = Tracer { dice, rows: Vec::new(), trace, clock: start, counter: 0 };
    let root = tracer.open();
    let messages = json!([{"role": "user", "content": asked["question"]}]);
    let said = json!([{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": reply}}]);
    tracer.call(&root.span_id, "support_turn", &LARGE, messages, said, 0.2);
    let scores = judge(&mut tracer, &root.span_id, answer, &asked["question"], &reply);
    let fields = json!({
        "input": asked,
        "output": reply,
        "expected": question.row["expected"],
        "metadata": question.row["metadata"],
        "tags": question.row["tags"],
        "scores": scores,
        "origin": {"object_type": "dataset", "object_id": dataset.object_id, "id": question.row["id"]},
    });
    let length = tracer.clock - root.start + 0.01;
    tracer.close(root, None, "eval", "eval", length, fields);
    tracer.rows
}

/// Three records that people went over: one is right, one got another answer, one waits for somebody.
async fn review(
    app: &App,
    cast: &Cast,
    dataset: ObjectRef,
    dice: &mut Dice,
    questions: &[Question],
) -> Result<(), DemoError> {
    let at = app.clock.now();
    let (noor, mei) = (Reviewer::Member(cast.noor), Reviewer::Member(cast.mei));
    let done = |by: &Reviewer| {
        [
            Edit::SetStatus { by: by.clone(), at, value: ReviewStatus::Complete },
            Edit::Complete { reviewer: by.clone(), at },
        ]
    };
    let mut said = |by: &Reviewer, text: &str| Edit::AddComment {
        id: dice.uuid(),
        comment: Comment {
            author: by.clone(),
            at,
            text: text.to_owned(),
            edited_at: None,
            deleted: false,
            resolved: false,
            parent: None,
            anchor: None,
            source: None,
        },
    };
    let better = questions.get(1).and_then(|question| question.row["expected"].as_str()).unwrap_or_default();
    let better = format!("{better} Is there anything else that I can do for you?");
    let mut corrected = vec![
        Edit::SetExpected { value: better.into() },
        said(&noor, "The handbook asks us to end with an offer to help."),
    ];
    corrected.extend(done(&noor));
    let waiting = vec![
        Edit::SetStatus { by: noor.clone(), at, value: ReviewStatus::Awaiting },
        Edit::Assign { member: cast.mei, by: noor.clone(), at },
        said(&noor, "Does this still hold since the new returns policy?"),
    ];
    let work = [(mei.clone(), done(&mei).to_vec()), (noor.clone(), corrected), (noor, waiting)];
    for (question, (by, edits)) in questions.iter().zip(work) {
        let request = ReviewRequest {
            organization: cast.organization,
            project: cast.project,
            object: dataset,
            row_id: question.row["id"].as_str().unwrap_or_default().to_owned(),
            document: None,
            on_behalf_of: Some(by),
            source: Source::App,
            metadata: None,
            feedback_id: None,
            logged_expected: question.row["expected"].clone(),
            edits,
        };
        app.hub.edit_review(request).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use concord_shared::row::parse;

    use super::*;

    #[test]
    fn each_question_has_a_right_answer_and_every_row_is_taken_whole() {
        let mut dice = Dice::new(1);
        let questions = questions(&mut dice, 1_795_424_974.0);
        assert!(questions.len() >= 10, "{} questions", questions.len());
        let dataset = ObjectRef { object_type: ObjectType::Dataset, object_id: Uuid::nil() };
        for question in &questions {
            let rows = answered(&mut dice, question, 50, 1_795_424_974.0, dataset);
            for row in rows.iter().chain([&question.row]) {
                let parsed = parse(&row.to_string(), &mut String::new).expect("a row");
                assert!(parsed.left_out.is_empty() && !row.to_string().contains("{order}"), "{row}");
            }
        }
    }
}
