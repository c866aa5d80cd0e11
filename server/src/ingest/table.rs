//! Files of records, CSV or JSON Lines: read one by one, each with its place in the file, and laid out as rows by what each column is.

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::row::{cell, limits};
use serde_json::{Map, Value};

/// Most columns of a file: more no dialog can offer.
const COLUMNS: usize = 500;

/// Records whose keys are looked at to say which columns a file of JSON has.
const LOOKED: usize = 20;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table with a line of names.
    Csv,
    /// An object on each line.
    Jsonl,
}

/// How cells of a table are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// What is JSON is read as that.
    Json,
    /// As they are.
    Text,
}

/// What each column becomes: `input`, `metadata.language`, …; empty for what is left out.
pub type Columns = BTreeMap<String, String>;

/// One record of a file.
#[derive(Debug)]
pub struct Record {
    /// The line that it begins on, from 1.
    pub line: u64,
    /// Where it stands in the file.
    pub bytes: (usize, usize),
    /// By column, or why it cannot be read.
    pub cells: Result<Vec<(String, Value)>, String>,
}

/// A file, ready to be read.
pub struct Table<'a> {
    bytes: &'a [u8],
    kind: Kind<'a>,
    /// Names of its columns; of JSON those that the first records have.
    pub columns: Vec<String>,
    /// Where its records begin.
    pub head: usize,
    /// Bytes of the mark that some programs write before everything.
    mark: usize,
}

enum Kind<'a> {
    Csv { reader: csv::Reader<&'a [u8]>, cells: Cells },
    Jsonl { at: usize, line: u64 },
}

impl<'a> Table<'a> {
    /// Opens a file; an error says what is wrong with its head.
    pub fn open(bytes: &'a [u8], format: Format, cells: Cells) -> Result<Self, String> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mark = bytes.len() - text.len();
        let mut table = match format {
            Format::Csv => Self::open_csv(text, cells)?,
            Format::Jsonl => Self::open_jsonl(text),
        };
        (table.mark, table.head) = (mark, table.head + mark);
        Ok(table)
    }

    fn open_csv(bytes: &'a [u8], cells: Cells) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter(bytes)).from_reader(bytes);
        let head = reader.byte_headers().map_err(|error| error.to_string())?;
        let names = head.iter().map(|name| std::str::from_utf8(name).map(|name| name.trim().to_owned()));
        let columns: Vec<String> = names.collect::<Result<_, _>>().map_err(|_| "line 1 is no UTF-8".to_owned())?;
        if columns.iter().all(String::is_empty) {
            return Err("line 1 names no columns".into());
        }
        if columns.len() > COLUMNS {
            return Err(format!("line 1 names {} columns; at most {COLUMNS} are read", columns.len()));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = columns.iter().find(|name| !name.is_empty() && !seen.insert(*name)) {
            return Err(format!("line 1 names the column {twice:?} twice"));
        }
        let head = place(reader.position());
        Ok(Self { bytes, kind: Kind::Csv { reader, cells }, columns, head, mark: 0 })
    }

    fn open_jsonl(bytes: &'a [u8]) -> Self {
        let begin = || Kind::Jsonl { at: 0, line: 0 };
        let mut table = Self { bytes, kind: begin(), columns: Vec::new(), head: 0, mark: 0 };
        let mut columns: Vec<String> = Vec::new();
        for record in table.by_ref().take(LOOKED) {
            for (name, _) in record.cells.unwrap_or_default() {
                if !columns.contains(&name) && columns.len() < COLUMNS {
                    columns.push(name);
                }
            }
        }
        Self { kind: begin(), columns, ..table }
    }
}

impl Iterator for Table<'_> {
    type Item = Record;
    fn next(&mut self) -> Option<Record> {
        let record = match &mut self.kind {
            Kind::Csv { reader, cells } => next_csv(reader, &self.columns, *cells),
            Kind::Jsonl { at, line } => next_jsonl(self.bytes, at, line),
        };
        record.map(|record| {
            let (from, to) = record.bytes;
            Record { bytes: (from + self.mark, to + self.mark), ..record }
        })
    }
}

fn next_csv(reader: &mut csv::Reader<&[u8]>, columns: &[String], cells: Cells) -> Option<Record> {
    let mut record = csv::ByteRecord::new();
    let begin = reader.position().clone();
    let read = reader.read_byte_record(&mut record);
    let begin = record.position().unwrap_or(&begin);
    let (line, bytes) = (begin.line(), (place(begin), place(reader.position())));
    let cells = match read {
        Ok(false) => return None,
        Ok(true) if record.len() != columns.len() => {
            let cells = if record.len() == 1 { "cell" } else { "cells" };
            Err(format!("has {} {cells}; the first line names {} columns", record.len(), columns.len()))
        }
        Ok(true) => columns
            .iter()
            .zip(record.iter())
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, bytes)| match std::str::from_utf8(bytes) {
                Ok(text) => Ok((name.clone(), value(text, cells))),
                Err(_) => Err(format!("{name}: is no UTF-8")),
            })
            .collect(),
        Err(error) => Err(error.to_string()),
    };
    Some(Record { line, bytes, cells })
}

fn place(position: &csv::Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

fn value(text: &str, cells: Cells) -> Value {
    match cells {
        Cells::Json => cell::from_cell(text),
        Cells::Text if text.is_empty() => Value::Null,
        Cells::Text => Value::String(cell::text_of(text)),
    }
}

fn next_jsonl(bytes: &[u8], at: &mut usize, line: &mut u64) -> Option<Record> {
    loop {
        let from = *at;
        let rest = bytes.get(from..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
        (*at, *line) = (from + length, *line + 1);
        let text = rest[..length].trim_ascii();
        if text.is_empty() {
            continue;
        }
        let cells = match serde_json::from_slice(text) {
            _ if text.len() > limits::ROW_BYTES => {
                Err(format!("is {} bytes; a row may have {}", text.len(), limits::ROW_BYTES))
            }
            Ok(Value::Object(map)) => Ok(map.into_iter().collect()),
            Ok(_) => Err("is no object; each line is one: {\"input\": …}".to_owned()),
            Err(error) => Err(format!("is no JSON: {error}")),
        };
        return Some(Record { line: *line, bytes: (from, *at), cells });
    }
}

/// Spreadsheets write commas, semicolons or tabs, as their country does: the one that the first line has most of.
fn delimiter(bytes: &[u8]) -> u8 {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut quoted = false;
    let mut counts = [0; 3];
    for byte in line {
        quoted ^= *byte == b'"';
        if let Some(index) = b",;\t".iter().position(|one| one == byte).filter(|_| !quoted) {
            counts[index] += 1;
        }
    }
    let most = (0..3).rev().max_by_key(|index| counts[*index]).unwrap_or(0);
    b",;\t"[most]
}

/// Other names of fields, the likeliest first.
const ALIASES: [(&str, &[&str]); 4] = [
    ("id", &["id"]),
    ("input", &["input", "question", "prompt", "query", "inputs"]),
    ("expected", &["expected", "answer", "output", "target", "label", "completion"]),
    ("tags", &["tags", "labels"]),
];

/// Columns of exports that say where a row stood, not what it is.
const LEFT_OUT: [&str; 28] = [
    "created",
    "span_id",
    "root_span_id",
    "span_parents",
    "is_root",
    "name",
    "kind",
    "error",
    "scores",
    "judge_scores",
    "status",
    "assignees",
    "reviewed_by",
    "reviews",
    "comments",
    "review",
    "metrics",
    "context",
    "span_attributes",
    "project_id",
    "dataset_id",
    "experiment_id",
    "org_id",
    "log_id",
    "_xact_id",
    "_pagination_key",
    "__bt_review_lists",
    "__bt_assignments",
];

/// What columns of these names probably are.
pub fn suggest(columns: &[String]) -> Columns {
    let mut map = Columns::new();
    for (field, names) in ALIASES {
        let named = |name: &&&str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
        if let Some(name) = names.iter().find(named) {
            for column in columns.iter().filter(|column| column.eq_ignore_ascii_case(name)).take(1) {
                map.insert(column.clone(), field.to_owned());
            }
        }
    }
    for column in columns.iter().filter(|column| !column.is_empty()) {
        if !map.contains_key(column) {
            let target = usual(column);
            let taken = map.values().any(|other| *other == target);
            map.insert(column.clone(), if taken { String::new() } else { target });
        }
    }
    map
}

/// What a column is that nobody spoke of.
fn usual(column: &str) -> String {
    match column {
        "metadata" | "origin" => column.to_owned(),
        left if LEFT_OUT.contains(&left) || left.starts_with("scores.") => String::new(),
        other if other.starts_with("metadata.") => other.to_owned(),
        other => format!("metadata.{other}"),
    }
}

/// Fields that columns may become, and those of them that may be put together from several.
const FIELDS: [&str; 6] = ["id", "input", "expected", "metadata", "tags", "origin"];
const COMPOSED: [&str; 3] = ["input", "expected", "metadata"];

/// Whether columns can become what is said.
pub fn check(map: &Columns) -> Result<(), String> {
    let mut whole = BTreeSet::new();
    let mut parts = BTreeSet::new();
    for (column, target) in map.iter().filter(|(_, target)| !target.is_empty()) {
        let (field, key) = split(target);
        let right = match key {
            None => FIELDS.contains(&field),
            Some(key) => COMPOSED.contains(&field) && !key.is_empty(),
        };
        if !right {
            let detail =
                "a column becomes id, input, expected, metadata, tags, origin, or a part such as metadata.language";
            return Err(format!("{column}: {target:?} is no place for it; {detail}"));
        }
        let fresh = if key.is_none() { whole.insert(field) } else { parts.insert(target.as_str()) };
        if !fresh {
            return Err(format!("{column}: another column becomes {target} already"));
        }
    }
    match whole.iter().find(|field| **field != "metadata" && parts.iter().any(|part| split(part).0 == **field)) {
        Some(field) => Err(format!("one column becomes all of {field} and another a part of it")),
        None => Ok(()),
    }
}

fn split(target: &str) -> (&str, Option<&str>) {
    target.split_once('.').map_or((target, None), |(field, key)| (field, Some(key)))
}

/// A record as a row of a dataset.
pub fn lay_out(cells: Vec<(String, Value)>, map: &Columns) -> Result<Map<String, Value>, String> {
    let mut row = Map::new();
    let mut parts = Vec::new();
    for (column, value) in cells.into_iter().filter(|(_, value)| !value.is_null()) {
        let target = map.get(&column).cloned().unwrap_or_else(|| usual(&column));
        match split(&target) {
            ("", _) => {}
            (_, Some(_)) => parts.push((target, value)),
            ("tags", None) => drop(row.insert("tags".into(), tags(value))),
            ("id", None) => drop(row.insert("id".into(), id(value))),
            (field, None) => drop(row.insert(field.to_owned(), value)),
        }
    }
    for (target, value) in parts {
        if let (field, Some(key)) = split(&target) {
            let whole = row.entry(field).or_insert_with(|| Value::Object(Map::new()));
            match whole {
                Value::Object(map) => drop(map.insert(key.to_owned(), value)),
                _ => return Err(format!("{field}: is no object, so {target} cannot be a part of it")),
            }
        }
    }
    if !row.contains_key("input") && !row.contains_key("expected") {
        return Err("has neither input nor expected".into());
    }
    Ok(row)
}

/// Tags as a list, or as people write them in a cell: with commas.
fn tags(value: Value) -> Value {
    let Value::String(text) = value else { return value };
    let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    Value::Array(tags.map(Value::from).collect())
}

/// Numbers in a column of ids are ids.
fn id(value: Value) -> Value {
    if value.is_number() { Value::String(value.to_string()) } else { value }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
