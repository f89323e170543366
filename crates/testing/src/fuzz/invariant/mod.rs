//! The invariants: what holds for every run of every runbook in every world. [`broken`] checks a run against all of
//! them.

mod keeps_promises;
mod replayed;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::trace::RunTrace;
use crate::Premise;
use keeps_promises::Promise;
use rbl_check::paths::{Followed, PathDescription, Paths};
use rbl_check::{Catalogue, Program};
use rbl_runtime::{ActionRole, ArmName, Effect, Event, EventKind, OUT_OF_STEPS, Outcome, Then, followed};
use rbl_syntax::tree;
use rbl_syntax::value::{Quantity, Took, Verdict};

/// The most work of a search for tests, in events and effects of simulated runs: some seconds. It is no time, so that a search
/// finds the same on every machine.
const MOST_WORK: u64 = 3_000_000;

/// The most processor time of a search for tests, whatever its work was counted as: where a run costs much more than its events
/// say, the search is ended all the same. A build without optimisation takes ten times as long for the same work, and its tests must
/// not reach it on a slow machine.
const MOST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 300 } else { 3 });

/// A program with its listed paths, which its runs are checked against.
#[derive(Debug)]
pub struct Oracle<'p> {
    /// The program.
    pub program: &'p Program,
    /// All its listed paths.
    pub paths: Paths,
    /// The promises of its actions, by the place of the action's target.
    promises: HashMap<rbl_syntax::source::Place, Promise>,
    /// The work of all runs of a search so far, in events and effects.
    work: AtomicU64,
    was_cut: AtomicBool,
    /// The processor time so far, and what it was when the search began.
    clock: Option<(fn() -> Duration, Duration)>,
}

impl<'p> Oracle<'p> {
    /// Creates the oracle with the program's own paths.
    pub fn new(program: &'p Program) -> Self {
        Self::with(program, Paths::of(program, &Catalogue::default()))
    }

    /// Creates the oracle with these paths instead of the program's own.
    pub fn with(program: &'p Program, paths: Paths) -> Self {
        Self {
            program,
            paths,
            promises: keeps_promises::promises(program),
            work: AtomicU64::new(0),
            was_cut: AtomicBool::new(false),
            clock: None,
        }
    }

    /// Ends a search after some seconds of processor time, too. `clock`: the processor time of this thread so far.
    #[must_use]
    pub fn within_time_of(mut self, clock: fn() -> Duration) -> Self {
        self.clock = Some((clock, clock()));
        self
    }

    /// Counts the work of a run.
    pub(super) fn spend(&self, work: usize) {
        self.work.fetch_add(work as u64, Ordering::Relaxed);
    }

    /// Whether a search may go on no longer.
    pub fn is_over(&self) -> bool {
        self.has_spent(100)
    }

    /// Whether this many hundredths of the work, or of the time, of a search are done.
    pub(super) fn has_spent(&self, percent: u64) -> bool {
        let is_late = self.clock.is_some_and(|(clock, begun)| {
            let took = clock().saturating_sub(begun);
            took.as_millis() * 100 >= MOST_TIME.as_millis() * u128::from(percent)
        });
        let has_spent = is_late || self.work.load(Ordering::Relaxed) >= MOST_WORK / 100 * percent;
        self.was_cut.fetch_or(has_spent, Ordering::Relaxed);
        has_spent
    }

    /// Whether a search was ended because it would take too long.
    pub(super) fn was_cut(&self) -> bool {
        self.was_cut.load(Ordering::Relaxed)
    }
}

/// A run, and what it is checked against.
#[derive(Debug)]
pub struct InvariantCase<'w> {
    /// The program and its paths.
    pub oracle: &'w Oracle<'w>,
    /// The world it ran in.
    pub premise: &'w Premise,
    /// What was seen of the run.
    pub trace: &'w RunTrace,
    /// Its arms, and its path among the listed ones.
    pub followed: &'w Followed,
    /// That path in words.
    pub path: Option<&'w PathDescription>,
}

/// A property of every run.
#[derive(Debug, Clone, Copy)]
pub struct Invariant {
    /// The property, as a sentence without its subject, the runbook: "ends".
    pub name: &'static str,
    /// Why a run breaks it; `None` if the run does not.
    pub broken: fn(&InvariantCase<'_>) -> Option<String>,
}

/// All invariants, in the order in which they are checked.
pub const INVARIANTS: [Invariant; 10] = [
    Invariant { name: "ends", broken: ends },
    Invariant { name: "takes a path that is listed", broken: listed },
    Invariant { name: "keeps to its times", broken: in_time },
    Invariant { name: "does no more than is listed", broken: not_more },
    Invariant { name: "does nothing after its end", broken: nothing_after_the_end },
    Invariant { name: "acts on nothing that is unknown", broken: nothing_on_a_guess },
    Invariant { name: "makes its end known", broken: somebody_knows },
    Invariant { name: "does its `finally` and its `undo`", broken: keeps_promises::broken },
    Invariant { name: "gives each effect a key of its own", broken: not_twice },
    Invariant { name: "is replayed as it happened", broken: replayed::broken },
];

/// Returns the first invariant that a run breaks, and how.
pub fn broken(oracle: &Oracle<'_>, premise: &Premise, trace: &RunTrace) -> Option<(Invariant, String)> {
    let followed = followed(&oracle.paths, &trace.events);
    let path = followed.path.as_ref().and_then(|path| oracle.paths.describe(path));
    let case = InvariantCase { oracle, premise, trace, followed: &followed, path: path.as_ref() };
    INVARIANTS.into_iter().find_map(|it| (it.broken)(&case).map(|why| (it, why)))
}

/// Whether the parameters are the defaults; the listed times and counts are for those.
fn has_defaults(case: &InvariantCase<'_>) -> bool {
    let Some(runbook) = case.oracle.program.runbook(case.oracle.program.main()) else { return false };
    let defaulted = |name: &str| {
        let param = runbook.params.iter().find(|it| it.declaration.name.text == name);
        param.is_some_and(|it| it.declaration.default.is_some())
    };
    case.premise.params.keys().all(|name| !defaulted(name))
}

/// Every run ends: no loop without a bound, no wait without a limit.
fn ends(case: &InvariantCase<'_>) -> Option<String> {
    let trace = case.trace;
    if trace.ran_away {
        let effects = trace.effects.len();
        return Some(format!("it did not end within {} and {effects} effects", Took(trace.seconds)));
    }
    let is_stopped =
        |event: &&Event| matches!(&event.kind, EventKind::Unhandled { what } if what == OUT_OF_STEPS);
    if let Some(stopped) = trace.events.iter().find(is_stopped) {
        let at = stopped
            .place
            .as_ref()
            .map_or_else(String::new, |place| format!(" at line {} of {}", place.line, place.file));
        return Some(format!("it was stopped{at} after {OUT_OF_STEPS}"));
    }
    match trace.ended.outcome {
        Outcome::Resolved | Outcome::Escalated | Outcome::Failed => {}
        outcome @ (Outcome::Aborted | Outcome::Waiting) => {
            return Some(format!("it ended {outcome}, though nobody interrupted it"));
        }
    }
    let last = trace.events.last().map(|event| &event.kind);
    let says = matches!(last, Some(EventKind::Ended { .. }));
    (!says).then(|| "its story does not say how it ended".to_owned())
}

/// Every run takes one of the paths that `rbl paths` lists, and ends as that path says.
fn listed(case: &InvariantCase<'_>) -> Option<String> {
    let (arms, events) = (&case.followed.arms, &case.trace.events);
    let Some(path) = case.path else {
        let last = events.iter().rev().find_map(|event| event.place.as_ref());
        let at =
            last.map_or_else(String::new, |place| format!(", up to line {} of {}", place.line, place.file));
        return Some(format!("no listed path has its {} decisions{at}", arms.len()));
    };
    let listed = case.oracle.paths.arms();
    if arms.iter().any(|arm| listed.iter().all(|it| it.id != *arm)) {
        return Some("it took an arm that no listed path has".to_owned());
    }
    // The list assumes that the run's own pages arrive and that its clean-up succeeds.
    let granted = !events.iter().any(|event| {
        matches!(&event.kind, EventKind::Escalated { asked_for: false, delivered: Err(_), .. })
            || matches!(&event.kind, EventKind::CleanupEnded { failed } if !failed.is_empty())
    });
    let wanted = match path.end.outcome {
        tree::ExpectedOutcome::Resolved => Outcome::Resolved,
        tree::ExpectedOutcome::Escalated => Outcome::Escalated,
        tree::ExpectedOutcome::Failed => Outcome::Failed,
    };
    let ended = case.trace.ended.outcome;
    (granted && ended != wanted).then(|| format!("it ended {ended}, and its path is said to end {wanted}"))
}

/// Sums of times differ in their last bits if the order differs.
const SLACK: f64 = 1e-6;

/// Every run takes at most the listed maximum of its path, and at least the listed minimum.
fn in_time(case: &InvariantCase<'_>) -> Option<String> {
    // The listed times are for the default parameters.
    let path = case.path.filter(|_| has_defaults(case))?;
    let took = case.trace.seconds;
    let shown = Quantity::seconds;
    if let Some(longest) = path.longest.0.filter(|longest| took > longest + SLACK) {
        return Some(format!("it took {}, and {} at most is listed", shown(took), shown(longest)));
    }
    (took < path.shortest - SLACK)
        .then(|| format!("it took {}, and {} at least is listed", shown(took), shown(path.shortest)))
}

/// No run does more actions or sends more pages than its path lists.
fn not_more(case: &InvariantCase<'_>) -> Option<String> {
    let path = case.path.filter(|_| has_defaults(case))?;
    let is_action = |kind: &EventKind| {
        matches!(kind, EventKind::ActionStarted { role: ActionRole::Action, attempt: 1, .. })
    };
    let actions = case.trace.events.iter().filter(|event| is_action(&event.kind)).count();
    let more = |count: usize, most: Option<f64>| most.filter(|most| count as f64 > *most);
    if let Some(most) = more(actions, path.actions.0) {
        return Some(format!("it did {actions} actions, and {most} at most are listed"));
    }
    let own = |kind: &EventKind| matches!(kind, EventKind::CleanupEnded { failed } if !failed.is_empty());
    // A clean-up that fails pages the owner as well.
    let besides = case.trace.events.iter().filter(|event| own(&event.kind)).count();
    let pages = case.trace.ended.paged.len().saturating_sub(besides);
    let most = more(pages, path.pages.0)?;
    Some(format!("it sent {pages} pages, and {most} at most are listed"))
}

/// Nothing is done after `resolve`, `stop` or an unhandled condition, except the clean-up; and nothing at all once the
/// run has ended.
fn nothing_after_the_end(case: &InvariantCase<'_>) -> Option<String> {
    let events = &case.trace.events;
    // The depth of the runbook that has ended; the runbooks that it runs have ended, too.
    let mut over: Option<u32> = None;
    for event in events {
        if over.is_some_and(|depth| event.depth < depth) || is_return(over, event) {
            over = None;
        }
        let line = event.place.as_ref().map(|place| format!(" at line {}", place.line)).unwrap_or_default();
        let what = match &event.kind {
            EventKind::ActionStarted { role: ActionRole::Action, title, .. } => {
                format!("`{title}` was begun")
            }
            EventKind::Asked { prompt, .. } => format!("\"{prompt}\" was asked"),
            EventKind::Recorded { text, .. } => format!("\"{text}\" was recorded"),
            EventKind::Escalated { asked_for: true, .. } => "a team was paged".to_owned(),
            EventKind::StepStarted { number, .. } => format!("step {number} was begun"),
            EventKind::Resolved { .. } | EventKind::Stopped { .. } | EventKind::Unhandled { .. } => {
                over = over.or(Some(event.depth));
                continue;
            }
            EventKind::Started { .. }
            | EventKind::Noted { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Prose { .. }
            | EventKind::Read { .. }
            | EventKind::Probed { .. }
            | EventKind::Decided(_)
            | EventKind::Answered { .. }
            | EventKind::ActionStarted { .. }
            | EventKind::ActionEnded { .. }
            | EventKind::ActionRetried { .. }
            | EventKind::Waiting { .. }
            | EventKind::Polled { .. }
            | EventKind::WaitEnded { .. }
            | EventKind::Escalated { .. }
            | EventKind::Acknowledged { .. }
            | EventKind::Let { .. }
            | EventKind::LoopStarted { .. }
            | EventKind::Pass { .. }
            | EventKind::LoopEnded { .. }
            | EventKind::RunStarted { .. }
            | EventKind::RunEnded { .. }
            | EventKind::Locked { .. }
            | EventKind::RunLimited { .. }
            | EventKind::CleanupStarted { .. }
            | EventKind::CleanupEnded { .. }
            | EventKind::Parked { .. }
            | EventKind::Aborted { .. }
            | EventKind::Ended { .. } => continue,
        };
        if over.is_some() {
            return Some(format!("{what}{line}, though the runbook had come to its end"));
        }
    }
    let count = events.len();
    let late = case.trace.effects.iter().find(|(before, _, _)| *before >= count && count > 0)?;
    Some(format!("after the end of its story it still did this: {:?}", late.2))
}

/// Whether the event shows that the runbook at this depth has been left.
fn is_return(over: Option<u32>, event: &rbl_runtime::Event) -> bool {
    matches!(event.kind, EventKind::RunEnded { .. }) && over.is_some_and(|depth| event.depth < depth)
}

/// An unknown result is never treated as success: after an unknown that no arm handles nothing is done except the
/// clean-up.
fn nothing_on_a_guess(case: &InvariantCase<'_>) -> Option<String> {
    let mut unknown: Option<(u32, &str)> = None;
    for event in &case.trace.events {
        if unknown.is_some_and(|(depth, _)| event.depth < depth) {
            unknown = None;
        }
        let (verdict, then, condition) = match &event.kind {
            EventKind::Decided(it) => (&it.verdict, &it.then, it.condition.as_str()),
            EventKind::WaitEnded { verdict, then, condition: Some(condition), .. } => {
                (verdict, then, condition.as_str())
            }
            EventKind::ActionStarted { role: ActionRole::Action, title, .. } => {
                if let Some((_, condition)) = unknown {
                    return Some(format!(
                        "`{title}` was begun, though `{condition}` was unknown and no arm handles that"
                    ));
                }
                continue;
            }
            EventKind::Started { .. }
            | EventKind::Noted { .. }
            | EventKind::StepStarted { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Prose { .. }
            | EventKind::Read { .. }
            | EventKind::Probed { .. }
            | EventKind::Asked { .. }
            | EventKind::Answered { .. }
            | EventKind::ActionStarted { .. }
            | EventKind::ActionEnded { .. }
            | EventKind::ActionRetried { .. }
            | EventKind::Waiting { .. }
            | EventKind::Polled { .. }
            | EventKind::WaitEnded { .. }
            | EventKind::Escalated { .. }
            | EventKind::Acknowledged { .. }
            | EventKind::Recorded { .. }
            | EventKind::Let { .. }
            | EventKind::LoopStarted { .. }
            | EventKind::Pass { .. }
            | EventKind::LoopEnded { .. }
            | EventKind::RunStarted { .. }
            | EventKind::RunEnded { .. }
            | EventKind::Locked { .. }
            | EventKind::RunLimited { .. }
            | EventKind::Resolved { .. }
            | EventKind::Stopped { .. }
            | EventKind::Unhandled { .. }
            | EventKind::CleanupStarted { .. }
            | EventKind::CleanupEnded { .. }
            | EventKind::Parked { .. }
            | EventKind::Aborted { .. }
            | EventKind::Ended { .. } => continue,
        };
        match (verdict, then) {
            (Verdict::Unknown(_), Then::GoesOn) => {
                return Some(format!("it continued after `{condition}`, which was unknown"));
            }
            (Verdict::Unknown(_), Then::Arm { arm, .. }) if *arm != ArmName::Unknown => {
                return Some(format!("it took the arm `{arm}` of `{condition}`, which was unknown"));
            }
            (Verdict::Unknown(_), Then::Stops) => unknown = Some((event.depth, condition)),
            _ => {}
        }
    }
    None
}

/// No silent end: every run ends resolved, or somebody was paged, or it reports clearly that it could page nobody.
fn somebody_knows(case: &InvariantCase<'_>) -> Option<String> {
    let (ended, events) = (&case.trace.ended, &case.trace.events);
    let delivered = events
        .iter()
        .filter(|event| matches!(&event.kind, EventKind::Escalated { delivered: Ok(_), .. }))
        .count();
    let tried = events
        .iter()
        .any(|event| matches!(&event.kind, EventKind::Escalated { asked_for: false, delivered: Err(_), .. }));
    if delivered != ended.paged.len() {
        return Some(format!("{delivered} pages were delivered, and its end says {}", ended.paged.len()));
    }
    match ended.outcome {
        Outcome::Escalated if delivered == 0 => Some("it ended escalated, and nobody was paged".to_owned()),
        Outcome::Failed if !tried => Some("it failed, and did not try to page anybody".to_owned()),
        Outcome::Failed if ended.message.is_empty() => Some("it failed, and does not say why".to_owned()),
        Outcome::Resolved | Outcome::Escalated | Outcome::Failed | Outcome::Aborted | Outcome::Waiting => {
            None
        }
    }
}

/// No two effects share an idempotency key, because otherwise one would count as done already. Only the tries of one
/// action share a key.
fn not_twice(case: &InvariantCase<'_>) -> Option<String> {
    let mut keys: HashMap<&str, &Effect> = HashMap::new();
    for (_, _, effect) in &case.trace.effects {
        let key = match effect {
            Effect::Act(act) if act.attempt > 1 => continue,
            Effect::Act(act) => &act.key,
            Effect::Page(page) => &page.key,
            Effect::Record(record) => &record.key,
            Effect::Now
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Ask(_)
            | Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Acknowledge(_)
            | Effect::Secret { .. } => continue,
        };
        if let Some(before) = keys.insert(key, effect) {
            return Some(format!("two effects have the key {key}: {before:?} and {effect:?}"));
        }
    }
    None
}
