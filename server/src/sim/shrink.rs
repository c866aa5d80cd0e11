//! Making a failing plan short: leave steps out as long as it still fails.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::plan::{Plan, Step};
use super::world::{Checked, run};

/// Runs a plan; a panic is a failure like any other.
pub(super) fn caught(plan: &Plan) -> Checked {
    catch_unwind(AssertUnwindSafe(|| run(plan))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("panicked: {}", text.unwrap_or_default()))
    })
}

/// The shortest plan found that fails, and how it fails. Runs of steps go first, then single ones.
pub(super) fn shrink(mut plan: Plan, mut broken: String) -> (Plan, String) {
    let mut length = plan.steps.len() / 2;
    while length > 0 {
        let mut start = 0;
        while start < plan.steps.len() {
            let end = (start + length).min(plan.steps.len());
            let shorter = Plan { steps: without(&plan.steps, start, end), ..plan.clone() };
            match caught(&shorter) {
                Err(why) => (plan, broken) = (shorter, why),
                Ok(()) => start = end,
            }
        }
        length /= 2;
    }
    (plan, broken)
}

fn without(steps: &[Step], start: usize, end: usize) -> Vec<Step> {
    [&steps[..start], &steps[end..]].concat()
}
