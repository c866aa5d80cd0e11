//! What a project wants judged, and what a value for it may be.

pub mod combine;
pub mod computed;
pub mod config;
pub mod shape;
pub mod value;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::ObjectType;

/// A score as configured: the parts that decide what a value may be and how values combine.
/// Everything else of `project_score` (description, position, visibility …) is the API's and stays there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Unique in its project; the key under `scores`.
    pub name: String,
    /// What kind of value.
    pub kind: ScoreKind,
    /// How the values of several reviewers become one.
    #[serde(default)]
    pub combine: Combine,
    /// Kinds of objects whose rows are judged by it; empty: all that can be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub object_types: Vec<ObjectType>,
}

impl Score {
    /// Why rows of a kind of object are not judged by this score; `None`: they are. Records of datasets have no scores of their
    /// own, so they take only what is written elsewhere.
    pub fn unasked(&self, of: ObjectType) -> Option<String> {
        let name = &self.name;
        if !self.object_types.is_empty() && !self.object_types.contains(&of) {
            let listed: Vec<&str> = self.object_types.iter().map(|kind| kind.as_str()).collect();
            return Some(format!("score {name:?} is asked on rows of {} (config.object_types)", listed.join(", ")));
        }
        let written = matches!(self.kind, ScoreKind::Expected { .. } | ScoreKind::FreeForm { .. });
        (of == ObjectType::Dataset && !written).then(|| {
            format!("rows of datasets take choices that are written to expected and free-form texts; score {name:?} is neither")
        })
    }
}

/// The scores that rows of a kind of object are judged by.
pub fn asked(scores: &Arc<[Score]>, of: ObjectType) -> Arc<[Score]> {
    if scores.iter().all(|score| score.unasked(of).is_none()) {
        return scores.clone();
    }
    scores.iter().filter(|score| score.unasked(of).is_none()).cloned().collect()
}

/// What kind of value a score takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ScoreKind {
    /// A number from 0 to 1.
    Slider,
    /// One of the options; its number is stored.
    Categorical {
        /// In the order of the configuration.
        options: Vec<ScoreOption>,
    },
    /// An option name, or several, written into `expected`; no number.
    Expected {
        /// In the order of the configuration.
        options: Vec<ScoreOption>,
        /// Whether several may be chosen.
        multi: bool,
    },
    /// Text, shown in the row's metadata.
    FreeForm {
        /// Keys below `metadata`.
        path: Vec<String>,
    },
    /// Computed: the average of other scores by their weights.
    Weighted {
        /// Names of scores and what each counts.
        weights: Vec<(String, f64)>,
    },
    /// Computed: the smallest of other scores.
    Minimum {
        /// Their names.
        of: Vec<String>,
    },
    /// Computed: the largest of other scores.
    Maximum {
        /// Their names.
        of: Vec<String>,
    },
    /// A number from 0 to 1 that automation logs; its instructions are kept for those who run it.
    Online,
}

/// A choice of a categorical score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreOption {
    /// Unique in its score.
    pub name: String,
    /// 0 to 1, unique in its score; without meaning for scores that write to expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

/// How the judgements of members become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Combine {
    /// Arithmetic mean: what Braintrust shows.
    #[default]
    Mean,
    /// The middle value; the mean of the two middle ones when their number is even.
    Median,
    /// The most frequent value; the smaller mean-nearest one of a tie.
    Majority,
    /// The one judged last.
    Latest,
}
