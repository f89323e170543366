//! Tree → [`Program`]: names, types and units, and what must not stand in a runbook.
//!
//! *Invariant:* a [`Program`] can only be made here, and only from a text without errors: every name in it is declared,
//! every call has its arguments, dimensions agree, every `run` and `use` leads to a file that was read, without circles.

mod allow;
mod arrange;
mod assemble;
pub mod catalogue;
mod checked;
mod checker;
mod configured;
mod declaration;
mod expression;
mod findings;
mod flow;
mod foreign;
mod functions;
mod gather;
pub mod host_metrics;
mod limits;
mod loader;
mod names;
mod place;
mod program;
pub mod promql;
mod scope;
pub mod shell;
mod statement;
mod symbol;
mod test;
mod types;
mod unused;
mod walk;

pub use catalogue::Catalogue;
pub use checked::{Checked, Kind, Known, check, check_on, names};
pub use functions::{FUNCTIONS, Function, Gives, Parameter as FunctionParameter, Wants};
pub use limits::Limits;
pub use loader::{Loaded, Loader};
pub use program::{
    Constant, DefinedAction, MetricDeclared, NamedExpression, ParamDeclared, Program, Runbook, RunbookId,
    RunbookStep,
};
