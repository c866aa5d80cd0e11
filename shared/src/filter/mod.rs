//! The filter language: BTQL expressions and queries (braintrust-compat 4).
//!
//! Text (native or SQL) and JSON trees become one tree ([`ast`], [`mod@query`]), which is checked ([`mod@check`]), evaluated on a row in
//! memory ([`eval`]) and printed again ([`mod@print`]). Every error says where it is, what was found and what would fit. Size and depth are
//! bounded where a tree is made, so whatever walks it may recurse.

pub mod ast;
pub mod check;
pub mod compute;
pub mod english;
pub mod error;
pub mod eval;
#[cfg(test)]
mod examples;
pub mod functions;
pub mod json;
pub mod known;
mod lexer;
#[cfg(test)]
mod mistakes;
pub mod parser;
pub mod parts;
pub mod print;
pub mod query;
#[cfg(test)]
mod tests;

pub use ast::{Expr, Kind};
pub use check::{Aliases, Place, check};
pub use error::{FilterError, Position};
pub use eval::{Clock, Scope, matches};
pub use lexer::TEXT_BYTES;
pub use query::Query;
