//! Shows a record on the terminal, for a channel without a better way.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::{Delivery, RecordEffect};
use rbl_syntax::value::{Reason, ReasonKind};

use super::Channel;
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::people::{Notice, Urgency};
use crate::registry::ConnectionKind;

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Channel> = ConnectionKind {
    description: KindDescription {
        family: Family::Channel,
        kind: "terminal",
        summary: "shown on the terminal of the run, which says that nobody else was reached",
        metrics: &[],
        contract: Contract::Own,
        keys: &[],
    },
    configure: |_, _| Ok(Arc::new(TerminalChannel)),
};

/// Posts to the terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct TerminalChannel;

impl Channel for TerminalChannel {
    fn post(&self, record: &RecordEffect, outlet: &Outlet) -> Result<Delivery, Reason> {
        if !outlet.screen.is_seen() {
            return Err(Reason::new(ReasonKind::Unreachable, "no terminal shows this run"));
        }
        let channel = record.channel.as_deref().unwrap_or("the incident's channel");
        outlet.screen.notice(&Notice {
            urgency: Urgency::Record,
            title: format!("RECORD for {channel}"),
            sections: vec![
                vec![record.text.clone()],
                vec![format!(
                    "Only on this terminal. Post it to {channel} yourself if others should see it."
                )],
            ],
        });
        Ok(Delivery::by("on this terminal", false))
    }

    fn redelivery(&self) -> Redelivery {
        Redelivery::Once
    }

    fn test(&self) -> Result<String, Reason> {
        Ok("shown where the run is shown".into())
    }
}
