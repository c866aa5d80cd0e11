//! Which rows a sample takes: a hash of their id and the seed decides, so the same seed takes the same rows on every machine and in
//! every version, whatever else was written since.

use std::collections::BinaryHeap;

use super::{ANSWER_BYTES, ROWS, TooMuch};
use crate::filter::query::{Sample, SampleSize};

/// Bytes of rows that a sample holds until all were seen.
const SAMPLE_BYTES: usize = 2 * ANSWER_BYTES;

/// A number from a text that looks random (FNV-1a, then the finish of splitmix64).
pub(super) fn hash(seed: u64, text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// What was taken so far.
#[derive(Debug)]
pub(super) enum Sampler<T> {
    /// All.
    All,
    /// Those whose hash is below.
    Rate(u64, f64),
    /// Those with the smallest hashes; the largest on top.
    Count { seed: u64, count: usize, kept: BinaryHeap<Ranked<T>>, seen: usize, bytes: usize },
}

#[derive(Debug)]
pub(super) struct Ranked<T> {
    rank: (u64, usize),
    weight: usize,
    item: T,
}

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl<T> Eq for Ranked<T> {}

impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl<T> Sampler<T> {
    pub(super) fn new(sample: Option<&Sample>) -> Self {
        match sample {
            None => Self::All,
            Some(Sample { size, seed }) => {
                let seed = seed.unwrap_or(0).cast_unsigned();
                match size {
                    SampleSize::Rate(rate) => Self::Rate(seed, *rate),
                    SampleSize::Count(count) => {
                        let count = usize::try_from(*count).unwrap_or(usize::MAX);
                        Self::Count { seed, count, kept: BinaryHeap::new(), seen: 0, bytes: 0 }
                    }
                }
            }
        }
    }

    /// Takes what is taken at once; what may yet be taken waits for [`Self::rest`].
    pub(super) fn offer(&mut self, id: &str, weight: usize, item: T) -> Result<Option<T>, TooMuch> {
        match self {
            Self::All => Ok(Some(item)),
            Self::Rate(seed, rate) => {
                // 53 bits: every such number is exact.
                let place = (hash(*seed, id) >> 11) as f64 / (1_u64 << 53) as f64;
                Ok((place < *rate).then_some(item))
            }
            Self::Count { seed, count, kept, seen, bytes } => {
                if *count > ROWS {
                    return Err(TooMuch::Rows);
                }
                *seen += 1;
                *bytes += weight;
                kept.push(Ranked { rank: (hash(*seed, id), *seen), weight, item });
                if kept.len() > *count {
                    *bytes -= kept.pop().map_or(0, |left| left.weight);
                }
                if *bytes > SAMPLE_BYTES { Err(TooMuch::Rows) } else { Ok(None) }
            }
        }
    }

    /// What a count took, in the order in which it was offered.
    pub(super) fn rest(self) -> Vec<T> {
        match self {
            Self::All | Self::Rate(..) => Vec::new(),
            Self::Count { kept, .. } => {
                let mut kept = kept.into_vec();
                kept.sort_by_key(|ranked| ranked.rank.1);
                kept.into_iter().map(|ranked| ranked.item).collect()
            }
        }
    }
}
