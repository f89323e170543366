//! [`AnswerRefusal`]: why an answer does not count, in words.

use rbl_runtime::Outcome;
use rbl_runtime::journal::StoreError;
use rbl_syntax::value::Time;
use smol_str::SmolStr;

use crate::EngineError;

/// Why an answer does not count. Nothing was recorded.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerRefusal {
    /// The run cannot be read, or its answer not be written.
    Engine(EngineError),
    /// A process executes the run, and asks there.
    Running {
        /// Which run.
        run: SmolStr,
        /// Who holds it, in words.
        by: String,
    },
    /// The run has ended; no outcome: meanwhile.
    Ended {
        /// Which run.
        run: SmolStr,
        /// How.
        outcome: Option<Outcome>,
    },
    /// The run waits for no answer.
    NothingAsked {
        /// Which run.
        run: SmolStr,
    },
    /// Somebody was first.
    Already {
        /// Which run.
        run: SmolStr,
        /// Who, when and what: `ana at 2026-11-28T03:12:07Z: yes`.
        first: String,
    },
    /// The question was closed in another way.
    TooLate {
        /// Which run.
        run: SmolStr,
        /// How: `timed out`, `aborted by ana`.
        first: String,
    },
    /// Its time is over: it counts as not answered, though the run has not been resumed since.
    Late {
        /// Which run.
        run: SmolStr,
        /// Until when it could be answered.
        until: Time,
    },
    /// Only others may answer.
    MayNot {
        /// Who may.
        members: Vec<String>,
        /// Who answered.
        name: String,
    },
    /// A yes would approve what this person started: others may.
    Started {
        /// Who.
        others: Vec<String>,
        /// Who answered.
        name: String,
    },
    /// This person has answered it; the run waits for others.
    Again {
        /// Which run.
        run: SmolStr,
        /// Who answered.
        name: String,
        /// `1 of 2 have approved: ana`
        so_far: String,
    },
    /// It is asked of a team, and who answers is not signed in.
    NotSignedIn {
        /// Which run.
        run: SmolStr,
        /// The team.
        team: String,
        /// Whether the answer came past a server that lives.
        beside_server: bool,
    },
    /// The text is no answer to the question.
    Misfit {
        /// The text.
        text: String,
        /// The question.
        question: String,
        /// What would fit.
        fits: String,
    },
    /// A page waits to be acknowledged, which is no question.
    Acknowledgement {
        /// Which run.
        run: SmolStr,
        /// The team that was paged.
        team: String,
    },
    /// The run has ended, and no page of it waits to be acknowledged any more.
    NothingToAcknowledge {
        /// Which run.
        run: SmolStr,
        /// How it ended.
        outcome: Outcome,
        /// Who had acknowledged its page, where somebody had.
        by: Option<String>,
    },
    /// No page of the run waits to be acknowledged.
    NothingPaged {
        /// Which run.
        run: SmolStr,
    },
    /// A secret is asked for, which is never written to a journal.
    Secret {
        /// Which run.
        run: SmolStr,
    },
    /// The team that has to answer is not in the configuration, which has others, or had it when the run began.
    NoTeam {
        /// Which run.
        run: SmolStr,
        /// The team.
        team: String,
    },
    /// The team that has to answer had members when the run began, and has none any more.
    NoMembers {
        /// Which run.
        run: SmolStr,
        /// The team.
        team: String,
    },
    /// Who is signed in is not among the people of the configuration any more.
    NoPerson {
        /// Who.
        name: String,
    },
    /// The question was answered or its time was over, and the run has gone on since.
    Closed {
        /// Which run.
        run: SmolStr,
        /// How, in words.
        how: String,
    },
    /// Another question was meant than the one that the run waits for.
    NotOpen {
        /// Which run.
        run: SmolStr,
        /// The question that was meant.
        question: String,
    },
    /// The run was cut off during an action: the question whether that was done is asked when it is resumed.
    CutOff {
        /// Which run.
        run: SmolStr,
        /// The action.
        action: String,
    },
}

impl AnswerRefusal {
    /// What to do instead, for people who answer through a server: that resumes the run by itself.
    pub fn help_at_server(&self) -> Option<String> {
        match self {
            Self::Already { run, .. } | Self::TooLate { run, .. } | Self::Late { run, .. } => {
                Some(format!("the server continues it: rbl show {run}"))
            }
            Self::NothingAsked { run } => Some(format!("rbl show {run}")),
            Self::MayNot { .. } => Some("use the token of one of them".into()),
            Self::Engine(_)
            | Self::Running { .. }
            | Self::Ended { .. }
            | Self::NothingPaged { .. }
            | Self::NothingToAcknowledge { .. }
            | Self::Again { .. }
            | Self::Acknowledgement { .. }
            | Self::Started { .. }
            | Self::NotSignedIn { .. }
            | Self::NoTeam { .. }
            | Self::NoMembers { .. }
            | Self::NoPerson { .. }
            | Self::Misfit { .. }
            | Self::Secret { .. }
            | Self::Closed { .. }
            | Self::NotOpen { .. }
            | Self::CutOff { .. } => self.help(),
        }
    }

    /// What to do instead.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Engine(why) => why.help(),
            Self::Running { .. } => {
                Some("answer it there; once the run is parked, it can be answered from here".into())
            }
            Self::Ended { run, outcome: Some(_) }
            | Self::NothingPaged { run }
            | Self::NothingToAcknowledge { run, .. }
            | Self::NotOpen { run, .. }
            | Self::Closed { run, .. }
            | Self::Again { run, .. } => Some(format!("rbl show {run}")),
            Self::Ended { outcome: None, .. } => None,
            Self::NothingAsked { run } | Self::Already { run, .. } | Self::TooLate { run, .. } => {
                Some(format!("resume it: rbl resume {run}"))
            }
            Self::Late { run, .. } => {
                Some(format!("the run goes on without an answer when it is resumed: rbl resume {run}"))
            }
            Self::Acknowledgement { run, .. } => Some(format!("acknowledge it: rbl acknowledge {run}")),
            Self::MayNot { .. } => Some("give the name by --as".into()),
            Self::Started { others, .. } if others.is_empty() => {
                Some("let the team have more members, or set `self_approval = true` for it".into())
            }
            Self::Started { .. } => Some("a no is accepted from whoever started the run".into()),
            Self::NotSignedIn { beside_server: true, .. } => Some(
                "answer it through the server, with the token of a person in RBL_TOKEN: `--server URL`; where that is impossible: --break-glass REASON"
                    .into(),
            ),
            Self::NotSignedIn { .. } => {
                Some("make a token for a person: `rbl serve token NAME --may answer --person WHO`".into())
            }
            Self::NoTeam { run, team } => Some(format!(
                "put `[teams.{team}]` back into rbl.toml, or end the run: rbl abort {run} --because TEXT"
            )),
            Self::NoMembers { run, team } => Some(format!(
                "put `members` of `[teams.{team}]` back into rbl.toml, or end the run: rbl abort {run} --because TEXT"
            )),
            Self::NoPerson { name } => Some(format!("put `[people.{name}]` back into rbl.toml, or use the token of somebody in it")),
            Self::Misfit { fits, .. } => Some(fits.clone()),
            Self::Secret { run } => Some(format!("type it at a terminal: rbl resume {run}")),
            Self::CutOff { run, .. } => {
                Some(format!("resume it, and say whether that was done: rbl resume {run}"))
            }
        }
    }
}

/// Says why: lower case, no full stop.
impl std::fmt::Display for AnswerRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Engine(why) => why.fmt(f),
            Self::Running { run, by } => write!(f, "run {run} is held by {by}, and asks its questions there"),
            Self::Ended { run, outcome: Some(outcome) } => {
                write!(f, "run {run} has ended, {outcome}: there is nothing to answer")
            }
            Self::Ended { run, outcome: None } => write!(f, "run {run} has ended in the meantime"),
            Self::NothingAsked { run } => write!(f, "run {run} waits for no answer"),
            Self::Already { run, first } => write!(f, "run {run} is already answered by {first}"),
            Self::TooLate { run, first } => {
                write!(f, "too late: the question of run {run} is already {first}")
            }
            Self::Late { run, until } => {
                write!(f, "too late: run {run} waited for an answer until {until}, and now has none")
            }
            Self::MayNot { members, name } => {
                write!(f, "only {} can answer this, and you are {name}", members.join(", "))
            }
            Self::Started { others, name } if others.is_empty() => {
                write!(f, "{name} started this run and cannot approve it, and the team has no other member")
            }
            Self::Started { others, name } => {
                write!(f, "{name} started this run and cannot approve it: {} can", others.join(", "))
            }
            Self::Again { run, name, so_far } => {
                write!(f, "{name} has answered this already, and run {run} waits for others: {so_far}")
            }
            Self::NotSignedIn { team, beside_server: true, .. } => {
                write!(
                    f,
                    "only a person of {team} who is signed in can answer this: a server executes the run"
                )
            }
            Self::NotSignedIn { team, .. } => {
                write!(f, "only a person of {team} can answer this, and the token is nobody's")
            }
            Self::Misfit { text, question, .. } => write!(f, "`{text}` does not answer \"{question}\""),
            Self::Acknowledgement { run, team } => {
                write!(f, "run {run} waits until {team} has acknowledged a page, and asks nothing")
            }
            Self::NothingToAcknowledge { run, outcome, by: Some(by) } => {
                write!(f, "run {run} has ended, {outcome}; {by} had acknowledged its page")
            }
            Self::NothingToAcknowledge { run, outcome, by: None } => {
                write!(f, "run {run} has ended, {outcome}: no page of it waits to be acknowledged any more")
            }
            Self::NothingPaged { run } => {
                write!(f, "no page of run {run} waits to be acknowledged")
            }
            Self::Secret { .. } => {
                f.write_str("a secret is never written to the journal, so it cannot be answered from here")
            }
            Self::NoTeam { team, .. } => {
                write!(
                    f,
                    "only {team} can answer this, and no such team is configured: nobody is known to be in it"
                )
            }
            Self::NoMembers { team, .. } => {
                write!(
                    f,
                    "only {team} can answer this, and it has no `members` any more: nobody is known to be in it"
                )
            }
            Self::NoPerson { name } => {
                write!(f, "there is nobody `{name}` in `[people]` of rbl.toml any more")
            }
            Self::Closed { run, how } => write!(f, "too late: the question of run {run} is already {how}"),
            Self::NotOpen { run, question } => {
                write!(f, "run {run} does not ask the question `{question}` now")
            }
            Self::CutOff { run, action } => write!(f, "run {run} was cut off while it did `{action}`"),
        }
    }
}

impl std::error::Error for AnswerRefusal {}

impl From<EngineError> for AnswerRefusal {
    fn from(why: EngineError) -> Self {
        Self::Engine(why)
    }
}

impl From<StoreError> for AnswerRefusal {
    fn from(why: StoreError) -> Self {
        Self::Engine(why.into())
    }
}

impl From<AnswerRefusal> for rbl_project::Refusal {
    fn from(refusal: AnswerRefusal) -> Self {
        Self { message: refusal.to_string(), help: refusal.help() }
    }
}
