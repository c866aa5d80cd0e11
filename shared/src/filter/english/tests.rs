//! Every phrase of the list, and what is not understood.

use super::{EXAMPLES, KnownScore, Vocabulary, translate};
use crate::filter::check::{Aliases, Place, check};
use crate::filter::parser;

const PHRASES: &str = include_str!("phrases.txt");

fn vocabulary() -> Vocabulary {
    let score = |name: &str| KnownScore { name: name.to_owned(), ..KnownScore::default() };
    let options = |all: &[(&str, Option<f64>)]| all.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    let tone = options(&[("friendly", Some(1.0)), ("neutral", Some(0.5)), ("rude", Some(0.0))]);
    let category = options(&[("billing", None), ("shipping", None)]);
    let topics = options(&[("refund", None), ("delivery", None)]);
    let member = |id: &str, name: &str| (id.to_owned(), name.to_owned());
    Vocabulary {
        scores: vec![
            score("Preference"),
            score("Factuality"),
            score("Answer quality"),
            KnownScore { options: tone, ..score("Tone") },
            KnownScore { options: category, expected: true, ..score("Category") },
            KnownScore { options: topics, expected: true, multi: true, ..score("Topics") },
        ],
        tags: ["billing", "refund", "needs follow-up"].map(str::to_owned).to_vec(),
        fields: ["env", "retries", "user"].map(str::to_owned).to_vec(),
        members: vec![member("n1", "Noor Haddad"), member("e1", "Eva Lind"), member("a1", "Ada Park")],
        me: "a1".to_owned(),
    }
}

#[test]
fn phrases_that_people_use_become_the_expressions_that_they_mean() {
    let vocabulary = vocabulary();
    let pairs: Vec<(&str, &str)> =
        PHRASES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" => ")).collect();
    assert!(pairs.len() >= 100, "{}", pairs.len());
    let mut wrong = Vec::new();
    for (phrase, expression) in pairs {
        let right = parser::expression(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
        match translate(phrase, &vocabulary) {
            Ok(read) if read == right => assert!(check(&read, Place::Row, &Aliases::default()).is_ok(), "{phrase}"),
            Ok(read) => wrong.push(format!("{phrase}: {read}\n    not {right}")),
            Err(error) => wrong.push(format!("{phrase}: {:?} was not understood", error.words)),
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_not_understood_is_said_and_never_guessed() {
    let vocabulary = vocabulary();
    for (phrase, words) in [
        ("errors that smell funny", "smell funny"),
        ("flagged and purple", "purple"),
        ("helpfulness above 3 stars", "stars"),
        ("", ""),
        ("preference above 75% and the moon is full", "moon is full"),
        ("helpful is yes", "helpful is yes"),
    ] {
        match translate(phrase, &vocabulary) {
            Err(error) => assert!(error.words.contains(words) || words.is_empty(), "{phrase}: {error}"),
            Ok(expr) => panic!("{phrase}: {expr}"),
        }
    }
    let examples = EXAMPLES.iter().filter(|phrase| translate(phrase, &vocabulary).is_ok()).count();
    assert_eq!(examples, EXAMPLES.len(), "what is offered as an example is understood");
    assert!(translate(&"not ".repeat(200), &vocabulary).is_err());
    assert!(translate(&"x and ".repeat(160), &vocabulary).is_err());
    assert!(translate(&"errors ".repeat(140), &vocabulary).is_ok());
}
