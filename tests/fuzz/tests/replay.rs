//! Every known input again, seeds and findings alike: each finding stays a test by its name.

use concord_fuzz::{Target, corpus, run};

fn replay(target: Target) {
    let inputs = corpus::inputs(target);
    assert!(!inputs.is_empty());
    for (name, bytes) in inputs {
        println!("{}: {name}", target.name());
        run(target, &bytes);
    }
}

#[test]
fn known_frames_keep_every_promise() {
    replay(Target::Frame);
}

#[test]
fn known_sync_messages_keep_every_promise() {
    replay(Target::Message);
}

#[test]
fn known_changes_keep_every_promise() {
    replay(Target::Change);
}

#[test]
fn known_change_contents_keep_every_promise() {
    replay(Target::Gate);
}

#[test]
fn known_rows_keep_every_promise() {
    replay(Target::Row);
}

#[test]
fn known_filters_keep_every_promise() {
    replay(Target::Filter);
}

/// Otherwise the gate refuses them at the door, and fuzzing sees nothing of it.
#[test]
fn seeds_of_the_gate_are_accepted() {
    use concord_fuzz::domain::gate::{BadSet, GateInput, Paths, Pending, gate};
    use concord_fuzz::scene::{NOW, SCENE};
    for (name, bytes) in concord_fuzz::seeds::seeds(Target::Change) {
        let input = GateInput {
            writer: &SCENE.writer,
            now: NOW,
            scores: &SCENE.scores,
            chunks: vec![&bytes],
            pending: &mut Pending::default(),
            bad: &mut BadSet::default(),
            replicas: &SCENE.replicas,
            paths: &mut Paths::default(),
        };
        let verdict = gate(&SCENE.document, input).expect("a change");
        assert!(verdict.refused.is_empty(), "{name}: {:?}", verdict.refused);
    }
}
