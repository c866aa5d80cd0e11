//! Which fields an expression reads, and which a write touches: what tells that a view need not look at a row again.

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::filter::ast::Step;
use concord_shared::filter::{Expr, Kind};
use concord_shared::ids::{ObjectRef, ProjectId};
use concord_shared::review::schema as key;
use concord_shared::row::{Mode, RowWrite};
use concord_shared::score::{Score, ScoreKind};

use super::store::{Commit, NewFact};

/// Names of scores stand under this.
const SCORES: &str = "scores";

/// Fields that any write of a row or of its review may change.
const ALWAYS: [&str; 5] = ["_xact_id", "_pagination_key", "review", "reviews", "audit_data"];

/// The fields that an expression reads: `scores.<name>`, or the top of a path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reads {
    fields: BTreeSet<String>,
    /// Whatever is written may matter.
    all: bool,
    /// What holds may change as time passes.
    pub clock: bool,
    /// It speaks of other spans of the trace.
    pub any_span: bool,
}

impl Reads {
    /// Of an expression that was checked.
    pub fn of(expr: &Expr) -> Self {
        let mut reads = Self::default();
        let mut stack = vec![expr];
        while let Some(expr) = stack.pop() {
            match &expr.kind {
                Kind::Path(steps) => reads.path(steps),
                Kind::AnySpan(_) => reads.any_span = true,
                Kind::Call { name, .. } => match name.as_str() {
                    "now" | "current_timestamp" | "current_date" => reads.clock = true,
                    // Looks through a row.
                    "search" => reads.all = true,
                    _ => {}
                },
                // Counted from now.
                Kind::Interval(_) => reads.clock = true,
                _ => {}
            }
            stack.extend(expr.kind.children());
        }
        reads
    }

    fn path(&mut self, steps: &[Step]) {
        match steps {
            [Step::Key(top), Step::Key(name), ..] if top == SCORES => {
                self.fields.insert(score(name));
            }
            [Step::Key(top), ..] if ALWAYS.contains(&top.as_str()) => self.all = true,
            [Step::Key(top), ..] => {
                let field = match top.as_str() {
                    "comment" => "comments",
                    "duration" | "latency" => "metrics",
                    "disagreement" | "judge_scores" => SCORES,
                    other => other,
                };
                self.fields.insert(field.to_owned());
            }
            _ => self.all = true,
        }
    }
}

/// Who reads which field.
#[derive(Debug, Default)]
pub struct Index {
    readers: BTreeMap<String, BTreeSet<u64>>,
    /// Of whom any write may matter.
    all: BTreeSet<u64>,
    everybody: BTreeSet<u64>,
}

impl Index {
    /// Adds a reader.
    pub fn add(&mut self, reader: u64, reads: &Reads) {
        self.everybody.insert(reader);
        if reads.all {
            self.all.insert(reader);
        }
        for field in &reads.fields {
            self.readers.entry(field.clone()).or_default().insert(reader);
        }
    }

    /// Takes a reader out.
    pub fn remove(&mut self, reader: u64) {
        self.everybody.remove(&reader);
        self.all.remove(&reader);
        self.readers.retain(|_, readers| {
            readers.remove(&reader);
            !readers.is_empty()
        });
    }

    /// Whose expressions may say something else of a row after that.
    pub fn met_by(&self, touch: &Touch) -> BTreeSet<u64> {
        let Some(touched) = &touch.fields else { return self.everybody.clone() };
        let mut met = self.all.clone();
        let mut add = |field: &str| met.extend(self.readers.get(field).into_iter().flatten());
        for field in touched {
            add(field);
            if field.starts_with("scores.") {
                add(SCORES);
            }
        }
        if touched.contains(SCORES) {
            let below =
                self.readers.range("scores.".to_owned()..).take_while(|(field, _)| field.starts_with("scores."));
            met.extend(below.flat_map(|(_, readers)| readers));
        }
        met
    }
}

fn score(name: &str) -> String {
    format!("{SCORES}.{name}")
}

/// What a write may have changed of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// Fields in the words of [`Reads`]; `None`: anything, for the row is new, replaced, moved or deleted.
    fields: Option<BTreeSet<String>>,
    /// A row that was not there, or was deleted, would be there now: a merge makes it.
    pub may_appear: bool,
}

impl Touch {
    /// Anything may have changed.
    pub const ALL: Self = Self { fields: None, may_appear: true };

    /// Of a write of a row.
    pub fn of_write(write: &RowWrite) -> Self {
        let moves = write.span_id.is_some() || write.root_span_id.is_some() || write.span_parents.is_some();
        match &write.mode {
            Mode::Merge { array_delete, .. } if !moves && write.created.is_none() && write.parent_id.is_none() => {
                let emptied = array_delete.iter().filter_map(|delete| delete.path.first());
                Self { fields: Some(write.fields.keys().chain(emptied).cloned().collect()), may_appear: true }
            }
            _ => Self::ALL,
        }
    }

    /// Of facts of a review.
    pub fn of_facts<'a>(facts: impl IntoIterator<Item = &'a NewFact>) -> Self {
        let mut fields = BTreeSet::new();
        let mut add = |names: &[&str]| fields.extend(names.iter().map(|name| (*name).to_owned()));
        for fact in facts {
            let mut parts = fact.path.split('/').skip(1);
            match parts.next().unwrap_or_default() {
                key::SCORES => match parts.nth(1) {
                    Some(name) => add(&[&score(&name.replace("~1", "/").replace("~0", "~"))]),
                    None => add(&[SCORES]),
                },
                key::EXPECTED => add(&["expected"]),
                key::FIELDS => add(&["metadata"]),
                key::TAGS => add(&["tags"]),
                key::COMMENTS => add(&["comments"]),
                // The words of review lists stand in the metadata as well.
                key::STATUS => add(&["__bt_review_lists", "metadata"]),
                key::ASSIGNEES => add(&["__bt_assignments", "metadata"]),
                // They show in `reviews` only, which counts as touched by every write.
                _ => {}
            }
        }
        Self { fields: Some(fields), may_appear: false }
    }

    /// Both.
    pub fn merge(&mut self, other: Self) {
        self.may_appear |= other.may_appear;
        match (&mut self.fields, other.fields) {
            (Some(mine), Some(more)) => mine.extend(more),
            (mine, _) => *mine = None,
        }
    }

    /// With what follows from the configuration: scores that are computed of others, choices that go to `expected`.
    pub fn with_consequences(mut self, configured: &[Score]) -> Self {
        if let Some(fields) = &mut self.fields
            && fields.iter().any(|field| field.starts_with(SCORES))
        {
            for known in configured {
                match &known.kind {
                    ScoreKind::Expected { .. } if fields.contains(&score(&known.name)) => {
                        fields.insert("expected".to_owned());
                    }
                    ScoreKind::Weighted { .. } | ScoreKind::Minimum { .. } | ScoreKind::Maximum { .. } => {
                        fields.insert(score(&known.name));
                    }
                    _ => {}
                }
            }
        }
        self
    }
}

/// What a batch may have changed, for those who follow an object.
#[derive(Debug, Clone)]
pub struct Touched {
    /// Where.
    pub object: ObjectRef,
    /// A row and what of it; `None`: any row, for the configuration of scores has changed.
    pub row: Option<(String, Touch)>,
}

/// What a commit that is stored may have changed.
pub fn touched(commit: &Commit) -> Vec<Touched> {
    match commit {
        Commit::Review(commit) => {
            let touch = Touch::of_facts(commit.changes.iter().flat_map(|change| &change.facts));
            vec![Touched { object: commit.key.object, row: Some((commit.key.row_id.clone(), touch)) }]
        }
        Commit::Rows(commit) => {
            let touch = |write: &RowWrite| Some((write.id.clone(), Touch::of_write(write)));
            commit.writes.iter().map(|write| Touched { object: commit.object, row: touch(write) }).collect()
        }
        Commit::Rederive(step) => vec![Touched { object: step.object, row: None }],
    }
}

impl Commit {
    /// Of which container.
    pub fn object(&self) -> ObjectRef {
        match self {
            Self::Review(commit) => commit.key.object,
            Self::Rows(commit) => commit.object,
            Self::Rederive(step) => step.object,
        }
    }

    /// Of which project.
    pub fn project(&self) -> ProjectId {
        match self {
            Self::Review(commit) => commit.key.project,
            Self::Rows(commit) => commit.project,
            Self::Rederive(step) => step.project,
        }
    }
}

#[cfg(test)]
mod tests {
    use concord_shared::filter::parser::expression;
    use serde_json::Value;

    use super::*;

    fn is_met(text: &str, touch: &Touch) -> bool {
        let reads = Reads::of(&expression(text).expect("an expression"));
        let mut index = Index::default();
        index.add(7, &reads);
        let met = index.met_by(touch).contains(&7);
        index.remove(7);
        assert!(index.met_by(touch).is_empty());
        met
    }

    fn facts(paths: &[&str]) -> Touch {
        let fact = |path: &&str| NewFact { path: (*path).to_owned(), from: Value::Null, to: Value::Null };
        Touch::of_facts(paths.iter().map(fact).collect::<Vec<_>>().iter())
    }

    #[test]
    fn what_is_judged_meets_those_who_read_it_and_nobody_else() {
        let tone = facts(&["/scores/0190/To~1ne"]);
        for (text, meets) in [
            ("scores.\"To/ne\" > 0.5", true),
            ("scores.Other > 0.5", false),
            ("scores is not null", true),
            ("tags includes 'a' or metadata.x = 1", false),
            ("review.status = 'complete'", true),
            ("search('late')", true),
        ] {
            assert_eq!(is_met(text, &tone), meets, "{text}");
        }
        assert!(is_met("comment match 'late'", &facts(&["/comments/1/text"])));
        assert!(is_met("__bt_assignments includes 'x'", &facts(&["/assignees/x"])));
        assert!(!is_met("tags includes 'x'", &facts(&["/notes/x/Tone", "/completed/x"])));
        assert!(is_met("tags includes 'x'", &Touch::ALL));
        let slider = Score { name: "Both".into(), kind: ScoreKind::Minimum { of: vec!["To/ne".into()] }, ..score_of() };
        assert!(is_met("scores.Both > 0", &tone.with_consequences(&[slider])));
        assert!(Reads::of(&expression("created > now() - interval 1 day").expect("one")).clock);
    }

    fn score_of() -> Score {
        concord_shared::score::config::parse("A", "slider", &Value::Null, &Value::Null).expect("a score")
    }
}
