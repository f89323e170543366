//! Checks a tree and builds a [`Program`]: names, types and units, and what a runbook must not contain.
//!
//! *Invariant:* a [`Program`] can only be built here, and only from a text without errors: every name in it is
//! declared, every call has its arguments, dimensions agree, every `run` and `use` refers to a file that was read,
//! without cycles.

mod allow;
mod allowed_value;
pub mod answer_reading;
mod arrange;
mod assemble;
mod catalogue;
mod certainty;
mod checked;
mod checker;
mod computed_param;
mod configured;
mod connection_kind;
mod current_file;
mod declaration;
mod embedded_language;
mod executor_use;
mod expression;
mod facts;
mod file_content;
mod file_graph;
mod findings;
mod fix;
mod flow;
mod functions;
pub mod host_metrics;
mod inference;
mod inputs;
mod limits;
mod literals;
mod loader;
mod logql;
mod names;
mod open_work;
pub mod paths;
mod probe_command;
mod program;
pub mod promql;
mod provider_query;
mod query;
mod reading;
pub mod reference;
mod regex_cost;
mod scope;
pub mod shell;
mod shown;
mod sql;
mod statement;
mod symbol;
mod symbol_table;
mod test;
mod trigger;
mod types;
mod unreadable;
mod unused;
pub mod walk;
pub mod written_secret;

pub use catalogue::{ALERTMANAGER, Catalogue, ExecutorFacts};
pub use checked::{
    AskProviders, Checked, DeclaredName, FileFindings, FileKind, ProviderAnswers, check, check_asking,
    check_on, check_read, findings, names,
};
pub use connection_kind::{Contract, Family, Key, KeyKind, KindDescription};
pub use facts::{RunbookFacts, trigger_word};
pub use fix::{FixedText, fix};
pub use functions::{FUNCTIONS, Function, Gives, Parameter as FunctionParameter, Wants};
pub use limits::Limits;
pub use literals::Literals;
pub use loader::{LoadedFile, Loader, ParsedFile};
pub use program::{
    Constant, DeclaredProbe, DefinedAction, MetricDeclared, NamedExpression, ParamDeclared, Program, Runbook,
    RunbookId, RunbookStep,
};
pub use provider_query::{DNS_TYPES, QueryMistake, kubernetes_words};
pub use reading::{ReadPart, only_reads, reading_programs};
pub use regex_cost::RegexCost;
pub use test::Mention;
