//! Shows a record on the terminal, for a channel without a better way.

use super::Channel;
use crate::run::{Delivery, Record};
use crate::value::Reason;
use crate::world::console::{Console, Panel, Tone};

/// Posts to the terminal.
pub struct TerminalChannel(Console);

impl TerminalChannel {
    /// Posts to this terminal.
    pub fn new(console: Console) -> Self {
        Self(console)
    }
}

impl Channel for TerminalChannel {
    fn post(&self, record: &Record) -> Result<Delivery, Reason> {
        let channel = record.channel.as_deref().unwrap_or("the incident's channel");
        let panel = Panel::new(Tone::Warning, &format!("RECORD for {channel}"))
            .section([record.text.clone()])
            .section([format!(
                "Only on this terminal. Post it to {channel} yourself if others should see it."
            )]);
        self.0.line(&panel.lines(self.0.look(), self.0.width()).join("\n"));
        Ok(Delivery { by: "on this terminal".into(), reached_others: false, reference: None })
    }
}
