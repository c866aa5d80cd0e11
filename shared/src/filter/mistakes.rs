//! What people mistype, and what they are told: position, what was found, what would fit.

use super::known::{Known, bare_score, check_names};
use super::{Aliases, Place, check, parser};

const TYPOS: [&str; 31] = [
    "is_root || error is null",
    "scores.Preferense > 0.5",
    "scores.preference > 0.5",
    "score.Preference > 0.5",
    "Preference > 0.5",
    "scores.Preference > 75",
    "scores.Preference > 75%",
    "scores.Preference = 'high'",
    "scores.Preference => 0.5",
    "scores.Preference > > 0.5",
    "scores.Answer quality = 1",
    "tags include 'billing'",
    "tags includes billing",
    "tags includes 'biling'",
    "tags = 'billing",
    "metdata.model = 'gpt-4'",
    "metadata.model == 'gpt-4' && is_root",
    "metadata.model = ‘gpt-4’",
    "error = null",
    "error is nul",
    "input likes '%x%'",
    "input like %x%",
    "created > yesterday",
    "created > 'yesterday'",
    "created > now() - 2 days",
    "created > now() - interval 2 dys",
    "span_attributes.type = 'lmm'",
    "review.status = 'completed'",
    "is_root adn error is null",
    "(is_root and error is null",
    "lenght(tags) > 1",
];

#[test]
fn typical_mistakes_are_told_with_what_would_be_right() {
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let known = Known { scores: names(&["Preference", "Factuality"]), tags: names(&["billing", "refund"]) };
    let told = TYPOS.map(|text| {
        let checked = parser::expression(text).and_then(|expr| {
            check(&expr, Place::Row, &Aliases::default()).map_err(|error| bare_score(&expr, &known).unwrap_or(error))
        });
        let said = match checked.and_then(|expr| check_names(&expr, &known)) {
            Err(error) => error.to_string(),
            Ok(warnings) => warnings
                .iter()
                .map(|warning| format!("warning at column {}: {}", warning.position.column, warning.message))
                .collect::<Vec<_>>()
                .join("\n"),
        };
        assert!(!said.is_empty(), "{text} is no mistake");
        format!("{text}\n    {said}")
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn names_that_may_yet_come_are_legal() {
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let known = Known { scores: names(&["judge_1", "Tone", "A"]), tags: names(&["billing"]) };
    let of = |text: &str| check_names(&parser::expression(text).expect(text), &known);
    for legal in [
        "scores.Helpfulness > 0.5",
        "scores.B > scores.A",
        "tags includes 'urgent'",
        "scores includes 'Wit'",
        "metadata.scores.Tonne = 1",
    ] {
        assert_eq!(of(legal), Ok(vec![]), "{legal}");
    }
    assert_eq!(of("scores.judge_2 > 0.5").map(|warnings| warnings.len()), Ok(1), "one of a family");
    assert!(of("scores.Tonne > 0.5").is_err());
    assert_eq!(
        check_names(&parser::expression("scores.Preferense > 0").expect("text"), &Known::default()),
        Ok(vec![]),
        "where nothing is known"
    );
}
