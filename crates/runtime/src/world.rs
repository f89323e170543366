//! [`World`]: everything a run can do to the outside goes through [`World::perform`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Effect, Reply};
use rbl_syntax::value::Time;

/// The outside. The live, journaled, planned and scripted worlds implement it, and most of them wrap another world.
pub trait World {
    /// Performs one effect and returns the result. What goes wrong in the world (a dead provider, a failed action, an
    /// undelivered page) is a [`Reply`]; an [`Interrupt`] means that the run itself stops here for now.
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt>;

    /// Whether it shows or keeps what a poll waits for; where not, the run does not format it.
    fn shows_polls(&self) -> bool {
        true
    }
}

impl<W: World + ?Sized> World for &mut W {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        (**self).perform(effect)
    }

    fn shows_polls(&self) -> bool {
        (**self).shows_polls()
    }
}

impl<W: World + ?Sized> World for Box<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        (**self).perform(effect)
    }

    fn shows_polls(&self) -> bool {
        (**self).shows_polls()
    }
}

/// Stops the run where it is. Propagates through the tree walk by `?`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interrupt {
    /// The run waits, and can be resumed when what it waits for has come.
    Parked(Parked),
    /// A person aborted the run. `finally` and `undo` actions still run.
    Aborted {
        /// Who did.
        by: String,
    },
}

/// What a parked run waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Parked {
    /// A point in time.
    Until(Time),
    /// A person: the question or instruction.
    Person(String),
    /// Somebody to resume it: a person pressed Ctrl-C twice.
    SetAside,
    /// A journal that can be written: why it cannot. Nothing is done that cannot be recorded first.
    NotWritten(String),
}
