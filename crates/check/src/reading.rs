//! Which shell commands are certain to change nothing: a closed list of programs, each with the arguments that keep it so.
//!
//! *Why so strict:* in the mode `look` what is on the list runs, and nobody is asked. A command that is not known, an argument
//! that is not known and a piece of shell that is not needed to look at something are all refused: a file that is
//! written, a variable, a substitution, an assignment, a background job. The list trusts the programs of the machine and
//! their configuration, nothing else.

mod database;
mod list;
mod options;
mod program;
mod rules;
mod words;

pub use words::ReadPart;

/// Whether it is certain that a command only looks. `false`: it is not, whether it changes something or not.
pub fn only_reads(parts: &[ReadPart]) -> bool {
    words::commands(parts).is_some_and(|commands| commands.iter().all(|words| program::only_reads(words)))
}

/// The programs of the list, in the order of the alphabet, each with what it may be given, in words.
pub fn reading_programs() -> Vec<(&'static str, String)> {
    program::listed()
}
