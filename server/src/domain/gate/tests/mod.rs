//! The gate against honest, careless and hostile clients.

pub(crate) mod forge;
mod honest;
mod hostile;
mod places;
mod plain;
mod random;
mod sequence;
mod values;

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{ActorId, Automerge, AutomergeError, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use concord_shared::ids::{DocumentId, MemberId, Reviewer};
use concord_shared::moment::Moment;
use concord_shared::review::edit::{self, Edit};
use concord_shared::review::{load, seed};
use concord_shared::role::Role;
use concord_shared::score::{Combine, Score, ScoreKind, ScoreOption};

use super::*;

/// 2026-11-24T08:40:00Z.
const NOW: Moment = Moment(1_795_509_600_000_000);

const COMMENT: &str = "0b8e7a54-6a8e-4a6c-9a9f-5d0f3c2b1a00";

/// A room's side: the stored document and what it remembers.
struct Server {
    doc: Automerge,
    paths: Paths,
    replicas: Replicas,
    scores: Vec<Score>,
}

/// A connection and the document of its client.
struct Client {
    writer: Writer,
    doc: Automerge,
    pending: Pending,
    bad: BadSet,
}

fn option(name: &str, value: Option<f64>) -> ScoreOption {
    ScoreOption { name: name.to_owned(), value }
}

fn scores() -> Vec<Score> {
    let score = |name: &str, kind| Score { name: name.to_owned(), kind, combine: Combine::Mean, object_types: vec![] };
    let failures = ["late", "rude"].map(|name| option(name, None)).to_vec();
    vec![
        score("Tone", ScoreKind::Slider),
        score(
            "Correct",
            ScoreKind::Categorical { options: vec![option("no", Some(0.0)), option("third", Some(1.0 / 3.0))] },
        ),
        score("Failures", ScoreKind::Expected { options: failures.clone(), multi: true }),
        score("Failure", ScoreKind::Expected { options: failures, multi: false }),
        score("What went wrong", ScoreKind::FreeForm { path: vec!["why".to_owned()] }),
    ]
}

impl Server {
    fn new() -> Self {
        let mut server = Self {
            doc: seed::seed(DocumentId::new()),
            paths: Paths::default(),
            replicas: Replicas::new(),
            scores: scores(),
        };
        server.edit(&[Edit::OpenFields { names: vec!["What went wrong".to_owned()] }]);
        server
    }

    /// A client of a new member who has opened the review.
    fn open(&mut self, role: Role) -> Client {
        let member = MemberId::new();
        self.edit(&[Edit::OpenReviewer { reviewer: Reviewer::Member(member) }]);
        self.connect(Writer { member, role })
    }

    /// Another tab of a member.
    fn connect(&self, writer: Writer) -> Client {
        Client { writer, doc: self.doc.fork(), pending: Pending::default(), bad: BadSet::default() }
    }

    /// An edit by the server's own replica.
    fn edit(&mut self, edits: &[Edit]) -> Vec<Fact> {
        let replica = ActorId::from([7_u8; 16]);
        let mut draft = self.doc.fork().with_actor(replica.clone());
        let change = edit::apply(&mut draft, edits, NOW, None).expect("an edit").expect("a change");
        let facts = facts_between(&self.doc, &draft, &change, &mut self.paths);
        self.replicas.insert(replica.to_bytes().to_vec(), None);
        self.doc = draft;
        facts
    }

    fn judge(&mut self, client: &mut Client, chunks: &[Vec<u8>]) -> Result<Verdict, Malformed> {
        gate(
            &self.doc,
            GateInput {
                writer: &client.writer,
                now: NOW,
                scores: &self.scores,
                chunks: chunks.iter().map(Vec::as_slice).collect(),
                pending: &mut client.pending,
                bad: &mut client.bad,
                replicas: &self.replicas,
                paths: &mut self.paths,
            },
        )
    }

    /// The short way, on a memory of its own.
    fn judge_plainly(&self, run: &mut Run, paths: &mut Paths, client: &mut Client, chunk: &[u8]) -> Option<Accepted> {
        let mut input = GateInput {
            writer: &client.writer,
            now: NOW,
            scores: &self.scores,
            chunks: vec![chunk],
            pending: &mut client.pending,
            bad: &mut client.bad,
            replicas: &self.replicas,
            paths,
        };
        plain(&self.doc, run, &mut input)
    }

    /// Judges, and stores what was accepted.
    fn take(&mut self, client: &mut Client, chunks: &[Vec<u8>]) -> Verdict {
        let heads = self.doc.get_heads();
        let plainly = match chunks {
            [chunk] => self.judge_plainly(&mut Run::default(), &mut Paths::default(), client, chunk),
            _ => None,
        };
        let mut verdict = self.judge(client, chunks).expect("well-formed changes");
        if let Some(item) = plainly {
            assert!(verdict.refused.is_empty() && !verdict.round_trip, "the short way takes nothing that is refused");
            assert_eq!(
                verdict.accepted.iter().map(|item| item.change.hash()).collect::<Vec<_>>(),
                [item.change.hash()]
            );
            assert_eq!(item.facts, verdict.accepted[0].facts);
        }
        assert_eq!(self.doc.get_heads(), heads, "the stored document is left as it is");
        assert_eq!(verdict.draft.is_some(), !verdict.accepted.is_empty());
        for item in &verdict.accepted {
            self.replicas.insert(item.change.actor_id().to_bytes().to_vec(), Some(client.writer.member));
        }
        if let Some(draft) = verdict.draft.take() {
            let saved = checked_snapshot(&draft).expect("whatever is accepted loads again");
            assert_eq!(load(&saved).expect("a snapshot").get_heads(), draft.get_heads());
            self.doc = draft;
        }
        verdict
    }

    /// Sends one change that must be accepted; its facts as `path: from -> to`.
    fn accepts(&mut self, client: &mut Client, chunk: Vec<u8>) -> Vec<String> {
        let verdict = self.take(client, &[chunk]);
        assert_eq!(verdict.refused, [], "nothing is refused");
        assert_eq!(verdict.accepted.len(), 1, "the change is accepted");
        let show = |fact: &Fact| format!("{}: {} -> {}", fact.path, fact.from, fact.to);
        verdict.accepted[0].facts.iter().map(show).collect()
    }

    /// Sends one change that must be refused; its code and reason. The client then rolls back.
    fn refuses(&mut self, client: &mut Client, chunk: Vec<u8>) -> (&'static str, String) {
        let mut verdict = self.take(client, &[chunk]);
        assert!(verdict.accepted.is_empty(), "the change must be refused");
        assert!(verdict.missing.is_empty() && verdict.draft.is_none());
        assert_eq!(verdict.refused.len(), 1, "the change is refused");
        client.doc = self.doc.fork();
        let refused = verdict.refused.remove(0);
        assert!(client.bad.contains(&refused.hash));
        (refused.code, refused.reason)
    }

    /// Brings a client up to date.
    fn update(&self, client: &mut Client) {
        client.doc.merge(&mut self.doc.clone()).expect("a merge");
    }
}

impl Client {
    fn me(&self) -> String {
        self.writer.member.to_string()
    }

    /// One change as the stock client sends it.
    fn change(&mut self, write: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>) -> Vec<u8> {
        self.change_at(NOW.as_seconds(), write)
    }

    fn change_at(
        &mut self,
        seconds: i64,
        write: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>,
    ) -> Vec<u8> {
        self.written(seconds, write).expect("something was written")
    }

    /// Nothing when what is written is there already.
    fn written(
        &mut self,
        seconds: i64,
        write: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>,
    ) -> Option<Vec<u8>> {
        let mut tx = self.doc.transaction();
        write(&mut tx).expect("a local change");
        tx.commit_with(CommitOptions::default().with_time(seconds)).0?;
        Some(self.doc.get_last_local_change().expect("a change").raw_bytes().to_vec())
    }

    /// Sets the writer's own value of a score.
    fn score(&mut self, name: &str, value: impl Into<ScalarValue>) -> Vec<u8> {
        let me = self.me();
        self.change(|tx| {
            let own = at(tx, &["scores", &me]);
            tx.put(own, name, value)
        })
    }

    /// Writes a comment of one text under [`COMMENT`].
    fn comment(&mut self, text: &str) -> Vec<u8> {
        let me = self.me();
        self.change(|tx| {
            let comments = at(tx, &["comments"]);
            let made = tx.put_object(comments, COMMENT, ObjType::Map)?;
            tx.put(&made, "author", me.as_str())?;
            tx.put(&made, "at", timestamp(0))?;
            let body = tx.put_object(&made, "text", ObjType::Text)?;
            tx.splice_text(body, 0, 0, text)
        })
    }

    /// Corrects the whole output.
    fn expect(&mut self, text: &str) -> Vec<u8> {
        self.change(|tx| {
            let expected = at(tx, &["expected"]);
            tx.put(&expected, "set", true)?;
            let value = tx.put_object(&expected, "value", ObjType::Text)?;
            tx.splice_text(value, 0, 0, text)
        })
    }
}

/// The object at a path of map keys.
fn at(doc: &impl ReadDoc, path: &[&str]) -> ObjId {
    path.iter().fold(ROOT, |object, name| {
        doc.get(&object, *name).expect("a map").unwrap_or_else(|| panic!("{name} of {path:?}")).1
    })
}

/// Some seconds after [`NOW`].
fn timestamp(seconds: i64) -> ScalarValue {
    ScalarValue::Timestamp(NOW.as_millis() + seconds * 1000)
}
