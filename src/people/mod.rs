//! The person at this terminal and what they see: the command line's side of a live world.

mod screen;
pub mod terminal;

pub use screen::ConsoleScreen;
pub use terminal::TerminalPeople;
