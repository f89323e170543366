//! Channels: where records are posted. A channel is one file and one line in [`KINDS`].

mod exec;
mod terminal;
mod webhook;

use std::sync::Arc;

use rbl_runtime::{AskedQuestion, Delivery, RecordEffect};
use rbl_syntax::value::Reason;

use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;

/// Every kind of channel.
pub(crate) const KINDS: &[ConnectionKind<dyn Channel>] = &[webhook::KIND, exec::KIND, terminal::KIND];

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

    /// Whether it can be reached, without posting anything: what answers, or why nothing does.
    fn test(&self) -> Result<String, Reason>;
}

/// The channel of a record where nothing better is configured: the terminal.
pub(crate) fn terminal() -> Arc<dyn Channel> {
    Arc::new(terminal::TerminalChannel)
}
