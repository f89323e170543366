//! [`World`]: everything a run can do to the outside goes through [`World::perform`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::journal::WorkNote;
use super::{Acknowledge, Act, AnswerAuthor, DeliveryTicket, Effect, Reply};
use rbl_syntax::source::Place;
use rbl_syntax::value::{Reason, Time, Verdict};

/// The outside. The live, journaled, planned and scripted worlds implement it, and most of them wrap another world.
pub trait World {
    /// Performs one effect and returns the result. What goes wrong in the world (a dead provider, a failed action, an
    /// undelivered page) is a [`Reply`]; an [`Interrupt`] means that the run itself stops here for now.
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt>;

    /// Whether it shows or keeps what a poll waits for; where not, the run does not format it.
    fn shows_polls(&self) -> bool {
        true
    }

    /// Called before each effect: the statement that performs it, and the way there (the passes of the loops around it
    /// and the `run` statements that lead to it, outermost first). A layer hands it on; a journal keeps it.
    fn at(&mut self, _statement: Place, _path: &[u32]) {}

    /// Called before an action or a question: the title of the runbook that performs it, and who owns that. A layer hands it
    /// on; a journal keeps it, to bring a question that waits to somebody.
    fn asks_for(&mut self, _runbook: &str, _owner: Option<&str>) {}

    /// Called when a `wait until` begins, behind [`Self::at`]: where an earlier turn at the run left this wait, if it is
    /// known. Then the wait continues with the sleep that follows its last poll.
    fn waited(&mut self) -> Option<WaitProgress> {
        None
    }

    /// Called after each poll of a `wait until` that decided nothing, before the sleep that follows it.
    fn polled(&mut self, _poll: &WaitProgress) {}

    /// Called after that sleep: how far the wait is, where that is known better than the run knows it, because polls were
    /// left out of the records or the run was parked in between.
    fn slept(&mut self) -> Option<WaitProgress> {
        None
    }

    /// Whether every pass of a `repeat` is like the first, because nothing is done in it. Then only the first is made.
    fn passes_are_alike(&self) -> bool {
        false
    }

    /// Called now and then while the run computes: the steps since the last call. A world that bounds how much a run may
    /// compute altogether interrupts it here.
    fn computed(&mut self, _steps: u64) -> Result<(), Interrupt> {
        Ok(())
    }

    /// Whether it knows by itself when a page is acknowledged; where not, the journal listens for a signal.
    fn hears_acknowledgements(&self) -> bool {
        true
    }

    /// Asks the service that has the page whether somebody has acknowledged it; `None`: nobody yet, or nothing can be asked.
    /// It only looks, and is called while the acknowledgement is waited for.
    fn looks_for_acknowledgement(
        &mut self,
        _of: &Acknowledge,
    ) -> Result<Result<Option<AnswerAuthor>, Reason>, Interrupt> {
        Ok(Ok(None))
    }

    /// Whether beginning this action a second time, with the same key, leads to the execution that the first time began: then
    /// one that was cut off is begun again, and nobody is asked.
    fn begins_once(&self, _act: &Act) -> bool {
        false
    }

    /// Whether delivering this page or record a second time, with the same key, reaches nobody twice.
    fn delivers_once(&self, _effect: &Effect) -> bool {
        false
    }

    /// What questions of the run that were brought to somebody left at services that have to hear how the run ends.
    fn question_tickets(&self) -> Vec<DeliveryTicket> {
        Vec::new()
    }

    /// Called by a journal before the first effect: where to note what each action has begun (a process, an execution
    /// elsewhere) as soon as it has. A world that begins nothing ignores it.
    fn notes_work(&mut self, _note: WorkNote) {}
}

/// Hands on to the world that a layer wraps everything but [`World::perform`], so that no layer can forget one of them.
#[macro_export]
macro_rules! forward_to_inner {
    ($self:ident => $inner:expr) => {
        fn shows_polls(&$self) -> bool {
            $inner.shows_polls()
        }

        fn at(&mut $self, statement: rbl_syntax::source::Place, path: &[u32]) {
            $inner.at(statement, path);
        }

        fn asks_for(&mut $self, runbook: &str, owner: Option<&str>) {
            $inner.asks_for(runbook, owner);
        }

        fn waited(&mut $self) -> Option<$crate::WaitProgress> {
            $inner.waited()
        }

        fn polled(&mut $self, poll: &$crate::WaitProgress) {
            $inner.polled(poll);
        }

        fn slept(&mut $self) -> Option<$crate::WaitProgress> {
            $inner.slept()
        }

        fn passes_are_alike(&$self) -> bool {
            $inner.passes_are_alike()
        }

        fn computed(&mut $self, steps: u64) -> Result<(), $crate::Interrupt> {
            $inner.computed(steps)
        }

        fn hears_acknowledgements(&$self) -> bool {
            $inner.hears_acknowledgements()
        }

        fn looks_for_acknowledgement(
            &mut $self,
            of: &$crate::Acknowledge,
        ) -> Result<Result<Option<$crate::AnswerAuthor>, rbl_syntax::value::Reason>, $crate::Interrupt> {
            $inner.looks_for_acknowledgement(of)
        }

        fn begins_once(&$self, act: &$crate::Act) -> bool {
            $inner.begins_once(act)
        }

        fn delivers_once(&$self, effect: &$crate::Effect) -> bool {
            $inner.delivers_once(effect)
        }

        fn question_tickets(&$self) -> Vec<$crate::DeliveryTicket> {
            $inner.question_tickets()
        }

        fn notes_work(&mut $self, note: $crate::journal::WorkNote) {
            $inner.notes_work(note);
        }
    };
}

/// How far a `wait until` is, after a poll that decided nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WaitProgress {
    /// When the wait began; `None` without a clock.
    pub began: Option<Time>,
    /// `for D`: since when the condition has held without a break.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub held_since: Option<Time>,
    /// The number of polls so far.
    pub polls: u64,
    /// The verdict of the last poll.
    pub verdict: Verdict,
    /// The values of the last poll: `p99 = 812ms`.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub readings: String,
    /// Seconds until the next poll, from the last one.
    pub pause: f64,
    /// Seconds from the last poll to the end of the wait.
    pub left: f64,
}

impl<W: World + ?Sized> World for &mut W {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        (**self).perform(effect)
    }

    forward_to_inner!(self => (**self));
}

impl<W: World + ?Sized> World for Box<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        (**self).perform(effect)
    }

    forward_to_inner!(self => (**self));
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

impl Parked {
    /// Parked for a person; the journal adds until when.
    pub fn person(question: impl Into<String>) -> Self {
        Self::Person { question: question.into(), until: None }
    }
}

/// The signals that end a run without a person at it. Each is an [`Interrupt::Aborted`] by its name, and the owner is
/// paged.
pub const ENDING_SIGNALS: [&str; 2] = ["SIGTERM", "SIGHUP"];

/// What a parked run waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Parked {
    /// A point in time.
    Until(Time),
    /// A lock, or a place under a limit: it is due when it is free, and then at the latest.
    Lock {
        /// What it waits for, and who holds it.
        what: String,
        /// When to look again, whatever happens.
        until: Time,
    },
    /// A person.
    Person {
        /// The question or instruction.
        question: String,
        /// When its time is over: then the run continues without an answer. `None` where no journal keeps the run.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until: Option<Time>,
    },
    /// Somebody who acknowledges a page.
    Acknowledgement {
        /// The team that was paged.
        team: String,
        /// When it counts as not acknowledged.
        until: Time,
        /// When the service that has the page is asked again; `None` where nothing can be asked.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        asks_at: Option<Time>,
    },
    /// Somebody to resume it: a person pressed Ctrl-C twice.
    #[serde(rename = "set_aside")]
    ByHand,
    /// A journal that can be written: why it cannot. Nothing is done that cannot be recorded first.
    NotWritten(String),
}
