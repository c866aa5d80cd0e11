//! Webhooks: addresses that are told what happens in a project. What they are told is queued in the transaction of the change that it
//! is about, so nothing is told that is not durable and nothing durable is left untold.

use std::time::Duration;

use async_trait::async_trait;
use concord_shared::ids::{DeliveryId, MemberId, OrganizationId, ProjectId, Reviewer, WebhookId};
use concord_shared::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::notice::mentions;
use super::store::{NewChange, NewFact, ReviewCommit, Source, StoreError};

/// Webhooks of one project: a person looks after each.
pub const MOST: usize = 20;

/// Deliveries of one webhook that wait. With more, its address has not answered for long; what happens then is not queued for it.
pub const QUEUED: u32 = 10_000;

/// Deliveries of one webhook that are under way at once, so that an address that hangs does not hold up the others.
pub const OF_ONE: u32 = 4;

/// Facts of one change that are told.
const FACTS: usize = 50;

/// What an address can be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = WebhookEvent)]
pub enum Event {
    /// The review of a row was completed.
    #[serde(rename = "review.completed")]
    Completed,
    /// Somebody was asked to review a row.
    #[serde(rename = "review.assigned")]
    Assigned,
    /// A comment names members.
    #[serde(rename = "comment.mentioned")]
    Mentioned,
    /// An end user gave feedback.
    #[serde(rename = "feedback.received")]
    Feedback,
}

impl Event {
    /// The word in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "review.completed",
            Self::Assigned => "review.assigned",
            Self::Mentioned => "comment.mentioned",
            Self::Feedback => "feedback.received",
        }
    }
}

/// An address and what it is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose.
    pub organization: OrganizationId,
    /// Of what happens there.
    pub project: ProjectId,
    /// For people.
    pub name: String,
    /// Where it is told.
    pub url: String,
    /// Of what.
    pub events: Vec<Event>,
    /// Signs what is sent: `whsec_` and base64.
    pub secret: String,
    /// Whether it is told anything.
    pub active: bool,
    /// Who made it.
    pub created_by: MemberId,
    /// When.
    pub created: Moment,
}

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DeliveryState)]
pub enum State {
    /// It will be tried, again.
    Waiting,
    /// The address took it.
    Delivered,
    /// Given up.
    Failed,
}

impl State {
    /// The word in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Reads what [`Self::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Delivered, Self::Failed].into_iter().find(|state| state.as_str() == text)
    }
}

/// Something that an address is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The same in every try, so that receivers know a repeat.
    pub id: DeliveryId,
    /// Which address.
    pub webhook: WebhookId,
    /// The word of an [`Event`], or `webhook.test`.
    pub event: String,
    /// About what.
    pub data: Value,
    /// How far it has come.
    pub state: State,
    /// Tries so far.
    pub attempts: i64,
    /// When it happened.
    pub created: Moment,
    /// When it is tried again.
    pub next: Moment,
    /// HTTP status of the last answer.
    pub answer: Option<i64>,
    /// What went wrong.
    pub detail: Option<String>,
    /// When it was delivered or given up.
    pub finished: Option<Moment>,
}

impl Delivery {
    /// One that is due at once.
    pub fn new(id: DeliveryId, webhook: WebhookId, event: &str, data: Value, now: Moment) -> Self {
        Self {
            id,
            webhook,
            event: event.to_owned(),
            data,
            state: State::Waiting,
            attempts: 0,
            created: now,
            next: now,
            answer: None,
            detail: None,
            finished: None,
        }
    }
}

/// What a try came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How far the delivery has come with it.
    pub state: State,
    /// When it is tried again, if it is.
    pub next: Moment,
    /// HTTP status, if there was an answer.
    pub answer: Option<i64>,
    /// What went wrong.
    pub detail: Option<String>,
    /// When.
    pub at: Moment,
}

/// Waits between tries: quick at first, for what is over in a moment, then patient, for a day in all.
const WAITS: [u64; 12] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 10_800, 14_400, 14_400, 14_400, 14_400];

/// How long after the `attempts`-th try in vain the next one comes; `None`: it is given up.
pub fn wait_after(attempts: i64) -> Option<Duration> {
    let index = usize::try_from(attempts.max(1) - 1).unwrap_or(usize::MAX);
    WAITS.get(index).copied().map(Duration::from_secs)
}

/// What a commit of a review is to be told as, in its order.
pub fn happened(commit: &ReviewCommit) -> Vec<(Event, Value)> {
    let mut told = Vec::new();
    for change in &commit.changes {
        for fact in &change.facts {
            if let Some((event, more)) = read(fact) {
                told.push((event, about(commit, change, more)));
            }
        }
        if change.source == Source::External && !change.facts.is_empty() {
            let facts = change.facts.iter().take(FACTS).map(|fact| json!({"path": fact.path, "value": fact.to}));
            let mut more = Map::from_iter([("given".to_owned(), Value::Array(facts.collect()))]);
            if let Some(metadata) = &change.metadata {
                more.insert("metadata".to_owned(), metadata.clone());
            }
            told.push((Event::Feedback, about(commit, change, more)));
        }
    }
    told
}

/// What a fact alone is told as.
fn read(fact: &NewFact) -> Option<(Event, Map<String, Value>)> {
    let mut more = Map::new();
    let parts: Vec<&str> = fact.path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["status"] if fact.to["value"] == "complete" && fact.from["value"] != "complete" => {
            Some((Event::Completed, more))
        }
        ["assignees", member] if !fact.to.is_null() => {
            more.insert("assignee".into(), json!({"id": member}));
            Some((Event::Assigned, more))
        }
        ["comments", id] | ["comments", id, "text"] => {
            let words = |value: &Value| value.as_str().or(value["text"].as_str()).unwrap_or_default().to_owned();
            let (before, text) = (mentions(&words(&fact.from)), words(&fact.to));
            let named: Vec<Value> = mentions(&text)
                .into_iter()
                .filter(|member| !before.contains(member))
                .map(|member| json!({"id": member}))
                .collect();
            if named.is_empty() {
                return None;
            }
            more.insert("comment".into(), json!({"id": id, "text": text}));
            more.insert("mentioned".into(), Value::Array(named));
            Some((Event::Mentioned, more))
        }
        _ => None,
    }
}

fn about(commit: &ReviewCommit, change: &NewChange, more: Map<String, Value>) -> Value {
    let key = &commit.key;
    let by = change.on_behalf_of.clone().or(change.author.map(Reviewer::Member));
    let mut data = json!({
        "project_id": key.project,
        "object_type": key.object.object_type,
        "object_id": key.object.object_id,
        "row_id": key.row_id,
        "document_id": key.document,
        "at": change.received_at,
        "by": by.map(|by| json!({"id": by})),
    });
    if let Value::Object(data) = &mut data {
        data.extend(more);
    }
    data
}

/// Webhooks and what they are told, as a database keeps them. What happens is queued by [`super::store::CommitStore::commit`].
#[async_trait]
pub trait WebhookStore: Send + Sync {
    /// Adds one.
    async fn add_webhook(&self, webhook: &Webhook) -> Result<(), StoreError>;

    /// One of the organization.
    async fn webhook(&self, organization: OrganizationId, id: WebhookId) -> Result<Option<Webhook>, StoreError>;

    /// Those of a project, oldest first.
    async fn webhooks(&self, organization: OrganizationId, project: ProjectId) -> Result<Vec<Webhook>, StoreError>;

    /// Stores name, address, events and whether it is active.
    async fn update_webhook(&self, webhook: &Webhook) -> Result<(), StoreError>;

    /// Deletes it with everything that it was told or still is to be.
    async fn delete_webhook(&self, id: WebhookId) -> Result<(), StoreError>;

    /// What a webhook was told and is to be, newest first, before that one.
    async fn deliveries(
        &self,
        webhook: WebhookId,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Queues one by hand.
    async fn queue_delivery(&self, delivery: &Delivery) -> Result<(), StoreError>;

    /// Takes deliveries of active webhooks that are due, at most [`OF_ONE`] of each: counts the try and puts them off until `lease`, so
    /// that no other server has them meanwhile and none is lost with this one.
    async fn claim_deliveries(
        &self,
        now: Moment,
        lease: Moment,
        limit: u32,
    ) -> Result<Vec<(Delivery, Webhook)>, StoreError>;

    /// Stores what a try came to.
    async fn finish_delivery(&self, id: DeliveryId, outcome: &Outcome) -> Result<(), StoreError>;

    /// Deletes what was delivered or given up before; how many there were.
    async fn forget_deliveries(&self, before: Moment) -> Result<u64, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(path: &str, from: Value, to: Value) -> NewFact {
        NewFact { path: path.into(), from, to }
    }

    #[test]
    fn a_day_of_tries_grows_from_seconds_to_hours() {
        let waits: Vec<u64> = (1..).map_while(wait_after).map(|wait| wait.as_secs()).collect();
        assert!(waits.is_sorted() && waits.len() == 12);
        let all: u64 = waits.iter().sum();
        assert!((80_000..=86_400).contains(&all), "{all} s are about a day");
        assert_eq!(wait_after(13), None);
    }

    #[test]
    fn facts_are_told_as_what_they_mean() {
        let (mei, noor) = (MemberId::new(), MemberId::new());
        let told = |fact: NewFact| read(&fact).map(|(event, more)| (event, Value::Object(more)));
        assert_eq!(
            told(fact("/status", json!(null), json!({"value": "complete"}))),
            Some((Event::Completed, json!({})))
        );
        assert_eq!(told(fact("/status", json!({"value": "complete"}), json!({"value": "complete"}))), None);
        assert_eq!(told(fact("/status", json!(null), json!({"value": "awaiting"}))), None);
        let assigned = fact(&format!("/assignees/{mei}"), json!(null), json!({"by": noor}));
        assert_eq!(told(assigned), Some((Event::Assigned, json!({"assignee": {"id": mei}}))));
        assert_eq!(told(fact(&format!("/assignees/{mei}"), json!({"by": noor}), json!(null))), None);
        let text = format!("look @[Mei Tan]({mei}), and @[Mei Tan]({mei}) again; @[nobody](x)");
        let (event, more) = told(fact("/comments/c", json!(null), json!({"text": text}))).expect("a mention");
        assert_eq!((event, &more["mentioned"]), (Event::Mentioned, &json!([{"id": mei}])));
        let edited = fact("/comments/c/text", json!(text), json!(format!("{text} @[Noor]({noor})")));
        assert_eq!(told(edited).expect("a new one").1["mentioned"], json!([{"id": noor}]));
        assert_eq!(told(fact("/comments/c/text", json!(text), json!(text))), None);
        assert_eq!(told(fact("/tags/x", json!(null), json!(true))), None);
    }
}
