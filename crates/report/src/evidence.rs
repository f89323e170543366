//! Formats the evidence that a person sees before answering.

mod graph;

use rbl_runtime::Evidence;
use rbl_syntax::clean;
use rbl_syntax::value::{CommandOutput, Sample, Time, Value};
use rbl_terminal::{Look, Tone, fitted, wrapped};

/// The number of last output lines, and of readings, that are shown.
const LINES: usize = 20;

/// The evidence as lines for a screen of this many columns.
pub fn lines(evidence: &Evidence, look: Look, columns: usize, now: Time) -> Vec<String> {
    let inner = columns.saturating_sub(8).max(12);
    let bar = look.paint(Tone::Faint, look.pick("│", "|"));
    let title = look.paint(Tone::Strong, &fitted(&clean(&evidence.title).replace('\n', " "), inner));
    let body = value(&evidence.value, look, inner, now);
    let body = body.into_iter().map(|line| format!("    {bar}  {line}"));
    std::iter::once(format!("    {bar} {title}")).chain(body).collect()
}

fn value(value: &Value, look: Look, columns: usize, now: Time) -> Vec<String> {
    match value {
        Value::Output(output) => printed(output, columns),
        Value::Sample(sample) => vec![reading(sample, now)],
        Value::Samples(samples) => limited(samples.iter().map(|sample| reading(sample, now)), samples.len()),
        Value::Window(series) if series.iter().all(|series| series.points.is_empty()) => {
            vec!["no samples in this window".into()]
        }
        Value::Window(series) => graph::lines(series, look, columns),
        Value::List(items) => limited(items.iter().map(element), items.len()),
        Value::LabelledText(labelled) => wrapped(&clean(&labelled.to_string()), columns),
        Value::Unknown(reason) => vec![format!("unknown: {}", clean(&reason.text))],
        other => wrapped(&clean(&other.to_string()), columns),
    }
}

/// An element of a list; a text of a `by` metric with its labels.
fn element(item: &Value) -> String {
    match item {
        Value::LabelledText(labelled) => clean(&labelled.to_string()),
        other => clean(&other.to_string()),
    }
}

fn limited(lines: impl Iterator<Item = String>, count: usize) -> Vec<String> {
    let more = count.saturating_sub(LINES);
    lines.take(LINES).chain((more > 0).then(|| format!("({more} more)"))).collect()
}

/// The end of a command's output, and its exit status where it is not success.
fn printed(output: &CommandOutput, columns: usize) -> Vec<String> {
    let (text, which) = if output.stdout.trim().is_empty() && !output.stderr.trim().is_empty() {
        (output.shown_errors(), "errors: ")
    } else {
        (output.shown(), "")
    };
    let text = clean(text.trim_end());
    let all: Vec<&str> = text.lines().collect();
    let skipped = all.len().saturating_sub(LINES);
    let mut lines = Vec::new();
    let cut = output.cut();
    if skipped > 0 || cut > 0 {
        let cut = if cut > 0 { format!(", {cut} bytes were cut") } else { String::new() };
        lines.push(format!("({which}{skipped} earlier lines{cut})"));
    }
    lines.extend(all.iter().skip(skipped).map(|line| fitted(line, columns)));
    if all.is_empty() {
        lines.push("(it printed nothing)".into());
    }
    match (&output.trouble, output.status) {
        (Some(reason), _) => lines.push(format!("({})", clean(&reason.text))),
        (None, Some(code)) if code != 0 => lines.push(format!("(exit code {code})")),
        _ => {}
    }
    lines
}

/// A reading: where it comes from, its value and its age.
fn reading(sample: &Sample, now: Time) -> String {
    let labels: Vec<String> = sample.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let labels = if labels.is_empty() { String::new() } else { format!(" {{{}}}", labels.join(", ")) };
    let age = sample.at.map_or_else(String::new, |at| {
        let seconds = (now.unix() - at.unix()).max(0.0);
        if seconds < 1.0 {
            " (now)".into()
        } else {
            format!(" ({} ago)", rbl_syntax::value::span(seconds.floor()))
        }
    });
    clean(&format!("{}{labels} = {}{age}", sample.metric, sample.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::{Labels, OutputCut, Quantity, Unit};

    fn shown(value: Value) -> Vec<String> {
        let evidence = Evidence { title: "kubectl get pods".into(), value };
        lines(&evidence, Look::default(), 60, Time::from_unix(1_000.0).unwrap())
    }

    #[test]
    fn the_end_of_a_long_output() {
        let stdout = (1..=30).map(|n| format!("line {n}\x1b[2J\n")).collect::<Vec<_>>().concat();
        let stdout_cut = Some(OutputCut { bytes: 7, end: String::new() });
        let output = CommandOutput { status: Some(3), stdout, stdout_cut, ..CommandOutput::default() };
        let lines = shown(Value::Output(output.into()));
        assert_eq!(lines[0], "    | kubectl get pods");
        assert_eq!(lines[1], "    |  (12 earlier lines, 7 bytes were cut)");
        assert_eq!(lines[2], "    |  line 13");
        assert_eq!(lines.last().unwrap(), "    |  (exit code 3)");
    }

    #[test]
    fn a_reading_says_its_labels_and_its_age() {
        let sample = Sample {
            value: Quantity::of(812.0, Unit::parse("ms").unwrap()).unwrap(),
            digits: None,
            labels: Labels::from([("node".into(), "db-1".into())]),
            at: Time::from_unix(910.0),
            metric: "lag".into(),
        };
        let lines = shown(Value::Sample(sample.into()));
        assert_eq!(lines[1], "    |  lag {node=db-1} = 812ms (1m30s ago)");
    }
}
