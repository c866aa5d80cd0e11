//! A tracer as the agent would have one: it hands out ids, keeps the clock of a conversation and collects spans.

use concord_shared::moment::Moment;
use serde_json::{Value, json};

use super::dice::Dice;

pub(super) struct Model {
    pub(super) name: &'static str,
    /// US dollars for a million tokens in and out.
    pub(super) price: (f64, f64),
    /// Tokens a second.
    pub(super) speed: f64,
}

pub(super) const LARGE: Model = Model { name: "large-4", price: (2.5, 10.0), speed: 95.0 };
pub(super) const MEDIUM: Model = Model { name: "medium-3", price: (0.8, 3.2), speed: 140.0 };
pub(super) const SMALL: Model = Model { name: "small-2", price: (0.1, 0.4), speed: 260.0 };

/// A tracer: hands out ids, keeps the clock of the conversation, collects spans.
pub(super) struct Tracer<'a> {
    pub(super) dice: &'a mut Dice,
    pub(super) rows: Vec<Value>,
    pub(super) trace: String,
    pub(super) clock: f64,
    pub(super) counter: i64,
}

pub(super) struct Span {
    pub(super) id: String,
    pub(super) span_id: String,
    pub(super) counter: i64,
    pub(super) start: f64,
}

impl Tracer<'_> {
    pub(super) fn open(&mut self) -> Span {
        self.counter += 1;
        let pause = 0.002 + 0.01 * self.dice.share();
        self.clock += pause;
        Span { id: self.dice.uuid(), span_id: self.dice.hex(8), counter: self.counter, start: self.clock }
    }

    /// Ends a span after `seconds` and logs it with `fields`.
    pub(super) fn close(
        &mut self,
        span: Span,
        parent: Option<&str>,
        name: &str,
        kind: &str,
        seconds: f64,
        fields: Value,
    ) {
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
    pub(super) fn call(
        &mut self,
        parent: &str,
        name: &str,
        model: &Model,
        input: Value,
        output: Value,
        temperature: f64,
    ) {
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
