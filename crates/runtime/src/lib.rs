//! The interpreter: walks a program, performs effects through [`World`], and reports events to an [`Observer`].
//!
//! *Invariant:* the interpreter does no input or output of its own and reads no clock. The same program, parameters
//! and replies give the same effects in the same order.

pub mod answer;
pub mod journal;
pub mod layers;
pub mod words;

mod action;
mod aggregate;
mod alert;
mod ask;
mod call;
mod cleanup;
mod compare;
mod condition;
mod decision;
mod effect;
mod encoding;
mod environment;
mod escalate;
mod event;
mod exact;
mod exit;
mod expression;
mod field;
mod finish;
mod history;
mod include;
mod interpreter;
mod json;
mod loops;
mod matching;
mod metric;
mod observer;
mod outcome;
mod params;
mod probe;
mod reply;
mod run_path;
mod sampling;
mod secret_values;
mod secrets;
mod session;
mod start;
mod statement;
mod story;
mod target;
mod template;
mod timeout;
mod trace;
mod wait;
mod window;
mod world;

pub use alert::{Alert, AlertRefusal};
pub use decision::{Compared, Decision, Named, Operand, Origin, Shown, Then, says_itself};
pub use effect::{
    Act, ActTarget, Argument, Ask, AskKind, Called, CommandLine, Datum, Effect, Evidence, Page, Piece, Probe,
    Purpose, Read, ReadTime, Record, Sleep,
};
pub use encoding::{base64_padded, percent_encoded};
pub use event::{ActionRole, Event, EventKind, EventPlace, Paged, Started};
pub use exact::Exact;
pub use metric::taken as value_of_reading;
pub use observer::{At, NoObserver, Observer};
pub use outcome::Outcome;
pub use params::{Given, ParamError, read_params};
pub use reply::{Acted, Answer, Delivery, RawPoint, RawSample, RawSeries, Reading, Reply, Said};
pub use run_path::{followed, going_on};
pub use secret_values::Secrets;
pub use session::{Session, Walked};
pub use start::{Ended, Start, run};
pub use timeout::{LONGEST_CALL, gave_up};
pub use window::next_firing;
pub use world::{Interrupt, Parked, World};
