//! Runs before the grammar: decides where statements end and which bracket closes which.
//!
//! One pass over the bytes skips texts and commands, blanks comments, turns every line end that does not end a
//! statement into a blank, and gives every bracket and quote its partner. The text keeps its length, so a position in
//! it is a position in the source; text is inserted only where a partner is missing, and positions are mapped back.
//!
//! *Why:* a statement continues where a bracket is open, after an operator, or before a word that can only continue it.
//! That rule is one sentence here and would be two versions of every rule in the grammar. A missing bracket is placed
//! by indentation, which a grammar does not see; as long as no block lacks a brace, indentation is ignored.

mod brackets;
mod laid_out;
mod missing_opening;
mod scanner;
mod texts;
pub(super) mod words;

pub(crate) use laid_out::LaidOut;
pub(crate) use scanner::lay_out;
pub(crate) use words::begins_statement;
pub use words::is_reserved;
