//! Scores that follow from others: weighted averages, minima and maxima. Nobody judges them.

use std::collections::BTreeMap;

use super::{Score, ScoreKind};
use crate::review::effective::EffectiveScore;

impl ScoreKind {
    /// Names of the scores that this one is computed from; empty for those that are judged or logged.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let (weighted, others) = match self {
            Self::Weighted { weights } => (weights.as_slice(), &[][..]),
            Self::Minimum { of } | Self::Maximum { of } => (&[][..], of.as_slice()),
            Self::Slider | Self::Categorical { .. } | Self::Expected { .. } | Self::FreeForm { .. } | Self::Online => {
                (&[][..], &[][..])
            }
        };
        weighted.iter().map(|(name, _)| name.as_str()).chain(others.iter().map(String::as_str))
    }

    /// Whether it follows from other scores.
    pub fn is_computed(&self) -> bool {
        matches!(self, Self::Weighted { .. } | Self::Minimum { .. } | Self::Maximum { .. })
    }

    /// The number that follows from those of its parts; a part without one is left out, and without any there is none.
    fn compute(&self, number: impl Fn(&str) -> Option<f64>) -> Option<f64> {
        match self {
            Self::Weighted { weights } => {
                let given = weights.iter().filter_map(|(name, weight)| Some((number(name)?, *weight)));
                let (sum, total) =
                    given.fold((0.0, 0.0), |(sum, total), (n, weight)| (sum + n * weight, total + weight));
                // Rounding may leave the range by a hair.
                (total > 0.0).then(|| (sum / total).clamp(0.0, 1.0))
            }
            Self::Minimum { of } => of.iter().filter_map(|name| number(name)).min_by(f64::total_cmp),
            Self::Maximum { of } => of.iter().filter_map(|name| number(name)).max_by(f64::total_cmp),
            Self::Slider | Self::Categorical { .. } | Self::Expected { .. } | Self::FreeForm { .. } | Self::Online => {
                None
            }
        }
    }
}

impl Score {
    /// Names of the scores whose numbers decide what follows from this configuration.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        let own = matches!(self.kind, ScoreKind::Categorical { .. }) || self.kind.is_computed();
        own.then_some(self.name.as_str()).into_iter().chain(self.kind.parts())
    }
}

/// Puts the computed scores among the others, in place of whatever was logged under their names. They are computed from
/// scores that are not computed themselves, so their order does not matter. The source is the nearest to people among the parts.
/// Returns how many there are.
pub fn lay_computed(shown: &mut BTreeMap<String, EffectiveScore>, scores: &[Score]) -> usize {
    let mut changed = 0;
    for score in scores.iter().filter(|score| score.kind.is_computed()) {
        changed += usize::from(shown.remove(&score.name).is_some());
    }
    let mut computed = Vec::new();
    for score in scores.iter().filter(|score| score.kind.is_computed()) {
        let Some(value) = score.kind.compute(|name| shown.get(name)?.value) else { continue };
        let given = score.kind.parts().filter_map(|name| shown.get(name)).filter(|part| part.value.is_some());
        let Some(source) = given.map(|part| part.source).max() else { continue };
        computed.push((score.name.clone(), EffectiveScore { value: Some(value), source }));
    }
    changed += computed.len();
    shown.extend(computed);
    changed
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::review::effective::Source;
    use crate::score::config::parse;

    fn laid(logged: &[(&str, f64, Source)], kind: &str, categories: Value) -> Option<(f64, Source)> {
        let shown = logged
            .iter()
            .map(|(name, value, source)| ((*name).to_owned(), EffectiveScore { value: Some(*value), source: *source }));
        let mut shown = shown.collect();
        let score = parse("All", kind, &categories, &Value::Null).expect("a score");
        lay_computed(&mut shown, &[score]);
        shown.get("All").map(|score| (score.value.expect("a number"), score.source))
    }

    #[test]
    fn parts_without_a_number_are_left_out() {
        let logged = [("A", 1.0, Source::Logged), ("B", 0.5, Source::Human)];
        let weights = json!({"A": 3, "B": 1, "C": 6});
        assert_eq!(laid(&logged, "weighted", weights.clone()), Some((0.875, Source::Human)));
        assert_eq!(laid(&logged, "minimum", json!(["A", "B", "C"])), Some((0.5, Source::Human)));
        assert_eq!(laid(&logged[..1], "maximum", json!(["A", "B"])), Some((1.0, Source::Logged)));
        assert_eq!(laid(&[], "weighted", weights), None);
        assert_eq!(laid(&logged, "weighted", json!({"A": 0, "C": 1})), None, "weight 0 says nothing");
    }

    #[test]
    fn what_was_logged_under_a_computed_name_is_not_shown() {
        let logged = [("All", 0.1, Source::Logged)];
        assert_eq!(laid(&logged, "maximum", json!(["A", "B"])), None);
    }

    #[test]
    fn computed_scores_do_not_build_on_each_other() {
        let scores = [("X", json!(["A", "Y"])), ("Y", json!(["A", "X"]))]
            .map(|(name, parts)| parse(name, "maximum", &parts, &Value::Null).expect("a score"));
        let a = EffectiveScore { value: Some(0.25), source: Source::External };
        let mut shown = BTreeMap::from([("A".to_owned(), a)]);
        assert_eq!(lay_computed(&mut shown, &scores), 2);
        assert_eq!((shown["X"], shown["Y"]), (a, a));
    }
}
