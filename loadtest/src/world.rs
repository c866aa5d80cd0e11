//! What scenarios stand on: members with keys, a project with a score, rows and their reviews.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::{Api, text};
use crate::failure::Failure;

/// The score that everybody judges by.
pub const SCORE: &str = "Quality";

/// Rows in one request: what the SDKs send at most.
const BATCH: usize = 100;

/// A member who reviews.
pub struct Member {
    /// Member id; the key under `/scores`.
    pub id: String,
    /// The API through the member's own key.
    pub api: Api,
}

/// A review that members have opened.
#[derive(Clone)]
pub struct Review {
    /// For the HTTP API.
    pub id: String,
    /// The document id as automerge-repo writes it.
    pub document: String,
    /// The logged row.
    pub row: String,
}

/// A project of its own: runs against one server do not meet.
pub struct World {
    /// The owner's API.
    pub api: Api,
    /// The project's id.
    pub project: String,
    /// Reviewers.
    pub members: Vec<Member>,
    /// Rows without an opened review.
    pub rows: Vec<String>,
}

impl World {
    /// Makes a project with a slider score, `rows` rows and `members` reviewers.
    pub async fn make(api: &Api, members: usize, rows: usize) -> Result<Self, Failure> {
        let run = Uuid::new_v4().simple().to_string();
        let path = "/v1/project";
        let project = text(path, &api.post(path, &json!({ "name": format!("load {run}") })).await?, "id")?;
        let score = json!({ "project_id": project, "name": SCORE, "score_type": "slider" });
        api.post("/v1/project_score", &score).await?;
        let rows: Vec<String> = (0..rows).map(|row| format!("{run}-{row}")).collect();
        for batch in rows.chunks(BATCH) {
            let rows: Vec<Value> = batch.iter().map(|id| row(&project, id)).collect();
            api.post("/logs3", &json!({ "rows": rows, "api_version": 2 })).await?;
        }
        let mut made = Vec::with_capacity(members);
        for number in 0..members {
            made.push(member(api, &run, number).await?);
        }
        Ok(Self { api: api.clone(), project, members: made, rows })
    }

    /// Opens the review of a row as a member, whose own map is in the document from then on.
    pub async fn open(&self, member: &Member, row: &str) -> Result<Review, Failure> {
        let path = "/api/review/open";
        let body = json!({ "object_type": "project_logs", "object_id": self.project, "row_id": row });
        let answer = member.api.post(path, &body).await?;
        let url = text(path, &answer, "url")?;
        let document = url.strip_prefix("automerge:").map(str::to_owned);
        Ok(Review {
            id: text(path, &answer, "document_id")?,
            document: document
                .ok_or_else(|| Failure::Answer { call: path.to_owned(), answer: format!("the url {url:?}") })?,
            row: row.to_owned(),
        })
    }

    /// Opens the reviews of all rows as every member.
    pub async fn open_all(&self) -> Result<Vec<Review>, Failure> {
        let mut reviews = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let mut opened = None;
            for member in &self.members {
                opened = Some(self.open(member, row).await?);
            }
            reviews.extend(opened);
        }
        Ok(reviews)
    }
}

async fn member(api: &Api, run: &str, number: usize) -> Result<Member, Failure> {
    let path = "/api/member";
    let email = format!("reviewer-{number}-{run}@example.com");
    let body = json!({ "email": email, "name": format!("Reviewer {number}"), "role": "reviewer" });
    let id = text(path, &api.post(path, &body).await?, "id")?;
    let path = "/api/key";
    let key = api.post(path, &json!({ "name": "load", "member_id": id })).await?;
    Ok(Member { api: api.with_key(&text(path, &key, "key")?), id })
}

/// A row of about one kilobyte, the root of its own trace.
pub fn row(project: &str, id: &str) -> Value {
    let question = format!("Order {id} has not arrived. Where is it, and can I still change the address? ");
    json!({
        "id": id, "project_id": project, "log_id": "g", "span_id": id, "root_span_id": id,
        "created": "2026-01-05T09:00:00.000000Z",
        "span_attributes": { "name": "answer customer", "type": "task" },
        "input": [{ "role": "user", "content": question.repeat(3) }],
        "output": { "role": "assistant", "content": "It left our warehouse this morning. ".repeat(6) },
        "metadata": { "customer": id, "model": "small-1", "env": "load" },
        "metrics": { "start": 1_767_603_600.0, "end": 1_767_603_601.5, "tokens": 321 },
        "scores": { "Faithfulness": 0.875 },
        "tags": ["load"],
    })
}
