//! Tree → checked program.

pub mod shell;
