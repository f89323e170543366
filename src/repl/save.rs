//! `:save`: writes the walk through the loaded runbook as a test, with what was given, answered and read.

use std::path::{Path, PathBuf};

use super::evaluate::Repl;
use rbl_project::files;
use rbl_runtime::journal::LoggedEffect;
use rbl_runtime::{ActTarget, Answer, AnswerAuthor, Ask, AskKind, Effect, Reply};
use rbl_syntax::value::ReasonKind;
use rbl_terminal::Tone;
use rbl_testing::from_recording::{RecordingError, recorded_premise};
use rbl_testing::test_writer::{WrittenTest, beside, put_in, test_of};

impl Repl {
    /// Executes `:save [FILE]`; without a file, the test goes into the test file beside the runbook.
    pub(super) fn save(&mut self, file: Option<&str>) {
        let Some(loaded) = &self.loaded else {
            return self
                .output
                .refuse("there is nothing to test: `:load FILE`, walk it to its end, then `:save`");
        };
        let stepper = &loaded.stepper;
        let Some(ended) = stepper.ended() else {
            return self.output.refuse("a test needs an end: `:continue` walks there");
        };
        let (program, shown) = (stepper.program().clone(), loaded.file.clone());
        let title = format!("as in a session: {}", ended.outcome);
        let heard = with_approvals(stepper.performed_effects());
        let Some(path) = file.map(PathBuf::from).or_else(|| beside(Path::new(&shown))) else {
            return self.output.refuse("`:save FILE_test.rb`: the runbook's name gives no test file");
        };
        let recalled = match recorded_premise(&program, stepper.start(), false, &heard) {
            Ok(recalled) => recalled,
            Err(RecordingError::Unfinished(why) | RecordingError::Other(why)) => {
                return self.output.refuse(&format!("this walk is no test: {why}"));
            }
        };
        let text = match test_of(&program, &title, &recalled.premise, &recalled.performed) {
            Ok(text) => text,
            Err(why) => return self.output.refuse(&format!("this walk is no test: {why}")),
        };
        let put = match put_in(&path, Path::new(&shown), &[WrittenTest { title, text }]) {
            Ok(put) => put,
            Err(why) => return self.output.refuse(&why),
        };
        let path = put.path.display();
        let title = put.titles.first().cloned().unwrap_or_default();
        let how = if put.new { "a new file" } else { "after its other tests" };
        self.output.line(&format!("saved in `{path}`, {how}: test \"{title}\""));
        self.output.faint(&format!("`rbl test {path}` runs it"));
        if let Some(difference) = recalled.differs {
            self.output
                .say(Tone::Warning, &format!("the test takes another path than this walk did: {difference}"));
        }
        if files::read(Path::new(&shown)).is_ok_and(|now| self.was_loaded_otherwise(&now)) {
            let text =
                format!("`{shown}` has changed since it was loaded: the test is of the text that was walked");
            self.output.say(Tone::Warning, &text);
        }
    }

    fn was_loaded_otherwise(&self, now: &str) -> bool {
        self.loaded.as_ref().is_some_and(|it| {
            let program = it.stepper.program();
            program.sources().iter().next().is_some_and(|(_, source)| source.text() != now)
        })
    }
}

/// The effects as a run would record them: an action that needs approval is preceded by its question and answer.
fn with_approvals(heard: &[LoggedEffect]) -> Vec<LoggedEffect> {
    let mut all = Vec::with_capacity(heard.len());
    for one in heard {
        let (Effect::Act(act), Reply::Acted(acted)) = (&one.effect, &one.reply) else {
            all.push(one.clone());
            continue;
        };
        if matches!(act.target, ActTarget::Instruction(_)) {
            all.push(one.clone());
            continue;
        }
        let refused = acted.result.as_ref().err().filter(|why| is_refusal(why.kind)).cloned();
        if act.by.is_some() {
            let said = AnswerAuthor { by: acted.by.clone(), vouched: true, remark: acted.remark.clone() };
            let answer = match &refused {
                Some(why) => Answer::Unknown(why.clone(), said),
                None => Answer::Yes(said),
            };
            all.push(LoggedEffect {
                effect: Effect::Ask(Ask {
                    kind: AskKind::YesNo,
                    prompt: act.title.clone(),
                    by: act.by.clone(),
                    within: act.within,
                    showing: Vec::new(),
                    links: Vec::new(),
                    permits: None,
                }),
                reply: Reply::Answered(answer),
                at: one.at,
                took: 0.0,
            });
        }
        all.extend(refused.is_none().then(|| one.clone()));
    }
    all
}

/// Whether an action that is no instruction failed because its team did not approve it: the team declined, was not sure,
/// or did not answer. Only a person's answer has these kinds.
fn is_refusal(kind: ReasonKind) -> bool {
    match kind {
        ReasonKind::NotApproved | ReasonKind::NotSure | ReasonKind::NoAnswer => true,
        ReasonKind::NoData
        | ReasonKind::ManySeries
        | ReasonKind::NotANumber
        | ReasonKind::Infinite
        | ReasonKind::Stale
        | ReasonKind::TimedOut
        | ReasonKind::StillRuns
        | ReasonKind::Unreachable
        | ReasonKind::ProviderError
        | ReasonKind::BadAnswer
        | ReasonKind::Partial
        | ReasonKind::NoHistory
        | ReasonKind::Gap
        | ReasonKind::ProbeFailed
        | ReasonKind::NoField
        | ReasonKind::Unreadable
        | ReasonKind::NoValue
        | ReasonKind::TooLarge
        | ReasonKind::Empty
        | ReasonKind::OnlyLooks
        | ReasonKind::LimitReached
        | ReasonKind::Cut
        | ReasonKind::NotUtf8
        | ReasonKind::Masked
        | ReasonKind::Altered
        | ReasonKind::NotRun => false,
    }
}
