//! The one door: everything a run can do to the world goes through [`World::perform`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Effect, Reply};
use rbl_syntax::value::Time;

/// The outside. Live, journaled, planned and scripted worlds are all this, and most are wrapped around another.
pub trait World {
    /// Does one thing and says what came of it. What goes wrong in the world (a dead provider, a failed action, an
    /// undelivered page) is a [`Reply`]; an [`Interrupt`] means that the run itself goes no further now.
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt>;

    /// Whether it shows or keeps what a poll waits for; where not, that is not put into words.
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

/// The third way out, besides going on and failing: the run stops here. Unwinds the tree walk through `?`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interrupt {
    /// It waits, and can be gone on with when what it waits for has come.
    Parked(Parked),
    /// A person broke it off. `finally` and `undo` targets still run.
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
    /// A person: the question or instruction, in words.
    Person(String),
    /// A person pressed Ctrl-C twice: the run was set aside as it stood.
    SetAside,
    /// A journal that can be written: why it cannot. Nothing is done that cannot be written down first.
    NotWritten(String),
}
