//! Nobody can be asked: no terminal, `CI` is set, or `--no-input` is given.

use rbl_runtime::{Act, Acted, Answer, Ask, Interrupt, Parked};

use super::{Desk, People};

/// A person who cannot be asked: the run is parked until one answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Absent;

impl People for Absent {
    fn ask(&mut self, ask: &Ask, _: &mut Desk<'_>) -> Result<Answer, Interrupt> {
        Err(Interrupt::Parked(Parked::person(ask.prompt.as_str())))
    }

    fn instruct(&mut self, _: &Act, instruction: &str, _: &mut Desk<'_>) -> Result<Acted, Interrupt> {
        Err(Interrupt::Parked(Parked::person(instruction)))
    }
}
