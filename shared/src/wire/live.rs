//! Frames of `GET /live`: JSON texts.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{ObjectRef, ProjectId};
use crate::problem::Problem;

/// Longest id of a subscription or request; the client's own choice.
pub const ID_BYTES: usize = 128;

/// What a client says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ClientMessage {
    /// Follow a topic: a snapshot now, then updates.
    Subscribe {
        /// Names the subscription.
        id: String,
        /// What to follow.
        topic: Topic,
    },
    /// Stop following.
    Unsubscribe {
        /// The subscription.
        id: String,
    },
    /// Feedback of an end user; acknowledged when durable.
    Feedback {
        /// Names the request.
        id: String,
        /// The container of the rows.
        #[serde(flatten)]
        object: ObjectRef,
        /// Items as in the REST call.
        feedback: Vec<Value>,
    },
}

/// What can be followed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Topic {
    /// Rows that match a filter: told as they enter, change and leave.
    View {
        /// The object.
        #[serde(flatten)]
        object: ObjectRef,
        /// An expression of the filter language; empty: all rows.
        #[serde(default)]
        filter: String,
        /// How many rows are shown, the most recently arrived first.
        limit: Option<usize>,
    },
    /// Counts and moments of an object's rows.
    Metrics {
        /// The object.
        #[serde(flatten)]
        object: ObjectRef,
    },
    /// How far the reviews of a project have come.
    Reviews {
        /// The project.
        project_id: ProjectId,
    },
    /// Who is on which row of a project.
    Holds {
        /// The project.
        project_id: ProjectId,
    },
    /// What the caller is told: how many notifications they have not read.
    Inbox,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ServerMessage<'a> {
    /// Everything, as of a revision.
    Snapshot {
        /// The subscription.
        id: &'a str,
        /// Grows by one with every update.
        revision: u64,
        /// The topic's data.
        data: &'a Value,
    },
    /// What changed since the revision before.
    Update {
        /// The subscription.
        id: &'a str,
        /// One more than the last one's.
        revision: u64,
        /// Only what changed; null: gone.
        data: &'a Value,
    },
    /// A request is durable.
    Ack {
        /// The request.
        id: &'a str,
        /// The transaction that holds it.
        xact_id: String,
    },
    /// A message was not accepted; the socket stays open.
    Problem {
        /// The subscription or request, when it could be read.
        id: Option<&'a str>,
        /// What was wrong.
        problem: &'a Problem,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_read_as_the_design_writes_them() {
        let text = r#"{"type":"subscribe","id":"m1","topic":{"kind":"metrics","object_type":"project_logs","object_id":"00000000-0000-0000-0000-000000000000"}}"#;
        let message: ClientMessage = serde_json::from_str(text).expect("a subscription");
        assert!(matches!(message, ClientMessage::Subscribe { id, .. } if id == "m1"));
        assert!(serde_json::from_str::<ClientMessage>(r#"{"type":"dance"}"#).is_err());
    }
}
