//! Applies changes to a draft and looks at what became of it. automerge panics on some forged changes, and of others it
//! makes documents that save but never load again; nothing here touches the stored document.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{Automerge, Change, ExpandedChange};
use concord_shared::review::fact::{FactPath, find};
use concord_shared::review::{load, read};
use serde_json::Value;

use super::Fact;
use super::causal::knows;
use super::reason::Reason;

/// Reads a change, or says why not. Rebuilding a document writes every change anew: bytes that automerge would write
/// otherwise get another hash then, and the document does not load.
pub(super) fn read(bytes: &[u8]) -> Result<(Change, ExpandedChange), Reason> {
    let unreadable = Reason::Structure("its operations cannot be read");
    let read = guarded(|| {
        let change = Change::from_bytes(bytes.to_vec()).ok()?;
        let expanded = change.decode();
        let again = Change::from(expanded.clone());
        Some((again.raw_bytes() == bytes, change, expanded))
    });
    match read {
        Ok(Some((true, change, expanded))) => Ok((change, expanded)),
        Ok(Some((false, ..))) => Err(Reason::Structure("it is not written the way automerge writes")),
        Ok(None) | Err(_) => Err(unreadable),
    }
}

/// Applies changes in order. After an error `draft` is in pieces: throw it away.
pub fn apply(draft: &mut Automerge, changes: &[Change]) -> Result<(), Reason> {
    let applied = guarded(|| draft.apply_changes(changes.iter().cloned()))?;
    applied.map_err(|_| Reason::Unstorable("it contradicts the document"))?;
    // automerge keeps a change whose dependencies are missing in a queue, and says nothing.
    let all = changes.iter().all(|change| knows(draft, &change.hash()));
    if all { Ok(()) } else { Err(Reason::Unstorable("its dependencies are not met")) }
}

/// Whether the draft can be saved, loaded and read, and is then the same.
pub(super) fn round_trip(draft: &Automerge) -> Result<(), Reason> {
    let same = guarded(|| {
        let loaded = load(&draft.save_nocompress()).ok()?;
        // Reading walks the whole tree, which must not panic either.
        let state = read::read(&loaded);
        Some(loaded.get_heads() == draft.get_heads() && state == read::read(draft))
    })?;
    if same == Some(true) { Ok(()) } else { Err(Reason::Unstorable("the document would not load again")) }
}

/// A snapshot that is known to load, for the store.
pub fn checked_snapshot(doc: &Automerge) -> Result<Vec<u8>, String> {
    let saved = guarded(|| {
        let bytes = doc.save();
        let loaded = load(&bytes).map_err(|error| format!("a snapshot does not load: {error}"))?;
        if loaded.get_heads() == doc.get_heads() {
            Ok(bytes)
        } else {
            Err("a snapshot loads with other heads".to_owned())
        }
    });
    saved.unwrap_or_else(|_| Err("a snapshot cannot be made".to_owned()))
}

/// The facts at `paths` as they stand.
pub(super) fn look(doc: &Automerge, paths: &[FactPath]) -> Vec<Option<Value>> {
    paths.iter().map(|path| find(doc, path)).collect()
}

/// What `read` makes of a draft that may be broken in ways that only reading it shows.
pub(crate) fn guarded<T>(read: impl FnOnce() -> T) -> Result<T, Reason> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| Reason::Unstorable("it breaks the document"))
}

/// The facts that differ between two looks.
pub(super) fn differences(paths: Vec<FactPath>, before: Vec<Option<Value>>, after: Vec<Option<Value>>) -> Vec<Fact> {
    paths
        .into_iter()
        .zip(before.into_iter().zip(after))
        .filter(|(_, (before, after))| before != after)
        .map(|(path, (from, to))| Fact { path, from: from.unwrap_or_default(), to: to.unwrap_or_default() })
        .collect()
}
