//! One server process: its rooms, its committer, its callers. The real rooms; the rest is as dull as the real one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use automerge::ActorId;
use concord_shared::ids::ObjectRef;
use concord_shared::row::{Write, parse};
use serde_json::json;

use super::network::Down;
use super::plan::Outcome;
use super::world::{Checked, World, at_once};
use crate::domain::room::{Effect, Event, Opening, Reloaded, RequestId, Room, ServerWrite, WriteFailure};
use crate::domain::store::{Commit, CommitStore, Rederive, ReviewStore, RowsCommit, StoreError};
use crate::sync::hub;

/// How often a caller's edits are tried, as the hub does.
const ATTEMPTS: u8 = 3;

pub(super) struct Server {
    /// Under which it writes; a new one for every start.
    pub(super) replica: ActorId,
    rooms: BTreeMap<u8, OpenRoom>,
    /// Commits that wait, with the room that waits for each.
    queue: VecDeque<(Commit, Option<Asking>)>,
    /// Outcomes that have not reached their rooms.
    results: VecDeque<(Asking, Result<(), StoreError>)>,
    /// Effects until the process dies.
    pub(super) fuse: Option<u8>,
    arrives: bool,
}

struct OpenRoom {
    /// Tells rooms of one document apart.
    generation: u64,
    room: Room,
}

/// The room that asked for a commit.
#[derive(Clone, Copy)]
struct Asking {
    document: u8,
    generation: u64,
}

/// A caller of the API who waits.
pub(super) struct Call {
    server: u8,
    document: u8,
    /// Names it in the metadata of what it writes.
    pub(super) name: u64,
    attempts: u8,
    pub(super) write: ServerWrite,
}

impl Call {
    pub(super) fn new(server: u8, document: u8, name: u64, write: ServerWrite) -> Self {
        Self { server, document, name, attempts: ATTEMPTS, write }
    }

    pub(super) fn document(&self) -> usize {
        usize::from(self.document)
    }
}

impl Server {
    pub(super) fn new(replica: ActorId) -> Self {
        let (rooms, queue, results) = (BTreeMap::new(), VecDeque::new(), VecDeque::new());
        Self { replica, rooms, queue, results, fuse: None, arrives: false }
    }
}

impl World {
    fn server(&mut self, server: u8) -> &mut Server {
        &mut self.servers[usize::from(server)]
    }

    pub(super) fn has_work(&self, server: u8) -> bool {
        let server = &self.servers[usize::from(server)];
        !server.queue.is_empty() || !server.results.is_empty()
    }

    /// Opens the room of a document from what is stored, unless it is open.
    pub(super) fn open_room(&mut self, server: u8, document: u8) -> Checked {
        if self.server(server).rooms.contains_key(&document) {
            return Ok(());
        }
        let id = self.documents[usize::from(document)].key.document;
        let stored = at_once(self.store.load_review(id)).ok().flatten().ok_or("no such review")?;
        let automerge = hub::load(&stored).map_err(|error| format!("R2: what is stored does not load: {error}"))?;
        let scores = self.store.data().book(self.project).into();
        let generation = self.name();
        let server_replica = self.server(server).replica.clone();
        let room = Room::new(Opening {
            revision: stored.revision,
            snapshot_revision: stored.snapshot_revision,
            replicas: stored.replicas.into_iter().collect(),
            key: stored.key,
            document: automerge,
            scores,
            server_replica,
        });
        self.server(server).rooms.insert(document, OpenRoom { generation, room });
        Ok(())
    }

    /// Tells a room, if it is open, and does what it wants done.
    pub(super) fn handle(&mut self, server: u8, document: u8, event: Event) -> Checked {
        let now = self.now;
        let Some(open) = self.server(server).rooms.get_mut(&document) else { return Ok(()) };
        let asking = Asking { document, generation: open.generation };
        let mut is_abandoned = false;
        for effect in open.room.handle(now, event) {
            if self.burns_down(server) {
                return Ok(());
            }
            is_abandoned |= matches!(effect, Effect::Abandon);
            self.carry_out(server, asking, effect)?;
        }
        if is_abandoned { self.abandon(server, document) } else { Ok(()) }
    }

    fn carry_out(&mut self, server: u8, asking: Asking, effect: Effect) -> Checked {
        let document = asking.document;
        match effect {
            Effect::Sync { to, message } => {
                self.check_sent(document, &message)?;
                self.send(to, Down::Sync { document, message });
            }
            Effect::Notify { to, notice } => {
                self.check_notice(document, &notice)?;
                self.send(to, Down::Notify { document, notice });
            }
            Effect::Relay { .. } | Effect::Abandon => {}
            Effect::Reload => {
                let news = self.reloaded(document)?;
                self.handle(server, document, Event::Reloaded(Ok(Box::new(news))))?;
            }
            Effect::Commit(commit) => self.server(server).queue.push_back((Commit::Review(commit), Some(asking))),
            Effect::Answer { request, result } => self.answered(request, result)?,
            Effect::Disconnect { connection, .. } => self.shut(connection),
        }
        Ok(())
    }

    /// The document as it is stored now.
    fn reloaded(&self, document: u8) -> Result<Reloaded, String> {
        let id = self.documents[usize::from(document)].key.document;
        let stored = at_once(self.store.load_review(id)).ok().flatten().ok_or("no such review")?;
        let automerge = hub::load(&stored).map_err(|error| format!("R2: what is stored does not load: {error}"))?;
        Ok(Reloaded {
            document: automerge,
            revision: stored.revision,
            snapshot_revision: stored.snapshot_revision,
            replicas: stored.replicas.into_iter().collect(),
        })
    }

    /// The room is closed; whoever was in it or waits for it comes again.
    fn abandon(&mut self, server: u8, document: u8) -> Checked {
        self.server(server).rooms.remove(&document);
        let within = self.links.iter().filter(|(_, link)| link.server == server && link.joined.contains(&document));
        for connection in within.map(|(connection, _)| *connection).collect::<Vec<_>>() {
            self.shut(connection);
        }
        let own = |call: &Call| (call.server, call.document) == (server, document);
        let waiting: Vec<RequestId> =
            self.asked.iter().filter(|(_, call)| own(call)).map(|(request, _)| *request).collect();
        for request in waiting {
            let stale = StoreError::Stale(concord_shared::ids::Revision(0));
            self.answered(request, Err(WriteFailure::Store(stale)))?;
        }
        Ok(())
    }

    pub(super) fn close_room(&mut self, server: u8, document: u8) {
        let rooms = &mut self.server(server).rooms;
        if rooms.get(&document).is_some_and(|open| open.room.is_idle()) {
            rooms.remove(&document);
        }
    }

    /// What the hub does with edits of a caller.
    pub(super) fn submit(&mut self, mut call: Call) -> Checked {
        let id = self.documents[usize::from(call.document)].key.document;
        if call.attempts == ATTEMPTS
            && let Some(feedback_id) = &call.write.feedback_id
            && at_once(self.store.feedback_seen(id, feedback_id)) == Ok(true)
        {
            return self.check_answer(&call, &Ok(false));
        }
        call.attempts -= 1;
        let (server, document) = (call.server, call.document);
        call.write.request = RequestId(self.name());
        let write = call.write.clone();
        self.open_room(server, document)?;
        self.asked.insert(write.request, call);
        self.handle(server, document, Event::Write(write))
    }

    fn answered(&mut self, request: RequestId, result: Result<bool, WriteFailure>) -> Checked {
        let call = self.asked.remove(&request).ok_or("R8: an answer that nobody waits for")?;
        match result {
            Err(WriteFailure::Store(StoreError::Repeated { feedback_id }))
                if call.write.feedback_id.as_ref() == Some(&feedback_id) =>
            {
                self.check_answer(&call, &Ok(false))
            }
            Err(WriteFailure::Store(
                StoreError::Stale(_) | StoreError::ReplicaTaken { .. } | StoreError::Repeated { .. },
            )) if call.attempts > 0 => {
                self.calls.push_back(call);
                Ok(())
            }
            result => self.check_answer(&call, &result),
        }
    }

    pub(super) fn log(&mut self, server: u8, document: u8, value: u8) {
        let id = &self.documents[usize::from(document)].key.row_id;
        let row = match value {
            0 => json!({"id": id, "_object_delete": true}),
            1 => json!({"id": id, "_is_merge": true, "scores": {"Judge": 0.5}, "tags": ["golden"]}),
            n => json!({"id": id, "input": "hello", "scores": {"Tone": f64::from(n) / 8.0}}),
        };
        let Ok(parsed) = parse(&row.to_string(), &mut String::new) else { return };
        let Write::Row(write) = parsed.write else { return };
        let (project, object) = (self.project, ObjectRef::logs(self.project));
        let commit = Commit::Rows(RowsCommit::new(project, object, vec![*write]));
        self.server(server).queue.push_back((commit, None));
    }

    /// The committer takes what waits.
    pub(super) fn store_batch(&mut self, server: u8, outcome: Outcome) -> Checked {
        let (commits, asking): (Vec<Commit>, Vec<_>) = self.server(server).queue.drain(..).unzip();
        if commits.is_empty() {
            return Ok(());
        }
        let lost = || Err(StoreError::Uncertain("the connection broke".into()));
        let results = match outcome {
            Outcome::Unavailable => {
                let unavailable = || Err(StoreError::Unavailable("the disk is full".into()));
                commits.iter().map(|_| unavailable()).collect()
            }
            Outcome::Stored | Outcome::Lost => {
                let batch = at_once(self.store.commit(commits.into(), self.now)).map_err(|error| error.to_string())?;
                self.check_batch(&batch)?;
                let told = batch.results.into_iter().map(|result| result.map(|_| ()));
                if outcome == Outcome::Lost {
                    self.oracle.lost = true;
                    told.map(|_| lost()).collect()
                } else {
                    told.collect::<Vec<_>>()
                }
            }
        };
        let results = asking.into_iter().zip(results);
        let results = results.filter_map(|(asking, result)| Some((asking?, result)));
        self.servers[usize::from(server)].results.extend(results);
        Ok(())
    }

    /// Outcomes reach their rooms; then callers who must try again do.
    pub(super) fn settle(&mut self, server: u8) -> Checked {
        while let Some((asking, result)) = self.server(server).results.pop_front() {
            let open = self.server(server).rooms.get(&asking.document);
            // A room that was opened since has never heard of it.
            if open.is_some_and(|open| open.generation == asking.generation) {
                self.handle(server, asking.document, Event::Committed(result))?;
            }
        }
        for _ in 0..self.calls.len() {
            if let Some(call) = self.calls.pop_front() {
                self.submit(call)?;
            }
        }
        Ok(())
    }

    /// Brings rows in line with changed scores.
    pub(super) fn rederive(&mut self) -> Checked {
        let step = Rederive { project: self.project, object: ObjectRef::logs(self.project), after: 0 };
        let batch = at_once(self.store.commit(Arc::new([Commit::Rederive(step)]), self.now));
        self.check_batch(&batch.map_err(|error| error.to_string())?)
    }

    pub(super) fn light_fuse(&mut self, server: u8, after: u8, arrives: bool) {
        if after == 0 {
            return self.crash(server, arrives);
        }
        let server = self.server(server);
        (server.fuse, server.arrives) = (Some(after), arrives);
    }

    /// Whether the process dies before its next effect.
    fn burns_down(&mut self, server: u8) -> bool {
        let Some(left) = self.server(server).fuse else { return false };
        if left == 0 {
            let arrives = self.server(server).arrives;
            self.crash(server, arrives);
            return true;
        }
        self.server(server).fuse = Some(left - 1);
        false
    }

    /// The process dies and is started again. Only what is stored stays.
    pub(super) fn crash(&mut self, server: u8, arrives: bool) {
        let replica = self.actor();
        *self.server(server) = Server::new(replica);
        self.asked.retain(|_, call| call.server != server);
        self.calls.retain(|call| call.server != server);
        for link in self.links.values_mut().filter(|link| link.server == server && !link.is_left) {
            (link.is_shut, link.is_left) = (true, true);
            link.to_server.clear();
            if !arrives {
                link.to_client.clear();
            }
            link.to_client.push_back(Down::Close);
        }
        self.links.retain(|_, link| !(link.is_left && link.is_cut));
    }
}
