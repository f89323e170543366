//! Program → effects and events: the tree walker, and the one door to the world.
//!
//! *Invariant:* the interpreter does no input or output of its own and reads no clock. The same program, parameters
//! and replies give the same effects in the same order.

mod effect;
mod event;
mod observer;
mod outcome;
mod reply;
mod world;

pub use effect::{
    Act, ActTarget, Argument, Ask, AskKind, CommandLine, Datum, Effect, Evidence, Page, Piece, Probe,
    Purpose, Read, ReadTime, Record, Sleep,
};
pub use event::{
    ActionRole, Compared, Decision, Event, EventKind, EventPlace, Named, Operand, Origin, Paged, Shown,
    Started, Then,
};
pub use observer::{NoObserver, Observer};
pub use outcome::Outcome;
pub use reply::{Acted, Answer, Delivery, RawPoint, RawSample, RawSeries, Reading, Reply, Said};
pub use world::{Interrupt, Parked, World};
