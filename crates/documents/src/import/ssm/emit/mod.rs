//! Writes the steps as blocks of the language, which has no jumps.
//!
//! *Invariant:* on every way through the runbook the same steps are done in the same order as on that way through the document. A
//! step to which several ways lead is written once where they meet, and again on each way where they do not.

mod output;
mod phrase;
mod way;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::condition::text_literal;
use super::document::{Next, OnFailure, SsmDocument, SsmStep};
use super::form::SsmForm;
use super::graph::{StepGraph, after_failure};
use super::names::{NameOrigin, Names, SsmType};
use crate::import::report::NeedsPerson;

/// More statements than this are not written: the ways through the document would be copied too often.
const MOST_STATEMENTS: usize = 1500;

/// How often the body of a loop with a condition is written down, at most.
const MOST_PASSES: u64 = 10;

/// The word that marks what a person has to add.
pub(super) const OPEN: &str = concat!("TO", "DO");

/// Writes a document.
pub(super) struct Emitter<'a> {
    pub(super) document: &'a SsmDocument,
    pub(super) names: &'a Names,
    pub(super) forms: &'a [SsmForm],
    fine: StepGraph,
    failed: StepGraph,
    /// The outputs that something uses.
    used: BTreeSet<String>,
    pub(super) needs: Vec<NeedsPerson>,
    /// Steps that are written at least once.
    pub(super) written: BTreeSet<usize>,
    statements: usize,
}

/// Where a block stands.
#[derive(Debug, Clone)]
struct StepPlace {
    /// The step before which it ends.
    until: Option<usize>,
    /// The step whose failure has made the automation fail already.
    failed: Option<String>,
    /// Whether the end of the block is the end of the runbook, or of the pass of a loop.
    is_last: bool,
    /// Whether steps of the document are steps here.
    top: bool,
    in_loop: bool,
    /// The step that an `undo` does, whatever keeps the run from its end.
    undone: Option<usize>,
    /// The steps whose outputs are known.
    done: BTreeSet<usize>,
    /// The steps on the way here.
    way: Vec<usize>,
}

/// Whether a block goes on behind its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    GoesOn,
    Ended,
}

/// It is too long.
#[derive(Debug)]
pub(super) struct TooMany;

impl<'a> Emitter<'a> {
    pub(super) fn new(document: &'a SsmDocument, names: &'a Names, forms: &'a [SsmForm]) -> Self {
        Self {
            document,
            names,
            forms,
            fine: StepGraph::of(document, false),
            failed: StepGraph::of(document, true),
            used: super::names::used_values(document),
            needs: Vec::new(),
            written: BTreeSet::new(),
            statements: 0,
        }
    }

    /// The body of the runbook.
    pub(super) fn body(&mut self) -> Result<String, TooMany> {
        let place = StepPlace {
            until: None,
            failed: None,
            is_last: true,
            top: true,
            in_loop: false,
            undone: None,
            done: BTreeSet::new(),
            way: Vec::new(),
        };
        let first = self.document.main.first().copied();
        Ok(self.block(first, place)?.0)
    }

    fn step(&self, index: usize) -> Option<&'a SsmStep> {
        self.document.steps.get(index)
    }

    fn need(&mut self, line: usize, what: String) {
        if !self.needs.iter().any(|it| it.line == line && it.what == what) {
            self.needs.push(NeedsPerson { line, what });
        }
    }

    /// The steps from one on, until the place ends.
    fn block(&mut self, from: Next, mut place: StepPlace) -> Result<(String, Way), TooMany> {
        let mut out = String::new();
        let mut at = from;
        loop {
            if at.is_some() && at == place.until {
                return Ok((out, Way::GoesOn));
            }
            let Some((index, step)) = at.and_then(|it| Some((it, self.step(it)?))) else {
                out.push_str(&self.end(&place));
                return Ok((out, Way::Ended));
            };
            self.statements += 1;
            if self.statements > MOST_STATEMENTS {
                return Err(TooMany);
            }
            if place.way.contains(&index) {
                let what =
                    format!("it goes back to step {}, as often as it wants: a runbook ends", step.name);
                let from = place.way.last().and_then(|it| self.step(*it)).map_or(step.line, |it| it.line);
                self.need(from, what.clone());
                let _ = write!(
                    out,
                    "# {OPEN}: {what}\nstop {}\n",
                    text_literal(&format!("Back to step {}: a person decides", step.name))
                );
                return Ok((out, Way::Ended));
            }
            self.written.insert(index);
            place.way.push(index);
            let mut text = String::new();
            let next = self.one(index, step, &mut place, &mut text)?;
            if place.top {
                let _ = write!(out, "\nstep {} {{\n{text}}}\n", text_literal(&step.name));
            } else {
                out.push_str(&text);
            }
            match next {
                Some(next) => at = next,
                None => return Ok((out, Way::Ended)),
            }
        }
    }

    /// The end of the document.
    fn end(&mut self, place: &StepPlace) -> String {
        if place.in_loop && (place.failed.is_some() || !place.is_last) {
            let what = "the pass of a loop ends here, or all of it: a runbook has no way on to the next pass";
            self.need(place.way.last().and_then(|it| self.step(*it)).map_or(1, |it| it.line), what.into());
            return format!("# {OPEN}: {what}\nstop \"A step of a loop has failed\"\n");
        }
        if let Some(step) = &place.failed {
            return format!("stop {}\n", text_literal(&format!("Step {step} has failed")));
        }
        if place.is_last { String::new() } else { "resolve\n".into() }
    }

    /// What a value is in a place.
    fn resolve(&self, value: &str, done: &BTreeSet<usize>) -> Option<(String, SsmType)> {
        let known = self.names.get(value)?;
        match &known.from {
            NameOrigin::Given => Some((known.name.clone(), known.kind)),
            NameOrigin::Expression(it) => Some((it.clone(), known.kind)),
            NameOrigin::Step(step, _) => done.contains(step).then(|| (known.name.clone(), known.kind)),
        }
    }

    /// A step, with what is done when it fails. Returns what comes behind it; `None` if nothing does.
    fn one(
        &mut self,
        index: usize,
        step: &SsmStep,
        place: &mut StepPlace,
        out: &mut String,
    ) -> Result<Option<Next>, TooMany> {
        let Some(form) = self.forms.get(index) else { return Ok(None) };
        let undo = self.undo(index, step, place);
        let is_undone = place.undone.is_some() && step.on_cancel == place.undone;
        if let Some(cancel) = step.on_cancel.and_then(|it| self.step(it)).filter(|_| !is_undone) {
            let what = format!(
                "onCancel: an abort does not lead to step {}; `undo` of an action is done when a run is aborted, and also when it fails",
                cancel.name
            );
            let _ = writeln!(out, "# {OPEN}: {what}");
            self.need(step.line, format!("{}: {what}", step.name));
        }
        let done = place.done.clone();
        let statement = match form {
            SsmForm::Branch => return self.branch(index, step, place, out),
            SsmForm::Loop => return self.repeated(index, step, place, out),
            SsmForm::Action { arguments, .. } => match self.call(index, arguments, &done) {
                Ok(call) => {
                    let result = self.result(index);
                    let named = result.map_or_else(String::new, |it| format!(" as {it}"));
                    Ok((
                        format!(
                            "action {call}{}{}{named}",
                            self.within(step, &done),
                            self.retry(step, &done)
                        ),
                        " else",
                    ))
                }
                Err(why) => Err(why),
            },
            SsmForm::Look { arguments, wanted, waits, .. } => {
                self.look(index, arguments, wanted, &done).map(|condition| {
                    let both = " else or unknown";
                    if *waits {
                        let within = self.within(step, &done);
                        let within = if within.is_empty() { " within 1h".to_owned() } else { within };
                        (format!("wait until {condition}{within}"), both)
                    } else {
                        (format!("check {condition}"), both)
                    }
                })
            }
            SsmForm::Approval => self.approval(step, &done).map(|it| (it, " else or unknown")),
            SsmForm::Pause => self.message(step, "Message", &done).map(|it| {
                let within = self.within(step, &done);
                let within = if within.is_empty() { " within 7d".to_owned() } else { within };
                (format!("action {it}{within}"), " else")
            }),
            SsmForm::Sleep => match self.sleep(step, &done) {
                Ok(text) => {
                    let _ = writeln!(out, "{text}");
                    return Ok(Some(step.next));
                }
                Err(why) => Err(why),
            },
            SsmForm::Hand { why } => {
                let _ = writeln!(out, "# {OPEN}: {why}");
                Ok((format!("action {}{}", self.by_hand(step, &done), self.within(step, &done)), " else"))
            }
            SsmForm::Cannot { why } => {
                let _ = write!(
                    out,
                    "# {OPEN}: {why}\nstop {}\n",
                    text_literal(&format!("Step {} cannot be carried over: {why}", step.name))
                );
                return Ok(None);
            }
        };
        let (statement, arm) = match statement {
            Ok(it) => it,
            Err(value) => return Ok(self.unresolved(step, &value, place, out)),
        };
        let failure = after_failure(step).filter(|_| !is_undone);
        let _ = write!(out, "{statement}{undo}");
        if let Some((next, critical)) = failure {
            let block = self.failure(step, next, critical, place)?;
            let _ = write!(out, "{arm} {{\n{block}}}");
        }
        out.push('\n');
        place.done.insert(index);
        self.outputs(index, out);
        Ok(Some(step.next))
    }
}

/// Whether a step is jumped to when another fails, for the report.
pub(super) fn failure_words(document: &SsmDocument, step: &SsmStep) -> Option<String> {
    match step.on_failure {
        OnFailure::Abort => None,
        OnFailure::Continue => Some("goes on when it fails".into()),
        OnFailure::Step(it) => document.steps.get(it).map(|it| format!("when it fails: {}", it.name)),
    }
}
