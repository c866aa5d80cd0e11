//! Expressions: operators by precedence, one function for all levels, so that a nested expression costs few frames.

use serde_json::Value;

use super::cursor::Cursor;
use crate::filter::ast::{Expr, Interval, Kind, Operator, Step, Unit};
use crate::filter::error::{FilterError, Position, did_you_mean};
use crate::filter::functions;
use crate::filter::lexer::TokenKind;

/// How tightly an operator binds, loosest first. The ternary is looser than all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
}

/// What can stand between two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Infix {
    Or,
    And,
    /// `not` before `like`, `in` and the like.
    Negated,
    Is,
    IsNull,
    IsNotNull,
    Binary(Operator),
}

const COMPARISONS: [(&str, Operator); 15] = [
    ("eq", Operator::Equal),
    ("ne", Operator::NotEqual),
    ("lt", Operator::Less),
    ("le", Operator::LessOrEqual),
    ("gt", Operator::Greater),
    ("ge", Operator::GreaterOrEqual),
    ("lte", Operator::LessOrEqual),
    ("gte", Operator::GreaterOrEqual),
    ("like", Operator::Like),
    ("ilike", Operator::Ilike),
    ("match", Operator::Match),
    ("matches", Operator::Match),
    ("in", Operator::In),
    ("includes", Operator::Includes),
    ("contains", Operator::Includes),
];

/// Words that cannot begin a value.
const NOT_VALUES: [&str; 7] = ["and", "or", "in", "is", "like", "ilike", "as"];

/// What may follow a value, for messages.
const OPERATORS: [&str; 12] =
    ["and", "or", "not", "is", "isnull", "isnotnull", "like", "ilike", "match", "in", "includes", "contains"];

impl Infix {
    fn level(self) -> Level {
        match self {
            Self::Or => Level::Or,
            Self::And => Level::And,
            Self::Negated | Self::Is | Self::IsNull | Self::IsNotNull => Level::Comparison,
            Self::Binary(Operator::Add | Operator::Subtract) => Level::Sum,
            Self::Binary(Operator::Multiply | Operator::Divide | Operator::Modulo) => Level::Product,
            Self::Binary(_) => Level::Comparison,
        }
    }
}

impl Cursor {
    /// A whole expression.
    pub(super) fn expr(&mut self) -> Result<Expr, FilterError> {
        self.nested(|cursor| {
            let at = cursor.at();
            let mut branches = Vec::new();
            loop {
                let value = cursor.operand(Level::Or)?;
                if !cursor.eat("?") {
                    return match branches.is_empty() {
                        true => Ok(value),
                        false => Expr::choice(branches, value, at),
                    };
                }
                let then = cursor.expr()?;
                cursor.expect(":", "and what holds otherwise, after \"?\" and what holds then,")?;
                branches.push((value, then));
            }
        })
    }

    /// An expression of operators that bind at least so tightly.
    fn operand(&mut self, level: Level) -> Result<Expr, FilterError> {
        let at = self.at();
        let mut left = if level <= Level::Not && self.eat_word("not") {
            let inner = self.nested(|cursor| cursor.operand(Level::Not))?;
            Expr::new(Kind::Not(Box::new(inner)), at)?
        } else {
            self.unary(level <= Level::Comparison)?
        };
        let mut compared = false;
        while let Some(infix) = self.infix().filter(|infix| infix.level() >= level) {
            if infix.level() == Level::Comparison {
                if compared {
                    return Err(FilterError::at(
                        self.at(),
                        "comparisons do not chain; write a < b and b < c, or put one in parentheses",
                    ));
                }
                compared = true;
            }
            left = match infix {
                Infix::And | Infix::Or => self.joined(left, infix, at)?,
                _ => self.infixed(left, infix, at)?,
            };
        }
        Ok(left)
    }

    /// All parts of a chain of `and` or of `or`.
    fn joined(&mut self, first: Expr, infix: Infix, at: Position) -> Result<Expr, FilterError> {
        let (word, above) = if infix == Infix::And { ("and", Level::Not) } else { ("or", Level::And) };
        let mut parts = vec![first];
        while self.eat_word(word) {
            parts.push(self.operand(above)?);
        }
        if infix == Infix::And { Expr::and(parts, at) } else { Expr::or(parts, at) }
    }

    fn infixed(&mut self, left: Expr, infix: Infix, at: Position) -> Result<Expr, FilterError> {
        self.next();
        let left = Box::new(left);
        let negate = |expr: Expr| Expr::new(Kind::Not(Box::new(expr)), at);
        match infix {
            Infix::IsNull => Expr::new(Kind::IsNull(left), at),
            Infix::IsNotNull => negate(Expr::new(Kind::IsNull(left), at)?),
            Infix::Is => {
                let negated = self.eat_word("not");
                let is = if self.eat_word("null") {
                    Expr::new(Kind::IsNull(left), at)?
                } else if self.peek().is_word("true") || self.peek().is_word("false") {
                    let flag = Expr::new(Kind::Literal(self.peek().is_word("true").into()), self.at())?;
                    self.next();
                    Expr::new(Kind::Binary(Operator::Equal, left, Box::new(flag)), at)?
                } else {
                    return Err(self.wrong("null, not null, true or false"));
                };
                if negated { negate(is) } else { Ok(is) }
            }
            Infix::Negated => match self.infix() {
                Some(
                    inner @ Infix::Binary(
                        Operator::Like | Operator::Ilike | Operator::Match | Operator::In | Operator::Includes,
                    ),
                ) => negate(self.infixed(*left, inner, at)?),
                _ => Err(self.wrong("like, ilike, match, in, includes or contains")),
            },
            Infix::Binary(Operator::In) => {
                let right = self.listed()?;
                Expr::new(Kind::Binary(Operator::In, left, Box::new(right)), at)
            }
            Infix::Binary(operator) => {
                let above = match infix.level() {
                    Level::Sum => Level::Product,
                    Level::Product => return self.product(left, operator, at),
                    _ => Level::Sum,
                };
                let right = self.operand(above)?;
                Expr::new(Kind::Binary(operator, left, Box::new(right)), at)
            }
            Infix::And | Infix::Or => self.joined(*left, infix, at),
        }
    }

    fn product(&mut self, left: Box<Expr>, operator: Operator, at: Position) -> Result<Expr, FilterError> {
        // `75%` is no operation.
        let ends = matches!(&self.peek().kind, TokenKind::End | TokenKind::Symbol(")" | "|" | ","))
            || self.peek().is_word("and")
            || self.peek().is_word("or");
        if let (Operator::Modulo, true, Kind::Literal(Value::Number(number))) = (operator, ends, &left.kind) {
            let part = number.as_f64().unwrap_or_default() / 100.0;
            return Err(FilterError::at(left.at, format!("percent are written as a part of 1: {part} for {number}%")));
        }
        let right = self.unary(false)?;
        Expr::new(Kind::Binary(operator, left, Box::new(right)), at)
    }

    /// The right side of `in`: a list, values in parentheses, or a field that holds a list.
    fn listed(&mut self) -> Result<Expr, FilterError> {
        let at = self.at();
        if !self.eat("(") {
            return self.operand(Level::Sum);
        }
        let items = self.list(Self::expr)?;
        self.expect(")", "after the values of in")?;
        match <[Expr; 1]>::try_from(items) {
            // `in (['a', 'b'])` is the list itself.
            Ok([only]) if matches!(only.kind, Kind::List(_)) => Ok(only),
            Ok([only]) => Expr::new(Kind::List(vec![only]), at),
            Err(items) => Expr::new(Kind::List(items), at),
        }
    }

    /// The operator that stands here, if one does.
    fn infix(&self) -> Option<Infix> {
        use Operator as O;
        let token = self.peek();
        match &token.kind {
            TokenKind::Symbol(symbol) => Some(Infix::Binary(match *symbol {
                "=" | "==" => O::Equal,
                "!=" | "<>" => O::NotEqual,
                "<" => O::Less,
                "<=" => O::LessOrEqual,
                ">" => O::Greater,
                ">=" => O::GreaterOrEqual,
                "+" => O::Add,
                "-" => O::Subtract,
                "*" => O::Multiply,
                "/" => O::Divide,
                "%" => O::Modulo,
                _ => return None,
            })),
            // Before a colon it is the name of the next clause.
            TokenKind::Word(_) if self.ahead(1).is(":") => None,
            TokenKind::Word(word) => {
                let lower = word.to_ascii_lowercase();
                match lower.as_str() {
                    "and" => Some(Infix::And),
                    "or" => Some(Infix::Or),
                    "not" => Some(Infix::Negated),
                    "is" => Some(Infix::Is),
                    "isnull" => Some(Infix::IsNull),
                    "isnotnull" => Some(Infix::IsNotNull),
                    _ => COMPARISONS.iter().find(|(name, _)| *name == lower).map(|(_, o)| Infix::Binary(*o)),
                }
            }
            _ => None,
        }
    }

    fn unary(&mut self, begins_comparison: bool) -> Result<Expr, FilterError> {
        let at = self.at();
        if self.eat("-") {
            let inner = self.nested(|cursor| cursor.unary(false))?;
            return Expr::negative(inner, at);
        }
        self.primary(begins_comparison)
    }

    fn primary(&mut self, begins_comparison: bool) -> Result<Expr, FilterError> {
        let at = self.at();
        match &self.peek().kind {
            TokenKind::Symbol("(") => {
                self.next();
                let inner = self.expr()?;
                self.expect(")", "to close what \"(\" opens")?;
                Ok(inner)
            }
            TokenKind::Symbol("[") => {
                self.next();
                let items = if self.peek().is("]") { Vec::new() } else { self.list(Self::expr)? };
                self.expect("]", "or \",\" in a list")?;
                Expr::new(Kind::List(items), at)
            }
            TokenKind::Symbol("{") => {
                self.next();
                let entries = if self.peek().is("}") { Vec::new() } else { self.list(Self::entry)? };
                self.expect("}", "or \",\" in an object")?;
                Expr::new(Kind::Object(entries), at)
            }
            TokenKind::Symbol("*") => {
                self.next();
                Expr::new(Kind::Star, at)
            }
            TokenKind::Number(number) => {
                let number = number.clone();
                self.next();
                Expr::new(Kind::Literal(Value::Number(number)), at)
            }
            TokenKind::Text(text) => {
                let text = text.clone();
                self.next();
                Expr::new(Kind::Literal(text.into()), at)
            }
            TokenKind::Double(text) => {
                let text = text.clone();
                let steps_follow = self.ahead(1).is(".") || self.ahead(1).is("[");
                self.next();
                if steps_follow
                    || (begins_comparison && self.infix().is_some_and(|infix| infix.level() == Level::Comparison))
                {
                    self.path(text, at)
                } else {
                    Expr::new(Kind::Literal(text.into()), at)
                }
            }
            TokenKind::Name(name) => {
                let name = name.clone();
                self.next();
                self.path(name, at)
            }
            TokenKind::Word(word) => {
                let word = word.clone();
                self.word(word, at)
            }
            TokenKind::Symbol("%") => {
                let wrong = self.wrong("a field, a value or \"(\"");
                Err(FilterError { message: wrong.message.clone() + "; texts stand in quotes, as in '%text%'", ..wrong })
            }
            _ => Err(self.wrong("a field, a value or \"(\"")),
        }
    }

    fn entry(&mut self) -> Result<(String, Expr), FilterError> {
        let key = self.name_or_text()?;
        self.expect(":", "after a key")?;
        Ok((key, self.expr()?))
    }

    fn name_or_text(&mut self) -> Result<String, FilterError> {
        match &self.peek().kind {
            TokenKind::Text(_) => self.text("a key"),
            _ => self.name("a key such as 'name'"),
        }
    }

    /// What begins with a word: a constant, an interval, a call, a path.
    fn word(&mut self, word: String, at: Position) -> Result<Expr, FilterError> {
        let lower = word.to_ascii_lowercase();
        let called = self.ahead(1).is("(");
        let constant = match lower.as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "null" => Some(Value::Null),
            _ => None,
        };
        if let Some(constant) = constant {
            self.next();
            return Expr::new(Kind::Literal(constant), at);
        }
        if lower == "not" {
            return Err(self
                .wrong("a field or a value (not stands before a whole comparison, or before like, in and includes)"));
        }
        if NOT_VALUES.contains(&lower.as_str()) && !called {
            return Err(self.wrong("a field or a value"));
        }
        if lower == "interval" && matches!(self.ahead(1).kind, TokenKind::Number(_) | TokenKind::Text(_)) {
            self.next();
            return self.interval(at);
        }
        self.next();
        if called { self.call(lower, at) } else { self.path(word, at) }
    }

    fn interval(&mut self, at: Position) -> Result<Expr, FilterError> {
        const FORM: &str = "a length of time such as interval 7 days";
        let interval = match &self.peek().kind {
            TokenKind::Text(text) => {
                let interval = Interval::read(text).ok_or_else(|| self.wrong(FORM))?;
                self.next();
                interval
            }
            _ => {
                let count = self.whole(FORM)?;
                let units = Unit::ALL.map(Unit::as_str);
                let unit = match &self.peek().kind {
                    TokenKind::Word(word) => Unit::read(word).ok_or_else(|| {
                        let wrong = self.wrong(&format!("one of {}", units.join(", ")));
                        FilterError { message: wrong.message.clone() + &did_you_mean(word, units), ..wrong }
                    })?,
                    _ => return Err(self.wrong(&format!("one of {}", units.join(", ")))),
                };
                self.next();
                Interval { count, unit }
            }
        };
        Expr::new(Kind::Interval(interval), at)
    }

    fn call(&mut self, name: String, at: Position) -> Result<Expr, FilterError> {
        self.expect("(", "after the name of a function")?;
        let distinct = self.peek().is_word("distinct") && !self.ahead(1).is(")") && !self.ahead(1).is(",");
        if distinct {
            self.next();
        }
        let arguments = if self.peek().is(")") { Vec::new() } else { self.list(Self::expr)? };
        self.expect(")", "or \",\" after an argument")?;
        functions::make(name, distinct, arguments, at)
    }

    /// A path from its first name on.
    pub(super) fn path(&mut self, first: String, at: Position) -> Result<Expr, FilterError> {
        let mut steps = vec![Step::Key(first)];
        loop {
            if self.eat(".") {
                steps.push(Step::Key(self.name("a name after \".\"")?));
            } else if self.peek().is("[") {
                self.next();
                steps.push(match &self.peek().kind {
                    TokenKind::Text(_) | TokenKind::Double(_) => Step::Key(self.text("a key")?),
                    _ => Step::Index(self.whole("a place such as 0 or -1, or a key in quotes")?),
                });
                self.expect("]", "after a place or a key")?;
            } else {
                return Expr::new(Kind::Path(steps), at);
            }
        }
    }

    /// Something else than an operator stands after a value: what was probably meant.
    pub(super) fn hint(&self) -> String {
        match (&self.peek().kind, self.behind(1).map(|token| &token.kind)) {
            (TokenKind::Word(word), Some(TokenKind::Number(number))) if Unit::read(word).is_some() => {
                format!("; a length of time is written interval {number} {word}")
            }
            (TokenKind::Word(word), Some(TokenKind::Word(before))) => {
                let near = did_you_mean(word, OPERATORS);
                let is_part = self.behind(2).is_some_and(|token| token.is("."));
                if near.is_empty() && is_part {
                    return format!("; names with spaces stand in double quotes, as in \"{before} {word}\"");
                }
                near
            }
            (TokenKind::Word(word), _) => did_you_mean(word, OPERATORS),
            (TokenKind::Symbol("=>"), _) => "; did you mean >=?".to_owned(),
            (TokenKind::Symbol("|"), _) if self.ahead(1).is("|") => "; did you mean or?".to_owned(),
            _ => String::new(),
        }
    }
}
