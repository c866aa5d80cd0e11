//! One conversation of the support agent as the spans that its tracer would log.

use concord_shared::moment::Moment;
use serde_json::{Value, json};

use super::dice::Dice;
use super::shop::Case;
use super::stories::{self, Answer, Policy, Story, Tool};
use super::tools;

/// A conversation, logged.
pub(super) struct Conversation {
    /// Its spans, in the shape of `POST /logs3`.
    pub(super) rows: Vec<Value>,
    /// Row id of the root.
    pub(super) root: String,
    /// When it ended, in Unix seconds.
    pub(super) end: f64,
    /// How the agent answered.
    pub(super) answer: &'static Answer,
    /// What it was about.
    pub(super) story: &'static Story,
    /// With whom.
    pub(super) case: Case,
}

/// What the model is told. Releases differ in it, as they do in life.
fn system(release: &str) -> String {
    let rules = "You are the support assistant of Fell & Tarmac, an online shoe shop. Follow the handbook exactly; search it before you state a rule. \
                 Look orders up before you speak about them. Never invent codes, dates or promises. Answer in at most five sentences, in the language \
                 of the customer, and address what they asked first.";
    match release {
        "v40" => rules.to_owned(),
        "v41" => format!("{rules} Be warm and generous in tone."),
        _ => format!("{rules} Be warm in tone. If a rule and your instinct disagree, the rule wins."),
    }
}

struct Model {
    name: &'static str,
    /// US dollars for a million tokens in and out.
    price: (f64, f64),
    /// Tokens a second.
    speed: f64,
}

const LARGE: Model = Model { name: "large-4", price: (2.5, 10.0), speed: 95.0 };
const MEDIUM: Model = Model { name: "medium-3", price: (0.8, 3.2), speed: 140.0 };
const SMALL: Model = Model { name: "small-2", price: (0.1, 0.4), speed: 260.0 };

/// A tracer: hands out ids, keeps the clock of the conversation, collects spans.
struct Tracer<'a> {
    dice: &'a mut Dice,
    rows: Vec<Value>,
    trace: String,
    clock: f64,
    counter: i64,
}

struct Span {
    id: String,
    span_id: String,
    counter: i64,
    start: f64,
}

impl Tracer<'_> {
    fn open(&mut self) -> Span {
        self.counter += 1;
        let pause = 0.002 + 0.01 * self.dice.share();
        self.clock += pause;
        Span { id: self.dice.uuid(), span_id: self.dice.hex(8), counter: self.counter, start: self.clock }
    }

    /// Ends a span after `seconds` and logs it with `fields`.
    fn close(&mut self, span: Span, parent: Option<&str>, name: &str, kind: &str, seconds: f64, fields: Value) {
        self.clock = self.clock.max(span.start + seconds);
        let mut row = json!({
            "id": span.id,
            "span_id": span.span_id,
            "root_span_id": self.trace,
            "span_parents": parent.map(|parent| vec![parent]),
            "created": Moment::from_seconds(span.start),
            "span_attributes": {"name": name, "type": kind, "exec_counter": span.counter},
            "metrics": {"start": span.start, "end": self.clock},
        });
        for (key, value) in fields.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                ("metrics", Value::Object(more)) => {
                    more.iter().for_each(|(key, value)| row["metrics"][key.as_str()] = value.clone());
                }
                _ => row[key.as_str()] = value.clone(),
            }
        }
        self.rows.push(row);
    }

    /// A call of a model; its length follows from what it reads and writes.
    fn call(&mut self, parent: &str, name: &str, model: &Model, input: Value, output: Value, temperature: f64) {
        let span = self.open();
        let (prompt, completion) = (tokens(&input) + 18, tokens(&output).max(4));
        let first = self.dice.seconds(0.35);
        let seconds = first + completion as f64 / model.speed;
        let cost = (prompt as f64 * model.price.0 + completion as f64 * model.price.1) / 1e6;
        let fields = json!({
            "input": input,
            "output": output,
            "metadata": {"model": model.name, "temperature": temperature, "provider": "in-house"},
            "metrics": {"prompt_tokens": prompt, "completion_tokens": completion, "tokens": prompt + completion,
                "time_to_first_token": first, "estimated_cost": cost},
        });
        self.close(span, Some(parent), name, "llm", seconds, fields);
    }
}

/// About four letters make a token.
fn tokens(value: &Value) -> i64 {
    (value.to_string().len() as i64 + 3) / 4
}

/// Builds the conversation that began at `start`.
pub(super) fn conversation(dice: &mut Dice, story: &'static Story, start: f64) -> Conversation {
    let case = Case::roll(dice);
    let age = dice.share();
    let release = if age < 0.2 {
        "v40"
    } else if age < 0.75 {
        "v41"
    } else {
        "v42"
    };
    let answer = pick_answer(dice, story, release);
    let trace = dice.hex(16);
    let mut tracer = Tracer { dice, rows: Vec::new(), trace, clock: start, counter: 0 };
    let root = tracer.open();
    let turns = turns(&mut tracer, story, &case);
    let question = json!(turns.last().map(|turn| turn["content"].clone()));
    classify(&mut tracer, &root.span_id, story, &question);
    let found = story.policy.as_ref().map(|policy| search(&mut tracer, &root.span_id, policy, answer));
    let (results, gave_up) = use_tools(&mut tracer, &root.span_id, story, &case);
    let answer = if gave_up { &stories::GAVE_UP } else { answer };
    let reply = case.fill(answer.text);
    compose(&mut tracer, &root.span_id, release, &turns, found.as_ref(), &results, &reply);
    let scores = judge(&mut tracer, &root.span_id, answer, &question, &reply);
    let id = root.id.clone();
    let metadata = json!({
        "customer": {"name": format!("{} {}", case.first, case.last), "city": case.city, "tier": case.tier},
        "intent": story.intent,
        "release": release,
        "env": if tracer.dice.chance(88) { "prod" } else { "staging" },
        "channel": tracer.dice.pick(&["web chat", "web chat", "mail", "app"]),
    });
    let mut fields = json!({"input": {"messages": turns}, "output": reply, "metadata": metadata, "scores": scores, "tags": tags(&mut tracer, story, answer)});
    if gave_up {
        fields["error"] = json!("lookup_order failed twice; answered without it");
    }
    let length = tracer.clock - root.start + 0.01;
    tracer.close(root, None, "support_turn", "task", length, fields);
    Conversation { root: id, end: tracer.clock, rows: tracer.rows, answer, story, case }
}

/// Release v41 was a bad one.
fn pick_answer(dice: &mut Dice, story: &'static Story, release: &str) -> &'static Answer {
    let wanted = match release {
        "v41" => dice.between(0, 9),
        _ => dice.between(3, 11),
    };
    let verdict = if wanted < 2 {
        0
    } else if wanted < 4 {
        1
    } else {
        2
    };
    let fitting: Vec<&Answer> = story.answers.iter().filter(|answer| answer.verdict == verdict).collect();
    if fitting.is_empty() { &story.answers[dice.index(story.answers.len())] } else { dice.pick(&fitting) }
}

fn turns(tracer: &mut Tracer<'_>, story: &Story, case: &Case) -> Vec<Value> {
    let mut turns = Vec::new();
    if !story.before.is_empty() && tracer.dice.chance(35) {
        let (said, replied) = tracer.dice.pick(story.before);
        turns.push(json!({"role": "user", "content": case.fill(said)}));
        turns.push(json!({"role": "assistant", "content": case.fill(replied)}));
    }
    let mut opening = case.fill(tracer.dice.pick(story.openings));
    match tracer.dice.between(0, 9) {
        0 => opening = opening.to_lowercase(),
        1 => opening.push_str(&format!(" Thanks, {}", case.first)),
        2 => opening = format!("Hello, {}", opening),
        3 => opening.push_str(&format!("\n\nBest wishes from {}\n{} {}", case.city, case.first, case.last)),
        _ => {}
    }
    turns.push(json!({"role": "user", "content": opening}));
    turns
}

fn classify(tracer: &mut Tracer<'_>, parent: &str, story: &Story, question: &Value) {
    let input = json!([
        {"role": "system", "content": "Name the intent of the customer's last message as JSON: {\"intent\", \"confidence\", \"language\"}."},
        {"role": "user", "content": question},
    ]);
    let confidence = (60.0 + 39.0 * tracer.dice.share()).round() / 100.0;
    let language = if story.intent == "german" { "de" } else { "en" };
    let intent = if story.intent == "german" { "where_is_my_order" } else { story.intent };
    let said = json!({"intent": intent, "confidence": confidence, "language": language}).to_string();
    let output = json!([{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}]);
    tracer.call(parent, "classify_intent", &SMALL, input, output, 0.0);
}

/// Searches the handbook. A wrong rule in the answer is often a stale page in the results.
fn search(tracer: &mut Tracer<'_>, parent: &str, policy: &Policy, answer: &Answer) -> Value {
    let span = tracer.open();
    let stale = answer.failure.contains(&"Wrong policy");
    let mut hits =
        vec![json!({"section": policy.section, "title": policy.title, "text": policy.text, "updated": "2026-03-02",
        "distance": (18.0 + 9.0 * tracer.dice.share()).round() / 100.0})];
    let other = json!({"section": "9.9", "title": format!("{} (archive)", policy.title), "updated": "2024-11-18",
        "text": "Archived. This page is kept for reference and no longer describes what we do.",
        "distance": (16.0 + 14.0 * tracer.dice.share()).round() / 100.0});
    if stale {
        hits.insert(0, other)
    } else {
        hits.push(other)
    }
    let embed = tracer.open();
    let length = tracer.dice.seconds(0.03);
    let embedded = json!({"input": policy.query, "output": {"dimensions": 768}, "metadata": {"model": "embed-1"}, "metrics": {"tokens": 6}});
    tracer.close(embed, Some(&span.span_id), "embed_query", "embedding", length, embedded);
    let length = tracer.clock - span.start + tracer.dice.seconds(0.05);
    let output = json!(hits);
    let fields =
        json!({"input": {"query": policy.query, "k": 2}, "output": output, "metadata": {"index": "handbook-de-en"}});
    tracer.close(span, Some(parent), "search_policy", "retrieval", length, fields);
    output
}

/// Calls the tools. The order system is slow now and then; the agent tries twice and then says so.
fn use_tools(tracer: &mut Tracer<'_>, parent: &str, story: &Story, case: &Case) -> (Vec<(Tool, Value, Value)>, bool) {
    let mut results = Vec::new();
    for tool in story.tools {
        let input = tools::input(*tool, case);
        let fails = if *tool == Tool::LookupOrder && tracer.dice.chance(9) { tracer.dice.between(1, 2) } else { 0 };
        for attempt in 1..=fails {
            let span = tracer.open();
            let message = tracer.dice.pick(&[
                "order service: timeout after 3000 ms",
                "order service: 503 Service Unavailable",
                "order service: connection reset by peer",
            ]);
            let fields = json!({"input": input, "error": message, "metadata": {"attempt": attempt}});
            let length = 3.0 + 0.2 * tracer.dice.share();
            tracer.close(span, Some(parent), tools::name(*tool), "tool", length, fields);
        }
        if fails == 2 {
            return (results, true);
        }
        let span = tracer.open();
        let output = tools::output(*tool, case, tracer.dice);
        let mut fields = json!({"input": input, "output": output});
        if fails == 1 {
            fields["metadata"] = json!({"attempt": 2});
        }
        let length = tracer.dice.seconds(0.18);
        tracer.close(span, Some(parent), tools::name(*tool), "tool", length, fields);
        results.push((*tool, input, output));
    }
    (results, false)
}

fn compose(
    tracer: &mut Tracer<'_>,
    parent: &str,
    release: &str,
    turns: &[Value],
    found: Option<&Value>,
    results: &[(Tool, Value, Value)],
    reply: &str,
) {
    let mut messages = vec![json!({"role": "system", "content": system(release)})];
    messages.extend(turns.iter().cloned());
    let mut used: Vec<(&str, Value, Value)> = Vec::new();
    if let Some(found) = found {
        used.push(("search_policy", json!({"k": 2}), found.clone()));
    }
    used.extend(results.iter().map(|(tool, input, output)| (tools::name(*tool), input.clone(), output.clone())));
    for (name, input, output) in used {
        let call = format!("call_{}", tracer.dice.hex(4));
        messages.push(json!({"role": "assistant", "content": null, "tool_calls": [
            {"id": call, "type": "function", "function": {"name": name, "arguments": input.to_string()}}]}));
        messages.push(json!({"role": "tool", "tool_call_id": call, "content": output.to_string()}));
    }
    let mut model = &LARGE;
    if tracer.dice.chance(4) {
        let span = tracer.open();
        let fields = json!({"input": messages, "error": "429: too many requests for large-4, retry after 2 s", "metadata": {"model": LARGE.name}});
        tracer.close(span, Some(parent), "compose_reply", "llm", 0.21, fields);
        model = &MEDIUM;
    }
    let output = json!([{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": reply}}]);
    tracer.call(parent, "compose_reply", model, json!(messages), output, 0.2);
}

/// Automated scores, near the truth but not on it, each by a judge with its reason.
fn judge(tracer: &mut Tracer<'_>, parent: &str, answer: &Answer, question: &Value, reply: &str) -> Value {
    let verdict = f64::from(answer.verdict) / 2.0;
    let invented = answer.failure.contains(&"Invented fact") || answer.failure.contains(&"Wrong policy");
    let near = |tracer: &mut Tracer<'_>, centre: f64, spread: f64| {
        ((centre + spread * (tracer.dice.share() - 0.5)).clamp(0.0, 1.0) * 100.0).round() / 100.0
    };
    let faithfulness = near(tracer, if invented { 0.45 } else { 0.91 }, 0.4);
    let relevance = near(tracer, 0.62 + 0.3 * verdict, 0.3);
    // The judge agrees with people four times in five, and is kinder than they are.
    let said = if tracer.dice.chance(80) { verdict } else { (verdict + 0.5).min(1.0) };
    let reasons = [
        (
            "Faithfulness",
            faithfulness,
            if faithfulness < 0.7 {
                "At least one claim of the reply is not supported by the tool results."
            } else {
                "Every claim can be found in the context."
            },
        ),
        (
            "Relevance",
            relevance,
            if relevance < 0.7 {
                "The reply does not address what the customer asked first."
            } else {
                "The reply addresses the question directly."
            },
        ),
        (
            "Correctness",
            said,
            if said < 1.0 {
                "The reply leaves out a step that the handbook asks for."
            } else {
                "The reply follows the handbook."
            },
        ),
    ];
    for (name, score, reason) in reasons {
        let span = tracer.open();
        let fields = json!({
            "input": {"question": question, "reply": reply},
            "output": {"score": score, "reason": reason},
            "scores": {name: score},
            "metadata": {"model": LARGE.name, "rubric": "2026-09"},
        });
        let length = tracer.dice.seconds(0.4);
        let row_name = format!("judge_{}", name.to_lowercase());
        tracer.close(span, Some(parent), &row_name, "score", length, fields);
        if let Some(last) = tracer.rows.last_mut() {
            last["span_attributes"]["purpose"] = json!("scorer");
        }
    }
    json!({"Faithfulness": faithfulness, "Relevance": relevance, "Correctness": said})
}

fn tags(tracer: &mut Tracer<'_>, story: &Story, answer: &Answer) -> Vec<&'static str> {
    let mut tags: Vec<&'static str> = story.tags.iter().copied().filter(|_| tracer.dice.chance(70)).collect();
    if answer.verdict == 0 && tracer.dice.chance(40) {
        tags.push("regression");
    }
    if tracer.dice.chance(6) {
        tags.push("golden");
    }
    tags
}
