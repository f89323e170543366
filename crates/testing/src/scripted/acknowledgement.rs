//! The teams of a test acknowledge their pages as given; without a line about them, nobody does.

use super::Scripted;
use rbl_runtime::{Acknowledge, AnswerAuthor, not_acknowledged};
use rbl_syntax::value::Reason;

impl Scripted {
    /// The acknowledgement of a page, after the time it takes.
    pub(super) fn acknowledged(&mut self, it: &Acknowledge) -> Result<AnswerAuthor, Reason> {
        if let Some(after) =
            self.given_acknowledgement(&it.team).flatten().filter(|after| *after <= it.within)
        {
            self.clock.pass(after);
            Ok(self.person(Some(&it.team)))
        } else {
            self.clock.pass(it.within);
            Err(not_acknowledged(it.within))
        }
    }

    /// What is given of a team now; of several lines the last.
    #[allow(clippy::option_option)] // Nothing is given, or that nobody ever does.
    pub(super) fn given_acknowledgement(&self, team: &str) -> Option<Option<f64>> {
        let now = self.clock.seconds();
        let mut all = self.acknowledgements.iter().rev();
        all.find(|(from, it)| *from <= now && it.team == team).map(|(_, it)| it.after)
    }
}
