//! One document that is the same in every run, so that inputs that name its changes stay good.

use std::sync::LazyLock;

use automerge::{ActorId, Automerge, Change};
use concord_shared::ids::{DocumentId, MemberId, ObjectRef, OrganizationId, ProjectId, Reviewer};
use concord_shared::moment::Moment;
use concord_shared::review::edit::{Edit, apply};
use concord_shared::review::seed::seed;
use concord_shared::review::state::{Comment, Judgement, ReviewStatus};
use concord_shared::role::Role;
use concord_shared::score::{Combine, Score, ScoreKind, ScoreOption};
use serde_json::json;
use uuid::Uuid;

use crate::domain::gate::{Replicas, Writer};
use crate::domain::store::ReviewKey;

/// 2026-11-24T08:40:00Z.
pub const NOW: Moment = Moment(1_795_509_600_000_000);

/// When the writer goes on.
pub const LATER: Moment = Moment(NOW.0 + 60_000_000);

/// A comment of the writer.
pub const COMMENT: &str = "0b8e7a54-6a8e-4a6c-9a9f-5d0f3c2b1a00";

/// Replica id of the server.
pub const SERVER: [u8; 16] = [7; 16];
/// Replica id of the writer.
pub const REPLICA: [u8; 16] = [1; 16];
/// Replica id of somebody else.
pub const OTHER: [u8; 16] = [2; 16];

/// The document, and who has written it.
pub struct Scene {
    /// As stored.
    pub document: Automerge,
    /// Who sends what is fuzzed.
    pub writer: Writer,
    /// Owners of replica ids.
    pub replicas: Replicas,
    /// The project's scores.
    pub scores: Vec<Score>,
    /// Which review.
    pub key: ReviewKey,
}

/// The scene.
pub static SCENE: LazyLock<Scene> = LazyLock::new(Scene::new);

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

/// A member; 1 is the writer, 2 somebody else.
pub fn member(n: u128) -> MemberId {
    MemberId(id(n))
}

/// The judgement of the writer.
pub fn judge(score: &str, judgement: Judgement) -> Edit {
    Edit::SetScore { reviewer: Reviewer::Member(member(1)), score: score.to_owned(), judgement }
}

/// A comment with these words.
pub fn comment(text: &str) -> Comment {
    let (author, at, text) = (Reviewer::Member(member(1)), NOW, text.to_owned());
    Comment {
        author,
        at,
        text,
        edited_at: None,
        deleted: false,
        resolved: false,
        parent: None,
        anchor: None,
        source: None,
    }
}

impl Scene {
    fn new() -> Self {
        let document = DocumentId(id(9));
        let project = ProjectId(id(8));
        let mut scene = Self {
            document: seed(document),
            writer: Writer { member: member(1), role: Role::Reviewer },
            replicas: Replicas::new(),
            scores: scores(),
            key: ReviewKey {
                document,
                organization: OrganizationId(id(7)),
                project,
                object: ObjectRef::logs(project),
                row_id: "row".to_owned(),
            },
        };
        let (writer, other) = (Reviewer::Member(member(1)), Reviewer::Member(member(2)));
        let opened = [
            Edit::OpenReviewer { reviewer: writer.clone() },
            Edit::OpenReviewer { reviewer: other.clone() },
            Edit::OpenFields { names: vec!["Why".to_owned()] },
            Edit::SetExpected { value: json!({"text": "yes", "list": [1, {"a": null}]}) },
        ];
        scene.write(SERVER, None, &opened);
        let judged = [
            judge("Tone", Judgement::Number(0.25)),
            Edit::SetNote { reviewer: writer.clone(), score: "Tone".to_owned(), text: "so so".to_owned() },
            Edit::AddComment { id: COMMENT.to_owned(), comment: comment("look") },
        ];
        scene.write(REPLICA, Some(member(1)), &judged);
        let status = Edit::SetStatus { by: other, at: NOW, value: ReviewStatus::InProgress };
        scene.write(OTHER, Some(member(2)), &[status, Edit::AddTag { tag: "odd".to_owned() }]);
        scene
    }

    fn write(&mut self, replica: [u8; 16], owner: Option<MemberId>, edits: &[Edit]) {
        self.document = self.document.fork().with_actor(ActorId::from(replica));
        apply(&mut self.document, edits, NOW, None).expect("the edits are allowed");
        self.replicas.insert(replica.to_vec(), owner);
    }

    /// The writer's next change.
    pub fn next(&self, edits: &[Edit]) -> Change {
        let mut document = self.document.fork().with_actor(ActorId::from(REPLICA));
        apply(&mut document, edits, LATER, None).expect("the edits are allowed").expect("they change something")
    }
}

fn scores() -> Vec<Score> {
    let option = |name: &str, value| ScoreOption { name: name.to_owned(), value };
    let score = |name: &str, kind| Score { name: name.to_owned(), kind, combine: Combine::Mean, object_types: vec![] };
    vec![
        score("Tone", ScoreKind::Slider),
        score("Correct", ScoreKind::Categorical { options: vec![option("no", Some(0.0)), option("yes", Some(1.0))] }),
        score(
            "Failures",
            ScoreKind::Expected { options: vec![option("late", None), option("rude", None)], multi: true },
        ),
        score("Why", ScoreKind::FreeForm { path: vec!["why".to_owned()] }),
    ]
}
