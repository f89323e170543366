//! People: asked questions, and told what to do.

mod absent;
mod evidence;
pub mod given;
mod graph;
pub mod reading;
mod terminal;

pub use absent::Absent;
pub use given::Given;
pub use terminal::AtTerminal;

pub use evidence::lines as evidence;

use super::attention::Attention;
use super::console::Console;
use super::secrets::Secrets;
use super::team::Members;
use crate::run::{Act, Acted, Answer, Ask, Interrupt};

/// Somebody who answers, or stands in for one who does.
pub trait Person {
    /// Asks. Whoever cannot be asked here parks the run.
    fn ask(&mut self, ask: &Ask, room: &mut Room<'_>) -> Result<Answer, Interrupt>;

    /// Tells somebody to do something, and waits for what came of it.
    fn instruct(&mut self, act: &Act, instruction: &str, room: &mut Room<'_>) -> Result<Acted, Interrupt>;
}

/// Where a person is met.
pub struct Room<'a> {
    pub(crate) attention: &'a mut Attention,
    pub(crate) console: &'a Console,
    pub(crate) secrets: &'a Secrets,
    pub(crate) members: &'a Members,
    /// Who answers here: `--as`, else the system's user.
    pub(crate) name: &'a str,
}
