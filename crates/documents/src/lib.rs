//! From documents and to documents: import of Markdown, alert rules and SSM Automation, export, and the site of all runbooks.
//!
//! *Invariant:* nothing here reads a file, runs a command or asks the clock: texts come in and texts go out, and the same text
//! always gives the same runbook.

pub mod alerts;
mod draft;
pub mod export;
pub mod flow;
pub mod import;
pub mod site;
