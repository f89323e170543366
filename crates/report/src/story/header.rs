//! The beginning of a story: the runbook, the trigger, the parameters, and the links.

use rbl_runtime::words::{Mark, Words, named};
use rbl_runtime::{Event, EventKind, Started};

/// The run id of a plan: a walk without effects has no record to look up.
pub const PLAN: &str = "plan";

/// The beginning, one entry for each line; empty for any other event.
pub(super) fn words(event: &Event) -> Vec<Words> {
    let EventKind::Started { run, runbook, file, trigger, params, owner, severity, links, about: _ } =
        &event.kind
    else {
        return Vec::new();
    };
    let what = if run == PLAN { format!("{file}, only planned") } else { format!("{file}, run {run}") };
    let mut lines = vec![Words::new(Mark::None, "runbook", runbook.clone()).note(what)];
    lines.push(Words::new(Mark::None, "trigger", set_off(trigger)));
    if !params.is_empty() {
        lines.push(Words::new(Mark::None, "params", named(params)));
    }
    if let Some(owner) = owner {
        lines.push(Words::new(Mark::None, "owner", owner.clone()));
    }
    if let Some(severity) = severity {
        lines.push(Words::new(Mark::None, "severity", severity.clone()));
    }
    lines.extend(links.iter().map(|(name, url)| Words::new(Mark::None, "link", format!("{name}: {url}"))));
    lines
}

/// What the runbook says about its alert, as Markdown.
pub(super) fn about(event: &Event) -> Option<&str> {
    let EventKind::Started { about, .. } = &event.kind else { return None };
    about.as_deref()
}

fn set_off(trigger: &Started) -> String {
    match trigger {
        Started::Manual => "started by hand".into(),
        Started::Schedule { cron, window: None } => format!("schedule {cron}"),
        Started::Schedule { cron, window: Some((from, to)) } => {
            format!("schedule {cron}, window from {from} to {to}")
        }
        Started::Alert { name, since, others, by } => {
            let since = since.map(|at| format!(", firing since {at}")).unwrap_or_default();
            let others = match others {
                0 => String::new(),
                1 => ", and 1 more in the same message".into(),
                more => format!(", and {more} more in the same message"),
            };
            let by =
                by.iter().fold(String::new(), |text, (label, value)| text + &format!(", {label} = {value}"));
            format!("alert {name}{since}{by}{others}")
        }
    }
}
