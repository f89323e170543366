//! The people of a test: they answer as given, after the given time. Without an answer, the question times out.

use super::script::GivenAnswer;
use super::{ByName, Scripted};
use rbl_runtime as run;
use rbl_runtime::answer::reading;
use rbl_runtime::answer::reading::YesNoAnswer;
use rbl_runtime::{AnswerAuthor, Ask, AskKind};
use rbl_syntax::value::{Quantity, Reason, ReasonKind};

/// Who answers in a test.
pub(super) const NAME: &str = "the test";

/// The answers by question, and how often each was asked.
#[derive(Debug, Default)]
pub(super) struct ScriptedAnswers {
    by_question: ByName<(Vec<GivenAnswer>, usize)>,
}

impl ScriptedAnswers {
    /// Adds an answer after the others to the same question; `anew`: replaces them.
    pub(super) fn give(&mut self, answer: &GivenAnswer, anew: bool) {
        let (answers, asked) = self.by_question.entry(answer.question.as_str().into()).or_default();
        if anew {
            answers.clear();
            *asked = 0;
        }
        answers.push(answer.clone());
    }

    /// Whether this question is answered at all.
    pub(super) fn has(&self, question: &str) -> bool {
        self.by_question.contains_key(question)
    }

    /// The answer to a question that is asked now: one after the other, and then the last one each time.
    pub(super) fn next(&mut self, question: &str) -> Option<GivenAnswer> {
        let (answers, asked) = self.by_question.get_mut(question)?;
        let answer = answers.get(*asked).or(answers.last()).cloned();
        *asked += 1;
        answer
    }
}

pub(super) fn no_answer(within: f64) -> Reason {
    Reason::new(ReasonKind::NoAnswer, format!("no answer within {}", Quantity::seconds(within)))
}

impl Scripted {
    /// The person who answers belongs to the team that has to.
    pub(super) fn person(&self, team: Option<&String>) -> AnswerAuthor {
        AnswerAuthor { by: Some(self.who.to_owned()), vouched: team.is_some(), remark: None }
    }

    /// The person's answer.
    pub(super) fn ask(&mut self, ask: &Ask) -> run::Answer {
        let Some(answer) = self.answers.next(&ask.prompt).filter(|answer| answer.after <= ask.within) else {
            self.clock.pass(ask.within);
            return run::Answer::Unknown(no_answer(ask.within), AnswerAuthor::default());
        };
        self.clock.pass(answer.after);
        let person = self.person(ask.by.as_ref());
        let said = |remark| AnswerAuthor { remark, ..person.clone() };
        let text = answer.with;
        let not_sure =
            |remark| run::Answer::Unknown(Reason::new(ReasonKind::NotSure, "not sure"), said(remark));
        match &ask.kind {
            AskKind::Secret(_) => run::Answer::SecretKept(said(None)),
            AskKind::YesNo => yes_or_no(text, &person),
            AskKind::Choice(choices) => match reading::choice(&text, choices) {
                Some(choice) => run::Answer::Text(choice.to_owned(), said(None)),
                None if is_not_sure(&text) => not_sure(None),
                None => run::Answer::Text(text, said(None)),
            },
            AskKind::Text if is_not_sure(&text) => not_sure(None),
            AskKind::Text => run::Answer::Text(text, said(None)),
        }
    }
}

/// The answer of a person to a yes/no question.
pub(super) fn yes_or_no(text: String, person: &AnswerAuthor) -> run::Answer {
    let said = |remark| AnswerAuthor { remark, ..person.clone() };
    match reading::yes_no(&text) {
        Some((YesNoAnswer::Yes, remark)) => run::Answer::Yes(said(remark)),
        Some((YesNoAnswer::No, remark)) => run::Answer::No(said(remark)),
        Some((YesNoAnswer::NotSure, remark)) => {
            run::Answer::Unknown(Reason::new(ReasonKind::NotSure, "not sure"), said(remark))
        }
        None => run::Answer::Text(text, said(None)),
    }
}

/// The ways to answer "not sure" to a question of any kind.
fn is_not_sure(text: &str) -> bool {
    matches!(reading::yes_no(text), Some((YesNoAnswer::NotSure, None)))
}
