//! Filters and queries as JSON trees, in which clients send them (compat 4.6). The same tree as from text; inside it, text may stand
//! as `{"btql": "…"}`.

use serde_json::{Map, Value};

use super::ast::{Expr, Interval, Kind, Operator, Step, Unit};
use super::error::{FilterError, Position, did_you_mean};
use super::query::{Column, MoreFilter, Query, Sample, SampleSize, Shape, Sort, Source, Unpivot};
use super::{functions, parser};

/// Deepest JSON that is read; the parser of requests stops there as well.
const DEPTH: usize = 128;

/// Operations of two sides.
const BINARY: [(&str, Operator); 16] = [
    ("eq", Operator::Equal),
    ("is", Operator::Equal),
    ("ne", Operator::NotEqual),
    ("lt", Operator::Less),
    ("le", Operator::LessOrEqual),
    ("gt", Operator::Greater),
    ("ge", Operator::GreaterOrEqual),
    ("like", Operator::Like),
    ("ilike", Operator::Ilike),
    ("match", Operator::Match),
    ("in", Operator::In),
    ("add", Operator::Add),
    ("sub", Operator::Subtract),
    ("mul", Operator::Multiply),
    ("div", Operator::Divide),
    ("mod", Operator::Modulo),
];

/// Operations of another form.
const OTHER: [&str; 15] = [
    "literal",
    "interval",
    "ident",
    "star",
    "function",
    "includes",
    "and",
    "or",
    "neg",
    "not",
    "isnull",
    "isnotnull",
    "if",
    "singlespanfilter",
    "btql",
];

/// Reads an expression: a tree, a snippet, a text, or a list of them that must all hold.
pub fn expression(value: &Value) -> Result<Expr, FilterError> {
    read(value, 0)
}

fn read(value: &Value, depth: usize) -> Result<Expr, FilterError> {
    let at = Position::START;
    if depth > DEPTH {
        return Err(FilterError::in_json(format!("is nested deeper than {DEPTH} levels")));
    }
    match value {
        Value::String(text) => snippet(text),
        Value::Array(items) => {
            let parts = items.iter().enumerate().map(|(i, item)| read(item, depth + 1).map_err(|error| error.under(i)));
            let parts = parts.collect::<Result<Vec<_>, _>>()?;
            if parts.is_empty() { Expr::value(true.into(), at) } else { Expr::and(parts, at).map_err(in_json) }
        }
        Value::Object(node) => match node.get("btql") {
            Some(Value::String(text)) => snippet(text).map_err(|error| error.under("btql")),
            Some(_) => Err(FilterError::in_json("is no text").under("btql")),
            None => operation(node, depth).map_err(in_json),
        },
        Value::Bool(flag) => Expr::value((*flag).into(), at),
        _ => Err(FilterError::in_json("is no expression; one is {\"op\": …}, {\"btql\": \"…\"} or a text")),
    }
}

/// Text inside JSON: its error has both places.
fn snippet(text: &str) -> Result<Expr, FilterError> {
    parser::expression(text).map_err(|error| FilterError { pointer: Some(String::new()), ..error })
}

/// An error of making a node has no place in a text.
fn in_json(error: FilterError) -> FilterError {
    match error.pointer {
        Some(_) => error,
        None => FilterError { position: None, pointer: Some(String::new()), ..error },
    }
}

fn operation(node: &Map<String, Value>, depth: usize) -> Result<Expr, FilterError> {
    let at = Position::START;
    let field = |key: &str| node.get(key).ok_or_else(|| FilterError::in_json(format!("{key} is missing")));
    let side = |key: &str| read(field(key)?, depth + 1).map_err(|error| error.under(key));
    let boxed = |key: &str| side(key).map(Box::new);
    let op = field("op")?.as_str().ok_or_else(|| FilterError::in_json("op is no text"))?;
    if let Some((_, operator)) = BINARY.iter().find(|(name, _)| *name == op) {
        let (left, right) = (boxed("left")?, boxed("right")?);
        if op == "is" && right.kind == Kind::Literal(Value::Null) {
            return Expr::new(Kind::IsNull(left), at);
        }
        return Expr::new(Kind::Binary(*operator, left, right), at);
    }
    match op {
        "literal" => Expr::value(node.get("value").cloned().unwrap_or_default(), at),
        "ident" => path(field("name")?),
        "star" => Expr::new(Kind::Star, at),
        "interval" => {
            let count = field("value")?.as_i64();
            let unit = field("unit")?.as_str().and_then(Unit::read);
            let (count, unit) =
                count.zip(unit).ok_or_else(|| FilterError::in_json("has no whole value and unit of time"))?;
            Expr::new(Kind::Interval(Interval { count, unit }), at)
        }
        "includes" => Expr::new(Kind::Binary(Operator::Includes, boxed("haystack")?, boxed("needle")?), at),
        "and" | "or" => {
            let parts = match node.get("children") {
                Some(Value::Array(children)) => {
                    let read = |(i, child)| read(child, depth + 1).map_err(|error| error.under(i).under("children"));
                    children.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?
                }
                Some(Value::Null) | None => vec![side("left")?, side("right")?],
                Some(_) => return Err(FilterError::in_json("is no list").under("children")),
            };
            match (parts.is_empty(), op) {
                // All of nothing holds, any of nothing does not.
                (true, _) => Expr::value((op == "and").into(), at),
                (false, "and") => Expr::and(parts, at),
                (false, _) => Expr::or(parts, at),
            }
        }
        "neg" => Expr::negative(side("expr")?, at),
        "not" => Expr::new(Kind::Not(boxed("expr")?), at),
        "isnull" => Expr::new(Kind::IsNull(boxed("expr")?), at),
        "isnotnull" => Expr::new(Kind::Not(Box::new(Expr::new(Kind::IsNull(boxed("expr")?), at)?)), at),
        "singlespanfilter" => Expr::new(Kind::AnySpan(boxed("expr")?), at),
        "if" => choice(node, depth),
        "function" => call(node, depth),
        "matchingspansfilter" => Err(FilterError::in_json("matchingspansfilter is not offered").unsupported()),
        other => {
            let known = || OTHER.into_iter().chain(BINARY.iter().map(|(name, _)| *name));
            let shown: String = other.chars().take(40).collect();
            Err(FilterError::in_json(format!("there is no op {shown:?}{}", did_you_mean(other, known()))).under("op"))
        }
    }
}

fn path(name: &Value) -> Result<Expr, FilterError> {
    let step = |step: &Value| match step {
        Value::String(key) => Some(Step::Key(key.clone())),
        other => other.as_i64().map(Step::Index),
    };
    let steps: Option<Vec<Step>> = match name {
        Value::Array(steps) => steps.iter().map(step).collect(),
        other => step(other).map(|step| vec![step]),
    };
    match steps {
        Some(steps) if matches!(steps.first(), Some(Step::Key(_))) => Expr::new(Kind::Path(steps), Position::START),
        _ => Err(FilterError::in_json("is no list of names and places that begins with a name").under("name")),
    }
}

fn choice(node: &Map<String, Value>, depth: usize) -> Result<Expr, FilterError> {
    let missing = || FilterError::in_json("is no list of {cond, then}").under("conds");
    let conditions =
        node.get("conds").and_then(Value::as_array).filter(|conds| !conds.is_empty()).ok_or_else(missing)?;
    let mut branches = Vec::with_capacity(conditions.len());
    for (i, branch) in conditions.iter().enumerate() {
        let part = |key: &str| {
            let value = branch.get(key).ok_or_else(|| FilterError::in_json(format!("{key} is missing")))?;
            read(value, depth + 1).map_err(|error| error.under(key))
        };
        let both = part("cond").and_then(|cond| Ok((cond, part("then")?)));
        branches.push(both.map_err(|error| error.under(i).under("conds"))?);
    }
    let otherwise = match node.get("else") {
        None | Some(Value::Null) => Expr::value(Value::Null, Position::START)?,
        Some(value) => read(value, depth + 1).map_err(|error| error.under("else"))?,
    };
    Expr::choice(branches, otherwise, Position::START)
}

fn call(node: &Map<String, Value>, depth: usize) -> Result<Expr, FilterError> {
    let name = function_name(node)?;
    let distinct = node.get("duplicate_treatment").and_then(Value::as_str) == Some("Distinct");
    let mut arguments = Vec::new();
    for (i, argument) in node.get("args").and_then(Value::as_array).into_iter().flatten().enumerate() {
        // `{expr, alias}` is an expression as well.
        let inner = argument.get("expr").filter(|_| argument.get("op").is_none()).unwrap_or(argument);
        arguments.push(read(inner, depth + 1).map_err(|error| error.under(i).under("args"))?);
    }
    functions::make(name, distinct, arguments, Position::START).map_err(in_json)
}

fn function_name(node: &Map<String, Value>) -> Result<String, FilterError> {
    let name = match node.get("name") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(ident) => ident.get("name").and_then(|name| name.get(0)).and_then(Value::as_str),
        None => None,
    };
    name.map(str::to_ascii_lowercase).ok_or_else(|| FilterError::in_json("is no name of a function").under("name"))
}

/// Reads a whole query. Unknown keys are ignored, as clients forward them.
pub fn query(value: &Value) -> Result<Query, FilterError> {
    let map = value.as_object().ok_or_else(|| FilterError::in_json("is no query; one is an object or a text"))?;
    let mut query = Query::default();
    for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
        clause(key, value, &mut query).map_err(|error| error.under(key))?;
    }
    Ok(query)
}

fn clause(key: &str, value: &Value, query: &mut Query) -> Result<(), FilterError> {
    match key {
        "select" => query.select = columns(value)?,
        "infer" => query.infer = columns(value)?.into_iter().map(|column| column.expr).collect(),
        "dimensions" => query.dimensions = columns(value)?,
        "measures" => query.measures = columns(value)?,
        "pivot" => query.pivot = columns(value)?,
        "custom_columns" => query.custom_columns = columns(value)?,
        "unpivot" => query.unpivot = each(value, unpivot)?,
        "from" => query.from = Some(source(value)?),
        "filter" => query.filter = Some(expression(value)?),
        "span_filter" => query.more_filters.push((MoreFilter::Span, expression(value)?)),
        "trace_filter" => query.more_filters.push((MoreFilter::Trace, expression(value)?)),
        "final_filter" => query.more_filters.push((MoreFilter::Final, expression(value)?)),
        "comparison_key" => query.comparison_key = Some(expression(value)?),
        "sort" => query.sort = each(value, sort)?,
        "limit" => {
            query.limit = Some(value.as_u64().ok_or_else(|| FilterError::in_json("is no whole number of rows"))?)
        }
        "cursor" => {
            query.cursor = Some(value.as_str().ok_or_else(|| FilterError::in_json("is no text"))?.to_owned());
        }
        "sample" => query.sample = Some(sample(value)?),
        "preview_length" => {
            query.preview_length = Some(value.as_i64().ok_or_else(|| FilterError::in_json("is no whole number"))?);
        }
        _ => query.unread.extend(parser::clause_named(key)),
    }
    Ok(())
}

fn each<T>(value: &Value, read: impl Fn(&Value) -> Result<T, FilterError>) -> Result<Vec<T>, FilterError> {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().map(|(i, item)| read(item).map_err(|error| error.under(i))).collect()
        }
        one => Ok(vec![read(one)?]),
    }
}

fn columns(value: &Value) -> Result<Vec<Column>, FilterError> {
    each(value, |item| {
        let alias = item.get("alias").and_then(Value::as_str).map(str::to_owned);
        match item.get("expr") {
            Some(expr) => Ok(Column { expr: expression(expr).map_err(|error| error.under("expr"))?, alias }),
            None => Ok(Column { expr: expression(item)?, alias }),
        }
    })
}

fn sort(value: &Value) -> Result<Sort, FilterError> {
    let descending = value.get("dir").and_then(Value::as_str).is_some_and(|dir| dir.eq_ignore_ascii_case("desc"));
    match value.get("expr") {
        Some(expr) => Ok(Sort { expr: expression(expr).map_err(|error| error.under("expr"))?, descending }),
        // `"created desc"` as a text.
        None => match value.as_str().map(str::trim) {
            Some(text) => parser::sort(text).map_err(|error| FilterError { pointer: Some(String::new()), ..error }),
            None => Ok(Sort { expr: expression(value)?, descending }),
        },
    }
}

fn unpivot(value: &Value) -> Result<Unpivot, FilterError> {
    let expr = value.get("expr").ok_or_else(|| FilterError::in_json("expr is missing"))?;
    let expr = expression(expr).map_err(|error| error.under("expr"))?;
    let names: Option<Vec<String>> = match value.get("alias") {
        Some(Value::String(name)) => Some(vec![name.clone()]),
        Some(Value::Array(names)) => names.iter().map(|name| name.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    match names.as_deref() {
        Some([value]) => Ok(Unpivot { expr, key: None, value: value.clone() }),
        Some([key, value]) => Ok(Unpivot { expr, key: Some(key.clone()), value: value.clone() }),
        _ => Err(FilterError::in_json("is no name and no pair of names").under("alias")),
    }
}

fn sample(value: &Value) -> Result<Sample, FilterError> {
    let wrong =
        || FilterError::in_json("is not {\"method\": {\"type\": \"rate\" | \"count\", \"value\": …}, \"seed\": …}");
    let method = value.get("method").ok_or_else(wrong)?;
    let amount = method.get("value").ok_or_else(wrong)?;
    let size = match method.get("type").and_then(Value::as_str) {
        Some("rate") => amount.as_f64().filter(|rate| (0.0..=1.0).contains(rate)).map(SampleSize::Rate),
        Some("count") => amount.as_u64().map(SampleSize::Count),
        _ => None,
    };
    Ok(Sample { size: size.ok_or_else(wrong)?, seed: value.get("seed").and_then(Value::as_i64) })
}

/// `from`: a name, or a call whose arguments are ids.
fn source(value: &Value) -> Result<Source, FilterError> {
    if let Some(text) = value.as_str().or_else(|| value.get("btql").and_then(Value::as_str)) {
        return parser::source(text).map_err(|error| FilterError { pointer: Some(String::new()), ..error });
    }
    let node = value.as_object().ok_or_else(|| FilterError::in_json("is no source"))?;
    let name = match node.get("op").and_then(Value::as_str) {
        Some("ident") => {
            node.get("name").and_then(|name| name.get(0)).and_then(Value::as_str).map(str::to_ascii_lowercase)
        }
        _ => Some(function_name(node)?),
    };
    let name = name.ok_or_else(|| FilterError::in_json("is no name of a source").under("name"))?;
    let mut ids = Vec::new();
    for (i, argument) in node.get("args").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let inner = argument.get("expr").unwrap_or(argument);
        let id = inner.get("value").unwrap_or(inner).as_str();
        ids.push(
            id.ok_or_else(|| FilterError::in_json("is no id as a literal text").under(i).under("args"))?.to_owned(),
        );
    }
    let shape = match node.get("shape").and_then(Value::as_str) {
        None => None,
        Some(word) => Some(
            Shape::read(word)
                .ok_or_else(|| FilterError::in_json("is none of spans, traces, summary").under("shape"))?,
        ),
    };
    Ok(Source { name, ids, shape })
}
