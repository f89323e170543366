//! Tree → [`Program`]: names, types and units, and what must not stand in a runbook.
//!
//! *Invariant:* a [`Program`] can only be made here, and only from a text without errors: every name in it is declared,
//! every call has its arguments, dimensions agree, every `run` and `use` leads to a file that was read, without circles.

pub mod catalogue;
pub mod host_metrics;
mod limits;
mod loader;
mod program;
pub mod promql;
pub mod shell;

pub use catalogue::Catalogue;
pub use limits::Limits;
pub use loader::{Loaded, Loader};
pub use program::{
    Constant, DefinedAction, MetricDeclared, NamedExpression, ParamDeclared, Program, Runbook, RunbookId,
    RunbookStep,
};
