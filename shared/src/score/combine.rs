//! How the judgements of several members become one number.

use super::Combine;

/// The combined value, or `None` without values. `in_order` is oldest judgement first, which only [`Combine::Latest`]
/// looks at: the others give the same bits in any order, so that rows rebuilt from documents equal the stored ones.
pub fn combine(rule: Combine, in_order: &[f64]) -> Option<f64> {
    let latest = *in_order.last()?;
    let mut sorted = in_order.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(match rule {
        Combine::Mean => mean(&sorted),
        Combine::Median => median(&sorted),
        Combine::Majority => majority(&sorted),
        Combine::Latest => latest,
    })
}

fn mean(sorted: &[f64]) -> f64 {
    sorted.iter().sum::<f64>() / sorted.len() as f64
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// The most frequent value; of several, the one nearest to the mean; of two as near, the smaller.
fn majority(sorted: &[f64]) -> f64 {
    let mean = mean(sorted);
    let mut best = (0, f64::INFINITY, mean);
    for run in sorted.chunk_by(|a, b| a == b) {
        let distance = (run[0] - mean).abs();
        if run.len() > best.0 || (run.len() == best.0 && distance < best.1) {
            best = (run.len(), distance, run[0]);
        }
    }
    best.2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_combines_to_nothing() {
        for rule in [Combine::Mean, Combine::Median, Combine::Majority, Combine::Latest] {
            assert_eq!(combine(rule, &[]), None);
            assert_eq!(combine(rule, &[0.25]), Some(0.25));
        }
    }

    #[test]
    fn each_rule_gives_its_own_answer() {
        let judged = [1.0, 0.0, 0.5, 0.0];
        assert_eq!(combine(Combine::Mean, &judged), Some(0.375));
        assert_eq!(combine(Combine::Median, &judged), Some(0.25));
        assert_eq!(combine(Combine::Median, &judged[..3]), Some(0.5));
        assert_eq!(combine(Combine::Majority, &judged), Some(0.0));
        assert_eq!(combine(Combine::Latest, &judged[..3]), Some(0.5));
    }

    #[test]
    fn a_tied_majority_is_the_value_nearest_to_the_mean_then_the_smaller() {
        assert_eq!(combine(Combine::Majority, &[0.0, 0.5, 0.9]), Some(0.5));
        assert_eq!(combine(Combine::Majority, &[1.0, 0.0]), Some(0.0));
        assert_eq!(combine(Combine::Majority, &[1.0, 1.0, 0.0, 0.0, 0.9]), Some(1.0));
    }

    proptest! {
        #[test]
        fn the_order_of_judgements_decides_latest_only(mut values in proptest::collection::vec(0.0..=1.0, 1..8)) {
            let rules = [Combine::Mean, Combine::Median, Combine::Majority];
            let before = rules.map(|rule| combine(rule, &values).map(f64::to_bits));
            values.reverse();
            prop_assert_eq!(before, rules.map(|rule| combine(rule, &values).map(f64::to_bits)));
        }
    }
}
