//! The command line as a shell sees it: exit codes, streams, formats.

mod command_line;
mod ending;
mod finding;
mod fixes;
mod formats;
mod formatting;
mod many;
mod page;
mod paths;
mod planning;
mod repl;
mod running;
pub mod schema;
pub mod shell;
mod terminal;
