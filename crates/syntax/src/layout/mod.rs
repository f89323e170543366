//! Before the grammar: where statements end, and which bracket closes which.
//!
//! One pass over the bytes steps over texts and commands, blanks comments, turns every line end that does not end a
//! statement into a blank, and gives every bracket and quote its partner. The text keeps its length, so a position in it is a
//! position in the source; only where a partner is missing something is put in, and positions are counted back.
//!
//! *Why:* the rule that a statement goes on where a bracket is open, behind an operator, or before a word that can only
//! continue it is one sentence here and would be two versions of every rule in the grammar. And a missing bracket is
//! placed by indentation, which a grammar does not see; where no block lacks a brace, indentation is not looked at.

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
