//! What stands above the steps of a document.

use std::fmt::Write as _;

use rbl_check::RunbookFacts;
use rbl_syntax::tree::{AlertNames, Declaration, File, Metric, TriggerKind};

use super::inline::{code, explanation, fence, finished, inline, link};
use super::{ABOUT, ABOUT_END};
use crate::flow::words::SpokenWords;

/// The title of a runbook.
pub(super) fn title(file: &File, text: &str) -> String {
    let title = RunbookFacts::of(file).title;
    title.map_or_else(|| "Runbook".into(), |it| SpokenWords { text }.template(it))
}

/// Title, who owns it, what starts it, what it is about, links, parameters and readings. `marked`: with marks by which it is
/// read back.
pub(super) fn markdown(file: &File, text: &str, marked: bool) -> String {
    let words = SpokenWords { text };
    let mut out = format!("# {}\n\n", line(&title(file, text)));
    let (mut facts, mut about) = (Vec::new(), String::new());
    let (mut links, mut params, mut readings) = (Vec::new(), Vec::new(), Vec::new());
    for declaration in file.declarations() {
        match declaration {
            Declaration::Owner(it) => facts.push(fact("Owner", &words.template(&it.team))),
            Declaration::Severity(it) => facts.push(fact("Severity", &words.template(&it.text))),
            Declaration::Trigger(it) => facts.push(fact("Starts", &started(&it.kind, words))),
            Declaration::About(it) => about = words.template(&it.text),
            Declaration::Link(it) => {
                links.push(format!("- {}", link(&words.template(&it.name), &words.template(&it.url))));
            }
            Declaration::Param(it) => {
                let default = it
                    .default
                    .as_ref()
                    .map_or_else(String::new, |it| format!(" (usually {})", line(&words.value(it))));
                params.push(format!("- `<{}>`{default}", it.name.text));
            }
            Declaration::Metric(it) => {
                let query = words.template(&it.query);
                let fence = fence(query.lines());
                readings.push(format!(
                    "- {}: from {}\n\n  {fence}{}\n{}\n  {fence}\n",
                    code(&measured(it, words)),
                    it.provider.text,
                    if it.provider.text == "prometheus" { "promql" } else { "text" },
                    indented(query.trim(), "  ")
                ));
            }
            Declaration::Limit(it) => {
                facts.push(fact("Limit", words.source(it.span).trim_start_matches("limit ")));
            }
            Declaration::Timezone(it) => facts.push(fact("Time zone", &words.template(&it.name))),
            Declaration::Define(it) => readings.push(format!("- {}", code(&words.source(it.span)))),
            Declaration::Probe(it) => readings.push(format!("- {}", code(&words.source(it.span)))),
            Declaration::Let(it) => readings.push(format!("- {}", code(&words.source(it.span)))),
            Declaration::Secret(it) => readings.push(format!("- the secret `{}`", it.name.text)),
            Declaration::Use(it) => readings.push(format!("- {}", code(&words.source(it.span)))),
            Declaration::Runbook(_) | Declaration::Tests(_) => {}
        }
    }
    if !facts.is_empty() {
        let _ =
            writeln!(out, "{}\n", facts.iter().map(|it| format!("- {it}")).collect::<Vec<_>>().join("\n"));
    }
    if !about.trim().is_empty() {
        let about = lowered(about.trim());
        // A page takes care of HTML and links when it is rendered.
        let about = if marked { explanation(&about) } else { finished(&about) };
        let _ = if marked {
            writeln!(out, "{ABOUT}\n\n{about}\n\n{ABOUT_END}\n")
        } else {
            writeln!(out, "{about}\n")
        };
    }
    for (heading, lines) in [("Links", links), ("To fill in", params), ("What the steps name", readings)] {
        if !lines.is_empty() {
            let _ = writeln!(out, "**{heading}**\n\n{}\n", lines.join("\n"));
        }
    }
    out
}

/// A reading as it is declared: its name, its labels and its unit.
fn measured(metric: &Metric, words: SpokenWords<'_>) -> String {
    let whole = words.source(metric.span);
    let head = whole.split_once(&format!(" from {}", metric.provider.text)).map_or(whole.as_str(), |it| it.0);
    head.trim_start_matches("metric ").to_owned()
}

/// A text on one line.
fn line(text: &str) -> String {
    inline(&text.replace('\n', " "))
}

fn fact(name: &str, text: &str) -> String {
    format!("**{name}:** {}", line(text))
}

/// The headings of an explanation stand below the title of the document.
pub(crate) fn lowered(markdown: &str) -> String {
    let mut in_code = false;
    let lines: Vec<String> = markdown
        .lines()
        .map(|line| {
            in_code ^= line.trim_start().starts_with("```");
            let is_title = line.starts_with("# ") && !in_code;
            if is_title { format!("#{line}") } else { line.to_owned() }
        })
        .collect();
    lines.join("\n")
}

fn indented(text: &str, margin: &str) -> String {
    text.lines().map(|it| format!("{margin}{it}")).collect::<Vec<_>>().join("\n")
}

fn started(kind: &TriggerKind, words: SpokenWords<'_>) -> String {
    match kind {
        TriggerKind::Alert { name, labels, .. } => {
            let names = match name {
                AlertNames::Listed(names) => {
                    names.iter().map(|it| words.template(it)).collect::<Vec<_>>().join(", ")
                }
                AlertNames::Matching(pattern) => format!("alerts like {}", words.template(pattern)),
            };
            let labels: Vec<String> = labels
                .iter()
                .map(|it| format!("{} {} {}", it.name.text, it.op.spelling(), words.template(&it.value)))
                .collect();
            if labels.is_empty() {
                format!("the alert {names}")
            } else {
                format!("the alert {names}, where {}", labels.join(", "))
            }
        }
        TriggerKind::Schedule { cron, timezone, .. } => {
            let zone = timezone.as_ref().map_or_else(String::new, |it| format!(" ({})", words.template(it)));
            format!("on the schedule {}{zone}", code(&words.template(cron)))
        }
        TriggerKind::Manual => "by hand".into(),
    }
}
