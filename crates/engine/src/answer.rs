//! Answers to the question that a parked run waits for: which fits, who may give it, and which came first.

use rbl_runtime::answer;
use rbl_runtime::journal::{
    Accepted, Begun, OpenEffect, RunQuery, RunState, RunSummary, Signal, Stage, StoreError, open,
};
use rbl_runtime::{Acted, Answer, AskKind, Outcome, Reply};
use rbl_syntax::value::Time;
use rbl_world::team::{AnswerPermission, Members};
use smol_str::SmolStr;

use crate::{Engine, EngineError, beginning, connections};

/// An answer, as a person gives it.
#[derive(Debug, Clone, Copy)]
pub struct AnswerInput<'a> {
    /// The answer: `yes`, an item of the menu, `done` …
    pub text: &'a str,
    /// A remark to record with it.
    pub remark: Option<&'a str>,
    /// Who answers.
    pub name: &'a str,
}

/// What a parked run asks.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenQuestion {
    run: SmolStr,
    open: OpenEffect,
    begun: Begun,
    signals: Vec<Signal>,
}

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
    /// Only others may answer.
    MayNot {
        /// Who may.
        members: Vec<String>,
        /// Who answered.
        name: String,
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
    /// A secret is asked for, which is never written to a journal.
    Secret {
        /// Which run.
        run: SmolStr,
    },
    /// The run was cut off during an action: the question whether that was done is asked when it is resumed.
    CutOff {
        /// Which run.
        run: SmolStr,
        /// The action.
        action: String,
    },
}

/// An answer that was given: who, when and what.
struct First {
    by: Option<String>,
    at: Time,
    what: String,
}

impl Engine {
    /// Records an answer to the question that a run waits for, if it fits, if the person may give it, and if nobody was
    /// first. The run is due then; it is resumed by whoever claims it. `look` reads the runs of the store of this engine.
    ///
    /// Who may answer for a team is read from the configuration of the runbook's folder.
    pub fn answer(
        &self,
        look: &dyn RunQuery,
        run: &RunSummary,
        given: &AnswerInput<'_>,
    ) -> Result<(), AnswerRefusal> {
        let question = OpenQuestion::of(look, run)?;
        let reply = question.reply(given)?;
        self.signal(look, &question, &reply)
    }

    /// Sends the reply; the first for a question counts.
    fn signal(
        &self,
        look: &dyn RunQuery,
        question: &OpenQuestion,
        reply: &Reply,
    ) -> Result<(), AnswerRefusal> {
        let run = question.run.clone();
        let data = serde_json::to_string(reply).map_err(|why| EngineError::NotJson(why.to_string()))?;
        match self.store.signal(&run, &question.name(), &data)? {
            Accepted::Accepted => Ok(()),
            Accepted::Ended => Err(AnswerRefusal::Ended { run, outcome: None }),
            Accepted::Duplicate => {
                let (_, signals) = look.read(&run)?;
                let first = question.first(&signals).unwrap_or_else(|| "somebody".into());
                Err(AnswerRefusal::Already { run, first })
            }
        }
    }
}

impl OpenQuestion {
    /// What a run waits for.
    ///
    /// Errors: it waits for no answer, or does not wait at all.
    pub fn of(look: &dyn RunQuery, summary: &RunSummary) -> Result<Self, AnswerRefusal> {
        let run = summary.run.clone();
        match &summary.state {
            RunState::Running { by } => return Err(AnswerRefusal::Running { run, by: by.clone() }),
            RunState::Ended { outcome, .. } => {
                return Err(AnswerRefusal::Ended { run, outcome: Some(*outcome) });
            }
            RunState::Parked { .. } | RunState::CutOff | RunState::Stuck { .. } => {}
        }
        let (records, signals) = look.read(&run)?;
        match open(&records).map_err(EngineError::UnreadableRecord)? {
            Some(open) => Ok(Self { run, open, begun: beginning(&records)?, signals }),
            None => Err(AnswerRefusal::NothingAsked { run }),
        }
    }

    /// The effect that is open: the question or the instruction, and since when.
    pub fn open(&self) -> &OpenEffect {
        &self.open
    }

    /// The name under which its answer is sent.
    fn name(&self) -> String {
        self.open.seq.to_string()
    }

    /// The reply to the question, if it fits, this person may give it, and nobody was first.
    pub fn reply(&self, given: &AnswerInput<'_>) -> Result<Reply, AnswerRefusal> {
        let members = connections(&self.begun)?.members;
        match self.first(&self.signals) {
            Some(first) => Err(AnswerRefusal::Already { run: self.run.clone(), first }),
            None => self.fitting(given, &members),
        }
    }

    /// The answer that came first, and who gave it.
    fn first(&self, signals: &[Signal]) -> Option<String> {
        let name = self.name();
        let signal = signals.iter().find(|signal| signal.name == name)?;
        let First { by, at, what } = First::of(signal)?;
        Some(format!("{} at {at}: {what}", by.as_deref().unwrap_or("somebody")))
    }

    /// Converts the text to the kind of answer that the question asks for.
    fn fitting(&self, given: &AnswerInput<'_>, members: &Members) -> Result<Reply, AnswerRefusal> {
        let run = || self.run.clone();
        let misfit = |question: &str, fits: String| AnswerRefusal::Misfit {
            text: given.text.to_owned(),
            question: question.to_owned(),
            fits,
        };
        let allowed = |team: Option<&str>| match members.permission(team, given.name) {
            AnswerPermission::May { vouched } => Ok(vouched),
            AnswerPermission::MayNot(members) => {
                Err(AnswerRefusal::MayNot { members, name: given.name.to_owned() })
            }
        };
        match &self.open.stage {
            Stage::Question(ask) => {
                let vouched = allowed(ask.by.as_deref())?;
                if matches!(ask.kind, AskKind::Secret(_)) {
                    return Err(AnswerRefusal::Secret { run: run() });
                }
                let mut answer = answer::answer(&ask.kind, given.text, given.name, vouched)
                    .map_err(|why| misfit(&ask.prompt, why))?;
                if let Some(remark) = given.remark {
                    answer.remark(remark);
                }
                Ok(Reply::Answered(answer))
            }
            Stage::Instruction(act) => {
                allowed(act.by.as_deref())?;
                let acted = answer::did(given.text, given.name).map_err(|why| misfit(&act.title, why))?;
                let remark = match (&acted.remark, given.remark) {
                    (Some(one), Some(two)) => Some(format!("{one}: {two}")),
                    (one, two) => one.clone().or_else(|| two.map(str::to_owned)),
                };
                Ok(Reply::Acted(Acted { remark, ..acted }))
            }
            Stage::Action(act) => Err(AnswerRefusal::CutOff { run: run(), action: act.title.clone() }),
            Stage::Other(_) => Err(AnswerRefusal::NothingAsked { run: run() }),
        }
    }
}

impl First {
    fn of(signal: &Signal) -> Option<Self> {
        let (by, what) = match serde_json::from_str(&signal.data).ok()? {
            Reply::Answered(answer) => {
                let what = match &answer {
                    Answer::Yes(_) => "yes".to_owned(),
                    Answer::No(_) => "no".to_owned(),
                    Answer::Unknown(reason, _) => reason.text.clone(),
                    Answer::Text(text, _) => text.clone(),
                    Answer::SecretKept(_) => "a secret".to_owned(),
                };
                (answer.author().by.clone(), what)
            }
            Reply::Acted(acted) => (acted.by, acted.result.map_or_else(|why| why.text, |()| "done".into())),
            Reply::Now(_)
            | Reply::Slept
            | Reply::Reading(_)
            | Reply::Output(_)
            | Reply::Delivered(_)
            | Reply::Secret(_) => return None,
        };
        Some(Self { by, at: signal.at, what })
    }
}

impl AnswerRefusal {
    /// What to do instead.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Engine(why) => why.help(),
            Self::Running { .. } => {
                Some("answer it there; once the run is parked, it can be answered from here".into())
            }
            Self::Ended { run, outcome: Some(_) } => Some(format!("rbl show {run}")),
            Self::Ended { outcome: None, .. } => None,
            Self::NothingAsked { run } | Self::Already { run, .. } => {
                Some(format!("resume it: rbl resume {run}"))
            }
            Self::MayNot { .. } => Some("give the name by --as".into()),
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
            Self::MayNot { members, name } => {
                write!(f, "only {} can answer this, and you are {name}", members.join(", "))
            }
            Self::Misfit { text, question, .. } => write!(f, "`{text}` does not answer \"{question}\""),
            Self::Secret { .. } => {
                f.write_str("a secret is never written to the journal, so it cannot be answered from here")
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
