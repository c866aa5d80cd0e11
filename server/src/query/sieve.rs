//! From a filter to what an index knows of it.
//!
//! Every row that matches passes, which a property test holds against rows of all kinds; what cannot be said in terms, labels,
//! numbers and moments lets every row through.

use concord_shared::filter::ast::{Operator, Step};
use concord_shared::filter::eval::{self, Clock, Scope, like_parts, parse_time};
use concord_shared::filter::{Expr, Kind};
use concord_shared::ids::MemberId;
use concord_shared::moment::Moment;
use concord_shared::review::state::ReviewStatus;
use serde_json::{Map, Value};

use crate::domain::search::label::TAG_BYTES;
use crate::domain::search::sieve::{Leaf, Moments, Range, Sieve};
use crate::domain::search::{Label, terms};

/// Elements of a list that are looked for one by one.
const ELEMENTS: usize = 200;

/// What a filter lets an index choose.
pub fn sieve(filter: &Expr, clock: Clock) -> Sieve {
    Reader { clock }.read(filter, true)
}

/// What is known of a condition.
struct Known {
    sieve: Sieve,
    /// Whether it holds of exactly the rows that pass.
    exact: bool,
}

impl Known {
    const NOTHING: Self = Self { sieve: Sieve::All, exact: false };

    fn exactly(sieve: Sieve) -> Self {
        Self { sieve, exact: true }
    }

    fn about(sieve: Sieve) -> Self {
        Self { sieve, exact: false }
    }
}

#[derive(Clone, Copy)]
struct Reader {
    clock: Clock,
}

impl Reader {
    /// Rows of which an expression may be true, or, if not `wanted`, may be false.
    fn read(self, expr: &Expr, wanted: bool) -> Sieve {
        let each = |parts: &[Expr]| parts.iter().map(|part| self.read(part, wanted)).collect();
        match &expr.kind {
            Kind::And(parts) if wanted => Sieve::and(each(parts)),
            Kind::And(parts) => Sieve::or(each(parts)),
            Kind::Or(parts) if wanted => Sieve::or(each(parts)),
            Kind::Or(parts) => Sieve::and(each(parts)),
            Kind::Not(inner) => self.read(inner, !wanted),
            Kind::Literal(Value::Bool(value)) if *value != wanted => Sieve::or(Vec::new()),
            Kind::IsNull(inner) => settle(missing(inner), wanted),
            Kind::Binary(operator, left, right) => settle(self.compare(*operator, left, right), wanted),
            _ => Sieve::All,
        }
    }

    fn compare(self, operator: Operator, left: &Expr, right: &Expr) -> Known {
        if let (Kind::Path(path), Some(value)) = (&left.kind, self.constant(right)) {
            return self.field(&keys(path), operator, right, &value);
        }
        if let (Some(value), Kind::Path(path)) = (self.constant(left), &right.kind) {
            let path = keys(path);
            if operator == Operator::In {
                // An element of a list, asked from the other side.
                return self.field(&path, Operator::Includes, left, &value);
            }
            if let Some(turned) = turned(operator) {
                return self.field(&path, turned, left, &value);
            }
        }
        Known::NOTHING
    }

    /// A field and a constant, which is also given as it was written.
    fn field(self, path: &[&str], operator: Operator, written: &Expr, value: &Value) -> Known {
        match path {
            ["scores", name] => score(name, operator, value),
            ["created"] => self.created(operator, value),
            ["tags"] => tags(operator, value),
            ["__bt_assignments"] => assignees(operator, value),
            ["review", "status"] => status(operator, value, ReviewStatus::parse),
            ["__bt_review_lists", "__bt_default_review_list", "status"]
            | ["metadata", "~__bt_review_lists", "__bt_default_review_list", "status"] => {
                let known = status(operator, value, |word| {
                    // Only as it is told, whatever else would be understood.
                    ReviewStatus::from_list_word(word).filter(|status| status.list_word() == Some(word))
                });
                Known { exact: false, ..known }
            }
            ["metadata", key, ..] if key.starts_with("~__bt") => Known::NOTHING,
            ["comment"] => comment(operator, value),
            _ => logged(path, operator, written, value),
        }
    }

    fn created(self, operator: Operator, value: &Value) -> Known {
        let Some(moment) = value.as_str().and_then(|text| parse_time(text, self.clock.tz_offset)) else {
            return Known::NOTHING;
        };
        let (first, last) = (Moment(i64::MIN), Moment(i64::MAX));
        let (from, to) = match operator {
            Operator::Equal => (moment, moment),
            Operator::Less => (first, Moment(moment.0.saturating_sub(1))),
            Operator::LessOrEqual => (first, moment),
            Operator::Greater => (Moment(moment.0.saturating_add(1)), last),
            Operator::GreaterOrEqual => (moment, last),
            _ => return Known::NOTHING,
        };
        Known::exactly(Sieve::Is(Leaf::Created(Moments { from, to })))
    }

    /// What an expression is worth whatever row it is asked about; `None` if that depends on the row, or is nothing.
    fn constant(self, expr: &Expr) -> Option<Value> {
        let depends = |expr: &Expr| matches!(expr.kind, Kind::Path(_) | Kind::AnySpan(_) | Kind::Star);
        if expr.any(&depends) {
            return None;
        }
        let value = eval::value(expr, Scope { row: &Map::new(), clock: self.clock });
        (!value.is_null()).then_some(value)
    }
}

/// Rows of which it may be true, or false. What is not known exactly says nothing of the rows of which it is false.
fn settle(known: Known, wanted: bool) -> Sieve {
    match (wanted, known.exact) {
        (true, _) => known.sieve,
        (false, true) => invert(&known.sieve),
        (false, false) => Sieve::All,
    }
}

fn invert(sieve: &Sieve) -> Sieve {
    match sieve {
        Sieve::All => Sieve::Or(Vec::new()),
        Sieve::Is(leaf) => Sieve::Not(leaf.clone()),
        Sieve::Not(leaf) => Sieve::Is(leaf.clone()),
        Sieve::And(parts) => Sieve::or(parts.iter().map(invert).collect()),
        Sieve::Or(parts) => Sieve::and(parts.iter().map(invert).collect()),
    }
}

/// Names along a path; places in lists are left out, as terms have none.
fn keys(path: &[Step]) -> Vec<&str> {
    fn key(step: &Step) -> Option<&str> {
        match step {
            Step::Key(key) => Some(key),
            Step::Index(_) => None,
        }
    }
    path.iter().filter_map(key).collect()
}

/// The operator between exchanged sides.
fn turned(operator: Operator) -> Option<Operator> {
    Some(match operator {
        Operator::Equal | Operator::NotEqual => operator,
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        _ => return None,
    })
}

/// `x is null`.
fn missing(inner: &Expr) -> Known {
    let Kind::Path(path) = &inner.kind else { return Known::NOTHING };
    if path.iter().any(|step| matches!(step, Step::Index(_))) {
        return Known::NOTHING;
    }
    match keys(path).as_slice() {
        ["scores", name] => Known::exactly(Sieve::Not(Leaf::Score { name: (*name).to_owned(), range: Range::ALL })),
        ["comment"] => Known::exactly(Sieve::Not(Leaf::Label(Label::Commented))),
        ["error"] => Known::exactly(Sieve::Not(Leaf::Label(Label::Error))),
        ["__bt_review_lists"] => Known::exactly(invert(&any_status())),
        _ => Known::NOTHING,
    }
}

fn any_status() -> Sieve {
    let set = ReviewStatus::ALL.into_iter().filter(|status| *status != ReviewStatus::None);
    Sieve::or(set.map(|status| label(Label::Status(status))).collect())
}

fn label(label: Label) -> Sieve {
    Sieve::Is(Leaf::Label(label))
}

fn score(name: &str, operator: Operator, value: &Value) -> Known {
    let Some(number) = value.as_f64() else { return Known::NOTHING };
    let is = |low, high| Sieve::Is(Leaf::Score { name: name.to_owned(), range: Range { low, high } });
    Known::exactly(match operator {
        Operator::Equal => is(Some((number, true)), Some((number, true))),
        Operator::NotEqual => Sieve::or(vec![is(None, Some((number, false))), is(Some((number, false)), None)]),
        Operator::Less => is(None, Some((number, false))),
        Operator::LessOrEqual => is(None, Some((number, true))),
        Operator::Greater => is(Some((number, false)), None),
        Operator::GreaterOrEqual => is(Some((number, true)), None),
        _ => return Known::NOTHING,
    })
}

fn tags(operator: Operator, value: &Value) -> Known {
    let tag = |value: &Value| {
        let tag = value.as_str().filter(|tag| tag.len() <= TAG_BYTES)?;
        Some(label(Label::Tag(tag.to_owned())))
    };
    let found = match (operator, value) {
        (Operator::Includes, value) => tag(value),
        (Operator::In, Value::Array(items)) if items.len() <= ELEMENTS => {
            items.iter().map(tag).collect::<Option<Vec<_>>>().map(Sieve::or)
        }
        _ => None,
    };
    found.map_or(Known::NOTHING, Known::exactly)
}

fn assignees(operator: Operator, value: &Value) -> Known {
    let member =
        value.as_str().filter(|_| operator == Operator::Includes).and_then(|text| text.parse::<MemberId>().ok());
    match member.filter(|member| value == member.to_string().as_str()) {
        Some(member) => Known::exactly(label(Label::Assignee(member))),
        None => Known::NOTHING,
    }
}

/// Where a review stands, in words that `read` knows.
fn status(operator: Operator, value: &Value, read: impl Fn(&str) -> Option<ReviewStatus>) -> Known {
    let is = |value: &Value| {
        Some(match value.as_str().and_then(&read)? {
            ReviewStatus::None => invert(&any_status()),
            status => label(Label::Status(status)),
        })
    };
    let found = match (operator, value) {
        (Operator::Equal, value) => is(value),
        (Operator::NotEqual, value) => is(value).map(|is| invert(&is)),
        (Operator::In, Value::Array(items)) if items.len() <= ELEMENTS => {
            items.iter().map(is).collect::<Option<Vec<_>>>().map(Sieve::or)
        }
        _ => None,
    };
    found.map_or(Known::NOTHING, Known::exactly)
}

fn comment(operator: Operator, value: &Value) -> Known {
    let mut parts = vec![label(Label::Commented)];
    let Some(text) = value.as_str() else { return Known::NOTHING };
    match operator {
        Operator::Match => parts.extend(words(terms::COMMENT, text)),
        Operator::Like | Operator::Ilike => parts.extend(whole_words(terms::COMMENT, text)),
        Operator::Equal | Operator::Includes => {}
        _ => return Known::NOTHING,
    }
    Known::about(Sieve::and(parts))
}

/// A field that was logged; what reviews lay over it is found by its label.
fn logged(path: &[&str], operator: Operator, written: &Expr, value: &Value) -> Known {
    let Some(first) = path.first() else { return Known::NOTHING };
    let found = match (operator, value) {
        (Operator::Match, Value::String(text)) => terms::letter(first).map(|letter| words(letter, text)),
        (Operator::Like | Operator::Ilike, Value::String(text)) => {
            terms::letter(first).map(|letter| whole_words(letter, text))
        }
        // Times are equal to texts of all forms.
        (Operator::Equal, value) if matches!(written.kind, Kind::Literal(_)) => {
            term(path, value).map(|term| vec![term])
        }
        (Operator::In, Value::Array(items)) if items.len() <= ELEMENTS && all_literal(written) => {
            items.iter().map(|item| term(path, item)).collect::<Option<Vec<_>>>().map(|terms| vec![Sieve::or(terms)])
        }
        _ => None,
    };
    let Some(found) = found.map(Sieve::and).filter(|found| *found != Sieve::All) else { return Known::NOTHING };
    Known::about(match *first {
        "expected" => Sieve::or(vec![found, label(Label::Expected)]),
        "metadata" => Sieve::or(vec![found, label(Label::Fields)]),
        _ => found,
    })
}

fn all_literal(written: &Expr) -> bool {
    written.kind.children().all(|item| matches!(item.kind, Kind::Literal(_)))
}

/// Fields whose values have terms and that are told as they were logged, but for what reviews lay over them.
const VALUED: [&str; 9] =
    ["metadata", "input", "output", "expected", "error", "context", "span_attributes", "origin", "facets"];

fn term(path: &[&str], value: &Value) -> Option<Sieve> {
    let first = path.first()?;
    let known = VALUED.contains(first) && path.len() <= terms::LONGEST_PATH;
    terms::value(path, value).filter(|_| known).map(|term| Sieve::Is(Leaf::Term(term)))
}

fn words(letter: char, text: &str) -> Vec<Sieve> {
    let mut found = Vec::new();
    eval::words(text, &mut |word| {
        found.push(Sieve::Is(Leaf::Term(terms::word(letter, word))));
        found.len() < ELEMENTS
    });
    found
}

/// Words of a pattern of `like` that stand whole in whatever fits it: letters and digits between what is neither.
fn whole_words(letter: char, pattern: &str) -> Vec<Sieve> {
    let parts = like_parts(&pattern.to_lowercase());
    let mut found = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        // A backslash may be an escape of JSON, whose letter belongs to no word.
        if part.contains('\\') {
            continue;
        }
        let starts = index == 0;
        let ends = index + 1 == parts.len();
        let mut at = 0;
        for word in part.split(|c: char| !c.is_alphanumeric()) {
            let whole = (at > 0 || starts) && (at + word.len() < part.len() || ends);
            // How a sigma is written small depends on what follows it.
            if whole && !word.is_empty() && !word.contains(['σ', 'ς']) && found.len() < ELEMENTS {
                found.push(Sieve::Is(Leaf::Term(terms::word(letter, word))));
            }
            at += word.len();
            at += part[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use concord_shared::filter::parser::expression;

    use super::*;

    fn of(text: &str) -> String {
        let clock = Clock { now: Moment(1_700_000_000_000_000), tz_offset: 0 };
        format!("{:?}", sieve(&expression(text).expect("readable"), clock))
    }

    #[test]
    fn what_an_index_knows_is_asked_of_it() {
        for (text, known) in [
            (
                "scores.A > 0.5 and scores.A <= 1",
                "Score { name: \"A\", range: Range { low: Some((0.5, false)), high: Some((1.0, true)) } }",
            ),
            ("not scores.A > 0.5", "Not(Score"),
            ("scores.A is null", "Not(Score"),
            ("tags includes 'x' and input match 'Refund policy'", "Term(\"irefund\")"),
            ("tags in ('a', 'b')", "Or([Is(Label(Tag(\"a\"))), Is(Label(Tag(\"b\")))])"),
            ("review.status = 'none'", "Not(Label(Status(Awaiting)))"),
            (
                "metadata.\"~__bt_review_lists\".__bt_default_review_list.status = 'PENDING'",
                "Is(Label(Status(Awaiting)))",
            ),
            ("created > now() - interval 1 day", "Created(Moments { from: Moment(1699913600000001)"),
            ("metadata.model = 'gpt-4'", "Or([Is(Term(\"q"),
            ("comment ilike '%wrong%'", "Is(Label(Commented))"),
            ("output like 'How are you%'", "Term(\"oare\")"),
            ("error is not null", "Is(Label(Error))"),
        ] {
            let sieve = of(text);
            assert!(sieve.contains(known), "{text}: {sieve}");
        }
    }

    #[test]
    fn what_no_index_knows_lets_every_row_through() {
        for text in [
            "metadata.n > 3",
            "not input match 'x'",
            "input ilike '%part%'",
            "scores.A > scores.B",
            "any_span(tags includes 'x')",
            "tags includes 'x' or len(input) > 3",
            "metadata.at = now()",
            "not metadata.model = 'x'",
        ] {
            assert_eq!(of(text), "All", "{text}");
        }
    }

    #[test]
    fn only_whole_words_of_a_pattern_are_terms() {
        let found = |pattern: &str| format!("{:?}", whole_words('i', pattern));
        assert!(found("%one two three%").contains("itwo") && !found("%one two three%").contains("ione"));
        assert!(found("one%").is_empty() || !found("one%").contains("ione"));
        assert!(found("one two").contains("ione") && found("one two").contains("itwo"));
        assert_eq!(found(r"%a\nb c d%"), "[]");
    }
}
