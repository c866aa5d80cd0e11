//! A whole query: the same tree from clauses, SQL and JSON.

use super::ast::Expr;

/// What is asked of which rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// Fields to return; empty: nothing was said.
    pub select: Vec<Column>,
    /// Paths whose values and types are asked for.
    pub infer: Vec<Expr>,
    /// Keys to group by.
    pub dimensions: Vec<Column>,
    /// Aggregates.
    pub measures: Vec<Column>,
    /// Measures to spread over columns.
    pub pivot: Vec<Column>,
    /// Objects and lists to turn into rows.
    pub unpivot: Vec<Unpivot>,
    /// Where rows come from; `None`: the context says.
    pub from: Option<Source>,
    /// Which rows.
    pub filter: Option<Expr>,
    /// Conditions on single spans, on traces, and on groups: of the tree only.
    pub more_filters: Vec<(MoreFilter, Expr)>,
    /// Order; empty: the newest first.
    pub sort: Vec<Sort>,
    /// Most rows of a page.
    pub limit: Option<u64>,
    /// Where the page begins.
    pub cursor: Option<String>,
    /// A part of the rows.
    pub sample: Option<Sample>,
    /// Characters of large fields; -1: all.
    pub preview_length: Option<i64>,
    /// What makes rows of two experiments the same.
    pub comparison_key: Option<Expr>,
    /// Further columns by name.
    pub custom_columns: Vec<Column>,
    /// Clauses that were given and that this version only knows by name.
    pub unread: Vec<&'static str>,
}

/// An expression under a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What.
    pub expr: Expr,
    /// Its name in the answer, if one was given.
    pub alias: Option<String>,
}

/// Filters beside `filter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoreFilter {
    /// `span_filter`.
    Span,
    /// `trace_filter`.
    Trace,
    /// `final_filter`, in SQL `having`.
    Final,
}

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// `project_logs`, `experiment`, `dataset` or another word.
    pub name: String,
    /// Ids of the containers.
    pub ids: Vec<String>,
    /// What a row of the answer is.
    pub shape: Option<Shape>,
}

/// What a row of the answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A span that matches.
    Spans,
    /// Every span of a trace of which one matches.
    Traces,
    /// A trace of which a span matches.
    Summary,
}

impl Shape {
    /// All.
    pub const ALL: [Self; 3] = [Self::Spans, Self::Traces, Self::Summary];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spans => "spans",
            Self::Traces => "traces",
            Self::Summary => "summary",
        }
    }

    /// Reads a word.
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.as_str().eq_ignore_ascii_case(text))
    }
}

/// One key of the order.
#[derive(Debug, Clone, PartialEq)]
pub struct Sort {
    /// By what.
    pub expr: Expr,
    /// Largest first.
    pub descending: bool,
}

/// An object or list to turn into rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Unpivot {
    /// The object or list.
    pub expr: Expr,
    /// Name of the key; `None`: only values are asked for.
    pub key: Option<String>,
    /// Name of the value.
    pub value: String,
}

/// A part of the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// How much.
    pub size: SampleSize,
    /// The same seed gives the same part.
    pub seed: Option<i64>,
}

/// How much is sampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SampleSize {
    /// Of all rows, from 0 to 1.
    Rate(f64),
    /// So many rows.
    Count(u64),
}
