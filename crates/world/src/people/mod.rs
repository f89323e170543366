//! The people beside a live world: what is shown to them ([`Screen`]) and what they are asked ([`People`]).
//!
//! *Not here:* terminals. Prompts and the console belong to the command line, which implements both traits; a server runs
//! with [`Absent`] and [`NoScreen`].

mod absent;
mod screen;

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Instant;

use rbl_runtime::teams::TeamRules;
use rbl_runtime::{Act, Acted, Answer, Ask, Interrupt, Secrets};

pub use absent::Absent;
pub use screen::{NoScreen, Notice, Screen, Stream, Urgency};

use crate::wait::Waiter;

/// Somebody who is asked questions and given instructions, and who may break a run off.
///
/// A Ctrl-C is asked about where somebody can be asked: [`People::open_abort_question`] and the methods after it are called
/// while the run waits for something else, so none of them may block.
pub trait People {
    /// Asks a question and waits for the answer. Where nobody can be asked, the run is parked.
    fn ask(&mut self, ask: &Ask, desk: &mut Desk<'_>) -> Result<Answer, Interrupt>;

    /// Gives an instruction and waits until somebody says what came of it.
    fn instruct(&mut self, act: &Act, instruction: &str, desk: &mut Desk<'_>) -> Result<Acted, Interrupt>;

    /// Opens the question whether a Ctrl-C is meant. `None`: nobody can be asked, so the run is aborted.
    fn open_abort_question(&mut self) -> Option<AbortQuestion> {
        None
    }

    /// Reads the answer to the open question and closes it: whether the run is to be aborted. `None`: not answered yet.
    fn read_abort_answer(&mut self) -> Option<bool> {
        None
    }

    /// Closes the open question unanswered.
    fn close_abort_question(&mut self) {}

    /// Leaves the terminal in order before the process is suspended.
    fn before_suspend(&mut self) {}

    /// Takes the terminal up again after that.
    fn after_suspend(&mut self) {}
}

/// The open question whether a run is to be aborted.
#[derive(Debug, Clone)]
pub struct AbortQuestion {
    /// Becomes readable when the answer was typed.
    pub answered: Arc<OwnedFd>,
    /// From then on no answer counts as no.
    pub until: Instant,
}

/// What a person needs to answer.
pub struct Desk<'a> {
    /// Waits for what is typed, and hears signals.
    pub waiter: &'a mut Waiter,
    /// Keeps a secret that is typed.
    pub secrets: &'a Secrets,
    /// Who may answer for a team.
    pub teams: &'a TeamRules,
    /// Who started the run.
    pub starter: Option<&'a str>,
    /// Who answers here: `--as`, else the system's user.
    pub name: &'a str,
}
