//! Answers to the question that a parked run waits for: which fits, who may give it, and which came first.

use std::sync::Arc;

use rbl_runtime::answer;
use rbl_runtime::journal::{
    Accepted, Begun, Entry, JournalEvent, JournalRecord, OpenEffect, RunQuery, RunState, RunSummary, Signal,
    SignalName, Stage, approvals, deciding, is_late, open,
};
use rbl_runtime::teams::{AnswerPermission, AskedOf, TeamRules};
use rbl_runtime::{Acted, Answer, AnswerAuthor, Ask, AskKind, Reply};
use rbl_syntax::value::Time;
use smol_str::SmolStr;

use crate::{AnswerRefusal, Engine, EngineError, connections, walkable};

/// An answer, as a person gives it.
#[derive(Debug, Clone, Copy)]
pub struct AnswerInput<'a> {
    /// The answer: `yes`, an item of the menu, `done` …
    pub text: &'a str,
    /// A remark to record with it.
    pub remark: Option<&'a str>,
    /// Who answers.
    pub name: &'a str,
    /// How it came.
    pub way: AnswerWay<'a>,
}

/// How an answer came: whether it is known who gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerWay<'a> {
    /// At this machine, by somebody who says who they are.
    Here,
    /// The same, past a server that executes the run: not enough for what is asked of a team.
    BesideServer,
    /// The same, because the server cannot be used: why.
    BreakGlass(&'a str),
    /// By a person who is signed in.
    SignedIn,
    /// By a program that is signed in as nobody: not enough for what is asked of a team.
    Machine,
}

/// What became of an answer that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerTaken {
    /// `1 of 2 have approved: ana`; `None`: the question is decided.
    pub waits: Option<String>,
}

/// What a parked run asks.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenQuestion {
    run: SmolStr,
    open: OpenEffect,
    begun: Begun,
    signals: Vec<Signal>,
    teams: Arc<TeamRules>,
}

/// An answer that was given: who, when and what.
struct First {
    by: Option<String>,
    at: Time,
    what: String,
}

impl Engine {
    /// Records an answer to this question, if it fits, if the person may give it, and if nobody was first: then also where the run asks
    /// something else by now. The run is due then; it is resumed by whoever claims it. `look` reads the runs of the store of this engine.
    ///
    /// Who may answer for a team is read from the configuration of the runbook's folder.
    pub fn answer(
        &self,
        look: &dyn RunQuery,
        question: &OpenQuestion,
        given: &AnswerInput<'_>,
    ) -> Result<AnswerTaken, AnswerRefusal> {
        let reply = question.reply(given)?;
        let quorum = question.quorum();
        self.signal(look, question, &reply, (given.name, quorum))?;
        if quorum <= 1 {
            return Ok(AnswerTaken { waits: None });
        }
        let (_, signals) = look.read(&question.run)?;
        let is_decided = deciding(question.about(&signals), quorum).is_some();
        Ok(AnswerTaken { waits: (!is_decided).then(|| question.so_far(&signals)) })
    }

    /// Records that somebody has acknowledged the page that a run waits for, if the person may do so for its team and
    /// nobody was first. Also while a process holds the run: it looks for the acknowledgement itself. `page`: its number, where it
    /// is to be no later one. Returns whether the run is parked, and so has to be resumed.
    pub fn acknowledge(
        &self,
        look: &dyn RunQuery,
        (run, page): (&RunSummary, Option<&str>),
        (name, way): (&str, AnswerWay<'_>),
    ) -> Result<bool, AnswerRefusal> {
        let (records, signals) = look.read(&run.run)?;
        if let RunState::Ended { outcome, .. } = &run.state {
            let by = signals.iter().find_map(|signal| {
                let reply = serde_json::from_str(&signal.data);
                if let Ok(Reply::Acknowledged(Ok(author))) = reply { author.by } else { None }
            });
            return Err(AnswerRefusal::NothingToAcknowledge { run: run.run.clone(), outcome: *outcome, by });
        }
        let open = open(&records).map_err(EngineError::UnreadableRecord)?;
        if let Some(page) = page
            && open.as_ref().is_none_or(|open| open.seq.to_string() != page)
        {
            let other = AnswerRefusal::NotOpen { run: run.run.clone(), question: page.to_owned() };
            return Err(closed(&records, &run.run, page).unwrap_or(other));
        }
        let Some(open) = open.filter(|open| matches!(open.stage, Stage::Acknowledgement(_))) else {
            return Err(AnswerRefusal::NothingPaged { run: run.run.clone() });
        };
        let question = OpenQuestion::new(run.run.clone(), open, crate::beginning(&records)?, signals)?;
        let reply = question.acknowledgement(name, way)?;
        self.signal(look, &question, &reply, (name, 1))?;
        Ok(!matches!(run.state, RunState::Running { .. }))
    }

    /// Sends the reply; the first for a question counts, or as many as have to approve.
    fn signal(
        &self,
        look: &dyn RunQuery,
        question: &OpenQuestion,
        reply: &Reply,
        (by, quorum): (&str, u32),
    ) -> Result<(), AnswerRefusal> {
        let run = question.run.clone();
        let data = serde_json::to_string(reply).map_err(|why| EngineError::NotJson(why.to_string()))?;
        let name = SignalName::of(&question.name()).by(by);
        match self.store.signal_named(&run, &name, &data, quorum)? {
            // It counts by when it was kept, which may be a moment later than when it was looked at.
            Accepted::Accepted if question.late(rbl_world::clock::now()).is_none() => Ok(()),
            Accepted::Accepted => {
                let (_, signals) = look.read(&run)?;
                let kept = signals.iter().find(|it| it.name == name.to_string());
                kept.and_then(|it| question.late(it.at)).map_or(Ok(()), Err)
            }
            Accepted::Ended => Err(AnswerRefusal::Ended { run, outcome: None }),
            Accepted::TooLate(first) => Err(AnswerRefusal::TooLate { run, first }),
            Accepted::Duplicate => {
                let (_, signals) = look.read(&run)?;
                Err(question.already(&signals, by).unwrap_or_else(|| {
                    let first = "somebody".into();
                    AnswerRefusal::Already { run, first }
                }))
            }
        }
    }
}

impl OpenQuestion {
    /// What a run waits for. A server that executes it for a moment asks nobody, and takes note of an answer that came in
    /// between.
    ///
    /// Errors: it waits for no answer, or does not wait at all.
    pub fn of(look: &dyn RunQuery, summary: &RunSummary, way: AnswerWay<'_>) -> Result<Self, AnswerRefusal> {
        let run = summary.run.clone();
        match &summary.state {
            RunState::Running { by } if way == AnswerWay::Here => {
                return Err(AnswerRefusal::Running { run, by: by.clone() });
            }
            RunState::Ended { outcome, .. } => {
                return Err(AnswerRefusal::Ended { run, outcome: Some(*outcome) });
            }
            RunState::Running { .. }
            | RunState::Parked(_)
            | RunState::Answered(_)
            | RunState::Queued { .. }
            | RunState::CutOff
            | RunState::Stuck { .. } => {}
        }
        let (records, signals) = look.read(&run)?;
        let begun = walkable(&records)?;
        match open(&records).map_err(EngineError::UnreadableRecord)? {
            Some(open) => Self::new(run, open, begun, signals),
            None => Err(AnswerRefusal::NothingAsked { run }),
        }
    }

    /// The same, if it is this question: `GET /runs/ID` and the records name it by its position.
    ///
    /// Errors: as of [`Self::of`]; where the question was answered or its time is over, who was first.
    pub fn named(
        look: &dyn RunQuery,
        summary: &RunSummary,
        way: AnswerWay<'_>,
        question: &str,
    ) -> Result<Self, AnswerRefusal> {
        let found = Self::of(look, summary, way);
        if found.as_ref().is_ok_and(|open| open.name() == question) {
            return found;
        }
        let (records, _) = look.read(&summary.run)?;
        let (run, asked) = (summary.run.clone(), question.to_owned());
        let other = AnswerRefusal::NotOpen { run, question: asked };
        Err(closed(&records, &summary.run, question).or_else(|| found.err()).unwrap_or(other))
    }

    fn new(
        run: SmolStr,
        open: OpenEffect,
        begun: Begun,
        signals: Vec<Signal>,
    ) -> Result<Self, AnswerRefusal> {
        let teams = connections(&begun)?.team_rules;
        Ok(Self { run, open, begun, signals, teams })
    }

    /// The effect that is open: the question or the instruction, and since when.
    pub fn open(&self) -> &OpenEffect {
        &self.open
    }

    /// How many different people have to approve it.
    pub fn quorum(&self) -> u32 {
        match &self.open.stage {
            Stage::Question(Ask { kind: AskKind::YesNo, by: Some(team), .. }) => {
                self.teams.quorum(Some(team))
            }
            _ => 1,
        }
    }

    /// Those who have approved it so far, where several have to.
    pub fn approved(&self) -> Vec<String> {
        approvals(self.about(&self.signals)).into_iter().filter_map(|author| author.by).collect()
    }

    /// The name under which its answer is sent.
    fn name(&self) -> String {
        self.open.seq.to_string()
    }

    /// The signals about this question.
    fn about<'s>(&self, signals: &'s [Signal]) -> impl Iterator<Item = &'s Signal> + use<'s> {
        let name = self.name();
        signals.iter().filter(move |signal| signal.question() == name)
    }

    /// The reply to the question, if it fits, this person may give it, and nobody was first.
    pub fn reply(&self, given: &AnswerInput<'_>) -> Result<Reply, AnswerRefusal> {
        let now = rbl_world::clock::now();
        match self.already(&self.signals, given.name).or_else(|| self.late(now)) {
            Some(refused) => Err(refused),
            None => self.fitting(given),
        }
    }

    /// That its time was over then, if it was: after that it is not answered any more.
    fn late(&self, at: Time) -> Option<AnswerRefusal> {
        let within = match &self.open.stage {
            Stage::Question(ask) => ask.within,
            Stage::Instruction(act) => act.within,
            Stage::Acknowledgement(it) => it.within,
            Stage::Action(_) | Stage::Other(_) => return None,
        };
        let asked = self.open.at;
        let is_late = is_late(at, asked, within);
        let until = is_late.then(|| asked.plus(within)).flatten()?;
        Some(AnswerRefusal::Late { run: self.run.clone(), until })
    }

    /// The acknowledgement of the page by this person, if nobody was first.
    fn acknowledgement(&self, name: &str, way: AnswerWay<'_>) -> Result<Reply, AnswerRefusal> {
        let now = rbl_world::clock::now();
        if let Some(refused) = self.already(&self.signals, name).or_else(|| self.late(now)) {
            return Err(refused);
        }
        let Stage::Acknowledgement(it) = &self.open.stage else {
            return Err(AnswerRefusal::NothingPaged { run: self.run.clone() });
        };
        if way == AnswerWay::SignedIn {
            self.is_somebody(name)?;
        }
        let vouched = self.allowed(Some(&it.team), false, name)?;
        let author = AnswerAuthor { by: Some(name.to_owned()), vouched, remark: None };
        Ok(Reply::Acknowledged(Ok(author)))
    }

    /// Why another answer of this person does not count: the question is decided, or has this person's answer.
    fn already(&self, signals: &[Signal], name: &str) -> Option<AnswerRefusal> {
        let quorum = self.quorum();
        let run = self.run.clone();
        if let Some(signal) = deciding(self.about(signals), quorum) {
            return Some(AnswerRefusal::Already { run, first: First::of(signal)?.words() });
        }
        let own = self.about(signals).any(|it| SignalName::parse(&it.name).person() == Some(name));
        own.then(|| AnswerRefusal::Again { run, name: name.to_owned(), so_far: self.so_far(signals) })
    }

    /// `1 of 2 have approved: ana`
    fn so_far(&self, signals: &[Signal]) -> String {
        let all = approvals(self.about(signals));
        let names: Vec<&str> = all.iter().filter_map(|author| author.by.as_deref()).collect();
        let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        format!("{} of {} have approved{names}", all.len(), self.quorum())
    }

    /// Whether this person may answer for the team. `approves`: with a yes to a question for yes or no. Returns whether a list
    /// contains the person.
    fn allowed(&self, team: Option<&str>, approves: bool, name: &str) -> Result<bool, AnswerRefusal> {
        let asked = AskedOf { team, approves, starter: Some(&self.begun.by) };
        let name = || name.to_owned();
        match self.teams.permission(asked, &name()) {
            AnswerPermission::May { vouched } => Ok(vouched),
            AnswerPermission::MayNot(members) => Err(AnswerRefusal::MayNot { members, name: name() }),
            AnswerPermission::Started(others) => Err(AnswerRefusal::Started { others, name: name() }),
            AnswerPermission::Nobody => {
                let (run, team) = (self.run.clone(), team.unwrap_or_default().to_owned());
                Err(if self.teams.teams.contains_key(team.as_str()) {
                    AnswerRefusal::NoMembers { run, team }
                } else {
                    AnswerRefusal::NoTeam { run, team }
                })
            }
        }
    }

    /// Whether it is known well enough who answers what is asked of a team.
    fn signed_in(&self, team: Option<&str>, given: &AnswerInput<'_>) -> Result<(), AnswerRefusal> {
        let Some(team) = team else { return Ok(()) };
        let beside_server = match given.way {
            AnswerWay::Here | AnswerWay::BreakGlass(_) => return Ok(()),
            AnswerWay::SignedIn => return self.configured(team).and_then(|()| self.is_somebody(given.name)),
            AnswerWay::BesideServer => true,
            AnswerWay::Machine => false,
        };
        Err(AnswerRefusal::NotSignedIn { run: self.run.clone(), team: team.to_owned(), beside_server })
    }

    /// Whether it is known who is in the team: where others are configured and this one is not any more, nobody answers for it.
    fn configured(&self, team: &str) -> Result<(), AnswerRefusal> {
        let teams = &self.teams.teams;
        if teams.is_empty() || teams.contains_key(team) {
            return Ok(());
        }
        Err(AnswerRefusal::NoTeam { run: self.run.clone(), team: team.to_owned() })
    }

    /// Whether the person is still one: where `[people]` lists them, somebody who was taken out of it is nobody.
    fn is_somebody(&self, name: &str) -> Result<(), AnswerRefusal> {
        let people = &self.teams.people;
        if people.is_empty() || people.contains_key(name) {
            return Ok(());
        }
        Err(AnswerRefusal::NoPerson { name: name.to_owned() })
    }

    /// Converts the text to the kind of answer that the question asks for.
    fn fitting(&self, given: &AnswerInput<'_>) -> Result<Reply, AnswerRefusal> {
        let run = || self.run.clone();
        let misfit = |question: &str, fits: String| AnswerRefusal::Misfit {
            text: given.text.to_owned(),
            question: question.to_owned(),
            fits,
        };
        // What was answered past the server is seen by everybody who reads the story.
        let broken = match given.way {
            AnswerWay::BreakGlass(reason) => Some(format!("broke the glass: {reason}")),
            AnswerWay::Here | AnswerWay::BesideServer | AnswerWay::SignedIn | AnswerWay::Machine => None,
        };
        let remark = match (broken, given.remark) {
            (Some(one), Some(two)) => Some(format!("{one}: {two}")),
            (one, two) => one.or_else(|| two.map(str::to_owned)),
        };
        match &self.open.stage {
            Stage::Question(ask) => {
                let team = ask.by.as_deref();
                self.signed_in(team, given)?;
                let vouched = self.allowed(team, false, given.name)?;
                if matches!(ask.kind, AskKind::Secret(_)) {
                    return Err(AnswerRefusal::Secret { run: run() });
                }
                let mut answer = answer::answer(&ask.kind, given.text, given.name, vouched)
                    .map_err(|why| misfit(&ask.prompt, why))?;
                if matches!(answer, Answer::Yes(_)) {
                    self.allowed(team, true, given.name)?;
                }
                if let Some(remark) = remark {
                    answer.remark(&remark);
                }
                Ok(Reply::Answered(answer))
            }
            Stage::Instruction(act) => {
                self.signed_in(act.by.as_deref(), given)?;
                self.allowed(act.by.as_deref(), false, given.name)?;
                let acted = answer::did(given.text, given.name).map_err(|why| misfit(&act.title, why))?;
                let remark = match (&acted.remark, remark) {
                    (Some(one), Some(two)) => Some(format!("{one}: {two}")),
                    (one, two) => one.clone().or(two),
                };
                Ok(Reply::Acted(Acted { remark, ..acted }))
            }
            Stage::Acknowledgement(it) => {
                Err(AnswerRefusal::Acknowledgement { run: run(), team: it.team.clone() })
            }
            Stage::Action(act) => Err(AnswerRefusal::CutOff { run: run(), action: act.title.clone() }),
            Stage::Other(_) => Err(AnswerRefusal::NothingAsked { run: run() }),
        }
    }
}

/// How a question was closed, from the reply in its records; `None`: it has none.
fn closed(records: &[JournalRecord], run: &SmolStr, question: &str) -> Option<AnswerRefusal> {
    let seq: u64 = question.parse().ok()?;
    let first = records.iter().rev().find_map(|record| {
        let Entry::Own(JournalEvent::Reply { answer, to }) = record.entry().ok()? else { return None };
        if to == seq { First::with(answer, record.at) } else { None }
    })?;
    let run = run.clone();
    let how = match first.by {
        Some(_) => format!("answered by {}", first.words()),
        None => format!("closed: {}", first.what),
    };
    Some(AnswerRefusal::Closed { run, how })
}

impl First {
    /// `ana at 2026-11-29T03:00:00Z: yes`
    fn words(&self) -> String {
        format!("{} at {}: {}", self.by.as_deref().unwrap_or("somebody"), self.at, self.what)
    }

    fn of(signal: &Signal) -> Option<Self> {
        Self::with(serde_json::from_str(&signal.data).ok()?, signal.at)
    }

    fn with(reply: Reply, at: Time) -> Option<Self> {
        let (by, what) = match reply {
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
            Reply::Acknowledged(Ok(author)) => (author.by, "acknowledged".to_owned()),
            Reply::Acted(acted) => (acted.by, acted.result.map_or_else(|why| why.text, |()| "done".into())),
            Reply::Now(_)
            | Reply::Slept
            | Reply::Reading(_)
            | Reply::Firing(_)
            | Reply::Mode(_)
            | Reply::Output(_)
            | Reply::Delivered(_)
            | Reply::Locked(_)
            | Reply::Entered(_)
            | Reply::Left
            | Reply::Acknowledged(Err(_))
            | Reply::Secret(_) => return None,
        };
        Some(Self { by, at, what })
    }
}
