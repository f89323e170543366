//! [`ModeStreak`]: how often in a row a runbook did well in its mode, and for which mode it is ready.

use rbl_runtime::journal::{RunMode, RunState};
use rbl_runtime::{ONLY_LOOKS, Outcome};

use super::recorded_run::RecordedFigures;

/// From how many times in a row on a runbook is ready for the next mode.
const ENOUGH: u64 = 5;

/// The runs of a runbook in the mode of the newest one, with its text and those of all that it uses.
#[derive(Debug)]
pub(super) struct ModeStreak {
    mode: RunMode,
    sha256: String,
    texts: Vec<String>,
    in_a_row: u64,
    is_over: bool,
}

impl ModeStreak {
    /// Of a runbook whose newest run this is; it is not counted yet. None: it only pages.
    pub(super) fn of(newest: &RecordedFigures) -> Option<Self> {
        let (_, sha256) = newest.text.clone()?;
        Some(Self { mode: newest.mode, sha256, texts: newest.texts.clone(), in_a_row: 0, is_over: false })
    }

    /// Counts a run: in `ask` each approval, in `look` each run that found what it would do, or that nothing is to be done. What
    /// was refused, and another text or mode, ends it. Runs come the newest first.
    pub(super) fn add(&mut self, run: &RecordedFigures, state: &RunState) {
        if run.text.is_none() {
            return;
        }
        self.is_over |= run.texts != self.texts || run.mode != self.mode;
        match self.mode {
            RunMode::Act => {}
            RunMode::Ask => {
                for approved in run.approvals.iter().rev() {
                    self.is_over |= !approved;
                    self.in_a_row += u64::from(!self.is_over);
                }
            }
            RunMode::Look => match state {
                RunState::Ended { outcome, message } => {
                    self.is_over |= *outcome != Outcome::Resolved && !message.starts_with(ONLY_LOOKS);
                    self.in_a_row += u64::from(!self.is_over);
                }
                RunState::Queued { .. }
                | RunState::Running { .. }
                | RunState::CutOff
                | RunState::Parked(_)
                | RunState::Answered(_) => {}
                RunState::Stuck { .. } => self.is_over = true,
            },
        }
    }

    /// Its mode.
    pub(super) fn mode(&self) -> RunMode {
        self.mode
    }

    /// The SHA-256 of its own text, in hexadecimal.
    pub(super) fn sha256(&self) -> &str {
        &self.sha256
    }

    /// How often it did well, back from now.
    pub(super) fn in_a_row(&self) -> u64 {
        self.in_a_row
    }

    /// The mode that it is ready for; none: not yet, or there is none.
    pub(super) fn ready_for(&self) -> Option<RunMode> {
        let next = match self.mode {
            RunMode::Look => RunMode::Ask,
            RunMode::Ask => RunMode::Act,
            RunMode::Act => return None,
        };
        (self.in_a_row >= ENOUGH).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(mode: RunMode, sha256: &str, approvals: &[bool]) -> RecordedFigures {
        let text = Some(("/a.rb".into(), sha256.to_owned()));
        let texts = vec![sha256.to_owned()];
        RecordedFigures { text, texts, mode, approvals: approvals.to_vec(), ..RecordedFigures::default() }
    }

    fn ended(outcome: Outcome, message: &str) -> RunState {
        RunState::Ended { outcome, message: message.to_owned() }
    }

    fn streak(runs: &[(RecordedFigures, RunState)]) -> (u64, Option<RunMode>) {
        let mut streak = ModeStreak::of(&runs[0].0).unwrap();
        for (run, state) in runs {
            streak.add(run, state);
        }
        (streak.in_a_row(), streak.ready_for())
    }

    #[test]
    fn approvals_count_back_to_a_refusal_and_to_another_text() {
        let over = || ended(Outcome::Resolved, "done");
        let ask = |sha256: &str, approvals: &[bool]| (run(RunMode::Ask, sha256, approvals), over());
        assert_eq!(streak(&[ask("1", &[true; 5])]), (5, Some(RunMode::Act)));
        assert_eq!(streak(&[ask("1", &[true, true]), ask("1", &[true, true])]), (4, None));
        assert_eq!(
            streak(&[ask("1", &[true; 2]), ask("1", &[true, false, true]), ask("1", &[true; 9])]),
            (3, None)
        );
        assert_eq!(streak(&[ask("2", &[true]), ask("1", &[true; 9])]), (1, None), "it was changed");
        let mut library = ask("1", &[true; 9]);
        library.0.texts.push("2".into());
        assert_eq!(streak(&[ask("1", &[true]), library]), (1, None), "what it uses was changed");
        let act = (run(RunMode::Act, "1", &[]), over());
        assert_eq!(streak(&[ask("1", &[true]), act, ask("1", &[true; 9])]), (1, None));
    }

    #[test]
    fn looks_count_that_found_what_they_would_do() {
        let look = |state: RunState| (run(RunMode::Look, "1", &[]), state);
        let stopped = || look(ended(Outcome::Escalated, &format!("{ONLY_LOOKS}`x`: the mode is look")));
        let fine = || look(ended(Outcome::Resolved, "nothing to do"));
        let all = [stopped(), fine(), stopped(), look(RunState::CutOff), fine(), stopped()];
        assert_eq!(streak(&all), (5, Some(RunMode::Ask)));
        let failed = look(ended(Outcome::Escalated, "a provider is gone"));
        assert_eq!(streak(&[stopped(), failed, stopped()]), (1, None));
        let pages = (RecordedFigures::default(), ended(Outcome::Escalated, "it still fires"));
        assert!(ModeStreak::of(&pages.0).is_none());
        assert_eq!(streak(&[stopped(), pages, stopped()]), (2, None), "what only pages says nothing");
    }
}
