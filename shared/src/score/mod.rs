//! What a project wants judged, and what a value for it may be.

pub mod combine;
pub mod config;
pub mod value;

use serde::{Deserialize, Serialize};

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
