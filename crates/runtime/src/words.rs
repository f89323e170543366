//! The wording of each event: the only place that puts a run into words.

use crate::{
    ActionRole, Answer, AnswerAuthor, ArmName, AskKind, Decision, Delivery, EventKind, Operand, Origin,
    Parked, Shown, Then, is_literal,
};
use rbl_syntax::value::Took;
use rbl_syntax::value::{CommandOutput, Reason, Value, Verdict};

/// The mark in front of a line. It repeats what the word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Success or yes.
    Yes,
    /// Failure, or a check that says no.
    No,
    /// A no that only chooses a way.
    Neutral,
    /// Unknown.
    Unknown,
    /// Something begins.
    Begins,
    /// Something that a person must notice.
    Attention,
    /// A message to the reader.
    Message,
    /// A wait.
    Waits,
    /// No mark.
    None,
}

/// An event, put into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// How it is marked.
    pub mark: Mark,
    /// A word or two for the kind of event: `yes`, `done`, `paged`.
    pub word: &'static str,
    /// The main text.
    pub text: String,
    /// Details, in order: values, reasons, what happens next.
    pub notes: Vec<String>,
}

impl Words {
    /// A line with this mark, word and text, and no notes.
    pub fn new(mark: Mark, word: &'static str, text: impl Into<String>) -> Self {
        Self { mark, word, text: text.into(), notes: Vec::new() }
    }

    /// Adds a detail.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds a detail, if there is one.
    #[must_use]
    pub fn maybe(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.note(text),
            None => self,
        }
    }
}

/// Puts an event into words; `None` for an event that adds nothing to the one before it, and for the first and the
/// last event, which are shown in more detail.
pub fn say(kind: &EventKind) -> Option<Words> {
    use Mark as M;
    Some(match kind {
        EventKind::Started { .. }
        | EventKind::Ended { .. }
        | EventKind::StepEnded { .. }
        | EventKind::LoopEnded { .. }
        | EventKind::CleanupStarted { .. } => return None,
        EventKind::Noted { text } => Words::new(M::Attention, "note", text),
        EventKind::StepStarted { number, of, title } => {
            Words::new(M::None, "step", format!("{number}/{of}")).maybe(title.clone())
        }
        EventKind::Prose { text } => Words::new(M::Message, "note", text),
        EventKind::Read { metric, value, provider, .. } => {
            Words::new(M::None, "read", format!("{metric} = {} from {provider}", value.brief()))
        }
        EventKind::Probed { command, host, output } => Words::new(M::None, "probed", format!("`{command}`"))
            .maybe(host.as_ref().map(|host| format!("on {host}")))
            .note(ended(output)),
        EventKind::Decided(decision) => decided(decision),
        EventKind::Asked { prompt, kind, by, within, showing } => {
            let Words { mark, word, text, .. } = Words::new(M::Waits, "asked", format!("\"{prompt}\""));
            let mut words = Words { mark, word, text, notes: Vec::new() };
            if let AskKind::Choice(among) = kind {
                words = words.note(format!("one of {}", among.join(", ")));
            }
            if let Some(team) = by {
                words = words.note(format!("{team} has to answer"));
            }
            if !showing.is_empty() {
                words = words.note(format!("showing {}", named(showing)));
            }
            words.note(format!("for {} at most", Took(*within)))
        }
        EventKind::Answered { prompt, answer } => answered(prompt, answer),
        EventKind::ActionStarted { title, role, host, by, within, attempt, of, .. } => {
            Words::new(M::Begins, role_word(*role), title)
                .maybe(host.as_ref().map(|host| format!("on {host}")))
                .maybe(by.as_ref().map(|team| format!("by {team}")))
                .maybe((*of > 1).then(|| format!("try {attempt} of {of}")))
                .note(format!("within {}", Took(*within)))
        }
        EventKind::ActionEnded { title, failure, by, remark, then, .. } => {
            let words = match failure {
                None => Words::new(M::Yes, "done", title),
                Some(reason) => Words::new(M::No, "not done", title).note(reason.text.clone()),
            };
            words
                .maybe(done_by(
                    by.as_deref(),
                    remark.as_deref().filter(|it| failure.as_ref().is_none_or(|why| !why.text.contains(it))),
                ))
                .maybe(then.as_ref().and_then(next))
        }
        EventKind::ActionRetried { title, attempt, of, after } => {
            let when = if *after > 0.0 { format!("in {}", Took(*after)) } else { "now".into() };
            Words::new(M::Waits, "again", title).note(format!("try {attempt} of {of} {when}"))
        }
        EventKind::Waiting { condition, within, every, held } => {
            let Some(condition) = condition else {
                return Some(Words::new(M::Waits, "waits", format!("for {}", Took(*within))));
            };
            Words::new(M::Waits, "waits", format!("until {condition}"))
                .maybe(held.map(|held| format!("held for {}", Took(held))))
                .note(format!("for {} at most", Took(*within)))
                .maybe(every.map(|every| format!("looks every {}", Took(every))))
        }
        EventKind::Polled { decision, left, held, .. } => {
            let words = decided(decision);
            Words { mark: M::Waits, word: "polled", ..words }
                .note(verdict_word(&decision.verdict))
                .maybe(held.map(|held| format!("has held for {}", Took(held))))
                .note(format!("{} left", Took(*left)))
        }
        EventKind::WaitEnded { condition, verdict, elapsed, then } => {
            let after = format!("after {}", Took(*elapsed));
            let Some(condition) = condition else {
                return Some(Words::new(M::Yes, "waited", Took(*elapsed).to_string()));
            };
            let words = match verdict {
                Verdict::Yes => Words::new(M::Yes, "reached", condition).note(after),
                Verdict::No => Words::new(handled(then), "too late", condition).note(after),
                Verdict::Unknown(reason) => {
                    Words::new(M::Unknown, "unknown", condition).note(reason.text.clone()).note(after)
                }
            };
            words.maybe(next(then))
        }
        EventKind::Escalated { team, reason, delivered, then, .. } => {
            let words = match (team, delivered) {
                (Some(team), Ok(delivery)) => Words::new(M::Attention, "paged", team).note(how(delivery)),
                (None, Ok(delivery)) => Words::new(M::Attention, "paged", how(delivery)),
                (Some(team), Err(why)) => Words::new(M::No, "not paged", team).note(why.text.clone()),
                (None, Err(why)) => Words::new(M::No, "not paged", format!("nobody: {why}")),
            };
            words.maybe((!reason.is_empty()).then(|| reason.clone())).maybe(next(then))
        }
        EventKind::Acknowledged { team, answer, elapsed, then } => match answer {
            Ok(AnswerAuthor { by, vouched, .. }) => {
                let member = if *vouched { ", a member of the team" } else { "" };
                Words::new(M::Yes, "acknowledged", team)
                    .maybe(by.as_ref().map(|by| format!("by {by}{member}")))
                    .note(format!("after {}", Took(*elapsed)))
            }
            Err(why) => Words::new(M::No, "too late", team).note(why.text.clone()).maybe(next(then)),
        },
        EventKind::Recorded { text, channel, delivered } => {
            let channel = channel.as_deref().map(|it| format!("to \"{it}\""));
            match delivered {
                Ok(delivery) => Words::new(M::Yes, "recorded", text).maybe(channel).note(how(delivery)),
                Err(why) => {
                    Words::new(M::Attention, "not posted", text).maybe(channel).note(why.text.clone())
                }
            }
        }
        EventKind::Let { name, value } => Words::new(M::None, "let", format!("{name} = {}", value.brief())),
        EventKind::LoopStarted { name, passes, left_out } => {
            let text = match name {
                Some(name) => format!("for each {name}: {passes}"),
                None => format!("repeat: {passes} at most"),
            };
            Words::new(M::Begins, "loop", text)
                .maybe((*left_out > 0).then(|| format!("{left_out} left out by `where`")))
        }
        EventKind::Pass { number, of, item } => {
            Words::new(M::None, "pass", format!("{number}/{of}")).maybe(item.as_ref().map(element))
        }
        EventKind::RunStarted { runbook, file, params } => Words::new(M::Begins, "runs", runbook)
            .note(file.to_string())
            .maybe((!params.is_empty()).then(|| named(params))),
        EventKind::RunEnded { runbook, outcome, message, then } => {
            let mark = if *outcome == crate::Outcome::Resolved { M::Yes } else { handled(then) };
            Words::new(mark, outcome.word(), runbook)
                .maybe((!message.is_empty()).then(|| message.clone()))
                .maybe(next(then))
        }
        EventKind::Locked { name, failure: None, .. } => Words::new(M::Yes, "locked", format!("\"{name}\"")),
        EventKind::Locked { name, failure: Some(why), then, .. } => {
            Words::new(M::No, "not locked", format!("\"{name}\"")).note(why.text.clone()).maybe(next(then))
        }
        EventKind::RunLimited { runbook, reason, then, .. } => {
            Words::new(M::No, "not started", runbook).note(reason.text.clone()).maybe(next(then))
        }
        EventKind::Resolved { text } => Words::new(M::Yes, "resolve", text.clone().unwrap_or_default()),
        EventKind::Stopped { text } => Words::new(M::No, "stop", text.clone().unwrap_or_default()),
        EventKind::Unhandled { what } => Words::new(M::No, "stops", what),
        EventKind::CleanupEnded { failed } if failed.is_empty() => return None,
        EventKind::CleanupEnded { failed } => Words::new(M::No, "not undone", failures(failed)),
        EventKind::Parked { parked, .. } => Words::new(M::Waits, "parked", parked_words(parked)),
        EventKind::Aborted { by } => Words::new(M::No, "aborted", format!("by {by}")),
    })
}

/// The words for a page or a record whose text is already on the same screen, in a panel.
pub fn beside_its_panel(kind: &EventKind, delivery: &Delivery) -> Option<Words> {
    if let EventKind::Recorded { .. } = kind {
        return Some(Words::new(Mark::Yes, "recorded", how(delivery)));
    }
    let EventKind::Escalated { team: Some(team), then, .. } = kind else { return None };
    Some(Words::new(Mark::Attention, "paged", team).note(how(delivery)).maybe(next(then)))
}

/// The values that decided, in words.
pub fn operands(decision: &Decision) -> Vec<String> {
    decision.operands.iter().filter_map(operand_words).collect()
}

/// Words for a judged condition, the values that decided it, and what happens next.
fn decided(decision: &Decision) -> Words {
    let mark = if decision.is_neutral_no() { Mark::Neutral } else { verdict_mark(&decision.verdict) };
    let mut words = Words::new(mark, verdict_word(&decision.verdict), &decision.condition);
    words.notes = operands(decision);
    if let Verdict::Unknown(reason) = &decision.verdict {
        // How a command ended begins its reason.
        words.notes.retain(|note| !reason.text.starts_with(note.as_str()));
    }
    if let Verdict::Unknown(reason) = &decision.verdict
        && !words.notes.iter().any(|note| note.contains(&reason.text))
    {
        words = words.note(reason.text.clone());
    }
    match &decision.then {
        // The condition ends in the pattern of the chosen arm.
        Then::Arm { arm: ArmName::Pattern(_), line } => words.note(format!("continuing at line {line}")),
        then => words.maybe(next(then)),
    }
}

/// Formats an operand: `p99 = 812ms, not < 500ms`; empty for what the condition itself says.
fn operand_words(operand: &Operand) -> Option<String> {
    let Operand { text, value, from, compared, .. } = operand;
    let said = match from {
        Origin::Person { name, team, vouched, remark } => {
            let who = name.as_ref().map(|name| match (team, vouched) {
                (Some(team), true) => format!("{name} (a member of {team}) said "),
                (Some(team), false) => format!("{name} ({team} has no list of members) said "),
                (None, _) => format!("{name} said "),
            });
            let remark = remark.as_ref().map(|it| format!(": {it}"));
            format!("{}{}{}", who.unwrap_or_default(), value.text, remark.unwrap_or_default())
        }
        Origin::Command if compared.is_none() => output_words(value),
        _ if *text == value.text || is_literal(text) => return None,
        _ if matches!(value.value, Value::Unknown(_)) => format!("{text}: {}", value.text),
        // A command without output is described by how it ended.
        _ => match &value.value {
            Value::Output(output) if value.text.is_empty() => match output.status {
                Some(status) => format!("exit code {status}"),
                None => return None,
            },
            _ => format!("{text} = {}", value.brief()),
        },
    };
    // If the condition holds, it shows the comparison itself. Otherwise the other operand is added, and also where
    // the runbook does not show the number.
    let against = compared.as_ref().and_then(|it| {
        let computed = it.text != it.value.text && !is_literal(&it.text);
        let right = if computed { format!("{} ({})", it.text, it.value.brief()) } else { it.text.clone() };
        match it.verdict {
            Verdict::No => Some(format!(", not {} {right}", it.op)),
            Verdict::Yes if computed => Some(format!(", {} {right}", it.op)),
            Verdict::Yes | Verdict::Unknown(_) => None,
        }
    });
    Some(format!("{said}{}", against.unwrap_or_default()))
}

/// Describes how a command ended that was the whole condition. The condition shows which command it was.
fn output_words(value: &Shown) -> String {
    let Value::Output(output) = &value.value else { return value.text.clone() };
    let ended = ended(output);
    match output.shown().trim().lines().next_back() {
        Some(last) => format!("{ended}, \"{}\"", crate::decision::brief(last)),
        None => ended,
    }
}

/// Formats `exit code 1`, or why there is none.
fn ended(output: &CommandOutput) -> String {
    match (&output.status, &output.trouble) {
        (_, Some(trouble)) => trouble.text.clone(),
        (Some(status), None) => format!("exit code {status}"),
        (None, None) => "no exit code".into(),
    }
}

fn answered(prompt: &str, answer: &Answer) -> Words {
    let prompt = format!("\"{prompt}\"");
    let (mark, word, said, text) = match answer {
        Answer::Yes(said) => (Mark::Yes, "yes", said, prompt),
        Answer::No(said) => (Mark::No, "no", said, prompt),
        Answer::Unknown(reason, said) => (Mark::Unknown, "unknown", said, format!("{prompt} {reason}")),
        Answer::Text(answer, said) => (Mark::Yes, "answered", said, format!("{prompt} {answer}")),
        Answer::SecretKept(said) => {
            (Mark::Yes, "answered", said, format!("{prompt} (a secret, which is not shown)"))
        }
    };
    let AnswerAuthor { by, vouched, remark } = said;
    let by = by.as_ref().map(|by| format!("by {by}{}", if *vouched { ", a member of the team" } else { "" }));
    Words::new(mark, word, text).maybe(by).maybe(remark.as_ref().map(|it| format!("\"{it}\"")))
}

/// Formats `by bo: it is back`. The remark is left out if the reason of a failure contains it.
fn done_by(by: Option<&str>, remark: Option<&str>) -> Option<String> {
    match (by, remark) {
        (Some(by), Some(remark)) => Some(format!("by {by}: {remark}")),
        (Some(by), None) => Some(format!("by {by}")),
        (None, Some(remark)) => Some(format!("\"{remark}\"")),
        (None, None) => None,
    }
}

fn verdict_mark(verdict: &Verdict) -> Mark {
    match verdict {
        Verdict::Yes => Mark::Yes,
        Verdict::No => Mark::No,
        Verdict::Unknown(_) => Mark::Unknown,
    }
}

/// The mark of something that did not go well: what the runbook has an arm for is no failure of the run.
fn handled(then: &Then) -> Mark {
    match then {
        Then::Arm { .. } | Then::GoesOn | Then::Again => Mark::Attention,
        Then::Stops => Mark::No,
    }
}

fn verdict_word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Yes => "yes",
        Verdict::No => "no",
        Verdict::Unknown(_) => "unknown",
    }
}

fn role_word(role: ActionRole) -> &'static str {
    match role {
        ActionRole::Action => "action",
        ActionRole::Finally => "finally",
        ActionRole::Undo => "undo",
    }
}

/// Where the run continues, if that is not the next statement.
fn next(then: &Then) -> Option<String> {
    match then {
        Then::Arm { arm: ArmName::Then, .. } | Then::GoesOn | Then::Again | Then::Stops => None,
        Then::Arm { arm, line } => Some(format!("continuing in `{arm}` at line {line}")),
    }
}

/// Formats a delivery: `by pagerduty (PD-17)`, and whether anybody was reached.
pub fn how(delivery: &Delivery) -> String {
    let reference = delivery.reference.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    if delivery.reached_others {
        format!("by {}{reference}", delivery.by)
    } else {
        format!("{}{reference}: nobody else was told", delivery.by)
    }
}

/// An element of a loop; a sample is identified by its label.
fn element(shown: &Shown) -> String {
    match &shown.value {
        Value::Sample(sample) => sample.to_string(),
        Value::LabelledText(labelled) => labelled.to_string(),
        _ => shown.text.clone(),
    }
}

/// What failed, each with its reason.
pub fn failures(failed: &[(String, Reason)]) -> String {
    failed.iter().map(|(what, why)| format!("{what}: {why}")).collect::<Vec<_>>().join("; ")
}

/// What a run waits for.
pub fn parked_words(parked: &Parked) -> String {
    match parked {
        Parked::Until(time) => format!("until {time}"),
        Parked::Person { question, .. } => format!("for an answer: \"{question}\""),
        Parked::Acknowledgement { team, until, .. } => {
            format!("until {team} has acknowledged the page, at most until {until}")
        }
        Parked::Lock { what, .. } => format!("for {what}"),
        Parked::ByHand => "by Ctrl-C".into(),
        Parked::NotWritten(why) => format!("for a journal that can be written: {why}"),
    }
}

/// Formats named values: `service = api, limit = 500ms`.
pub fn named(values: &[crate::NamedValue]) -> String {
    let one = |it: &crate::NamedValue| format!("{} = {}", it.name, it.value.text);
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
