//! `rbl repl`: the language a statement or an expression at a time.

mod document;
mod input;
