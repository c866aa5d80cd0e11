//! Queries as SQL: the same tree as clauses. What stands in `select` beside `group by` are dimensions and measures.

use super::cursor::Cursor;
use crate::filter::ast::{Expr, Kind};
use crate::filter::error::FilterError;
use crate::filter::functions::{Role, role};
use crate::filter::lexer::TokenKind;
use crate::filter::query::{Column, MoreFilter, Query, Sample, SampleSize, Sort, Unpivot};

/// Words that may follow a source.
const AFTER_SOURCE: [&str; 17] = [
    "where",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "tablesample",
    "unpivot",
    "pivot",
    "settings",
    "as",
    "join",
    "union",
    "inner",
    "left",
    "right",
    "cross",
];

pub(super) fn ends_source(word: &str) -> bool {
    AFTER_SOURCE.iter().any(|known| known.eq_ignore_ascii_case(word))
}

impl Cursor {
    /// Whether SQL begins here.
    pub(super) fn begins_sql(&self) -> bool {
        (self.peek().is_word("select") || self.peek().is_word("with"))
            && !self.ahead(1).is(":")
            // A bare field of that name.
            && (self.peek().is_word("select") || matches!(self.ahead(1).kind, TokenKind::Word(_)))
            && self.ahead(1).kind != TokenKind::End
            && !matches!(self.ahead(1).kind, TokenKind::Symbol(symbol) if !matches!(symbol, "*" | "(" | "-" | "["))
    }

    pub(super) fn sql_query(&mut self) -> Result<Query, FilterError> {
        let at = self.at();
        if self.eat_word("with") {
            return Err(FilterError::at(at, "with is not offered; write one select").unsupported());
        }
        self.expect_word("select", "at the beginning")?;
        if self.peek().is_word("distinct") {
            return Err(FilterError::at(self.at(), "select distinct is not offered; use group by").unsupported());
        }
        let mut query = Query::default();
        let mut columns = self.list(Self::sql_column)?;
        if self.eat_word("from") {
            query.from = Some(self.source()?);
        }
        let mut groups: Option<Vec<Expr>> = None;
        let mut spread = Vec::new();
        loop {
            if self.eat_word("where") {
                query.filter = Some(self.expr()?);
            } else if self.eat_words(&["group", "by"]) {
                groups = Some(self.list(Self::expr)?);
            } else if self.eat_word("having") {
                query.more_filters.push((MoreFilter::Final, self.expr()?));
            } else if self.eat_words(&["order", "by"]) {
                query.sort = self.list(Self::sql_sort)?;
            } else if self.eat_word("limit") {
                query.limit = self.limit()?;
            } else if self.eat_word("offset") {
                query.cursor =
                    Some(self.text("the cursor of the last page, in quotes (rows are not skipped by number)")?);
            } else if self.eat_word("tablesample") {
                query.sample = Some(self.table_sample()?);
            } else if self.eat_word("unpivot") {
                query.unpivot.push(self.sql_unpivot()?);
            } else if self.eat_word("pivot") {
                let (measure, dimension) = self.sql_pivot()?;
                query.pivot.push(measure);
                spread.push(dimension);
            } else if self.eat_word("as") {
                self.name("a name after as")?;
            } else {
                break;
            }
        }
        for word in ["join", "union", "settings", "inner", "left", "right", "cross"] {
            if self.peek().is_word(word) {
                return Err(FilterError::at(self.at(), format!("{word} is not offered")).unsupported());
            }
        }
        self.end("where, group by, having, order by, limit or offset")?;
        if !spread.is_empty() {
            columns.retain(|column| column.expr.kind != Kind::Star);
            groups.get_or_insert_default().retain(|group| !spread.iter().any(|column| column.expr == *group));
        }
        arrange(columns, groups, &mut query);
        // What is spread is measured as well, and its column is the last dimension.
        for measure in &query.pivot {
            if !query.measures.contains(measure) {
                query.measures.push(measure.clone());
            }
        }
        for dimension in spread {
            query.dimensions.retain(|column| column.expr != dimension.expr);
            query.dimensions.push(dimension);
        }
        Ok(query)
    }

    /// `as` may be left out.
    fn sql_column(&mut self) -> Result<Column, FilterError> {
        let column = self.column()?;
        let follows = match &self.peek().kind {
            TokenKind::Word(word) => !word.eq_ignore_ascii_case("from") && !ends_source(word),
            TokenKind::Name(_) | TokenKind::Double(_) => true,
            _ => false,
        };
        if column.alias.is_none() && follows {
            return Ok(Column { alias: Some(self.name("a name")?), ..column });
        }
        Ok(column)
    }

    fn sql_sort(&mut self) -> Result<Sort, FilterError> {
        let sort = self.sort()?;
        if self.eat_word("nulls") && !self.eat_word("first") {
            self.expect_word("last", "or first, after nulls")?;
        }
        Ok(sort)
    }

    /// `(25 percent)` or `(100 rows)`.
    fn table_sample(&mut self) -> Result<Sample, FilterError> {
        if let TokenKind::Word(_) = self.peek().kind {
            self.next();
        }
        self.expect("(", "after tablesample")?;
        let wrong = self.wrong("a part such as 25 percent, or 100 rows");
        let number = match &self.next().kind {
            TokenKind::Number(number) => number.clone(),
            _ => return Err(wrong),
        };
        let size = if self.eat_word("rows") {
            SampleSize::Count(number.as_u64().ok_or(wrong)?)
        } else {
            let _ = self.eat_word("percent") || self.eat("%");
            let rate = number.as_f64().map(|percent| percent / 100.0);
            SampleSize::Rate(rate.filter(|rate| (0.0..=1.0).contains(rate)).ok_or(wrong)?)
        };
        self.expect(")", "after the size of the sample")?;
        let mut seed = None;
        if self.eat_word("repeatable") {
            self.expect("(", "after repeatable")?;
            seed = Some(self.whole("a whole number")?);
            self.expect(")", "after the seed")?;
        }
        Ok(Sample { size, seed })
    }

    /// `(measure for dimension in (any))`.
    fn sql_pivot(&mut self) -> Result<(Column, Column), FilterError> {
        self.expect("(", "after pivot")?;
        let measure = self.column()?;
        self.expect_word("for", "and the column to spread over")?;
        // Not an expression, which would take `in` for its own.
        let at = self.at();
        let first = self.name("a field to spread over")?;
        let dimension = self.path(first, at)?;
        self.expect_word("in", "(any), as all values become columns,")?;
        self.expect("(", "before any")?;
        self.expect_word("any", "as all values become columns")?;
        self.expect(")", "after any")?;
        self.expect(")", "to close pivot")?;
        Ok((measure, Column { expr: dimension, alias: None }))
    }

    /// `(value for key in (object))`; `_` for a list.
    fn sql_unpivot(&mut self) -> Result<Unpivot, FilterError> {
        self.expect("(", "after unpivot")?;
        let value = self.name("the name of the value")?;
        self.expect_word("for", "and the name of the key")?;
        let key = self.name("the name of the key, or _")?;
        self.expect_word("in", "and what is unpivoted")?;
        self.expect("(", "before what is unpivoted")?;
        let expr = self.expr()?;
        self.expect(")", "after what is unpivoted")?;
        self.expect(")", "to close unpivot")?;
        Ok(Unpivot { expr, key: (key != "_").then_some(key), value })
    }
}

/// Columns of a grouped query are its dimensions and measures.
fn arrange(columns: Vec<Column>, groups: Option<Vec<Expr>>, query: &mut Query) {
    let aggregates = |column: &Column| {
        column.expr.any(&|expr| matches!(&expr.kind, Kind::Call { name, .. } if role(name) == Some(Role::Aggregate)))
    };
    if groups.is_none() && !columns.iter().any(aggregates) {
        query.select = columns;
        return;
    }
    let mut groups = groups.unwrap_or_default();
    for column in columns {
        if aggregates(&column) {
            query.measures.push(column);
            continue;
        }
        let named = |group: &Expr| {
            *group == column.expr
                || matches!(&group.kind, Kind::Path(steps) if steps.len() == 1
                    && matches!(&steps[0], crate::filter::ast::Step::Key(name) if Some(name) == column.alias.as_ref()))
        };
        groups.retain(|group| !named(group));
        query.dimensions.push(column);
    }
    query.dimensions.extend(groups.into_iter().map(|expr| Column { expr, alias: None }));
}
