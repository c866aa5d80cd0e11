//! What fills the slots of a phrase: what each takes from the words, and how it stands in the expression.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::lists::{COMPARISONS, CONTAINS, DIFFERS, KINDS, LONGER, MENTIONS, SIDES, STATUSES};
use super::quantity::{date, money, number, share, shown, time, unit};
use super::table::{AND, NEGATIONS, NOISE};
use super::words::Word;
use super::{KnownScore, Vocabulary};
use crate::filter::ast::{Expr, Kind, Step, Unit};
use crate::filter::check::FIELDS;
use crate::filter::error::Position;

/// Most words of a text that nobody quoted.
const OPEN: usize = 12;

/// What a quoted text is marked with until it is filled in.
const QUOTED: char = '\u{1}';

/// A vocabulary by what names sound like.
#[derive(Debug)]
pub(super) struct Lexicon<'a> {
    of: &'a Vocabulary,
    scores: HashMap<String, usize>,
    tags: HashMap<String, usize>,
    members: HashMap<String, usize>,
    /// First names; `None`: of several members.
    firsts: HashMap<String, Option<usize>>,
}

impl<'a> Lexicon<'a> {
    pub(super) fn of(vocabulary: &'a Vocabulary) -> Self {
        fn by_sound<'n>(names: impl Iterator<Item = &'n str>) -> HashMap<String, usize> {
            names.enumerate().map(|(place, name)| (squeezed(name), place)).collect()
        }
        let mut firsts: HashMap<String, Option<usize>> = HashMap::new();
        for (place, (_, name)) in vocabulary.members.iter().enumerate() {
            let first = squeezed(name.split(' ').next().unwrap_or_default());
            firsts.entry(first).and_modify(|several| *several = None).or_insert(Some(place));
        }
        Self {
            of: vocabulary,
            scores: by_sound(vocabulary.scores.iter().map(|score| score.name.as_str())),
            tags: by_sound(vocabulary.tags.iter().map(String::as_str)),
            members: by_sound(vocabulary.members.iter().map(|(_, name)| name.as_str())),
            firsts,
        }
    }
}

/// What filled the slots of a phrase so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Bindings {
    values: BTreeMap<String, String>,
    /// The score that was spoken of before.
    pub(super) about: Option<String>,
    /// Words in slots that take anything.
    pub(super) open: usize,
}

impl Bindings {
    pub(super) fn about(score: Option<&str>) -> Self {
        Self { about: score.map(str::to_owned), ..Self::default() }
    }

    pub(super) fn put(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    /// The score that this phrase is about.
    pub(super) fn score(&self) -> Option<String> {
        ["score2", "score", "last"].iter().find_map(|name| self.values.get(*name).cloned())
    }
}

/// A way to fill a slot: where it ends, what stands for it, and how many words it took that could be anything.
pub(super) type Filling = (usize, String, usize);

/// How a slot can be filled from a place on.
pub(super) fn slot(name: &str, words: &[Word], from: usize, known: &Lexicon<'_>, so_far: &Bindings) -> Vec<Filling> {
    let closed = |found: Option<(usize, String)>| found.map(|(end, value)| (end, value, 0)).into_iter().collect();
    match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "score" => closed(score(words, from, known).map(|(end, score)| (end, path(&["scores", &score.name])))),
        "choice" => closed(choice(words, from, known)),
        "last" => so_far.about.iter().map(|about| (from, about.clone(), 0)).collect(),
        "cmp" => listed(&COMPARISONS, words, from),
        "longer" => listed(&LONGER, words, from),
        "measure" => listed(&COMPARISONS, words, from).into_iter().filter(|(_, word, _)| word != "=").collect(),
        "contains" => listed(&CONTAINS, words, from),
        "mentions" => listed(&MENTIONS, words, from),
        "differs" => listed(&DIFFERS, words, from),
        "side" => listed(&SIDES, words, from),
        "kind" => listed(&KINDS, words, from),
        "status" => listed(&STATUSES, words, from),
        "share" => closed(share(words, from)),
        "amount" | "figure" => closed(number(words, from).map(|(end, number)| (end, shown(number)))),
        "n" => closed(number(words, from).filter(|(_, n)| n.fract() == 0.0).map(|(end, n)| (end, shown(n)))),
        "unit" => closed(unit(words, from).map(|(end, unit)| (end, unit.as_str().to_owned()))),
        "calendar" => {
            let long = |unit: &Unit| matches!(unit, Unit::Week | Unit::Month | Unit::Year);
            closed(unit(words, from).filter(|(_, unit)| long(unit)).map(|(end, unit)| (end, unit.as_str().to_owned())))
        }
        "brief" => {
            let brief = |unit: &Unit| matches!(unit, Unit::Minute | Unit::Hour | Unit::Day);
            closed(unit(words, from).filter(|(_, unit)| brief(unit)).map(|(end, unit)| (end, unit.as_str().to_owned())))
        }
        "time" => closed(time(words, from, false)),
        "spell" => closed(time(words, from, true)),
        "money" => closed(money(words, from)),
        "date" => closed(date(words, from)),
        "member" => closed(member(words, from, known)),
        "tag" => tag(words, from, known),
        "known" => closed(known_tag(words, from, known).filter(|_| !words[from].quoted)),
        "field" => field(words, from, known),
        "value" => open(words, from, 3).into_iter().map(|(end, text, n)| (end, literal(&text), n)).collect(),
        "text" => open(words, from, 4).into_iter().map(|(end, text, n)| (end, quote(plain(&text)), n)).collect(),
        "part" => like(words, from, "%", "%"),
        "start" => like(words, from, "", "%"),
        "finish" => like(words, from, "%", ""),
        "words" => open(words, from, OPEN),
        "identifier" => {
            let is = |text: &str| text.len() >= 6 && text.contains(|c: char| c.is_ascii_digit());
            let found = words.get(from).filter(|word| word.quoted || is(&word.text));
            found.map(|word| (from + 1, quote(&word.raw), 0)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The expression of a phrase.
pub(super) fn fill(template: &str, bindings: &Bindings, known: &Lexicon<'_>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        filled.push_str(before);
        rest = after;
        let value = |name: &str| bindings.values.get(name).cloned();
        filled.push_str(&match name.split_once(':') {
            Some((name, "text")) => quote(&value(name)?),
            Some((name, "side")) => matched(&value("side")?, &value(name)?),
            Some((name, field)) => matched(field, &value(name)?),
            None if name == "me" => quote(&known.of.me),
            None => value(name)?,
        });
    }
    filled.push_str(rest);
    Some(filled)
}

/// Words of a field; a quoted text as it stands.
fn matched(field: &str, text: &str) -> String {
    if field != "search" && text.starts_with(QUOTED) {
        return format!("{field} ilike {}", quote(&format!("%{}%", escaped(plain(text)))));
    }
    let one = |text: &str| {
        let text = quote(&text.replace(" and ", " "));
        if field == "search" { format!("search({text})") } else { format!("{field} match {text}") }
    };
    let parts: Vec<String> = plain(text).split(" or ").map(one).collect();
    if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(" or ")) }
}

/// Patterns of words, `a|b c?`, with what each stands for: all that fit.
fn listed(list: &[(&str, &str)], words: &[Word], from: usize) -> Vec<Filling> {
    let fits = |pattern: &str| {
        let mut place = from;
        for element in pattern.split(' ') {
            let (element, optional) = element.strip_suffix('?').map_or((element, false), |element| (element, true));
            let word = words.get(place).filter(|word| !word.quoted);
            if word.is_some_and(|word| element.split('|').any(|alternative| alternative == word.text)) {
                place += 1;
            } else if !optional {
                return None;
            }
        }
        Some(place)
    };
    list.iter().filter_map(|(pattern, value)| Some((fits(pattern)?, (*value).to_owned(), 0))).collect()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The longest run of words that is one of the names, whatever stands between its parts.
fn named(words: &[Word], from: usize, names: &HashMap<String, usize>) -> Option<(usize, usize)> {
    let mut run = String::new();
    let mut best = None;
    for (place, word) in words.iter().enumerate().skip(from).take(8) {
        let part = squeezed(&word.text);
        if part.is_empty() {
            break;
        }
        run.push_str(&part);
        best = names.get(&run).map(|name| (place + 1, *name)).or(best);
    }
    best
}

fn score<'a>(words: &[Word], from: usize, known: &'a Lexicon<'_>) -> Option<(usize, &'a KnownScore)> {
    named(words, from, &known.scores).map(|(end, place)| (end, &known.of.scores[place]))
}

/// `tone is friendly`: an option of a score.
fn choice(words: &[Word], from: usize, known: &Lexicon<'_>) -> Option<(usize, String)> {
    let (mut place, score) = score(words, from, known)?;
    let is = |place: usize, all: &[&str]| words.get(place).is_some_and(|word| all.contains(&word.text.as_str()));
    place += usize::from(is(place, &["is", "was", "=", "equals", "as", "are"]));
    let not = is(place, &["not", "!=", "isn't"]);
    place += usize::from(not);
    let options = score.options.iter().enumerate().map(|(place, (option, _))| (squeezed(option), place)).collect();
    let (end, option) = named(words, place, &options)?;
    let (option, value) = &score.options[option];
    let operator = if not { "!=" } else { "=" };
    let text = match value {
        Some(value) if !score.expected => format!("{} {operator} {}", path(&["scores", &score.name]), shown(*value)),
        _ if score.multi => {
            let includes = format!("{} includes {}", path(&["expected", &score.name]), quote(option));
            if not { format!("not {includes}") } else { includes }
        }
        _ => format!("{} {operator} {}", path(&["expected", &score.name]), quote(option)),
    };
    Some((end, text))
}

fn member(words: &[Word], from: usize, known: &Lexicon<'_>) -> Option<(usize, String)> {
    let word = words.get(from)?;
    if !word.quoted && ["me", "myself", "i"].contains(&word.text.as_str()) {
        return Some((from + 1, quote(&known.of.me)));
    }
    let whole = named(words, from, &known.members);
    let first = || known.firsts.get(&squeezed(&word.text)).copied().flatten().map(|place| (from + 1, place));
    whole.or_else(first).map(|(end, place)| (end, quote(&known.of.members[place].0)))
}

fn known_tag(words: &[Word], from: usize, known: &Lexicon<'_>) -> Option<(usize, String)> {
    words.get(from)?;
    named(words, from, &known.tags).map(|(end, place)| (end, quote(&known.of.tags[place])))
}

fn tag(words: &[Word], from: usize, known: &Lexicon<'_>) -> Vec<Filling> {
    let open = open(words, from, 1).into_iter().map(|(end, text, n)| (end, quote(plain(&text)), n));
    let known = known_tag(words, from, known).map(|(end, tag)| (end, tag, 0));
    match known {
        Some(known) => vec![known],
        None => open.collect(),
    }
}

/// Words that name something else than a key of metadata.
const NO_FIELD: [&str; 24] = [
    "score",
    "scores",
    "review",
    "reviews",
    "status",
    "name",
    "tokens",
    "cost",
    "duration",
    "latency",
    "comment",
    "comments",
    "tag",
    "tags",
    "tagged",
    "assigned",
    "judge",
    "human",
    "people",
    "reviewer",
    "reviewers",
    "metadata",
    "or",
    "model",
];

/// A key of metadata that rows have, or a path as the language has it; after the word metadata any key.
fn field(words: &[Word], from: usize, known: &Lexicon<'_>) -> Vec<Filling> {
    let Some(word) = words.get(from) else { return Vec::new() };
    let text = word.text.as_str();
    let keys: Vec<&str> = if word.quoted { vec![&word.raw] } else { word.raw.split('.').collect() };
    let other = [NOISE, AND, NEGATIONS, &NO_FIELD].iter().any(|list| list.contains(&text));
    let spelled = text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let said = from.checked_sub(1).is_some_and(|before| words[before].text == "metadata");
    let seen = keys.len() > 1 || known.of.fields.iter().any(|field| field.eq_ignore_ascii_case(keys[0]));
    if !(word.quoted || (spelled && !other)) || !(said || seen) || keys.iter().any(|key| key.is_empty()) {
        return Vec::new();
    }
    // As rows spell it.
    let first =
        known.of.fields.iter().find(|field| field.eq_ignore_ascii_case(keys[0])).map_or(keys[0], String::as_str);
    let whole = !said && keys.len() > 1 && FIELDS.contains(&keys[0]);
    let text = if whole { path(&keys) } else { path(&[&["metadata", first], &keys[1..]].concat()) };
    vec![(from + 1, text, 0)]
}

/// Any words, as many as are allowed; a quoted text by itself.
fn open(words: &[Word], from: usize, most: usize) -> Vec<Filling> {
    let Some(first) = words.get(from) else { return Vec::new() };
    if first.quoted {
        return vec![(from + 1, format!("{QUOTED}{}", first.raw), 1)];
    }
    if AND.contains(&first.text.as_str()) || !first.text.contains(char::is_alphanumeric) {
        return Vec::new();
    }
    let mut text = String::new();
    let mut fillings = Vec::new();
    for (place, word) in words.iter().enumerate().skip(from).take(most) {
        if word.text == "," || word.quoted {
            break;
        }
        text.push_str(if text.is_empty() { "" } else { " " });
        text.push_str(&word.raw);
        if !AND.contains(&word.text.as_str()) && word.text != "or" {
            fillings.push((place + 1, text.clone(), place + 1 - from));
        }
    }
    fillings
}

fn like(words: &[Word], from: usize, before: &str, after: &str) -> Vec<Filling> {
    let pattern = |text: &str| quote(&format!("{before}{}{after}", escaped(plain(text))));
    open(words, from, OPEN).into_iter().map(|(end, text, n)| (end, pattern(&text), n)).collect()
}

fn plain(text: &str) -> &str {
    text.trim_start_matches(QUOTED)
}

/// For `like`, where a percent sign stands for anything.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%")
}

/// A number, true or false as such, anything else as a text.
fn literal(text: &str) -> String {
    let number =
        text.parse::<f64>().is_ok_and(f64::is_finite) && text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    if number || text == "true" || text == "false" { text.to_owned() } else { quote(plain(text)) }
}

pub(super) fn quote(text: &str) -> String {
    printed(Kind::Literal(Value::from(text)))
}

fn path(keys: &[&str]) -> String {
    printed(Kind::Path(keys.iter().map(|key| Step::Key((*key).to_owned())).collect()))
}

fn printed(kind: Kind) -> String {
    Expr::new(kind, Position::START).map(|expr| expr.to_string()).unwrap_or_default()
}
