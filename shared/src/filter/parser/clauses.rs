//! Queries as clauses: `select: * | from: project_logs('…') | filter: …`. In any order, each once, parted by `|` or a new line.

use super::cursor::Cursor;
use crate::filter::ast::{Expr, Kind};
use crate::filter::error::{FilterError, did_you_mean};
use crate::filter::lexer::TokenKind;
use crate::filter::query::{Column, MoreFilter, Query, Sample, SampleSize, Shape, Sort, Source, Unpivot};

/// Names of clauses.
pub(in crate::filter) const CLAUSES: [&str; 22] = [
    "select",
    "from",
    "filter",
    "sort",
    "limit",
    "cursor",
    "dimensions",
    "measures",
    "infer",
    "unpivot",
    "pivot",
    "sample",
    "preview_length",
    "comparison_key",
    "weighted_scores",
    "custom_columns",
    "inference_budget",
    "span_filter",
    "trace_filter",
    "final_filter",
    "final_dimensions",
    "final_measures",
];

impl Cursor {
    /// Whether a clause begins here.
    pub(super) fn begins_clause(&self) -> bool {
        let name = match &self.peek().kind {
            TokenKind::Word(word) => word.to_ascii_lowercase(),
            _ => return false,
        };
        self.ahead(1).is(":") && CLAUSES.contains(&name.as_str())
    }

    /// A whole query.
    pub(super) fn clauses(&mut self) -> Result<Query, FilterError> {
        let mut query = Query::default();
        let mut seen: Vec<&'static str> = Vec::new();
        loop {
            while self.eat("|") || self.eat(";") {}
            if self.peek().kind == TokenKind::End {
                return Ok(query);
            }
            let at = self.at();
            let name = self.clause_name()?;
            if seen.contains(&name) {
                return Err(FilterError::at(at, format!("{name} is given twice")));
            }
            seen.push(name);
            self.clause(name, &mut query)?;
            if self.peek().kind != TokenKind::End
                && !self.peek().is("|")
                && !self.peek().is(";")
                && !self.begins_clause()
            {
                let wrong = self.wrong("\"|\", the next clause or the end");
                return Err(FilterError { message: wrong.message.clone() + &self.hint(), ..wrong });
            }
        }
    }

    fn clause_name(&mut self) -> Result<&'static str, FilterError> {
        let name = match &self.peek().kind {
            TokenKind::Word(word) => word.to_ascii_lowercase(),
            _ => return Err(self.wrong("a clause such as \"select:\" or \"filter:\"")),
        };
        let Some(known) = CLAUSES.into_iter().find(|known| *known == name) else {
            let wrong = self.wrong(&format!("a clause ({})", CLAUSES.join(", ")));
            return Err(FilterError { message: wrong.message.clone() + &did_you_mean(&name, CLAUSES), ..wrong });
        };
        self.next();
        self.expect(":", &format!("after {known}"))?;
        Ok(known)
    }

    fn clause(&mut self, name: &'static str, query: &mut Query) -> Result<(), FilterError> {
        match name {
            "select" => query.select = self.list(Self::column)?,
            "infer" => query.infer = self.list(Self::expr)?,
            "dimensions" => query.dimensions = self.list(Self::column)?,
            "measures" => query.measures = self.list(Self::column)?,
            "pivot" => query.pivot = self.list(Self::column)?,
            "custom_columns" => query.custom_columns = self.list(Self::column)?,
            "unpivot" => query.unpivot = self.list(Self::unpivot)?,
            "from" => query.from = Some(self.source()?),
            "filter" => query.filter = Some(self.expr()?),
            "span_filter" => query.more_filters.push((MoreFilter::Span, self.expr()?)),
            "trace_filter" => query.more_filters.push((MoreFilter::Trace, self.expr()?)),
            "final_filter" => query.more_filters.push((MoreFilter::Final, self.expr()?)),
            "comparison_key" => query.comparison_key = Some(self.expr()?),
            "sort" => query.sort = self.list(Self::sort)?,
            "limit" => query.limit = self.limit()?,
            "cursor" => query.cursor = self.maybe_text()?,
            "sample" => query.sample = Some(self.sample()?),
            "preview_length" => query.preview_length = Some(self.whole("a number of characters, or -1")?),
            other => {
                self.list(Self::column)?;
                query.unread.push(other);
            }
        }
        Ok(())
    }

    pub(super) fn column(&mut self) -> Result<Column, FilterError> {
        let expr = self.expr()?;
        let alias = if self.eat_word("as") { Some(self.name("a name after as")?) } else { None };
        Ok(Column { expr, alias })
    }

    fn unpivot(&mut self) -> Result<Unpivot, FilterError> {
        let expr = self.expr()?;
        self.expect_word("as", "and the names of key and value")?;
        self.expect("(", "before the names of key and value")?;
        let first = self.name("a name")?;
        let second = if self.eat(",") { Some(self.name("a name")?) } else { None };
        self.expect(")", "after the names of key and value")?;
        Ok(match second {
            Some(value) => Unpivot { expr, key: Some(first), value },
            None => Unpivot { expr, key: None, value: first },
        })
    }

    pub(super) fn sort(&mut self) -> Result<Sort, FilterError> {
        let expr = self.expr()?;
        let descending = self.eat_word("desc");
        if !descending {
            self.eat_word("asc");
        }
        Ok(Sort { expr, descending })
    }

    pub(super) fn limit(&mut self) -> Result<Option<u64>, FilterError> {
        if self.eat_word("null") {
            return Ok(None);
        }
        let wrong = self.wrong("a whole number of rows");
        u64::try_from(self.whole("a whole number of rows")?).map(Some).map_err(|_| wrong)
    }

    fn maybe_text(&mut self) -> Result<Option<String>, FilterError> {
        if self.eat_word("null") { Ok(None) } else { self.text("the cursor of the last page, in quotes").map(Some) }
    }

    fn sample(&mut self) -> Result<Sample, FilterError> {
        let number = match &self.peek().kind {
            TokenKind::Number(number) => number.clone(),
            _ => return Err(self.wrong("a part such as 25% or a number of rows")),
        };
        let wrong = self.wrong("a part from 0% to 100%, or a whole number of rows");
        self.next();
        let size = if self.eat("%") {
            let rate = number.as_f64().map(|percent| percent / 100.0);
            SampleSize::Rate(rate.filter(|rate| (0.0..=1.0).contains(rate)).ok_or(wrong)?)
        } else {
            SampleSize::Count(number.as_u64().ok_or(wrong)?)
        };
        let seed = if self.eat_word("seed") { Some(self.whole("a whole number")?) } else { None };
        Ok(Sample { size, seed })
    }

    /// `project_logs('id', …) shape`, in SQL `project_logs('id', shape => 'traces')`.
    pub(super) fn source(&mut self) -> Result<Source, FilterError> {
        let name = self.name("a source such as project_logs('…')")?.to_ascii_lowercase();
        let mut source = Source { name, ids: Vec::new(), shape: None };
        if self.eat("(") {
            if !self.peek().is(")") {
                self.list(|cursor| cursor.source_argument(&mut source))?;
            }
            self.expect(")", "or \",\" after an id")?;
        }
        if let TokenKind::Word(word) = &self.peek().kind
            && !self.ahead(1).is(":")
            && !super::sql::ends_source(word)
        {
            let shapes = Shape::ALL.map(Shape::as_str);
            let Some(shape) = Shape::read(word) else {
                let wrong = self.wrong(&format!("a shape ({})", shapes.join(", ")));
                return Err(FilterError { message: wrong.message.clone() + &did_you_mean(word, shapes), ..wrong });
            };
            source.shape = Some(shape);
            self.next();
        }
        Ok(source)
    }

    fn source_argument(&mut self, source: &mut Source) -> Result<(), FilterError> {
        if self.peek().is_word("shape") && self.ahead(1).is("=>") {
            self.next();
            self.next();
            let wrong = self.wrong("'spans', 'traces' or 'summary'");
            source.shape = Some(Shape::read(&self.text("a shape in quotes")?).ok_or(wrong)?);
            return Ok(());
        }
        source.ids.push(self.text("an id in quotes")?);
        Ok(())
    }
}

/// What a column is called when nobody named it: the last name of its path.
pub(in crate::filter) fn implied_name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        Kind::Path(steps) => steps.iter().rev().find_map(|step| match step {
            crate::filter::ast::Step::Key(key) => Some(key.as_str()),
            crate::filter::ast::Step::Index(_) => None,
        }),
        _ => None,
    }
}
