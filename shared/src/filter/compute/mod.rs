//! Queries that answer with more than rows as they are: groups and their measures, unpivoted rows, samples, summaries of traces,
//! what values a path has. Pure: traces go in one after the other ([`Run::trace`]), the answer comes out at the end ([`Run::finish`]).
//!
//! In the order of a query: the filter chooses spans (or traces by them), the sample a part of them, `unpivot` makes several rows of
//! one, conditions on unpivoted names choose among those, then they are grouped or shown, and `final_filter` (`having`) chooses
//! among what is shown, which is then sorted and limited.

pub mod group;
pub mod infer;
pub mod plan;
pub mod preview;
pub mod run;
pub mod sample;
pub mod summary;
pub mod tally;
#[cfg(test)]
mod tests;
mod unpivot;

pub use plan::{Compute, name_of};
pub use run::{Flow, Run};

/// Most groups of an answer.
pub const GROUPS: usize = 10_000;

/// Bytes that keys of groups may take together.
pub const KEY_BYTES: usize = 16 << 20;

/// Values that `count_distinct` and `percentile` may hold together: each takes 8 to 32 bytes.
pub const HELD: usize = 2_000_000;

/// Rows that `unpivot` may make of all rows together.
pub const UNPIVOTED: usize = 2_000_000;

/// Bytes of rows that are held for the answer.
pub const ANSWER_BYTES: usize = 32 << 20;

/// Most rows of an answer, and most that a sample may hold.
pub const ROWS: usize = 10_000;

/// What an answer would need more of than is given to one query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// Of groups.
    #[error("has more than {GROUPS} groups; group by something coarser, such as day(created), or filter before")]
    Groups,
    /// Of bytes in the keys of groups.
    #[error(
        "groups by values that take more than 16 MiB together; group by a part of them, such as substring(input, 1, 100)"
    )]
    Keys,
    /// Of values in memory.
    #[error(
        "counts more than {HELD} distinct or ranked values; narrow it by a filter, or take a sample such as sample: 10%"
    )]
    Held,
    /// Of rows from `unpivot`.
    #[error("unpivots into more than {UNPIVOTED} rows; narrow it by a filter, or take a sample such as sample: 10%")]
    Unpivoted,
    /// Of rows to sort, or to choose a sample from.
    #[error("needs more than {ROWS} rows or 32 MiB at once; narrow it by a filter, or select less of each row")]
    Rows,
    /// Of columns from `pivot`.
    #[error("spreads over more than 1000 columns; pivot a dimension with fewer values")]
    Columns,
    /// An expression grew while it was settled on a trace.
    #[error(transparent)]
    Filter(#[from] super::FilterError),
}
