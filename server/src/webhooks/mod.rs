//! Tells addresses what happened: takes what is due from the outbox, sends it, and notes what came of it.

mod address;
mod send;
pub mod sign;

use std::sync::Arc;
use std::time::Duration;

use concord_shared::moment::Moment;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::sync::watch;

pub use self::address::{check_url, is_public};
use self::send::Sender;
use crate::clock::Clock;
use crate::domain::store::{Store, StoreError};
use crate::domain::webhook::{Delivery, Outcome, State, Webhook, wait_after};

/// How often the outbox is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Deliveries that are taken and sent at a time.
const TAKEN: u32 = 32;
const AT_ONCE: usize = 8;

/// How long a taken delivery is this server's; longer than any try takes.
pub const LEASE: Duration = Duration::from_secs(60);

/// How long the log of deliveries is kept, and how often it is cut.
const KEPT: Duration = Duration::from_secs(30 * 86_400);
const CUT: Duration = Duration::from_secs(3600);

/// Sends what waits, and single deliveries when asked.
pub struct Webhooks {
    store: Arc<dyn Store>,
    clock: Clock,
    public_url: Arc<str>,
    sender: Sender,
}

impl Webhooks {
    /// Nothing is sent before [`Self::follow`].
    pub fn new(store: Arc<dyn Store>, clock: Clock, public_url: Arc<str>, private: bool) -> Self {
        Self { store, clock, public_url, sender: Sender::new(private) }
    }

    /// Whether addresses of private networks are told.
    pub fn allows_private(&self) -> bool {
        self.sender.allows_private()
    }

    /// Sends what waits until the server stops.
    pub fn follow(self: Arc<Self>, mut closing: watch::Receiver<bool>) {
        tokio::spawn(async move {
            let mut cut = Moment(0);
            loop {
                tokio::select! {
                    _ = closing.wait_for(|closing| *closing) => return,
                    () = tokio::time::sleep(LOOK) => {}
                }
                let now = self.clock.now();
                let mut outcome = self.send_due().await;
                if outcome.is_ok() && now - cut >= CUT {
                    cut = now;
                    let before = Moment(now.0 - KEPT.as_micros() as i64);
                    outcome = self.store.forget_deliveries(before).await.map(drop);
                }
                if let Err(error) = outcome {
                    tracing::error!("webhooks: {error}");
                }
            }
        });
    }

    /// Sends everything that is due.
    async fn send_due(&self) -> Result<(), StoreError> {
        loop {
            let now = self.clock.now();
            let due = self.store.claim_deliveries(now, now + LEASE, TAKEN).await?;
            if due.is_empty() {
                return Ok(());
            }
            let sending = due.into_iter().map(async |(delivery, hook)| self.deliver(&delivery, &hook).await.map(drop));
            let mut sending = stream::iter(sending).buffer_unordered(AT_ONCE);
            while let Some(outcome) = sending.next().await {
                outcome?;
            }
        }
    }

    /// Tries once, and notes what came of it.
    pub async fn deliver(&self, delivery: &Delivery, hook: &Webhook) -> Result<Outcome, StoreError> {
        let body = self.body(delivery, hook).await?;
        let sent = self.sender.send(hook, delivery, self.clock.now(), body).await;
        let at = self.clock.now();
        let outcome = match sent {
            Ok(status) if (200..300).contains(&status) => {
                Outcome { state: State::Delivered, next: at, answer: Some(status), detail: None, at }
            }
            failed => {
                let (answer, detail) = match failed {
                    Ok(status) => (Some(status), format!("the address answered {status}, not 2xx")),
                    Err(detail) => (None, detail),
                };
                let wait = wait_after(delivery.attempts).filter(|_| delivery.event != TEST);
                let state = if wait.is_some() { State::Waiting } else { State::Failed };
                Outcome { state, next: at + wait.unwrap_or_default(), answer, detail: Some(detail), at }
            }
        };
        self.store.finish_delivery(delivery.id, &outcome).await?;
        Ok(outcome)
    }

    /// What is sent, in the form of Standard Webhooks. Names and the link to the row are added here, so that no transaction looks
    /// them up.
    async fn body(&self, delivery: &Delivery, hook: &Webhook) -> Result<String, StoreError> {
        let mut data = delivery.data.clone();
        if let (Some(object_type), Some(object), Some(row)) =
            (data["object_type"].as_str(), data["object_id"].as_str(), data["row_id"].as_str())
        {
            let organization = self.store.organization(hook.organization).await?.map(|found| found.name);
            let part = |text: &str| {
                percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
            };
            let url = format!(
                "{}/app/{}/object?object_type={object_type}&object_id={object}&id={}",
                self.public_url,
                part(&organization.unwrap_or_default()),
                part(row)
            );
            data["url"] = json!(url);
        }
        let names = self.store.member_names(hook.organization).await?;
        let name = |person: &mut Value| {
            let Some(id) = person["id"].as_str() else { return };
            let known = id.parse().ok().and_then(|member| names.get(&member)).map(String::as_str);
            if let Some(name) = known.or(id.strip_prefix("external:")) {
                person["name"] = json!(name);
            }
        };
        for key in ["by", "assignee"] {
            if let Some(person) = data.get_mut(key) {
                name(person);
            }
        }
        data.get_mut("mentioned").and_then(Value::as_array_mut).into_iter().flatten().for_each(name);
        Ok(json!({"type": delivery.event, "timestamp": delivery.created, "data": data}).to_string())
    }
}

/// The event of a delivery that somebody asked for to see whether it arrives; it is tried once.
pub const TEST: &str = "webhook.test";
