//! The `rbl` command: the command line, the sessions of `rbl repl`, and the person at the terminal.
//!
//! It is a library as well so that `main.rs` stays thin and the tests of the project can reach what a person sees.
#![allow(clippy::disallowed_methods)] // files, processes, the environment and the clock may be used here

pub mod people;
pub mod repl;

mod bug;
mod cli;
mod exit;

pub use cli::json_schemas;
pub use exit::Exit;

/// Does what the command line asks for, and says how it ended.
pub fn main() -> std::process::ExitCode {
    rbl_world::adopt_orphans();
    rbl_world::survive_file_limit();
    bug::guarded(|| cli::main(std::env::args_os().collect())).into()
}
