//! Reading the rows of a view: at its start, and whenever what is known of it may be wrong.

use std::time::{Duration, Instant};

use concord_shared::filter::{Clock, Expr, Scope, matches};

use super::board::Looked;
use super::window::{COUNTED, Reading, Window};
use crate::domain::store::{Store, StoreError};
use crate::query::event::Context;
use crate::query::sieve::sieve;

/// Rows that are read at a time.
const CHUNK: u32 = 500;

/// Most rows that are looked at; older ones are not followed then, and the total is "at least".
const LOOKED: usize = 20_000;

/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The newest matching rows of an object, and how many there are.
pub(super) async fn read(
    store: &dyn Store,
    context: Context<'_>,
    filter: &Expr,
    limit: usize,
    clock: Clock,
) -> Result<Reading, StoreError> {
    let deadline = Instant::now() + PATIENCE;
    let (sieve, hold) = (sieve(filter, clock), Window::to_hold(limit));
    let (mut reading, mut before, mut looked) = (Reading::default(), i64::MAX, 0);
    loop {
        let sifted = store.sift(context.object, &sieve, before, CHUNK, deadline).await?;
        for (place, row) in &sifted.rows {
            let row = Looked::new(*place, row, context);
            looked += 1;
            if !matches(filter, Scope { row: row.event(), clock }) {
                continue;
            }
            reading.matching.insert(*place);
            if reading.rows.len() < hold {
                reading.rows.insert(*place, row.shown());
            }
            if reading.matching.len() >= COUNTED {
                (reading.floor, reading.more) = (Some(*place), true);
                return Ok(reading);
            }
        }
        let Some(next) = sifted.next else { return Ok(reading) };
        before = next;
        if looked >= LOOKED || Instant::now() >= deadline {
            reading.floor = Some(next);
            return Ok(reading);
        }
    }
}
