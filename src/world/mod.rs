//! The outside: performs the effects of a run. Besides `front/`, this is the only module that uses files, network,
//! processes, the environment and the clock.
#![allow(clippy::disallowed_methods)] // this module may use them

pub mod channel;
pub mod config_file;
pub mod console;
pub mod executor;
mod patience;
pub mod person;
pub mod provider;
pub mod setting;
pub mod team;

mod approve;
mod asking;
mod attention;
mod clock;
mod confirm;
mod given;
mod live;
mod plan;
mod redact;
pub mod scripted;
mod secrets;
mod stop;
mod unarmed;
mod worker;

pub use approve::Approve;
pub use asking::asking;
pub use attention::Attention;
pub use confirm::Confirm;
pub use given::{GIVEN, Givens, Layered, Mark};
pub use live::{Live, LiveBuilder};
pub use plan::Plan;
pub use redact::Redact;
pub use secrets::Secrets;
pub use stop::{Signal, Stop, StopSender};
pub use unarmed::{Armed, Unarmed};
