//! One connection of `GET /live`.

use std::collections::HashMap;

use axum::extract::ws::{Message, WebSocket};
use concord_shared::filter::parser::expression;
use concord_shared::filter::{Aliases, Expr, Place, check};
use concord_shared::ids::{ObjectRef, XactId};
use concord_shared::problem::{Problem, ProblemCode};
use concord_shared::role::Action;
use concord_shared::wire::live::{ClientMessage, ID_BYTES, ServerMessage, Topic};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use serde_json::Value;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::bulletins::Bulletin;
use super::metrics::Subscription;
use super::views::{LONGEST, USUAL, Wish};
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::touch::Reads;
use crate::http::error::ApiError;
use crate::http::feedback::keep_pace;
use crate::http::object::visible;
use crate::ingest::carry::give_feedback;
use crate::ingest::describe;
use crate::socket::{End, FAREWELL, Outbox, RESTARTING, SILENCE, WRITE_WAIT, outbox, write};

/// Subscriptions of one connection: a dashboard shows tens.
const SUBSCRIPTIONS: usize = 100;

struct Connection {
    app: App,
    principal: Principal,
    outbox: Outbox,
    subscriptions: HashMap<String, AbortHandle>,
}

/// Serves a socket until either side ends it. `ended` completes when access ends or the server stops.
pub async fn serve(app: App, principal: Principal, socket: WebSocket, ended: impl Future<Output = End>) {
    let (sink, mut stream) = socket.split();
    let (outbox, inbox) = outbox(&app.gauges);
    let _open = app.gauges.connection("live");
    let _present = principal.member.map(|member| app.bulletins.arrive(member));
    let writer = tokio::spawn(write(sink, inbox));
    let mut connection = Connection { app, principal, outbox: outbox.clone(), subscriptions: HashMap::new() };
    let (code, reason) = tokio::select! {
        end = connection.read(&mut stream) => end,
        end = ended => {
            if end == RESTARTING {
                sleep(FAREWELL).await;
            }
            end
        }
        () = outbox.closed() => (1013, "the reader was too slow"),
    };
    outbox.close((code, reason));
    drop((connection, outbox));
    let _ = timeout(WRITE_WAIT, writer).await;
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.subscriptions.values().for_each(AbortHandle::abort);
    }
}

impl Connection {
    async fn read(&mut self, stream: &mut SplitStream<WebSocket>) -> End {
        loop {
            match timeout(SILENCE, stream.next()).await {
                Err(_) => return (4408, "silent for too long"),
                Ok(None | Some(Err(_))) => return (1001, "gone"),
                Ok(Some(Ok(Message::Text(text)))) => self.message(&text).await,
                Ok(Some(Ok(Message::Binary(_)))) => return (4400, "messages are JSON texts"),
                Ok(Some(Ok(Message::Close(_)))) => return (1000, "closed by the client"),
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            }
        }
    }

    async fn message(&mut self, text: &str) {
        let message = match serde_json::from_str::<ClientMessage>(text) {
            Ok(message) => message,
            Err(error) => {
                let id = serde_json::from_str::<Value>(text).ok();
                let id = id.as_ref().and_then(|value| value.get("id")).and_then(Value::as_str);
                return self.problem(id, &Problem::new(ProblemCode::Malformed, error.to_string()));
            }
        };
        let (ClientMessage::Subscribe { id, .. }
        | ClientMessage::Unsubscribe { id }
        | ClientMessage::Feedback { id, .. }) = &message;
        if id.is_empty() || id.len() > ID_BYTES {
            let detail = format!("an id has 1 to {ID_BYTES} bytes");
            return self.problem(None, &Problem::new(ProblemCode::InvalidValue, detail));
        }
        match message {
            ClientMessage::Subscribe { id, topic } => self.subscribe(id, topic).await,
            ClientMessage::Unsubscribe { id } => {
                if let Some(forwarder) = self.subscriptions.remove(&id) {
                    forwarder.abort();
                }
            }
            ClientMessage::Feedback { id, object, feedback } => match self.feedback(object, &feedback).await {
                Ok(xact_id) => self.send(&ServerMessage::Ack { id: &id, xact_id: xact_id.to_string() }),
                Err(error) => self.problem(Some(&id), &error.to_problem()),
            },
        }
    }

    /// Takes all items or names what is wrong with them; those without fault are stored either way.
    async fn feedback(&self, object: ObjectRef, items: &[Value]) -> Result<XactId, ApiError> {
        self.principal.permit(Action::GivePublicFeedback)?;
        keep_pace(&self.app, &self.principal, items.len())?;
        let project = visible(&self.app, &self.principal, object).await?;
        let texts: Vec<String> = items.iter().map(Value::to_string).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let errors = give_feedback(&self.app, &self.principal, project, object, &texts).await?;
        if errors.is_empty() {
            Ok(self.app.store.last_xact().await?)
        } else {
            Err(ApiError::invalid(describe("feedback", &errors)))
        }
    }

    async fn subscribe(&mut self, id: String, topic: Topic) {
        if self.subscriptions.len() >= SUBSCRIPTIONS {
            let detail = format!("a connection may have {SUBSCRIPTIONS} subscriptions; end one first");
            return self.problem(Some(&id), &Problem::new(ProblemCode::TooLarge, detail));
        }
        match self.try_subscribe(topic).await {
            Ok(subscription) => {
                let Subscription { revision, data, updates } = subscription;
                self.send(&ServerMessage::Snapshot { id: &id, revision, data: &data });
                let forwarder = tokio::spawn(forward(id.clone(), updates, self.outbox.clone()));
                if let Some(before) = self.subscriptions.insert(id, forwarder.abort_handle()) {
                    before.abort();
                }
            }
            Err(error) => self.problem(Some(&id), &error.to_problem()),
        }
    }

    async fn try_subscribe(&self, topic: Topic) -> Result<Subscription, ApiError> {
        self.principal.permit(Action::Read)?;
        let bulletins = &self.app.bulletins;
        match topic {
            Topic::Metrics { object } => {
                visible(&self.app, &self.principal, object).await?;
                Ok(self.app.metrics.subscribe(object).await?)
            }
            Topic::View { object, filter, limit } => {
                let project = visible(&self.app, &self.principal, object).await?;
                let filter = live_filter(&filter)?;
                let limit = limit.unwrap_or(USUAL).clamp(1, LONGEST);
                let wish = Wish { organization: self.principal.organization, project, object, filter, limit };
                Ok(self.app.views.subscribe(wish).await?)
            }
            Topic::Reviews { project_id } => {
                let project = visible(&self.app, &self.principal, ObjectRef::logs(project_id)).await?;
                Ok(bulletins.subscribe(Bulletin::Counts(project)).await?)
            }
            Topic::Holds { project_id } => {
                let project = visible(&self.app, &self.principal, ObjectRef::logs(project_id)).await?;
                Ok(bulletins.subscribe(Bulletin::Holds(project)).await?)
            }
            Topic::Inbox => {
                let member = self.principal.member.ok_or_else(|| {
                    ApiError::new(ProblemCode::Forbidden, "only members are told something; this key belongs to none")
                })?;
                Ok(bulletins.subscribe(Bulletin::Inbox(member)).await?)
            }
        }
    }

    fn problem(&self, id: Option<&str>, problem: &Problem) {
        self.send(&ServerMessage::Problem { id, problem });
    }

    fn send(&self, message: &ServerMessage<'_>) {
        send(&self.outbox, message);
    }
}

/// The filter of a view, checked. Rows are looked at one by one, so it says nothing about other spans.
fn live_filter(text: &str) -> Result<Expr, ApiError> {
    let text = if text.trim().is_empty() { "true" } else { text };
    let filter = check(&expression(text)?, Place::Row, &Aliases::default())?;
    if Reads::of(&filter).any_span {
        let detail = "filter: live views look at rows one by one; ask for the row itself instead of any_span(…)";
        return Err(ApiError::new(ProblemCode::NotSupported, detail));
    }
    Ok(filter)
}

fn send(outbox: &Outbox, message: &ServerMessage<'_>) {
    match serde_json::to_string(message) {
        Ok(text) => outbox.send(Message::Text(text.into())),
        Err(error) => tracing::error!(%error, "a live message cannot be written"),
    }
}

/// Sends updates on. A subscriber that falls behind is disconnected: an update says only what changed, so none may be
/// skipped (rule R6).
async fn forward(id: String, mut updates: tokio::sync::broadcast::Receiver<super::metrics::Update>, outbox: Outbox) {
    loop {
        match updates.recv().await {
            Ok(update) => {
                send(&outbox, &ServerMessage::Update { id: &id, revision: update.revision, data: &update.data })
            }
            Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {
                return outbox.close((1013, "the reader was too slow"));
            }
            Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
        }
    }
}
