//! Inputs that are kept: the seeds, and what fuzzing has found to reach new code or to break something. Kept as text,
//! one input a line, its name and its bytes in hex, so that a review shows what comes in.

use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::Target;
use crate::seeds::seeds;

/// Most inputs of one target that are kept.
pub const KEPT: usize = 200;

/// Longest input that is kept, in bytes.
pub const KEPT_BYTES: usize = 1024;

fn text(target: Target) -> &'static str {
    match target {
        Target::Frame => include_str!("../corpus/frame.txt"),
        Target::Message => include_str!("../corpus/message.txt"),
        Target::Change => include_str!("../corpus/change.txt"),
        Target::Gate => include_str!("../corpus/gate.txt"),
        Target::Row => include_str!("../corpus/row.txt"),
        Target::Filter => include_str!("../corpus/filter.txt"),
    }
}

/// Every known input of a target with its name.
pub fn inputs(target: Target) -> Vec<(String, Vec<u8>)> {
    let kept = text(target).lines().filter_map(|line| {
        let (name, hex) = line.split_once(' ')?;
        let bytes = (0..hex.len() / 2).map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok());
        Some((name.to_owned(), bytes.collect::<Option<Vec<u8>>>()?))
    });
    seeds(target).into_iter().chain(kept).collect()
}

/// Writes every known input of a target into a folder, a file each, as libFuzzer reads them.
pub fn unpack(target: Target, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    inputs(target).into_iter().try_for_each(|(name, bytes)| fs::write(folder.join(name), bytes))
}

/// The lines of a corpus for the files of a folder that are not seeds: named inputs first, then by size.
pub fn pack(target: Target, folder: &Path) -> io::Result<String> {
    let known = inputs(target);
    let seeds: Vec<Vec<u8>> = seeds(target).into_iter().map(|(_, bytes)| bytes).collect();
    let mut all = Vec::new();
    for file in fs::read_dir(folder)? {
        let bytes = fs::read(file?.path())?;
        if bytes.is_empty() || bytes.len() > KEPT_BYTES || seeds.contains(&bytes) {
            continue;
        }
        let name = known.iter().find(|(_, known)| *known == bytes).map(|(name, _)| name.clone());
        let hash = || Sha256::digest(&bytes)[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        all.push((name.unwrap_or_else(hash), bytes));
    }
    // Names that a person gave hold a hyphen.
    all.sort_by_key(|(name, bytes)| (!name.contains('-'), bytes.len(), name.clone()));
    // Small and large ones alike: what is left out, fuzzing finds again.
    let step = all.len().div_ceil(KEPT).max(1);
    let mut place = 0;
    all.retain(|(name, _)| {
        place += 1;
        name.contains('-') || place % step == 0
    });
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Ok(all.iter().map(|(name, bytes)| format!("{name} {}\n", hex(bytes))).collect())
}
