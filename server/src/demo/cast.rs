//! Who takes part in the demo, and what they want judged.

use concord_shared::ids::{MemberId, OrganizationId, ProjectId, ScoreId};
use concord_shared::moment::Moment;
use concord_shared::role::Role;
use serde_json::{Value, json};

use crate::domain::account::{Credentials, Member, Organization};
use crate::domain::project::{Project, ProjectScore};
use crate::domain::store::{Store, StoreError};

/// The organization of the demo.
pub const ORGANIZATION: &str = "Fell & Tarmac";

/// Its project.
pub const PROJECT: &str = "support-desk";

/// The three reviewers and where they work.
#[derive(Debug, Clone, Copy)]
pub struct Cast {
    /// Their organization.
    pub organization: OrganizationId,
    /// Their project.
    pub project: ProjectId,
    /// Eva Lind, owner.
    pub eva: MemberId,
    /// Noor Khan, lead.
    pub noor: MemberId,
    /// Mei Tan, reviewer.
    pub mei: MemberId,
}

const PEOPLE: [(&str, &str, Role); 3] = [
    ("Eva Lind", "eva@fell-and-tarmac.example", Role::Owner),
    ("Noor Khan", "noor@fell-and-tarmac.example", Role::Lead),
    ("Mei Tan", "mei@fell-and-tarmac.example", Role::Reviewer),
];

/// Makes organization, members, project and scores as far as they are missing. `true`: the project was there already.
pub(super) async fn gather(store: &dyn Store, now: Moment) -> Result<(Cast, bool), StoreError> {
    let found = store.organizations().await?.into_iter().find(|organization| organization.name == ORGANIZATION);
    let organization = found.as_ref().map_or_else(OrganizationId::new, |organization| organization.id);
    let person = |(name, email, role): (&str, &str, Role)| Credentials {
        member: Member {
            id: MemberId::new(),
            organization,
            email: email.to_owned(),
            name: name.to_owned(),
            role,
            created: now,
            disabled: false,
        },
        // They come in by the links that the server prints.
        password_hash: None,
    };
    if found.is_none() {
        let made = Organization { id: organization, name: ORGANIZATION.to_owned(), created: now };
        store.create_organization(&made, &person(PEOPLE[0]), None).await?;
    }
    let mut ids = [MemberId::default(); 3];
    for (id, who) in ids.iter_mut().zip(PEOPLE) {
        *id = match store.credentials(who.1).await? {
            Some(credentials) => credentials.member.id,
            None => store.add_member(&person(who), None).await?,
        };
    }
    let [eva, noor, mei] = ids;
    let project = Project {
        id: ProjectId::new(),
        organization,
        name: PROJECT.to_owned(),
        description: Some("Conversations of the support assistant of a shoe shop. Made up.".to_owned()),
        settings: Value::Null,
        created_by: Some(eva),
        created: now,
        deleted: None,
    };
    let (project, existed) = store.register_project(&project).await?;
    if !existed {
        for score in scores(project.id, noor, now) {
            store.register_score(&score, false).await?;
        }
    }
    Ok((Cast { organization, project: project.id, eva, noor, mei }, existed))
}

/// What they want judged, in the order of the review panel.
fn scores(project: ProjectId, created_by: MemberId, created: Moment) -> Vec<ProjectScore> {
    let score = |name: &str, score_type: &str, description: &str, categories: Value, config: Value| ProjectScore {
        id: ScoreId::new(),
        project,
        created_by,
        name: name.to_owned(),
        description: Some(description.to_owned()),
        score_type: score_type.to_owned(),
        categories,
        config,
        position: String::new(),
        created,
    };
    let option = |name: &str, value: f64| json!({"name": name, "value": value});
    vec![
        score(
            "Correctness",
            "categorical",
            "Does the reply follow the handbook and the facts of the order? **Partial** if a step is missing but nothing is wrong.",
            json!([option("Fail", 0.0), option("Partial", 0.5), option("Pass", 1.0)]),
            json!({}),
        ),
        score("Tone", "slider", "From cold (0) to warm (1). Warm is not wordy.", Value::Null, json!({})),
        score(
            "Failure mode",
            "categorical",
            "What went wrong; choose any. Leave it empty if nothing did.",
            json!([
                option("Wrong policy", 0.0),
                option("Missing step", 0.25),
                option("Invented fact", 0.5),
                option("Refusal", 0.75),
            ]),
            json!({"destination": "expected", "multi_select": true}),
        ),
        score(
            "Safe to send",
            "categorical",
            "Would you let this reply go out as it is?",
            json!([option("No", 0.0), option("Yes", 1.0)]),
            json!({"aggregate": "majority"}),
        ),
        score("Reviewer notes", "free-form", "Anything that the next reader should know.", Value::Null, json!({})),
    ]
}
