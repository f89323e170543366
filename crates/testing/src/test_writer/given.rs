//! Writes the lines of a test that describe the world.

use super::super::Premise;
use super::amount::{amount, duration, lasting, operand};
use super::value::{action, arguments};
use super::{Unwritten, field_name, quoted, value};
use crate::scripted::{Action, Answer, Change, Ends, Fault, How, Metric, Outage, Party, Probe, State, What};
use rbl_check::{MetricDeclared, Program};
use rbl_syntax::value::{Labels, Unit, Value};

/// Answers that are written without quotes.
const ANSWERS: [&str; 6] = ["yes", "no", "unknown", "done", "failed", "skipped"];

/// Writes the parameters, the given states, the effects of actions, and the answers of people.
pub(super) fn lines(program: &Program, premise: &Premise) -> Result<Vec<String>, Unwritten> {
    let mut lines = params(program, premise)?;
    if let Some(begins) = premise.script.begins {
        lines.push(format!("given now = {}", value::value(&Value::Time(begins))?));
    }
    let is_answer = |change: &&Change| matches!(change.what, What::Answer(_));
    for change in premise.script.changes.iter().filter(|change| !is_answer(change)) {
        lines.push(line(program, change, false)?);
    }
    for after in &premise.script.after {
        lines.push(format!("after action {} {{", action(&after.action)?));
        for change in &after.changes {
            lines.push(line(program, change, true)?);
        }
        lines.push("}".into());
    }
    for change in premise.script.changes.iter().filter(is_answer) {
        lines.push(line(program, change, false)?);
    }
    Ok(lines)
}

/// `param NAME = VALUE`, in the order of declaration.
fn params(program: &Program, premise: &Premise) -> Result<Vec<String>, Unwritten> {
    let declared =
        program.runbook(program.main()).map(|runbook| runbook.params.as_slice()).unwrap_or_default();
    let mut lines = Vec::new();
    for param in declared {
        let name = &param.declaration.name.text;
        match premise.params.get(name) {
            Some(given) => lines.push(format!("param {name} = {}", value::value(given)?)),
            None if param.declaration.default.is_none() => {
                return Err(Unwritten::no_form(format!("a run without `{name}`, which has no default")));
            }
            None => {}
        }
    }
    let known = |name: &str| declared.iter().any(|param| param.declaration.name.text == name);
    if let Some(name) = premise.params.keys().find(|name| !known(name)) {
        return Err(Unwritten::no_form(format!("the parameter `{name}`, which the runbook does not have")));
    }
    Ok(lines)
}

fn line(program: &Program, change: &Change, after: bool) -> Result<String, Unwritten> {
    let timeless = |what: &str| match change.from {
        None => Ok(()),
        Some(_) => Err(Unwritten::no_form(format!("{what} that changes in time"))),
    };
    Ok(match &change.what {
        What::Metric(metric) => {
            let from = match change.from {
                None => String::new(),
                Some(0.0) => {
                    let what = "a value that begins with the run, and was not there before";
                    return Err(Unwritten::no_form(what));
                }
                Some(from) => {
                    format!(" {} {}", if after && from >= 0.0 { "after" } else { "from" }, duration(from)?)
                }
            };
            format!("given {}{from}", self::metric(program, metric)?)
        }
        What::Outage(Outage { of, fault }) => {
            timeless("a provider, a team or a channel")?;
            let of = match of {
                Party::Provider(name) => format!("provider {name}"),
                Party::Team(name) => format!("team {}", quoted::text(name)),
                Party::Channel(name) => format!("channel {}", quoted::text(name)),
            };
            let fault = match fault {
                Fault::Down => "down".to_owned(),
                Fault::Slow(seconds) => format!("slow {}", lasting(*seconds)?),
                Fault::Error(text) => format!("error {}", quoted::text(text)),
            };
            format!("given {of} is {fault}")
        }
        What::Action(Action { name, how }) => {
            timeless("an action")?;
            let how = match how {
                How::Fails(None) => "fails".to_owned(),
                How::Fails(Some(text)) => format!("fails {}", quoted::text(text)),
                How::Hangs => "hangs".to_owned(),
                How::Takes(seconds) => format!("takes {}", lasting(*seconds)?),
                How::Prints(text) => format!("prints {}", quoted::text(text)),
            };
            format!("given action {} {how}", action(name)?)
        }
        What::Probe(Probe { command, ends }) => {
            timeless("a command that looks")?;
            let ends = match ends {
                Ends::Yes => "= yes".to_owned(),
                Ends::No => "= no".to_owned(),
                Ends::Unknown => "= unknown".to_owned(),
                Ends::Prints(text) => format!("prints {}", quoted::text(text)),
            };
            format!("given probe {} {ends}", quoted::command(command))
        }
        What::Answer(Answer { question, with, after }) => {
            timeless("an answer")?;
            let with = if ANSWERS.contains(&with.as_str()) { with.clone() } else { quoted::text(with) };
            let after = if *after > 0.0 { format!(" after {}", lasting(*after)?) } else { String::new() };
            format!("answer {} with {with}{after}", quoted::text(question))
        }
    })
}

/// `disk {mount: "/"} = 91%`
fn metric(program: &Program, metric: &Metric) -> Result<String, Unwritten> {
    let name = &metric.name;
    let declared: Option<&MetricDeclared> =
        program.runbooks().find_map(|runbook| runbook.metrics.get(name)).map(|it| &**it);
    let Some(declared) = declared else {
        return Err(Unwritten::no_form(format!("the metric `{name}`, which the runbook does not have")));
    };
    let labels = if let Some(labels) = &metric.labels {
        format!(" {}", series(name, declared, labels)?)
    } else {
        one_for_all(name, declared, &metric.state)?;
        String::new()
    };
    let state = state(&metric.state, declared.unit)?;
    Ok(format!("{name}{}{labels} {state}", arguments(&metric.arguments)?))
}

/// `{mount: "/", device: "sda1"}`, in the order of `by`.
fn series(name: &str, declared: &MetricDeclared, labels: &Labels) -> Result<String, Unwritten> {
    let by = &declared.declaration.by;
    let fits = by.len() == labels.len() && !by.is_empty();
    let fields: Option<Vec<String>> = by
        .iter()
        .map(|label| Some(format!("{}: {}", field_name(&label.text), quoted::text(labels.get(&label.text)?))))
        .collect();
    match fields.filter(|_| fits) {
        Some(fields) => Ok(format!("{{{}}}", fields.join(", "))),
        None => Err(Unwritten::no_form(format!("a series of `{name}` by other labels than its own"))),
    }
}

/// A metric with several series is given one series at a time; as a whole it can only be missing or broken.
fn one_for_all(name: &str, declared: &MetricDeclared, state: &State) -> Result<(), Unwritten> {
    match state {
        State::Value(_) | State::Samples { .. } | State::Series(_) if !declared.declaration.by.is_empty() => {
            Err(Unwritten::no_form(format!("one value for all series of `{name}`")))
        }
        _ => Ok(()),
    }
}

fn state(state: &State, unit: Unit) -> Result<String, Unwritten> {
    Ok(match state {
        State::Value(base) => format!("= {}", amount(*base, unit)?),
        State::Samples { runs, every } => {
            let run = |(base, count): &(f64, u32)| {
                let value = operand(*base, unit)?;
                Ok(if *count == 1 { value } else { format!("{value} x {count}") })
            };
            if runs.is_empty() {
                return Err(Unwritten::no_form("a metric without samples"));
            }
            let runs: Vec<String> = runs.iter().map(run).collect::<Result<_, Unwritten>>()?;
            format!("= [{}] every {}", runs.join(", "), lasting(*every)?)
        }
        State::None => "is none".to_owned(),
        State::Nan => "is nan".to_owned(),
        State::Stale(age) => format!("is stale {}", lasting(*age)?),
        State::Series(count) => format!("has {count} series"),
    })
}
