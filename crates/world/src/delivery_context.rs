//! What a team or a channel gets to deliver a message: the screen of the run and its secrets.

use std::sync::Arc;

use rbl_runtime::Secrets;
use rbl_runtime::teams::TeamRules;

use crate::people::Screen;

/// What a delivery has at hand.
#[derive(Clone)]
pub struct Outlet {
    /// Shows the run, if anything does.
    pub screen: Arc<dyn Screen>,
    /// The secrets of the run, to read those that a message is sent with.
    pub secrets: Secrets,
    /// The teams, and the people in them.
    pub teams: Arc<TeamRules>,
}
