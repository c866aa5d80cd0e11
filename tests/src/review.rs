//! A logged row under review, and members who open it.

use serde_json::{Value, json};

use crate::client::text;
use crate::peer::Peer;
use crate::server::{TestMember, TestServer};

/// One row of one project with a slider `Tone` and a categorical `Correctness`.
pub struct Review {
    /// The server.
    pub server: TestServer,
    /// The project.
    pub project: String,
    /// The row's id.
    pub row: &'static str,
}

impl Review {
    /// Starts a server and logs the row.
    pub async fn start() -> Self {
        Self::on(TestServer::start().await).await
    }

    /// Logs the row on that server.
    pub async fn on(server: TestServer) -> Self {
        let project = server.project("Bot").await;
        server.score(&project, "Tone", "slider", json!({})).await;
        let options = json!({"categories": [{"name": "Bad", "value": 0}, {"name": "Good", "value": 1}]});
        server.score(&project, "Correctness", "categorical", options).await;
        let review = Self { server, project, row: "row-1" };
        review.log(json!({"id": "row-1", "input": "hi", "output": "yo", "expected": "hello"})).await;
        review
    }

    /// Logs a row by REST.
    pub async fn log(&self, event: Value) {
        let path = format!("/v1/project_logs/{}/insert", self.project);
        self.server.owner().post(&path, json!({"events": [event]})).await.ok();
    }

    /// What `POST /api/review/open` takes for the row.
    pub fn open_body(&self) -> Value {
        json!({"object_type": "project_logs", "object_id": self.project, "row_id": self.row})
    }

    /// A member opens the review; its document's UUID.
    pub async fn open(&self, member: &TestMember) -> String {
        let opened = member.client.post("/api/review/open", self.open_body()).await.ok();
        text(&opened, "document_id").to_owned()
    }

    /// A member opens the review and joins its document.
    pub async fn peer(&self, member: &TestMember, name: &str) -> Peer {
        let opened = member.client.post("/api/review/open", self.open_body()).await.ok();
        let mut peer = self.joined(member, name).await;
        peer.open(text(&opened, "url").trim_start_matches("automerge:")).await;
        peer
    }

    /// A member's connection that has said `join`.
    pub async fn joined(&self, member: &TestMember, name: &str) -> Peer {
        Peer::join(&self.socket_url(member).await, name).await
    }

    /// The address of `/sync` with a fresh ticket.
    pub async fn socket_url(&self, member: &TestMember) -> String {
        let ticket = member.client.post("/api/ticket", json!({})).await.ok();
        let host = self.server.url.replacen("http", "ws", 1);
        format!("{host}/sync?ticket={}", text(&ticket, "ticket"))
    }

    /// `GET /api/review/{id}` as the owner.
    pub async fn read(&self, document: &str) -> Value {
        self.server.owner().get(&format!("/api/review/{document}")).await.ok()
    }

    /// The whole history, oldest first.
    pub async fn history(&self, document: &str) -> Vec<Value> {
        let answer = self.server.owner().get(&format!("/api/review/{document}/history")).await.ok();
        answer["entries"].as_array().expect("entries").clone()
    }

    /// The metrics of the project's logs.
    pub async fn metrics(&self) -> Value {
        let path = format!("/api/metrics?object_type=project_logs&object_id={}", self.project);
        self.server.owner().get(&path).await.ok()
    }
}
