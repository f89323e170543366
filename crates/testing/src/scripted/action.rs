//! Actions in a test: they succeed at once, unless the test says otherwise. Instructions are done by the test's person.

use super::Scripted;
use super::by_name::NameKey;
use super::person::no_answer;
use super::script::ActionBehaviour;
use rbl_runtime::answer::reading;
use rbl_runtime::answer::reading::InstructionAnswer;
use rbl_runtime::{Act, ActTarget, Acted};
use rbl_syntax::value::{CommandOutput, Quantity, Reason, ReasonKind};

/// Everything a test gives for one action.
#[derive(Debug, Default)]
struct Course {
    /// Whether anything is given.
    said: bool,
    fails: bool,
    /// The error it fails with.
    error: Option<String>,
    hangs: bool,
    takes: f64,
    prints: String,
}

impl Scripted {
    /// Performs an action, after the time it takes.
    pub(super) fn act(&mut self, act: &Act) -> Acted {
        if let Some(refused) = self.over_its_limit(act) {
            return refused;
        }
        self.counted.count(act, self.clock.seconds());
        let by = match self.approval(act) {
            Ok(by) => by,
            Err(refused) => {
                self.refused.push((act.key.clone(), act.attempt));
                return *refused;
            }
        };
        let course = self.course(act);
        let mut acted = match &act.target {
            ActTarget::Instruction(text) if !course.said => self.instructed(act, text),
            ActTarget::Instruction(_) | ActTarget::Command(_) | ActTarget::Executor { .. } => {
                self.carried_out(act, course)
            }
        };
        acted.by = acted.by.or(by);
        if acted.result.is_ok() {
            self.succeeded(act);
        }
        acted
    }

    /// Whether anything is given of an action.
    pub(super) fn is_action_given(&self, act: &Act) -> bool {
        let answered = |text: &str| self.answers.has(text);
        self.over_its_limit(act).is_some()
            || self.course(act).said
            || self.approvals.has(act)
            || matches!(&act.target, ActTarget::Instruction(text) if answered(text))
    }

    fn course(&self, act: &Act) -> Course {
        let now = self.clock.seconds();
        let mut course = Course::default();
        let given = self.actions.found(|| NameKey::of_act(act));
        for (_, action) in given.filter(|(from, it)| *from <= now && it.name.names(act)) {
            course.said = true;
            match &action.how {
                ActionBehaviour::Fails(text) => {
                    (course.fails, course.hangs) = (true, false);
                    course.error.clone_from(text);
                }
                ActionBehaviour::Hangs => (course.hangs, course.fails) = (true, false),
                ActionBehaviour::Takes(seconds) => course.takes = *seconds,
                ActionBehaviour::Prints(text) => course.prints.clone_from(text),
            }
        }
        course
    }

    fn carried_out(&self, act: &Act, course: Course) -> Acted {
        let person = matches!(act.target, ActTarget::Instruction(_));
        let late = course.hangs || course.takes > act.within;
        self.clock.pass(if late { act.within } else { course.takes });
        let failure = match (late, course.fails) {
            (true, _) if person => Some(no_answer(act.within)),
            (true, _) => {
                let text = format!("timed out after {}", Quantity::seconds(act.within));
                Some(Reason::new(ReasonKind::TimedOut, text))
            }
            (false, true) => Some(failure(course.error.as_deref(), &act.target)),
            (false, false) => None,
        };
        let status = match (&failure, late) {
            (None, _) => Some(0),
            (Some(_), false) => Some(1),
            (Some(_), true) => None,
        };
        let output = CommandOutput {
            status,
            trouble: failure.clone().filter(|_| late),
            stdout: if late { String::new() } else { course.prints.clone() },
            stderr: course.error.filter(|_| course.fails && !late).unwrap_or_default(),
            ..CommandOutput::default()
        };
        let did = person && !late;
        Acted {
            result: failure.map_or(Ok(()), Err),
            output: if person { CommandOutput::default() } else { output },
            by: did.then(|| self.who.to_owned()),
            remark: did.then_some(course.prints).filter(|text| !text.is_empty()),
        }
    }

    /// A person does what an `answer` says; without one, nobody answers.
    fn instructed(&mut self, act: &Act, instruction: &str) -> Acted {
        let nothing = CommandOutput::default;
        let silence = |this: &Self| {
            this.clock.pass(act.within);
            let result = Err(no_answer(act.within));
            Acted { result, output: nothing(), by: None, remark: None }
        };
        let Some(answer) = self.answers.next(instruction).filter(|answer| answer.after <= act.within) else {
            return silence(self);
        };
        self.clock.pass(answer.after);
        let Some((did, remark)) = reading::did(&answer.with) else { return silence(self) };
        let words = || match &remark {
            Some(remark) => format!("{}: {remark}", did.word()),
            None => did.word().to_owned(),
        };
        let result = match did {
            InstructionAnswer::Done => Ok(()),
            InstructionAnswer::Failed => Err(Reason::new(ReasonKind::ProbeFailed, words())),
            InstructionAnswer::Skipped => Err(Reason::new(ReasonKind::NotRun, words())),
        };
        Acted { result, output: nothing(), by: self.person(act.by.as_ref()).by, remark }
    }
}

/// Why an action failed, in the words of its executor.
fn failure(text: Option<&str>, target: &ActTarget) -> Reason {
    let words = match (target, text) {
        (ActTarget::Command(_), Some(text)) => format!("exit code 1: {text}"),
        (ActTarget::Command(_), None) => "exit code 1".to_owned(),
        (ActTarget::Instruction(_), Some(text)) => format!("failed: {text}"),
        (ActTarget::Executor { .. }, Some(text)) => text.to_owned(),
        (ActTarget::Instruction(_) | ActTarget::Executor { .. }, None) => "failed".to_owned(),
    };
    Reason::new(ReasonKind::ProbeFailed, words)
}
