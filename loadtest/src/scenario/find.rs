//! How long it takes to find rows among very many.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::closed;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::prepared::{find_or_make, post_all};
use crate::report::{FIND_P95, Report, Unit};
use crate::tally::percentile;
use crate::target::{Target, TargetOptions};
use crate::world::World;

/// Rows in one request while the database is made.
const BATCH: usize = 500;

/// Requests whose bodies are made before they are sent.
const BODIES: usize = 200;

/// Rows of one trace: a task, two calls, and a judge's span.
const TRACE: usize = 4;

/// How long full text may take to take in what is left when the server starts.
const PATIENCE: Duration = Duration::from_secs(600);

/// Filters of all kinds over a database that was made before, one after another.
#[derive(Debug, Clone, clap::Args)]
pub struct Find {
    /// Rows of a kilobyte in the database
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1000..=10_000_000))]
    pub rows: u32,
    /// How often each filter is asked, with other values each time
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub times: u16,
    /// Folder of the prepared database, made when it is missing and used again [default: in TMPDIR]
    #[arg(long, value_name = "PATH")]
    pub prepared: Option<PathBuf>,
}

/// Chance that is the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// A word, short ones far more often than long ones, as in a language.
    fn word(&mut self) -> String {
        let rank = self.roll(20_000) * self.roll(20_000) / 20_000;
        word(rank)
    }

    fn text(&mut self, words: usize) -> String {
        (0..words).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

/// The word of a rank.
fn word(rank: u64) -> String {
    const PARTS: [&str; 28] = [
        "re", "fund", "or", "der", "ship", "ment", "ac", "count", "pay", "late", "can", "cel", "ad", "dress", "de",
        "liv", "er", "y", "in", "voice", "sup", "port", "tick", "et", "pass", "word", "log", "out",
    ];
    let (mut rank, mut word) = (rank + 28, String::new());
    while rank > 0 {
        word.push_str(PARTS[(rank % 28) as usize]);
        rank /= 28;
    }
    word
}

fn row(project: &str, number: usize) -> Value {
    let mut dice = Dice(number as u64);
    dice.roll(2);
    let (trace, at) = (number / TRACE, number % TRACE);
    // Ids like those of clients: without order, so that every index over them is written all over.
    let id = |number: usize| {
        let mixed = (number as u64 ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9).rotate_left(29);
        uuid::Uuid::from_u64_pair(mixed.wrapping_mul(0x94D0_49BB_1331_11EB), mixed).to_string()
    };
    let second = 1_767_225_600 + trace as i64 * 10;
    let created = time(second);
    let mut row = json!({
        "id": id(number), "project_id": project, "log_id": "g", "span_id": id(number), "root_span_id": id(trace * TRACE),
        "created": created,
        "span_attributes": { "name": (["answer", "search", "chat", "judge"][at]), "type": (["task", "tool", "llm", "score"][at]) },
        "input": [{ "role": "user", "content": dice.text(45) }],
        "output": { "role": "assistant", "content": dice.text(40) },
        "metadata": { "customer": format!("c-{}", dice.roll(100_000)), "model": format!("m-{}", dice.roll(6)),
            "env": if dice.roll(10) == 0 { "staging" } else { "prod" } },
        "metrics": { "start": second, "end": second as f64 + dice.roll(5000) as f64 / 1000.0, "tokens": dice.roll(3000) },
    });
    if at == 0 {
        row["scores"] = json!({ "Judge": dice.roll(1000) as f64 / 1000.0 });
        row["tags"] = match dice.roll(20) {
            0..5 => json!(["billing"]),
            5..7 => json!(["urgent", "billing"]),
            7 => json!([format!("case-{}", dice.roll(500))]),
            _ => Value::Null,
        };
    } else {
        row["span_parents"] = json!([id(trace * TRACE)]);
    }
    if dice.roll(50) == 0 {
        row["error"] = json!({ "message": "the tool did not answer in time" });
    }
    row
}

/// A moment as RFC 3339.
fn time(second: i64) -> String {
    concord_shared::moment::Moment(second * 1_000_000).to_string()
}

/// Runs it on a server of its own.
pub(super) async fn find(options: &TargetOptions, shape: &Find) -> Result<Report, Failure> {
    let Some(binary) = &options.server else {
        return Err(Failure::Server("finding needs --server PATH, since it is started on a prepared database".into()));
    };
    let default = || std::env::temp_dir().join(format!("concord-find-{}", shape.rows));
    let folder = shape.prepared.clone().unwrap_or_else(default);
    let rows = shape.rows as usize;
    let make = async |target: &Target, key: &str| make(target, key, rows).await;
    let facts = find_or_make(binary, &folder, &json!({ "rows": rows }), make).await?;
    let started = Instant::now();
    let target = Target::start_in(binary, &folder, facts["owner_key"].as_str().unwrap_or_default()).await?;
    let start = started.elapsed();
    let report = ask_all(&target, shape, &facts, &folder, start).await;
    closed(report, target).await
}

async fn make(target: &Target, key: &str, rows: usize) -> Result<Value, Failure> {
    let world = World::make(&target.api, 1, 0).await?;
    let (address, project) = (world.api.address().to_owned(), world.project.clone());
    let began = Instant::now();
    let numbers: Vec<usize> = (0..rows).collect();
    for part in numbers.chunks(BATCH * BODIES) {
        let bodies = part.chunks(BATCH).map(|batch| {
            let rows: Vec<Value> = batch.iter().map(|number| row(&project, *number)).collect();
            json!({ "rows": rows, "api_version": 2 }).to_string()
        });
        post_all(address.clone(), key.to_owned(), "/logs3".to_owned(), bodies.collect()).await?;
    }
    let written = began.elapsed();
    // One trace of a hundred is judged, of those one of four commented, one of two flagged, one of ten assigned.
    let judged: Vec<usize> = (0..rows / TRACE).step_by(100).map(|trace| trace * TRACE).collect();
    let id = |number: usize| row(&project, number)["id"].clone();
    let bodies = judged.chunks(100).map(|batch| {
        let one = |number: &usize| {
            let mut dice = Dice(*number as u64 + 7);
            dice.roll(2);
            let mut item = json!({ "id": id(*number), "source": "app", "scores": { crate::world::SCORE: dice.roll(100) as f64 / 100.0 } });
            if dice.roll(4) == 0 {
                item["comment"] = format!("{} this is wrong", dice.text(12)).into();
            }
            item
        };
        json!({ "feedback": batch.iter().map(one).collect::<Vec<Value>>() }).to_string()
    });
    let path = format!("/v1/project_logs/{project}/feedback");
    post_all(address.clone(), key.to_owned(), path, bodies.collect()).await?;
    let member = world.members[0].id.clone();
    let bulk = |some: Vec<&usize>, what: Value| {
        let mut body = json!({ "object_type": "project_logs", "object_id": project });
        body["row_ids"] = some.into_iter().map(|number| id(*number)).collect();
        for (key, value) in what.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        body
    };
    let flagged = bulk(judged.iter().step_by(2).collect(), json!({ "status": "awaiting" }));
    world.api.post("/api/review/bulk", &flagged).await?;
    let assigned = bulk(judged.iter().step_by(10).collect(), json!({ "assign": [member] }));
    world.api.post("/api/review/bulk", &assigned).await?;
    let taken = Instant::now();
    target.await_full_text(PATIENCE).await?;
    Ok(json!({
        "rows": rows, "owner_key": key, "project": project, "member": member,
        "rows_per_second": rows as f64 / written.as_secs_f64(), "full_text_after_seconds": taken.elapsed().as_secs_f64(),
    }))
}

/// What is asked, by a name; `{w}`, `{r}`, `{c}`, `{n}`, `{m}`, `{t}` and `{u}` are a frequent word, a rare one, a customer, a tag's
/// number, a member, a moment and the moment an hour later.
const FILTERS: [(&str, &str); 24] = [
    ("score range, one of two", "scores.Judge > 0.5"),
    ("score range, one of two thousand", "scores.Judge > 0.998"),
    ("human score", "scores.Quality < 0.2"),
    ("frequent tag", "tags includes 'billing'"),
    ("rare tag", "tags includes 'case-{n}'"),
    ("status", "review.status = 'awaiting'"),
    ("assignee", "__bt_assignments includes '{m}'"),
    ("comment, words", "comment match '{w} wrong'"),
    ("comment, part", "comment ilike '%is wrong%'"),
    ("frequent word of the input", "input match '{w}'"),
    ("rare word of the input", "input match '{r}'"),
    ("two words of the output", "output match '{w} {r}'"),
    ("word of either", "input match '{r}' or output match '{r}'"),
    ("metadata, rare value", "metadata.customer = '{c}'"),
    ("metadata, frequent value", "metadata.model = 'm-3' and metadata.env = 'staging'"),
    ("an hour in the middle", "created >= '{t}' and created < '{u}'"),
    ("errors", "error is not null"),
    ("tag and score", "tags includes 'billing' and scores.Judge < 0.1"),
    ("text and score", "input match '{w}' and scores.Judge > 0.9"),
    ("text and metadata", "output match '{w}' and metadata.env = 'staging'"),
    ("status and tag", "review.status = 'awaiting' and tags includes 'urgent'"),
    ("time and text", "created >= '{t}' and input match '{w}'"),
    ("comment and score", "comment match '{w}' and scores.Quality > 0.5"),
    ("errors of a kind in time", "error is not null and span_attributes.type = 'llm' and created < '{t}'"),
];

fn filled(filter: &str, dice: &mut Dice, member: &str, rows: u32) -> String {
    let moment = 1_767_225_600 + dice.roll(u64::from(rows) / TRACE as u64 * 10) as i64;
    filter
        .replace("{w}", &word(dice.roll(40)))
        .replace("{r}", &word(10_000 + dice.roll(8_000)))
        .replace("{c}", &format!("c-{}", dice.roll(100_000)))
        .replace("{n}", &dice.roll(500).to_string())
        .replace("{m}", member)
        .replace("{t}", &time(moment))
        .replace("{u}", &time(moment + 3600))
}

async fn ask_all(
    target: &Target,
    shape: &Find,
    facts: &Value,
    folder: &Path,
    start: Duration,
) -> Result<Report, Failure> {
    target.await_full_text(PATIENCE).await?;
    let text = |key: &str| facts[key].as_str().unwrap_or_default().to_owned();
    let (project, member, key) = (text("project"), text("member"), text("owner_key"));
    let (address, rows, times) = (target.api.address().to_owned(), shape.rows, shape.times);
    let cpu = target.cpu();
    let asking = {
        let (project, member) = (project.clone(), member.clone());
        move || ask(&mut Caller::open(&address, &key)?, &project, &member, rows, times)
    };
    let asked = tokio::task::spawn_blocking(asking).await;
    let asked = asked.map_err(|error| Failure::Protocol(format!("the client broke: {error}")))??;
    let cpu = cpu.zip(target.cpu()).map(|(before, after)| after.saturating_sub(before));

    let mut report = Report::new(format!("find: {} filters over {rows} rows, pages of 50", FILTERS.len()));
    let mut all: Vec<Duration> = asked.iter().flat_map(|asked| asked.latencies.clone()).collect();
    let count = all.len();
    for (label, percent, budget) in [("p50", 50.0, None), ("p95", 95.0, FIND_P95), ("longest", 100.0, None)] {
        if let Some(latency) = percentile(&mut all, percent) {
            report.millis(format!("a page of whole rows, {label}"), latency, budget);
        }
    }
    if let Some(cpu) = cpu {
        report.millis("server CPU a page", cpu.div_f64(count.max(1) as f64), None);
    }
    for mut asked in asked {
        if let Some(latency) = percentile(&mut asked.latencies, 95.0) {
            let found = asked.found / usize::from(times);
            report.millis(format!("{} ({found} rows), p95", asked.name), latency, None);
        }
    }
    for (label, call) in [
        ("counts of values of all rows", "facet?field=tags&field=type&field=model&field=status&field=scores.Judge"),
        (
            "counts of values with a filter",
            "facet?field=tags&field=type&field=model&filter=tags%20includes%20%27billing%27",
        ),
        ("histogram of all rows", "histogram?buckets=60"),
        ("list of traces with a filter", "trace?limit=50&filter=tags%20includes%20%27billing%27"),
    ] {
        let mut latencies = Vec::new();
        for _ in 0..times.min(10) {
            let began = Instant::now();
            target.api.get(&format!("/api/{call}&object_type=project_logs&object_id={project}")).await?;
            latencies.push(began.elapsed());
        }
        if let Some(latency) = percentile(&mut latencies, 95.0) {
            report.millis(format!("{label}, p95"), latency, None);
        }
    }
    report.millis("start of the server", start, None);
    report.figure(
        "rows written a second while it was made",
        facts["rows_per_second"].as_f64().unwrap_or(0.0),
        Unit::PerSecond,
        None,
    );
    report.figure(
        "seconds until full text had all",
        facts["full_text_after_seconds"].as_f64().unwrap_or(0.0),
        Unit::Count,
        None,
    );
    for file in ["concord.db", "concord.db-text"] {
        let bytes = std::fs::metadata(folder.join(file)).map_or(0, |file| file.len());
        report.figure(format!("{file}, KiB a row"), bytes as f64 / 1024.0 / f64::from(rows), Unit::Count, None);
    }
    Ok(report)
}

struct Asked {
    name: &'static str,
    latencies: Vec<Duration>,
    found: usize,
}

fn ask(caller: &mut Caller, project: &str, member: &str, rows: u32, times: u16) -> Result<Vec<Asked>, Failure> {
    let mut dice = Dice(42);
    let mut all = Vec::new();
    for (name, filter) in FILTERS {
        let mut asked = Asked { name, latencies: Vec::new(), found: 0 };
        for _ in 0..times {
            let filter = filled(filter, &mut dice, member, rows);
            let query = format!("select: * | from: project_logs('{project}') | filter: {filter} | limit: 50");
            let body = json!({ "query": query }).to_string();
            let began = Instant::now();
            let answer = caller.post("/btql", body.as_bytes())?;
            asked.latencies.push(began.elapsed());
            let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
            asked.found += answer["data"].as_array().map_or(0, Vec::len);
        }
        all.push(asked);
    }
    Ok(all)
}
