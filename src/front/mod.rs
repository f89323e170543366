//! The interface for people and programs: the command line, and the output of runs.
#![allow(clippy::disallowed_methods)] // files, the environment and the clock may be used here

mod bug;
mod cli;
mod configured;
mod cores;
mod counted;
mod exit;
mod files;
mod findings;
mod json;
mod live;
mod output;
mod pages;
mod params;
mod paths;
mod plan;
mod refusal;
pub mod rehearsal;
mod repl;
mod replace;
mod report;
mod repository;
mod revision;
mod run_id;
mod shelf;
mod store;
pub mod story;
mod surroundings;

pub use exit::Exit;
pub use output::Output;
pub use refusal::Refusal;
pub use surroundings::{Color, Surroundings};

/// Runs the command line, and returns the exit code.
pub fn main() -> std::process::ExitCode {
    bug::guarded(|| cli::main(std::env::args_os().collect())).into()
}

/// The JSON schema of each machine-readable output, by the name of its page in `docs/json`.
pub fn json_schemas() -> [(&'static str, schemars::Schema); 13] {
    [
        ("ast", cli::ast_schema()),
        ("coverage", rehearsal::coverage::schema()),
        ("diagnostic", crate::diagnostic::json_schema()),
        ("diff", paths::diff_schema()),
        ("event", story::schema()),
        ("mutants", rehearsal::mutants::schema()),
        ("test", rehearsal::report::schema()),
        ("paths", paths::schema()),
        ("plan", plan::schema()),
        ("run", cli::run_schema()),
        ("record", crate::journal::record_schema()),
        ("summary", crate::diagnostic::Summary::json_schema()),
        ("worlds", rehearsal::report::worlds::schema()),
    ]
}
