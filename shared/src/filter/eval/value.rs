//! Values while they are worked with: JSON, and what JSON has no kind for.

use std::borrow::Cow;

use serde_json::Value;

use super::time::Length;
use crate::moment::Moment;

#[derive(Debug, Clone)]
pub(super) enum Val<'a> {
    Json(Cow<'a, Value>),
    Moment(Moment),
    Length(Length),
    /// Compared as a number with texts and numbers alike.
    Xact(i64),
}

impl<'a> Val<'a> {
    pub(super) const NULL: Self = Self::Json(Cow::Owned(Value::Null));

    pub(super) fn owned(value: Value) -> Self {
        Self::Json(Cow::Owned(value))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.as_json(), Some(Value::Null))
    }

    pub(super) fn holds(&self) -> bool {
        matches!(self.as_json(), Some(Value::Bool(true)))
    }

    pub(super) fn as_json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn as_f64(&self) -> Option<f64> {
        self.as_json().and_then(Value::as_f64)
    }

    /// A text, or a moment as one.
    pub(super) fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Json(value) => value.as_str().map(Cow::Borrowed),
            Self::Moment(moment) => Some(Cow::Owned(moment.to_string())),
            Self::Xact(xact) => Some(Cow::Owned(format!("{xact:019}"))),
            Self::Length(_) => None,
        }
    }

    /// What text search looks at: texts, and the JSON of lists and objects.
    pub(super) fn as_searched(&self) -> Option<Cow<'_, str>> {
        match self.as_json() {
            Some(structure @ (Value::Array(_) | Value::Object(_))) => Some(Cow::Owned(structure.to_string())),
            _ => self.as_text(),
        }
    }

    pub(super) fn into_json(self) -> Value {
        match self {
            Self::Json(value) => value.into_owned(),
            Self::Moment(moment) => moment.to_string().into(),
            Self::Xact(xact) => format!("{xact:019}").into(),
            Self::Length(length) => length.to_string().into(),
        }
    }
}
