//! [`RunsReport`]: figures over the runs of a journal, for whoever decides which runbook to write or to change next.
//!
//! *Invariant:* only what is recorded is counted. A run whose record cannot be read counts as a run, and nothing of it else.

mod durations;
mod mode_streak;
mod recorded_run;

use std::collections::BTreeMap;

use rbl_runtime::Outcome;
use rbl_runtime::journal::{Filter, RunMode, RunQuery, RunState, StoreError};
use rbl_store::{Rehearsal, SqliteReader};
use rbl_syntax::value::Time;
use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use crate::RunbookScope;

pub use self::durations::DurationFigures;
use self::mode_streak::ModeStreak;
use self::recorded_run::RecordedFigures;

/// From how many answers on a question counts as always answered alike.
const ALIKE: u64 = 3;

/// Figures over the runs of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "rbl report --format json")]
pub struct RunsReport {
    /// Runs that began before this are left out.
    pub since: Option<Time>,
    /// When it was made.
    pub at: Time,
    /// How the runs ended.
    pub runs: RunCounts,
    /// The alerts that came in through hooks.
    pub alerts: AlertCounts,
    /// From the beginning of a run to its first action.
    pub first_action: DurationFigures,
    /// From the alert (of a run without one: from its beginning) to the end of a run that resolved it.
    pub recovery: DurationFigures,
    /// Who did what was to be done.
    pub work: WorkShare,
    /// Questions that were answered at least three times, and always alike: a check could answer them.
    pub alike: Vec<AlikeQuestion>,
    /// The runbooks, the one with the most runs first.
    pub runbooks: Vec<RunbookFigures>,
}

/// How runs ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct RunCounts {
    /// All of them.
    pub all: u64,
    /// Those that reached `resolve` or their end.
    pub resolved: u64,
    /// Those that ended with a page.
    pub escalated: u64,
    /// Those that ended without success, and nobody could be paged.
    pub failed: u64,
    /// Those that a person aborted.
    pub aborted: u64,
    /// Those that have not ended.
    pub open: u64,
}

/// The alerts that came in through hooks, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct AlertCounts {
    /// Those that a runbook handled.
    pub with_runbook: u64,
    /// Those that no trigger means.
    pub without_runbook: u64,
    /// Their names, the most frequent first.
    pub unhandled: Vec<UnhandledAlert>,
}

/// An alert that no trigger means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnhandledAlert {
    /// Its name.
    pub name: String,
    /// How many different ones of this name.
    pub alerts: u64,
}

/// Who did what was to be done.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, JsonSchema)]
pub struct WorkShare {
    /// Actions of commands and executors, each once however often it was repeated.
    pub machine: u64,
    /// Instructions to people.
    pub people: u64,
    /// Questions that a person answered.
    pub answers: u64,
    /// The part that the machine did, from 0 to 1; none where nothing was done.
    pub share: Option<f64>,
}

/// A question that is always answered alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AlikeQuestion {
    /// The file of the runbook.
    pub file: SmolStr,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// How often.
    pub times: u64,
}

/// The figures of one runbook.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RunbookFigures {
    /// Its file, as it was named.
    pub file: SmolStr,
    /// Its title in its newest run.
    pub title: String,
    /// How its runs ended.
    pub runs: RunCounts,
    /// From the beginning of a run to its first action.
    pub first_action: DurationFigures,
    /// From the alert to the end of a run that resolved it.
    pub recovery: DurationFigures,
    /// Its newest run.
    pub last_run: SmolStr,
    /// When that began.
    pub last_began: Time,
    /// What its newest run might do unasked, of those of which the configuration said it where there are such: `look`, `ask` or `act`. None: it
    /// only paged the owner.
    pub mode: Option<&'static str>,
    /// How often in a row it did well in that mode with the text of that run: approved actions in `ask`; in `look`, runs that found
    /// what is to be done.
    pub in_a_row: u64,
    /// The next mode, where that was often enough.
    pub ready_for: Option<&'static str>,
    /// When all of its tests last passed, and where that is known.
    pub rehearsed: Option<Time>,
    /// Whether that was with the text of its newest run.
    pub rehearsed_as_it_ran: Option<bool>,
}

/// What is collected of one runbook.
struct CollectedRunbook {
    figures: RunbookFigures,
    first_action: Vec<f64>,
    recovery: Vec<f64>,
    /// The permanent identity of its file.
    identity: Option<String>,
    /// Of the runs of which the configuration said the mode.
    configured: Option<ModeStreak>,
    /// Of all runs, where there are none of those.
    any: Option<ModeStreak>,
}

/// One question of a runbook: the runbook, its file as it is shown, the question.
type AskedQuestionKey = (String, SmolStr, String);

impl RunsReport {
    /// Reads the runs that began at this time or later, and what came in since then; `None`: all. `scope`: only those of some of
    /// the runbooks, so that alerts without one are not counted.
    pub fn read(
        look: &SqliteReader,
        since: Option<Time>,
        scope: Option<&RunbookScope>,
        now: Time,
    ) -> Result<Self, StoreError> {
        let mut runbooks: BTreeMap<String, CollectedRunbook> = BTreeMap::new();
        let mut answers: BTreeMap<AskedQuestionKey, BTreeMap<String, u64>> = BTreeMap::new();
        let (mut runs, mut work) = (RunCounts::default(), WorkShare::default());
        let takes = |identity: &str| scope.is_none_or(|scope| scope.takes(identity));
        let all = look.list(&Filter { since, ..Filter::default() })?;
        for run in all.into_iter().filter(|run| takes(&run.identity)) {
            let recorded = RecordedFigures::of(&look.read(&run.run)?.0);
            // Two files may be shown alike, and one in two ways.
            let key = if run.identity.is_empty() { run.file.to_string() } else { run.identity.clone() };
            let collected = runbooks.entry(key.clone()).or_insert_with(|| CollectedRunbook {
                figures: RunbookFigures {
                    file: run.file.clone(),
                    title: run.runbook.clone(),
                    runs: RunCounts::default(),
                    first_action: DurationFigures::default(),
                    recovery: DurationFigures::default(),
                    // The newest comes first.
                    last_run: run.run.clone(),
                    last_began: run.started,
                    mode: None,
                    in_a_row: 0,
                    ready_for: None,
                    rehearsed: None,
                    rehearsed_as_it_ran: None,
                },
                first_action: Vec::new(),
                recovery: Vec::new(),
                identity: None,
                configured: None,
                any: None,
            });
            let count = |streak: &mut Option<ModeStreak>| {
                *streak = streak.take().or_else(|| ModeStreak::of(&recorded));
                if let Some(streak) = streak {
                    streak.add(&recorded, &run.state);
                }
            };
            count(&mut collected.any);
            // What a person starts in a mode of their own says nothing about what nobody starts.
            if recorded.is_configured {
                count(&mut collected.configured);
            }
            if let Some((identity, _)) = &recorded.text {
                collected.identity.get_or_insert_with(|| identity.clone());
            }
            runs.count(&run.state);
            collected.figures.runs.count(&run.state);
            let began = run.started;
            let after = |at: Time, from: Time| at.since(from).base.max(0.0);
            collected.first_action.extend(recorded.first_action.map(|at| after(at, began)));
            if let RunState::Ended { outcome: Outcome::Resolved, .. } = run.state {
                // An alert that its sender dates into the future began with the run at the latest.
                let from = recorded.alert_began.map_or(began, |alert| alert.min(began));
                collected.recovery.push(after(run.changed, from));
            }
            work.machine += recorded.machine;
            work.people += recorded.people;
            work.answers += recorded.answers.len() as u64;
            for (question, answer) in recorded.answers {
                let file = collected.figures.file.clone();
                let of_question = answers.entry((key.clone(), file, question)).or_default();
                *of_question.entry(answer).or_default() += 1;
            }
        }
        let all = work.machine + work.people + work.answers;
        work.share = (all > 0).then(|| work.machine as f64 / all as f64);
        let all_of = |of: fn(&CollectedRunbook) -> &Vec<f64>| {
            DurationFigures::of(runbooks.values().flat_map(of).copied().collect())
        };
        let (first_action, recovery) = (all_of(|it| &it.first_action), all_of(|it| &it.recovery));
        let rehearsals = look.rehearsals()?;
        let mut runbooks: Vec<RunbookFigures> =
            runbooks.into_values().map(|it| it.figures(&rehearsals)).collect();
        runbooks.sort_by(|one, other| other.runs.all.cmp(&one.runs.all).then(one.file.cmp(&other.file)));
        Ok(Self {
            since,
            at: now,
            runs,
            alerts: alerts(look, since, scope)?,
            first_action,
            recovery,
            work,
            alike: alike(answers),
            runbooks,
        })
    }
}

impl CollectedRunbook {
    fn figures(self, rehearsals: &BTreeMap<String, Rehearsal>) -> RunbookFigures {
        let rehearsal = self.identity.as_ref().and_then(|identity| rehearsals.get(identity));
        let streak = self.configured.as_ref().or(self.any.as_ref());
        RunbookFigures {
            mode: streak.map(|it| it.mode().word()),
            in_a_row: streak.map_or(0, ModeStreak::in_a_row),
            ready_for: streak.and_then(ModeStreak::ready_for).map(RunMode::word),
            rehearsed: rehearsal.map(|it| it.at),
            rehearsed_as_it_ran: rehearsal.zip(streak).map(|(it, streak)| it.sha256 == streak.sha256()),
            first_action: DurationFigures::of(self.first_action),
            recovery: DurationFigures::of(self.recovery),
            ..self.figures
        }
    }
}

impl RunCounts {
    fn count(&mut self, state: &RunState) {
        self.all += 1;
        let counter = match state {
            RunState::Ended { outcome: Outcome::Resolved, .. } => &mut self.resolved,
            RunState::Ended { outcome: Outcome::Escalated, .. } => &mut self.escalated,
            RunState::Ended { outcome: Outcome::Failed, .. } => &mut self.failed,
            RunState::Ended { outcome: Outcome::Aborted, .. } => &mut self.aborted,
            RunState::Ended { outcome: Outcome::Waiting, .. }
            | RunState::Running { .. }
            | RunState::Queued { .. }
            | RunState::CutOff
            | RunState::Parked(_)
            | RunState::Answered(_)
            | RunState::Stuck { .. } => &mut self.open,
        };
        *counter += 1;
    }
}

fn alerts(
    look: &SqliteReader,
    since: Option<Time>,
    scope: Option<&RunbookScope>,
) -> Result<AlertCounts, StoreError> {
    // An alert without a runbook belongs to nobody.
    let names = if scope.is_none() { look.alerts_without_runbook(since)? } else { Vec::new() };
    let with = look.alerts_with_runbook(since)?.into_iter();
    let with = with.filter(|(runbook, _)| scope.is_none_or(|scope| scope.takes(runbook)));
    Ok(AlertCounts {
        with_runbook: with.map(|(_, alerts)| alerts).sum(),
        without_runbook: names.iter().map(|(_, alerts)| alerts).sum(),
        unhandled: names.into_iter().map(|(name, alerts)| UnhandledAlert { name, alerts }).collect(),
    })
}

/// The questions with one answer only.
fn alike(answers: BTreeMap<AskedQuestionKey, BTreeMap<String, u64>>) -> Vec<AlikeQuestion> {
    let mut found: Vec<AlikeQuestion> = Vec::new();
    for ((_, file, question), answers) in answers {
        let mut answers = answers.into_iter();
        if let (Some((answer, times)), None) = (answers.next(), answers.next())
            && times >= ALIKE
        {
            found.push(AlikeQuestion { file, question, answer, times });
        }
    }
    found.sort_by_key(|it| std::cmp::Reverse(it.times));
    found
}
