//! An answer that was given beforehand (`rbl answer RUN ANSWER`), for the question the run was parked at.

use super::reading::{self, Did, Verdict};
use super::terminal::{acted, said};
use super::{Person, Room};
use crate::run::{Act, Acted, Answer, Ask, AskKind, Interrupt, Parked};
use crate::value::{Reason, ReasonKind};
use crate::world::team::Standing;

/// Answers one question, the one of that prompt, and leaves all others to somebody else. An answer that does not fit
/// the question parks the run there again.
pub struct Given<P> {
    prompt: String,
    answer: Option<String>,
    other: P,
}

impl<P: Person> Given<P> {
    /// This answer to this question or instruction; everything else is asked of `other`.
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
        let said = |remark| said(room.name, vouched, remark);
        let not_sure = || Reason::new(ReasonKind::NotSure, "not sure");
        let answer = match &ask.kind {
            AskKind::YesNo => reading::yes_no(&text).map(|(verdict, remark)| match verdict {
                Verdict::Yes => Answer::Yes(said(remark)),
                Verdict::No => Answer::No(said(remark)),
                Verdict::NotSure => Answer::Unknown(not_sure(), said(remark)),
            }),
            AskKind::Text if text.trim().is_empty() => None,
            AskKind::Text => Some(Answer::Text(text.clone(), said(None))),
            AskKind::Secret(key) => {
                room.secrets.keep(key, text.clone());
                Some(Answer::SecretKept(said(None)))
            }
            AskKind::Choice(choices) => {
                reading::choice(&text, choices).map(|chosen| Answer::Text(chosen.to_owned(), said(None)))
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
                if let Some((did, remark)) = reading::did(&text) {
                    return Ok(acted(did, room.name, remark));
                }
                let words = Did::ALL.map(Did::word).join(", ");
                room.console.line(&format!("`{}` is none of {words}", text.escape_debug()));
                Err(unread(instruction))
            }
        }
    }
}
