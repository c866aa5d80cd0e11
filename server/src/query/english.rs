//! English to a filter: the built-in grammar, then the language model where one is configured. Whatever answers, its expression is
//! parsed and checked like one that was typed; nothing is run.

use concord_shared::filter::english::{Vocabulary, translate};
use concord_shared::filter::known::{Known, check_names};
use concord_shared::filter::{Aliases, Expr, FilterError, Place, check, parser};
use concord_shared::ids::MemberId;
use concord_shared::moment::Moment;

use crate::model::{Model, ModelError, Said};

/// Names of each kind that the model is told.
const TOLD: usize = 100;

/// Longest answer that is read as a filter, in bytes.
const ANSWER_BYTES: usize = 8 << 10;

/// Who understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The built-in grammar.
    Grammar,
    /// The language model.
    Model,
}

/// Why there is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnglishError {
    /// Nobody understood it.
    #[error("{detail}")]
    NotUnderstood {
        /// What was not understood, and what is.
        detail: String,
        /// Characters before it.
        offset: usize,
    },
    /// The model is asked too much.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// The expression that a text means, checked, and who understood it.
pub async fn understand(
    text: &str,
    vocabulary: Vocabulary,
    known: &Known,
    model: Option<&Model>,
    who: Option<MemberId>,
    now: Moment,
) -> Result<(Expr, By), EnglishError> {
    let said = text.to_owned();
    // Hostile texts take a while, so they take it elsewhere.
    let words = vocabulary.clone();
    let translated = tokio::task::spawn_blocking(move || translate(&said, &words)).await;
    let unknown = match translated {
        Ok(Ok(expr)) => match examine(&expr, known) {
            Ok(expr) => return Ok((expr, By::Grammar)),
            Err(error) => EnglishError::NotUnderstood { detail: error.message, offset: 0 },
        },
        Ok(Err(error)) => EnglishError::NotUnderstood { detail: error.to_string(), offset: error.offset },
        Err(_) => EnglishError::NotUnderstood { detail: "the server is stopping".to_owned(), offset: 0 },
    };
    let (Some(model), Some(who)) = (model, who) else { return Err(unknown) };
    if text.len() > concord_shared::filter::english::TEXT_BYTES || text.trim().is_empty() {
        return Err(unknown);
    }
    model.begin(who, now)?;
    match ask(text, &vocabulary, known, model).await {
        Ok(expr) => Ok((expr, By::Model)),
        Err(Unanswered::Wrong(why)) => {
            let EnglishError::NotUnderstood { detail, offset } = unknown else { return Err(unknown) };
            Err(EnglishError::NotUnderstood { detail: format!("{detail}; {why}"), offset })
        }
        Err(Unanswered::Silent(error @ ModelError::TooMany(_))) => Err(error.into()),
        Err(Unanswered::Silent(error)) => {
            let EnglishError::NotUnderstood { detail, offset } = unknown else { return Err(unknown) };
            Err(EnglishError::NotUnderstood { detail: format!("{detail}; {error}"), offset })
        }
    }
}

enum Unanswered {
    Silent(ModelError),
    Wrong(String),
}

/// Asks, and once more with what was wrong with the first answer.
async fn ask(text: &str, vocabulary: &Vocabulary, known: &Known, model: &Model) -> Result<Expr, Unanswered> {
    let mut said = vec![
        Said { role: "system", content: instructions(vocabulary) },
        Said { role: "user", content: text.to_owned() },
    ];
    let mut wrong = String::new();
    for _ in 0..2 {
        let answer = model.ask(&said).await.map_err(Unanswered::Silent)?;
        let answer = bare(&answer);
        if answer == "NONE" {
            return Err(Unanswered::Wrong("the language model did not understand it either".to_owned()));
        }
        let read = if answer.len() > ANSWER_BYTES { None } else { Some(parser::expression(answer)) };
        let read = read.unwrap_or_else(|| Err(FilterError::in_json("is longer than a filter may be")));
        match read.and_then(|expr| examine(&expr, known)) {
            Ok(expr) => return Ok(expr),
            Err(error) => {
                wrong = format!("the language model answered with an expression that is wrong: {error}");
                let content = format!("That is no valid filter: {error}. Answer with a corrected filter only.");
                said.push(Said { role: "assistant", content: answer.chars().take(2000).collect() });
                said.push(Said { role: "user", content });
            }
        }
    }
    Err(Unanswered::Wrong(wrong))
}

/// As for any filter that is typed.
fn examine(expr: &Expr, known: &Known) -> Result<Expr, FilterError> {
    let checked = check(expr, Place::Row, &Aliases::default())?;
    check_names(&checked, known)?;
    Ok(checked)
}

/// Without what models put around code.
fn bare(answer: &str) -> &str {
    let answer = answer.trim();
    let inner = answer.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    let inner = inner.map_or(answer, |inner| inner.split_once('\n').map_or(inner, |(_, code)| code));
    inner.trim().trim_matches('`').trim()
}

fn instructions(vocabulary: &Vocabulary) -> String {
    let list = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let scores = vocabulary.scores.iter().take(TOLD).map(|score| {
        let options: Vec<String> = score.options.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        format!(
            "{:?}{}",
            score.name,
            if options.is_empty() { String::new() } else { format!(" ({})", options.join("; ")) }
        )
    });
    let members = vocabulary.members.iter().take(TOLD).map(|(id, name)| format!("{name}: '{id}'"));
    format!(
        "Translate what the user says into one filter expression about logged spans. Answer with the expression only, no words, no code \
         fence; answer NONE if it cannot be said.\n\
         Operators: = != < <= > >=, and, or, not, is null, is not null, like, ilike ('%' stands for anything), match (whole words), \
         includes (list holds value), in ['a', 'b'], + - * /, a ? b : c, any_span(x) for some span of the trace. Texts in single quotes, \
         odd names in double quotes after a dot. Times: created > now() - interval 2 days, current_date(), date_trunc('week', now()).\n\
         Fields: input, output, expected, error, tags (list), metadata.<key>, scores.<name> (0 to 1), span_attributes.name, \
         span_attributes.type ('llm', 'tool', 'task', 'function', 'score', 'eval'), is_root, created, duration (seconds), metrics.tokens, \
         metrics.estimated_cost, comment (texts of comments), len(reviews) (how many reviewed), reviews includes '<member id>', \
         review.status ('none', 'awaiting', 'in_progress', 'complete'), __bt_assignments includes '<member id>', disagreement (largest \
         distance between judge and people).\n\
         Scores: {}. Tags: {}. Keys of metadata: {}. Members: {}. The user is '{}'.",
        list(scores.collect()),
        list(vocabulary.tags.iter().take(TOLD).map(|tag| format!("{tag:?}")).collect()),
        list(vocabulary.fields.iter().take(TOLD).cloned().collect()),
        list(members.collect()),
        vocabulary.me,
    )
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn what_models_put_around_an_expression_is_taken_off() {
        for answer in ["a = 1", " a = 1\n", "`a = 1`", "```\na = 1\n```", "```btql\na = 1\n```"] {
            assert_eq!(bare(answer), "a = 1", "{answer}");
        }
    }
}
