//! [`Confirm`]: a layer that asks before every action.

use crate::{Act, ActTarget, Acted, Answer, AnswerAuthor, Ask, AskKind, Effect, Interrupt, Reply, World};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};

/// The time limit of the question in seconds; after it, nothing is done.
const WITHIN: f64 = 30.0 * 60.0;

/// A world with a question before every action. An instruction needs none: the person who would confirm it is the one
/// who does it.
pub struct Confirm<W>(W);

impl<W: World> Confirm<W> {
    /// Wraps a world.
    pub fn new(inner: W) -> Self {
        Self(inner)
    }
}

impl<W: World> World for Confirm<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let Effect::Act(act) = effect else { return self.0.perform(effect) };
        if matches!(act.target, ActTarget::Instruction(_)) {
            return self.0.perform(effect);
        }
        let Reply::Answered(answer) = self.0.perform(&Effect::Ask(question(act)))? else {
            return Ok(refused("not confirmed: no answer".to_owned(), AnswerAuthor::default()));
        };
        match answer {
            Answer::Yes(_) => self.0.perform(effect),
            Answer::Unknown(reason, said) => Ok(refused(format!("not confirmed: {}", reason.text), said)),
            Answer::No(said) | Answer::Text(_, said) | Answer::SecretKept(said) => {
                let by = said.by.clone().unwrap_or_else(|| "anybody".into());
                Ok(refused(format!("not confirmed by {by}"), said))
            }
        }
    }

    crate::forward_to_inner!(self => self.0);
}

fn question(act: &Act) -> Ask {
    let place = act.host.as_ref().map_or_else(String::new, |host| format!(" on {host}"));
    let again = if act.attempt > 1 { format!(" (try {})", act.attempt) } else { String::new() };
    Ask {
        kind: AskKind::YesNo,
        prompt: format!("Do this now{again}? {}{place}", act.title),
        by: None,
        within: WITHIN,
        showing: Vec::new(),
        links: Vec::new(),
        permits: None,
    }
}

fn refused(text: String, said: AnswerAuthor) -> Reply {
    Reply::Acted(Acted {
        result: Err(Reason::new(ReasonKind::NotRun, text)),
        output: CommandOutput::default(),
        by: said.by,
        remark: said.remark,
    })
}
