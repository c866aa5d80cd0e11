//! The review document: its keys, its seed, its typed reading, its edits, and what it makes of a logged row.
//!
//! Nothing here decides who may write what: that is the gate's part (`server/src/domain/gate`).

pub mod edit;
pub mod effective;
pub mod fact;
pub mod json;
pub mod read;
pub mod schema;
pub mod seed;
pub mod state;

use automerge::{Automerge, AutomergeError, LoadOptions, TextEncoding};

/// How indexes into texts count: as JavaScript does, so that a cursor means the same place on both sides.
const TEXT_ENCODING: TextEncoding = TextEncoding::Utf16CodeUnit;

/// An empty document. Use this and [`load`] instead of automerge's own constructors, which count text differently.
pub fn empty() -> Automerge {
    Automerge::new_with_encoding(TEXT_ENCODING)
}

/// Loads a snapshot and changes in any concatenation; heads and hashes are verified.
pub fn load(bytes: &[u8]) -> Result<Automerge, AutomergeError> {
    Automerge::load_with_options(bytes, LoadOptions::new().text_encoding(TEXT_ENCODING))
}
