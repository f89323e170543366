//! A page on the terminal, for a team that has nothing better: loud, and honest that nobody else was reached.

use std::sync::Arc;

use rbl_check::{Contract, Family, KindDescription};
use rbl_runtime::{Delivery, Page};
use rbl_syntax::value::{Reason, ReasonKind};

use super::Pager;
use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::people::{Notice, Urgency};
use crate::registry::ConnectionKind;

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Pager> = ConnectionKind {
    description: KindDescription {
        family: Family::Team,
        kind: "terminal",
        summary: "shown on the terminal of the run, which says that nobody else was reached",
        metrics: &[],
        contract: Contract::Own,
        keys: &[
            super::MEMBERS,
            super::QUORUM,
            super::SELF_APPROVAL,
            super::ASKS,
            super::THEN,
            super::FALLBACK,
            super::AT_MOST,
        ],
    },
    configure: |_, _| Ok(Arc::new(TerminalTeam)),
};

/// The lines of the story that are shown; the rest is in the story of the run.
const STORY_LINES: usize = 20;

/// Pages on the terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct TerminalTeam;

impl Pager for TerminalTeam {
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason> {
        if !outlet.screen.is_seen() {
            return Err(Reason::new(ReasonKind::Unreachable, "no terminal shows this run"));
        }
        let severity = page.severity.as_ref().map_or_else(String::new, |severity| format!(" [{severity}]"));
        let reason = if page.reason.is_empty() { "no reason was given" } else { &page.reason };
        // A frame has one line as its title; the others come below it, as they were written.
        let (reason, more_reason) = reason.split_once('\n').unwrap_or((reason, ""));
        let skipped = page.story.len().saturating_sub(STORY_LINES);
        let more = (skipped > 0).then(|| format!("({skipped} earlier lines)"));
        outlet.screen.notice(&Notice {
            urgency: Urgency::Page,
            title: format!("PAGE for {}{severity}: {reason}", page.team),
            sections: vec![
                vec![more_reason.to_owned()],
                vec![
                    format!("Nobody but this terminal was told. Call {} yourself.", page.team),
                    format!("Runbook: {}", page.runbook),
                ],
                more.into_iter().chain(page.story.iter().skip(skipped).cloned()).collect(),
                page.links.iter().map(|(name, url)| format!("{name}: {url}")).collect(),
                page.about.iter().cloned().collect(),
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
