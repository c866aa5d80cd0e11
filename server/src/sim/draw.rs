//! Plans by chance, the same for the same seed.

use concord_shared::role::Role;

use super::plan::{Act, Forgery, Outcome, Plan, Step, Who};
use crate::store::contract::dice::Dice;

/// Pages of a plan.
const CLIENTS: u64 = 4;

/// Draws a plan.
pub(super) fn plan(seed: u64) -> Plan {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ seed);
    dice.roll(2);
    let clients = 2 + dice.roll(CLIENTS - 1) as u8;
    let roles = [Role::Reviewer, Role::Lead, Role::Reviewer, Role::Owner, Role::Viewer];
    let mut who = Vec::new();
    for client in 0..clients {
        // Now and then a second page of the same member, with the role that the member has.
        let member = if dice.roll(4) == 0 { dice.roll(u64::from(client) + 1) as u8 } else { client };
        let role = roles[if member == client { dice.roll(5) as usize } else { 0 }];
        let role = who.iter().find(|known: &&Who| known.member == member).map_or(role, |known| known.role);
        who.push(Who { member, role });
    }
    let mut plan = Plan {
        about: String::new(),
        servers: if dice.roll(4) == 0 { 2 } else { 1 },
        documents: 1 + u8::from(dice.roll(3) == 0),
        clients: who,
        steps: Vec::new(),
    };
    for client in 0..clients {
        if dice.roll(5) > 0 {
            plan.steps.push(Step::Open { client, document: 0, server: drawn(&mut dice, plan.servers) });
        }
    }
    if dice.roll(3) > 0 {
        plan.steps.push(Step::Calm);
    }
    for _ in 0..8 + dice.roll(24) {
        if dice.roll(10) == 0 {
            let round = round(&mut dice, &plan);
            plan.steps.extend(round);
        } else {
            let step = step(&mut dice, &plan);
            plan.steps.push(step);
        }
    }
    plan
}

/// One edit on its whole way to the disk, which rarely comes about by chance.
fn round(dice: &mut Dice, plan: &Plan) -> [Step; 5] {
    let client = drawn(dice, plan.clients.len() as u8);
    let (document, server) = (drawn(dice, plan.documents), drawn(dice, plan.servers));
    [
        Step::Edit { client, document, act: act(dice) },
        Step::Flush { client },
        Step::Up { client, count: 8 },
        Step::Store { server, outcome: outcome(dice) },
        Step::Settle { server },
    ]
}

fn drawn(dice: &mut Dice, below: u8) -> u8 {
    dice.roll(u64::from(below)) as u8
}

fn step(dice: &mut Dice, plan: &Plan) -> Step {
    let client = drawn(dice, plan.clients.len() as u8);
    let (document, server) = (drawn(dice, plan.documents), drawn(dice, plan.servers));
    match dice.roll(100) {
        0 if dice.roll(16) == 0 => Step::Burst { client, document },
        0..24 => Step::Edit { client, document, act: act(dice) },
        24..34 => Step::Flush { client },
        34..44 => Step::Up { client, count: 1 + drawn(dice, 4) },
        44..52 => Step::Down { client, count: 1 + drawn(dice, 4) },
        52..62 => Step::Store { server, outcome: outcome(dice) },
        62..69 => Step::Settle { server },
        69..73 => Step::Calm,
        73..76 => Step::Connect { client, server },
        76..79 => Step::Cut { client },
        79..82 => Step::Open { client, document, server },
        82..87 => Step::Write {
            server,
            document,
            member: drawn(dice, 4),
            act: act(dice),
            feedback: (dice.roll(2) == 0).then(|| drawn(dice, 3)),
        },
        87..92 => Step::Forge { client, document, forgery: forgery(dice) },
        92 => Step::Replay { client, message: drawn(dice, 16) },
        93 => Step::Log { server, document, value: drawn(dice, 5) },
        94 => Step::Scores { variant: drawn(dice, 3) },
        95 => Step::Close { server, document },
        96 | 97 => Step::Crash { server, after: drawn(dice, 6), arrives: dice.roll(2) == 0 },
        _ => Step::Tick { seconds: [1, 5, 11, 60, -30][dice.roll(5) as usize] },
    }
}

fn outcome(dice: &mut Dice) -> Outcome {
    match dice.roll(8) {
        0 | 1 => Outcome::Unavailable,
        2 => Outcome::Lost,
        _ => Outcome::Stored,
    }
}

fn act(dice: &mut Dice) -> Act {
    let n = drawn(dice, 4);
    match dice.roll(26) {
        0..5 => Act::Score(n),
        5 => Act::Withdraw,
        6 => Act::Option(n),
        7 | 8 => Act::Choose(n),
        9 => Act::Note(n),
        10 | 11 => Act::Expected(n),
        12 => Act::Unset,
        13 => Act::Field(n),
        14 | 15 => Act::Type(n),
        16 => Act::Tag(n),
        17 => Act::Comment(n),
        18 => Act::Rewrite(n),
        19 => [Act::Delete(n), Act::Resolve(n)][dice.roll(2) as usize],
        20 => Act::Status(n),
        21 => [Act::Assign(n), Act::Unassign(n)][dice.roll(2) as usize],
        22 => [Act::Complete, Act::Uncomplete][dice.roll(2) as usize],
        23 => Act::OutOfRange,
        24 => Act::OthersScore(n),
        _ => Act::Score(n),
    }
}

fn forgery(dice: &mut Dice) -> Forgery {
    let n = drawn(dice, 4);
    match dice.roll(15) {
        0 => Forgery::OthersScore(n),
        1 => Forgery::Stolen(n),
        2 => Forgery::ServersReplica,
        3 => Forgery::Sequence,
        4 => Forgery::UnknownDependency,
        5 => Forgery::Root,
        6 => Forgery::Oversized,
        7 => Forgery::Checksum,
        8 => Forgery::Future,
        9 => Forgery::Clock,
        10 => Forgery::Range,
        11 => Forgery::Orphan,
        12 => Forgery::Backwards,
        13 => Forgery::Document,
        _ => Forgery::Garbage,
    }
}
