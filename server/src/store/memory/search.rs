//! Searching, row by row.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Instant;

use async_trait::async_trait;
use concord_shared::ids::ObjectRef;

use super::{Data, MemoryStore, StoredRow};
use crate::domain::rows::TraceLine;
use crate::domain::search::sieve::Facts;
use crate::domain::search::terms::Terms;
use crate::domain::search::{SearchStore, Sieve, Sifted, Volume};
use crate::domain::store::StoreError;

impl Data {
    /// Rows that pass, the most recently arrived first.
    fn passing(&self, object: ObjectRef, sieve: &Sieve) -> Vec<&StoredRow> {
        let here = self.rows.iter().filter(|((of, _), row)| *of == object && !row.row.deleted);
        let mut rows: Vec<&StoredRow> =
            here.map(|(_, row)| row).filter(|row| sieve.passes(&self.facts(object, row))).collect();
        rows.sort_by_key(|row| Reverse(row.place));
        rows
    }

    fn facts(&self, object: ObjectRef, row: &StoredRow) -> Facts {
        let review = self.review_of.get(&(object, row.row.id.clone())).and_then(|document| self.reviews.get(document));
        let mut terms = Terms::of_logged(&row.row.logged);
        terms.extend(&review.map(|review| Terms::of_comments(&review.state)).unwrap_or_default());
        Facts {
            terms: terms.as_str().split_whitespace().map(str::to_owned).collect(),
            labels: row.derived.labels.clone(),
            scores: row.derived.scores.iter().map(|score| (score.score.clone(), score.value)).collect(),
            created: row.row.created,
        }
    }
}

#[async_trait]
impl SearchStore for MemoryStore {
    async fn sift(
        &self,
        object: ObjectRef,
        sieve: &Sieve,
        before: i64,
        limit: u32,
        _: Instant,
    ) -> Result<Sifted, StoreError> {
        let data = self.data();
        let passing = data.passing(object, sieve).into_iter().filter(|row| row.place < before);
        let rows: Vec<_> = passing.take(limit as usize).map(|row| (row.place, data.full(object, row))).collect();
        let next = rows.last().filter(|_| rows.len() == limit as usize).map(|(place, _)| *place);
        Ok(Sifted { rows, next })
    }

    async fn trace_lines(&self, object: ObjectRef, roots: &[String]) -> Result<Vec<TraceLine>, StoreError> {
        let data = self.data();
        let first = |root: &String| {
            let spans = data.spans(object, root).into_iter().filter(|span| span.row.is_root());
            spans.min_by_key(|span| span.place).map(|span| data.trace_line(object, span))
        };
        Ok(roots.iter().filter_map(first).collect())
    }

    async fn labels(
        &self,
        object: ObjectRef,
        prefix: &str,
        limit: u32,
        most: u32,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let data = self.data();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for row in data.passing(object, &Sieve::All) {
            for label in row.derived.labels.iter().filter(|label| label.starts_with(prefix)) {
                *counts.entry(label.clone()).or_default() += 1;
            }
        }
        Ok(counts.into_iter().take(limit as usize).map(|(text, rows)| (text, rows.min(most as usize) as u64)).collect())
    }

    async fn volume(&self, object: ObjectRef, from: i64, width: i64, count: u32) -> Result<Vec<Volume>, StoreError> {
        let mut volumes = vec![Volume::default(); count as usize];
        let data = self.data();
        for root in data.roots(object).into_iter().filter(|root| root.row.created.0 >= from) {
            if let Some(volume) = volumes.get_mut(((root.row.created.0 - from) / width) as usize) {
                volume.rows += 1;
                volume.errors += i64::from(root.line.error.is_some());
            }
        }
        Ok(volumes)
    }

    async fn span_of_time(&self, object: ObjectRef) -> Result<Option<(i64, i64)>, StoreError> {
        let data = self.data();
        let made: Vec<i64> = data.roots(object).iter().map(|root| root.row.created.0).collect();
        Ok(made.iter().min().copied().zip(made.iter().max().copied()))
    }
}
