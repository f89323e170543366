//! Ways through the document that are not the next step: branches, failures, loops, and what an abort does.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::condition::{NoCondition, condition, text_literal};
use super::super::document::{Next, OnFailure, SsmStep};
use super::super::form::{SsmArgument, SsmForm};
use super::super::graph::{StepGraph, after_failure};
use super::super::names::{NameOrigin, values_in};
use super::{Emitter, MOST_PASSES, OPEN, StepPlace, TooMany, Way};
use crate::import::yaml::YamlNode;

impl Emitter<'_> {
    /// What is done when a step has failed.
    pub(super) fn failure(
        &mut self,
        step: &SsmStep,
        next: Next,
        critical: bool,
        place: &StepPlace,
    ) -> Result<String, TooMany> {
        let same = !critical || place.failed.is_some();
        if same && next == step.next {
            return Ok(format!("{}\n", text_literal(&format!("Step {} has failed: it goes on", step.name))));
        }
        let mut inner = place.clone();
        inner.top = false;
        inner.failed = place.failed.clone().or_else(|| critical.then(|| step.name.clone()));
        // It comes back to the way of success only where that goes on directly behind the step.
        let back = step.next.filter(|_| same).filter(|&it| self.comes_back(next, it, place.failed.is_some()));
        inner.until = back;
        inner.is_last = false;
        let (text, _) = self.block(next, inner)?;
        Ok(if text.is_empty() {
            format!("{}\n", text_literal(&format!("Step {} has failed: it goes on", step.name)))
        } else {
            text
        })
    }

    /// Whether all that follows on a way leads through a step, and nothing behind it needs what is done before.
    pub(super) fn comes_back(&self, from: Next, to: usize, failed: bool) -> bool {
        let Some(from) = from else { return false };
        let graph = if failed { &self.failed } else { &self.fine };
        let mut at = Some(from);
        let mut on_way = BTreeSet::new();
        while let Some(it) = at {
            if it == to {
                return !self.needed_behind(to, &on_way, graph);
            }
            if !on_way.insert(it) {
                return false;
            }
            on_way.extend(graph.reached(it).filter(|&it| !graph.reached(to).any(|behind| behind == it)));
            at = graph.meeting(it);
        }
        false
    }

    /// Whether a step from here on uses an output of one of these.
    pub(super) fn needed_behind(&self, from: usize, steps: &BTreeSet<usize>, graph: &StepGraph) -> bool {
        let uses = |value: &str| matches!(self.names.get(value).map(|it| &it.from), Some(NameOrigin::Step(step, _)) if steps.contains(step));
        graph
            .reached(from)
            .any(|it| self.step(it).is_some_and(|it| values_in(&it.inputs).iter().any(|it| uses(it))))
    }

    /// A branch: the ways meet again behind it, or all but the last end.
    pub(super) fn branch(
        &mut self,
        index: usize,
        step: &SsmStep,
        place: &mut StepPlace,
        out: &mut String,
    ) -> Result<Option<Next>, TooMany> {
        let graph = if place.failed.is_some() { &self.failed } else { &self.fine };
        let mut meeting = graph.meeting(index).or(place.until);
        if let Some(it) = meeting.filter(|it| Some(*it) != place.until) {
            let mut between: BTreeSet<usize> = BTreeSet::new();
            let targets = step.choices.iter().map(|it| Some(it.next)).chain([step.next]);
            for target in targets.flatten() {
                between.extend(
                    graph.reached(target).filter(|&one| !graph.reached(it).any(|behind| behind == one)),
                );
            }
            if self.needed_behind(it, &between, graph) {
                meeting = place.until;
            }
        }
        let mut arms: Vec<(String, String, Way)> = Vec::new();
        for choice in &step.choices {
            let resolve = |value: &str| self.resolve(value, &place.done);
            let condition = match condition(&choice.condition, &resolve) {
                Ok(it) => it,
                Err(NoCondition::Unknown(value)) => return Ok(self.unresolved(step, &value, place, out)),
                Err(NoCondition::Beyond(why)) => {
                    self.need(choice.line, format!("step {}: a person decides: {why}", step.name));
                    let _ = writeln!(out, "# {OPEN}: {why}");
                    text_literal(&format!(
                        "Step {}: does it go on with {}?",
                        step.name,
                        self.step(choice.next).map_or("", |it| it.name.as_str())
                    ))
                }
            };
            let (text, way) = self.arm(Some(choice.next), meeting, place)?;
            arms.push((condition, text, way));
        }
        let all_end = !place.in_loop && arms.iter().all(|(_, _, way)| *way == Way::Ended);
        let default_meets = meeting.is_some() && step.next == meeting;
        let failure = after_failure(step);
        let mut text = String::new();
        for (position, (condition, block, _)) in arms.iter().enumerate() {
            let _ = write!(text, "{}if {condition} {{\n{block}}}", if position == 0 { "" } else { " else " });
        }
        // What is last goes on behind the branch, at the same depth.
        let goes_on = if all_end {
            Some(step.next)
        } else {
            if !default_meets {
                let (block, _) = self.arm(step.next, meeting, place)?;
                let _ = write!(text, " else {{\n{block}}}");
            }
            None
        };
        if let Some((next, critical)) = failure {
            let block = self.failure(step, next, critical, place)?;
            let _ = write!(text, " unknown {{\n{block}}}");
        }
        let _ = writeln!(out, "{text}");
        match (goes_on, meeting) {
            (Some(next), _) => Ok(Some(next)),
            (None, Some(it)) => Ok(Some(Some(it))),
            // All have ended in their blocks, or it is the end of a pass.
            (None, None) => Ok(None),
        }
    }

    pub(super) fn arm(
        &mut self,
        from: Next,
        meeting: Option<usize>,
        place: &StepPlace,
    ) -> Result<(String, Way), TooMany> {
        let mut inner = place.clone();
        inner.top = false;
        inner.until = meeting;
        inner.is_last = place.in_loop && place.is_last && meeting.is_none();
        let (mut text, way) = self.block(from, inner)?;
        if text.is_empty() {
            let next = from.and_then(|it| self.step(it)).map_or("the end", |it| it.name.as_str());
            text = format!("{}\n", text_literal(&format!("On to {next}")));
        }
        Ok((text, way))
    }

    /// A loop.
    pub(super) fn repeated(
        &mut self,
        index: usize,
        step: &SsmStep,
        place: &mut StepPlace,
        out: &mut String,
    ) -> Result<Option<Next>, TooMany> {
        let done = place.done.clone();
        let most =
            step.inputs.get("MaxIterations").and_then(YamlNode::text).and_then(|it| it.parse::<u64>().ok());
        let most = most.unwrap_or(100).min(100);
        let mut inner = place.clone();
        inner.top = false;
        inner.until = None;
        inner.is_last = true;
        inner.in_loop = true;
        inner.done.insert(index);
        let first = step.body.first().copied();
        if let Some(list) = step.inputs.get("Iterators") {
            let written = self.argument(&SsmArgument::Node(list.clone()), &done);
            let written = match written {
                Ok(it) => it,
                Err(value) => return Ok(self.unresolved(step, &value, place, out)),
            };
            let element = self
                .names
                .get(&format!("{}.CurrentIteratorValue", step.name))
                .map_or("element", |it| it.name.as_str());
            let (body, _) = self.block(first, inner)?;
            // 100 is the limit of Systems Manager itself.
            let up_to = if written.starts_with('[') { String::new() } else { format!(" up to {most}") };
            let _ = write!(
                out,
                "for each {element} in {written}{up_to} {{\n{body}}} none {{\n\"Step {}: nothing to go through\"\n}}\n",
                step.name
            );
            return Ok(Some(step.next));
        }
        let Some(again) = step.inputs.get("LoopCondition") else {
            let _ = write!(
                out,
                "# {OPEN}: a loop without `Iterators` and `LoopCondition`\nstop \"Step {} is no loop\"\n",
                step.name
            );
            return Ok(None);
        };
        if most > MOST_PASSES {
            let why = format!(
                "up to {most} passes, as long as an output of the loop says so: the condition of a `repeat` cannot use what is in it"
            );
            self.need(step.line, format!("{}: {why}", step.name));
            let _ = write!(out, "# {OPEN}: {why}\naction {}\n", self.by_hand(step, &done));
            return Ok(Some(step.next));
        }
        let text = self.passes(step, again, most, inner)?;
        out.push_str(&text);
        Ok(Some(step.next))
    }

    /// The passes of a loop, one in the other: the condition uses what the last pass has found.
    pub(super) fn passes(
        &mut self,
        step: &SsmStep,
        again: &YamlNode,
        left: u64,
        place: StepPlace,
    ) -> Result<String, TooMany> {
        let mut after = place.clone();
        after.done.extend(step.body.iter().copied());
        let (mut text, _) = self.block(step.body.first().copied(), place.clone())?;
        if left > 1 {
            let resolve = |value: &str| self.resolve(value, &after.done);
            let condition = match condition(again, &resolve) {
                Ok(it) => it,
                Err(NoCondition::Unknown(why) | NoCondition::Beyond(why)) => {
                    self.need(again.line, format!("step {}: a person decides: {why}", step.name));
                    text_literal(&format!("Step {}: once more?", step.name))
                }
            };
            let inner = self.passes(step, again, left - 1, place)?;
            let _ = write!(text, "if {condition} {{\n{inner}}}\n");
        }
        Ok(text)
    }

    /// Where a failure and an abort lead to the same last step, from here to the end, that step is an `undo`.
    pub(super) fn undo(&mut self, index: usize, step: &SsmStep, place: &mut StepPlace) -> String {
        let Some(cancel) = step.on_cancel.filter(|_| place.failed.is_none() && place.undone.is_none()) else {
            return String::new();
        };
        let leads_there =
            |it: &SsmStep| it.on_cancel == Some(cancel) && it.on_failure == OnFailure::Step(cancel);
        let later: Vec<usize> = step.next.into_iter().flat_map(|it| self.fine.reached(it)).collect();
        let is_same = leads_there(step)
            && !later.contains(&cancel)
            && later
                .iter()
                .all(|&it| self.step(it).is_some_and(|it| it.action == "sleep" || leads_there(it)));
        let ends = self.step(cancel).is_some_and(|it| it.next.is_none() && after_failure(it).is_none());
        let (Some(SsmForm::Action { .. }), Some(SsmForm::Action { arguments, .. })) =
            (self.forms.get(index), self.forms.get(cancel))
        else {
            return String::new();
        };
        if !is_same || !ends {
            return String::new();
        }
        let Ok(call) = self.call(cancel, arguments, &place.done) else { return String::new() };
        place.undone = Some(cancel);
        self.written.insert(cancel);
        format!(" undo {call}")
    }

    /// A value of a step is not there on this way: the step fails, as it does in Systems Manager.
    pub(super) fn unresolved(
        &mut self,
        step: &SsmStep,
        value: &str,
        place: &mut StepPlace,
        out: &mut String,
    ) -> Option<Next> {
        let what = if self.names.get(value).is_some() {
            format!("step {} fails on this way: {value} is not known here", step.name)
        } else {
            format!("step {} fails: nothing is called {value}", step.name)
        };
        self.need(step.line, what.clone());
        let _ = writeln!(out, "# {what}");
        match after_failure(step) {
            None => {
                let _ = writeln!(out, "stop {}", text_literal(&format!("Step {} needs {value}", step.name)));
                None
            }
            Some((next, critical)) => {
                let _ = writeln!(
                    out,
                    "{}",
                    text_literal(&format!("Step {} is left out: {value} is not known", step.name))
                );
                if critical && place.failed.is_none() {
                    // What follows is not what the others do that end where this block does.
                    place.failed = Some(step.name.clone());
                    place.until = None;
                    place.is_last &= place.top;
                }
                Some(next)
            }
        }
    }
}
