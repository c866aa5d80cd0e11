//! Which table leads. A part of the sieve that few rows pass lists them all, and they are put in order; when every part is passed by
//! many, rows come by place from one that lists them so, and the other parts are asked of each.

use std::time::Instant;

use concord_shared::ids::ObjectRef;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::index::{Behind, Index};
use super::read;
use super::sql::{Builder, Source, Sql, full_text};
use crate::domain::search::{Sieve, Sifted, Tally};
use crate::domain::store::StoreError;

/// Rows that are listed and put in order rather than walked by place: some milliseconds.
const FEW: i64 = 5_000;

/// Places between two looks at the clock, where rows are walked.
const STRETCH: i64 = 100_000;

/// What rows come from, and what is asked of each.
struct Plan {
    source: Source,
    /// Rows of the source are few and listed at once.
    listed: bool,
    condition: Option<Sql>,
}

impl Plan {
    /// Without full text, `text` is false: then its terms are asked of nobody.
    fn of(builder: &Builder<'_>, sieve: &Sieve, text: bool) -> Result<Self, StoreError> {
        let parts = sieve.parts();
        let (texts, others): (Vec<&Sieve>, Vec<&Sieve>) = parts.iter().partition(|part| full_text(part).is_some());
        let mut sources: Vec<(Source, Option<usize>)> = Vec::new();
        if text && !texts.is_empty() {
            let all = Sieve::And(texts.into_iter().cloned().collect());
            sources.extend(full_text(&all).map(|text| (Source::Text(builder.within(&text)), None)));
        }
        for (index, part) in others.iter().enumerate() {
            if text || !has_text(part) {
                sources.extend(builder.source(part)?.map(|source| (source, Some(index))));
            }
        }
        let mut fewest: Option<(i64, usize)> = None;
        for (index, (source, _)) in sources.iter().enumerate() {
            let count = count(builder.conn, source, FEW)?;
            if count < FEW && fewest.is_none_or(|(least, _)| count < least) {
                fewest = Some((count, index));
            }
        }
        let placed = |source: &Source| match source {
            Source::Text(_) => true,
            Source::Rows { placed, .. } => *placed,
            Source::Nothing => false,
        };
        let (chosen, listed) = match fewest {
            Some((_, index)) => (Some(index), true),
            None => (sources.iter().position(|(source, _)| placed(source)), false),
        };
        let (source, asked) = match chosen {
            Some(index) => sources.swap_remove(index),
            None => (builder.all()?, None),
        };
        let rest = others.into_iter().enumerate().filter(|(index, _)| Some(*index) != asked);
        let rest = Sieve::and(rest.map(|(_, part)| part.clone()).collect());
        Ok(Self { source, listed, condition: builder.condition(&rest)? })
    }

    /// Places of rows from `from` to below `before`, largest first.
    fn places(&self, conn: &Connection, from: i64, before: i64, limit: u32) -> Result<Vec<i64>, StoreError> {
        let ends = [from.into(), before.into(), i64::from(limit).into()];
        let asked = self.condition.as_ref().map(|sql| format!(" and ({})", sql.text)).unwrap_or_default();
        let bound = self.condition.as_ref().map(|sql| sql.bound.clone()).unwrap_or_default();
        match &self.source {
            Source::Nothing => Ok(Vec::new()),
            Source::Text(text) => {
                let [from, before, limit] = ends;
                // The rowid of a row of full text by that name, so that conditions read as they do elsewhere.
                let asked = asked.replace("c.row", "c.rowid");
                let sql = format!(
                    "select c.rowid from search.row_text c where row_text match ? and c.rowid >= ? and c.rowid < ?{asked} \
                     order by c.rowid desc limit ?"
                );
                let bound = [vec![text.clone().into(), from, before], bound, vec![limit]].concat();
                places(conn, &sql, bound)
            }
            Source::Rows { sql, .. } => {
                let [from, before, limit] = ends;
                let text = format!(
                    "select c.row from ({}) c where c.row >= ? and c.row < ?{asked} order by c.row desc limit ?",
                    sql.text
                );
                places(conn, &text, [sql.bound.clone(), vec![from, before], bound, vec![limit]].concat())
            }
        }
    }
}

fn has_text(sieve: &Sieve) -> bool {
    use crate::domain::search::Leaf;
    match sieve {
        Sieve::Is(Leaf::Term(_)) => true,
        Sieve::And(parts) | Sieve::Or(parts) => parts.iter().any(has_text),
        _ => false,
    }
}

fn places(conn: &Connection, sql: &str, bound: Vec<Value>) -> Result<Vec<i64>, StoreError> {
    let mut select = conn.prepare_cached(sql)?;
    let rows = select.query_map(params_from_iter(bound), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many rows a source has, counted to `most`.
fn count(conn: &Connection, source: &Source, most: i64) -> Result<i64, StoreError> {
    let (text, mut bound) = match source {
        Source::Nothing => return Ok(0),
        Source::Text(text) => {
            ("select rowid from search.row_text where row_text match ?".to_owned(), vec![text.clone().into()])
        }
        Source::Rows { sql, .. } => (sql.text.clone(), sql.bound.clone()),
    };
    bound.push(most.into());
    let mut select = conn.prepare_cached(&format!("select count(*) from (select 1 from ({text}) limit ?)"))?;
    Ok(select.query_row(params_from_iter(bound), |row| row.get(0))?)
}

/// Rows that full text has rewritten since, those that pass what else is asked.
fn rewritten(
    builder: &Builder<'_>,
    sieve: &Sieve,
    behind: &Behind,
    from: i64,
    before: i64,
) -> Result<Vec<i64>, StoreError> {
    if behind.rewritten.is_empty() {
        return Ok(Vec::new());
    }
    let list = serde_json::to_string(&behind.rewritten).unwrap_or_default();
    let source = Source::Rows { sql: Sql::new("select value as row from json_each(?)", [list.into()]), placed: false };
    let plan = Plan { source, listed: true, condition: builder.condition(sieve)? };
    plan.places(builder.conn, from, before, u32::MAX)
}

/// Candidates by place, stretch by stretch.
pub(super) fn sift(
    conn: &Connection,
    index: &Index,
    object: ObjectRef,
    sieve: &Sieve,
    before: i64,
    limit: u32,
    deadline: Instant,
) -> Result<Sifted, StoreError> {
    let builder = Builder { conn, object };
    let mut found = Sifted::default();
    let highest: i64 = conn.prepare_cached("select coalesce(max(pk), 0) from row")?.query_row([], |row| row.get(0))?;
    let mut before = before.min(highest + 1);
    let mut sections = Vec::new();
    if has_text(sieve) {
        let behind = index.behind();
        if before > behind.after + 1 {
            sections.push((Plan::of(&builder, sieve, false)?, behind.after + 1, Vec::new()));
        }
        let rewritten = rewritten(&builder, sieve, &behind, 0, before)?;
        sections.push((Plan::of(&builder, sieve, true)?, 0, rewritten));
    } else {
        sections.push((Plan::of(&builder, sieve, false)?, 0, Vec::new()));
    }
    for (plan, from, mut late) in sections {
        while before > from {
            let start = if plan.listed { from } else { from.max(before - STRETCH) };
            let wanted = limit - found.rows.len() as u32;
            let mut places = plan.places(conn, start, before, wanted)?;
            let full = places.len() == wanted as usize;
            if !late.is_empty() {
                let end = if full { places.last().copied().unwrap_or(start) } else { start };
                let (now, later): (Vec<i64>, Vec<i64>) =
                    late.into_iter().partition(|place| *place >= end && *place < before);
                late = later;
                places.extend(now);
                places.sort_unstable_by(|a, b| b.cmp(a));
                places.dedup();
            }
            for place in places {
                if found.rows.len() == limit as usize {
                    break;
                }
                found.rows.extend(read::row(conn, object, place)?.map(|row| (place, row)));
                before = place;
            }
            if found.rows.len() == limit as usize {
                found.next = Some(before);
                return Ok(found);
            }
            if !full {
                before = start;
            }
            if before > 0 && Instant::now() >= deadline {
                found.next = Some(before);
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// How many rows pass, counted to `most`.
pub(super) fn tally(
    conn: &Connection,
    index: &Index,
    object: ObjectRef,
    sieve: &Sieve,
    most: u32,
) -> Result<Tally, StoreError> {
    let builder = Builder { conn, object };
    let counted = |plan: &Plan, from: i64, before: i64, most: u32| plan.places(conn, from, before, most);
    let mut rows = 0;
    if has_text(sieve) {
        let behind = index.behind();
        rows += counted(&Plan::of(&builder, sieve, false)?, behind.after + 1, i64::MAX, most)?.len();
        rows += rewritten(&builder, sieve, &behind, 0, behind.after + 1)?.len();
        rows += counted(&Plan::of(&builder, sieve, true)?, 0, behind.after + 1, most)?.len();
    } else {
        rows += counted(&Plan::of(&builder, sieve, false)?, 0, i64::MAX, most)?.len();
    }
    let rows = rows.min(most as usize);
    Ok(Tally { rows: rows as u64, exact: rows < most as usize })
}
