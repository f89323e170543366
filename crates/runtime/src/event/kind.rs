//! [`EventKind`]: everything that can happen in a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{ActionRole, Paged, Started, is_zero};
use crate::decision::{Decision, NamedValue, Shown, Then};
use crate::{Answer, AnswerAuthor, AskKind, Delivery, Outcome, Parked, ReadTime};
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
        /// What started it.
        trigger: Started,
        /// The parameters with their values, in the order of their declaration.
        params: Vec<NamedValue>,
        /// Who is paged for what the runbook does not handle.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        owner: Option<String>,
        /// `severity`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        severity: Option<String>,
        /// Name and URL of each link.
        links: Vec<(String, String)>,
        /// `about`, as Markdown.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        about: Option<String>,
    },
    /// A note for people that changes nothing: several alerts in one body, a provider's warning.
    Noted {
        /// The text.
        text: String,
    },
    /// A step began; a bare statement at the top level is a step of its own.
    StepStarted {
        /// Its number, from 1.
        number: u32,
        /// The number of steps.
        of: u32,
        /// Its title; `None` for a bare statement.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        title: Option<String>,
    },
    /// A step ended, and the run continues.
    StepEnded {
        /// Its number, from 1.
        number: u32,
    },
    /// Prose for the person.
    Prose {
        /// The text.
        text: String,
    },
    /// A metric was read.
    Read {
        /// As written: `p99`, `lag("db-1")`.
        metric: String,
        /// The value, or why it is unknown.
        value: Shown,
        /// The provider's name.
        provider: SmolStr,
        /// The time it was read for.
        time: ReadTime,
        /// When it was measured, where the provider reports it.
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
        /// The kind of answer expected.
        kind: AskKind,
        /// The team that has to answer.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        by: Option<String>,
        /// Time limit in seconds; then it counts as not answered.
        within: f64,
        /// The evidence that was shown.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        showing: Vec<NamedValue>,
    },
    /// A person answered, or nobody did in time.
    Answered {
        /// The question.
        prompt: String,
        /// The answer, and who gave it.
        answer: Answer,
    },
    /// An action is about to start: nothing was done yet.
    ActionStarted {
        /// The title for people, values filled in.
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
        /// Time limit in seconds.
        within: f64,
        /// The number of this try, from 1.
        attempt: u32,
        /// The number of tries.
        of: u32,
    },
    /// An action succeeded or failed.
    ActionEnded {
        /// The title for people.
        title: String,
        /// Idempotency key.
        key: String,
        /// What it is part of.
        role: ActionRole,
        /// Why it failed; `None` when it succeeded.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        failure: Option<Reason>,
        /// What it printed.
        output: CommandOutput,
        /// Who did it, where a person did.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        by: Option<String>,
        /// The person's remark.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        remark: Option<String>,
        /// The number of this try, from 1.
        attempt: u32,
        /// What happens next; `None` while tries are left.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        then: Option<Then>,
    },
    /// A failed action is retried.
    ActionRetried {
        /// The title for people.
        title: String,
        /// The number of the next try, from 2.
        attempt: u32,
        /// The number of tries.
        of: u32,
        /// Seconds until it.
        after: f64,
    },
    /// A wait began.
    Waiting {
        /// `wait until`: the condition as written.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        condition: Option<String>,
        /// `wait D`: the duration; `wait until`: the time limit.
        within: f64,
        /// Seconds between two polls.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        every: Option<f64>,
        /// `for D`: how long the condition must hold.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        held: Option<f64>,
    },
    /// The condition of a `wait until` was judged again.
    Polled {
        /// The verdict and its operands.
        decision: Decision,
        /// Seconds since the wait began.
        elapsed: f64,
        /// Seconds that are left.
        left: f64,
        /// `for D`: for how many seconds it has held so far.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        held: Option<f64>,
    },
    /// A wait ended.
    WaitEnded {
        /// `wait until`: the condition as written.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        condition: Option<String>,
        /// Reached (or passed), not reached in time, or unknown when the time was up.
        verdict: Verdict,
        /// The number of seconds it took.
        elapsed: f64,
        /// What happens next.
        then: Then,
    },
    /// A team was paged, or could not be.
    Escalated {
        /// The team; `None` where it is unknown: the runbook names no owner, or the name has an unknown value in it.
        team: Option<String>,
        /// Why, in words.
        reason: String,
        /// How the page was delivered, or why it was not.
        delivered: Result<Delivery, Reason>,
        /// Whether a statement asked for it; else the run did, for something the runbook does not handle.
        asked_for: bool,
        /// What happens next.
        then: Then,
    },
    /// A page was acknowledged, or was not in time.
    Acknowledged {
        /// The team that was paged.
        team: String,
        /// Who acknowledged it, or why nobody did.
        answer: Result<AnswerAuthor, Reason>,
        /// The number of seconds it took.
        elapsed: f64,
        /// What happens next.
        then: Then,
    },
    /// A text was posted to a channel, or could not be.
    Recorded {
        /// The text.
        text: String,
        /// The channel; `None` is the incident's own.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        channel: Option<String>,
        /// How it was delivered, or why it was not.
        delivered: Result<Delivery, Reason>,
    },
    /// A name was bound to a value.
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
        /// `for each`: the number of elements; `repeat`: the maximum number of passes.
        passes: u32,
        /// `for each … where`: the number of elements left out.
        #[serde(skip_serializing_if = "is_zero", default)]
        left_out: u32,
    },
    /// A pass of a loop begins.
    Pass {
        /// Its number, from 1.
        number: u32,
        /// The maximum number of passes.
        of: u32,
        /// `for each`: the element.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        item: Option<Shown>,
    },
    /// A loop ended.
    LoopEnded {
        /// The number of passes made.
        passes: u32,
        /// In a plan: the number of further passes, which would be like those that are shown.
        #[serde(skip_serializing_if = "is_zero", default)]
        alike: u32,
    },
    /// Another runbook starts, as part of this one.
    RunStarted {
        /// Its title.
        runbook: String,
        /// Its file, as it is shown.
        file: SmolStr,
        /// Its parameters with their values.
        params: Vec<NamedValue>,
    },
    /// Another runbook ended.
    RunEnded {
        /// Its title.
        runbook: String,
        /// Its outcome.
        outcome: Outcome,
        /// Its last message.
        message: String,
        /// What happens next.
        then: Then,
    },
    /// A lock was taken, or could not be.
    Locked {
        /// The name of the lock.
        name: String,
        /// How long the run waited at most, in seconds.
        within: f64,
        /// Why it was not obtained; `None` when the run holds it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        failure: Option<Reason>,
        /// What happens next.
        then: Then,
    },
    /// Another runbook was not started, because one of its limits is reached.
    RunLimited {
        /// Its title.
        runbook: String,
        /// Its file, as it is shown.
        file: SmolStr,
        /// Which limit, in words.
        reason: Reason,
        /// What happens next.
        then: Then,
    },
    /// `resolve`: the author says that the incident is resolved.
    Resolved {
        /// The reason.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        text: Option<String>,
    },
    /// `stop`: the author ends the run without resolving it.
    Stopped {
        /// The reason.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        text: Option<String>,
    },
    /// Something the runbook does not handle: the run stops here, and a person takes over.
    Unhandled {
        /// A description: "`p99 < 500ms` is no, and the check has no `else`".
        what: String,
    },
    /// The `finally` and `undo` actions start; at a place: those of a block that is left.
    CleanupStarted {
        /// Their titles, in the order in which they run.
        targets: Vec<String>,
    },
    /// All of them were tried.
    CleanupEnded {
        /// Those that failed, and why.
        failed: Vec<(String, Reason)>,
    },
    /// The run is parked; it can be resumed.
    Parked {
        /// What it waits for.
        parked: Parked,
        /// The `finally` and `undo` actions that still have to run when it ends.
        pending: Vec<String>,
    },
    /// A person aborted the run.
    Aborted {
        /// Who.
        by: String,
    },
    /// The run ended: always the last event.
    Ended {
        /// Its outcome.
        outcome: Outcome,
        /// The last message, for the closing panel.
        message: String,
        /// Who was paged.
        paged: Vec<Paged>,
        /// The `finally` and `undo` actions that did not run: of a parked run, or one that was aborted twice.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        pending: Vec<String>,
    },
}
