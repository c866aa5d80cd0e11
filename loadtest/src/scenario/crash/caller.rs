//! Those who write over HTTP: an end user who changes their mind all the time, and an application that logs rows.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::api::Api;
use crate::failure::Failure;
use crate::world::{Review, SCORE, row};

/// Between two calls.
const PACE: Duration = Duration::from_millis(20);

/// Rows in one call.
const ROWS: usize = 5;

/// An end user.
pub(super) struct EndUser {
    pub(super) api: Api,
    pub(super) project: String,
    pub(super) review: Review,
    pub(super) name: String,
    /// The last value that was sent, in millionths; they grow by one.
    pub(super) sent: u32,
    /// The last one that the server said is stored.
    pub(super) acknowledged: Arc<AtomicU32>,
}

impl EndUser {
    /// Gives feedback until the server is gone.
    pub(super) async fn work(mut self) -> Self {
        let path = format!("/v1/project_logs/{}/feedback", self.project);
        loop {
            self.sent += 1;
            let item = json!({
                "id": self.review.row,
                "feedback_id": uuid::Uuid::new_v4(),
                "scores": { SCORE: f64::from(self.sent) / 1e6 },
                "metadata": { "user_id": self.name },
            });
            match self.api.post(&path, &json!({ "feedback": [item] })).await {
                Ok(_) => self.acknowledged.store(self.sent, Ordering::Relaxed),
                Err(_) => return self,
            }
            sleep(PACE).await;
        }
    }

    /// Which of the values is stored; 0: none.
    pub(super) async fn stored(&self) -> Result<u32, Failure> {
        let review = self.api.get(&format!("/api/review/{}", self.review.id)).await?;
        let value = review["state"]["scores"][format!("external:{}", self.name)][SCORE].as_f64();
        Ok(value.map_or(0, |value| (value * 1e6).round() as u32))
    }

    /// What is wrong with a stored value, if `acknowledged` or a later one must be there.
    pub(super) fn fault(&self, acknowledged: u32, stored: u32) -> Option<String> {
        let Self { name, .. } = self;
        (stored < acknowledged)
            .then(|| format!("{name} was told that feedback {acknowledged} is stored, but {stored} is"))
    }
}

/// An application that logs.
pub(super) struct Logger {
    pub(super) api: Api,
    pub(super) project: String,
    /// Rows that the server said are stored.
    pub(super) acknowledged: Arc<Mutex<Vec<String>>>,
}

impl Logger {
    /// Logs until the server is gone.
    pub(super) async fn work(self) -> Self {
        loop {
            let ids: Vec<String> = (0..ROWS).map(|_| uuid::Uuid::new_v4().to_string()).collect();
            let rows: Vec<Value> = ids.iter().map(|id| row(&self.project, id)).collect();
            match self.api.post("/logs3", &json!({ "rows": rows, "api_version": 2 })).await {
                Ok(_) => self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).extend(ids),
                Err(_) => return self,
            }
            sleep(PACE).await;
        }
    }

    /// Which of these rows cannot be read.
    pub(super) async fn lost(&self, ids: &[String]) -> Result<Vec<String>, Failure> {
        let mut lost = Vec::new();
        for id in ids {
            let path = format!("/api/span?object_type=project_logs&object_id={}&id={id}", self.project);
            match self.api.get(&path).await {
                Ok(_) => {}
                Err(Failure::Answer { .. }) => lost.push(id.clone()),
                Err(failure) => return Err(failure),
            }
        }
        Ok(lost)
    }
}
