//! The exit codes of all commands, as documented in `docs/cli.md`.

use rbl_runtime::Outcome;

/// The result of a command, for the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Resolved, or nothing to report.
    Fine,
    /// Findings, a failed test, a difference.
    Findings,
    /// The command could not be carried out: usage, configuration, no such file, nothing matched.
    Cannot,
    /// The runbook has errors; nothing was run.
    Errors,
    /// Somebody was paged. Not a fault.
    Escalated,
    /// Waiting, or aborted by a person.
    Waiting,
    /// Not healthy, and nobody could be paged.
    Failed,
    /// A bug in rbl.
    Bug,
}

impl Exit {
    /// The number of the exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
            Self::Cannot => 2,
            Self::Errors => 3,
            Self::Escalated => 4,
            Self::Waiting => 5,
            Self::Failed => 6,
            Self::Bug => 70,
        }
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Resolved => Self::Fine,
            Outcome::Escalated => Self::Escalated,
            Outcome::Failed => Self::Failed,
            Outcome::Aborted | Outcome::Waiting => Self::Waiting,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
