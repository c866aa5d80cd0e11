//! A database with very many reviews, made once and used again.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::caller::Caller;
use crate::failure::Failure;
use crate::target::Target;
use crate::world::{SCORE, World, row};

/// Rows and judgements in one request.
const BATCH: usize = 100;

/// Requests at once: enough to fill the transactions of the server.
const CLIENTS: usize = 8;

/// What is known of the database beside it.
const FACTS: &str = "prepared.json";

/// A prepared database.
pub struct Prepared {
    /// The owner's key.
    pub owner_key: String,
    /// The key of a member who has opened the sampled reviews.
    pub reviewer_key: String,
    /// Reviews spread over the whole database.
    pub samples: Vec<Sample>,
}

/// A review.
#[derive(Clone)]
pub struct Sample {
    /// For the HTTP API.
    pub review: String,
    /// The document id as automerge-repo writes it.
    pub document: String,
    /// What its row was judged.
    pub value: f64,
}

impl Prepared {
    /// Reads what is known of the database in `folder`, or makes both with a server of `binary`.
    pub async fn find_or_make(binary: &Path, folder: &Path, documents: u32, samples: u32) -> Result<Self, Failure> {
        let wanted = json!({ "documents": documents, "opens": samples });
        let make = async |target: &Target, key: &str| make(target, key, documents as usize, samples as usize).await;
        let facts = find_or_make(binary, folder, &wanted, make).await?;
        Self::of(&facts).ok_or_else(|| Failure::Server("the prepared database is not the one that was made".to_owned()))
    }

    fn of(facts: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let sample = |sample: &Value| {
            let (review, document) = (text(&sample["review"])?, text(&sample["document"])?);
            Some(Sample { review, document, value: sample["value"].as_f64()? })
        };
        Some(Self {
            owner_key: text(&facts["owner_key"])?,
            reviewer_key: text(&facts["reviewer_key"])?,
            samples: facts["samples"].as_array()?.iter().map(sample).collect::<Option<_>>()?,
        })
    }
}

/// What is known of the database in `folder`, which was made for the same `wanted` fields; made with a server of `binary` if there is
/// none. `make` is given the owner's key.
pub async fn find_or_make(
    binary: &Path,
    folder: &Path,
    wanted: &Value,
    make: impl AsyncFnOnce(&Target, &str) -> Result<Value, Failure>,
) -> Result<Value, Failure> {
    let is_it = |facts: &Value| wanted.as_object().into_iter().flatten().all(|(key, value)| facts[key] == *value);
    if let Ok(facts) = fs::read(folder.join(FACTS)) {
        let facts: Value = serde_json::from_slice(&facts).unwrap_or_default();
        return Some(facts).filter(is_it).ok_or_else(|| {
            Failure::Server(format!("{} holds another database; remove it or name another", folder.display()))
        });
    }
    // Made beside and renamed at the end: half a database is none.
    let unfinished = folder.with_extension("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    fs::create_dir_all(&unfinished)?;
    let key = format!("sk-{}", uuid::Uuid::new_v4().simple());
    let target = Target::start_in(binary, &unfinished, &key).await?;
    let made = make(&target, &key).await;
    target.close().await?;
    let facts = made?;
    fs::write(unfinished.join(FACTS), facts.to_string())?;
    fs::rename(&unfinished, folder)?;
    Ok(facts)
}

/// Rows, a judgement on each, and a member who opens some.
async fn make(target: &Target, key: &str, documents: usize, samples: usize) -> Result<Value, Failure> {
    let world = World::make(&target.api, 1, 0).await?;
    let numbers: Vec<usize> = (0..documents).collect();
    let id = |number: usize| format!("row-{number}");
    let rows: Vec<String> = numbers
        .chunks(BATCH)
        .map(|batch| {
            let rows: Vec<Value> = batch.iter().map(|number| row(&world.project, &id(*number))).collect();
            json!({ "rows": rows, "api_version": 2 }).to_string()
        })
        .collect();
    post_all(world.api.address().to_owned(), key.to_owned(), "/logs3".to_owned(), rows).await?;
    let judgements: Vec<String> = numbers
        .chunks(BATCH)
        .map(|batch| {
            let one = |number: &usize| {
                let scores = json!({ SCORE: value(*number) });
                json!({ "id": id(*number), "scores": scores, "source": "external", "metadata": { "user_id": "visitor" } })
            };
            json!({ "feedback": batch.iter().map(one).collect::<Vec<Value>>() }).to_string()
        })
        .collect();
    let path = format!("/v1/project_logs/{}/feedback", world.project);
    post_all(world.api.address().to_owned(), key.to_owned(), path, judgements).await?;
    let member = &world.members[0];
    let mut opened = Vec::with_capacity(samples);
    for number in (0..documents).step_by((documents / samples).max(1)).take(samples) {
        let review = world.open(member, &id(number)).await?;
        opened.push(json!({ "review": review.id, "document": review.document, "value": value(number) }));
    }
    Ok(json!({
        "documents": documents, "opens": samples, "samples": opened,
        "owner_key": key, "reviewer_key": member.api.key(),
    }))
}

fn value(number: usize) -> f64 {
    (number % 1000) as f64 / 1000.0
}

/// Posts all bodies, each client the next one.
pub async fn post_all(address: String, key: String, path: String, bodies: Vec<String>) -> Result<(), Failure> {
    let next = AtomicUsize::new(0);
    let post = move || -> Result<(), Failure> {
        let chain = || -> Result<(), Failure> {
            let mut caller = Caller::open(&address, &key)?;
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                caller.post(&path, body.as_bytes())?;
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(chain)).collect();
            let broken = || Err(Failure::Protocol("a client broke".to_owned()));
            threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| broken()))
        })
    };
    tokio::task::spawn_blocking(post).await.map_err(|error| Failure::Protocol(format!("the clients broke: {error}")))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_read_back() {
        let facts = json!({
            "owner_key": "o", "reviewer_key": "r",
            "samples": [{ "review": "u", "document": "d", "value": 0.25 }],
        });
        let prepared = Prepared::of(&facts).expect("facts");
        assert_eq!((prepared.owner_key.as_str(), prepared.reviewer_key.as_str()), ("o", "r"));
        assert_eq!((prepared.samples[0].document.as_str(), prepared.samples[0].value), ("d", 0.25));
        assert!(Prepared::of(&json!({ "owner_key": "o" })).is_none());
    }
}
