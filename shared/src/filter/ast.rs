//! The one tree that every form of a filter becomes. Equal meaning in equal words is one tree: no parentheses, no double negation of
//! numbers, `and` and `or` flat, lists as lists whether they came as JSON or as text.

use serde_json::{Number, Value};

use super::error::{FilterError, Position};

/// Highest tree: bounds the recursion of whatever walks it.
pub const HEIGHT: u16 = 128;

/// An expression with its place in the text.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it says.
    pub kind: Kind,
    /// Where it begins; [`Position::START`] when it came as JSON.
    pub at: Position,
    height: u16,
}

/// Places are no part of what an expression says.
impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What an expression says.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Null, a boolean, a number or a text.
    Literal(Value),
    /// `[a, b]`, also the list of `in (a, b)`.
    List(Vec<Expr>),
    /// `{'key': value}`.
    Object(Vec<(String, Expr)>),
    /// `interval 7 days`.
    Interval(Interval),
    /// `metadata.user.id`, `tags[0]`.
    Path(Vec<Step>),
    /// `*`.
    Star,
    /// A function with its name in lower case.
    Call {
        /// In lower case.
        name: String,
        /// `count(distinct x)`.
        distinct: bool,
        /// In order.
        arguments: Vec<Expr>,
    },
    /// `not x`.
    Not(Box<Expr>),
    /// `-x`, never of a number.
    Negative(Box<Expr>),
    /// `x is null`.
    IsNull(Box<Expr>),
    /// Two sides and what is between them.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// All of two or more.
    And(Vec<Expr>),
    /// Any of two or more.
    Or(Vec<Expr>),
    /// `a ? b : c ? d : e`: the first that holds decides.
    If(Vec<(Expr, Expr)>, Box<Expr>),
    /// `any_span(x)`: some span of the trace.
    AnySpan(Box<Expr>),
}

/// What stands between two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// Text with `%` for anything, case-sensitive.
    Like,
    /// The same in any case.
    Ilike,
    /// All words of the right side are in the left.
    Match,
    /// The left is an element of the list on the right.
    In,
    /// The left holds the right.
    Includes,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

impl Operator {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Like => "like",
            Self::Ilike => "ilike",
            Self::Match => "match",
            Self::In => "in",
            Self::Includes => "includes",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }

    /// Whether it yields a number or a time rather than true or false.
    pub fn is_arithmetic(self) -> bool {
        matches!(self, Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Modulo)
    }
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// Of an object.
    Key(String),
    /// Of a list, from 0; negative from the end.
    Index(i64),
}

/// A length of time by the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    /// How many.
    pub count: i64,
    /// Of what.
    pub unit: Unit,
}

/// Units of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they say it")]
pub enum Unit {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
}

impl Unit {
    /// All, longest first.
    pub const ALL: [Self; 9] = [
        Self::Year,
        Self::Month,
        Self::Week,
        Self::Day,
        Self::Hour,
        Self::Minute,
        Self::Second,
        Self::Millisecond,
        Self::Microsecond,
    ];

    /// Its name, singular.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
            Self::Millisecond => "millisecond",
            Self::Microsecond => "microsecond",
        }
    }

    /// Reads a name, singular or plural, in any case.
    pub fn read(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let singular = lower.strip_suffix('s').unwrap_or(&lower);
        Self::ALL.into_iter().find(|unit| unit.as_str() == singular)
    }
}

impl Interval {
    /// Reads `7 days`.
    pub fn read(text: &str) -> Option<Self> {
        let (count, unit) = text.trim().split_once(char::is_whitespace)?;
        Some(Self { count: count.parse().ok()?, unit: Unit::read(unit.trim())? })
    }
}

impl Expr {
    /// An expression, unless it is too high, or `in` what can be no list.
    pub fn new(kind: Kind, at: Position) -> Result<Self, FilterError> {
        if let Kind::Binary(Operator::In, _, right) = &kind
            && !matches!(right.kind, Kind::List(_) | Kind::Path(_) | Kind::Call { .. })
        {
            return Err(FilterError::at(at, "in wants a list such as ('a', 'b'), or a field that holds one"));
        }
        let height = 1 + kind.children().map(|child| child.height).max().unwrap_or(0);
        if height > HEIGHT {
            return Err(FilterError::at(at, format!("is nested deeper than {HEIGHT} levels; say it in parts")));
        }
        Ok(Self { kind, at, height })
    }

    /// `-x`; the negative of a number is a number.
    pub fn negative(inner: Self, at: Position) -> Result<Self, FilterError> {
        match inner.kind {
            Kind::Literal(Value::Number(number)) => Self::new(Kind::Literal(Value::Number(negate(&number))), at),
            kind => Self::new(Kind::Negative(Box::new(Self { kind, ..inner })), at),
        }
    }

    /// All of them; of one it is itself.
    pub fn and(parts: Vec<Self>, at: Position) -> Result<Self, FilterError> {
        let take = |kind| match kind {
            Kind::And(parts) => Ok(parts),
            other => Err(other),
        };
        Self::flat(parts, at, take, Kind::And)
    }

    /// Any of them; of one it is itself.
    pub fn or(parts: Vec<Self>, at: Position) -> Result<Self, FilterError> {
        let take = |kind| match kind {
            Kind::Or(parts) => Ok(parts),
            other => Err(other),
        };
        Self::flat(parts, at, take, Kind::Or)
    }

    fn flat(
        parts: Vec<Self>,
        at: Position,
        take: impl Fn(Kind) -> Result<Vec<Self>, Kind>,
        make: impl Fn(Vec<Self>) -> Kind,
    ) -> Result<Self, FilterError> {
        let mut all = Vec::with_capacity(parts.len());
        for part in parts {
            match take(part.kind) {
                Ok(inner) => all.extend(inner),
                Err(kind) => all.push(Self { kind, ..part }),
            }
        }
        match all.pop() {
            Some(only) if all.is_empty() => Ok(only),
            Some(last) => {
                all.push(last);
                Self::new(make(all), at)
            }
            None => Err(FilterError::at(at, "has no parts")),
        }
    }

    /// Conditions in their order; an `else` that is another `if` goes on.
    pub fn choice(mut branches: Vec<(Self, Self)>, otherwise: Self, at: Position) -> Result<Self, FilterError> {
        match otherwise.kind {
            Kind::If(more, last) => {
                branches.extend(more);
                Self::new(Kind::If(branches, last), at)
            }
            kind => Self::new(Kind::If(branches, Box::new(Self { kind, ..otherwise })), at),
        }
    }

    /// A value as it stands in JSON.
    pub fn value(value: Value, at: Position) -> Result<Self, FilterError> {
        let kind = match value {
            Value::Array(items) => {
                Kind::List(items.into_iter().map(|item| Self::value(item, at)).collect::<Result<_, _>>()?)
            }
            Value::Object(map) => {
                let entries = map.into_iter().map(|(key, value)| Ok((key, Self::value(value, at)?)));
                Kind::Object(entries.collect::<Result<_, FilterError>>()?)
            }
            scalar => Kind::Literal(scalar),
        };
        Self::new(kind, at)
    }

    /// The same, with other expressions below it.
    pub fn map(&self, change: &mut dyn FnMut(&Self) -> Result<Option<Self>, FilterError>) -> Result<Self, FilterError> {
        if let Some(changed) = change(self)? {
            return Ok(changed);
        }
        let mut each = |expr: &Self| expr.map(change);
        let mut boxed = |expr: &Self| each(expr).map(Box::new);
        let kind = match &self.kind {
            leaf @ (Kind::Literal(_) | Kind::Interval(_) | Kind::Path(_) | Kind::Star) => leaf.clone(),
            Kind::List(items) => Kind::List(items.iter().map(each).collect::<Result<_, _>>()?),
            Kind::And(items) => Kind::And(items.iter().map(each).collect::<Result<_, _>>()?),
            Kind::Or(items) => Kind::Or(items.iter().map(each).collect::<Result<_, _>>()?),
            Kind::Object(entries) => {
                let entries = entries.iter().map(|(key, value)| Ok((key.clone(), each(value)?)));
                Kind::Object(entries.collect::<Result<_, FilterError>>()?)
            }
            Kind::Call { name, distinct, arguments } => Kind::Call {
                name: name.clone(),
                distinct: *distinct,
                arguments: arguments.iter().map(each).collect::<Result<_, _>>()?,
            },
            Kind::Not(inner) => Kind::Not(boxed(inner)?),
            Kind::Negative(inner) => Kind::Negative(boxed(inner)?),
            Kind::IsNull(inner) => Kind::IsNull(boxed(inner)?),
            Kind::AnySpan(inner) => Kind::AnySpan(boxed(inner)?),
            Kind::Binary(operator, left, right) => Kind::Binary(*operator, boxed(left)?, boxed(right)?),
            Kind::If(branches, otherwise) => {
                let mut made = Vec::with_capacity(branches.len());
                for (condition, then) in branches {
                    made.push((each(condition)?, each(then)?));
                }
                Kind::If(made, Box::new(each(otherwise)?))
            }
        };
        Self::new(kind, self.at)
    }

    /// Whether it, or anything below it, is such.
    pub fn any(&self, is: &dyn Fn(&Self) -> bool) -> bool {
        is(self) || self.kind.children().any(|child| child.any(is))
    }
}

impl Kind {
    /// Expressions directly below.
    pub fn children(&self) -> Box<dyn Iterator<Item = &Expr> + '_> {
        match self {
            Self::Literal(_) | Self::Interval(_) | Self::Path(_) | Self::Star => Box::new(std::iter::empty()),
            Self::List(items) | Self::And(items) | Self::Or(items) | Self::Call { arguments: items, .. } => {
                Box::new(items.iter())
            }
            Self::Object(entries) => Box::new(entries.iter().map(|(_, value)| value)),
            Self::Not(inner) | Self::Negative(inner) | Self::IsNull(inner) | Self::AnySpan(inner) => {
                Box::new(std::iter::once(&**inner))
            }
            Self::Binary(_, left, right) => Box::new([&**left, &**right].into_iter()),
            Self::If(branches, otherwise) => {
                let branches = branches.iter().flat_map(|(condition, then)| [condition, then]);
                Box::new(branches.chain(std::iter::once(&**otherwise)))
            }
        }
    }
}

/// The negative of a number; whole numbers stay whole as long as they fit.
fn negate(number: &Number) -> Number {
    let whole = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from)).map(|whole| -whole);
    match whole {
        Some(whole) => Number::from_i128(whole)
            .filter(|number| number.is_i64() || number.is_u64())
            .or_else(|| Number::from_f64(whole as f64)),
        None => number.as_f64().and_then(|number| Number::from_f64(-number)),
    }
    .unwrap_or_else(|| number.clone())
}
