//! Nobody can be asked: no terminal, `CI` is set, or `--no-input` is given.

use super::{Person, Room};
use crate::run::{Act, Acted, Answer, Ask, Interrupt, Parked};

/// A person who cannot be asked: the run is parked until one answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Absent;

impl Person for Absent {
    fn ask(&mut self, ask: &Ask, _: &mut Room<'_>) -> Result<Answer, Interrupt> {
        Err(Interrupt::Parked(Parked::Person(ask.prompt.clone())))
    }

    fn instruct(&mut self, _: &Act, instruction: &str, _: &mut Room<'_>) -> Result<Acted, Interrupt> {
        Err(Interrupt::Parked(Parked::Person(instruction.to_owned())))
    }
}
