//! Groups of rows and what is measured of each.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::plan::{checked, name_of};
use super::tally::{Aggregate, Tally, key_of};
use super::{GROUPS, HELD, KEY_BYTES, TooMuch};
use crate::filter::ast::{Expr, Kind, Step};
use crate::filter::check::{Aliases, Place};
use crate::filter::error::{FilterError, did_you_mean};
use crate::filter::eval::{self, Clock, Scope};
use crate::filter::functions::{Role, role};
use crate::filter::query::Column;

type Row = Map<String, Value>;

/// How rows are grouped.
#[derive(Debug, Clone)]
pub struct Grouping {
    dimensions: Vec<(String, Expr)>,
    /// Over [`slot`]s of dimensions and aggregates.
    measures: Vec<(String, Expr)>,
    aggregates: Vec<(Aggregate, Option<Expr>)>,
    spread: Option<Spread>,
    made: Vec<String>,
}

/// One dimension whose values become columns.
#[derive(Debug, Clone)]
struct Spread {
    dimension: usize,
    measures: Vec<String>,
}

/// Most columns that one dimension becomes.
const SPREAD: usize = 1000;

/// A name that no row has.
fn slot(kind: char, name: impl std::fmt::Display) -> String {
    format!("\0{kind}{name}")
}

fn path_to(name: String, rest: &[Step], like: &Expr) -> Result<Expr, FilterError> {
    Expr::new(Kind::Path(std::iter::once(Step::Key(name)).chain(rest.iter().cloned()).collect()), like.at)
}

impl Grouping {
    /// Reads dimensions, measures and what of them is spread; `made`: names that rows have beside their fields.
    pub(super) fn of(
        dimensions: &[Column],
        measures: &[Column],
        pivot: &[Column],
        made: impl Iterator<Item = String>,
    ) -> Result<Self, FilterError> {
        let mut grouping = Self {
            dimensions: Vec::new(),
            measures: Vec::new(),
            aggregates: Vec::new(),
            spread: None,
            made: made.collect(),
        };
        let aliases = Aliases::of(dimensions).with(grouping.made.clone());
        for column in dimensions {
            let expr = checked(&column.expr, Place::Row, &Aliases::default().with(grouping.made.clone()))?;
            grouping.name(column)?;
            grouping.dimensions.push((column_name(column), expr));
        }
        for column in measures {
            let expr = checked(&column.expr, Place::Measure, &aliases)?;
            let expr = grouping.lift(&expr, false)?;
            grouping.name(column)?;
            grouping.measures.push((column_name(column), expr));
        }
        grouping.spread(pivot)?;
        Ok(grouping)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.dimensions.iter().chain(&self.measures).map(|(name, _)| name.as_str())
    }

    fn name(&self, column: &Column) -> Result<(), FilterError> {
        let name = column_name(column);
        if self.names().any(|known| known == name) {
            let message = format!("two columns are called {name}; name one of them with as");
            return Err(FilterError::at(column.expr.at, message));
        }
        Ok(())
    }

    fn spread(&mut self, pivot: &[Column]) -> Result<(), FilterError> {
        if pivot.is_empty() {
            return Ok(());
        }
        let mut spread = Spread { dimension: 0, measures: Vec::new() };
        let mut dimension = None;
        for column in pivot {
            let name = column_name(column);
            if let Some(place) = self.dimensions.iter().position(|(known, expr)| *known == name || *expr == column.expr)
            {
                dimension = Some(place);
                continue;
            }
            if !self.measures.iter().any(|(known, _)| *known == name) {
                let known = did_you_mean(&name, self.names());
                let message = format!("pivot wants a measure or a dimension of this query; {name} is neither{known}");
                return Err(FilterError::at(column.expr.at, message));
            }
            spread.measures.push(name);
        }
        let last = self.dimensions.len().checked_sub(1).ok_or_else(|| {
            FilterError::at(pivot[0].expr.at, "pivot spreads measures over a dimension; say dimensions as well")
        })?;
        spread.dimension = dimension.unwrap_or(last);
        if spread.measures.is_empty() {
            spread.measures = self.measures.iter().map(|(name, _)| name.clone()).collect();
        }
        self.spread = Some(spread);
        Ok(())
    }

    /// An expression about rows of the answer: their columns by name, and aggregates.
    pub(super) fn of_answer(&mut self, expr: &Expr) -> Result<Expr, FilterError> {
        let names: Vec<String> = self.names().map(str::to_owned).collect();
        let made = self.made.clone();
        let expr = checked(expr, Place::Measure, &Aliases::default().with(names).with(made))?;
        self.lift(&expr, true)
    }

    /// The same over slots: of columns where they have names, of dimensions, of aggregates.
    fn lift(&mut self, expr: &Expr, by_name: bool) -> Result<Expr, FilterError> {
        let (dimensions, aggregates) = (&self.dimensions, &mut self.aggregates);
        let measures = &self.measures;
        let names: Vec<&str> = dimensions.iter().chain(measures).map(|(name, _)| name.as_str()).collect();
        expr.map(&mut |expr| {
            let named = match &expr.kind {
                Kind::Path(steps) => match steps.split_first() {
                    Some((Step::Key(name), rest)) if by_name && names.contains(&name.as_str()) => Some((name, rest)),
                    _ => None,
                },
                _ => None,
            };
            if let Some((name, rest)) = named {
                return path_to(slot('c', name), rest, expr).map(Some);
            }
            if let Some(place) = dimensions.iter().position(|(_, dimension)| dimension == expr) {
                return path_to(slot('d', place), &[], expr).map(Some);
            }
            match &expr.kind {
                Kind::Call { name, distinct, arguments } if role(name) == Some(Role::Aggregate) => {
                    let aggregate = Aggregate::read(name, *distinct, arguments, expr)?;
                    let place = aggregates.iter().position(|known| *known == aggregate).unwrap_or(aggregates.len());
                    if place == aggregates.len() {
                        aggregates.push(aggregate);
                    }
                    path_to(slot('a', place), &[], expr).map(Some)
                }
                Kind::Path(_) => {
                    let message = format!("{expr} is neither a dimension nor inside an aggregate such as avg({expr}); group by it or aggregate it");
                    Err(FilterError::at(expr.at, message))
                }
                _ => Ok(None),
            }
        })
    }
}

fn column_name(column: &Column) -> String {
    column.alias.clone().unwrap_or_else(|| name_of(&column.expr))
}

/// Groups of the rows so far.
#[derive(Debug, Default)]
pub(super) struct Groups {
    places: HashMap<String, usize>,
    groups: Vec<(Vec<Value>, Vec<Tally>)>,
    key_bytes: usize,
    held: usize,
}

impl Groups {
    pub(super) fn add(&mut self, grouping: &Grouping, row: &Row, clock: Clock) -> Result<(), TooMuch> {
        let scope = Scope { row, clock };
        let values: Vec<Value> = grouping.dimensions.iter().map(|(_, expr)| eval::measured(expr, scope)).collect();
        let key = values.iter().map(key_of).collect::<Vec<_>>().join("\0");
        let place = match self.places.get(&key) {
            Some(place) => *place,
            None => {
                self.key_bytes += key.len();
                if self.groups.len() >= GROUPS {
                    return Err(TooMuch::Groups);
                }
                if self.key_bytes > KEY_BYTES {
                    return Err(TooMuch::Keys);
                }
                let tallies = grouping.aggregates.iter().map(|(aggregate, _)| Tally::new(*aggregate)).collect();
                self.groups.push((values, tallies));
                self.places.insert(key, self.groups.len() - 1);
                self.groups.len() - 1
            }
        };
        for ((_, argument), tally) in grouping.aggregates.iter().zip(&mut self.groups[place].1) {
            let value = argument.as_ref().map_or(Value::Bool(true), |argument| eval::measured(argument, scope));
            if !value.is_null() {
                self.held += tally.add(&value);
            }
        }
        if self.held > HELD { Err(TooMuch::Held) } else { Ok(()) }
    }

    /// Rows over slots, in the order of their dimensions. Without dimensions there is one group, also of no rows.
    pub(super) fn rows(mut self, grouping: &Grouping, clock: Clock) -> Vec<Row> {
        if grouping.dimensions.is_empty() && self.groups.is_empty() {
            let tallies = grouping.aggregates.iter().map(|(aggregate, _)| Tally::new(*aggregate)).collect();
            self.groups.push((Vec::new(), tallies));
        }
        self.groups.sort_by(|(left, _), (right, _)| {
            let each = left.iter().zip(right).map(|(left, right)| eval::order(left, right));
            each.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
        let row = |(values, tallies): (Vec<Value>, Vec<Tally>)| {
            let mut row = Row::new();
            for (place, (value, (name, _))) in values.into_iter().zip(&grouping.dimensions).enumerate() {
                row.insert(slot('c', name), value.clone());
                row.insert(slot('d', place), value);
            }
            for (place, tally) in tallies.into_iter().enumerate() {
                row.insert(slot('a', place), tally.value());
            }
            let measures = grouping.measures.iter();
            let measured = |(name, expr)| (slot('c', name), eval::value(expr, Scope { row: &row, clock }));
            let measured: Vec<_> = measures.map(|(name, expr)| measured((name, expr))).collect();
            row.extend(measured);
            row
        };
        self.groups.into_iter().map(row).collect()
    }
}

impl Grouping {
    /// Rows of the answer with the names of their columns, in order. A spread dimension is gone; its values are in the names.
    pub(super) fn answer(&self, rows: Vec<Row>) -> Result<(Vec<Row>, Vec<String>), TooMuch> {
        let names: Vec<&str> = self.names().collect();
        let plain = rows.into_iter().map(|mut row| {
            let named = names.iter().map(|name| ((*name).to_owned(), row.remove(&slot('c', name)).unwrap_or_default()));
            named.collect::<Row>()
        });
        let Some(spread) = &self.spread else {
            return Ok((plain.collect(), names.into_iter().map(str::to_owned).collect()));
        };
        let kept =
            |name: &&str| *name != self.dimensions[spread.dimension].0 && !spread.measures.iter().any(|m| m == name);
        let kept: Vec<&str> = self.names().filter(kept).collect();
        let dimensions: Vec<&str> =
            kept.iter().filter(|name| self.dimensions.iter().any(|(d, _)| d == *name)).copied().collect();
        let mut columns: Vec<String> = kept.iter().map(|name| (*name).to_owned()).collect();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut wide: Vec<Row> = Vec::new();
        for row in plain {
            let key: Vec<String> =
                dimensions.iter().map(|name| key_of(row.get(*name).unwrap_or(&Value::Null))).collect();
            let place = *places.entry(key.join("\0")).or_insert_with(|| {
                wide.push(
                    kept.iter().map(|name| ((*name).to_owned(), row.get(*name).cloned().unwrap_or_default())).collect(),
                );
                wide.len() - 1
            });
            let of = match row.get(&self.dimensions[spread.dimension].0) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            };
            for measure in &spread.measures {
                let name = format!("{of}_{measure}");
                if !columns.contains(&name) {
                    columns.push(name.clone());
                }
                wide[place].insert(name, row.get(measure).cloned().unwrap_or_default());
            }
            if columns.len() > SPREAD {
                return Err(TooMuch::Columns);
            }
        }
        // Where a value is missing there is null, not nothing.
        for row in &mut wide {
            for column in &columns {
                row.entry(column.as_str()).or_insert(Value::Null);
            }
        }
        Ok((wide, columns))
    }
}
