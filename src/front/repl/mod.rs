//! `rbl repl`: the language a statement or an expression at a time.

mod answer;
mod document;
mod input;
mod stepper;
