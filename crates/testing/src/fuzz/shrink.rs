//! Shrinks a world that shows something: leaves out lines and makes values simpler and times shorter, as long as the
//! world still shows it.

use super::near::rounded;
use crate::Premise;
use crate::scripted::{
    ActionBehaviour, ActionConsequences, GivenAcknowledgement, GivenAction, GivenAnswer, GivenApproval,
    GivenChange, GivenLock, GivenMetric, GivenProbe, GivenSubject, MetricState, Outage, ProbeOutcome,
    ReportedValue, ServiceFault,
};

/// How much work a search may do.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// The number of worlds.
    pub tries: u32,
    /// The number of effects in all of them together: a run that does not end costs more than one that does.
    pub effects: u64,
}

impl Budget {
    /// Enough for any generated world; takes about a second.
    pub const USUAL: Self = Self { tries: 2_000, effects: 2_000_000 };

    fn is_left(self) -> bool {
        self.tries > 0 && self.effects > 0
    }
}

/// Shrinks a premise as long as it shows the same. `shows` returns whether a premise does, and how many effects it took
/// to find out; it must hold for the premise itself. `values`: whether values may become simpler, too.
pub fn shrink(
    premise: &Premise,
    values: bool,
    mut budget: Budget,
    shows: &mut dyn FnMut(&Premise) -> (bool, u64),
) -> Premise {
    let mut smallest = premise.clone();
    let mut holds = |candidate: &Premise| {
        if !budget.is_left() {
            return false;
        }
        let (holds, effects) = shows(candidate);
        budget.tries -= 1;
        budget.effects = budget.effects.saturating_sub(effects.max(1));
        holds
    };
    loop {
        let before = smallest.clone();
        fewer(&mut smallest, &mut holds);
        simpler(&mut smallest, values, &mut holds);
        if smallest == before {
            return smallest;
        }
    }
}

/// Leaves out as many lines as possible, starting with large blocks.
fn fewer(premise: &mut Premise, holds: &mut dyn FnMut(&Premise) -> bool) {
    let mut chunk = lines(premise).max(1);
    loop {
        let mut at = 0;
        while at < lines(premise) {
            let candidate = without(premise, at, chunk);
            if holds(&candidate) {
                *premise = candidate;
            } else {
                at += chunk;
            }
        }
        if chunk == 1 {
            return;
        }
        chunk = chunk.div_ceil(2);
    }
}

/// The number of lines of a premise.
pub fn lines(premise: &Premise) -> usize {
    let after: usize = premise.script.after.iter().map(|after| after.changes.len()).sum();
    premise.params.len()
        + premise.script.changes.len()
        + after
        + usize::from(premise.script.begins.is_some())
        + usize::from(premise.script.alert.is_some())
}

/// The premise without `count` of its lines, starting at `from`.
fn without(premise: &Premise, from: usize, count: usize) -> Premise {
    let mut number = 0;
    let mut stays = || {
        let stays = !(from..from + count).contains(&number);
        number += 1;
        stays
    };
    let mut premise = premise.clone();
    premise.params.retain(|_, _| stays());
    premise.script.changes.retain(|_| stays());
    for after in &mut premise.script.after {
        after.changes.retain(|_| stays());
    }
    premise.script.after.retain(|after| !after.changes.is_empty());
    premise
}

/// Makes one line after another simpler.
fn simpler(premise: &mut Premise, values: bool, holds: &mut dyn FnMut(&Premise) -> bool) {
    if premise.script.begins.is_some() {
        let mut candidate = premise.clone();
        candidate.script.begins = None;
        if holds(&candidate) {
            *premise = candidate;
        }
    }
    if let Some(alert) = premise.script.alert.clone() {
        let mut simpler = vec![None];
        simpler.extend(alert.labels.keys().filter(|label| *label != "alertname").map(|label| {
            let mut fewer = alert.clone();
            fewer.labels.remove(label);
            Some(fewer)
        }));
        for alert in simpler {
            let mut candidate = premise.clone();
            candidate.script.alert = alert;
            if holds(&candidate) {
                *premise = candidate;
                break;
            }
        }
    }
    for at in 0..premise.script.changes.len() {
        each_simpler(premise, values, holds, |it| it.script.changes.get_mut(at));
    }
    for block in 0..premise.script.after.len() {
        let length =
            premise.script.after.get(block).map_or(0, |after: &ActionConsequences| after.changes.len());
        for at in 0..length {
            each_simpler(premise, values, holds, |it| it.script.after.get_mut(block)?.changes.get_mut(at));
        }
    }
}

fn each_simpler(
    premise: &mut Premise,
    values: bool,
    holds: &mut dyn FnMut(&Premise) -> bool,
    line: impl Fn(&mut Premise) -> Option<&mut GivenChange>,
) {
    let Some(change) = line(premise).cloned() else { return };
    for simpler in simpler_lines(&change, values) {
        let mut candidate = premise.clone();
        if let Some(line) = line(&mut candidate) {
            *line = simpler;
        }
        if holds(&candidate) {
            *premise = candidate;
            return;
        }
    }
}

/// Simpler versions of a line, the simplest first.
fn simpler_lines(change: &GivenChange, values: bool) -> Vec<GivenChange> {
    let mut all = Vec::new();
    if let Some(from) = change.from {
        let mut froms = vec![None];
        froms.extend(shorter(from).into_iter().map(Some));
        all.extend(froms.into_iter().map(|from| GivenChange { from, what: change.what.clone() }));
    }
    let mut put = |what: GivenSubject| all.push(GivenChange { from: change.from, what });
    match &change.what {
        GivenSubject::Metric(metric) => {
            let state = |state: MetricState| GivenSubject::Metric(GivenMetric { state, ..metric.clone() });
            match &metric.state {
                MetricState::Value(value) if values => {
                    // Zero is the simplest value.
                    let simpler = [0.0, 1.0, rounded(*value)].into_iter();
                    for simple in simpler.take_while(|it| it.total_cmp(value).is_ne()) {
                        put(state(MetricState::Value(simple)));
                    }
                }
                MetricState::Samples { runs, .. } => {
                    for (value, _) in runs {
                        put(state(MetricState::Value(*value)));
                    }
                }
                MetricState::Reports { runs, .. } => {
                    for (value, _) in runs {
                        put(state(MetricState::Reported(value.clone())));
                    }
                }
                MetricState::ExactNumber(_)
                | MetricState::Nan
                | MetricState::Stale(_)
                | MetricState::Series(_) => {
                    put(state(MetricState::None));
                }
                MetricState::Reported(ReportedValue::Lines(lines)) if values && lines.len() > 1 => {
                    for line in lines {
                        let one = ReportedValue::Lines(vec![line.clone()]);
                        put(state(MetricState::Reported(one)));
                    }
                }
                MetricState::Value(_) | MetricState::Reported(_) | MetricState::None => {}
            }
        }
        GivenSubject::Outage(outage) => {
            if outage.fault != ServiceFault::Down {
                put(GivenSubject::Outage(Outage { fault: ServiceFault::Down, ..outage.clone() }));
            }
        }
        GivenSubject::Action(action) => {
            let how = |how: ActionBehaviour| GivenSubject::Action(GivenAction { how, ..action.clone() });
            match &action.how {
                ActionBehaviour::Fails(Some(_)) => put(how(ActionBehaviour::Fails(None))),
                ActionBehaviour::Takes(seconds) => {
                    for it in shorter(*seconds) {
                        put(how(ActionBehaviour::Takes(it)));
                    }
                }
                ActionBehaviour::Prints(text) if values && text != "x" => {
                    put(how(ActionBehaviour::Prints("x".into())));
                }
                ActionBehaviour::Fails(None) | ActionBehaviour::Hangs | ActionBehaviour::Prints(_) => {}
            }
        }
        GivenSubject::Probe(probe) => {
            if let ProbeOutcome::Exits { code, prints } = &probe.ends {
                put(GivenSubject::Probe(GivenProbe { ends: ProbeOutcome::No, ..probe.clone() }));
                put(GivenSubject::Probe(GivenProbe { ends: ProbeOutcome::Unknown, ..probe.clone() }));
                if prints.is_some() {
                    let ends = ProbeOutcome::Exits { code: *code, prints: None };
                    put(GivenSubject::Probe(GivenProbe { ends, ..probe.clone() }));
                }
            }
            if let ProbeOutcome::Prints(text) = &probe.ends {
                put(GivenSubject::Probe(GivenProbe { ends: ProbeOutcome::Yes, ..probe.clone() }));
                if values && text != "x" {
                    put(GivenSubject::Probe(GivenProbe {
                        ends: ProbeOutcome::Prints("x".into()),
                        ..probe.clone()
                    }));
                }
            }
        }
        GivenSubject::Lock(lock) => {
            if let Some(held) = lock.held {
                put(GivenSubject::Lock(GivenLock { held: None, ..lock.clone() }));
                for held in shorter(held) {
                    put(GivenSubject::Lock(GivenLock { held: Some(held), ..lock.clone() }));
                }
            }
        }
        GivenSubject::Limit(_) | GivenSubject::Firing(_) => {}
        GivenSubject::Approval(approval) => {
            for after in [0.0].into_iter().chain(shorter(approval.after)).filter(|it| *it < approval.after) {
                put(GivenSubject::Approval(GivenApproval { after, ..approval.clone() }));
            }
        }
        GivenSubject::Acknowledgement(it) => {
            let after = it.after.unwrap_or(0.0);
            for after in [0.0].into_iter().chain(shorter(after)).filter(|shorter| *shorter < after) {
                let team = it.team.clone();
                put(GivenSubject::Acknowledgement(GivenAcknowledgement { team, after: Some(after) }));
            }
        }
        GivenSubject::Answer(answer) => {
            let mut said = |with: &str, after: f64| {
                let answer = GivenAnswer { with: with.into(), after, ..answer.clone() };
                put(GivenSubject::Answer(answer));
            };
            if answer.after > 0.0 {
                said(&answer.with, 0.0);
                for after in shorter(answer.after) {
                    said(&answer.with, after);
                }
            }
        }
    }
    all
}

/// Shorter times, in whole minutes if possible; history moves closer.
fn shorter(seconds: f64) -> Vec<f64> {
    let (sign, length) = (seconds.signum(), seconds.abs());
    let half = length / 2.0;
    let whole = if half >= 60.0 { (half / 60.0).ceil() * 60.0 } else { half.ceil() };
    let round = if length >= 60.0 { (length / 60.0).floor() * 60.0 } else { length.floor() };
    let mut all: Vec<f64> = [whole, round].into_iter().filter(|it| *it < length && *it > 0.0).collect();
    all.dedup();
    all.into_iter().map(|it| it * sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::Script;

    fn answer(question: &str, after: f64) -> GivenChange {
        let answer = GivenAnswer { question: question.into(), with: "yes".into(), after };
        GivenChange { from: None, what: GivenSubject::Answer(answer) }
    }

    #[test]
    fn what_is_left_shows_it_and_nothing_of_it_can_be_left_out() {
        let changes: Vec<GivenChange> = (0..20).map(|number| answer(&format!("{number}"), 700.0)).collect();
        let premise = Premise { script: Script { changes, ..Script::default() }, ..Premise::default() };
        let after = |premise: &Premise, question: &str| {
            premise.script.changes.iter().find_map(|it| match &it.what {
                GivenSubject::Answer(it) if it.question == question => Some(it.after),
                _ => None,
            })
        };
        let mut shows =
            |it: &Premise| (after(it, "7").is_some() && after(it, "13").is_some_and(|it| it > 100.0), 1);
        let small = shrink(&premise, true, Budget::USUAL, &mut shows);
        assert!(shows(&small).0);
        assert_eq!(lines(&small), 2);
        assert_eq!((after(&small, "7"), after(&small, "13")), (Some(0.0), Some(120.0)));
    }

    #[test]
    fn it_ends_when_nothing_may_be_tried_any_more() {
        let premise = Premise {
            script: Script { changes: vec![answer("a", 9.0); 9], ..Script::default() },
            ..Premise::default()
        };
        let mut tried = 0;
        let budget = Budget { tries: 3, effects: 1_000 };
        let small = shrink(&premise, true, budget, &mut |_| {
            tried += 1;
            (true, 1)
        });
        assert!(tried <= 3 && lines(&small) < 9, "{tried} {small:?}");
        let mut tried = 0;
        shrink(&premise, true, Budget { tries: 100, effects: 1_000 }, &mut |_| {
            tried += 1;
            (false, 600)
        });
        assert_eq!(tried, 2);
    }
}
