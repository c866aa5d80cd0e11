//! Newtypes for everything that has an identity. A mix-up of two ids is a type error.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an id of the kind that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct InvalidId {
    /// The text as received, cut to 64 characters.
    pub text: String,
    /// What would have been right, with its article.
    pub expected: &'static str,
}

impl InvalidId {
    fn new(text: &str, expected: &'static str) -> Self {
        Self { text: text.chars().take(64).collect(), expected }
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id that sorts after those made before it (UUID version 7), so that primary keys stay append-only.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The 16 bytes that the database stores.
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }

            /// Reads the 16 bytes that the database stores.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidId> {
                Uuid::from_slice(bytes).map(Self).map_err(|_| InvalidId::new("(bytes)", $expected))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId::new(text, $expected))
            }
        }
    };
}

uuid_id!(
    /// A tenant. Nothing of one organization is visible to another.
    OrganizationId, "an organization id (a UUID)"
);
uuid_id!(
    /// A person of an organization; also the reviewer key of that person in every review document.
    MemberId, "a member id (a UUID)"
);
uuid_id!(
    /// A project; also the id of its `project_logs` object.
    ProjectId, "a project id (a UUID)"
);
uuid_id!(
    /// A score configuration.
    ScoreId, "a score id (a UUID)"
);
uuid_id!(
    /// A tag that a project offers.
    TagId, "a tag id (a UUID)"
);
uuid_id!(
    /// A saved view.
    ViewId, "a view id (a UUID)"
);
uuid_id!(
    /// An address that is told what happens.
    WebhookId, "a webhook id (a UUID)"
);
uuid_id!(
    /// Something that an address is told.
    DeliveryId, "a delivery id (a UUID)"
);
uuid_id!(
    /// An API key or feedback key.
    KeyId, "a key id (a UUID)"
);
uuid_id!(
    /// A sign-in of a browser, from sign-in to sign-out. Not the secret in its cookie.
    SessionId, "a session id (a UUID)"
);
uuid_id!(
    /// A review: primary key of its row and, base58check-encoded, the id of its automerge document.
    DocumentId, "a document id"
);

impl DocumentId {
    /// The id as automerge-repo writes it: base58 of the bytes and the first four bytes of their double SHA-256.
    pub fn to_text(&self) -> String {
        bs58::encode(self.as_bytes()).with_check().into_string()
    }

    /// Reads the form that [`Self::to_text`] writes.
    pub fn from_text(text: &str) -> Result<Self, InvalidId> {
        let wrong = || InvalidId::new(text, "an automerge document id (base58check of 16 bytes)");
        // 28 characters hold 16 bytes and the check; decoding is quadratic, so longer text is not even tried.
        if text.len() > 32 {
            return Err(wrong());
        }
        let bytes = bs58::decode(text).with_check(None).into_vec().map_err(|_| wrong())?;
        Self::from_bytes(&bytes).map_err(|_| wrong())
    }

    /// `automerge:<id>`, what a client passes to `repo.find`.
    pub fn to_url(&self) -> String {
        format!("automerge:{}", self.to_text())
    }
}

/// One open WebSocket of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnectionId(pub u64);

/// How many changes of a document have been accepted, the seed excluded. Without gaps (rule R2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Revision(pub u64);

/// The transaction that last wrote a row: 19 decimal digits, so that comparing texts compares numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct XactId(pub i64);

impl XactId {
    /// Top 16 bits of every id: makes the decimal form 19 digits long for the next centuries.
    const PREFIX: i64 = 0x0DE1;

    /// The next id after `last` at `unix_seconds`: `prefix | seconds | counter`, always above `last`.
    pub fn next(last: XactId, unix_seconds: i64) -> Self {
        Self(((Self::PREFIX << 48) | ((unix_seconds & 0xFFFF_FFFF) << 16)).max(last.0 + 1))
    }
}

impl fmt::Display for XactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:019}", self.0)
    }
}

impl FromStr for XactId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let number = text.parse::<i64>().ok().filter(|number| *number >= 0);
        number.map(Self).ok_or_else(|| InvalidId::new(text, "a transaction id (a non-negative integer)"))
    }
}

impl Serialize for XactId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What kind of container a row is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ObjectType {
    /// The logs of a project; the object's id is the project's.
    ProjectLogs,
    /// An experiment.
    Experiment,
    /// A dataset.
    Dataset,
}

impl ObjectType {
    /// The word in URLs, JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProjectLogs => "project_logs",
            Self::Experiment => "experiment",
            Self::Dataset => "dataset",
        }
    }
}

impl fmt::Display for ObjectType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ObjectType {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "project_logs" => Ok(Self::ProjectLogs),
            "experiment" => Ok(Self::Experiment),
            "dataset" => Ok(Self::Dataset),
            _ => Err(InvalidId::new(text, "an object type (project_logs, experiment or dataset)")),
        }
    }
}

/// A container of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ObjectRef {
    /// What kind of container.
    pub object_type: ObjectType,
    /// Which one.
    pub object_id: Uuid,
}

impl ObjectRef {
    /// The logs of a project.
    pub fn logs(project: ProjectId) -> Self {
        Self { object_type: ObjectType::ProjectLogs, object_id: project.0 }
    }
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.object_type, self.object_id.as_hyphenated())
    }
}

/// Whose judgement: the key under `/scores` of a review document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reviewer {
    /// A member; the key is the member id.
    Member(MemberId),
    /// An end user who spoke through feedback; the key is `external:<name>`.
    External(String),
}

/// Longest name of an end user, in bytes: a key of the document, so it is paid for in every change that names it.
pub const EXTERNAL_NAME_BYTES: usize = 120;

impl fmt::Display for Reviewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(id) => id.fmt(f),
            Self::External(name) => write!(f, "external:{name}"),
        }
    }
}

impl FromStr for Reviewer {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.strip_prefix("external:") {
            Some(name) if !name.is_empty() && name.len() <= EXTERNAL_NAME_BYTES => Ok(Self::External(name.to_owned())),
            Some(_) => Err(InvalidId::new(text, "an external reviewer of 1 to 120 bytes")),
            None => text
                .parse()
                .map(Self::Member)
                .map_err(|_| InvalidId::new(text, "a reviewer (a member id or external:<name>)")),
        }
    }
}

impl Serialize for Reviewer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reviewer {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_id_text_is_base58check() {
        assert_eq!(DocumentId(Uuid::nil()).to_text(), "11111111111111114Ki9Gx");
        assert_eq!(DocumentId(Uuid::max()).to_text(), "4ZrjxJnU1LA5xSyrWMNuXTozYEvA");
        let id = DocumentId::new();
        assert_eq!(DocumentId::from_text(&id.to_text()), Ok(id));
        assert!(DocumentId::from_text("11111111111111114Ki9Gy").is_err(), "a wrong check is refused");
        assert!(DocumentId::from_text(&"1".repeat(4000)).is_err());
    }

    #[test]
    fn transaction_ids_grow_and_keep_their_length() {
        let first = XactId::next(XactId(0), 1_795_424_974);
        let second = XactId::next(first, 1_795_424_974);
        let after_clock_went_back = XactId::next(second, 1_795_000_000);
        assert!(first < second && second < after_clock_went_back);
        assert_eq!(first.to_string().len(), 19);
        assert_eq!(first.to_string().parse(), Ok(first));
    }
}
