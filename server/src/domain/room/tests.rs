//! A room and its clients, without sockets or a store: the clients are automerge's own sync protocol.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use automerge::sync::{Message, State, SyncDoc};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ChangeHash, ReadDoc};
use concord_shared::ids::{
    ConnectionId, DocumentId, MemberId, ObjectRef, OrganizationId, ProjectId, Reviewer, Revision,
};
use concord_shared::moment::Moment;
use concord_shared::review::edit::{self, Edit};
use concord_shared::review::state::Judgement;
use concord_shared::review::{read, seed};
use concord_shared::role::Role;
use concord_shared::score::{Combine, Score, ScoreKind};
use concord_shared::wire::notice::Notice;

use super::{Effect, Event, Opening, Reloaded, RequestId, Room, ServerWrite};
use crate::domain::gate::Writer;
use crate::domain::store::{ReviewCommit, ReviewKey, Source, StoreError};

const NOW: Moment = Moment(1_795_424_974_000_000);

struct Client {
    member: MemberId,
    document: Automerge,
    state: State,
    notices: Vec<Notice>,
    /// Changes as they came, repetitions included; whole documents are left out, which repeat by their nature.
    received: Vec<Change>,
    closed: Option<u16>,
}

/// A room, its clients, and a store that keeps what it is given.
struct World {
    room: Room,
    clients: BTreeMap<ConnectionId, Client>,
    /// A commit that has not ended yet.
    commit: Option<ReviewCommit>,
    stored: Vec<ReviewCommit>,
    answers: Vec<(RequestId, bool)>,
    /// Commits end only when a test says so.
    manual: bool,
    /// How often the room asked for the document.
    reloads: usize,
}

impl World {
    fn new() -> Self {
        let document = DocumentId::new();
        let key = ReviewKey {
            document,
            organization: OrganizationId::new(),
            project: ProjectId::new(),
            object: ObjectRef::logs(ProjectId::new()),
            row_id: "row".into(),
        };
        let score =
            Score { name: "Tone".into(), kind: ScoreKind::Slider, combine: Combine::Mean, object_types: vec![] };
        let room = Room::new(Opening {
            key,
            document: seed::seed(document),
            revision: Revision(0),
            snapshot_revision: Revision(0),
            replicas: HashMap::new(),
            scores: Arc::from([score]),
            server_replica: ActorId::from([7; 16]),
        });
        Self {
            room,
            clients: BTreeMap::new(),
            commit: None,
            stored: vec![],
            answers: vec![],
            manual: false,
            reloads: 0,
        }
    }

    fn join(&mut self, number: u64, role: Role) -> ConnectionId {
        let (connection, member) = (ConnectionId(number), MemberId::new());
        let writer = (role != Role::Viewer).then_some(Writer { member, role });
        let document = concord_shared::review::empty().with_actor(ActorId::random());
        let client = Client { member, document, state: State::new(), notices: vec![], received: vec![], closed: None };
        self.clients.insert(connection, client);
        self.say(Event::Join { connection, writer });
        if role != Role::Viewer {
            self.write(vec![Edit::OpenReviewer { reviewer: Reviewer::Member(member) }]);
        }
        self.flush(connection);
        connection
    }

    fn write(&mut self, edits: Vec<Edit>) {
        self.say(Event::Write(ServerWrite {
            request: RequestId(self.answers.len() as u64),
            edits,
            on_behalf_of: None,
            source: Source::Server,
            metadata: None,
            feedback_id: None,
        }));
    }

    fn say(&mut self, event: Event) {
        for effect in self.room.handle(NOW, event) {
            match effect {
                Effect::Sync { to, message } => self.deliver(to, &message),
                Effect::Notify { to, notice } => {
                    if let Some(client) = self.clients.get_mut(&to) {
                        client.notices.push(notice);
                    }
                }
                Effect::Commit(commit) => self.commit = Some(*commit),
                Effect::Answer { request, result } => self.answers.push((request, result.unwrap())),
                Effect::Disconnect { connection, code, .. } => {
                    self.clients.get_mut(&connection).unwrap().closed = Some(code)
                }
                Effect::Reload => self.reloads += 1,
                Effect::Relay { .. } | Effect::Abandon => {}
            }
        }
        if self.commit.is_some() && !self.manual {
            self.end_commit(Ok(()));
        }
    }

    fn end_commit(&mut self, result: Result<(), StoreError>) {
        let commit = self.commit.take().unwrap();
        if result.is_ok() {
            self.stored.push(commit);
        }
        self.say(Event::Committed(result));
    }

    fn deliver(&mut self, to: ConnectionId, message: &[u8]) {
        let client = self.clients.get_mut(&to).unwrap();
        let message = Message::decode(message).unwrap();
        client.received.extend(message.changes.iter().flat_map(changes_of));
        client.document.receive_sync_message(&mut client.state, message).unwrap();
        self.flush(to);
    }

    /// Sends whatever a client owes the server, as a stock client does after each change and each message.
    fn flush(&mut self, connection: ConnectionId) {
        let client = self.clients.get_mut(&connection).unwrap();
        if client.closed.is_some() {
            return;
        }
        if let Some(message) = client.document.generate_sync_message(&mut client.state) {
            let message = Box::new(super::decode_message(&message.encode()).unwrap());
            self.say(Event::Sync { connection, message });
        }
    }

    fn score(&mut self, connection: ConnectionId, reviewer: MemberId, score: &str, value: f64) {
        let client = self.clients.get_mut(&connection).unwrap();
        let (_, scores) = client.document.get(automerge::ROOT, "scores").unwrap().unwrap();
        let (_, map) = client.document.get(&scores, reviewer.to_string()).unwrap().unwrap();
        client
            .document
            .transact_with(|_| CommitOptions::default().with_time(NOW.as_seconds()), |tx| tx.put(&map, score, value))
            .unwrap();
        self.flush(connection);
    }

    fn member(&self, connection: ConnectionId) -> MemberId {
        self.clients[&connection].member
    }

    fn shown(&self, connection: ConnectionId, reviewer: MemberId) -> Option<Judgement> {
        let state = read::read(&self.clients[&connection].document);
        state.scores.get(&Reviewer::Member(reviewer))?.get("Tone").cloned()
    }
}

/// Changes that stand one after the other, as version 2 of the protocol sends them.
fn changes_of(mut bytes: &[u8]) -> Vec<Change> {
    const KIND: usize = 8;
    let mut changes = Vec::new();
    while !bytes.is_empty() {
        let mut length = 0;
        let digits = bytes[KIND + 1..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        for (index, byte) in bytes[KIND + 1..][..digits].iter().enumerate() {
            length |= usize::from(byte & 0x7f) << (7 * index);
        }
        let (chunk, rest) = bytes.split_at(KIND + 1 + digits + length);
        if chunk[KIND] != 0 {
            changes.push(Change::from_bytes(chunk.to_vec()).unwrap());
        }
        bytes = rest;
    }
    changes
}

#[test]
fn r1_others_see_a_change_only_once_it_is_durable() {
    let mut world = World::new();
    let (eva, noor) = (world.join(1, Role::Reviewer), world.join(2, Role::Reviewer));
    let me = world.member(eva);
    world.manual = true;
    world.score(eva, me, "Tone", 0.25);
    assert_eq!(world.shown(noor, me), None, "not durable, not shown");
    assert!(world.clients[&eva].notices.is_empty(), "nobody is told that it is saved");
    world.end_commit(Ok(()));
    assert_eq!(world.shown(noor, me), Some(Judgement::Number(0.25)));
    assert!(matches!(world.clients[&eva].notices.as_slice(), [Notice::Saved(_)]));
}

#[test]
fn r2_what_waits_for_a_commit_forms_the_next_one() {
    let mut world = World::new();
    let (eva, noor) = (world.join(1, Role::Reviewer), world.join(2, Role::Reviewer));
    let (a, b) = (world.member(eva), world.member(noor));
    let before = world.stored.len();
    let revision = world.room.revision();
    world.manual = true;
    world.score(eva, a, "Tone", 0.1);
    world.score(noor, b, "Tone", 0.2);
    world.score(noor, b, "Tone", 0.3);
    world.end_commit(Ok(()));
    world.end_commit(Ok(()));
    assert!(world.commit.is_none());
    let sizes: Vec<usize> = world.stored[before..].iter().map(|commit| commit.changes.len()).collect();
    assert_eq!(sizes, [1, 2]);
    assert_eq!(world.room.revision(), Revision(revision.0 + 3));
    assert_eq!(world.shown(eva, b), Some(Judgement::Number(0.3)));
    assert_eq!(world.shown(noor, a), Some(Judgement::Number(0.1)));
}

#[test]
fn each_change_reaches_each_other_client_once_whatever_overlaps() {
    let mut world = World::new();
    let clients = [1, 2, 3].map(|number| world.join(number, Role::Reviewer));
    for client in clients {
        world.clients.get_mut(&client).unwrap().received.clear();
    }
    world.manual = true;
    for step in 0..60_u32 {
        // Two edits of one client and one of another meet every commit; acknowledgements arrive while the next runs.
        for index in [0, step as usize % 3, step as usize % 3] {
            let connection = clients[index];
            world.score(connection, world.member(connection), "Tone", f64::from(step * 3 + index as u32) / 256.0);
        }
        world.end_commit(Ok(()));
    }
    while world.commit.is_some() {
        world.end_commit(Ok(()));
    }
    for client in clients.map(|connection| &world.clients[&connection]) {
        let different: BTreeSet<ChangeHash> = client.received.iter().map(Change::hash).collect();
        assert_eq!(different.len(), client.received.len(), "nothing comes twice");
        let own = client.received.iter().filter(|change| change.actor_id() == client.document.get_actor());
        assert_eq!(own.count(), 0, "nobody is sent an edit of their own");
        assert_eq!(client.document.get_heads(), world.room.document().get_heads());
    }
}

#[test]
fn r4_a_refused_change_reaches_nobody_and_is_named_to_its_writer() {
    let mut world = World::new();
    let (eva, noor) = (world.join(1, Role::Reviewer), world.join(2, Role::Reviewer));
    let me = world.member(eva);
    world.score(eva, me, "Tone", 7.0);
    assert_eq!(world.shown(noor, me), None);
    let [Notice::Rejected(rejected)] = world.clients[&eva].notices.as_slice() else {
        panic!("{:?}", world.clients[&eva].notices)
    };
    assert_eq!(rejected.len(), 1);
    let last = world.stored.last().unwrap();
    assert_eq!((last.changes.len(), last.refusals.len()), (0, 1), "only a refusal entry is kept");
    let stolen = world.member(noor);
    world.score(noor, me, "Tone", 0.5);
    assert_eq!(world.shown(eva, me), Some(Judgement::Number(7.0)), "unchanged by somebody else's hand");
    assert_ne!(stolen, me);
}

#[test]
fn r1_a_commit_that_fails_closes_its_sender_and_shows_nothing() {
    let mut world = World::new();
    let (eva, noor) = (world.join(1, Role::Reviewer), world.join(2, Role::Reviewer));
    let me = world.member(eva);
    world.manual = true;
    world.score(eva, me, "Tone", 0.25);
    world.end_commit(Err(StoreError::Unavailable("disk full".into())));
    assert_eq!(world.clients[&eva].closed, Some(1013));
    assert_eq!(world.shown(noor, me), None);
    world.manual = false;
    let other = world.member(noor);
    world.score(noor, other, "Tone", 0.5);
    assert_eq!(world.stored.last().unwrap().changes.len(), 1, "the room goes on");
}

#[test]
fn r1_a_commit_that_fails_takes_nothing_from_the_ones_before() {
    let mut world = World::new();
    let (eva, noor) = (world.join(1, Role::Reviewer), world.join(2, Role::Reviewer));
    let me = world.member(eva);
    for value in [0.25, 0.5, 0.75] {
        world.score(eva, me, "Tone", value);
    }
    world.manual = true;
    world.score(eva, me, "Tone", 1.0);
    world.end_commit(Err(StoreError::Unavailable("disk full".into())));
    assert_eq!(world.clients[&eva].closed, Some(1013));
    world.manual = false;
    assert_eq!(world.shown(noor, me), Some(Judgement::Number(0.75)));
    let late = world.join(3, Role::Reviewer);
    assert_eq!(world.shown(late, me), Some(Judgement::Number(0.75)));
    let other = world.member(noor);
    world.score(noor, other, "Tone", 0.125);
    assert_eq!(world.shown(late, other), Some(Judgement::Number(0.125)));
}

#[test]
fn r8_edits_that_hold_already_change_nothing() {
    let mut world = World::new();
    let reviewer = Reviewer::External("user".into());
    let edit = Edit::SetScore { reviewer, score: "Tone".into(), judgement: Judgement::Number(0.5) };
    world.write(vec![edit.clone()]);
    world.write(vec![edit]);
    assert_eq!(world.answers, [(RequestId(0), true), (RequestId(1), false)]);
    assert_eq!(world.stored.len(), 1);
}

#[test]
fn a_reader_sees_everything_and_writes_nothing() {
    let mut world = World::new();
    let (eva, viewer) = (world.join(1, Role::Reviewer), world.join(2, Role::Viewer));
    let me = world.member(eva);
    world.score(eva, me, "Tone", 0.25);
    assert_eq!(world.shown(viewer, me), Some(Judgement::Number(0.25)));
    let commits = world.stored.len();
    world.score(viewer, me, "Tone", 0.75);
    assert_eq!(world.stored.len(), commits);
    assert_eq!(world.shown(eva, me), Some(Judgement::Number(0.25)));
}

#[test]
fn a_late_client_gets_the_whole_document() {
    let mut world = World::new();
    let eva = world.join(1, Role::Reviewer);
    let me = world.member(eva);
    for step in 0..520 {
        world.score(eva, me, "Tone", f64::from(step) / 1024.0);
    }
    assert!(world.stored.iter().filter(|commit| commit.snapshot.is_some()).count() >= 2, "snapshots are taken");
    let late = world.join(2, Role::Reviewer);
    assert_eq!(world.shown(late, me), Some(Judgement::Number(519.0 / 1024.0)));
    assert_eq!(world.clients[&late].document.get_heads(), world.room.document().get_heads());
}

#[test]
fn r2_what_another_server_wrote_is_taken_in_and_what_clients_wrote_is_kept() {
    let mut world = World::new();
    let (eva, noor) = (world.join(1, Role::Reviewer), world.join(2, Role::Reviewer));
    let (a, b) = (world.member(eva), world.member(noor));
    let user = Reviewer::External("user".into());
    world.manual = true;
    world.score(eva, a, "Tone", 0.25);
    world.score(noor, b, "Tone", 7.0);
    world.score(noor, b, "Tone", 0.5);
    // The other server was faster.
    let mut document = world.room.document().fork().with_actor(ActorId::from([9; 16]));
    let edit = Edit::SetScore { reviewer: user.clone(), score: "Tone".into(), judgement: Judgement::Number(1.0) };
    edit::apply(&mut document, &[edit], NOW, None).unwrap().unwrap();
    let revision = Revision(world.room.revision().0 + 1);
    world.end_commit(Err(StoreError::Stale(revision)));
    assert_eq!((world.reloads, world.commit.is_some()), (1, false), "first it asks for what is stored");
    let replicas = HashMap::from([(vec![7; 16], None), (vec![9; 16], None)]);
    let news = Reloaded { document, revision, snapshot_revision: Revision(0), replicas };
    world.say(Event::Reloaded(Ok(Box::new(news))));
    let commit = world.commit.as_ref().unwrap();
    assert_eq!((commit.base, commit.changes.len()), (revision, 1), "what was accepted is judged on what is stored");
    world.manual = false;
    world.end_commit(Ok(()));
    for client in [eva, noor] {
        let state = read::read(&world.clients[&client].document);
        assert_eq!(world.clients[&client].closed, None, "nobody is disconnected");
        assert_eq!(state.scores[&user]["Tone"], Judgement::Number(1.0));
    }
    let stored = read::read(world.room.document());
    assert_eq!(stored.scores[&Reviewer::Member(a)]["Tone"], Judgement::Number(0.25));
    assert_eq!(world.shown(eva, a), Some(Judgement::Number(0.25)));
    let refused = world.stored.iter().flat_map(|commit| &commit.refusals).count();
    assert_eq!(refused, 2, "7 is refused, and what builds on it, each once");
}

#[test]
fn r8_a_caller_whose_edit_lost_a_race_comes_again() {
    let mut world = World::new();
    world.join(1, Role::Reviewer);
    world.manual = true;
    let edit = Edit::SetScore {
        reviewer: Reviewer::External("user".into()),
        score: "Tone".into(),
        judgement: Judgement::Number(0.5),
    };
    world.write(vec![edit.clone()]);
    let stale = StoreError::Stale(Revision(world.room.revision().0 + 1));
    let effects = world.room.handle(NOW, Event::Committed(Err(stale)));
    assert!(matches!(effects.as_slice(), [Effect::Answer { result: Err(_), .. }, Effect::Reload]), "{effects:?}");
    // What comes meanwhile waits.
    world.write(vec![edit]);
    let waiting = world.commit.take();
    let lost = Event::Reloaded(Err(StoreError::Unavailable("gone".into())));
    let effects = world.room.handle(NOW, lost);
    assert!(waiting.is_some() && matches!(effects.last(), Some(Effect::Abandon)), "{effects:?}");
}
