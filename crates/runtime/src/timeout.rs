//! How long a provider, a team or a channel is waited for, whoever forgot to set a limit of its own.

use std::time::Duration;

use rbl_syntax::value::{Reason, ReasonKind};

/// Providers, teams and channels have time-outs of their own; this ends the wait for one that forgot.
pub const LONGEST_CALL: Duration = Duration::from_mins(10);

/// What is said of one that was waited for as long as that.
pub fn gave_up(name: &str) -> Reason {
    Reason::new(ReasonKind::TimedOut, format!("no answer from `{name}`"))
}
