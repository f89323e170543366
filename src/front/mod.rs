//! People and machines: the command line, and how a run is told.
#![allow(clippy::disallowed_methods)] // files, the environment and the clock may be used here

mod bug;
mod cli;
mod configured;
mod exit;
mod files;
mod findings;
mod live;
mod output;
mod params;
mod refusal;
mod repl;
mod run_id;
pub mod story;
mod surroundings;

pub use exit::Exit;
pub use output::Output;
pub use refusal::Refusal;
pub use surroundings::{Color, Surroundings};

/// Does what the command line asks for, and says how it ended.
pub fn main() -> std::process::ExitCode {
    bug::guarded(|| cli::main(std::env::args_os().collect())).into()
}

/// The schema of every kind of JSON that is printed, by the name of its page in `docs/json`.
pub fn json_schemas() -> [(&'static str, schemars::Schema); 4] {
    [
        ("ast", cli::ast_schema()),
        ("diagnostic", crate::diagnostic::json_schema()),
        ("event", story::schema()),
        ("summary", crate::diagnostic::Summary::json_schema()),
    ]
}
