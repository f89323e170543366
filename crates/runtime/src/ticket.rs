//! [`DeliveryTicket`]: what a page or a record left at a service, and [`Conclude`]: how that hears of the end of the run.
//!
//! *Why an effect:* a page that nobody takes back wakes the next one for nothing. The end of the run is reported to the service like
//! everything else that leaves a run: durable before, and once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::exit::WalkResult;
use super::finish::Finished;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::{Delivery, Effect, EventKind, Outcome, Reply};

/// What a delivery left at a service that can be asked about it, or has to hear how the run ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryTicket {
    /// Who delivered it. Of a page that was passed on, the one that did in the end.
    pub through: TicketHolder,
    /// What the service calls it, or what we called it there.
    pub id: String,
    /// Whether the service knows who acknowledged it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub acknowledges: bool,
    /// Which ends of the run it hears of.
    pub hears: EndNotice,
    /// Of a question in a channel: its own message, where the channel shows there what was answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
}

/// Who delivered something, by the name in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TicketHolder {
    /// A team.
    Team(SmolStr),
    /// A channel.
    Channel(SmolStr),
}

/// Which ends of a run a service hears of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndNotice {
    /// None.
    Nothing,
    /// Only that it was resolved: the page is taken back.
    Resolved,
    /// Every one: a message shows the state of the run.
    Every,
}

/// Tell a service how the run ended, or how a question did that was brought to somebody through it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conclude {
    /// What the run left there.
    pub ticket: DeliveryTicket,
    /// How the run ended.
    pub outcome: Outcome,
    /// The same in words.
    pub message: String,
    /// The title of the runbook.
    pub runbook: String,
    /// Idempotency key.
    pub key: String,
    /// The question that does not wait any more; `None`: the run ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub question: Option<ClosedAsking>,
}

/// A question that was brought to somebody, and does not wait any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClosedAsking {
    /// What was asked.
    pub text: String,
    /// How it ended: `yes, by ana`, `no answer within 30m`.
    pub answer: String,
}

impl TicketHolder {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Team(name) | Self::Channel(name) => name,
        }
    }
}

impl Interpreter<'_, '_> {
    /// Remembers what a delivery left at a service.
    pub(super) fn keep_ticket(&mut self, delivery: &Delivery) {
        if let Some(ticket) = &delivery.ticket
            && ticket.hears != EndNotice::Nothing
            && !self.tickets.contains(ticket)
        {
            self.tickets.push(ticket.clone());
        }
    }

    /// Reports to every service that has to hear it how the run ended. What goes wrong there is kept in the story and changes
    /// nothing.
    pub(super) fn conclude(&mut self, finished: &Finished) {
        if finished.parked.is_some() {
            return;
        }
        let resolved = finished.outcome == Outcome::Resolved;
        let hears = |ticket: &DeliveryTicket| match ticket.hears {
            EndNotice::Nothing => false,
            EndNotice::Resolved => resolved,
            EndNotice::Every => true,
        };
        let mut tickets = std::mem::take(&mut self.tickets);
        for ticket in self.question_tickets() {
            if !tickets.iter().any(|it| it.through == ticket.through && it.id == ticket.id) {
                tickets.push(ticket);
            }
        }
        let tickets: Vec<DeliveryTicket> = tickets.into_iter().filter(hears).collect();
        for (ticket, number) in tickets.into_iter().zip(1..) {
            // An interrupt here ends nothing that is not over.
            if self.conclude_one(ticket, number, finished).is_err() {
                return;
            }
        }
    }

    fn conclude_one(&mut self, ticket: DeliveryTicket, number: u32, finished: &Finished) -> WalkResult<()> {
        let takes_back = matches!(ticket.through, TicketHolder::Team(_));
        let name = ticket.through.name().to_owned();
        let effect = Effect::Conclude(Conclude {
            ticket,
            outcome: finished.outcome,
            message: finished.message.clone(),
            runbook: self.frame.title.clone(),
            key: format!("{}/end-{number}", self.run_id),
            question: None,
        });
        let reply = self.perform(&effect)?;
        let delivered = if let Reply::Delivered(delivered) = reply { delivered } else { Err(other_kind()) };
        let text = match (delivered, takes_back) {
            (Ok(delivery), true) => format!("the page to {name} was resolved ({})", delivery.by),
            (Ok(_), false) => return Ok(()),
            (Err(why), true) => {
                format!("the page to {name} could not be resolved: {why}; resolve it by hand")
            }
            (Err(why), false) => format!("{name} does not show how the run ended: {why}"),
        };
        self.story.line(text.clone());
        self.report_run(|_| EventKind::Noted { text });
        Ok(())
    }
}
