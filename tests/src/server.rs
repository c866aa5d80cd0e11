//! A server of its own for each test: in this process, on a free port, with a database that vanishes.

use std::sync::Arc;
use std::time::Duration;

use concord_server::app::{self, App, Running};
use concord_server::clock::Clock;
use concord_server::config::{Config, DEFAULT_DOCUMENT_MEMORY, FirstStart, Model};
use concord_server::domain::account::secret::Secret;
use concord_server::files::Place;
use concord_shared::moment::Moment;
use serde_json::json;

use crate::client::{Client, text};
use crate::database::TestDatabase;

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";
/// The owner's e-mail.
pub const OWNER_EMAIL: &str = "owner@example.com";
const OWNER_KEY: &str = "sk-owner-key-of-the-tests";

/// A running server with one organization, `Acme`, and an owner.
pub struct TestServer {
    /// Where it is.
    pub url: String,
    /// Its time, which stands until it is moved.
    pub clock: Clock,
    running: Option<Running>,
    database: Arc<TestDatabase>,
    document_memory: usize,
}

/// A member with a key.
pub struct TestMember {
    /// Their id, which is also their reviewer key.
    pub id: String,
    /// Their e-mail.
    pub email: String,
    /// Acts with their key.
    pub client: Client,
}

impl TestServer {
    /// Starts one with its organization.
    pub async fn start() -> Self {
        Self::start_with(Some(Self::acme())).await
    }

    /// The same, with that many bytes for open reviews.
    pub async fn start_with_memory(bytes: usize) -> Self {
        Self::start_sized(TestDatabase::new().await, Some(Self::acme()), bytes).await
    }

    /// The same with a language model at that URL, until it is restarted.
    pub async fn start_with_model(url: &str) -> Self {
        let database = Arc::new(TestDatabase::new().await);
        let clock = Clock::standing(Clock::system().now());
        let document_memory = DEFAULT_DOCUMENT_MEMORY << 20;
        let model = Model { url: url.to_owned(), name: "double".to_owned(), key: Secret::given("model-key") };
        let running = open_with(&database, Some(Self::acme()), clock.clone(), document_memory, Some(model)).await;
        Self { url: format!("http://{}", running.address), clock, running: Some(running), database, document_memory }
    }

    /// The first start of every test.
    pub fn acme() -> FirstStart {
        FirstStart {
            organization: "Acme".to_owned(),
            email: OWNER_EMAIL.to_owned(),
            password: Some(PASSWORD.to_owned()),
            key: Some(Secret::given(OWNER_KEY)),
        }
    }

    /// Starts another server on the same database, which must be one that several may use.
    pub async fn beside(&self) -> Self {
        let (database, clock, document_memory) = (self.database.clone(), self.clock.clone(), self.document_memory);
        let running = open(&database, Some(Self::acme()), clock.clone(), document_memory).await;
        Self { url: format!("http://{}", running.address), clock, running: Some(running), database, document_memory }
    }

    /// Starts one as if the environment said `first`.
    pub async fn start_with(first: Option<FirstStart>) -> Self {
        Self::start_on(TestDatabase::new().await, first).await
    }

    /// Starts one on a database of the caller's choice.
    pub async fn start_on(database: TestDatabase, first: Option<FirstStart>) -> Self {
        Self::start_sized(database, first, DEFAULT_DOCUMENT_MEMORY << 20).await
    }

    async fn start_sized(database: TestDatabase, first: Option<FirstStart>, document_memory: usize) -> Self {
        let database = Arc::new(database);
        let clock = Clock::standing(Clock::system().now());
        let running = open(&database, first, clock.clone(), document_memory).await;
        Self { url: format!("http://{}", running.address), clock, running: Some(running), database, document_memory }
    }

    /// Stops it and starts it again on the same data, on another port.
    pub async fn restart(&mut self, first: Option<FirstStart>) {
        self.stop().await;
        let running = open(&self.database, first, self.clock.clone(), self.document_memory).await;
        self.url = format!("http://{}", running.address);
        self.running = Some(running);
    }

    /// Stops it.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Lines that the server would have printed at its start.
    pub fn notices(&self) -> &[String] {
        &self.running.as_ref().expect("a running server").notices
    }

    /// The parts of the server, for tests of what has no route.
    pub fn app(&self) -> &App {
        &self.running.as_ref().expect("a running server").app
    }

    /// Where its data is.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// The present.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Lets time pass.
    pub fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Somebody without credentials.
    pub fn nobody(&self) -> Client {
        Client::nobody(&self.url)
    }

    /// The owner, by key.
    pub fn owner(&self) -> Client {
        self.nobody().with_key(OWNER_KEY)
    }

    /// The owner, by cookie.
    pub async fn owner_session(&self) -> Client {
        self.sign_in(OWNER_EMAIL).await
    }

    /// A member by cookie.
    pub async fn sign_in(&self, email: &str) -> Client {
        let answer = self.nobody().post("/api/session", json!({"email": email, "password": PASSWORD})).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        self.nobody().with_session(&answer)
    }

    /// Adds a member of that role, named after it, with a key.
    pub async fn member(&self, role: &str) -> TestMember {
        let email = format!("{role}-{}@example.com", uuid::Uuid::now_v7().simple());
        let body = json!({"email": email, "name": role, "role": role, "password": PASSWORD});
        let member = self.owner().post("/api/member", body).await.ok();
        let id = text(&member, "id").to_owned();
        let key = self.owner().post("/api/key", json!({"name": "test", "member_id": id})).await.ok();
        TestMember { client: self.nobody().with_key(text(&key, "key")), id, email }
    }

    /// Adds a project and gives its id.
    pub async fn project(&self, name: &str) -> String {
        text(&self.owner().post("/v1/project", json!({"name": name})).await.ok(), "id").to_owned()
    }

    /// Adds a score and gives it.
    pub async fn score(
        &self,
        project: &str,
        name: &str,
        score_type: &str,
        more: serde_json::Value,
    ) -> serde_json::Value {
        let mut body = json!({"project_id": project, "name": name, "score_type": score_type});
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        self.owner().post("/v1/project_score", body).await.ok()
    }
}

async fn open(database: &TestDatabase, first: Option<FirstStart>, clock: Clock, document_memory: usize) -> Running {
    open_with(database, first, clock, document_memory, None).await
}

async fn open_with(
    database: &TestDatabase,
    first: Option<FirstStart>,
    clock: Clock,
    document_memory: usize,
    model: Option<Model>,
) -> Running {
    let listen = "127.0.0.1:0".parse().expect("an address");
    let config = Config {
        listen,
        attachments: Place::Folder(database.attachments()),
        database: database.place(),
        public_url: None,
        attachment_quota: 1 << 20,
        access_log: None,
        document_memory,
        model,
        // Receivers of tests are on this machine.
        webhook_private: true,
        demo: false,
        first,
    };
    app::start(config, clock).await.unwrap_or_else(|error| panic!("the server does not start: {error}"))
}
