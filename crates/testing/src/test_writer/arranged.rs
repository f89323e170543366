//! Sorts the lines of a premise as a person would write them. Lines that depend on each other keep their order, so that
//! the meaning stays the same.

use smol_str::SmolStr;

use super::super::Premise;
use crate::scripted::{ActionName, GivenAction, GivenChange, GivenSubject};
use rbl_syntax::value::Value;

/// The same premise: metrics first, the lines of one metric together, answers last; values in their plain form.
pub(super) fn arranged(premise: &Premise) -> Premise {
    let mut premise = premise.clone();
    arrange(&mut premise.script.changes);
    for after in &mut premise.script.after {
        plain_name(&mut after.action);
        arrange(&mut after.changes);
        for change in &mut after.changes {
            // After an action there is no history: a delay of zero means at once.
            change.from = change.from.filter(|from| *from != 0.0);
        }
    }
    for value in premise.params.values_mut() {
        *value = plain(value);
    }
    premise
}

fn arrange(changes: &mut [GivenChange]) {
    let mut metrics: Vec<SmolStr> = Vec::new();
    for change in changes.iter_mut() {
        match &mut change.what {
            GivenSubject::Metric(metric) => {
                plain_arguments(&mut metric.arguments);
                if !metrics.contains(&metric.name) {
                    metrics.push(metric.name.clone());
                }
            }
            GivenSubject::Action(GivenAction { name, .. }) => plain_name(name),
            GivenSubject::Approval(it) => plain_name(&mut it.action),
            GivenSubject::Outage(_)
            | GivenSubject::Probe(_)
            | GivenSubject::Lock(_)
            | GivenSubject::Firing(_)
            | GivenSubject::Limit(_)
            | GivenSubject::Answer(_)
            | GivenSubject::Acknowledgement(_) => {}
        }
    }
    let place = |change: &GivenChange| match &change.what {
        GivenSubject::Metric(metric) => (0, metrics.iter().position(|name| *name == metric.name)),
        GivenSubject::Firing(_) => (0, Some(metrics.len())),
        GivenSubject::Outage(_) => (1, None),
        GivenSubject::Action(_) => (2, None),
        GivenSubject::Probe(_) => (3, None),
        GivenSubject::Acknowledgement(_) => (4, None),
        GivenSubject::Lock(_) | GivenSubject::Limit(_) => (5, None),
        GivenSubject::Approval(_) => (6, None),
        GivenSubject::Answer(_) => (7, None),
    };
    changes.sort_by_key(place);
}

fn plain_name(name: &mut ActionName) {
    if let ActionName::Call { arguments, .. } = name {
        plain_arguments(arguments);
    }
}

fn plain_arguments(arguments: &mut [(SmolStr, Value)]) {
    for (_, value) in arguments {
        *value = plain(value);
    }
}

/// Reduces a reading to its quantity and an output to its text; they are compared in this form, too.
fn plain(value: &Value) -> Value {
    match value {
        Value::Sample(sample) => match &sample.digits {
            Some(digits) => Value::ExactNumber(digits.clone()),
            None => Value::Quantity(sample.value),
        },
        Value::LabelledText(labelled) => Value::Text(labelled.text.clone()),
        Value::Output(output) => output.text(),
        other => other.clone(),
    }
}
