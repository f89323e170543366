//! What a team or a channel may use of the run that it delivers for.

use std::sync::Arc;

use rbl_runtime::Secrets;

use crate::people::Screen;

/// What a delivery has at hand.
#[derive(Clone)]
pub struct Outlet {
    /// Shows the run, if anything does.
    pub screen: Arc<dyn Screen>,
    /// The secrets of the run, to read those that a message is sent with.
    pub secrets: Secrets,
}
