//! One conversation of the support agent as the spans that its tracer would log.

use serde_json::{Value, json};

use super::dice::Dice;
use super::judge::judge;
use super::shop::Case;
use super::stories::{self, Answer, Policy, Story, Tool};
use super::tools;
use super::tracer::{LARGE, MEDIUM, SMALL, Tracer};

/// A conversation, logged.
pub(super) struct Conversation {
    /// Its spans, in the shape of `POST /logs3`.
    pub(super) rows: Vec<Value>,
    /// Row id of the root.
    pub(super) root: String,
    /// When it ended, in Unix seconds.
    pub(super) end: f64,
    /// Row id of the search in the handbook, if there was one.
    pub(super) search: Option<String>,
    /// How the agent answered.
    pub(super) answer: &'static Answer,
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

/// Builds the conversation that a release of the agent began at `start`.
pub(super) fn conversation(dice: &mut Dice, story: &'static Story, release: &str, start: f64) -> Conversation {
    let case = Case::roll(dice, story.outdoor);
    let wanted = pick_answer(dice, story, release);
    let trace = dice.hex(16);
    let mut tracer = Tracer { dice, rows: Vec::new(), trace, clock: start, counter: 0 };
    let root = tracer.open();
    let turns = turns(&mut tracer, story, &case);
    let question = json!(turns.last().map(|turn| turn["content"].clone()));
    classify(&mut tracer, &root.span_id, story, &question);
    let found = story.policy.as_ref().map(|policy| search(&mut tracer, &root.span_id, policy, wanted));
    let search = found.as_ref().and(tracer.rows.last()).and_then(|row| row["id"].as_str()).map(str::to_owned);
    let (results, gave_up) = use_tools(&mut tracer, &root.span_id, story, &case);
    let answer = if gave_up { &stories::GAVE_UP } else { wanted };
    let reply = case.fill(answer.text);
    compose(&mut tracer, &root.span_id, release, &turns, found.as_ref(), &results, &reply);
    let scores = judge(&mut tracer, &root.span_id, answer, &question, &reply);
    let metadata = json!({
        "customer": {"name": format!("{} {}", case.first, case.last), "city": case.city, "tier": case.tier},
        "intent": story.intent,
        "release": release,
        "env": if tracer.dice.chance(88) { "prod" } else { "staging" },
        "channel": tracer.dice.pick(&["web chat", "web chat", "mail", "app"]),
    });
    let tags = tags(&mut tracer, story, answer);
    let mut fields =
        json!({"input": {"messages": turns}, "output": reply, "metadata": metadata, "scores": scores, "tags": tags});
    if gave_up {
        fields["error"] = json!("lookup_order failed twice; answered without it");
    }
    let id = root.id.clone();
    let length = tracer.clock - root.start + 0.01;
    tracer.close(root, None, "support_turn", "task", length, fields);
    Conversation { root: id, search, end: tracer.clock, rows: tracer.rows, answer, case }
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
