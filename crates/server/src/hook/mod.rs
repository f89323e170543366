//! What senders deliver: the body of each kind of hook, read into alerts.

mod alertmanager;
mod fingerprint;
mod json;
mod opsgenie;
mod pagerduty;
mod posted;

use rbl_runtime::journal::ReceivedAlert;

pub use alertmanager::read_alertmanager;
pub(crate) use json::read_json;
pub(crate) use opsgenie::read_opsgenie;
pub(crate) use pagerduty::read_pagerduty;
pub use posted::read_posted;

/// What the body of a delivery says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HookDelivered {
    /// Its alerts; none: there is nothing to do about it.
    pub alerts: Vec<ReceivedAlert>,
    /// The sender's own id of the delivery: the same twice counts once.
    pub key: Option<String>,
    /// How many more alerts its sender had, and left out.
    pub left_out: u64,
}

/// Why a body cannot be read, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookError(pub String);
