//! Everything that can happen in a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{ActionRole, Paged, Started, is_zero};
use crate::decision::{Decision, Named, Shown, Then};
use crate::{Answer, AskKind, Delivery, Outcome, Parked, ReadTime};
use rbl_syntax::value::{CommandOutput, Reason, Time, Verdict};

/// What can happen in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventKind {
    /// The run began.
    Started {
        /// Its id.
        run: SmolStr,
        /// The runbook's title.
        runbook: String,
        /// The runbook's file, as it is shown.
        file: SmolStr,
        /// What set it off.
        trigger: Started,
        /// The parameters with their values, in the order of their declaration.
        params: Vec<Named>,
        /// Who is paged when something is not handled.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        owner: Option<String>,
        /// `severity`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        severity: Option<String>,
        /// Name and URL of each link.
        links: Vec<(String, String)>,
    },
    /// Something that a person should know and that changes nothing: several alerts in one body, a provider's warning.
    Noted {
        /// In words.
        text: String,
    },
    /// A step began; a bare statement at the top level is a step of its own.
    StepStarted {
        /// Its number, from 1.
        number: u32,
        /// How many there are.
        of: u32,
        /// Its title; `None` for a bare statement.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        title: Option<String>,
    },
    /// A step is over, and the run goes on behind it.
    StepEnded {
        /// Its number, from 1.
        number: u32,
    },
    /// Prose for the person.
    Prose {
        /// What is told.
        text: String,
    },
    /// A metric was read.
    Read {
        /// As written: `p99`, `lag("db-1")`.
        metric: String,
        /// What came, or why it is unknown.
        value: Shown,
        /// The provider's name.
        provider: SmolStr,
        /// As of when it was asked for.
        time: ReadTime,
        /// When it was measured, where the provider says so.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        measured: Option<Time>,
    },
    /// A command that only looks was run.
    Probed {
        /// The command, values filled in, secrets as dots.
        command: String,
        /// Where it ran; `None` is this machine.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        host: Option<String>,
        /// How it ended and what it printed.
        output: CommandOutput,
    },
    /// A condition was judged.
    Decided(Decision),
    /// A person is being asked.
    Asked {
        /// The question.
        prompt: String,
        /// What answer is wanted.
        kind: AskKind,
        /// The team that has to answer.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        by: Option<String>,
        /// After how many seconds it counts as not answered.
        within: f64,
        /// What was shown first.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        showing: Vec<Named>,
    },
    /// A person answered, or nobody did in time.
    Answered {
        /// The question.
        prompt: String,
        /// What was said, and by whom.
        answer: Answer,
    },
    /// An action is about to be done: nothing was done yet.
    ActionStarted {
        /// How people read it, values filled in.
        title: String,
        /// Idempotency key.
        key: String,
        /// What it is part of.
        role: ActionRole,
        /// Where a command runs; `None` is this machine.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        host: Option<String>,
        /// The team that does or approves it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        by: Option<String>,
        /// After how many seconds it is given up.
        within: f64,
        /// Which try this is, from 1.
        attempt: u32,
        /// How many tries there are.
        of: u32,
    },
    /// An action was done, or failed.
    ActionEnded {
        /// How people read it.
        title: String,
        /// Idempotency key.
        key: String,
        /// What it is part of.
        role: ActionRole,
        /// Why it failed; `None` when it was done.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        failure: Option<Reason>,
        /// What it printed.
        output: CommandOutput,
        /// Who did it, where a person did.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        by: Option<String>,
        /// What the person said about it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        remark: Option<String>,
        /// Which try it was, from 1.
        attempt: u32,
        /// What happens next; `None` while tries are left.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        then: Option<Then>,
    },
    /// A failed action is tried once more.
    ActionRetried {
        /// How people read it.
        title: String,
        /// The try that comes, from 2.
        attempt: u32,
        /// How many there are.
        of: u32,
        /// The wait before it.
        after: f64,
    },
    /// A wait began.
    Waiting {
        /// `wait until`: the condition as written.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        condition: Option<String>,
        /// `wait D`: how long; `wait until`: how long at most.
        within: f64,
        /// The distance of two polls.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        every: Option<f64>,
        /// `for D`: how long it must hold.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        held: Option<f64>,
    },
    /// The condition of a `wait until` was judged once more.
    Polled {
        /// What it came to.
        decision: Decision,
        /// Seconds since the wait began.
        elapsed: f64,
        /// Seconds that are left.
        left: f64,
        /// `for D`: for how many seconds it has held by now.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        held: Option<f64>,
    },
    /// A wait is over.
    WaitEnded {
        /// `wait until`: the condition as written.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        condition: Option<String>,
        /// Reached (or passed), not reached in time, or unknown when the time was up.
        verdict: Verdict,
        /// How many seconds it took.
        elapsed: f64,
        /// What happens next.
        then: Then,
    },
    /// A team was paged, or could not be.
    Escalated {
        /// The team; `None` where the runbook names no owner.
        team: Option<String>,
        /// Why, in words.
        reason: String,
        /// Who was told, or why nobody was.
        delivered: Result<Delivery, Reason>,
        /// Whether a statement asked for it; else the run did, for what is not handled.
        asked_for: bool,
        /// What happens next.
        then: Then,
    },
    /// Something was posted to a channel, or could not be.
    Recorded {
        /// What.
        text: String,
        /// The channel; `None` is the incident's own.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        channel: Option<String>,
        /// Who was told, or why nobody was.
        delivered: Result<Delivery, Reason>,
    },
    /// A value was given a name.
    Let {
        /// The name.
        name: SmolStr,
        /// The value.
        value: Shown,
    },
    /// A `for each` or `repeat` began.
    LoopStarted {
        /// `for each`: the element's name; `None` for `repeat`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        name: Option<SmolStr>,
        /// `for each`: how many elements there are; `repeat`: how many passes at most.
        passes: u32,
        /// `for each … where`: how many were left out.
        #[serde(skip_serializing_if = "is_zero", default)]
        left_out: u32,
    },
    /// A pass of a loop begins.
    Pass {
        /// Its number, from 1.
        number: u32,
        /// How many there are at most.
        of: u32,
        /// `for each`: the element.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        item: Option<Shown>,
    },
    /// A loop is over.
    LoopEnded {
        /// How many passes were made.
        passes: u32,
    },
    /// Another runbook begins, as part of this one.
    RunStarted {
        /// Its title.
        runbook: String,
        /// Its file, as it is shown.
        file: SmolStr,
        /// Its parameters with their values.
        params: Vec<Named>,
    },
    /// Another runbook is over.
    RunEnded {
        /// Its title.
        runbook: String,
        /// How.
        outcome: Outcome,
        /// The last word on it.
        message: String,
        /// What happens next.
        then: Then,
    },
    /// `resolve`: the author says that it is over, and well.
    Resolved {
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        text: Option<String>,
    },
    /// `stop`: the author says that it ends here, and not well.
    Stopped {
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        text: Option<String>,
    },
    /// Something that the runbook does not handle: it stops here, and a person takes over.
    Unhandled {
        /// What, in words: "`p99 < 500ms` is no, and the check has no `else`".
        what: String,
    },
    /// What `finally` and `undo` promised is being done.
    CleanupStarted {
        /// What, in the order in which it is done.
        targets: Vec<String>,
    },
    /// All of it was tried.
    CleanupEnded {
        /// Which of it failed, and why.
        failed: Vec<(String, Reason)>,
    },
    /// The run is set aside; it can be gone on with.
    Parked {
        /// What it waits for.
        parked: Parked,
        /// What `finally` and `undo` still have to do when it ends.
        pending: Vec<String>,
    },
    /// A person broke it off.
    Aborted {
        /// Who.
        by: String,
    },
    /// The run is over: always the last event.
    Ended {
        /// How.
        outcome: Outcome,
        /// The last word on it, for the closing panel.
        message: String,
        /// Who was paged.
        paged: Vec<Paged>,
        /// What `finally` and `undo` still have to do: of a parked run, or one that was broken off twice.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        pending: Vec<String>,
    },
}
