//! Shows a page on the terminal, for a team without a better way, with a note that nobody else was notified.

use super::Team;
use crate::run::{Delivery, Page};
use crate::value::Reason;
use crate::world::console::{Console, Panel, Tone};

/// The number of story lines shown; the run's own story has all of them.
const STORY_LINES: usize = 20;

/// Pages on the terminal.
pub struct TerminalTeam(Console);

impl TerminalTeam {
    /// Pages on this terminal.
    pub fn new(console: Console) -> Self {
        Self(console)
    }
}

impl Team for TerminalTeam {
    fn page(&self, page: &Page) -> Result<Delivery, Reason> {
        let look = self.0.look();
        let severity = page.severity.as_ref().map_or_else(String::new, |severity| format!(" [{severity}]"));
        let reason = if page.reason.is_empty() { "no reason was given" } else { &page.reason };
        let skipped = page.story.len().saturating_sub(STORY_LINES);
        let more = (skipped > 0).then(|| format!("({skipped} earlier lines)"));
        let panel = Panel::new(Tone::Bad, &format!("PAGE for {}{severity}: {reason}", page.team))
            .section([
                format!("Nobody but this terminal was told. Call {} yourself.", page.team),
                format!("Runbook: {}", page.runbook),
            ])
            .section(more.into_iter().chain(page.story.iter().skip(skipped).cloned()))
            .section(page.links.iter().map(|(name, url)| format!("{name}: {url}")));
        let mut lines = panel.lines(look, self.0.width());
        if look.moves {
            lines.insert(0, String::new());
            lines.push(String::new());
        }
        self.0.line(&lines.join("\n"));
        Ok(Delivery { by: "on this terminal".into(), reached_others: false, reference: None })
    }
}
