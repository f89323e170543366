//! [`WithoutJournal`]: a layer for a run that nothing records: it cannot be resumed, so it is never parked.
//!
//! *Invariant:* what would park it has a result here. A question that nobody can be asked is unknown, and what is not handled
//! pages; what is broken off by hand is aborted, and cleans up.

use crate::{ActTarget, Acted, Answer, AnswerAuthor, Effect, Interrupt, Parked, Reply, World};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};

/// A world in which nothing waits for a later turn.
pub struct WithoutJournal<W>(W);

impl<W: World> WithoutJournal<W> {
    /// Wraps a world.
    pub fn new(inner: W) -> Self {
        Self(inner)
    }
}

/// Why nobody answered.
fn nobody() -> Reason {
    Reason::new(
        ReasonKind::NoAnswer,
        "no answer: nobody is here, and a run that is not recorded cannot wait for one",
    )
}

impl<W: World> World for WithoutJournal<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let parked = match self.0.perform(effect) {
            Err(Interrupt::Parked(parked)) => parked,
            came => return came,
        };
        if matches!(parked, Parked::ByHand) {
            return Err(Interrupt::Aborted { by: "SIGINT".into() });
        }
        if matches!(parked, Parked::Person { .. }) {
            if let Effect::Ask(_) = effect {
                return Ok(Reply::Answered(Answer::Unknown(nobody(), AnswerAuthor::default())));
            }
            if let Effect::Act(act) = effect
                && let ActTarget::Instruction(_) = act.target
            {
                let output = CommandOutput::default();
                return Ok(Reply::Acted(Acted { result: Err(nobody()), output, by: None, remark: None }));
            }
        }
        Err(Interrupt::Parked(parked))
    }

    crate::forward_to_inner!(self => self.0);
}
