//! Finding rows: what an index knows of each ([`Label`], [`mod@terms`]), what a filter says in those words ([`Sieve`]), and what
//! a store answers.
//!
//! A sieve lets through every row that a filter matches, and maybe others: whoever asks evaluates the filter on what comes.
//! So an index may know less than a filter says, and never more.

pub mod label;
pub mod sieve;
pub mod terms;

use std::time::Instant;

use async_trait::async_trait;
use concord_shared::ids::ObjectRef;

pub use self::label::Label;
pub use self::sieve::{Leaf, Sieve};
use super::rows::{FullRow, TraceLine};
use super::store::StoreError;

/// Rows that passed a sieve.
#[derive(Debug, Default)]
pub struct Sifted {
    /// Each with its place, the most recently arrived first.
    pub rows: Vec<(i64, FullRow)>,
    /// Rows of this place and below were not looked at; `None`: all were.
    pub next: Option<i64>,
}

/// Traces made in one stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Volume {
    /// Roots.
    pub rows: i64,
    /// Among them, those that logged an error.
    pub errors: i64,
}

/// Searching the rows of an object.
#[async_trait]
pub trait SearchStore: Send + Sync {
    /// Rows of places below `before` that pass, at most `limit` of them, by place, largest first. Ends early at `deadline`.
    async fn sift(
        &self,
        object: ObjectRef,
        sieve: &Sieve,
        before: i64,
        limit: u32,
        deadline: Instant,
    ) -> Result<Sifted, StoreError>;

    /// Traces as lists show them, those of `roots` whose root has arrived, in that order.
    async fn trace_lines(&self, object: ObjectRef, roots: &[String]) -> Result<Vec<TraceLine>, StoreError>;

    /// Labels of an object by prefix, such as `t:`, with the number of their rows counted to `most`; by name, at most `limit`.
    async fn labels(
        &self,
        object: ObjectRef,
        prefix: &str,
        limit: u32,
        most: u32,
    ) -> Result<Vec<(String, u64)>, StoreError>;

    /// Roots of traces that were made in stretches of `width` microseconds from `from` on, `count` of them.
    async fn volume(&self, object: ObjectRef, from: i64, width: i64, count: u32) -> Result<Vec<Volume>, StoreError>;

    /// Rows that full text does not have yet; they are found by looking at them.
    async fn full_text_behind(&self) -> Result<i64, StoreError> {
        Ok(0)
    }

    /// When the first and the last trace were made, in microseconds.
    async fn span_of_time(&self, object: ObjectRef) -> Result<Option<(i64, i64)>, StoreError>;
}
