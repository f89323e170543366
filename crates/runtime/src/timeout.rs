//! The longest wait for a provider, a team or a channel without a time limit of its own.

use std::time::Duration;

use rbl_syntax::value::{Reason, ReasonKind};

/// Providers, teams and channels have their own time limits; this ends the wait for one that has none.
pub const LONGEST_CALL: Duration = Duration::from_mins(10);

/// The reason after that wait.
pub fn timed_out(name: &str) -> Reason {
    Reason::new(ReasonKind::TimedOut, format!("no answer from `{name}`"))
}
