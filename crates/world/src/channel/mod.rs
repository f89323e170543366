//! Channels: where records are posted. A channel is one file and one line in [`KINDS`].

mod chat_answer;
mod email;
mod exec;
mod file;
mod matrix;
mod msteams;
mod opsgenie;
mod pagerduty;
mod slack;
mod terminal;
mod webhook;

use std::sync::Arc;

pub use chat_answer::{AnswerResult, ChatAnswer, ChatAnswers, InteractionRefusal, SignedInteraction};

use rbl_check::{Key, KeyKind};
use rbl_runtime::teams::TeamRules;
use rbl_runtime::{AskedQuestion, Conclude, Delivery, DeliveryTicket, RecordEffect, TicketHolder};
use rbl_syntax::value::{Reason, ReasonKind};

use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;

/// Every kind of channel.
pub(crate) const KINDS: &[ConnectionKind<dyn Channel>] = &[
    webhook::KIND,
    exec::KIND,
    file::KIND,
    slack::KIND,
    email::KIND,
    msteams::KIND,
    pagerduty::KIND,
    opsgenie::JSM_KIND,
    opsgenie::KIND,
    matrix::KIND,
    terminal::KIND,
];

/// A place that records are posted to. It is called on a thread of its own, and may be abandoned there.
///
/// *Invariant:* nothing that comes back holds a secret.
pub trait Channel: Send + Sync {
    /// Posts it: who was reached, or why nobody was.
    fn post(&self, record: &RecordEffect, outlet: &Outlet) -> Result<Delivery, Reason>;

    /// Brings a question that waits to those who read this channel: who was reached, or why nobody was. `record` is the same as a
    /// text; a channel that knows nothing better posts that.
    fn ask(
        &self,
        question: &AskedQuestion,
        record: &RecordEffect,
        outlet: &Outlet,
    ) -> Result<Delivery, Reason> {
        let _ = question;
        self.post(record, outlet)
    }

    /// Whether people answer questions in it: then a server listens.
    fn hears_answers(&self) -> bool {
        false
    }

    /// What became of the next of the answers of the last [`listen`](Self::listen) is on disk: the channel may say that it has arrived.
    fn recorded(&self) {}

    /// Listens for a few seconds to the answers that were given behind this place; `None`: to the newest ones.
    fn listen(&self, _place: Option<&str>, _teams: &TeamRules) -> Result<ChatAnswers, Reason> {
        Err(hears_nothing())
    }

    /// Says to whoever gave an answer what became of it.
    fn reply(&self, _heard: &ChatAnswer, _said: &AnswerResult) -> Result<(), Reason> {
        Err(hears_nothing())
    }

    /// Takes a signed request of the chat: what it holds is heard by the next [`Self::listen`].
    fn take_interaction(&self, _request: &SignedInteraction<'_>) -> Result<(), InteractionRefusal> {
        Err(InteractionRefusal::NotConfigured)
    }

    /// Reports to it how the run ended, for a kind whose tickets say that it hears of that.
    fn conclude(&self, _it: &Conclude, _outlet: &Outlet) -> Result<Delivery, Reason> {
        Err(crate::team::nothing_to_conclude())
    }

    /// What becomes of a second try with the same key.
    fn redelivery(&self) -> Redelivery {
        Redelivery::Twice
    }

    /// Whether it can be reached, without posting anything: what answers, or why nothing does.
    fn test(&self) -> Result<String, Reason>;
}

/// No such kind is listened to.
pub(crate) fn hears_nothing() -> Reason {
    Reason::new(ReasonKind::NotRun, "nobody answers in this channel")
}

/// The team whose page a note belongs to.
const TEAM: Key = Key::needed(
    "team",
    KeyKind::Plain,
    "the team of `[teams]` of the same kind: notes go to what its page has opened in this run",
);

/// What the last page of the run through this team opened.
///
/// Errors: the run has not paged it.
fn page_of<'r>(record: &'r RecordEffect, team: &str) -> Result<&'r str, Reason> {
    let is_its =
        |ticket: &&DeliveryTicket| matches!(&ticket.through, TicketHolder::Team(name) if name == team);
    record.pages.iter().rev().find(is_its).map(|ticket| ticket.id.as_str()).ok_or_else(|| {
        Reason::new(
            ReasonKind::NoData,
            format!("this run has not paged {team}: there is nothing to note it on"),
        )
    })
}

/// The channel of a record where nothing better is configured: the terminal.
pub(crate) fn terminal() -> Arc<dyn Channel> {
    Arc::new(terminal::TerminalChannel)
}
