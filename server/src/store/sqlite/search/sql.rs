//! Sieves as SQL of SQLite: bound parameters only. A part of a sieve is a condition on one row, or, where a table lists its rows by
//! place, a source of rows.

use concord_shared::ids::ObjectRef;
use rusqlite::Connection;
use rusqlite::types::Value;

use super::super::{labels, reviews::object_type_number};
use crate::domain::search::sieve::{Leaf, Range};
use crate::domain::search::{Label, Sieve, terms};
use crate::domain::store::StoreError;

/// A piece of SQL with what is bound to it, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) bound: Vec<Value>,
}

impl Sql {
    pub(super) fn new(text: impl Into<String>, bound: impl Into<Vec<Value>>) -> Self {
        Self { text: text.into(), bound: bound.into() }
    }

    fn join(parts: Vec<Self>, between: &str) -> Self {
        let bound = parts.iter().flat_map(|part| part.bound.clone()).collect();
        let texts: Vec<String> = parts.into_iter().map(|part| format!("({})", part.text)).collect();
        Self { text: texts.join(between), bound }
    }
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// None pass.
    Nothing,
    /// A query of full text.
    Text(String),
    /// A `select` of one column `row`; whether that comes by place.
    Rows { sql: Sql, placed: bool },
}

/// Builds SQL for one object.
pub(super) struct Builder<'a> {
    pub(super) conn: &'a Connection,
    pub(super) object: ObjectRef,
}

impl Builder<'_> {
    fn object(&self) -> [Value; 2] {
        let object_id = self.object.object_id.as_bytes().to_vec();
        [Value::Integer(object_type_number(self.object.object_type)), Value::Blob(object_id)]
    }

    fn label(&self, label: &Label) -> Result<Option<i64>, StoreError> {
        labels::find(self.conn, self.object, &label.to_text())
    }

    /// All rows of the object that are not deleted.
    pub(super) fn all(&self) -> Result<Source, StoreError> {
        self.source(&Sieve::Is(Leaf::Label(Label::Row))).map(|source| source.unwrap_or(Source::Nothing))
    }

    /// What holds of the row `c.row` if it passes; `None`: nothing that could be asked.
    pub(super) fn condition(&self, sieve: &Sieve) -> Result<Option<Sql>, StoreError> {
        Ok(match sieve {
            Sieve::All => None,
            Sieve::Is(leaf) => self.leaf(leaf, "exists")?,
            Sieve::Not(leaf) => self.leaf(leaf, "not exists")?,
            Sieve::And(parts) => {
                let mut asked = Vec::new();
                for part in parts {
                    asked.extend(self.condition(part)?);
                }
                (!asked.is_empty()).then(|| Sql::join(asked, " and "))
            }
            Sieve::Or(parts) => {
                let mut asked = Vec::new();
                for part in parts {
                    match self.condition(part)? {
                        Some(condition) => asked.push(condition),
                        None => return Ok(None),
                    }
                }
                Some(if asked.is_empty() { Sql::new("false", []) } else { Sql::join(asked, " or ") })
            }
        })
    }

    fn leaf(&self, leaf: &Leaf, exists: &str) -> Result<Option<Sql>, StoreError> {
        Ok(Some(match leaf {
            Leaf::Term(_) => return Ok(None),
            Leaf::Label(label) => {
                let id = self.label(label)?.unwrap_or(-1);
                Sql::new(format!("{exists} (select 1 from row_label where label = ? and row = c.row)"), [id.into()])
            }
            Leaf::Score { name, range } => {
                let (bounds, mut bound) = bounds(*range);
                bound.insert(0, name.clone().into());
                Sql::new(format!("{exists} (select 1 from row_score where row = c.row and score = ?{bounds})"), bound)
            }
            Leaf::Created(moments) => Sql::new(
                format!("{exists} (select 1 from row where pk = c.row and created_at between ? and ?)"),
                [moments.from.0.into(), moments.to.0.into()],
            ),
        }))
    }

    /// A source of a superset of the rows that pass; `None`: no table lists them.
    pub(super) fn source(&self, sieve: &Sieve) -> Result<Option<Source>, StoreError> {
        if let Some(text) = full_text(sieve) {
            return Ok(Some(Source::Text(self.within(&text))));
        }
        Ok(Some(match sieve {
            Sieve::Is(Leaf::Label(label)) => match self.label(label)? {
                Some(id) => Source::Rows {
                    sql: Sql::new("select row from row_label where label = ?", [id.into()]),
                    placed: true,
                },
                None => Source::Nothing,
            },
            Sieve::Is(Leaf::Score { name, range }) => {
                let (bounds, rest) = bounds(*range);
                let mut bound = self.object().to_vec();
                bound.push(name.clone().into());
                bound.extend(rest);
                let text =
                    format!("select row from row_score where object_type = ? and object_id = ? and score = ?{bounds}");
                Source::Rows { sql: Sql::new(text, bound), placed: false }
            }
            Sieve::Is(Leaf::Created(moments)) => {
                let mut bound = self.object().to_vec();
                bound.extend([moments.from.0.into(), moments.to.0.into()]);
                let text =
                    "select pk as row from row where object_type = ? and object_id = ? and created_at between ? and ?";
                Source::Rows { sql: Sql::new(text, bound), placed: false }
            }
            Sieve::Or(parts) => {
                let mut united = Vec::new();
                for part in parts {
                    match self.source(part)? {
                        Some(Source::Nothing) => {}
                        Some(Source::Text(text)) => united.push(Sql::new(
                            "select rowid as row from search.row_text where row_text match ?",
                            [text.into()],
                        )),
                        Some(Source::Rows { sql, .. }) => united.push(sql),
                        None => return Ok(None),
                    }
                }
                if united.is_empty() {
                    return Ok(Some(Source::Nothing));
                }
                let bound = united.iter().flat_map(|sql| sql.bound.clone()).collect::<Vec<_>>();
                let texts: Vec<String> = united.into_iter().map(|sql| sql.text).collect();
                Source::Rows { sql: Sql::new(texts.join(" union "), bound), placed: false }
            }
            _ => return Ok(None),
        }))
    }

    /// A query of full text within the object. Rows of too many terms are in every answer.
    pub(super) fn within(&self, text: &str) -> String {
        format!("\"{}\" AND (({text}) OR \"{}\")", terms::object(self.object), terms::MORE)
    }
}

/// The query of full text that a sieve of terms alone is.
pub(super) fn full_text(sieve: &Sieve) -> Option<String> {
    let all = |parts: &[Sieve], between: &str| {
        let texts: Option<Vec<String>> =
            parts.iter().map(|part| full_text(part).map(|text| format!("({text})"))).collect();
        texts.filter(|texts| !texts.is_empty()).map(|texts| texts.join(between))
    };
    match sieve {
        // A term is letters and digits.
        Sieve::Is(Leaf::Term(term)) => Some(format!("\"{term}\"")),
        Sieve::And(parts) => all(parts, " AND "),
        Sieve::Or(parts) => all(parts, " OR "),
        _ => None,
    }
}

fn bounds(range: Range) -> (String, Vec<Value>) {
    let mut text = String::new();
    let mut bound = Vec::new();
    for (end, open, closed) in [(range.low, ">", ">="), (range.high, "<", "<=")] {
        if let Some((number, within)) = end {
            text += " and value ";
            text += if within { closed } else { open };
            text += " ?";
            bound.push(number.into());
        }
    }
    (text, bound)
}
