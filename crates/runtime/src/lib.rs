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
mod carried_secrets;
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
mod frame;
mod interpreter;
mod json;
mod judging;
mod loops;
mod matching;
mod metric;
mod metric_history;
mod observer;
mod operand_trace;
mod outcome;
mod params;
mod probe;
mod reply;
mod run_path;
mod run_statement;
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
mod wait;
mod window;
mod world;

pub use alert::{Alert, AlertRefusal};
pub use decision::{ArmName, Compared, Decision, NamedValue, Operand, Origin, Shown, Then, is_literal};
pub use effect::{
    Act, ActTarget, Argument, Ask, AskKind, Called, CommandLine, Datum, Effect, Evidence, Page, Piece, Probe,
    Purpose, Read, ReadTime, RecordEffect, Sleep,
};
pub use encoding::{base64_padded, percent_encoded};
pub use event::{ActionRole, Event, EventKind, EventPlace, Paged, Started};
pub use exact::Exact;
pub use metric::taken as value_of_reading;
pub use observer::{NoObserver, Observer, StatementPosition};
pub use outcome::Outcome;
pub use params::{ParamError, ParamHelp, ParamSources, read_params};
pub use reply::{Acted, Answer, AnswerAuthor, Delivery, RawPoint, RawSample, RawSeries, Reading, Reply};
pub use run_path::{followed, unfinished};
pub use secret_values::Secrets;
pub use session::{Session, StatementResult};
pub use start::{RunEnd, Start, run};
pub use timeout::{LONGEST_CALL, timed_out};
pub use window::next_firing;
pub use world::{Interrupt, Parked, World};
