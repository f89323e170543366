//! People: they answer questions and follow instructions.

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

/// A person, or a stand-in for one.
pub trait Person {
    /// Asks a question. If nobody can be asked here, the run is parked.
    fn ask(&mut self, ask: &Ask, room: &mut Room<'_>) -> Result<Answer, Interrupt>;

    /// Gives a person an instruction, and waits for the result.
    fn instruct(&mut self, act: &Act, instruction: &str, room: &mut Room<'_>) -> Result<Acted, Interrupt>;
}

/// The parts of the world that a person needs to answer.
pub struct Room<'a> {
    pub(crate) attention: &'a mut Attention,
    pub(crate) console: &'a Console,
    pub(crate) secrets: &'a Secrets,
    pub(crate) members: &'a Members,
    /// Who answers here: `--as`, else the system's user.
    pub(crate) name: &'a str,
}
