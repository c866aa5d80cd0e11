//! A language model that is asked what the built-in grammar does not understand. It speaks OpenAI's protocol; what it answers is a
//! text like any other and is trusted with nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use concord_shared::ids::MemberId;
use concord_shared::moment::Moment;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::config;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Largest answer, in bytes: a filter is a line.
const ANSWER_BYTES: usize = 64 << 10;

/// Questions that are under way at once; the next ones are refused.
const AT_ONCE: usize = 4;

/// Questions of one person in a minute.
const A_MINUTE: u32 = 10;

/// People whose questions are counted; when full, those whose minute is over are forgotten, then all.
const PEOPLE: usize = 10_000;

/// Something said to the model, or by it.
#[derive(Debug, Clone)]
pub struct Said {
    /// `system`, `user` or `assistant`.
    pub role: &'static str,
    /// What.
    pub content: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Too many questions; come back after this.
    #[error("too many questions to the language model; phrases of the built-in grammar are always answered")]
    TooMany(Duration),
    /// It could not be asked, or answered nothing that can be read.
    #[error("{0}")]
    Silent(String),
}

/// The model.
pub struct Model {
    config: config::Model,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    permits: Semaphore,
    asked: Mutex<HashMap<MemberId, (Moment, u32)>>,
}

impl Model {
    /// A client for it; nothing is connected yet. Fails where the machine has no certificates to trust.
    pub fn new(config: config::Model) -> Result<Self, String> {
        let connector = hyper_rustls::HttpsConnectorBuilder::new().with_native_roots();
        let connector = connector.map_err(|error| format!("CONCORD_LLM_URL: no certificates to trust: {error}"))?;
        let connector = connector.https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { config, client, permits: Semaphore::new(AT_ONCE), asked: Mutex::default() })
    }

    /// Counts a question of a person.
    pub fn begin(&self, member: MemberId, now: Moment) -> Result<(), ModelError> {
        const MINUTE: Duration = Duration::from_secs(60);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= PEOPLE && !asked.contains_key(&member) {
            asked.retain(|_, (since, _)| now - *since < MINUTE);
            if asked.len() >= PEOPLE {
                asked.clear();
            }
        }
        let (since, count) = asked.entry(member).or_insert((now, 0));
        let passed = now - *since;
        if passed >= MINUTE {
            (*since, *count) = (now, 0);
        }
        if *count >= A_MINUTE {
            return Err(ModelError::TooMany(MINUTE.saturating_sub(passed)));
        }
        *count += 1;
        Ok(())
    }

    /// What it answers to what was said.
    pub async fn ask(&self, said: &[Said]) -> Result<String, ModelError> {
        let _permit = self.permits.try_acquire().map_err(|_| ModelError::TooMany(Duration::from_secs(1)))?;
        let messages: Vec<Value> =
            said.iter().map(|said| json!({"role": said.role, "content": said.content})).collect();
        let body = json!({"model": self.config.name, "messages": messages, "temperature": 0});
        let asked = tokio::time::timeout(PATIENCE, self.send(body.to_string())).await;
        asked.map_err(|_| ModelError::Silent(format!("the language model took longer than {PATIENCE:?}")))?
    }

    async fn send(&self, body: String) -> Result<String, ModelError> {
        let silent = |what: &str| ModelError::Silent(format!("the language model {what}"));
        let request = axum::http::Request::post(&self.config.url)
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.config.key.reveal()))
            .body(Full::new(Bytes::from(body)));
        let request = request.map_err(|_| silent("has a URL or a key that cannot be sent"))?;
        // What went wrong is for the operator: it may name hosts.
        let answer = self.client.request(request).await.map_err(|error| {
            tracing::warn!("the language model cannot be reached: {error}");
            silent("cannot be reached")
        })?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
        let bytes = body.map_err(|_| silent("answered more than 64 KiB, or broke off"))?.to_bytes();
        if !status.is_success() {
            tracing::warn!("the language model answered {status}");
            return Err(silent(&format!("answered {status}")));
        }
        let answer: Value = serde_json::from_slice(&bytes).map_err(|_| silent("answered no JSON"))?;
        let content = answer["choices"][0]["message"]["content"].as_str();
        content.map(str::to_owned).ok_or_else(|| silent("answered without a message"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::secret::Secret;

    #[test]
    fn questions_of_one_person_are_paced() {
        let config = config::Model { url: "http://127.0.0.1:1/v1".into(), name: "m".into(), key: Secret::given("k") };
        let model = Model::new(config).expect("a client");
        let (one, other) = (MemberId::new(), MemberId::new());
        let start = Moment(1_000_000);
        for _ in 0..A_MINUTE {
            assert_eq!(model.begin(one, start), Ok(()));
        }
        let later = start + Duration::from_secs(20);
        assert_eq!(model.begin(one, later), Err(ModelError::TooMany(Duration::from_secs(40))));
        assert_eq!(model.begin(other, later), Ok(()), "others are not slowed");
        assert_eq!(model.begin(one, start + Duration::from_secs(60)), Ok(()));
    }
}
