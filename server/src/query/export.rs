//! Rows as files: events with the names of their reviewers, as lines of JSON or as a table.

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::ids::{MemberId, ObjectType, Reviewer};
use concord_shared::review::effective::{ASSIGNMENTS, REVIEW_LISTS};
use concord_shared::row::cell::{guarded, to_cell};
use serde_json::{Map, Value, json};

/// Most scores that have a column of their own; the others are in `reviews`.
const SCORES: usize = 200;

/// How a file is written, and what the rows of one object need for that.
#[derive(Debug)]
pub struct Export {
    columns: Option<Vec<Column>>,
    names: BTreeMap<MemberId, String>,
}

/// A column of a table.
#[derive(Debug)]
enum Column {
    /// A field of the event.
    Field(&'static str),
    /// A number by name.
    Score(String),
    /// Its type without the words about its review.
    Metadata,
    Name,
    Status,
    Assignees,
    ReviewedBy,
    Reviews,
    Comments,
}

impl Export {
    /// Lines of JSON.
    pub fn jsonl(names: BTreeMap<MemberId, String>) -> Self {
        Self { columns: None, names }
    }

    /// A table with a column for each of these scores.
    pub fn csv(names: BTreeMap<MemberId, String>, kind: ObjectType, scores: BTreeSet<String>) -> Self {
        use Column as C;
        let is_span = kind != ObjectType::Dataset;
        let mut columns = vec![C::Field("id")];
        if is_span {
            columns.extend([C::Field("root_span_id"), C::Field("span_id")]);
        }
        columns.push(C::Field("created"));
        if is_span {
            columns.push(C::Name);
        }
        columns.push(C::Field("input"));
        if is_span {
            columns.push(C::Field("output"));
        }
        columns.extend([C::Field("expected"), C::Field("tags"), C::Metadata]);
        if is_span {
            columns.push(C::Field("error"));
            columns.extend(scores.into_iter().take(SCORES).map(C::Score));
        }
        columns.extend([C::Field("origin"), C::Status, C::Assignees, C::ReviewedBy, C::Reviews, C::Comments]);
        Self { columns: Some(columns), names }
    }

    /// What stands before all rows.
    pub fn head(&self) -> Vec<u8> {
        let Some(columns) = &self.columns else { return Vec::new() };
        let names = columns.iter().map(|column| match column {
            Column::Field(name) => (*name).to_owned(),
            Column::Score(name) => format!("scores.{name}"),
            Column::Metadata => "metadata".to_owned(),
            Column::Name => "name".to_owned(),
            Column::Status => "status".to_owned(),
            Column::Assignees => "assignees".to_owned(),
            Column::ReviewedBy => "reviewed_by".to_owned(),
            Column::Reviews => "reviews".to_owned(),
            Column::Comments => "comments".to_owned(),
        });
        line(names)
    }

    /// Rows, as the API tells them.
    pub fn write(&self, rows: Vec<Map<String, Value>>) -> Vec<u8> {
        let mut out = Vec::new();
        for mut row in rows {
            if let Some(Value::Object(reviews)) = row.get_mut("reviews") {
                for (reviewer, review) in reviews {
                    review["name"] = json!(self.name_of(reviewer));
                }
            }
            match &self.columns {
                Some(columns) => out.extend(line(columns.iter().map(|column| self.cell(&row, column)))),
                None => {
                    out.extend(Value::Object(row).to_string().into_bytes());
                    out.push(b'\n');
                }
            }
        }
        out
    }

    fn name_of(&self, reviewer: &str) -> String {
        match reviewer.parse() {
            Ok(Reviewer::Member(member)) => self.member(member),
            Ok(Reviewer::External(name)) => name,
            Err(_) => reviewer.to_owned(),
        }
    }

    fn member(&self, id: MemberId) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| "removed member".to_owned())
    }

    fn cell(&self, row: &Map<String, Value>, column: &Column) -> String {
        let field = |name: &str| row.get(name).unwrap_or(&Value::Null);
        match column {
            Column::Field(name) => to_cell(field(name)),
            Column::Score(name) => to_cell(&field("scores")[name]),
            Column::Metadata => match field("metadata") {
                Value::Object(metadata) => {
                    let own = metadata.iter().filter(|(key, _)| *key != REVIEW_LISTS && *key != ASSIGNMENTS);
                    let own: Map<String, Value> = own.map(|(key, value)| (key.clone(), value.clone())).collect();
                    if own.is_empty() { String::new() } else { Value::Object(own).to_string() }
                }
                other => to_cell(other),
            },
            Column::Name => to_cell(&field("span_attributes")["name"]),
            Column::Status => field("review")["status"].as_str().unwrap_or_default().to_owned(),
            Column::Assignees => {
                let ids = field("__bt_assignments").as_array().into_iter().flatten().filter_map(Value::as_str);
                guarded(&ids.map(|id| self.name_of(id)).collect::<Vec<_>>().join(", "))
            }
            Column::ReviewedBy => {
                let reviews = field("reviews").as_object().into_iter().flatten();
                let names = reviews.filter_map(|(_, review)| review["name"].as_str());
                guarded(&names.collect::<Vec<_>>().join(", "))
            }
            Column::Reviews => match field("reviews") {
                Value::Object(reviews) if !reviews.is_empty() => {
                    Value::Array(reviews.values().cloned().collect()).to_string()
                }
                _ => String::new(),
            },
            Column::Comments => {
                let comments = field("comments").as_array().into_iter().flatten();
                let said = comments.map(|comment| {
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    format!(
                        "{} ({}): {}",
                        text(&comment["author"]["name"]),
                        text(&comment["at"]),
                        text(&comment["text"])
                    )
                });
                guarded(&said.collect::<Vec<_>>().join("\n"))
            }
        }
    }
}

/// A line of a table.
fn line(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let record: csv::StringRecord = cells.collect();
    // Writing into memory does not fail.
    let _ = writer.write_record(&record);
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn a_table_tells_who_said_what_and_no_cell_is_a_formula() {
        let (noor, stranger) = (MemberId::new(), MemberId::new());
        let names = BTreeMap::from([(noor, "=Noor".to_owned())]);
        let export = Export::csv(names, ObjectType::ProjectLogs, BTreeSet::from(["Tone".to_owned()]));
        let head = "id,root_span_id,span_id,created,name,input,output,expected,tags,metadata,error,scores.Tone,origin,status,assignees,reviewed_by,reviews,comments\r\n";
        assert_eq!(text(export.head()), head);
        let row = json!({"id": "a", "input": "=1+1", "output": {"a": "b"}, "tags": ["x"], "scores": {"Tone": -0.5},
            "metadata": {REVIEW_LISTS: {}, "k": 1}, "review": {"status": "complete"}, "__bt_assignments": [stranger],
            "reviews": {noor.to_string(): {"scores": {"Tone": 1}}}, "comments": [{"author": {"name": "Noor"}, "at": "t", "text": "no"}]});
        let line = text(export.write(vec![row.as_object().cloned().expect("a row")]));
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let record = reader.records().next().expect("a line").expect("cells");
        let cells: Vec<&str> = record.iter().collect();
        assert_eq!(cells[5..12], ["'=1+1", r#"{"a":"b"}"#, "", r#"["x"]"#, r#"{"k":1}"#, "", "-0.5"]);
        assert_eq!(cells[13..16], ["complete", "removed member", "'=Noor"]);
        assert_eq!(cells[17], "Noor (t): no");
        assert!(cells[16].contains(r#""name":"=Noor""#), "{}", cells[16]);
    }
}
