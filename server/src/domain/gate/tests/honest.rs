//! Clients of good faith are never refused, whatever they do at the same moment, and all end with the same document.

use std::collections::BTreeSet;

use automerge::sync::{State, SyncDoc};
use concord_shared::review::edit::{Edit, apply};
use concord_shared::review::read;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// What one of three people does next.
#[derive(Debug, Clone)]
enum Step {
    Act(usize, Act),
    /// Sends everything since the last time.
    Send(usize),
    /// Gets everything that is stored.
    Receive(usize),
    /// The server writes for a caller of the API.
    Server(Value),
}

#[derive(Debug, Clone)]
enum Act {
    Score(Option<u8>),
    Options(BTreeSet<bool>),
    Note(String),
    Expected(Value),
    Unset,
    /// Writes the shown value again, which takes rivals away.
    Settle,
    Type(usize, String),
    Tag(u8, Option<bool>),
    Comment,
    Rewrite(String),
    Resolve,
    Status(usize),
    Assign(usize),
    Unassign(usize),
    Complete(bool),
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (0..4_i64).prop_map(Value::from),
        Just(json!(0.5)),
        "[ab ]{0,4}".prop_map(Value::from),
        Just(json!("one two three four")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[ab]", inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        proptest::option::of(0..4_u8).prop_map(Act::Score),
        proptest::collection::btree_set(any::<bool>(), 0..3).prop_map(Act::Options),
        "[ab👋 ]{0,6}".prop_map(Act::Note),
        value().prop_map(Act::Expected),
        Just(Act::Unset),
        Just(Act::Settle),
        (any::<usize>(), "[xyé👋]{0,4}").prop_map(|(place, text)| Act::Type(place, text)),
        (0..3_u8, proptest::option::of(any::<bool>())).prop_map(|(tag, state)| Act::Tag(tag, state)),
        Just(Act::Comment),
        "[ab]{1,5}".prop_map(Act::Rewrite),
        Just(Act::Resolve),
        (0..4_usize).prop_map(Act::Status),
        (0..3_usize).prop_map(Act::Assign),
        (0..3_usize).prop_map(Act::Unassign),
        any::<bool>().prop_map(Act::Complete),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..3_usize, act()).prop_map(|(who, act)| Step::Act(who, act)),
        3 => (0..3_usize).prop_map(Step::Send),
        3 => (0..3_usize).prop_map(Step::Receive),
        1 => value().prop_map(Step::Server),
    ]
}

struct World {
    server: Server,
    clients: Vec<Client>,
    unsent: Vec<Vec<Vec<u8>>>,
    time: i64,
}

impl World {
    fn new() -> Self {
        let mut server = Server::new();
        let mut clients: Vec<Client> =
            [Role::Owner, Role::Lead, Role::Reviewer].map(|role| server.open(role)).into_iter().collect();
        clients.iter_mut().for_each(|client| server.update(client));
        Self { server, clients, unsent: vec![Vec::new(); 3], time: 0 }
    }

    fn run(&mut self, step: &Step) {
        self.time += 1;
        match step {
            Step::Act(who, act) => self.act(*who, act),
            Step::Send(who) => self.send(*who),
            Step::Receive(who) => self.server.update(&mut self.clients[*who]),
            Step::Server(value) => {
                let mut draft = self.server.doc.fork().with_actor(ActorId::from([7_u8; 16]));
                let edit = Edit::SetExpected { value: value.clone() };
                if let Some(change) = apply(&mut draft, &[edit], NOW, None).expect("an edit") {
                    facts_between(&self.server.doc, &draft, &change, &mut self.server.paths);
                    self.server.doc = draft;
                }
            }
        }
    }

    fn send(&mut self, who: usize) {
        let batch = std::mem::take(&mut self.unsent[who]);
        let count = batch.len();
        let verdict = self.server.take(&mut self.clients[who], &batch);
        assert_eq!(verdict.refused, [], "nobody is refused");
        assert_eq!((verdict.accepted.len(), verdict.missing.len()), (count, 0));
    }

    fn act(&mut self, who: usize, act: &Act) {
        let at_ = Moment(NOW.0 + self.time * 1_000);
        let members: Vec<MemberId> = self.clients.iter().map(|client| client.writer.member).collect();
        let client = &mut self.clients[who];
        let me = Reviewer::Member(client.writer.member);
        let score = |name: &str, judgement| Edit::SetScore { reviewer: me.clone(), score: name.to_owned(), judgement };
        let comment = format!("0b8e7a54-6a8e-4a6c-9a9f-5d0f3c2b1a{who:02}");
        let state = read::read(&client.doc);
        let has_comment = state.comments.contains_key(&comment);
        use concord_shared::review::state::{Comment, Judgement, ReviewStatus};
        let edit = match act {
            Act::Score(None) => score("Tone", Judgement::Withdrawn),
            Act::Score(Some(value)) => score("Tone", Judgement::Number(f64::from(*value) / 4.0)),
            Act::Options(chosen) => {
                let name = |late: &bool| if *late { "late".to_owned() } else { "rude".to_owned() };
                score("Failures", Judgement::Options(chosen.iter().map(name).collect()))
            }
            Act::Note(text) => Edit::SetNote { reviewer: me.clone(), score: "Tone".to_owned(), text: text.clone() },
            Act::Expected(value) => Edit::SetExpected { value: value.clone() },
            Act::Unset => Edit::UnsetExpected,
            Act::Settle | Act::Type(..) => return self.by_hand(who, act),
            Act::Tag(tag, Some(true)) => Edit::AddTag { tag: tag.to_string() },
            Act::Tag(tag, Some(false)) => Edit::RemoveTag { tag: tag.to_string() },
            Act::Tag(tag, None) => Edit::ClearTag { tag: tag.to_string() },
            Act::Comment => {
                let (text, anchor) = ("Look here, please".to_owned(), Some(json!({"field": "output", "at": [1, 4]})));
                let comment_ = Comment {
                    author: me.clone(),
                    at: at_,
                    text,
                    edited_at: None,
                    deleted: false,
                    resolved: false,
                    parent: None,
                    anchor,
                    source: None,
                };
                Edit::AddComment { id: comment, comment: comment_ }
            }
            Act::Rewrite(_) | Act::Resolve if !has_comment => return,
            Act::Rewrite(text) => Edit::EditComment { id: comment, text: text.clone(), at: at_ },
            Act::Resolve => Edit::ResolveComment { id: comment, resolved: true },
            Act::Status(place) => Edit::SetStatus { by: me.clone(), at: at_, value: ReviewStatus::ALL[*place] },
            Act::Assign(whom) => Edit::Assign { member: members[*whom], by: me.clone(), at: at_ },
            Act::Unassign(whom) => Edit::Unassign { member: members[*whom] },
            Act::Complete(true) => Edit::Complete { reviewer: me.clone(), at: at_ },
            Act::Complete(false) => Edit::Uncomplete { reviewer: me.clone() },
        };
        if let Some(change) = apply(&mut client.doc, &[edit], NOW, None).expect("a legal edit") {
            self.unsent[who].push(change.raw_bytes().to_vec());
        }
    }

    /// What no edit of the server does: typing in a shared text, writing the shown value again.
    fn by_hand(&mut self, who: usize, act: &Act) {
        let client = &mut self.clients[who];
        let mut tx = client.doc.transaction();
        match act {
            Act::Type(place, text) => {
                let field = at(&tx, &["fields", "What went wrong"]);
                let length = tx.length(&field);
                let start = place % (length + 1);
                // Never through the middle of a letter that has two units.
                let cut = usize::from(length > start && tx.text(&field).expect("a text").is_ascii());
                let start = if tx.text(&field).expect("a text").is_ascii() { start } else { 0 };
                tx.splice_text(&field, start, cut as isize, text).expect("typing");
            }
            _ => {
                let expected = at(&tx, &["expected"]);
                if let Some(scalar) =
                    tx.get(&expected, "value").expect("a map").and_then(|(shown, _)| shown.into_scalar().ok())
                {
                    tx.put(&expected, "value", scalar).expect("the shown value");
                }
                let me = client.writer.member.to_string();
                let settled = tx.put_object(&expected, "settled", ObjType::Map).expect("a map");
                tx.put(&settled, "by", me).expect("a name");
                tx.put(&settled, "at", timestamp(self.time)).expect("a time");
            }
        }
        if tx.commit_with(CommitOptions::default().with_time(NOW.as_seconds())).0.is_some() {
            let change = client.doc.get_last_local_change().expect("a change");
            self.unsent[who].push(change.raw_bytes().to_vec());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn r4_nobody_of_good_faith_is_refused(plan in vec(step(), 5..60)) {
        let mut world = World::new();
        plan.iter().for_each(|step| world.run(step));
        (0..3).for_each(|who| world.send(who));
        let server = &world.server;
        for client in &mut world.clients {
            server.update(client);
            prop_assert_eq!(client.doc.get_heads(), server.doc.get_heads());
        }
        // What is stored syncs to a new client over the protocol, and says the same there.
        let (mut fresh, mut ours, mut theirs) = (concord_shared::review::empty(), State::new(), State::new());
        for _ in 0..20 {
            if let Some(message) = server.doc.generate_sync_message(&mut ours) {
                fresh.receive_sync_message(&mut theirs, message).expect("a message");
            }
            if let Some(message) = fresh.generate_sync_message(&mut theirs) {
                server.doc.fork().receive_sync_message(&mut ours, message).expect("a message");
            }
        }
        prop_assert_eq!(read::read(&fresh), read::read(&server.doc));
    }
}
