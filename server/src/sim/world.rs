//! The world of a plan: a database, servers, pages, and a network between them. Clock and ids are its own.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use automerge::ActorId;
use concord_shared::ids::{
    ConnectionId, DocumentId, MemberId, ObjectRef, OrganizationId, ProjectId, Reviewer, ScoreId,
};
use concord_shared::moment::Moment;
use concord_shared::review::edit::Edit;
use futures_util::FutureExt;
use serde_json::{Value, json};
use uuid::Uuid;

use super::act::Actor;
use super::check::{Document, Oracle};
use super::client::{Client, Replica};
use super::forge::Forger;
use super::network::{Link, Up};
use super::plan::{Act, Forgery, Outcome, Plan, Step};
use super::server::{Call, Server};
use crate::domain::project::{ProjectScore, ProjectStore};
use crate::domain::room::{Event, RequestId, ServerWrite};
use crate::domain::store::Source;
use crate::store::memory::MemoryStore;

/// 2026-11-24T08:40:00Z.
const BEGINNING: Moment = Moment(1_795_509_600_000_000);

/// Rounds of everything that moves before a world must have come to rest.
const ROUNDS: usize = 60;

/// Changes of a burst.
const BURST: u8 = 60;

/// Why a plan failed: the rule and what was seen.
pub(super) type Checked = Result<(), String>;

pub(super) struct World {
    pub(super) now: Moment,
    pub(super) store: MemoryStore,
    pub(super) project: ProjectId,
    pub(super) members: Vec<MemberId>,
    pub(super) documents: Vec<Document>,
    pub(super) servers: Vec<Server>,
    pub(super) clients: Vec<Client>,
    pub(super) links: BTreeMap<ConnectionId, Link>,
    /// Calls of the API that a room is busy with.
    pub(super) asked: BTreeMap<RequestId, Call>,
    /// Calls that are made, or made again, next.
    pub(super) calls: VecDeque<Call>,
    pub(super) oracle: Oracle,
    /// Names everything that needs a name, in order.
    names: u64,
}

/// What a future of the memory store says; it never waits.
pub(super) fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("memory does not wait")
}

/// Runs a plan to its end.
pub(super) fn run(plan: &Plan) -> Checked {
    let mut world = World::new(plan);
    for (number, step) in plan.steps.iter().enumerate() {
        world.step(*step).map_err(|broken| format!("step {number} {step:?}: {broken}"))?;
    }
    world.end(plan).map_err(|broken| format!("at the end: {broken}"))
}

impl World {
    fn new(plan: &Plan) -> Self {
        let uuid = |kind: u128, n: u128| Uuid::from_u128(kind << 64 | n);
        let (project, organization) = (ProjectId(uuid(1, 1)), OrganizationId(uuid(2, 1)));
        let store = MemoryStore::default();
        let documents = (0..plan.documents).map(|n| {
            let document = DocumentId(uuid(3, u128::from(n) + 1));
            let row = format!("row {n}");
            let key = store.data().ensure_review(document, organization, project, ObjectRef::logs(project), &row);
            Document::new(key)
        });
        let documents = documents.collect();
        let client = |who: &super::plan::Who| Client {
            member: MemberId(uuid(4, u128::from(who.member) + 1)),
            role: who.role,
            connection: None,
            replicas: BTreeMap::new(),
            sent: Vec::new(),
        };
        let mut world = Self {
            now: BEGINNING,
            store,
            project,
            members: (0..4).map(|n| MemberId(uuid(4, n + 1))).collect(),
            documents,
            servers: Vec::new(),
            clients: plan.clients.iter().map(client).collect(),
            links: BTreeMap::new(),
            asked: BTreeMap::new(),
            calls: VecDeque::new(),
            oracle: Oracle::default(),
            names: 0,
        };
        world.configure(0);
        for _ in 0..plan.servers {
            let replica = world.actor();
            world.servers.push(Server::new(replica));
        }
        world
    }

    pub(super) fn name(&mut self) -> u64 {
        self.names += 1;
        self.names
    }

    pub(super) fn actor(&mut self) -> ActorId {
        let name = self.name();
        ActorId::from(u128::from(name).to_be_bytes())
    }

    fn step(&mut self, step: Step) -> Checked {
        match step {
            Step::Connect { client, server } => self.connect(client, server),
            Step::Cut { client } => self.cut(client),
            Step::Open { client, document, server } => self.open_page(client, document, server)?,
            Step::Edit { client, document, act } => self.edit(client, document, act),
            Step::Burst { client, document } => (0..BURST).for_each(|n| self.edit(client, document, Act::Score(n % 4))),
            Step::Flush { client } => self.flush(client),
            Step::Forge { client, document, forgery } => self.forge(client, document, forgery),
            Step::Replay { client, message } => self.replay(client, message),
            Step::Up { client, count } => self.carry_up(client, count)?,
            Step::Down { client, count } => self.carry_down(client, count)?,
            Step::Write { server, document, member, act, feedback } => {
                self.write(server, document, member, act, feedback)?;
            }
            Step::Log { server, document, value } => self.log(server, document, value),
            Step::Scores { variant } => self.change_scores(variant)?,
            Step::Store { server, outcome } => self.store_batch(server, outcome)?,
            Step::Settle { server } => self.settle(server)?,
            Step::Close { server, document } => self.close_room(server, document),
            Step::Crash { server, after, arrives } => self.light_fuse(server, after, arrives),
            Step::Tick { seconds } => self.tick(i64::from(seconds))?,
            Step::Calm => self.calm()?,
        }
        self.check_counted()
    }

    fn open_page(&mut self, client: u8, document: u8, server: u8) -> Checked {
        let actor = self.actor();
        self.oracle.pages.insert(actor.clone());
        let page = &mut self.clients[usize::from(client)];
        let reviewer = Reviewer::Member(page.member);
        let is_new = !page.replicas.contains_key(&document);
        page.replicas.entry(document).or_insert_with(|| Replica::new(actor));
        if page.role.may(concord_shared::role::Action::Review) {
            let names = vec!["What went wrong".to_owned()];
            let edits = vec![Edit::OpenReviewer { reviewer }, Edit::OpenFields { names }];
            self.call(server, document, edits, Source::Server, None, None)?;
        }
        if self.clients[usize::from(client)].connection.is_none() {
            self.connect(client, server);
        } else if is_new {
            self.flush(client);
        }
        Ok(())
    }

    fn edit(&mut self, client: u8, document: u8, act: Act) {
        let page = &mut self.clients[usize::from(client)];
        if !page.role.may(concord_shared::role::Action::Review) {
            return;
        }
        let Some(replica) = page.replicas.get_mut(&document) else { return };
        let actor = Actor { me: page.member, members: &self.members, now: self.now };
        if actor.act(&mut replica.document, act) {
            replica.is_due = true;
        }
    }

    fn forge(&mut self, client: u8, document: u8, forgery: Forgery) {
        let fresh = self.actor();
        let other = |n: u8| &self.clients[usize::from(n) % self.clients.len()];
        let page = &self.clients[usize::from(client)];
        let (Some(connection), Some(replica)) = (page.connection, page.replicas.get(&document)) else { return };
        let (actor, victim) = match forgery {
            Forgery::Stolen(n) => {
                let Some(theirs) = other(n).replicas.get(&document) else { return };
                (theirs.document.get_actor().clone(), other(n).member)
            }
            Forgery::OthersScore(n) => (fresh, other(n).member),
            Forgery::ServersReplica => (self.servers[0].replica.clone(), page.member),
            _ => (fresh, page.member),
        };
        // A replica belongs to whoever uses it first, and is 16 random bytes: before that nobody can know it. What members
        // do to pages of their own is theirs.
        let bound = self.oracle.owners.get(actor.to_bytes());
        let is_theft = matches!(forgery, Forgery::Stolen(_) | Forgery::ServersReplica);
        if is_theft && bound.is_none_or(|owner| *owner == Some(page.member)) {
            return;
        }
        let forger = Forger { document: &replica.document, me: page.member, victim, actor, now: self.now };
        let Some(forged) = forger.forge(forgery) else { return };
        self.oracle.forbidden.extend(forged.forbidden);
        self.clients[usize::from(client)].sent.push((document, forged.message.clone()));
        if let Some(link) = self.links.get_mut(&connection) {
            // It said that it has what it does not: only a new connection brings it in line.
            link.lied = true;
            link.to_server.push_back(Up::Sync { document, message: forged.message });
        }
    }

    fn replay(&mut self, client: u8, message: u8) {
        let page = &self.clients[usize::from(client)];
        let Some((document, message)) = page.sent.get(usize::from(message) % page.sent.len().max(1)).cloned() else {
            return;
        };
        if let Some(link) = page.connection.and_then(|connection| self.links.get_mut(&connection)) {
            link.lied = true;
            link.to_server.push_back(Up::Sync { document, message });
        }
    }

    fn write(&mut self, server: u8, document: u8, member: u8, act: Act, feedback: Option<u8>) -> Checked {
        let me = self.members[usize::from(member) % self.members.len()];
        let actor = Actor { me, members: &self.members, now: self.now };
        let Some(edit) = actor.edit(act, &self.documents[usize::from(document)].state) else { return Ok(()) };
        let feedback_id = feedback.map(|n| format!("feedback {n}"));
        self.call(server, document, vec![edit], Source::Api, Some(Reviewer::Member(me)), feedback_id)
    }

    fn call(
        &mut self,
        server: u8,
        document: u8,
        edits: Vec<Edit>,
        source: Source,
        on_behalf_of: Option<Reviewer>,
        feedback_id: Option<String>,
    ) -> Checked {
        let name = self.name();
        let metadata = Some(json!({"request": name}));
        let request = RequestId(name);
        let write = ServerWrite { request, edits, on_behalf_of, source, metadata, feedback_id };
        self.submit(Call::new(server, document, name, write))
    }

    /// Configures the scores of the project.
    fn configure(&mut self, variant: u8) {
        let option = |name: &str, value: f64| json!({"name": name, "value": value});
        let failures = json!([{"name": "late"}, {"name": "rude"}]);
        let tone = match variant {
            0 => ("slider", Value::Null, json!({"aggregate": "mean"})),
            1 => ("slider", Value::Null, json!({"aggregate": "latest"})),
            _ => ("categorical", json!([option("none", 0.0), option("half", 0.5)]), Value::Null),
        };
        let scores = [
            ("Tone", tone),
            ("Correct", ("categorical", json!([option("no", 0.0), option("yes", 1.0)]), Value::Null)),
            ("Failures", ("categorical", failures, json!({"destination": "expected", "multi_select": true}))),
            ("What went wrong", ("free-form", Value::Null, Value::Null)),
        ];
        for (number, (name, (score_type, categories, config))) in scores.into_iter().enumerate() {
            let score = ProjectScore {
                id: ScoreId(Uuid::from_u128(number as u128 + 1)),
                project: self.project,
                created_by: self.members[0],
                name: name.into(),
                description: None,
                score_type: score_type.into(),
                categories,
                config,
                position: String::new(),
                created: self.now,
            };
            at_once(self.store.register_score(&score, true)).expect("a score");
        }
    }

    fn change_scores(&mut self, variant: u8) -> Checked {
        self.configure(variant);
        self.rederive()?;
        let scores: std::sync::Arc<[_]> = self.store.data().book(self.project).into();
        for server in 0..self.servers.len() as u8 {
            for document in 0..self.documents.len() as u8 {
                self.handle(server, document, Event::ScoresChanged(self.project, scores.clone()))?;
            }
        }
        Ok(())
    }

    fn tick(&mut self, seconds: i64) -> Checked {
        self.now = Moment(self.now.0 + seconds * 1_000_000);
        for server in 0..self.servers.len() as u8 {
            for document in 0..self.documents.len() as u8 {
                self.handle(server, document, Event::Tick)?;
            }
        }
        Ok(())
    }

    /// Lets everything that is under way come to its end.
    fn calm(&mut self) -> Checked {
        for _ in 0..ROUNDS {
            let mut moved = !self.calls.is_empty();
            for client in 0..self.clients.len() as u8 {
                self.flush(client);
            }
            let connections: Vec<ConnectionId> = self.links.keys().copied().collect();
            for connection in connections {
                while self.carry_up_one(connection)? {
                    moved = true;
                }
            }
            for server in 0..self.servers.len() as u8 {
                moved |= self.has_work(server);
                self.store_batch(server, Outcome::Stored)?;
                self.settle(server)?;
            }
            for client in 0..self.clients.len() as u8 {
                while self.carry_down_one(client)? {
                    moved = true;
                }
            }
            if !moved {
                return self.check_nobody_waits();
            }
        }
        Err("R6: clients and servers talk for ever".into())
    }

    /// Everybody comes back, time passes, and all pages show what is stored.
    fn end(&mut self, plan: &Plan) -> Checked {
        // Nothing is wrong any more: whoever writes now succeeds, whatever was before.
        self.servers.iter_mut().for_each(|server| server.fuse = None);
        self.calm()?;
        self.oracle.is_well = true;
        for server in 0..self.servers.len() as u8 {
            for document in 0..self.documents.len() as u8 {
                self.write(server, document, 0, Act::Score(server), None)?;
                self.calm()?;
            }
        }
        for server in 0..self.servers.len() as u8 {
            // Servers do not tell each other what they write; with several, only a fresh start shows it all.
            if plan.servers > 1 {
                self.crash(server, true);
            }
        }
        let mut lied: BTreeSet<u8> =
            self.links.values().filter(|link| link.lied && !link.is_cut).map(|link| link.client).collect();
        for _ in 0..8 {
            for client in 0..self.clients.len() as u8 {
                if lied.remove(&client) {
                    self.cut(client);
                }
                if self.clients[usize::from(client)].connection.is_none() {
                    self.connect(client, 0);
                }
            }
            self.calm()?;
            self.tick(11)?;
            self.calm()?;
            if self.differing().is_none() {
                // Opening is costly, and most plans open rooms all the time.
                return if plan.steps.len().is_multiple_of(4) { self.check_stored_again() } else { Ok(()) };
            }
        }
        Err(self.differing().unwrap_or_default())
    }
}
