//! What stands above the steps of a document.

use std::fmt::Write as _;

use rbl_syntax::tree::{AlertNames, Declaration, File, TriggerKind};

use crate::flow::words::SpokenWords;

/// The title of a runbook.
pub(super) fn title(file: &File, text: &str) -> String {
    let words = SpokenWords { text };
    let found = file.declarations().find_map(|it| match it {
        Declaration::Runbook(it) => Some(words.template(&it.title)),
        _ => None,
    });
    found.unwrap_or_else(|| "Runbook".into())
}

/// Title, who owns it, what starts it, what it is about, links, parameters and readings.
pub(super) fn markdown(file: &File, text: &str) -> String {
    let words = SpokenWords { text };
    let mut out = format!("# {}\n\n", title(file, text).replace('\n', " "));
    let (mut facts, mut about) = (Vec::new(), String::new());
    let (mut links, mut params, mut readings) = (Vec::new(), Vec::new(), Vec::new());
    for declaration in file.declarations() {
        match declaration {
            Declaration::Owner(it) => facts.push(format!("**Owner:** {}", words.template(&it.team))),
            Declaration::Severity(it) => facts.push(format!("**Severity:** {}", words.template(&it.text))),
            Declaration::Trigger(it) => facts.push(format!("**Starts:** {}", started(&it.kind, words))),
            Declaration::About(it) => about = words.template(&it.text),
            Declaration::Link(it) => {
                links.push(format!("- [{}]({})", words.template(&it.name), words.template(&it.url)));
            }
            Declaration::Param(it) => {
                let default = it
                    .default
                    .as_ref()
                    .map_or_else(String::new, |it| format!(" (usually {})", words.value(it)));
                params.push(format!("- `<{}>`{default}", it.name.text));
            }
            Declaration::Metric(it) => readings.push(format!(
                "- `{}`: from {}\n\n  ```{}\n{}\n  ```\n",
                it.name.text,
                it.provider.text,
                if it.provider.text == "prometheus" { "promql" } else { "text" },
                indented(words.template(&it.query).trim(), "  ")
            )),
            Declaration::Limit(it) => {
                facts.push(format!("**Limit:** {}", words.source(it.span).trim_start_matches("limit ")));
            }
            Declaration::Timezone(it) => facts.push(format!("**Time zone:** {}", words.template(&it.name))),
            Declaration::Define(it) => readings.push(format!("- {}", quoted(&words.source(it.span)))),
            Declaration::Probe(it) => readings.push(format!("- {}", quoted(&words.source(it.span)))),
            Declaration::Let(it) => readings.push(format!("- {}", quoted(&words.source(it.span)))),
            Declaration::Secret(it) => readings.push(format!("- the secret `{}`", it.name.text)),
            Declaration::Use(it) => readings.push(format!("- {}", quoted(&words.source(it.span)))),
            Declaration::Runbook(_) | Declaration::Tests(_) => {}
        }
    }
    if !facts.is_empty() {
        let _ =
            writeln!(out, "{}\n", facts.iter().map(|it| format!("- {it}")).collect::<Vec<_>>().join("\n"));
    }
    if !about.trim().is_empty() {
        let _ = writeln!(out, "{}\n", lowered(about.trim()));
    }
    for (heading, lines) in [("Links", links), ("To fill in", params), ("What the steps name", readings)] {
        if !lines.is_empty() {
            let _ = writeln!(out, "**{heading}**\n\n{}\n", lines.join("\n"));
        }
    }
    out
}

/// Code, whatever is in it.
fn quoted(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    let pad = if text.contains('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The headings of an explanation stand below the title of the document.
fn lowered(markdown: &str) -> String {
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
            format!("on the schedule `{}`{zone}", words.template(cron))
        }
        TriggerKind::Manual => "by hand".into(),
    }
}
