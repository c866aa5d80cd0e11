//! One request to one address. What it answers is its status; nothing else of it is read.

use std::error::Error as _;
use std::time::Duration;

use axum::http::{Request, Uri};
use bytes::Bytes;
use concord_shared::moment::Moment;
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::address::{PRIVATE, Resolver, is_public, literal};
use super::sign::signature;
use crate::domain::webhook::{Delivery, Webhook};

/// How long an address may take to take something; beyond it it should answer first and work later.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a connection may take to come about.
const CONNECTING: Duration = Duration::from_secs(5);

/// The client. It follows no redirects: those would lead around the check of addresses.
pub(super) struct Sender {
    /// Or why there is none: whoever uses no webhooks needs no certificates.
    client: Result<HttpsClient, String>,
    private: bool,
}

type HttpsClient = Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

impl Sender {
    /// Nothing is connected yet. On a machine without certificates to trust, every delivery says so.
    pub(super) fn new(private: bool) -> Self {
        Self { client: client(private), private }
    }

    pub(super) fn allows_private(&self) -> bool {
        self.private
    }

    /// The status of the answer, or why there is none.
    pub(super) async fn send(
        &self,
        hook: &Webhook,
        delivery: &Delivery,
        now: Moment,
        body: String,
    ) -> Result<i64, String> {
        let uri: Uri = hook.url.parse().map_err(|_| "its address is no URL".to_owned())?;
        if !self.private && literal(&uri).is_some_and(|ip| !is_public(ip)) {
            return Err(format!("its address {PRIVATE}"));
        }
        let (id, timestamp) = (format!("msg_{}", delivery.id.0.simple()), now.as_seconds());
        let request = Request::post(uri)
            .header("content-type", "application/json")
            .header("user-agent", concat!("concord/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature(&hook.secret, &id, timestamp, &body))
            .body(Full::new(Bytes::from(body)));
        let request = request.map_err(|_| "its address cannot be asked".to_owned())?;
        let client = self.client.as_ref().map_err(String::clone)?;
        match tokio::time::timeout(PATIENCE, client.request(request)).await {
            Ok(Ok(answer)) => Ok(i64::from(answer.status().as_u16())),
            Ok(Err(error)) => Err(format!("no connection: {}", reason(&error))),
            Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }
}

fn client(private: bool) -> Result<HttpsClient, String> {
    let mut connector = HttpConnector::new_with_resolver(Resolver::new(private));
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(CONNECTING));
    let https = hyper_rustls::HttpsConnectorBuilder::new().with_native_roots();
    let https = https.map_err(|error| format!("this server has no certificates to trust: {error}"))?;
    let https = https.https_or_http().enable_http1().wrap_connector(connector);
    Ok(Client::builder(TokioExecutor::new()).build(https))
}

/// The innermost cause: what the others say around it is ours.
fn reason(error: &hyper_util::client::legacy::Error) -> String {
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}
