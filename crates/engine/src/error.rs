//! [`EngineError`]: why a run cannot be started, claimed or resumed, in words for people.

use rbl_project::Refusal;
use rbl_runtime::journal::{MaskedInput, StoreError, TallyReached, reached_words};
use smol_str::SmolStr;

/// Why a run cannot be started, claimed or resumed.
#[derive(Debug, Clone, PartialEq)]
pub enum EngineError {
    /// The store refused.
    Store(StoreError),
    /// Another process holds the run.
    Held {
        /// Which run.
        run: SmolStr,
        /// Who, in words.
        by: String,
    },
    /// The run has ended: there is nothing to claim.
    Ended {
        /// Which run.
        run: SmolStr,
    },
    /// There is a run of the same cause already, so that this one was not started.
    AlreadyStarted {
        /// That run.
        run: SmolStr,
    },
    /// As many runs were begun as its runbook allows: nothing was begun.
    LimitReached {
        /// The title of the runbook.
        runbook: String,
        /// How many, and how many are allowed.
        reached: TallyReached,
    },
    /// Somebody was first to abort the run.
    AlreadyAborted {
        /// Which run.
        run: SmolStr,
    },
    /// The run has no records.
    NoBeginning,
    /// The first record cannot be read: what is wrong with it.
    Unreadable(String),
    /// A later record cannot be read: which, and what is wrong with it.
    UnreadableRecord(String),
    /// The first record has a format that this rbl does not know.
    Foreign {
        /// The version of rbl that wrote it.
        rbl: SmolStr,
    },
    /// The run began under another edition of the language.
    OtherEdition {
        /// Which run.
        run: SmolStr,
        /// Under which, and which this rbl knows.
        why: String,
    },
    /// A parameter or a label was a secret, so that its value is not in the records.
    SecretMasked {
        /// Which run.
        run: SmolStr,
        /// What was masked: ``the value of the parameter `token` ``.
        what: MaskedInput,
        /// The runbook's file, as it was named.
        file: SmolStr,
    },
    /// The recorded texts are no program for this rbl.
    NoProgram {
        /// Which run.
        run: SmolStr,
        /// Why.
        why: String,
    },
    /// The first record cannot be written as JSON: a bug in rbl.
    NotJson(String),
    /// The configuration of the runbook's folder has mistakes.
    Misconfigured,
    /// The configuration cannot be read.
    Unconfigured(Refusal),
    /// The thread that renews leases cannot be started: why.
    NoThread(String),
}

impl EngineError {
    /// The error of a claim: a run that is held is [`Self::Held`].
    pub(crate) fn of_claim(run: &str, why: StoreError) -> Self {
        match why {
            StoreError::Fenced { by: Some(by) } => Self::Held { run: run.into(), by },
            why => Self::Store(why),
        }
    }

    /// Whether the run cannot be resumed later either, by this rbl.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::NoBeginning
            | Self::Unreadable(_)
            | Self::UnreadableRecord(_)
            | Self::Foreign { .. }
            | Self::OtherEdition { .. }
            | Self::SecretMasked { .. }
            | Self::NoProgram { .. } => true,
            Self::Store(_)
            | Self::Held { .. }
            | Self::Ended { .. }
            | Self::AlreadyStarted { .. }
            | Self::LimitReached { .. }
            | Self::AlreadyAborted { .. }
            | Self::NotJson(_)
            | Self::Misconfigured
            | Self::Unconfigured(_)
            | Self::NoThread(_) => false,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Store(StoreError::NoSuchRun(_)) => Some("`rbl runs` lists them".into()),
            Self::Held { run, .. } | Self::AlreadyStarted { run } | Self::AlreadyAborted { run } => {
                Some(format!("rbl show {run}"))
            }
            Self::LimitReached { .. } => {
                Some("a person at a terminal can start it nevertheless; `rbl runs` shows the others".into())
            }
            Self::SecretMasked { run, file, .. } => {
                Some(format!("`rbl show {run}` shows what was done; start anew: rbl run {file}"))
            }
            Self::OtherEdition { run, .. } => Some(format!(
                "resume it with the version of rbl that began it; `rbl show {run}` shows what was done"
            )),
            Self::NoProgram { .. } => Some("resume it with the version of rbl that began it".into()),
            Self::Misconfigured => Some("rbl check".into()),
            Self::Unconfigured(refusal) => refusal.help.clone(),
            Self::Store(
                StoreError::Fenced { .. }
                | StoreError::Unavailable(_)
                | StoreError::Corrupt(_)
                | StoreError::Newer { .. },
            )
            | Self::Ended { .. }
            | Self::NoBeginning
            | Self::Unreadable(_)
            | Self::UnreadableRecord(_)
            | Self::Foreign { .. }
            | Self::NotJson(_)
            | Self::NoThread(_) => None,
        }
    }
}

/// Says what is in the way: lower case, no full stop.
impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(why) => why.fmt(f),
            Self::Held { run, by } => write!(f, "run {run} is held by {by}"),
            Self::Ended { run } => write!(f, "run {run} has ended"),
            Self::AlreadyStarted { run } => write!(f, "run {run} was started for the same cause"),
            Self::LimitReached { runbook, reached } => {
                write!(f, "\"{runbook}\" was not started: it ran {}", reached_words(reached))
            }
            Self::AlreadyAborted { run } => write!(f, "too late: run {run} is already being aborted"),
            Self::NoBeginning => f.write_str("the run has no beginning"),
            Self::Unreadable(why) => write!(f, "the beginning of the run cannot be read: {why}"),
            Self::UnreadableRecord(why) => f.write_str(why),
            Self::Foreign { rbl } => {
                write!(f, "the run was recorded by rbl {rbl}, in a format that this one does not know")
            }
            Self::SecretMasked { what, .. } => {
                write!(f, "{what} was a secret, which is never recorded: the run cannot be resumed")
            }
            Self::OtherEdition { run, why } | Self::NoProgram { run, why } => {
                write!(f, "run {run} cannot be resumed: {why}")
            }
            Self::NotJson(why) => {
                write!(f, "the beginning cannot be written as JSON: {why} (this is a bug in rbl)")
            }
            Self::Misconfigured => f.write_str("the configuration has mistakes, so nothing was done"),
            Self::Unconfigured(refusal) => f.write_str(&refusal.message),
            Self::NoThread(why) => write!(f, "the thread that renews the lease cannot be started: {why}"),
        }
    }
}

impl std::error::Error for EngineError {}

impl From<StoreError> for EngineError {
    fn from(why: StoreError) -> Self {
        Self::Store(why)
    }
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        Self { message: error.to_string(), help: error.help() }
    }
}
