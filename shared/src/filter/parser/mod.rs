//! Tokens to trees. [`expression()`] reads what stands in a filter box; [`query()`] reads whole queries, native and SQL.

mod clauses;
mod cursor;
mod expression;
mod sql;

use super::ast::Expr;
use super::error::FilterError;
use super::query::Query;
use cursor::Cursor;

/// Reads an expression.
pub fn expression(text: &str) -> Result<Expr, FilterError> {
    let mut cursor = Cursor::new(text)?;
    let expr = cursor.expr()?;
    cursor.end("an operator such as and, or, =")?;
    Ok(expr)
}

/// Reads a query: SQL if it begins with `select` or `with` and no colon, else clauses.
pub fn query(text: &str) -> Result<Query, FilterError> {
    let mut cursor = Cursor::new(text)?;
    if cursor.begins_sql() { cursor.sql_query() } else { cursor.clauses() }
}

/// Whether a text is a whole query rather than an expression.
pub fn is_query(text: &str) -> bool {
    Cursor::new(text).is_ok_and(|cursor| cursor.begins_sql() || cursor.begins_clause())
}

/// Reads one key of an order, such as `created desc`.
pub(super) fn sort(text: &str) -> Result<super::query::Sort, FilterError> {
    let mut cursor = Cursor::new(text)?;
    let sort = cursor.sort()?;
    cursor.end("asc or desc")?;
    Ok(sort)
}

/// Reads a source, such as `project_logs('…') traces`.
pub(super) fn source(text: &str) -> Result<super::query::Source, FilterError> {
    let mut cursor = Cursor::new(text)?;
    let source = cursor.source()?;
    cursor.end("a shape")?;
    Ok(source)
}

/// The clause of that name, if there is one.
pub(super) fn clause_named(name: &str) -> Option<&'static str> {
    clauses::CLAUSES.into_iter().find(|known| *known == name)
}

/// What a column is called when nobody named it.
pub(super) use clauses::implied_name;
