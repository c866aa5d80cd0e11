//! A caller of the HTTP API: a key, a cookie, or nobody.

use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// Sends requests as one principal.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    headers: HeaderMap,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body as JSON; null if it is none.
    pub body: Value,
}

impl Client {
    /// Nobody, at that origin.
    pub fn nobody(base: &str) -> Self {
        Self { http: reqwest::Client::new(), base: base.to_owned(), headers: HeaderMap::new() }
    }

    /// The same caller at another origin.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The holder of a key.
    pub fn with_key(&self, key: &str) -> Self {
        self.with_header(AUTHORIZATION, &format!("Bearer {key}"))
    }

    /// The holder of the session that an answer began.
    pub fn with_session(&self, answer: &Answer) -> Self {
        let cookie = answer.text_header("set-cookie");
        self.with_header(COOKIE, cookie.split(';').next().unwrap_or_default())
    }

    /// The same with a header.
    pub fn with_header(&self, name: HeaderName, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.insert(name, HeaderValue::from_str(value).expect("a header value"));
        client
    }

    /// Sends a request; a body is JSON with its content type.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).headers(self.headers.clone());
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::read(request).await
    }

    /// Sends bytes as they are.
    pub async fn send_raw(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base)).headers(self.headers.clone()).body(body);
        Answer::read(request).await
    }

    /// Sends a request and takes the answer as text.
    pub async fn send_text(&self, method: Method, path: &str, body: Option<&Value>) -> String {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).headers(self.headers.clone());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.expect("the server answers");
        assert!(response.status().is_success(), "{}", response.status());
        response.text().await.expect("the answer arrives whole")
    }

    /// `GET`, as text.
    pub async fn get_text(&self, path: &str) -> String {
        self.send_text(Method::GET, path, None).await
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// `POST`.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(&body)).await
    }

    /// `PUT`.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(&body)).await
    }

    /// `PATCH`.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(&body)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }
}

impl Answer {
    async fn read(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("the answer arrives whole");
        Self { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        self.body
    }

    /// The code and detail of a problem, after checking its shape.
    #[track_caller]
    pub fn problem(&self) -> (u16, &str, &str) {
        assert_eq!(self.text_header("content-type"), "application/problem+json", "{}: {}", self.status, self.body);
        assert_eq!(self.body["status"], self.status.as_u16());
        assert_eq!(self.body["instance"], self.text_header("x-request-id"));
        assert!(self.body["title"].is_string());
        let code =
            self.body["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).expect("a problem's type");
        (self.status.as_u16(), code, self.body["detail"].as_str().unwrap_or_default())
    }

    /// A header as text; empty if it is missing.
    pub fn text_header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The text of a field.
#[track_caller]
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("{field} of {value} is no text"))
}
