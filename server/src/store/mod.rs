//! SQL and nothing else: implementations of the domain's store traits.

#[cfg(test)]
pub(crate) mod contract;
#[cfg(test)]
pub(crate) mod memory;
pub mod sqlite;
