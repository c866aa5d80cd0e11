//! Trees as text, which reads back as the same tree. Parentheses stand wherever one operation is inside another.

use std::fmt::{self, Display, Formatter, Write as _};

use serde_json::Value;

use super::ast::{Expr, Interval, Kind, Operator, Step};
use super::query::{Column, MoreFilter, Query, SampleSize, Source};

/// Words that a path cannot begin with as they are.
const KEYWORDS: [&str; 13] =
    ["and", "or", "not", "in", "is", "like", "ilike", "as", "true", "false", "null", "interval", "distinct"];

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Literal(Value::String(text)) => quoted(f, text),
            Kind::Literal(value) => write!(f, "{value}"),
            Kind::List(items) => {
                f.write_char('[')?;
                separated(f, items, ", ")?;
                f.write_char(']')
            }
            Kind::Object(entries) => {
                f.write_char('{')?;
                for (i, (key, value)) in entries.iter().enumerate() {
                    f.write_str(if i > 0 { ", " } else { "" })?;
                    quoted(f, key)?;
                    write!(f, ": {value}")?;
                }
                f.write_char('}')
            }
            // A sign would be read as a minus.
            Kind::Interval(Interval { count, unit }) if *count < 0 => write!(f, "interval '{count} {}'", unit.as_str()),
            Kind::Interval(Interval { count, unit }) => write!(f, "interval {count} {}", unit.as_str()),
            Kind::Path(steps) => path(f, steps),
            Kind::Star => f.write_char('*'),
            Kind::Call { name, distinct, arguments } => {
                write!(f, "{name}({}", if *distinct { "distinct " } else { "" })?;
                separated(f, arguments, ", ")?;
                f.write_char(')')
            }
            Kind::AnySpan(inner) => write!(f, "any_span({inner})"),
            Kind::Not(inner) => match &inner.kind {
                Kind::IsNull(inner) => write!(f, "{} is not null", Operand(inner)),
                Kind::Binary(operator, left, right) if negates(*operator) => {
                    write!(f, "{} not {} {}", Operand(left), operator.as_str(), Operand(right))
                }
                _ => write!(f, "not {}", Operand(inner)),
            },
            Kind::Negative(inner) => write!(f, "-{}", Operand(inner)),
            Kind::IsNull(inner) => write!(f, "{} is null", Operand(inner)),
            Kind::Binary(operator, left, right) => {
                write!(f, "{} {} {}", Operand(left), operator.as_str(), Operand(right))
            }
            Kind::And(parts) => joined(f, parts, " and "),
            Kind::Or(parts) => joined(f, parts, " or "),
            Kind::If(branches, otherwise) => {
                for (condition, then) in branches {
                    write!(f, "{} ? {} : ", Operand(condition), Operand(then))?;
                }
                write!(f, "{}", Operand(otherwise))
            }
        }
    }
}

/// An expression inside another: in parentheses unless it is of one piece.
struct Operand<'a>(&'a Expr);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let whole = match &self.0.kind {
            Kind::Literal(Value::Number(number)) => !number.to_string().starts_with('-'),
            Kind::Literal(_)
            | Kind::List(_)
            | Kind::Object(_)
            | Kind::Interval(_)
            | Kind::Path(_)
            | Kind::Call { .. }
            | Kind::AnySpan(_) => true,
            _ => false,
        };
        if whole { write!(f, "{}", self.0) } else { write!(f, "({})", self.0) }
    }
}

/// Whether `not` can stand before the operator.
fn negates(operator: Operator) -> bool {
    matches!(operator, Operator::Like | Operator::Ilike | Operator::Match | Operator::In | Operator::Includes)
}

/// `x is not null`, `x not in y`: of one piece.
fn is_negated_comparison(inner: &Expr) -> bool {
    match &inner.kind {
        Kind::IsNull(_) => true,
        Kind::Binary(operator, ..) => negates(*operator),
        _ => false,
    }
}

fn joined(f: &mut Formatter<'_>, parts: &[Expr], word: &str) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        f.write_str(if i > 0 { word } else { "" })?;
        // Comparisons bind more tightly than what joins them.
        match part.kind {
            Kind::Binary(..) | Kind::IsNull(_) => write!(f, "{part}")?,
            Kind::Not(ref inner) if is_negated_comparison(inner) => write!(f, "{part}")?,
            _ => write!(f, "{}", Operand(part))?,
        }
    }
    Ok(())
}

fn separated<T: Display>(f: &mut Formatter<'_>, items: &[T], separator: &str) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        f.write_str(if i > 0 { separator } else { "" })?;
        write!(f, "{item}")?;
    }
    Ok(())
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Whether a name can stand without quotes.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn path(f: &mut Formatter<'_>, steps: &[Step]) -> fmt::Result {
    let escaped = |name: &str, quote: &str| name.replace('\\', "\\\\").replace(quote, &format!("\\{quote}"));
    for (i, step) in steps.iter().enumerate() {
        match step {
            Step::Index(place) => write!(f, "[{place}]")?,
            Step::Key(name) if i == 0 => {
                let reserved = KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(name));
                if is_plain(name) && !reserved {
                    f.write_str(name)?;
                } else {
                    write!(f, "`{}`", escaped(name, "`"))?;
                }
            }
            Step::Key(name) if is_plain(name) => write!(f, ".{name}")?,
            Step::Key(name) => write!(f, ".\"{}\"", escaped(name, "\""))?,
        }
    }
    Ok(())
}

fn name(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    path(f, &[Step::Key(text.to_owned())])
}

impl Display for Column {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.expr)?;
        if let Some(alias) = &self.alias {
            f.write_str(" as ")?;
            name(f, alias)?;
        }
        Ok(())
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        name(f, &self.name)?;
        f.write_char('(')?;
        for (i, id) in self.ids.iter().enumerate() {
            f.write_str(if i > 0 { ", " } else { "" })?;
            quoted(f, id)?;
        }
        f.write_char(')')?;
        self.shape.map_or(Ok(()), |shape| write!(f, " {}", shape.as_str()))
    }
}

/// As clauses. Clauses that were not read are not printed.
impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut clauses: Vec<String> = Vec::new();
        let mut list = |name: &str, items: &[Column]| {
            if !items.is_empty() {
                let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                clauses.push(format!("{name}: {}", items.join(", ")));
            }
        };
        list("select", &self.select);
        list("dimensions", &self.dimensions);
        list("measures", &self.measures);
        list("pivot", &self.pivot);
        list("custom_columns", &self.custom_columns);
        if !self.infer.is_empty() {
            let paths: Vec<String> = self.infer.iter().map(ToString::to_string).collect();
            clauses.push(format!("infer: {}", paths.join(", ")));
        }
        if !self.unpivot.is_empty() {
            let each = |unpivot: &super::query::Unpivot| {
                let (key, value) = (unpivot.key.as_deref(), unpivot.value.as_str());
                let names: Vec<String> = key.into_iter().chain([value]).map(|text| Name(text).to_string()).collect();
                format!("{} as ({})", unpivot.expr, names.join(", "))
            };
            clauses.push(format!("unpivot: {}", self.unpivot.iter().map(each).collect::<Vec<_>>().join(", ")));
        }
        clauses.extend(self.from.iter().map(|from| format!("from: {from}")));
        clauses.extend(self.filter.iter().map(|filter| format!("filter: {filter}")));
        clauses.extend(self.more_filters.iter().map(|(kind, filter)| match kind {
            MoreFilter::Span => format!("span_filter: {filter}"),
            MoreFilter::Trace => format!("trace_filter: {filter}"),
            MoreFilter::Final => format!("final_filter: {filter}"),
        }));
        clauses.extend(self.comparison_key.iter().map(|key| format!("comparison_key: {key}")));
        if !self.sort.is_empty() {
            let keys =
                self.sort.iter().map(|sort| format!("{}{}", sort.expr, if sort.descending { " desc" } else { "" }));
            clauses.push(format!("sort: {}", keys.collect::<Vec<_>>().join(", ")));
        }
        clauses.extend(self.limit.iter().map(|limit| format!("limit: {limit}")));
        clauses.extend(self.cursor.iter().map(|cursor| format!("cursor: {}", Quoted(cursor))));
        clauses.extend(self.sample.iter().map(|sample| {
            let seed = sample.seed.map(|seed| format!(" seed {seed}")).unwrap_or_default();
            match sample.size {
                SampleSize::Rate(rate) => format!("sample: {}%{seed}", rate * 100.0),
                SampleSize::Count(count) => format!("sample: {count}{seed}"),
            }
        }));
        clauses.extend(self.preview_length.iter().map(|length| format!("preview_length: {length}")));
        f.write_str(&clauses.join(" | "))
    }
}

struct Name<'a>(&'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        name(f, self.0)
    }
}

struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        quoted(f, self.0)
    }
}
