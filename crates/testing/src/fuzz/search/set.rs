//! [`Set`]: a premise in which one thing is changed; lines about it are replaced.

use smol_str::SmolStr;

use super::super::shrink::lines;
use crate::Premise;
use crate::scripted::{
    Action, ActionName, After, Answer, Change, Ends, How, Metric, Outage, Party, Probe, State, What,
};
use rbl_syntax::value::{Labels, Value};

/// A premise in which something is changed.
#[derive(Debug, Clone)]
pub(super) struct Set(pub(super) Premise);

/// Identifies a metric or one of its series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Which {
    pub(super) name: SmolStr,
    pub(super) arguments: Vec<(SmolStr, Value)>,
}

impl Set {
    /// Starts from a premise, without changes.
    pub(super) fn of(premise: &Premise) -> Self {
        Self(premise.clone())
    }

    fn forget(mut self, is_meant: impl Fn(&What) -> bool) -> Self {
        self.0.script.changes.retain(|it| !is_meant(&it.what));
        for after in &mut self.0.script.after {
            after.changes.retain(|it| !is_meant(&it.what));
        }
        self.0.script.after.retain(|after| !after.changes.is_empty());
        self
    }

    fn give(mut self, from: Option<f64>, what: What) -> Self {
        self.0.script.changes.push(Change { from, what });
        self
    }

    /// Removes all lines about a metric.
    pub(super) fn without_metric(self, which: &Which) -> Self {
        self.forget(|what| matches!(what, What::Metric(it) if it.name == which.name && it.arguments == which.arguments))
    }

    /// Sets a metric, or a series of it, from a time on.
    pub(super) fn metric(
        self,
        which: &Which,
        labels: Option<Labels>,
        state: State,
        from: Option<f64>,
    ) -> Self {
        let Which { name, arguments } = which.clone();
        self.give(from.filter(|from| *from != 0.0), What::Metric(Metric { name, arguments, labels, state }))
    }

    /// Sets how a probe ends.
    pub(super) fn probe(self, command: &str, ends: Ends) -> Self {
        let set = self.forget(|what| matches!(what, What::Probe(it) if it.command == command));
        set.give(None, What::Probe(Probe { command: command.to_owned(), ends }))
    }

    /// Sets the answers to a question, in order; none means silence.
    pub(super) fn answers(self, question: &str, all: &[(&str, f64)]) -> Self {
        let set = self.forget(|what| matches!(what, What::Answer(it) if it.question == question));
        all.iter().fold(set, |set, (with, after)| {
            let (question, with) = (question.to_owned(), (*with).to_owned());
            set.give(None, What::Answer(Answer { question, with, after: *after }))
        })
    }

    /// Returns the answers to a question so far.
    pub(super) fn said(&self, question: &str) -> Vec<(String, f64)> {
        let changes = self.0.script.changes.iter();
        let said = changes.filter_map(|it| match &it.what {
            What::Answer(it) if it.question == question => Some((it.with.clone(), it.after)),
            _ => None,
        });
        said.collect()
    }

    /// Sets how an action goes; `None` means that it succeeds.
    pub(super) fn action(self, name: &ActionName, how: Option<How>) -> Self {
        let set = self.forget(|what| matches!(what, What::Action(it) if it.name == *name));
        match how {
            Some(how) => set.give(None, What::Action(Action { name: name.clone(), how })),
            None => set,
        }
    }

    /// Sets whether a team, a channel or a provider can be reached.
    pub(super) fn party(self, party: &Party, fault: Option<crate::scripted::Fault>) -> Self {
        let set = self.forget(|what| matches!(what, What::Outage(it) if it.of == *party));
        match fault {
            Some(fault) => set.give(None, What::Outage(Outage { of: party.clone(), fault })),
            None => set,
        }
    }

    /// Adds an effect of an action.
    pub(super) fn after(mut self, action: &ActionName, from: Option<f64>, what: What) -> Self {
        let change = Change { from, what };
        match self.0.script.after.iter_mut().find(|it| it.action == *action) {
            Some(after) => after.changes.push(change),
            None => self.0.script.after.push(After { action: action.clone(), changes: vec![change] }),
        }
        self
    }

    /// Whether it has too many lines to be read.
    pub(super) fn is_long(&self) -> bool {
        lines(&self.0) > 80
    }
}
