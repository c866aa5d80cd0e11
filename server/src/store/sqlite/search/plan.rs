//! Which table leads. A part of the sieve that few rows pass lists them all, and they are put in order; when every part is passed by
//! many, rows come by place from one that lists them so, and the other parts are asked of each.

use std::time::Instant;

use concord_shared::ids::ObjectRef;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::index::{Behind, Index};
use super::read;
use super::sql::{Builder, Source, Sql, full_text};
use crate::domain::search::{Leaf, Sieve, Sifted};
use crate::domain::store::StoreError;

/// Rows that are listed and put in order rather than walked by place: some milliseconds.
const FEW: i64 = 5_000;

/// Places between two looks at the clock, where rows are walked.
const STRETCH: i64 = 100_000;

/// Rows of a source that are counted, to choose the shorter of two that are walked.
const MANY: i64 = 50_000;

/// What rows come from, and what is asked of each.
struct Plan {
    source: Source,
    /// Rows of the source are few and listed at once.
    listed: bool,
    condition: Option<Sql>,
    /// Rows beside those of the source: of labels that are asked as an alternative to terms.
    beside: Vec<i64>,
}

impl Plan {
    /// Without full text, `text` is false: then its terms are asked of nobody.
    fn of(builder: &Builder<'_>, sieve: &Sieve, text: bool) -> Result<Self, StoreError> {
        let mut beside = Vec::new();
        let mut parts = Vec::new();
        for part in sieve.parts() {
            parts.push(if text { only_text(builder, part, &mut beside)? } else { part.clone() });
        }
        let (texts, others): (Vec<Sieve>, Vec<Sieve>) = parts.into_iter().partition(|part| full_text(part).is_some());
        let mut sources: Vec<(Source, Option<usize>)> = Vec::new();
        if text && !texts.is_empty() {
            sources.extend(full_text(&Sieve::And(texts)).map(|text| (Source::Text(builder.within(&text)), None)));
        }
        for (index, part) in others.iter().enumerate() {
            if text || !has_text(part) {
                sources.extend(builder.source(part)?.map(|source| (source, Some(index))));
            }
        }
        let mut counts = Vec::with_capacity(sources.len());
        for (source, _) in &sources {
            counts.push(count(builder.conn, source, FEW)?);
        }
        let least = counts.iter().enumerate().min_by_key(|(_, count)| **count).filter(|(_, count)| **count < FEW);
        let (chosen, listed) = match least {
            Some((index, _)) => (Some(index), true),
            None => (shortest(builder, &sources)?, false),
        };
        let (source, asked) = match chosen {
            Some(index) => sources.swap_remove(index),
            None => (builder.all()?, None),
        };
        let rest = others.into_iter().enumerate().filter(|(index, _)| Some(*index) != asked);
        let rest = Sieve::and(rest.map(|(_, part)| part).collect());
        // Rows beside full text are only needed where it leads.
        if !matches!(source, Source::Text(_)) {
            beside.clear();
        }
        Ok(Self { source, listed, condition: builder.condition(&rest)?, beside })
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

/// Of sources that come by place, the one of the fewest rows.
fn shortest(builder: &Builder<'_>, sources: &[(Source, Option<usize>)]) -> Result<Option<usize>, StoreError> {
    let placed = sources.iter().enumerate().filter(|(_, (source, _))| match source {
        Source::Text(_) => true,
        Source::Rows { placed, .. } => *placed,
        Source::Nothing => false,
    });
    let placed: Vec<(usize, &Source)> = placed.map(|(index, (source, _))| (index, source)).collect();
    if let [(only, _)] = placed[..] {
        return Ok(Some(only));
    }
    let mut counted = Vec::with_capacity(placed.len());
    for (index, source) in placed {
        counted.push((count(builder.conn, source, MANY)?, index));
    }
    Ok(counted.into_iter().min().map(|(_, index)| index))
}

/// Terms or a label that few rows have, as terms alone; the rows of the label go beside. Other parts stay as they are.
fn only_text(builder: &Builder<'_>, part: &Sieve, beside: &mut Vec<i64>) -> Result<Sieve, StoreError> {
    let Sieve::Or(parts) = part else { return Ok(part.clone()) };
    let (texts, others): (Vec<Sieve>, Vec<Sieve>) = parts.iter().cloned().partition(|part| full_text(part).is_some());
    if texts.is_empty() || others.is_empty() {
        return Ok(part.clone());
    }
    let mut rows = Vec::new();
    for other in &others {
        match builder.source(other)? {
            Some(Source::Nothing) => {}
            Some(source @ Source::Rows { .. }) if count(builder.conn, &source, FEW)? < FEW => {
                let plan = Plan { source, listed: true, condition: None, beside: Vec::new() };
                rows.extend(plan.places(builder.conn, 0, i64::MAX, FEW as u32)?);
            }
            _ => return Ok(part.clone()),
        }
    }
    beside.extend(rows);
    Ok(Sieve::or(texts))
}

fn has_text(sieve: &Sieve) -> bool {
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
    let plan = Plan { source, listed: true, condition: builder.condition(sieve)?, beside: Vec::new() };
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
        let mut late = rewritten(&builder, sieve, &behind, 0, before)?;
        let plan = Plan::of(&builder, sieve, true)?;
        late.extend(&plan.beside);
        sections.push((plan, 0, late));
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
