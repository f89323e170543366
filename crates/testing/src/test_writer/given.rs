//! Writes the lines of a test that describe the world.

use super::super::Premise;
use super::amount::{amount, duration, lasting, operand};
use super::value::{action, arguments, probe};
use super::{UnwritableTest, field_name, quoted, value};
use crate::scripted::{
    ActionBehaviour, FiringState, GivenAcknowledgement, GivenAction, GivenAnswer, GivenApproval, GivenChange,
    GivenLimit, GivenLock, GivenMetric, GivenProbe, GivenSubject, MetricState, Outage, ProbeOutcome,
    ReportedValue, Service, ServiceFault,
};
use rbl_check::{MetricDeclared, Program};
use rbl_runtime::Alert;
use rbl_syntax::value::{Labels, Unit, Value};

/// Answers that are written without quotes.
const ANSWERS: [&str; 6] = ["yes", "no", "unknown", "done", "failed", "skipped"];

/// Writes the parameters, the given states, the effects of actions, and the answers of people.
pub(super) fn lines(program: &Program, premise: &Premise) -> Result<Vec<String>, UnwritableTest> {
    let mut lines = params(program, premise)?;
    if let Some(begins) = premise.script.begins {
        lines.push(format!("given now = {}", value::value(&Value::Time(begins))?));
    }
    if let Some(alert) = &premise.script.alert {
        lines.push(self::alert(alert)?);
    }
    let is_answer = |change: &&GivenChange| {
        matches!(change.what, GivenSubject::Answer(_)) || matches!(change.what, GivenSubject::Approval(_))
    };
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
    // When it begins; a metric says so itself.
    let begins = || match change.from {
        None | Some(0.0) => Ok(String::new()),
        Some(from) if from < 0.0 => {
            Err(UnwritableTest::no_form("something that began before the run and is no metric"))
        }
        Some(from) => Ok(format!(" {} {}", if after { "after" } else { "from" }, duration(from)?)),
    };
    Ok(match &change.what {
        GivenSubject::Metric(metric) => {
            format!("given {}{}", self::metric(program, metric)?, self::from(change, after)?)
        }
        GivenSubject::Firing(state) => {
            let state = match state {
                FiringState::Yes => "yes",
                FiringState::No => "no",
                FiringState::Unknown => "unknown",
            };
            format!("given alert.firing = {state}{}", self::from(change, after)?)
        }
        GivenSubject::Outage(Outage { of, fault }) => {
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
            format!("given {of} is {fault}{}", begins()?)
        }
        GivenSubject::Action(GivenAction { name, how }) => {
            let how = match how {
                ActionBehaviour::Fails(None) => "fails".to_owned(),
                ActionBehaviour::Fails(Some(text)) => format!("fails {}", quoted::text(text)),
                ActionBehaviour::Hangs => "hangs".to_owned(),
                ActionBehaviour::Takes(seconds) => format!("takes {}", lasting(*seconds)?),
                ActionBehaviour::Prints(text) => format!("prints {}", quoted::text(text)),
            };
            format!("given action {} {how}{}", action(name)?, begins()?)
        }
        GivenSubject::Probe(GivenProbe { name, ends }) => {
            let ends = match ends {
                ProbeOutcome::Yes => "= yes".to_owned(),
                ProbeOutcome::No => "= no".to_owned(),
                ProbeOutcome::Exits { code, prints: None } => format!("exits {code}"),
                ProbeOutcome::Exits { code, prints: Some(text) } => {
                    format!("exits {code} prints {}", quoted::text(text))
                }
                ProbeOutcome::Unknown => "= unknown".to_owned(),
                ProbeOutcome::Prints(text) => format!("prints {}", quoted::text(text)),
            };
            format!("given probe {} {ends}{}", probe(name)?, begins()?)
        }
        GivenSubject::Lock(GivenLock { name, held }) => {
            timeless("a lock")?;
            let held = match held {
                Some(held) => format!(" for {}", lasting(*held)?),
                None => String::new(),
            };
            format!("given lock {} is held{held}", quoted::text(name))
        }
        GivenSubject::Limit(limit) => {
            timeless("a limit")?;
            match limit {
                GivenLimit::Action(name) => format!("given limit {name} reached"),
                GivenLimit::Run(file) => format!("given limit {} reached", quoted::text(file)),
            }
        }
        GivenSubject::Answer(GivenAnswer { question, with, after }) => {
            timeless("an answer")?;
            let with = if ANSWERS.contains(&with.as_str()) { with.clone() } else { quoted::text(with) };
            let after = if *after > 0.0 { format!(" after {}", lasting(*after)?) } else { String::new() };
            format!("answer {} with {with}{after}", quoted::text(question))
        }
        GivenSubject::Approval(GivenApproval { action: name, team, with, after }) => {
            timeless("an answer")?;
            let with = if ANSWERS.contains(&with.as_str()) { with.clone() } else { quoted::text(with) };
            let after = if *after > 0.0 { format!(" after {}", lasting(*after)?) } else { String::new() };
            format!("answer action {} by {} with {with}{after}", action(name)?, quoted::text(team))
        }
        GivenSubject::Acknowledgement(GivenAcknowledgement { team, after }) => {
            let after = match after {
                None => " never".to_owned(),
                Some(0.0) => String::new(),
                Some(after) => format!(" after {}", lasting(*after)?),
            };
            format!("given team {} acknowledges{after}{}", quoted::text(team), begins()?)
        }
    })
}

/// ` from 5m`, ` after 2m`; empty for what holds from the start.
fn from(change: &GivenChange, after: bool) -> Result<String, UnwritableTest> {
    Ok(match change.from {
        None => String::new(),
        Some(0.0) => {
            let what = "a value that begins with the run, and was not there before";
            return Err(UnwritableTest::no_form(what));
        }
        Some(from) => {
            format!(" {} {}", if after && from >= 0.0 { "after" } else { "from" }, duration(from)?)
        }
    })
}

/// `given alert "N" {service: "api"}`
fn alert(alert: &Alert) -> Result<String, UnwritableTest> {
    if alert.starts_at.is_some() || !alert.annotations.is_empty() {
        return Err(UnwritableTest::no_form("an alert with annotations, or with its start"));
    }
    let name = quoted::text(&alert.name);
    let labels = alert.labels.iter().filter(|(label, value)| *label != "alertname" || **value != alert.name);
    let labels: Vec<String> =
        labels.map(|(label, value)| format!("{}: {}", field_name(label), quoted::text(value))).collect();
    Ok(if labels.is_empty() {
        format!("given alert {name}")
    } else {
        format!("given alert {name} {{{}}}", labels.join(", "))
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
        MetricState::Value(_)
        | MetricState::ExactNumber(_)
        | MetricState::Samples { .. }
        | MetricState::Reported(_)
        | MetricState::Reports { .. }
        | MetricState::Series(_)
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
        MetricState::ExactNumber(digits) => format!("= {digits}"),
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
        MetricState::Reported(value) => format!("= {}", reported(value)),
        MetricState::Reports { runs, every } => {
            let run = |(value, count): &(ReportedValue, u32)| {
                let value = reported(value);
                if *count == 1 { value } else { format!("{value} x {count}") }
            };
            if runs.is_empty() {
                return Err(UnwritableTest::no_form("a metric without samples"));
            }
            let runs: Vec<String> = runs.iter().map(run).collect();
            format!("= [{}] every {}", runs.join(", "), lasting(*every)?)
        }
        MetricState::None => "is none".to_owned(),
        MetricState::Nan => "is nan".to_owned(),
        MetricState::Stale(age) => format!("is stale {}", lasting(*age)?),
        MetricState::Series(count) => format!("has {count} series"),
    })
}

/// `"db-1"`, `["a", "b"]`
fn reported(value: &ReportedValue) -> String {
    match value {
        ReportedValue::Text(text) => quoted::text(text),
        ReportedValue::Lines(lines) => {
            let lines: Vec<String> = lines.iter().map(|line| quoted::text(line)).collect();
            format!("[{}]", lines.join(", "))
        }
    }
}
