//! The next effect of a run, described exactly for a person.

use crate::paths::{PathsLayout, seconds};
use rbl_runtime::Exact;
use rbl_runtime::{Act, Ask, AskKind, Effect, Evidence, Purpose};
use rbl_syntax::harmless;
use rbl_syntax::value::Reason;
use rbl_terminal::{hung, shortened};

/// Describes the next effect; `exact` gives the details of an action. Ends in a newline.
pub fn would(
    effect: &Effect,
    exact: Option<&Result<Exact, Reason>>,
    at: Option<u32>,
    look: PathsLayout,
) -> String {
    let at = at.map_or_else(String::new, |line| format!(" at line {line}"));
    let (first, rest) = match effect {
        Effect::Act(act) => (format!("Next it would do{at}: {}", act.title), acting(act, exact)),
        Effect::Ask(ask) => (format!("Next it would ask{at}: \"{}\"", ask.prompt), asking(ask)),
        Effect::Probe(probe) => {
            let on = probe.host.as_ref().map_or_else(String::new, |host| format!(" on {host}"));
            let first = format!("Next it would run, to look: `{}`{on}", probe.command.shown_with_codes());
            (first, vec!["with `--probe` it is run, and the plan continues after it".into()])
        }
        Effect::Sleep(sleep) => {
            let long = seconds(sleep.seconds);
            match &sleep.purpose {
                Purpose::Wait => (format!("Next it would wait{at}: {long}"), Vec::new()),
                Purpose::Poll { condition, last, left } => {
                    let first = format!("Next it would wait{at} until {condition}");
                    let mut rest = vec![format!("for {} at most, looking every {long}", seconds(*left))];
                    if !last.is_empty() {
                        rest.push(format!("now: {last}"));
                    }
                    (first, rest)
                }
                Purpose::Retry => (format!("Next it would try again in {long}"), Vec::new()),
                Purpose::Queue { what, held, .. } => {
                    (format!("Next it would wait{at} for {what}"), vec![held.clone()])
                }
                Purpose::Repeat => (format!("Next it would begin another pass in {long}"), Vec::new()),
                Purpose::Acknowledgement { team, .. } => {
                    (format!("Next it would wait{at} until {team} has acknowledged the page"), Vec::new())
                }
            }
        }
        Effect::Acknowledge(it) => {
            let first = format!("Next it would wait{at} until {} has acknowledged the page", it.team);
            (first, vec![format!("for {} at most", seconds(it.within))])
        }
        Effect::Lock(it) => {
            let first = format!("Next it would wait{at} for the lock \"{}\"", it.name);
            (first, vec![format!("for {} at most: another run holds it now", seconds(it.within))])
        }
        Effect::Enter(_)
        | Effect::Leave(_)
        | Effect::Conclude(_)
        | Effect::Now
        | Effect::Read(_)
        | Effect::Firing(_)
        | Effect::Mode(_)
        | Effect::Page(_)
        | Effect::Record(_)
        | Effect::Secret { .. } => {
            return String::new();
        }
    };
    let width = look.width.clamp(40, 110);
    let mut lines = hung("", "  ", &harmless(&first), width);
    for line in rest {
        lines.extend(hung("    ", "      ", &harmless(&line), width));
    }
    lines.join("\n") + "\n"
}

fn acting(act: &Act, exact: Option<&Result<Exact, Reason>>) -> Vec<String> {
    let mut lines = Vec::new();
    match exact {
        Some(Ok(Exact::Program { arguments, variables, program })) => {
            let words: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
            lines.push(format!("command: {}", words.join(" ")));
            if let Some(program) = program {
                lines.push(format!("which runs there: {program}"));
            }
            lines.extend(variables.iter().map(|(name, value)| format!("with: {name}={}", quoted(value))));
        }
        Some(Ok(Exact::Person { instruction })) => {
            // The title is not repeated if it is the instruction itself.
            if *instruction == act.title {
                lines.push("a person does it".into());
            } else {
                lines.push(format!("a person is asked: {instruction}"));
            }
        }
        Some(Ok(Exact::Executor { executor, reference, parameters })) => {
            lines.push(format!("{executor} is handed: {reference}"));
            lines.extend(parameters.iter().map(|(name, value)| format!("with: {name}={}", quoted(value))));
        }
        Some(Err(why)) => lines.push(format!("it could not be started: {why}")),
        None => {}
    }
    lines.extend(act.host.as_ref().map(|host| format!("on: {host}")));
    lines.extend(act.by.as_ref().map(|team| format!("by: {team}, who is asked first")));
    let tries = if act.tries > 1 { format!(", {} tries", act.tries) } else { String::new() };
    lines.push(format!("within: {}{tries}", seconds(act.within)));
    lines.extend(evidence(&act.showing));
    lines
}

fn asking(ask: &Ask) -> Vec<String> {
    let mut lines = Vec::new();
    if let AskKind::Choice(among) = &ask.kind {
        lines.push(format!("one of: {}", among.join(", ")));
    }
    lines.extend(ask.by.as_ref().map(|team| format!("{team} would have to answer")));
    lines.push(format!("within: {}", seconds(ask.within)));
    lines.extend(evidence(&ask.showing));
    lines
}

fn evidence(showing: &[Evidence]) -> impl Iterator<Item = String> + '_ {
    showing.iter().map(|it| {
        let value = shortened(&it.value.to_string()).trim().replace('\n', " / ");
        format!("showing: {} = {value}", it.title)
    })
}

/// Quotes a word for a shell, if necessary.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
