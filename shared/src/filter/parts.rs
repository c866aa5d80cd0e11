//! A filter in the parts that must all hold, for filter bars: each part as text, and as field, operator and value where it is that
//! simple.

use serde::Serialize;
use serde_json::Value;

use super::ast::{Expr, Kind, Operator};

/// A part of a filter.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = FilterPart))]
pub struct Part {
    /// As it is written.
    pub text: String,
    /// The field that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// `=`, `not includes`, `is null` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// What it is compared with; a list after `in`, nothing after `is null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// The parts of a filter; none of one that always holds.
pub fn parts(expr: &Expr) -> Vec<Part> {
    match &expr.kind {
        Kind::Literal(Value::Bool(true)) => Vec::new(),
        Kind::And(all) => all.iter().map(part).collect(),
        _ => vec![part(expr)],
    }
}

fn part(expr: &Expr) -> Part {
    let text = match &expr.kind {
        // As it stands between others.
        Kind::Or(_) => format!("({expr})"),
        _ => expr.to_string(),
    };
    match simple(expr) {
        Some((field, operator, value)) => Part { text, field: Some(field), operator: Some(operator), value },
        None => Part { text, field: None, operator: None, value: None },
    }
}

fn simple(expr: &Expr) -> Option<(String, String, Option<Value>)> {
    let field = |expr: &Expr| matches!(expr.kind, Kind::Path(_)).then(|| expr.to_string());
    match &expr.kind {
        Kind::Path(_) => Some((expr.to_string(), "=".to_owned(), Some(true.into()))),
        Kind::IsNull(inner) => Some((field(inner)?, "is null".to_owned(), None)),
        Kind::Binary(operator, left, right) if !operator.is_arithmetic() => {
            Some((field(left)?, operator.as_str().to_owned(), Some(constant(right)?)))
        }
        Kind::Not(inner) => {
            let (field, operator, value) = simple(inner)?;
            let negated = match (&inner.kind, operator.as_str()) {
                (_, "is null") => "is not null".to_owned(),
                (Kind::Path(_), _) => return Some((field, operator, Some(false.into()))),
                (
                    Kind::Binary(
                        Operator::Like | Operator::Ilike | Operator::Match | Operator::In | Operator::Includes,
                        ..,
                    ),
                    _,
                ) => {
                    format!("not {operator}")
                }
                // Not the same as the other comparison, which is false where nothing is.
                _ => return None,
            };
            Some((field, negated, value))
        }
        _ => None,
    }
}

fn constant(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        Kind::Literal(value) => Some(value.clone()),
        Kind::List(items) => items.iter().map(constant).collect::<Option<Vec<_>>>().map(Value::Array),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::filter::parser;

    #[test]
    fn simple_parts_become_chips_and_others_stay_text() {
        let all = "scores.A > 0.5 and tags not includes 'done' and error is not null and id in ['a', 'b'] and is_root \
            and (a or b) and lower(input) = 'x' and not scores.A > 1 and comment is null";
        let told = parts(&parser::expression(all).expect("an expression"));
        let simple: Vec<_> =
            told.iter().map(|part| (part.field.as_deref(), part.operator.as_deref(), part.value.clone())).collect();
        assert_eq!(
            simple,
            [
                (Some("scores.A"), Some(">"), Some(json!(0.5))),
                (Some("tags"), Some("not includes"), Some(json!("done"))),
                (Some("error"), Some("is not null"), None),
                (Some("id"), Some("in"), Some(json!(["a", "b"]))),
                (Some("is_root"), Some("="), Some(json!(true))),
                (None, None, None),
                (None, None, None),
                (None, None, None),
                (Some("comment"), Some("is null"), None),
            ]
        );
        let joined = told.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" and ");
        assert_eq!(parser::expression(&joined), parser::expression(all), "the parts together are the whole");
        assert_eq!(parts(&parser::expression("true").expect("an expression")), []);
    }
}
