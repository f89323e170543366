//! Formats the value of an expression for a person: the value, its type, its source and its age.

use rbl_report::evidence;
use std::collections::BTreeMap;

use rbl_runtime::{Decision, Evidence, Operand, Origin};
use rbl_syntax::clean;
use rbl_syntax::value::{Quantity, Reason, ReasonKind, Sample, Time, Value, Verdict, span};
use rbl_terminal::{Look, Tone, fitted, width_of};

/// The provider that each metric was last read from, by the metric's name.
pub(super) type ReadFrom = BTreeMap<String, String>;

/// The most rows of a table that are shown.
const ROWS: usize = 20;

/// The most lines of a text that are shown, and the most characters of a line. All of it is shown as `"#{…}"`.
const LINES: usize = 20;
const CHARACTERS: usize = 200;

/// The first lines of a text, and how many more there are.
fn few_lines(text: &str) -> Vec<String> {
    let clean = clean(text);
    let mut lines: Vec<String> = clean.lines().take(LINES).map(shortened).collect();
    match clean.lines().count() - lines.len() {
        0 => {}
        1 => lines.push("(and 1 more line)".into()),
        more => lines.push(format!("(and {more} more lines)")),
    }
    lines
}

/// A value on one line.
fn one_short_line(value: &Value) -> String {
    shortened(&clean(&value.to_string()))
}

/// The beginning of a line, and how many more characters there are.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(CHARACTERS).and_then(|(end, _)| line.split_at_checked(end)) {
        Some((first, rest)) => format!("{first}… (and {} more characters)", rest.chars().count()),
        None => line.to_owned(),
    }
}

/// The layout of values.
#[derive(Debug, Clone, Copy)]
pub(super) struct ValueLayout {
    /// The colours and characters that can be used.
    pub(super) look: Look,
    /// The width in columns.
    pub(super) width: usize,
    /// The current time.
    pub(super) now: Time,
}

impl ValueLayout {
    /// Formats a value, in as many lines as it needs.
    pub(super) fn value(self, value: &Value, from: &ReadFrom) -> Vec<String> {
        match value {
            Value::Sample(sample) => {
                let mut facts = vec![kind_of_quantity(sample.value)];
                facts.extend(self.origin(sample, from));
                facts.push("1 series".into());
                let value = sample.value.to_string();
                let taken = width_of(&value) + 3 + facts.iter().map(|it| width_of(it) + 3).sum::<usize>();
                facts.extend(labels(sample, self.width.saturating_sub(taken)));
                vec![self.line(&value, &facts)]
            }
            Value::Samples(samples) => self.table(samples, from),
            Value::Window(series) => {
                let points: usize = series.iter().map(|it| it.points.len()).sum();
                let facts = [format!("window · {} series", series.len())];
                let mut lines = vec![self.line(&format!("{points} samples"), &facts)];
                let evidence = Evidence { title: String::new(), value: value.clone() };
                lines.extend(evidence::lines(&evidence, self.look, self.width, self.now).into_iter().skip(1));
                lines
            }
            Value::Output(output) => {
                let how = match (&output.trouble, output.status) {
                    (Some(trouble), _) => trouble.text.clone(),
                    (None, Some(code)) => format!("exit code {code}"),
                    (None, None) => "no exit code".into(),
                };
                let mut lines = few_lines(output.shown().trim_end());
                lines.push(self.faint(&format!("result of a command · {how}")));
                lines
            }
            Value::Unknown(reason) => self.unknown(reason),
            Value::Quantity(quantity) => {
                vec![self.line(&quantity.to_string(), &[kind_of_quantity(*quantity)])]
            }
            Value::ExactNumber(digits) => {
                vec![self.line(digits.as_str(), &["number".into(), "too large to compute with".into()])]
            }
            Value::Bool(yes) => vec![self.line(if *yes { "yes" } else { "no" }, &["true or false".into()])],
            Value::PartialText(text) => {
                let mut lines = few_lines(&text.to_string());
                let what = if text.is_altered() { "it names nothing" } else { "a part is unknown" };
                lines.push(self.faint(&format!("text · {what}: {}", clean(&text.reason.text))));
                lines
            }
            Value::PartialList(list) => {
                let fact = format!("a list · a part is unknown: {}", list.reason);
                vec![self.line(&one_short_line(value), &[fact])]
            }
            Value::Text(text) => {
                let mut lines = few_lines(text);
                match lines.as_mut_slice() {
                    [one] => *one = self.line(&format!("\"{one}\""), &["text".into()]),
                    _ => lines.push(self.faint(&format!("text · {} lines", text.lines().count()))),
                }
                lines
            }
            Value::LabelledText(labelled) => {
                let labels = labelled.labels.iter().map(|(name, value)| format!("{name}={value}"));
                let facts: Vec<String> = std::iter::once("text".to_owned()).chain(labels).collect();
                vec![self.line(&format!("\"{}\"", shortened(&clean(&labelled.text))), &facts)]
            }
            Value::Time(time) => {
                let ago = ago(self.now.unix() - time.unix());
                vec![self.line(&time.to_string(), &["a point in time".into(), ago])]
            }
            Value::List(items) => {
                vec![self.line(&one_short_line(value), &[format!("a list of {}", items.len())])]
            }
            Value::Record(_) => vec![self.line(&one_short_line(value), &["a record".into()])],
            Value::Secret(_) => vec![self.line("•••", &["a secret: it can only be passed on".into()])],
        }
    }

    /// Formats a verdict, followed by the values that decided it.
    pub(super) fn decision(self, decision: &Decision) -> Vec<String> {
        let operands: Vec<String> = decision.operands.iter().filter_map(|it| self.operand(it)).collect();
        let operands = operands.join(", ");
        match &decision.verdict {
            Verdict::Yes => vec![self.verdict(Tone::Good, "yes", &operands)],
            Verdict::No => vec![self.verdict(Tone::Bad, "no", &operands)],
            Verdict::Unknown(reason) => self.unknown(reason),
        }
    }

    /// Formats every operand of a decision on its own line: its value, its source, and what it was compared with.
    pub(super) fn operands(self, decision: &Decision) -> Vec<String> {
        let line = |operand: &Operand| {
            let said = self.operand(operand).unwrap_or_else(|| clean(&operand.text));
            let compared = operand.compared.as_ref().map(|it| {
                let with =
                    if it.text == it.value.text { String::new() } else { format!(" (= {})", it.value.text) };
                format!("  {} {}{with}", it.op, clean(&it.text))
            });
            format!("    {said}{}", compared.unwrap_or_default())
        };
        decision.operands.iter().map(line).collect()
    }

    fn verdict(self, tone: Tone, word: &str, operands: &str) -> String {
        let word = self.look.paint(tone, word);
        if operands.is_empty() { word } else { format!("{word}   {}", self.faint(operands)) }
    }

    /// Formats an operand: `p99 = 812ms (prometheus, 4s old)`.
    fn operand(self, operand: &Operand) -> Option<String> {
        let value = operand.value.brief();
        if operand.text == value {
            return None;
        }
        let mut from = match &operand.from {
            Origin::Provider(name) => vec![name.to_string()],
            Origin::Command => vec!["a command".into()],
            Origin::Person { name, .. } => name.iter().cloned().collect(),
            Origin::Runbook => Vec::new(),
        };
        from.extend(operand.measured.map(|at| age(self.now, at)));
        let from = if from.is_empty() { String::new() } else { format!(" ({})", from.join(", ")) };
        Some(clean(&format!("{} = {value}{from}", operand.text)))
    }

    /// Formats the reason for `unknown`, and what to try.
    pub(super) fn unknown(self, reason: &Reason) -> Vec<String> {
        let word = self.look.paint(Tone::Warning, "unknown");
        let mut lines = vec![format!("{word}   {}", clean(&reason.text))];
        lines.extend(to_try(reason.kind).map(|it| self.faint(&format!("          try: {it}"))));
        lines
    }

    fn line(self, value: &str, facts: &[String]) -> String {
        let dot = self.look.pick(" · ", ", ");
        let facts =
            facts.iter().map(|it| clean(it)).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(dot);
        format!("{}   {}", clean(value), self.faint(&facts))
    }

    fn faint(self, text: &str) -> String {
        self.look.paint(Tone::Faint, text)
    }

    /// The provider of a sample, and its age.
    fn origin(self, sample: &Sample, from: &ReadFrom) -> Vec<String> {
        let from = from.get(sample.metric.as_str()).cloned();
        from.into_iter().chain(sample.at.map(|at| age(self.now, at))).collect()
    }

    /// Formats a `by` metric as a table with a row for each series.
    fn table(self, samples: &[Sample], from: &ReadFrom) -> Vec<String> {
        let Some(first) = samples.first() else { return vec![self.faint("no series")] };
        let names: Vec<String> = first.labels.keys().map(ToString::to_string).collect();
        let row = |sample: &Sample| -> Vec<String> {
            let labels = sample.labels.values().map(|it| clean(it));
            labels.chain([sample.value.to_string()]).collect()
        };
        let head: Vec<String> = names.iter().cloned().chain([first.metric.to_string()]).collect();
        let rows: Vec<Vec<String>> = samples.iter().take(ROWS).map(row).collect();
        let widths: Vec<usize> = (0..head.len())
            .map(|at| {
                let cells = rows.iter().chain([&head]).filter_map(|row| row.get(at));
                cells.map(|cell| width_of(cell)).max().unwrap_or_default()
            })
            .collect();
        let line = |cells: &[String]| {
            let last = cells.len().saturating_sub(1);
            let padded = cells.iter().zip(&widths).enumerate().map(|(at, (cell, width))| {
                let gap = " ".repeat(width.saturating_sub(width_of(cell)));
                if at == last { format!("{gap}{cell}") } else { format!("{cell}{gap}") }
            });
            fitted(&padded.collect::<Vec<_>>().join("  "), self.width)
        };
        let mut lines = vec![self.faint(&line(&head))];
        lines.extend(rows.iter().map(|row| line(row)));
        let mut facts = vec![kind_of_quantity(first.value)];
        facts.extend(self.origin(first, from));
        facts.push(format!("{} series", samples.len()));
        facts.extend(reach(samples));
        facts.extend((samples.len() > ROWS).then(|| format!("the first {ROWS} are shown")));
        lines.push(self.faint(&facts.join(self.look.pick(" · ", ", "))));
        lines
    }
}

/// The kind of a quantity: `duration`, `ratio`, `data per second`.
fn kind_of_quantity(quantity: Quantity) -> String {
    let words = quantity.dimension.in_words();
    let words = words.strip_prefix("a ").or_else(|| words.strip_prefix("an ")).unwrap_or(&words);
    words.to_owned()
}

/// As many labels as fit into the columns, the short ones first, without the metric's name.
fn labels(sample: &Sample, columns: usize) -> Option<String> {
    let named = sample.labels.iter().filter(|(name, _)| *name != "__name__");
    let all: Vec<String> = named.map(|(name, value)| clean(&format!("{name}={value}"))).collect();
    let whole = all.join(", ");
    if all.is_empty() || width_of(&whole) <= columns {
        return (!all.is_empty()).then_some(whole);
    }
    let more = |left: usize| rbl_syntax::counted(left, "more label", "more labels");
    let mut fitting: Vec<&str> = Vec::new();
    let mut used = width_of(&more(all.len()));
    for label in &all {
        if used + width_of(label) + 2 <= columns {
            used += width_of(label) + 2;
            fitting.push(label);
        }
    }
    let left = more(all.len() - fitting.len());
    if fitting.is_empty() {
        let of = format!("{} labels", all.len());
        return (width_of(&of) <= columns).then_some(of);
    }
    Some(format!("{}, {left}", fitting.join(", ")))
}

/// The range of the readings, if there are more than are shown.
fn reach(samples: &[Sample]) -> Option<String> {
    let values = || samples.iter().map(|it| it.value).filter(|it| !it.base.is_nan());
    let lowest = values().min_by(|a, b| a.base.total_cmp(&b.base))?;
    let highest = values().max_by(|a, b| a.base.total_cmp(&b.base))?;
    (samples.len() > ROWS).then(|| format!("{lowest} to {highest}"))
}

/// Formats an age: `4s old`.
fn age(now: Time, at: Time) -> String {
    let seconds = now.unix() - at.unix();
    if seconds < 1.0 { "now".into() } else { format!("{} old", rounded(seconds)) }
}

fn ago(seconds: f64) -> String {
    if seconds.abs() < 1.0 {
        "now".into()
    } else if seconds > 0.0 {
        format!("{} ago", rounded(seconds))
    } else {
        format!("in {}", rounded(-seconds))
    }
}

fn rounded(seconds: f64) -> String {
    span(seconds.floor())
}

/// What to try when a value is unknown.
fn to_try(kind: ReasonKind) -> Option<&'static str> {
    Some(match kind {
        ReasonKind::NoData => "the query in the provider's own page, or `:metrics` for the names that it has",
        ReasonKind::ManySeries => "`by LABEL` in the metric, or `sum(…)` around its query",
        ReasonKind::NotANumber | ReasonKind::Infinite => "the divisor of the query: it is probably zero",
        ReasonKind::Stale => "whether its source is still running",
        ReasonKind::TimedOut => "a lighter query, or a longer `timeout` in `rbl.toml`",
        ReasonKind::Unreachable => "`rbl connections test NAME`, which asks whether it answers",
        ReasonKind::ProviderError | ReasonKind::BadAnswer => "the query in the provider's own page",
        ReasonKind::Partial => {
            "the part of the provider that does not answer; `partial = \"accept\"` in `rbl.toml` takes what came"
        }
        ReasonKind::NoHistory => "a shorter window, or another provider",
        ReasonKind::Gap => "a shorter window: there are no samples in part of this one",
        ReasonKind::Unreadable => "`.text`, to see what it is",
        ReasonKind::Cut => "a filter in the command: `head`, `grep`, a selector",
        ReasonKind::NotUtf8 => "a conversion in the command: `iconv -f latin1 -t utf-8`",
        ReasonKind::Altered => "a command that prints it plainly: `--color=never`, `tr -d '\\r'`",
        ReasonKind::TooLarge => "a unit where it is declared (`in ns`), or keep it as a text",
        ReasonKind::NotSure
        | ReasonKind::NoAnswer
        | ReasonKind::Masked
        | ReasonKind::ProbeFailed
        | ReasonKind::StillRuns
        | ReasonKind::NoField
        | ReasonKind::NoValue
        | ReasonKind::Empty
        | ReasonKind::NotRun
        | ReasonKind::OnlyLooks
        | ReasonKind::LimitReached
        | ReasonKind::NotApproved => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::{Labels, Unit};

    fn paper() -> ValueLayout {
        ValueLayout { look: Look::default(), width: 80, now: Time::from_unix(1_000.0).unwrap() }
    }

    fn reading(value: f64, unit: &str, labels: &[(&str, &str)], at: f64) -> Sample {
        Sample {
            value: Quantity::of(value, Unit::parse(unit).unwrap()).unwrap(),
            digits: None,
            labels: labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect::<Labels>(),
            at: Time::from_unix(at),
            metric: "disk".into(),
        }
    }

    #[test]
    fn a_value_says_what_it_is() {
        let shown = |value: Value| paper().value(&value, &ReadFrom::new()).join("\n");
        assert_eq!(shown(Value::Quantity(Quantity::parse("812ms").unwrap())), "812ms   duration");
        assert_eq!(
            shown(Value::Sample(reading(812.0, "ms", &[], 996.0).into())),
            "812ms   duration, 4s old, 1 series"
        );
        assert_eq!(shown(Value::text("api")), "\"api\"   text");
        assert_eq!(
            shown(Value::unknown(Reason::no_data())),
            "unknown   no data\n          try: the query in the provider's own page, or `:metrics` for the names \
             that it has"
        );
    }

    #[test]
    fn the_labels_of_a_reading_stay_in_its_line() {
        let line = |labels: &[(&str, &str)]| {
            let sample = reading(812.0, "ms", labels, 996.0);
            let lines = paper().value(&Value::Sample(sample.into()), &ReadFrom::new());
            assert_eq!(lines.len(), 1);
            assert!(lines.iter().all(|it| width_of(it) <= 80), "{lines:?}");
            lines.concat().split_once("1 series").unwrap().1.to_owned()
        };
        assert_eq!(line(&[("__name__", "p99")]), "");
        assert_eq!(line(&[("__name__", "p99"), ("host", "db-1"), ("job", "x")]), ", host=db-1, job=x");
        let long = "/a/very/long/mount/point/for/all/that/there/is";
        assert_eq!(line(&[("host", "db-1"), ("mount", long)]), ", host=db-1, 1 more label");
        assert_eq!(line(&[("mount", long), ("path", long)]), ", 2 labels");
    }

    #[test]
    fn a_table_that_is_cut_says_how_far_the_readings_reach() {
        let samples: Vec<Sample> =
            (0..30).map(|at| reading(f64::from(at), "%", &[("pod", &at.to_string())], 998.0)).collect();
        let lines = paper().value(&Value::Samples(samples.into()), &ReadFrom::new());
        assert_eq!(lines.last().unwrap(), "ratio, 2s old, 30 series, 0% to 29%, the first 20 are shown");
    }

    #[test]
    fn a_metric_of_many_is_a_table() {
        let samples =
            [reading(95.0, "%", &[("mount", "/")], 998.0), reading(7.0, "%", &[("mount", "/var")], 998.0)];
        let lines = paper().value(&Value::Samples(samples.into()), &ReadFrom::new());
        assert_eq!(lines, ["mount  disk", "/       95%", "/var     7%", "ratio, 2s old, 2 series"]);
    }
}
