//! Two servers on one PostgreSQL: both write the same document at the same moment, nothing is lost, doubled or out of step.

use std::collections::{BTreeMap, BTreeSet};

use concord_server::config::Database;
use concord_server::domain::upkeep::{Witness, rebuild, verify};
use concord_server::store;
use concord_tests::database::{Schema, TestDatabase};
use concord_tests::peer::Peer;
use concord_tests::review::Review;
use concord_tests::server::{TestMember, TestServer};
use serde_json::{Value, json};

/// Rounds of everybody writing at once.
const ROUNDS: usize = 25;

/// How often a client looks whether its last change has arrived.
const PATIENCE: usize = 50;

/// One review, reached through two servers.
struct Nodes {
    first: Review,
    second: Review,
}

impl Nodes {
    /// `None`, said aloud, where no PostgreSQL was named.
    async fn start() -> Option<Self> {
        let database = TestDatabase::Schema(Schema::new().await?);
        let first = Review::on(TestServer::start_on(database, Some(TestServer::acme())).await).await;
        let second = Review { server: first.server.beside().await, project: first.project.clone(), row: first.row };
        Some(Self { first, second })
    }

    /// The same member at the other server.
    fn across(&self, member: &TestMember) -> TestMember {
        let client = member.client.at(&self.second.server.url);
        TestMember { id: member.id.clone(), email: member.email.clone(), client }
    }

    fn place(&self) -> Database {
        self.first.server.database().place()
    }
}

/// Scores of one client, feedback of an end user under an id of its own, and every feedback once more at the other server.
async fn write(review: &Review, other: &Review, peer: &mut Peer, member: &str, name: &str) {
    let path = format!("/v1/project_logs/{}/feedback", review.project);
    for round in 0..ROUNDS {
        let value = round as f64 / 100.0;
        peer.score(member, "Tone", value).await;
        let item = json!({"id": review.row, "feedback_id": format!("{name} {round}"), "scores": {"Tone": value},
            "comment": format!("{name} {round}"), "metadata": {"user_id": name}});
        let body = json!({"feedback": [item]});
        let (here, there) = (review.server.owner(), other.server.owner());
        let (one, two) = tokio::join!(here.post(&path, body.clone()), there.post(&path, body.clone()));
        one.ok();
        two.ok();
        let row = json!({"id": format!("{name} {round}"), "scores": {"Tone": value}, "root_span_id": "shared",
            "span_parents": ["row-1"]});
        review.log(row).await;
    }
    // A client sends what it has not sent with its answer to each message of the server's.
    let document = review.server.owner().post("/api/review/open", review.open_body()).await.ok();
    let document = document["document_id"].as_str().expect("an id").to_owned();
    for _ in 0..PATIENCE {
        peer.settle().await;
        if review.read(&document).await["state"]["scores"][member]["Tone"] == json!((ROUNDS - 1) as f64 / 100.0) {
            return;
        }
    }
    panic!("the last score of {name} does not arrive: {:?}", peer.next(std::time::Duration::from_secs(1)).await);
}

#[tokio::test]
async fn r1_r2_r5_r7_r8_two_servers_write_one_document() {
    let Some(nodes) = Nodes::start().await else { return };
    let eva = nodes.first.server.member("reviewer").await;
    let noor = nodes.across(&nodes.first.server.member("reviewer").await);
    let mut a = nodes.first.peer(&eva, "a").await;
    let mut b = nodes.second.peer(&noor, "b").await;
    a.settle().await;
    b.settle().await;
    tokio::join!(
        write(&nodes.first, &nodes.second, &mut a, &eva.id, "left"),
        write(&nodes.second, &nodes.first, &mut b, &noor.id, "right"),
    );

    // Whoever comes now, wherever, gets the same.
    let mut late_a = nodes.first.peer(&eva, "late a").await;
    let mut late_b = nodes.second.peer(&noor, "late b").await;
    late_a.settle().await;
    late_b.settle().await;
    assert_eq!(late_a.document.get_heads(), late_b.document.get_heads());
    for (peer, late) in [(&a, &late_a), (&b, &late_b)] {
        let is_known = |head| late.document.get_change_meta_by_hash(head).is_some();
        assert!(peer.document.get_heads().iter().all(is_known), "what a client wrote is stored");
    }
    let document = nodes.first.open(&eva).await;
    let (left, right) = (nodes.first.read(&document).await, nodes.second.read(&document).await);
    assert_eq!(left, right, "both servers tell the same");

    let scores = &left["state"]["scores"];
    let last = (ROUNDS - 1) as f64 / 100.0;
    for reviewer in [&eva.id, &noor.id, "external:left", "external:right"] {
        assert_eq!(scores[reviewer]["Tone"], json!(last), "{reviewer}");
    }
    let mut said: BTreeMap<&str, usize> = BTreeMap::new();
    for comment in left["state"]["comments"].as_object().expect("comments").values() {
        *said.entry(comment["text"].as_str().expect("a text")).or_default() += 1;
    }
    assert_eq!((said.len(), said.values().max()), (2 * ROUNDS, Some(&1)), "every feedback once: {said:?}");

    let history = history(&nodes.first, &document).await;
    let revisions: BTreeSet<u64> = history.iter().map(|entry| entry["revision"].as_u64().expect("a number")).collect();
    let newest = left["revision"].as_u64().expect("a number");
    // The maps that are made for whoever opens the review are a revision without a fact.
    assert!(revisions.last() <= Some(&newest), "nothing is told that is not stored");
    let facts: BTreeSet<String> = history.iter().map(|entry| format!("{} {}", entry["hash"], entry["path"])).collect();
    assert_eq!(facts.len(), history.len(), "no fact is told twice");
    assert_eq!(nodes.first.metrics().await, nodes.second.metrics().await);
    assert_eq!(nodes.first.metrics().await["rows"], json!(1 + 2 * ROUNDS));
    assert_sound(nodes).await;
}

/// The whole history, page by page.
async fn history(review: &Review, document: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/review/{document}/history?limit=100{cursor}");
        let page = review.server.owner().get(&path).await.ok();
        all.extend(page["entries"].as_array().expect("entries").clone());
        match page["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// Every hash, revision, author, derived row and counter is as it follows from the documents and logged rows.
async fn assert_sound(nodes: Nodes) {
    let place = nodes.place();
    let Nodes { mut first, mut second } = nodes;
    let mut reader = store::inspect(&place).await.expect("read beside two servers");
    let summary = verify(&mut *reader, &mut |_, _, _| {}).await.unwrap_or_else(|stop| panic!("{stop:?}"));
    assert_eq!((summary.extent.reviews, summary.extent.rows), (1, 1 + 2 * ROUNDS as u64));
    drop(reader);
    assert!(store::exclusive(&place).await.is_err(), "nothing is rebuilt under running servers");
    first.server.stop().await;
    second.server.stop().await;
    let mut alone = store::exclusive(&place).await.expect("nobody else is there");
    let done = rebuild(&mut *alone, &mut Silent).await.unwrap_or_else(|stop| panic!("{stop:?}"));
    assert_eq!((done.mended, done.failed), (0, 0), "there is nothing to mend");
    alone.finish().await.expect("it is kept");
}

struct Silent;

impl Witness for Silent {
    fn progress(&mut self, _: &'static str, _: u64, _: u64) {}
    fn mended(&mut self, finding: &concord_server::domain::upkeep::Finding) {
        eprintln!("{finding}");
    }
    fn failed(&mut self, finding: &concord_server::domain::upkeep::Finding) {
        eprintln!("failed: {finding}");
    }
}
