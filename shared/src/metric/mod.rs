//! Counts and moments of the rows of an object, and their differences.
//!
//! A counter is an exact integer, so that differences add up to the same total in any order (rule R5). What is no sum (smallest
//! and largest value) is not counted but read from an index when it is shown.

pub mod counters;
pub mod data;

pub use counters::{CounterKey, Counters, ScoreCount, Source};
pub use data::{Extremes, metrics_data, review_data};
