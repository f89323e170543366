//! The interpreter: walks a program, performs effects through [`World`], and reports events to an [`Observer`].
//!
//! *Invariant:* the interpreter does no input or output of its own and reads no clock. The same program, parameters
//! and replies give the same effects in the same order.

pub mod answer;
pub mod journal;
pub mod layers;
pub mod teams;
pub mod words;

mod acknowledgement;
mod action;
mod aggregate;
mod ahead;
mod alert;
mod ask;
mod asked_question;
mod bounded;
mod budget;
mod calendar;
mod call;
mod carried_secrets;
mod cleanup;
mod compare;
mod condition;
mod decision;
mod effect;
mod element;
mod encoding;
mod environment;
mod escalate;
mod event;
mod exact;
mod exit;
mod expression;
mod field;
mod finish;
mod firing;
mod frame;
mod interpreter;
mod json;
mod judging;
mod kept_regex;
mod limits;
mod lock;
mod loops;
mod mask;
mod masked_value;
mod matching;
mod metric;
mod metric_history;
mod observer;
mod operand_trace;
mod outcome;
mod outside_json;
mod params;
mod partial;
mod permission;
mod probe;
mod reply;
mod reported;
mod run_path;
mod run_statement;
mod sampling;
mod secret_forms;
mod secret_values;
mod secrets;
mod sent_command;
mod session;
mod spelled;
mod spelled_secrets;
mod start;
mod statement;
mod story;
mod target;
mod template;
mod ticket;
mod timeout;
mod trigger_match;
mod wait;
mod window;
mod world;

pub use acknowledgement::not_acknowledged;
pub use alert::{Alert, AlertBody, AlertRefusal, WebhookAlerts, webhook_alerts};
pub use asked_question::{AskedQuestion, EvidenceText, QuestionKind};
pub use bounded::OUT_OF_STEPS;
pub use decision::{ArmName, Compared, Decision, NamedValue, Operand, Origin, Shown, Then, is_literal};
pub use effect::{
    Acknowledge, Act, ActLimit, ActTarget, Argument, Ask, AskKind, Called, CommandLine, Datum, Effect,
    Evidence, LimitRule, LimitedRun, LockEffect, Page, Piece, Probe, Purpose, Read, ReadTime, RecordEffect,
    Sleep,
};
pub use encoding::{base64_padded, hex_bytes, percent_encoded};
pub use event::{ActionRole, Event, EventKind, EventPlace, Paged, Started};
pub use exact::Exact;
pub use firing::{AlertIdentity, FIRING, FiringAnswer, FiringQuery};
pub use json::{json_number, json_of_number, json_shown, json_text, json_with_digits};
pub use limits::start_limits;
pub use masked_value::MaskedValue;
pub use metric::taken as value_of_reading;
pub use observer::{NoObserver, Observer, StatementPosition};
pub use outcome::Outcome;
pub use outside_json::{OutsideJsonError, RepeatedKey, outside_json};
pub use params::{ParamError, ParamHelp, ParamSources, read_params};
pub use permission::ONLY_LOOKS;
pub use reply::{
    Acted, Answer, AnswerAuthor, Delivery, RawPoint, RawSample, RawSeries, RawText, Reading, Reply,
};
pub use run_path::{followed, unfinished};
pub use secret_values::Secrets;
pub use session::{Session, StatementResult};
pub use start::{RunEnd, Start, run};
pub use ticket::{ClosedAsking, Conclude, DeliveryTicket, EndNotice, TicketHolder};
pub use timeout::{LONGEST_CALL, timed_out};
pub use trigger_match::{alert_name_fits, trigger_group, trigger_mismatch};
pub use window::next_firing;
pub use world::{ENDING_SIGNALS, Interrupt, Parked, WaitProgress, World};
