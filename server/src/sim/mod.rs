//! A deterministic simulation of everything between a page and the disk: the real rooms with the real gate, automerge's own
//! clients, and models of the hub, the committer, the network and the database (`store::memory`). A plan says what happens,
//! in which order, and what goes wrong; the rules of `ARCHITECTURE.md` are held against the world after every step.
//!
//! A failing plan is made as short as it can be and written to a file. One that found a real bug goes to `plans/`, where it
//! is run for ever.

#![warn(clippy::disallowed_methods)]

mod act;
mod check;
mod client;
mod draw;
mod forge;
mod network;
mod plan;
mod server;
mod shrink;
mod world;

use self::plan::Plan;
use self::world::run;

/// Plans of one run: half a minute of one core without optimization. `CONCORD_SIM_PLANS` asks for more, `CONCORD_SIM_SEED` for
/// others.
const PLANS: u64 = 1500;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Runs one part in `of` of all plans.
fn run_part(part: u64, of: u64) {
    let first = number("CONCORD_SIM_SEED").unwrap_or(0);
    let plans = number("CONCORD_SIM_PLANS").unwrap_or(PLANS);
    for seed in (first..first + plans).filter(|seed| seed % of == part) {
        let plan = draw::plan(seed);
        if let Err(broken) = shrink::caught(&plan) {
            let (short, broken) = shrink::shrink(plan, broken);
            let path = std::env::temp_dir().join(format!("concord-plan-{seed}.json"));
            let text = serde_json::to_string_pretty(&short).expect("a plan is JSON");
            std::fs::write(&path, &text).expect("a file for the plan");
            panic!("plan {seed} breaks a rule: {broken}\nIt is in {}:\n{text}", path.display());
        }
    }
}

#[test]
fn r1_to_r8_hold_under_any_plan_first_part() {
    run_part(0, 2);
}

#[test]
fn r1_to_r8_hold_under_any_plan_second_part() {
    run_part(1, 2);
}

#[test]
fn r1_to_r8_hold_under_every_plan_that_once_broke_them() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sim/plans");
    for entry in std::fs::read_dir(folder).expect("the folder of plans") {
        let path = entry.expect("a plan").path();
        let text = std::fs::read_to_string(&path).expect("a plan's text");
        let plan: Plan = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if let Err(broken) = run(&plan) {
            panic!("{}: {broken}", path.display());
        }
    }
}

#[test]
fn plans_are_the_same_for_the_same_seed_and_as_json() {
    for seed in 0..50 {
        let plan = draw::plan(seed);
        assert_eq!(plan, draw::plan(seed));
        let text = serde_json::to_string(&plan).expect("JSON");
        assert_eq!(plan, serde_json::from_str::<Plan>(&text).expect("a plan"));
    }
}
