//! What the server is told at its start, checked before anything is opened.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::domain::account::check;
use crate::domain::account::secret::Secret;
use crate::files::Place;

/// Where the server listens unless told otherwise.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8484";
/// Where the data is unless told otherwise.
pub const DEFAULT_DATABASE: &str = "sqlite://concord-data/concord.db";

/// MiB that open documents may weigh unless told otherwise: ten thousand reviews of the usual size.
pub const DEFAULT_DOCUMENT_MEMORY: usize = 256;

/// GiB that an organization's attachments may take unless told otherwise: a thousand of the largest.
pub const DEFAULT_ATTACHMENT_QUOTA: u64 = 100;

/// A checked configuration.
#[derive(Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the data is.
    pub database: Database,
    /// Origin under which browsers and clients reach the server; absent: the address it listens on.
    pub public_url: Option<String>,
    /// Where attachments are kept.
    pub attachments: Place,
    /// Bytes that an organization's attachments may take together.
    pub attachment_quota: u64,
    /// Where a line for every request goes; absent: nowhere.
    pub access_log: Option<PathBuf>,
    /// Bytes that open documents may weigh before those that nobody uses are closed.
    pub document_memory: usize,
    /// The language model that is asked what the built-in grammar does not understand.
    pub model: Option<Model>,
    /// Whether webhooks may lead to addresses of this machine and of private networks.
    pub webhook_private: bool,
    /// Seed believable data and print sign-in links.
    pub demo: bool,
    /// The organization to make when there is none yet.
    pub first: Option<FirstStart>,
}

/// A language model behind an endpoint that speaks OpenAI's protocol.
#[derive(Clone)]
pub struct Model {
    /// Where completions are asked for: `…/chat/completions`.
    pub url: String,
    /// Its name there.
    pub name: String,
    /// What is sent as bearer token.
    pub key: Secret,
}

/// Where the data is.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file, for one server.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database, for one server or several.
    Postgres(String),
}

/// As people may see it: without the name and the password that a URL may hold.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => {
                let place = url.split_once("://").map_or("", |(_, place)| place);
                let place = place.split('?').next().unwrap_or_default();
                write!(f, "postgres://{}", place.rsplit_once('@').map_or(place, |(_, place)| place))
            }
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The first organization and its owner. Ignored once there is an organization.
#[derive(Clone)]
pub struct FirstStart {
    /// Name of the organization.
    pub organization: String,
    /// E-mail of its owner.
    pub email: String,
    /// The owner's password; without one they come in by a printed link.
    pub password: Option<String>,
    /// An API key of the owner.
    pub key: Option<Secret>,
}

/// What was given on the command line or in the environment, unchecked. Empty texts count as absent, since that is how
/// compose files pass variables that are not set.
#[derive(Default)]
pub struct Given {
    /// `--listen`, `CONCORD_LISTEN`.
    pub listen: Option<String>,
    /// `--database`, `CONCORD_DATABASE_URL`.
    pub database: Option<String>,
    /// `--public-url`, `CONCORD_PUBLIC_URL`.
    pub public_url: Option<String>,
    /// `--attachments`, `CONCORD_ATTACHMENTS`.
    pub attachments: Option<String>,
    /// `--attachment-quota`, `CONCORD_ATTACHMENT_QUOTA`.
    pub attachment_quota: Option<String>,
    /// `--access-log`, `CONCORD_ACCESS_LOG`.
    pub access_log: Option<String>,
    /// `--document-memory`, `CONCORD_DOCUMENT_MEMORY`.
    pub document_memory: Option<String>,
    /// `CONCORD_LLM_URL`.
    pub llm_url: Option<String>,
    /// `CONCORD_LLM_MODEL`.
    pub llm_model: Option<String>,
    /// `CONCORD_LLM_KEY`.
    pub llm_key: Option<String>,
    /// `CONCORD_WEBHOOK_PRIVATE`.
    pub webhook_private: Option<String>,
    /// `--demo`.
    pub demo: bool,
    /// `CONCORD_NATS_URL`.
    pub nats: Option<String>,
    /// `CONCORD_ORG`.
    pub organization: Option<String>,
    /// `CONCORD_ADMIN_EMAIL`.
    pub email: Option<String>,
    /// `CONCORD_ADMIN_PASSWORD`.
    pub password: Option<String>,
    /// `CONCORD_ADMIN_API_KEY`.
    pub key: Option<String>,
}

impl Given {
    /// Checks everything; `Err` is one line that says what is wrong and what would be right.
    pub fn check(self) -> Result<Config, String> {
        if filled(self.nats).is_some() {
            return Err("CONCORD_NATS_URL is set, but this version runs as one node; unset it".to_owned());
        }
        let listen = filled(self.listen).unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
        let listen = listen.replace("localhost:", "127.0.0.1:").parse();
        let listen =
            listen.map_err(|_| "--listen takes an address and a port, such as 127.0.0.1:8484 or 0.0.0.0:80")?;
        let public_url = filled(self.public_url).map(|url| check::origin(&url)).transpose();
        let public_url = public_url.map_err(|error| format!("--public-url: {error}"))?;
        let database = database(filled(self.database))?;
        Ok(Config {
            listen,
            attachments: attachments(filled(self.attachments), &database)?,
            database,
            public_url,
            attachment_quota: attachment_quota(filled(self.attachment_quota))?,
            access_log: filled(self.access_log).map(PathBuf::from),
            document_memory: document_memory(filled(self.document_memory))?,
            model: model(filled(self.llm_url), filled(self.llm_model), filled(self.llm_key))?,
            webhook_private: switch("CONCORD_WEBHOOK_PRIVATE", filled(self.webhook_private))?,
            demo: self.demo,
            first: first_start(filled(self.organization), filled(self.email), filled(self.password), filled(self.key))?,
        })
    }
}

/// All three or none; the URL is that of the API, with or without the path of completions.
fn model(url: Option<String>, name: Option<String>, key: Option<String>) -> Result<Option<Model>, String> {
    let (url, name, key) = match (url, name, key) {
        (None, None, None) => return Ok(None),
        (Some(url), Some(name), Some(key)) => (url, name, key),
        _ => {
            return Err(
                "CONCORD_LLM_URL, CONCORD_LLM_MODEL and CONCORD_LLM_KEY go together; set all or none".to_owned()
            );
        }
    };
    let url = url.trim_end_matches('/');
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        return Err("CONCORD_LLM_URL takes a URL such as https://api.openai.com/v1".to_owned());
    }
    let url = if url.ends_with("/chat/completions") { url.to_owned() } else { format!("{url}/chat/completions") };
    Ok(Some(Model { url, name, key: Secret::given(key) }))
}

/// A switch of the environment.
fn switch(name: &str, value: Option<String>) -> Result<bool, String> {
    match value.as_deref() {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(format!("{name} takes 1, or 0 which is the same as nothing")),
    }
}

/// MiB to bytes.
fn document_memory(mebibytes: Option<String>) -> Result<usize, String> {
    let Some(mebibytes) = mebibytes else { return Ok(DEFAULT_DOCUMENT_MEMORY << 20) };
    let bytes = mebibytes.parse().ok().filter(|mebibytes| *mebibytes > 0).and_then(|n: usize| n.checked_mul(1 << 20));
    bytes.ok_or_else(|| "--document-memory takes a whole number of MiB, 1 or more, such as 256".to_owned())
}

/// GiB to bytes.
fn attachment_quota(gibibytes: Option<String>) -> Result<u64, String> {
    let Some(gibibytes) = gibibytes else { return Ok(DEFAULT_ATTACHMENT_QUOTA << 30) };
    let bytes = gibibytes.parse().ok().and_then(|n: u64| n.checked_mul(1 << 30));
    bytes.ok_or_else(|| {
        "--attachment-quota takes a whole number of GiB, such as 100; 0 allows no attachments".to_owned()
    })
}

/// A folder or a bucket; a folder beside the database unless told otherwise.
pub fn attachments(place: Option<String>, database: &Database) -> Result<Place, String> {
    match place {
        Some(url) if url.starts_with("s3://") => Ok(Place::S3(url)),
        Some(other) if other.contains("://") => Err("--attachments takes a folder or s3://bucket/prefix".to_owned()),
        Some(folder) => Ok(Place::Folder(PathBuf::from(folder))),
        None => {
            let data = match database {
                Database::Sqlite(path) => path.parent().map(PathBuf::from).unwrap_or_default(),
                Database::Postgres(_) => PathBuf::from("concord-data"),
            };
            Ok(Place::Folder(data.join("attachments")))
        }
    }
}

/// Reads a database URL.
pub fn database(url: Option<String>) -> Result<Database, String> {
    let url = url.unwrap_or_else(|| DEFAULT_DATABASE.to_owned());
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Database::Postgres(url));
    }
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
    let path = path.map(|path| path.split('?').next().unwrap_or(path)).filter(|path| !path.is_empty());
    match path {
        Some(":memory:") => Err("--database: data in memory would be lost at the end; name a file".to_owned()),
        Some(path) => Ok(Database::Sqlite(PathBuf::from(path))),
        // The URL may hold a password: say what is right without repeating it.
        None => Err("--database takes a URL such as sqlite://concord-data/concord.db or \
                     postgres://user:password@host:5432/concord"
            .to_owned()),
    }
}

fn first_start(
    organization: Option<String>,
    email: Option<String>,
    password: Option<String>,
    key: Option<String>,
) -> Result<Option<FirstStart>, String> {
    let (organization, email) = match (organization, email) {
        (Some(organization), Some(email)) => (organization, email),
        (None, None) if password.is_none() && key.is_none() => return Ok(None),
        (None, _) => return Err("CONCORD_ORG is missing: name the organization that the owner is for".to_owned()),
        (_, None) => return Err("CONCORD_ADMIN_EMAIL is missing: CONCORD_ORG needs an owner".to_owned()),
    };
    let organization = check::name("CONCORD_ORG", &organization)?;
    let email = check::email(&email).map_err(|error| format!("CONCORD_ADMIN_EMAIL: {error}"))?;
    if let Some(key) = &key
        && (key.len() > 256 || key.chars().any(|c| !c.is_ascii_graphic()))
    {
        return Err("CONCORD_ADMIN_API_KEY must be at most 256 visible ASCII characters, such as sk-…".to_owned());
    }
    Ok(Some(FirstStart { organization, email, password, key: key.map(Secret::given) }))
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(given: Given) -> String {
        given.check().err().expect("must be refused")
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn nothing_given_is_the_default() {
        let config = Given::default().check().expect("defaults are valid");
        assert_eq!(config.listen.to_string(), DEFAULT_LISTEN);
        assert_eq!(config.database, Database::Sqlite("concord-data/concord.db".into()));
        assert!(config.public_url.is_none() && config.first.is_none());
        assert_eq!(config.attachments, Place::Folder("concord-data/attachments".into()));
    }

    #[test]
    fn refusals_are_one_line_and_name_the_setting() {
        let cases = [
            (Given { listen: some("8484"), ..Given::default() }, "--listen"),
            (Given { public_url: some("https://h/path"), ..Given::default() }, "--public-url"),
            (Given { database: some("mysql://u:secret@h/d"), ..Given::default() }, "--database"),
            (Given { attachments: some("gs://bucket"), ..Given::default() }, "--attachments"),
            (Given { document_memory: some("1 GB"), ..Given::default() }, "--document-memory"),
            (Given { attachment_quota: some("much"), ..Given::default() }, "--attachment-quota"),
            (Given { document_memory: some("0"), ..Given::default() }, "--document-memory"),
            (Given { nats: some("nats://h"), ..Given::default() }, "CONCORD_NATS_URL"),
            (Given { organization: some("Acme"), ..Given::default() }, "CONCORD_ADMIN_EMAIL"),
            (Given { key: some("sk-1"), ..Given::default() }, "CONCORD_ORG"),
            (Given { organization: some("A"), email: some("x"), ..Given::default() }, "CONCORD_ADMIN_EMAIL"),
        ];
        for (given, setting) in cases {
            let line = refusal(given);
            assert!(line.contains(setting) && !line.contains('\n') && !line.contains("secret"), "{line}");
        }
    }

    #[test]
    fn sqlite_urls_name_a_file() {
        assert_eq!(database(some("sqlite:///var/c.db?mode=rwc")), Ok(Database::Sqlite("/var/c.db".into())));
        assert_eq!(database(some("sqlite:c.db")), Ok(Database::Sqlite("c.db".into())));
        assert!(database(some("sqlite://:memory:")).is_err());
    }
    #[test]
    fn a_postgres_url_is_shown_without_its_secrets() {
        for url in ["postgres://eva:se@cret@db:5433/concord?password=secret", "postgresql://db:5433/concord"] {
            let shown = database(some(url)).expect("a database").to_string();
            assert_eq!(shown, "postgres://db:5433/concord");
        }
    }
}
