//! [`Given`]: a person whose answer was given beforehand (`rbl answer RUN ANSWER`), for the question of a parked run.

use super::reading::{self, Did, Verdict};
use super::terminal::{acted, said};
use super::{Person, Room};
use crate::run::{Act, Acted, Answer, Ask, AskKind, Interrupt, Parked};
use crate::value::{Reason, ReasonKind};
use crate::world::team::Standing;

/// Answers the one question with this prompt, and passes all others on. An answer that does not fit the question parks
/// the run there again.
pub struct Given<P> {
    prompt: String,
    answer: Option<String>,
    other: P,
}

impl<P: Person> Given<P> {
    /// Gives this answer to this question or instruction; everything else goes to `other`.
    pub fn new(prompt: impl Into<String>, answer: impl Into<String>, other: P) -> Self {
        Self { prompt: prompt.into(), answer: Some(answer.into()), other }
    }

    fn take(&mut self, prompt: &str, team: Option<&str>, room: &Room<'_>) -> Result<Taken, Interrupt> {
        if prompt != self.prompt {
            return Ok(Taken::NotMine);
        }
        let Some(answer) = self.answer.take() else { return Ok(Taken::NotMine) };
        match room.members.standing(team, room.name) {
            Standing::May { vouched } => Ok(Taken::Answer(answer, vouched)),
            Standing::MayNot(members) => {
                room.console.line(&super::terminal::not_allowed(room.name, &members));
                Err(unread(prompt))
            }
        }
    }
}

enum Taken {
    NotMine,
    Answer(String, bool),
}

fn unread(prompt: &str) -> Interrupt {
    Interrupt::Parked(Parked::Person(prompt.to_owned()))
}

impl<P: Person> Person for Given<P> {
    fn ask(&mut self, ask: &Ask, room: &mut Room<'_>) -> Result<Answer, Interrupt> {
        let (text, vouched) = match self.take(&ask.prompt, ask.by.as_deref(), room)? {
            Taken::NotMine => return self.other.ask(ask, room),
            Taken::Answer(text, vouched) => (text, vouched),
        };
        let answer = match &ask.kind {
            AskKind::Secret(key) => {
                room.secrets.keep(key, text.clone());
                Some(Answer::SecretKept(said(room.name, vouched, None)))
            }
            AskKind::YesNo | AskKind::Text | AskKind::Choice(_) => {
                answer(&ask.kind, &text, room.name, vouched).ok()
            }
        };
        answer.ok_or_else(|| {
            room.console.line(&format!("`{}` does not answer: {}", text.escape_debug(), ask.prompt));
            unread(&ask.prompt)
        })
    }

    fn instruct(&mut self, act: &Act, instruction: &str, room: &mut Room<'_>) -> Result<Acted, Interrupt> {
        match self.take(instruction, act.by.as_deref(), room)? {
            Taken::NotMine => self.other.instruct(act, instruction, room),
            Taken::Answer(text, _) => {
                if let Ok(acted) = did(&text, room.name) {
                    return Ok(acted);
                }
                let words = Did::ALL.map(Did::word).join(", ");
                room.console.line(&format!("`{}` is none of {words}", text.escape_debug()));
                Err(unread(instruction))
            }
        }
    }
}

/// Interprets a text as the answer to a question of this kind.
///
/// Errors: the text does not answer it; the message says what would.
pub fn answer(kind: &AskKind, text: &str, name: &str, vouched: bool) -> Result<Answer, String> {
    let said = |remark| said(name, vouched, remark);
    let not_sure = |remark| Answer::Unknown(Reason::new(ReasonKind::NotSure, "not sure"), said(remark));
    match (kind, reading::yes_no(text)) {
        (AskKind::YesNo, Some((Verdict::Yes, remark))) => Ok(Answer::Yes(said(remark))),
        (AskKind::YesNo, Some((Verdict::No, remark))) => Ok(Answer::No(said(remark))),
        (AskKind::YesNo, Some((Verdict::NotSure, remark))) => Ok(not_sure(remark)),
        (AskKind::YesNo, None) => Err("it is answered by yes, no or \"not sure\"".into()),
        (AskKind::Choice(choices), sure) => match (reading::choice(text, choices), sure) {
            (Some(chosen), _) => Ok(Answer::Text(chosen.to_owned(), said(None))),
            (None, Some((Verdict::NotSure, remark))) => Ok(not_sure(remark)),
            (None, _) => Err(format!("it is answered by one of {}, or by \"not sure\"", choices.join(", "))),
        },
        (AskKind::Text, Some((Verdict::NotSure, None))) if text.trim() == "?" => Ok(not_sure(None)),
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
        let words = Did::ALL.map(Did::word);
        format!("it is answered by {}", words.join(", "))
    })
}
