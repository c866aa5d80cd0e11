//! A value as the cell of a table, and back. What is written so is read back as it was, and no spreadsheet takes it for a formula.

use serde_json::Value;

/// What spreadsheets take for the beginning of a formula, and the mark before it.
const BEGINS_FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];

/// A value as a cell: texts as they are, unless they would be read as something else; everything else as JSON; nothing for null.
pub fn to_cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => {
            let plain = guarded(text);
            if from_cell(&plain) == *value { plain } else { value.to_string() }
        }
        Value::Number(number) => number.to_string(),
        other => other.to_string(),
    }
}

/// A text that is a cell whatever it says; a mark before it tells spreadsheets that it is a text.
pub fn guarded(text: &str) -> String {
    match text.starts_with(BEGINS_FORMULA) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// A cell as a value: nothing is null, JSON is what it says, everything else is a text. A number is one only as JSON would write it,
/// so that no digit of a long one is lost and `007` stays a text.
pub fn from_cell(cell: &str) -> Value {
    match json_of(cell) {
        Some(value) => value,
        None if cell.is_empty() => Value::Null,
        None => Value::String(text_of(cell)),
    }
}

/// A cell as a text, without the mark that keeps spreadsheets from reading it.
pub fn text_of(cell: &str) -> String {
    match cell.strip_prefix('\'') {
        Some(text) if text.starts_with(BEGINS_FORMULA) => text.to_owned(),
        _ => cell.to_owned(),
    }
}

fn json_of(cell: &str) -> Option<Value> {
    let first = cell.chars().next()?;
    if !matches!(first, '{' | '[' | '"' | '-' | '0'..='9' | 't' | 'f' | 'n') {
        return None;
    }
    let value: Value = serde_json::from_str(cell).ok()?;
    match &value {
        Value::Number(number) if number.to_string() != cell => None,
        _ => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_read_as_people_wrote_them() {
        for (cell, value) in [
            ("", json!(null)),
            ("late", json!("late")),
            ("42", json!(42)),
            ("-0.5", json!(-0.5)),
            ("007", json!("007")),
            ("12345678901234567890123", json!("12345678901234567890123")),
            ("true", json!(true)),
            ("[1, 2]", json!([1, 2])),
            ("{broken", json!("{broken")),
            ("'tis", json!("'tis")),
            ("'=1", json!("=1")),
        ] {
            assert_eq!(from_cell(cell), value, "{cell}");
        }
    }

    #[test]
    fn no_cell_begins_a_formula() {
        for text in ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "'=1", "''"] {
            let cell = to_cell(&json!(text));
            assert!(cell.starts_with(['\'', '"']), "{cell}");
            assert_eq!(from_cell(&cell), json!(text));
        }
        assert_eq!(to_cell(&json!(-5)), "-5", "a number is no formula");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "[ -~\\n\\t'=+@é-]{0,12}", number in any::<f64>(), whole in any::<i64>()) {
            let float = serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number);
            for value in [json!(text), float, json!(whole), json!({"a": [text]}), json!([]), json!("true"), json!("")] {
                prop_assert_eq!(from_cell(&to_cell(&value)), value);
            }
        }
    }
}
