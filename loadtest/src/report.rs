//! What a scenario measured, beside what the design asks for, and what it found wrong.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::process;

/// What is asked of a figure: best that the machine can do, what we promise, what we are after.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// A bare relay that stores each edit with full sync, or the raw database; `None`: not measured.
    pub ceiling: Option<f64>,
    /// The promise.
    pub milestone: f64,
    /// The aim.
    pub goal: f64,
}

const fn budget(ceiling: f64, milestone: f64, goal: f64) -> Option<Budget> {
    Some(Budget { ceiling: Some(ceiling), milestone, goal })
}

/// Until others see an edit, half of them, in milliseconds.
pub const FANOUT_P50: Option<Budget> = budget(0.3, 1.5, 0.6);
/// The same for 99 of 100.
pub const FANOUT_P99: Option<Budget> = budget(0.65, 8.0, 1.3);
/// Server milliseconds per 1,000 edits of the fan-out.
pub const FANOUT_CPU: Option<Budget> = budget(118.0, 400.0, 110.0);
/// Edits a second with windows always full.
pub const SATURATED: Option<Budget> = budget(108_000.0, 10_000.0, 36_000.0);
/// KiB per idle connection on shared documents.
pub const CONNECTION: Option<Budget> = budget(8.3, 15.0, 11.5);
/// KiB per open document.
pub const DOCUMENT: Option<Budget> = Some(Budget { ceiling: None, milestone: 40.0, goal: 15.0 });
/// From a request to the answered document, half of them, in milliseconds.
pub const COLD_P50: Option<Budget> = budget(0.25, 1.0, 0.5);
/// The same for 99 of 100.
pub const COLD_P99: Option<Budget> = budget(0.25, 5.0, 2.0);
/// Until 99 of 100 watchers of one document see an edit, in milliseconds.
pub const WATCHERS_P99: Option<Budget> = budget(9.7, 20.0, 8.3);
/// Judgements a second by REST.
pub const FEEDBACK: Option<Budget> = budget(37_700.0, 3_000.0, 10_000.0);
/// Their milliseconds, 99 of 100.
pub const FEEDBACK_P99: Option<Budget> = budget(1.4, 10.0, 5.0);
/// Rows a second until readable.
pub const INGEST: Option<Budget> = budget(200_000.0, 20_000.0, 40_000.0);

/// A filtered page of 50 among a million rows, 95 of 100, in milliseconds.
pub const FIND_P95: Option<Budget> = Some(Budget { ceiling: None, milestone: 50.0, goal: 8.0 });

/// What a figure counts, and in which direction it is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds; less is better.
    Millis,
    /// KiB; less is better.
    Kibibytes,
    /// Per second; more is better.
    PerSecond,
    /// A plain number; neither.
    Count,
}

impl Unit {
    fn word(self) -> &'static str {
        match self {
            Self::Millis => "ms",
            Self::Kibibytes => "KiB",
            Self::PerSecond => "/s",
            Self::Count => "",
        }
    }
}

#[derive(Debug)]
struct Figure {
    label: String,
    value: f64,
    unit: Unit,
    budget: Option<Budget>,
    /// Least and most of several runs.
    range: Option<(f64, f64)>,
}

impl Figure {
    fn verdict(&self) -> &'static str {
        let Some(budget) = self.budget else { return "" };
        let meets = |mark: f64| match self.unit {
            Unit::PerSecond => self.value >= mark,
            Unit::Millis | Unit::Kibibytes | Unit::Count => self.value <= mark,
        };
        if meets(budget.goal) {
            "goal"
        } else if meets(budget.milestone) {
            "milestone"
        } else {
            "missed"
        }
    }
}

/// A scenario's outcome.
#[derive(Debug)]
pub struct Report {
    title: String,
    figures: Vec<Figure>,
    notes: Vec<String>,
    faults: Vec<String>,
}

/// Faults that are spelled out; when everything is wrong the first few say it.
const FAULTS: usize = 20;

impl Report {
    /// An empty one. `title` says what was done.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), figures: Vec::new(), notes: Vec::new(), faults: Vec::new() }
    }

    /// Adds a figure.
    pub fn figure(&mut self, label: impl Into<String>, value: f64, unit: Unit, budget: Option<Budget>) {
        self.figures.push(Figure { label: label.into(), value, unit, budget, range: None });
    }

    /// Adds a duration in milliseconds.
    pub fn millis(&mut self, label: impl Into<String>, value: Duration, budget: Option<Budget>) {
        self.figure(label, value.as_secs_f64() * 1e3, Unit::Millis, budget);
    }

    /// Adds a line that explains figures.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Adds what is wrong with the server.
    pub fn faults(&mut self, found: impl IntoIterator<Item = String>) {
        self.faults.extend(found);
    }

    /// Adds the state of the machine, without which no figure means anything; `before` was its load at the start.
    pub fn machine(&mut self, before: Option<f64>) {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let load = |load: Option<f64>| load.map_or("unknown".to_owned(), |load| format!("{load:.1}"));
        let (before, after) = (load(before), load(process::load_average()));
        self.note(format!(
            "{cores} cores shared with this load generator; load average {before} before, {after} after"
        ));
    }

    /// One report of several runs: medians with least and most, and everything that was wrong in any.
    pub fn of_runs(runs: Vec<Self>) -> Option<Self> {
        let count = runs.len();
        let mut runs = runs.into_iter();
        let mut all = runs.next()?;
        let mut values: Vec<Vec<f64>> = all.figures.iter().map(|figure| vec![figure.value]).collect();
        for (number, run) in (2..).zip(runs) {
            for (figure, values) in all.figures.iter().zip(&mut values) {
                let same = run.figures.iter().find(|other| other.label == figure.label);
                values.extend(same.map(|other| other.value));
            }
            all.notes.extend(run.notes.into_iter().map(|note| format!("run {number}: {note}")));
            all.faults.extend(run.faults.into_iter().map(|fault| format!("run {number}: {fault}")));
        }
        if count > 1 {
            all.title = format!("{}; medians of {count} runs", all.title);
            for (figure, values) in all.figures.iter_mut().zip(&mut values) {
                values.sort_by(f64::total_cmp);
                figure.value = values[(values.len() - 1) / 2];
                figure.range = Some((values[0], values[values.len() - 1]));
            }
        }
        Some(all)
    }

    /// Takes over what another report says, its figures under its title: they were measured at the same time. What the
    /// server used is left out, since nobody can tell whose work it was.
    pub fn absorb(&mut self, other: Self) {
        let title = other.title;
        let own =
            other.figures.into_iter().filter(|figure| !figure.label.contains("CPU") && figure.unit != Unit::Kibibytes);
        self.figures.extend(own.map(|figure| {
            let label = format!("{}: {}", title.split([':', ';']).next().unwrap_or_default(), figure.label);
            Figure { label, budget: None, ..figure }
        }));
        self.notes.push(title.clone());
        self.notes.extend(other.notes.into_iter().map(|note| format!("  {note}")));
        self.faults.extend(other.faults.into_iter().map(|fault| format!("{title}: {fault}")));
    }

    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// For people.
    pub fn to_text(&self) -> String {
        let mut rows = vec![["figure", "measured", "range", "ceiling", "milestone", "goal", ""].map(str::to_owned)];
        for figure in &self.figures {
            let amount = |value: f64| format!("{} {}", number(value), figure.unit.word()).trim_end().to_owned();
            let mark = |mark: Option<f64>| mark.map(amount).unwrap_or_default();
            let budget = figure.budget;
            rows.push([
                figure.label.clone(),
                amount(figure.value),
                figure.range.map(|(least, most)| format!("{} - {}", number(least), number(most))).unwrap_or_default(),
                mark(budget.and_then(|budget| budget.ceiling)),
                mark(budget.map(|budget| budget.milestone)),
                mark(budget.map(|budget| budget.goal)),
                figure.verdict().to_owned(),
            ]);
        }
        let widths: Vec<usize> =
            (0..7).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
        let mut text = format!("{}\n\n", self.title);
        for row in &rows {
            let mut line = format!("  {:<width$}", row[0], width = widths[0]);
            for column in 1..6 {
                if widths[column] > 0 {
                    let _ = write!(line, "  {:>width$}", row[column], width = widths[column]);
                }
            }
            let _ = write!(line, "  {}", row[6]);
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.push('\n');
        for note in &self.notes {
            let _ = writeln!(text, "  {note}");
        }
        for fault in self.faults.iter().take(FAULTS) {
            let _ = writeln!(text, "  WRONG: {fault}");
        }
        if self.faults.len() > FAULTS {
            let _ = writeln!(text, "  WRONG: and {} more", self.faults.len() - FAULTS);
        }
        text
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let figures: Vec<Value> = self.figures.iter().map(figure_json).collect();
        json!({ "title": self.title, "sound": self.is_sound(), "figures": figures, "notes": self.notes, "faults": self.faults })
    }
}

fn figure_json(figure: &Figure) -> Value {
    let mut value = json!({ "label": figure.label, "value": figure.value, "unit": figure.unit.word() });
    if let Some((least, most)) = figure.range {
        value["range"] = json!([least, most]);
    }
    if let Some(budget) = figure.budget {
        value["budget"] = json!({ "ceiling": budget.ceiling, "milestone": budget.milestone, "goal": budget.goal });
        value["verdict"] = json!(figure.verdict());
    }
    value
}

/// Three significant digits below a thousand, thousands with commas.
fn number(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude >= 1000.0 {
        let digits = format!("{:.0}", magnitude);
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        return if value < 0.0 { format!("-{grouped}") } else { grouped };
    }
    let text = match magnitude {
        m if m >= 100.0 => format!("{value:.0}"),
        m if m >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = [0.0, 0.65, 1.5, 11.52, 118.4, 999.6, 36_000.0, 1_234_567.0, -2_000.0].map(number);
        assert_eq!(shown, ["0", "0.65", "1.5", "11.5", "118", "1000", "36,000", "1,234,567", "-2,000"]);
    }

    #[test]
    fn a_verdict_knows_which_way_is_better() {
        let verdict = |value, unit, budget| Figure { label: String::new(), value, unit, budget, range: None }.verdict();
        assert_eq!(verdict(0.5, Unit::Millis, FANOUT_P50), "goal");
        assert_eq!(verdict(0.7, Unit::Millis, FANOUT_P50), "milestone");
        assert_eq!(verdict(9.0, Unit::Millis, FANOUT_P50), "missed");
        assert_eq!(verdict(40_000.0, Unit::PerSecond, SATURATED), "goal");
        assert_eq!(verdict(9_000.0, Unit::PerSecond, SATURATED), "missed");
        assert_eq!(verdict(1.0, Unit::Count, None), "");
    }

    #[test]
    fn faults_make_a_report_unsound_and_are_named() {
        let mut report = Report::new("t");
        report.millis("p50", Duration::from_micros(500), FANOUT_P50);
        assert!(report.is_sound());
        report.faults(vec!["3 deliveries never happened".to_owned()]);
        assert!(!report.is_sound() && report.to_text().contains("WRONG: 3 deliveries never happened"));
        assert_eq!(report.to_json()["figures"][0]["verdict"], "goal");
    }

    #[test]
    fn several_runs_become_medians_with_their_range_and_every_fault() {
        let runs = [3.0, 9.0, 4.0, 1.0].map(|value| {
            let mut run = Report::new("t");
            run.figure("p50", value, Unit::Millis, FANOUT_P50);
            run.faults((value == 9.0).then(|| "an edit is missing".to_owned()));
            run
        });
        let all = Report::of_runs(runs.into()).expect("there were runs");
        let json = all.to_json();
        assert_eq!((&json["figures"][0]["value"], &json["figures"][0]["range"]), (&json!(3.0), &json!([1.0, 9.0])));
        assert_eq!(
            (&json["title"], &json["faults"]),
            (&json!("t; medians of 4 runs"), &json!(["run 2: an edit is missing"]))
        );
    }
}
