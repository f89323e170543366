//! Writes the lines of a test that describe the world.

use super::super::Premise;
use super::amount::{amount, duration, lasting, operand};
use super::value::{action, arguments};
use super::{UnwritableTest, field_name, quoted, value};
use crate::scripted::{
    ActionBehaviour, GivenAction, GivenAnswer, GivenChange, GivenMetric, GivenProbe, GivenSubject,
    MetricState, Outage, ProbeOutcome, Service, ServiceFault,
};
use rbl_check::{MetricDeclared, Program};
use rbl_syntax::value::{Labels, Unit, Value};

/// Answers that are written without quotes.
const ANSWERS: [&str; 6] = ["yes", "no", "unknown", "done", "failed", "skipped"];

/// Writes the parameters, the given states, the effects of actions, and the answers of people.
pub(super) fn lines(program: &Program, premise: &Premise) -> Result<Vec<String>, UnwritableTest> {
    let mut lines = params(program, premise)?;
    if let Some(begins) = premise.script.begins {
        lines.push(format!("given now = {}", value::value(&Value::Time(begins))?));
    }
    let is_answer = |change: &&GivenChange| matches!(change.what, GivenSubject::Answer(_));
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
fn params(program: &Program, premise: &Premise) -> Result<Vec<String>, UnwritableTest> {
    let declared =
        program.runbook(program.main()).map(|runbook| runbook.params.as_slice()).unwrap_or_default();
    let mut lines = Vec::new();
    for param in declared {
        let name = &param.declaration.name.text;
        match premise.params.get(name) {
            Some(given) => lines.push(format!("param {name} = {}", value::value(given)?)),
            None if param.declaration.default.is_none() => {
                return Err(UnwritableTest::no_form(format!("a run without `{name}`, which has no default")));
            }
            None => {}
        }
    }
    let known = |name: &str| declared.iter().any(|param| param.declaration.name.text == name);
    if let Some(name) = premise.params.keys().find(|name| !known(name)) {
        return Err(UnwritableTest::no_form(format!(
            "the parameter `{name}`, which the runbook does not have"
        )));
    }
    Ok(lines)
}

fn line(program: &Program, change: &GivenChange, after: bool) -> Result<String, UnwritableTest> {
    let timeless = |what: &str| match change.from {
        None => Ok(()),
        Some(_) => Err(UnwritableTest::no_form(format!("{what} that changes in time"))),
    };
    Ok(match &change.what {
        GivenSubject::Metric(metric) => {
            let from = match change.from {
                None => String::new(),
                Some(0.0) => {
                    let what = "a value that begins with the run, and was not there before";
                    return Err(UnwritableTest::no_form(what));
                }
                Some(from) => {
                    format!(" {} {}", if after && from >= 0.0 { "after" } else { "from" }, duration(from)?)
                }
            };
            format!("given {}{from}", self::metric(program, metric)?)
        }
        GivenSubject::Outage(Outage { of, fault }) => {
            timeless("a provider, a team or a channel")?;
            let of = match of {
                Service::Provider(name) => format!("provider {name}"),
                Service::Team(name) => format!("team {}", quoted::text(name)),
                Service::Channel(name) => format!("channel {}", quoted::text(name)),
            };
            let fault = match fault {
                ServiceFault::Down => "down".to_owned(),
                ServiceFault::Slow(seconds) => format!("slow {}", lasting(*seconds)?),
                ServiceFault::Error(text) => format!("error {}", quoted::text(text)),
            };
            format!("given {of} is {fault}")
        }
        GivenSubject::Action(GivenAction { name, how }) => {
            timeless("an action")?;
            let how = match how {
                ActionBehaviour::Fails(None) => "fails".to_owned(),
                ActionBehaviour::Fails(Some(text)) => format!("fails {}", quoted::text(text)),
                ActionBehaviour::Hangs => "hangs".to_owned(),
                ActionBehaviour::Takes(seconds) => format!("takes {}", lasting(*seconds)?),
                ActionBehaviour::Prints(text) => format!("prints {}", quoted::text(text)),
            };
            format!("given action {} {how}", action(name)?)
        }
        GivenSubject::Probe(GivenProbe { command, ends }) => {
            timeless("a command that looks")?;
            let ends = match ends {
                ProbeOutcome::Yes => "= yes".to_owned(),
                ProbeOutcome::No => "= no".to_owned(),
                ProbeOutcome::Unknown => "= unknown".to_owned(),
                ProbeOutcome::Prints(text) => format!("prints {}", quoted::text(text)),
            };
            format!("given probe {} {ends}", quoted::command(command))
        }
        GivenSubject::Answer(GivenAnswer { question, with, after }) => {
            timeless("an answer")?;
            let with = if ANSWERS.contains(&with.as_str()) { with.clone() } else { quoted::text(with) };
            let after = if *after > 0.0 { format!(" after {}", lasting(*after)?) } else { String::new() };
            format!("answer {} with {with}{after}", quoted::text(question))
        }
    })
}

/// `disk {mount: "/"} = 91%`
fn metric(program: &Program, metric: &GivenMetric) -> Result<String, UnwritableTest> {
    let name = &metric.name;
    let declared: Option<&MetricDeclared> =
        program.runbooks().find_map(|runbook| runbook.metrics.get(name)).map(|it| &**it);
    let Some(declared) = declared else {
        return Err(UnwritableTest::no_form(format!("the metric `{name}`, which the runbook does not have")));
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
fn series(name: &str, declared: &MetricDeclared, labels: &Labels) -> Result<String, UnwritableTest> {
    let by = &declared.declaration.by;
    let fits = by.len() == labels.len() && !by.is_empty();
    let fields: Option<Vec<String>> = by
        .iter()
        .map(|label| Some(format!("{}: {}", field_name(&label.text), quoted::text(labels.get(&label.text)?))))
        .collect();
    match fields.filter(|_| fits) {
        Some(fields) => Ok(format!("{{{}}}", fields.join(", "))),
        None => Err(UnwritableTest::no_form(format!("a series of `{name}` by other labels than its own"))),
    }
}

/// A metric with several series is given one series at a time; as a whole it can only be missing or broken.
fn one_for_all(name: &str, declared: &MetricDeclared, state: &MetricState) -> Result<(), UnwritableTest> {
    match state {
        MetricState::Value(_) | MetricState::Samples { .. } | MetricState::Series(_)
            if !declared.declaration.by.is_empty() =>
        {
            Err(UnwritableTest::no_form(format!("one value for all series of `{name}`")))
        }
        _ => Ok(()),
    }
}

fn state(state: &MetricState, unit: Unit) -> Result<String, UnwritableTest> {
    Ok(match state {
        MetricState::Value(base) => format!("= {}", amount(*base, unit)?),
        MetricState::Samples { runs, every } => {
            let run = |(base, count): &(f64, u32)| {
                let value = operand(*base, unit)?;
                Ok(if *count == 1 { value } else { format!("{value} x {count}") })
            };
            if runs.is_empty() {
                return Err(UnwritableTest::no_form("a metric without samples"));
            }
            let runs: Vec<String> = runs.iter().map(run).collect::<Result<_, UnwritableTest>>()?;
            format!("= [{}] every {}", runs.join(", "), lasting(*every)?)
        }
        MetricState::None => "is none".to_owned(),
        MetricState::Nan => "is nan".to_owned(),
        MetricState::Stale(age) => format!("is stale {}", lasting(*age)?),
        MetricState::Series(count) => format!("has {count} series"),
    })
}
