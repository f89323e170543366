//! Program → effects and events: the tree walker, and the one door to the world.
//!
//! *Invariant:* the interpreter does no input or output of its own and reads no clock. The same program, parameters
//! and replies give the same effects in the same order.

mod effect;
mod reply;
mod world;

pub use effect::{
    Act, ActTarget, Argument, Ask, AskKind, CommandLine, Datum, Effect, Evidence, Page, Piece, Probe,
    Purpose, Read, ReadTime, Record, Sleep,
};
pub use reply::{Acted, Answer, Delivery, RawPoint, RawSample, RawSeries, Reading, Reply, Said};
pub use world::{Interrupt, Parked, World};
