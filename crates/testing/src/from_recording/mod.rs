//! Turns a recorded run into a premise: a world in which a simulated run takes the same way.
//!
//! [`recorded_premise`] runs the program three times. First with the recorded answers, for its events. Then on a clock that
//! advances only during waits, to find when a test would ask for each thing, and which answer it needs then. Last in
//! the world that was built from that, to check that it takes the same way; lines that are not needed for that are left
//! out.

mod act_index;
mod guided;
mod observed;
mod observed_effect;
mod playback;
mod point;
mod rounding;
mod series;
mod simpler;

use std::collections::BTreeMap;

use self::point::{StoryPoint, points};
use super::{Performed, Premise, SimulatedRun};
use crate::scripted::Script;
use rbl_check::Program;
use rbl_runtime::journal::LoggedEffect;
use rbl_runtime::{Alert, EventKind, Outcome, Start};
use rbl_syntax::value::{Time, Value};

/// A recorded run as a premise.
#[derive(Debug, Clone)]
pub struct RecordedPremise {
    /// The world in which a simulated run takes the same way.
    pub premise: Premise,
    /// The simulated run.
    pub performed: Performed,
    /// Where the simulated run still differs, and how; in words.
    pub differs: Option<String>,
}

/// Why a run cannot become a premise, in words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordingError {
    /// The run has not ended: what it waits for, or where its record ends.
    Unfinished(String),
    /// The program asks for something other than the run did.
    Other(String),
}

impl std::fmt::Display for RecordingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unfinished(why) => write!(f, "the run is not over: {why}"),
            Self::Other(what) => write!(f, "the runbook is not what was run: {what}"),
        }
    }
}

/// How exactly times and values are kept: from the most readable to the measured ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fidelity {
    /// Whole seconds, values to four digits; what was fast takes no time.
    Readable,
    /// The same, but whatever a person or an action did takes at least a second, so that nothing happens at once.
    Apart,
    /// As measured.
    Exact,
}

/// How to use the points of windows in the time in which the metric was also read directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WindowUse {
    /// Like direct readings.
    Count,
    /// Not at all: providers compute a window differently from a single reading.
    OnlyHistory,
}

/// Every way to build a world from what was seen, the most readable first.
const WAYS: [(Fidelity, WindowUse); 6] = [
    (Fidelity::Readable, WindowUse::Count),
    (Fidelity::Apart, WindowUse::Count),
    (Fidelity::Readable, WindowUse::OnlyHistory),
    (Fidelity::Apart, WindowUse::OnlyHistory),
    (Fidelity::Exact, WindowUse::Count),
    (Fidelity::Exact, WindowUse::OnlyHistory),
];

/// Returns the premise of a run with this start and these recorded effects. `confirm`: whether each action was approved
/// first.
pub fn recorded_premise(
    program: &Program,
    start: &Start,
    confirm: bool,
    heard: &[LoggedEffect],
) -> Result<RecordedPremise, RecordingError> {
    let played = playback::walk(program, start, confirm, heard)?;
    let params = params(start, &played.events);
    let was = points(&played.events);
    let alert = program.literals().alert.then(|| start.alert.as_ref().map(nameable)).flatten();
    let mut best: Option<RecordedPremise> = None;
    // The usual day of a test fits nearly every run; a run that depends on the date needs its own.
    let own = heard.first().and_then(|first| Time::from_unix(first.at.unix().floor()));
    'ways: for begins in [None, own] {
        for (faith, windows) in WAYS {
            let empty = Script { begins, alert: alert.clone(), ..Script::default() };
            let empty = SimulatedRun::of(program, Premise { params: params.clone(), script: empty });
            let seen = guided::walk(program, &empty, &played, &was, faith);
            let script = observed::script(program, &seen, empty.start().1, (faith, windows));
            let premise =
                Premise { params: params.clone(), script: Script { begins, alert: alert.clone(), ..script } };
            let performed = SimulatedRun::of(program, premise.clone()).perform();
            let differs = point::difference(&was, &point::of_performed(&performed));
            let same = differs.is_none();
            if best.is_none() || same {
                best = Some(RecordedPremise { premise, performed, differs });
            }
            if same {
                break 'ways;
            }
        }
    }
    let Some(mut recalled) = best else {
        return Err(RecordingError::Other("nothing of it can be replayed".into()));
    };
    recalled.premise = simpler::simpler(program, &recalled.premise, &recalled.performed);
    recalled.performed = SimulatedRun::of(program, recalled.premise.clone()).perform();
    Ok(recalled)
}

/// The alert as a test can give it: its name and its labels.
fn nameable(alert: &Alert) -> Alert {
    Alert::named(alert.name.clone(), alert.labels.clone())
}

/// The parameters that were given to the run, by hand or by the alert that started it.
fn params(start: &Start, events: &[playback::PlaybackEvent]) -> BTreeMap<smol_str::SmolStr, Value> {
    let began = events.iter().find_map(|timed| {
        let EventKind::Started { params, .. } = &timed.event.kind else { return None };
        Some(params)
    });
    let is_given = |name: &str| {
        start.params.contains_key(name)
            || start.alert.as_ref().is_some_and(|alert| alert.labels.contains_key(name))
    };
    let bound = began.into_iter().flatten().filter(|param| is_given(&param.name));
    bound.map(|param| (param.name.as_str().into(), param.value.value.clone())).collect()
}

/// Whether a run has an end that a test can expect.
fn is_end(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Resolved | Outcome::Escalated | Outcome::Failed => true,
        Outcome::Aborted | Outcome::Waiting => false,
    }
}

/// The points of the story that two runs must share.
type Points = Vec<StoryPoint>;
