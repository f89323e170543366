//! What a person's words mean as the reply to a question or an instruction, however they reached rbl: typed at a prompt,
//! given by `rbl answer`, or scripted in a test.

pub use rbl_check::answer_reading as reading;

use rbl_syntax::clean;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};
use reading::{InstructionAnswer, YesNoAnswer};

use crate::{Acted, Answer, AnswerAuthor, AskKind};

/// Interprets a text as the answer to a question of this kind.
///
/// Errors: the text does not answer it; the message says what would.
pub fn answer(kind: &AskKind, text: &str, name: &str, vouched: bool) -> Result<Answer, String> {
    let said = |remark| answer_author(name, vouched, remark);
    let not_sure = |remark| Answer::Unknown(Reason::new(ReasonKind::NotSure, "not sure"), said(remark));
    match (kind, reading::yes_no(text)) {
        (AskKind::YesNo, Some((YesNoAnswer::Yes, remark))) => Ok(Answer::Yes(said(remark))),
        (AskKind::YesNo, Some((YesNoAnswer::No, remark))) => Ok(Answer::No(said(remark))),
        (AskKind::YesNo, Some((YesNoAnswer::NotSure, remark))) => Ok(not_sure(remark)),
        (AskKind::YesNo, None) => Err("it is answered by yes, no or \"not sure\"".into()),
        (AskKind::Choice(choices), sure) => match (reading::choice(text, choices), sure) {
            (Some(chosen), _) => Ok(Answer::Text(chosen.to_owned(), said(None))),
            (None, Some((YesNoAnswer::NotSure, remark))) => Ok(not_sure(remark)),
            (None, _) => Err(format!("it is answered by one of {}, or by \"not sure\"", choices.join(", "))),
        },
        (AskKind::Text, Some((YesNoAnswer::NotSure, None))) if text.trim() == "?" => Ok(not_sure(None)),
        (AskKind::Text, _) if text.trim().is_empty() => Err("it is answered by a text".into()),
        (AskKind::Text, _) => Ok(Answer::Text(text.to_owned(), said(None))),
        (AskKind::Secret(_), _) => Err("a secret is never recorded: type it where it is used".into()),
    }
}

/// Interprets a text as the result of an instruction.
///
/// Errors: the message says which words are understood.
pub fn did(text: &str, name: &str) -> Result<Acted, String> {
    reading::did(text).map(|(did, remark)| acted(did, name, remark)).ok_or_else(|| {
        let words = InstructionAnswer::ALL.map(InstructionAnswer::word);
        format!("it is answered by {}", words.join(", "))
    })
}

/// Who answered.
pub fn answer_author(name: &str, vouched: bool, remark: Option<String>) -> AnswerAuthor {
    AnswerAuthor { by: Some(name.to_owned()), vouched, remark: remark.map(|remark| clean(&remark)) }
}

/// The result of an instruction.
pub fn acted(did: InstructionAnswer, name: &str, remark: Option<String>) -> Acted {
    let remark = remark.map(|remark| clean(&remark));
    let kind = match did {
        InstructionAnswer::Done => None,
        InstructionAnswer::Failed => Some(ReasonKind::ProbeFailed),
        InstructionAnswer::Skipped => Some(ReasonKind::NotRun),
    };
    let words =
        remark.as_ref().map_or_else(|| did.word().into(), |remark| format!("{}: {remark}", did.word()));
    Acted {
        result: kind.map_or(Ok(()), |kind| Err(Reason::new(kind, words))),
        output: CommandOutput::default(),
        by: Some(name.to_owned()),
        remark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_answers_a_question_or_says_what_would() {
        let yes_no = |text: &str| answer(&AskKind::YesNo, text, "ana", false);
        let Ok(Answer::No(said)) = yes_no("no, it hangs") else { panic!() };
        assert_eq!((said.by.as_deref(), said.remark.as_deref()), (Some("ana"), Some("it hangs")));
        assert!(matches!(yes_no("not sure"), Ok(Answer::Unknown(..))));
        assert!(yes_no("perhaps").unwrap_err().contains("yes, no or"));
        let choice = AskKind::Choice(["red".into(), "blue".into()].into());
        assert!(matches!(answer(&choice, "2", "ana", true), Ok(Answer::Text(text, _)) if text == "blue"));
        assert!(answer(&choice, "green", "ana", true).unwrap_err().contains("red, blue"));
    }

    #[test]
    fn an_instruction_is_done_failed_or_skipped() {
        assert!(did("done", "ana").unwrap().result.is_ok());
        assert!(did("failed: no rights", "ana").unwrap().result.is_err());
        assert!(did("perhaps", "ana").is_err());
    }
}
