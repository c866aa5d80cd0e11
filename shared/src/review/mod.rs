//! The review document: its keys, its seed, its typed reading, its edits, and what it makes of a logged row.

pub mod state;
