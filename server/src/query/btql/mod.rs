//! Queries of the filter language over stored rows.
//!
//! A page looks at rows that an index lets through, the most recently arrived first, and evaluates the filter on them; conditions on ids
//! are looked up instead. The rows that one page looks at are bounded: a page that met the bound has a cursor and says so.
//! Queries that group, unpivot, sample or sum traces up ([`compute`]) read all of an object within bounds of their own.

mod arrivals;
pub mod compute;
pub mod lookup;
mod order;
pub mod plan;
pub mod select;
pub mod walk;

pub use plan::{Plan, Wish};
pub use walk::{Page, Source, Walk};
