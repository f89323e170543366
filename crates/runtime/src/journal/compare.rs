//! Compares a changed runbook with a recording: what it would have decided and done, as far as answers are recorded.
//!
//! What only looks (readings, probes, the clock) is matched by content, because a changed text may look in another
//! order. Actions, questions, pages and records are answered only in the recorded order: after a different one, the
//! answers that would have followed are unknown.

use std::cell::RefCell;

use serde::Serialize;

use super::pending_effect::parked;
use super::replay_cursor::fits_around_dots;
use super::{Entry, JournalEvent, JournalRecord, ReplayLayers, effect_words};
use crate::{
    Ask, Decision, Delivery, Effect, Event, EventKind, EventPlace, Interrupt, Observer, Outcome, Page, Probe,
    Read, ReadTime, Reply, RunEnd, Start, Then, World,
};
use rbl_check::Program;
use rbl_syntax::value::{Time, Verdict};

/// A decision or a deed of a run, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedPoint {
    /// `a.rb:14`; empty for what belongs to no line.
    pub place: String,
    /// A description.
    pub words: String,
}

/// The result of the comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct RunComparison {
    /// The first difference: recorded, now. `None` on one side: nothing more there.
    pub first: Option<(Option<ComparedPoint>, Option<ComparedPoint>)>,
    /// Where it needs an answer that was not recorded.
    pub stops: Option<ComparedPoint>,
    /// How it ends, if it gets that far.
    pub ended: Option<RunEnd>,
    /// The number of equal decisions and deeds.
    pub same: usize,
}

struct RecordedEffect {
    effect: Effect,
    reply: Result<Reply, String>,
    used: bool,
}

struct CompareState {
    looks: Vec<RecordedEffect>,
    deeds: std::collections::VecDeque<(RecordedEffect, ComparedPoint)>,
    decisions: std::collections::VecDeque<(Verdict, Option<String>, ComparedPoint)>,
    /// The last time returned, and the sleeps since the recorded times ended.
    now: Option<Time>,
    times: std::collections::VecDeque<Time>,
    /// The current place in the program.
    place: String,
    compared: RunComparison,
}

/// Compares a program with the records of a run, through the layers the run used.
pub fn compare(
    program: &Program,
    start: &Start,
    layers: ReplayLayers<'_>,
    records: &[JournalRecord],
) -> RunComparison {
    let (shared, was) = recorded(records);
    let shared = RefCell::new(shared);
    let mut world = layers(Box::new(CompareWorld(&shared)));
    let ended = crate::run(program, start, &mut world, &mut CompareObserver(&shared));
    drop(world);
    let mut shared = shared.into_inner();
    let mut compared = shared.compared;
    if compared.stops.is_none() {
        let left = shared.deeds.pop_front().map(|(_, point)| point);
        let point =
            |outcome: Outcome| ComparedPoint { place: String::new(), words: format!("the end: {outcome}") };
        if compared.first.is_none() {
            if let Some(left) = left {
                compared.first = Some((Some(left), Some(point(ended.outcome))));
            } else if was.is_some_and(|was| was != ended.outcome) {
                compared.first = Some((was.map(point), Some(point(ended.outcome))));
            }
        }
        compared.ended = Some(ended);
    }
    compared
}

/// What the records contain, and how the run ended.
fn recorded(records: &[JournalRecord]) -> (CompareState, Option<Outcome>) {
    let mut shared = CompareState {
        looks: Vec::new(),
        deeds: [].into(),
        decisions: [].into(),
        now: None,
        times: [].into(),
        place: String::new(),
        compared: RunComparison { first: None, stops: None, ended: None, same: 0 },
    };
    let (mut begun, mut place, mut outcome) = (Vec::new(), String::new(), None);
    for entry in records.iter().filter_map(|record| record.entry().ok()) {
        match entry {
            Entry::Event(event) => {
                if let Some(at) = &event.place {
                    place = shown(at);
                }
                if let EventKind::Decided(decision) = event.kind {
                    let point = ComparedPoint { place: place.clone(), words: decision_words(&decision) };
                    shared.decisions.push_back((decision.verdict, arm(&decision.then), point));
                } else if let EventKind::Ended { outcome: how, .. } = event.kind {
                    outcome = Some(how);
                }
            }
            Entry::Own(JournalEvent::Look { look, answer, .. }) => shared.know(look, Ok(answer), &place),
            Entry::Own(JournalEvent::Intent { intent, .. }) => {
                // A sleep has no reply, and whoever compares does not need one.
                let sleeps = matches!(intent, Effect::Sleep(_));
                begun.extend((!sleeps).then_some(intent));
            }
            Entry::Own(JournalEvent::Reply { answer, .. }) => {
                // What the journal itself asked in between belongs to no line of the text.
                if let (Some(effect), true) = (begun.pop(), begun.is_empty()) {
                    shared.know(effect, Ok(answer), &place);
                }
            }
            Entry::Own(JournalEvent::BrokenOff { by, .. }) => {
                if let Some(effect) = begun.first().cloned() {
                    shared.know(effect, Err(by), &place);
                }
                begun.clear();
            }
            Entry::Own(
                JournalEvent::Begun(_)
                | JournalEvent::Resumed { .. }
                | JournalEvent::Mark(_)
                | JournalEvent::AlertChanged(_),
            ) => {}
        }
    }
    (shared, outcome)
}

impl CompareState {
    fn know(&mut self, effect: Effect, reply: Result<Reply, String>, place: &str) {
        match &effect {
            Effect::Now => {
                if let Ok(Reply::Now(time)) = reply {
                    self.times.push_back(time);
                }
            }
            Effect::Sleep(_) | Effect::Leave(_) | Effect::Conclude(_) => {}
            Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Secret { .. } => {
                self.looks.push(RecordedEffect { effect, reply, used: false });
            }
            Effect::Act(_)
            | Effect::Ask(_)
            | Effect::Page(_)
            | Effect::Acknowledge(_)
            | Effect::Record(_)
            | Effect::Lock(_)
            | Effect::Enter(_) => {
                let point = ComparedPoint { place: place.to_owned(), words: effect_words(&effect) };
                self.deeds.push_back((RecordedEffect { effect, reply, used: false }, point));
            }
        }
    }

    fn here(&self, words: String) -> ComparedPoint {
        ComparedPoint { place: self.place.clone(), words }
    }

    fn differs(&mut self, was: Option<ComparedPoint>, now: Option<ComparedPoint>) {
        if self.compared.first.is_none() {
            self.compared.first = Some((was, now));
        }
    }

    /// The answer was not recorded: stops the run.
    fn stop(&mut self, effect: &Effect) -> Interrupt {
        if self.compared.stops.is_none() {
            self.compared.stops = Some(self.here(effect_words(effect)));
        }
        parked()
    }

    /// The recorded answer to a look: the next unused one, else the last.
    fn recorded_reading(&mut self, effect: &Effect) -> Option<Result<Reply, String>> {
        let next =
            self.looks.iter().position(|known| !known.used && is_same_observation(&known.effect, effect));
        let at =
            next.or_else(|| self.looks.iter().rposition(|known| is_same_observation(&known.effect, effect)))?;
        let known = self.looks.get_mut(at)?;
        known.used = true;
        Some(known.reply.clone())
    }

    fn compare_deed(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let same = self.deeds.front().is_some_and(|(known, _)| is_same_action(&known.effect, effect));
        if !same {
            let was = self.deeds.front().map(|(_, point)| point.clone());
            let now = self.here(effect_words(effect));
            self.differs(was, Some(now));
            return Err(self.stop(effect));
        }
        if self.compared.first.is_none() {
            self.compared.same += 1;
        }
        match self.deeds.pop_front() {
            Some((RecordedEffect { reply: Ok(reply), .. }, _)) => Ok(reply),
            Some((RecordedEffect { reply: Err(by), .. }, _)) => Err(Interrupt::Aborted { by }),
            None => Err(self.stop(effect)),
        }
    }

    fn clock(&mut self) -> Option<Time> {
        self.now = self.times.pop_front().or(self.now);
        self.now
    }
}

struct CompareWorld<'s>(&'s RefCell<CompareState>);
struct CompareObserver<'s>(&'s RefCell<CompareState>);

impl World for CompareWorld<'_> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let mut shared = self.0.borrow_mut();
        if shared.compared.stops.is_some() {
            return Err(parked());
        }
        match effect {
            Effect::Now => match shared.clock() {
                Some(time) => Ok(Reply::Now(time)),
                None => Err(shared.stop(effect)),
            },
            Effect::Sleep(sleep) => {
                if shared.times.is_empty() {
                    shared.now = shared.now.and_then(|now| now.plus(sleep.seconds));
                }
                Ok(Reply::Slept)
            }
            Effect::Leave(_) => Ok(Reply::Left),
            // It follows from the outcome, which is compared.
            Effect::Conclude(_) => Ok(Reply::Delivered(Ok(Delivery::by("as recorded", true)))),
            Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Secret { .. } => match shared.recorded_reading(effect) {
                Some(Ok(reply)) => Ok(reply),
                Some(Err(by)) => Err(Interrupt::Aborted { by }),
                None if matches!(effect, Effect::Secret { .. }) => Ok(Reply::Secret(Ok(()))),
                None => Err(shared.stop(effect)),
            },
            Effect::Act(_)
            | Effect::Ask(_)
            | Effect::Page(_)
            | Effect::Acknowledge(_)
            | Effect::Record(_)
            | Effect::Lock(_)
            | Effect::Enter(_) => shared.compare_deed(effect),
        }
    }
}

impl Observer for CompareObserver<'_> {
    fn event(&mut self, event: &Event) {
        let mut shared = self.0.borrow_mut();
        if shared.compared.stops.is_some() {
            return;
        }
        if let Some(place) = &event.place {
            shared.place = shown(place);
        }
        let EventKind::Decided(decision) = &event.kind else { return };
        if shared.compared.first.is_some() {
            return;
        }
        let now = shared.here(decision_words(decision));
        match shared.decisions.pop_front() {
            Some((verdict, then, _))
                if is_same(&verdict, &decision.verdict) && then == arm(&decision.then) =>
            {
                shared.compared.same += 1;
            }
            was => shared.differs(was.map(|(_, _, point)| point), Some(now)),
        }
    }
}

/// Whether two verdicts are equal, apart from the wording of an unknown.
fn is_same(was: &Verdict, now: &Verdict) -> bool {
    std::mem::discriminant(was) == std::mem::discriminant(now)
}

/// The branch taken, wherever it is in the text.
fn arm(then: &Then) -> Option<String> {
    match then {
        Then::Arm { arm, .. } => Some(arm.to_string()),
        Then::GoesOn => Some("goes on".into()),
        Then::Again => Some("again".into()),
        Then::Stops => None,
    }
}

/// Whether a part of an effect is the recorded one, whichever secrets were masked in the record.
fn fits<T: PartialEq + Serialize>(was: &T, now: &T) -> bool {
    let json = |it: &T| serde_json::to_string(it).unwrap_or_default();
    was == now || fits_around_dots(&json(was), &json(now))
}

/// Whether two looks are the same. What is no look equals nothing.
fn is_same_observation(was: &Effect, now: &Effect) -> bool {
    match was {
        Effect::Read(was) => matches!(now, Effect::Read(now) if is_same_reading(was, now)),
        Effect::Probe(Probe { command, host, .. }) => {
            matches!(now, Effect::Probe(now) if fits(command, &now.command) && fits(host, &now.host))
        }
        // The files may be others in a changed runbook.
        Effect::Mode(_) => matches!(now, Effect::Mode(_)),
        Effect::Firing(was) => matches!(now, Effect::Firing(now) if was == now),
        Effect::Secret { from: was, .. } => matches!(now, Effect::Secret { from, .. } if was == from),
        Effect::Now
        | Effect::Sleep(_)
        | Effect::Act(_)
        | Effect::Ask(_)
        | Effect::Page(_)
        | Effect::Lock(_)
        | Effect::Enter(_)
        | Effect::Leave(_)
        | Effect::Conclude(_)
        | Effect::Acknowledge(_)
        | Effect::Record(_) => false,
    }
}

fn is_same_reading(was: &Read, now: &Read) -> bool {
    let time = match (was.time, now.time) {
        (ReadTime::Now, ReadTime::Now) | (ReadTime::At(_), ReadTime::At(_)) => true,
        (ReadTime::Window { seconds: was, .. }, ReadTime::Window { seconds: now, .. }) => {
            (was - now).abs() < 1e-9
        }
        _ => false,
    };
    time && was.provider == now.provider
        && fits(&was.query, &now.query)
        && was.by == now.by
        && was.of == now.of
}

/// Whether two deeds are the same; title, time limit and evidence do not count.
fn is_same_action(was: &Effect, now: &Effect) -> bool {
    match was {
        Effect::Act(was) => {
            let Effect::Act(now) = now else { return false };
            fits(&was.target, &now.target)
                && fits(&was.host, &now.host)
                && fits(&was.by, &now.by)
                && was.attempt == now.attempt
        }
        Effect::Ask(Ask { kind, prompt, .. }) => {
            let Effect::Ask(now) = now else { return false };
            fits(prompt, &now.prompt) && std::mem::discriminant(kind) == std::mem::discriminant(&now.kind)
        }
        Effect::Page(Page { team, reason, .. }) => {
            let Effect::Page(now) = now else { return false };
            fits(team, &now.team) && fits(reason, &now.reason)
        }
        Effect::Acknowledge(was) => matches!(now, Effect::Acknowledge(now) if fits(&was.team, &now.team)),
        Effect::Record(was) => {
            let Effect::Record(now) = now else { return false };
            fits(&was.channel, &now.channel) && fits(&was.text, &now.text)
        }
        Effect::Lock(was) => matches!(now, Effect::Lock(now) if fits(&was.name, &now.name)),
        // Its file and its place may be others in a changed runbook.
        Effect::Enter(was) => {
            matches!(now, Effect::Enter(now) if was.named == now.named && was.runbook == now.runbook)
        }
        Effect::Now
        | Effect::Sleep(_)
        | Effect::Read(_)
        | Effect::Firing(_)
        | Effect::Mode(_)
        | Effect::Probe(_)
        | Effect::Leave(_)
        | Effect::Conclude(_)
        | Effect::Secret { .. } => false,
    }
}

fn shown(place: &EventPlace) -> String {
    format!("{}:{}", place.file, place.line)
}

/// `p99 < 500ms` is no (812ms), continues with `else`
fn decision_words(decision: &Decision) -> String {
    let verdict = match &decision.verdict {
        Verdict::Yes => "yes".to_owned(),
        Verdict::No => "no".to_owned(),
        Verdict::Unknown(reason) => format!("unknown: {reason}"),
    };
    let values: Vec<String> =
        decision.operands.iter().map(|it| format!("{} = {}", it.text, it.value.text)).collect();
    let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
    let then = match &decision.then {
        Then::Arm { arm, line } => format!(", continues with `{arm}` at line {line}"),
        Then::GoesOn | Then::Again => String::new(),
        Then::Stops => ", and nothing handles it".into(),
    };
    format!("`{}` is {verdict}{values}{then}", decision.condition)
}
