//! The Concord server. `ARCHITECTURE.md` beside this folder has the map, the life of a change and the numbered rules.

pub mod domain;
pub mod store;
