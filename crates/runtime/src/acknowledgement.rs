//! `acknowledged within D`: waits until somebody of the team that was paged has acknowledged it.

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::{Acknowledge, DeliveryTicket, Effect, EventKind, Reply, Then};
use rbl_syntax::tree::Escalate;
use rbl_syntax::value::{Quantity, Reason, ReasonKind};

impl<'p> Interpreter<'p, '_> {
    /// Waits for the acknowledgement of a page that was delivered, and takes the `else` where it did not come in time.
    pub(super) fn acknowledged(
        &mut self,
        (team, reason): (&str, &str),
        ticket: Option<DeliveryTicket>,
        within: f64,
        escalate: &'p Escalate,
    ) -> WalkResult<()> {
        let span = escalate.acknowledged.as_ref().map_or(escalate.team.span(), |within| within.span);
        self.report(span, |_| EventKind::Waiting {
            condition: Some(format!("{team} has acknowledged the page")),
            within,
            every: None,
            held: None,
        });
        let begun = self.clock()?;
        let effect = Effect::Acknowledge(Acknowledge {
            team: team.to_owned(),
            reason: reason.to_owned(),
            within,
            key: self.key(span),
            ticket,
        });
        let reply = self.perform(&effect)?;
        self.forget_readings();
        let answer = if let Reply::Acknowledged(answer) = reply { answer } else { Err(other_kind()) };
        let elapsed = match (begun, self.clock()?) {
            (Some(begun), Some(now)) => now.since(begun).base.max(0.0),
            _ => within,
        };
        let then = match &answer {
            Ok(_) => Then::GoesOn,
            Err(_) => self.arm("else", escalate.otherwise.as_ref()),
        };
        let line = match &answer {
            Ok(author) => {
                let by = author.by.as_deref().unwrap_or("somebody");
                format!(
                    "the page to {team} was acknowledged by {by} after {}",
                    Quantity::seconds(elapsed.round())
                )
            }
            Err(why) => format!("the page to {team} was {why}"),
        };
        self.note(span, &line);
        self.report(span, |_| EventKind::Acknowledged {
            team: team.to_owned(),
            answer: answer.clone(),
            elapsed,
            then,
        });
        match (answer, &escalate.otherwise) {
            (Ok(_), _) => Ok(()),
            (Err(_), Some(arm)) => self.block(&arm.block),
            (Err(why), None) => {
                let what = format!("the page to {team} was {why}, and the escalate has no `else`");
                Err(self.unhandled(span, what))
            }
        }
    }
}

/// Why a page counts as not acknowledged when its time is up.
pub fn not_acknowledged(within: f64) -> Reason {
    Reason::new(ReasonKind::NoAnswer, format!("not acknowledged within {}", Quantity::seconds(within)))
}
