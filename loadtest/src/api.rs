//! The HTTP calls that scenarios make, on behalf of one key.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::failure::Failure;

/// A server and a key.
#[derive(Clone)]
pub struct Api {
    client: Client,
    base: String,
    key: String,
}

impl Api {
    /// `base` is an origin such as `http://127.0.0.1:8484`.
    pub fn new(base: &str, key: &str) -> Self {
        Self { client: Client::new(), base: base.trim_end_matches('/').to_owned(), key: key.to_owned() }
    }

    /// The same server through the eyes of another key.
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The same key at another origin: the server has moved.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), ..self.clone() }
    }

    /// Host and port, for sockets.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, |request| request).await
    }

    /// `GET` of what is no JSON.
    pub async fn get_text(&self, path: &str) -> Result<String, Failure> {
        let failed = |source| Failure::Http { call: format!("GET {path}"), source };
        let request = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.key);
        let response = request.send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
        response.text().await.map_err(failed)
    }

    /// `POST` of a JSON value.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(Method::POST, path, |request| request.json(body)).await
    }

    /// `POST` of bytes that are JSON already.
    pub async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Result<Value, Failure> {
        let json = |request: RequestBuilder| request.header("content-type", "application/json").body(body);
        self.call(Method::POST, path, json).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Value, Failure> {
        let call = || format!("{method} {path}");
        let failed = |source| Failure::Http { call: call(), source };
        let request = self.client.request(method.clone(), format!("{}{path}", self.base)).bearer_auth(&self.key);
        let response = fill(request).send().await.map_err(failed)?;
        let status = response.status();
        let body = response.bytes().await.map_err(failed)?;
        let answer = || format!("{status}: {}", String::from_utf8_lossy(&body));
        if !status.is_success() {
            return Err(Failure::Answer { call: call(), answer: answer() });
        }
        serde_json::from_slice(&body).map_err(|_| Failure::Answer { call: call(), answer: answer() })
    }
}

/// A text field of an answer.
pub fn text(call: &str, answer: &Value, field: &str) -> Result<String, Failure> {
    let found = answer[field].as_str().map(str::to_owned);
    found.ok_or_else(|| Failure::Answer { call: call.to_owned(), answer: format!("no text {field:?}: {answer}") })
}
