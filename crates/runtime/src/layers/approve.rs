//! [`Approve`]: a layer that asks the team an action is `by`, before the action runs.
//!
//! *Why a layer:* a run can be parked overnight for an approval, and it is certain that the action was not started.

use crate::{Act, ActTarget, Acted, Answer, Ask, AskKind, Effect, Interrupt, Reply, World};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};

/// A world in which nothing that needs an approval is done without one. An instruction needs none: the team itself does
/// it.
pub struct Approve<W>(W);

impl<W: World> Approve<W> {
    /// Wraps a world.
    pub fn new(inner: W) -> Self {
        Self(inner)
    }
}

impl<W: World> World for Approve<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let Effect::Act(act) = effect else { return self.0.perform(effect) };
        let Some(team) = act.by.as_ref().filter(|_| !matches!(act.target, ActTarget::Instruction(_))) else {
            return self.0.perform(effect);
        };
        let Reply::Answered(answer) = self.0.perform(&Effect::Ask(question(act, team)))? else {
            return Ok(Reply::Acted(refused(ReasonKind::NotApproved, "not approved: no answer")));
        };
        let by = match approved(answer) {
            Ok(by) => by,
            Err(refused) => return Ok(Reply::Acted(*refused)),
        };
        let mut reply = self.0.perform(&Effect::Act(Act { by: None, ..act.clone() }))?;
        if let Reply::Acted(acted) = &mut reply {
            acted.by = acted.by.take().or(by);
        }
        Ok(reply)
    }

    crate::forward_to_inner!(self => self.0);
}

/// Who approved an action; an error: the result of the action that was not done.
pub fn approved(answer: Answer) -> Result<Option<String>, Box<Acted>> {
    let (refused, said) = match answer {
        Answer::Yes(said) => return Ok(said.by),
        Answer::Unknown(reason, said) => {
            (refused(reason.kind, &format!("not approved: {}", reason.text)), said)
        }
        Answer::No(said) | Answer::Text(_, said) | Answer::SecretKept(said) => {
            let text = format!("not approved by {}", said.by.as_deref().unwrap_or("anybody"));
            (refused(ReasonKind::NotApproved, &text), said)
        }
    };
    Err(Box::new(Acted { by: said.by, remark: said.remark, ..refused }))
}

fn question(act: &Act, team: &str) -> Ask {
    let place = act.host.as_ref().map_or_else(String::new, |host| format!(" on {host}"));
    Ask {
        kind: AskKind::YesNo,
        prompt: format!("{team}: is this to be done? {}{place}", act.title),
        by: Some(team.to_owned()),
        within: act.within,
        showing: act
            .target
            .exact_evidence(&act.title)
            .into_iter()
            .chain(act.showing.iter().cloned())
            .collect(),
        links: act.links.clone(),
        permits: None,
    }
}

fn refused(kind: ReasonKind, text: &str) -> Acted {
    Acted { result: Err(Reason::new(kind, text)), output: CommandOutput::default(), by: None, remark: None }
}
