//! [`Set`]: a premise in which one thing is changed; lines about it are replaced.

use smol_str::SmolStr;

use super::super::shrink::lines;
use crate::Premise;
use crate::scripted::{
    ActionBehaviour, ActionConsequences, ActionName, FiringState, GivenAcknowledgement, GivenAction,
    GivenAnswer, GivenApproval, GivenChange, GivenLimit, GivenLock, GivenMetric, GivenProbe, GivenSubject,
    MetricState, Outage, ProbeName, ProbeOutcome, Service,
};
use rbl_syntax::value::{Labels, Value};

/// A premise in which something is changed.
#[derive(Debug, Clone)]
pub(super) struct Set(pub(super) Premise);

/// Identifies a metric or one of its series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MetricSelector {
    pub(super) name: SmolStr,
    pub(super) arguments: Vec<(SmolStr, Value)>,
}

impl Set {
    /// Starts from a premise, without changes.
    pub(super) fn of(premise: &Premise) -> Self {
        Self(premise.clone())
    }

    fn forget(mut self, is_meant: impl Fn(&GivenSubject) -> bool) -> Self {
        self.0.script.changes.retain(|it| !is_meant(&it.what));
        for after in &mut self.0.script.after {
            after.changes.retain(|it| !is_meant(&it.what));
        }
        self.0.script.after.retain(|after| !after.changes.is_empty());
        self
    }

    fn give(mut self, from: Option<f64>, what: GivenSubject) -> Self {
        self.0.script.changes.push(GivenChange { from, what });
        self
    }

    /// Sets whether another run holds a lock: not at all, for this time, or (an infinite one) all the time.
    pub(super) fn lock(self, name: &str, held: Option<f64>) -> Self {
        let set = self.forget(|what| matches!(what, GivenSubject::Lock(it) if it.name == name));
        let Some(held) = held else { return set };
        let held = held.is_finite().then_some(held);
        set.give(None, GivenSubject::Lock(GivenLock { name: name.to_owned(), held }))
    }

    /// Sets whether a limit is reached.
    pub(super) fn limit(self, limit: &GivenLimit, reached: bool) -> Self {
        let set = self.forget(|what| matches!(what, GivenSubject::Limit(it) if it == limit));
        if reached { set.give(None, GivenSubject::Limit(limit.clone())) } else { set }
    }

    /// Removes all lines about a metric.
    pub(super) fn without_metric(self, which: &MetricSelector) -> Self {
        self.forget(|what| matches!(what, GivenSubject::Metric(it) if it.name == which.name && it.arguments == which.arguments))
    }

    /// Sets a metric, or a series of it, from a time on.
    pub(super) fn metric(
        self,
        which: &MetricSelector,
        labels: Option<Labels>,
        state: MetricState,
        from: Option<f64>,
    ) -> Self {
        let MetricSelector { name, arguments } = which.clone();
        self.give(
            from.filter(|from| *from != 0.0),
            GivenSubject::Metric(GivenMetric { name, arguments, labels, state }),
        )
    }

    /// Sets whether the alert fires; without a time from the start, in place of all other lines.
    pub(super) fn firing(self, state: FiringState, from: Option<f64>) -> Self {
        let set = match from {
            None => self.forget(|what| matches!(what, GivenSubject::Firing(_))),
            Some(_) => self,
        };
        set.give(from, GivenSubject::Firing(state))
    }

    /// Sets how a probe ends.
    pub(super) fn probe(self, name: &ProbeName, ends: ProbeOutcome) -> Self {
        let set = self.forget(|what| matches!(what, GivenSubject::Probe(it) if it.name == *name));
        set.give(None, GivenSubject::Probe(GivenProbe { name: name.clone(), ends }))
    }

    /// Sets the answers to a question, in order; none means silence.
    pub(super) fn answers(self, question: &str, all: &[(&str, f64)]) -> Self {
        let set = self.forget(|what| matches!(what, GivenSubject::Answer(it) if it.question == question));
        all.iter().fold(set, |set, (with, after)| {
            let (question, with) = (question.to_owned(), (*with).to_owned());
            set.give(None, GivenSubject::Answer(GivenAnswer { question, with, after: *after }))
        })
    }

    /// Returns the answers to a question so far.
    pub(super) fn answers_so_far(&self, question: &str) -> Vec<(String, f64)> {
        let changes = self.0.script.changes.iter();
        let said = changes.filter_map(|it| match &it.what {
            GivenSubject::Answer(it) if it.question == question => Some((it.with.clone(), it.after)),
            _ => None,
        });
        said.collect()
    }

    /// Sets how an action goes; `None` means that it succeeds.
    pub(super) fn action(self, name: &ActionName, how: Option<ActionBehaviour>) -> Self {
        let set = self.forget(|what| matches!(what, GivenSubject::Action(it) if it.name == *name));
        match how {
            Some(how) => set.give(None, GivenSubject::Action(GivenAction { name: name.clone(), how })),
            None => set,
        }
    }

    /// Sets what a team answers before an action is done; `None`: nothing.
    pub(super) fn approves(self, name: &ActionName, team: &str, with: Option<&str>) -> Self {
        let set = self.forget(
            |what| matches!(what, GivenSubject::Approval(it) if it.action == *name && it.team == team),
        );
        let Some(with) = with.map(str::to_owned) else { return set };
        let (action, team) = (name.clone(), team.to_owned());
        set.give(None, GivenSubject::Approval(GivenApproval { action, team, with, after: 0.0 }))
    }

    /// Sets when a team acknowledges its pages; `None`: never.
    pub(super) fn acknowledges(self, team: &str, after: Option<f64>) -> Self {
        let set = self.forget(|what| matches!(what, GivenSubject::Acknowledgement(it) if it.team == team));
        match after {
            None => set,
            after => set.give(
                None,
                GivenSubject::Acknowledgement(GivenAcknowledgement { team: team.to_owned(), after }),
            ),
        }
    }

    /// Sets whether a team, a channel or a provider can be reached.
    pub(super) fn party(self, party: &Service, fault: Option<crate::scripted::ServiceFault>) -> Self {
        let set = self.forget(|what| matches!(what, GivenSubject::Outage(it) if it.of == *party));
        match fault {
            Some(fault) => set.give(None, GivenSubject::Outage(Outage { of: party.clone(), fault })),
            None => set,
        }
    }

    /// Adds an effect of an action.
    pub(super) fn after(mut self, action: &ActionName, from: Option<f64>, what: GivenSubject) -> Self {
        let change = GivenChange { from, what };
        match self.0.script.after.iter_mut().find(|it| it.action == *action) {
            Some(after) => after.changes.push(change),
            None => {
                self.0
                    .script
                    .after
                    .push(ActionConsequences { action: action.clone(), changes: vec![change] });
            }
        }
        self
    }

    /// Whether it has too many lines to be read.
    pub(super) fn is_long(&self) -> bool {
        lines(&self.0) > 80
    }
}
