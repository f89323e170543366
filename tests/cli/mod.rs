//! The command line as a shell sees it: exit codes, streams, formats.

mod caching;
mod command_line;
mod ending;
mod exact_numbers;
mod finding;
mod fixes;
mod folder;
mod formats;
mod formatting;
mod line_ends;
mod many;
mod masking;
mod modes;
mod night;
mod page;
mod paths;
mod planning;
mod repl;
mod running;
pub mod schema;
mod secret_commands;
pub mod shell;
mod terminal;
mod tests_never_block;
mod texts_and_alerts;
