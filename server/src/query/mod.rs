//! Reading: rows and traces in the shapes of the API, pages and their cursors.

pub mod btql;
pub mod conditions;
pub mod cursor;
pub mod english;
pub mod event;
pub mod export;
pub mod names;
pub mod shape;
pub mod sieve;
