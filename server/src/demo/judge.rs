//! Automated scores of a reply: near the truth but not on it, each given by a judge with its reason.

use serde_json::{Value, json};

use super::stories::Answer;
use super::tracer::{LARGE, Tracer};

/// Judges a reply and logs how. Returns the scores of the conversation.
pub(super) fn judge(tracer: &mut Tracer<'_>, parent: &str, answer: &Answer, question: &Value, reply: &str) -> Value {
    let verdict = f64::from(answer.verdict) / 2.0;
    let invented = answer.failure.contains(&"Invented fact") || answer.failure.contains(&"Wrong policy");
    let faithfulness = near(tracer, if invented { 0.45 } else { 0.91 }, 0.4);
    let relevance = near(tracer, 0.62 + 0.3 * verdict, 0.3);
    // The judge agrees with people four times in five, and is kinder than they are.
    let correctness = if tracer.dice.chance(80) { verdict } else { (verdict + 0.5).min(1.0) };
    for (name, score, reason) in [
        ("Faithfulness", faithfulness, on_faithfulness(faithfulness)),
        ("Relevance", relevance, on_relevance(relevance)),
        ("Correctness", correctness, on_correctness(correctness)),
    ] {
        let span = tracer.open();
        // The score is logged once, with the conversation; here stands how it came about.
        let fields = json!({
            "input": {"question": question, "reply": reply},
            "output": {"score": score, "reason": reason},
            "metadata": {"model": LARGE.name, "rubric": "2026-09"},
        });
        let length = tracer.dice.seconds(0.4);
        tracer.close(span, Some(parent), &format!("judge_{}", name.to_lowercase()), "score", length, fields);
        if let Some(last) = tracer.rows.last_mut() {
            last["span_attributes"]["purpose"] = json!("scorer");
        }
    }
    json!({"Faithfulness": faithfulness, "Relevance": relevance, "Correctness": correctness})
}

/// A score around `centre`, in hundredths.
fn near(tracer: &mut Tracer<'_>, centre: f64, spread: f64) -> f64 {
    ((centre + spread * (tracer.dice.share() - 0.5)).clamp(0.0, 1.0) * 100.0).round() / 100.0
}

fn on_faithfulness(score: f64) -> &'static str {
    if score < 0.5 {
        "Two claims of the reply appear in none of the tool results."
    } else if score < 0.75 {
        "One claim of the reply is not supported by the tool results."
    } else {
        "Every claim can be found in the context."
    }
}

fn on_relevance(score: f64) -> &'static str {
    if score < 0.6 {
        "The reply does not address what the customer asked first."
    } else if score < 0.8 {
        "The reply addresses the question, after a detour."
    } else {
        "The reply addresses the question directly."
    }
}

fn on_correctness(score: f64) -> &'static str {
    if score < 0.5 {
        "The reply contradicts the handbook."
    } else if score < 1.0 {
        "Nothing is wrong, but a step that the handbook asks for is missing."
    } else {
        "The reply follows the handbook."
    }
}
