//! Decorators of [`World`](crate::World): each wraps a world to add one concern.
//!
//! [`Approve`] asks a team before an action that needs it, [`Confirm`] asks before every action, [`Plan`] lets readings
//! through and does nothing, [`Redact`] replaces the values of secrets in everything that comes back, and in [`WithoutJournal`]
//! nothing is parked.
//! [`asking`] puts the first two around a world in the order in which every run has them.

mod approvals;
pub mod approve;
mod confirm;
mod plan;
mod redact;
mod without_journal;

pub use approvals::asking;
pub use approve::Approve;
pub use confirm::Confirm;
pub use plan::Plan;
pub use redact::Redact;
pub use without_journal::WithoutJournal;
