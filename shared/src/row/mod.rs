//! A row as logged, and the rules by which writes change it.
//!
//! Nothing here knows of reviews: what people decide about a row lives in its review document and is laid over the row when it is read.

pub mod cell;
mod fields;
pub mod limits;
pub mod merge;
pub mod model;
pub mod parse;
#[cfg(test)]
mod properties;

pub use fields::score_name_problem;
pub use merge::apply;
pub use model::{ArrayDelete, AuditSource, CommentWrite, Mode, Row, RowFeedback, RowWrite, Spans, Write};
pub use parse::{Address, Parsed, Refusal, parse, parse_object};
