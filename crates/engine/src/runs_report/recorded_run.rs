//! [`RecordedFigures`]: what the records of one run say about who did what, and when.

use std::collections::BTreeMap;

use rbl_runtime::journal::{Entry, JournalEvent, JournalRecord, RunMode};
use rbl_runtime::{ActTarget, Answer, AskKind, Effect, Reply};
use rbl_syntax::value::Time;

use crate::unattended_start::only_pages;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct RecordedFigures {
    /// When its alert began.
    pub(super) alert_began: Option<Time>,
    /// When its first action was begun, of a machine or a person.
    pub(super) first_action: Option<Time>,
    /// Actions of commands and executors, without their repetitions.
    pub(super) machine: u64,
    /// Instructions to people.
    pub(super) people: u64,
    /// The questions that a person answered, and the answers.
    pub(super) answers: Vec<(String, String)>,
    /// The permanent identity of its runbook, and the SHA-256 of its text; none where the run only pages the owner of it.
    pub(super) text: Option<(String, String)>,
    /// The SHA-256 of all the texts that it is made of, in order: of what it runs and uses too.
    pub(super) texts: Vec<String>,
    /// Whether the configuration said its mode, as of all that nobody started; else whoever started it did.
    pub(super) is_configured: bool,
    /// What it might do unasked.
    pub(super) mode: RunMode,
    /// Whether each action that its mode asked about was approved, in order.
    pub(super) approvals: Vec<bool>,
}

impl RecordedFigures {
    /// Reads the records of a run.
    pub(super) fn of(records: &[JournalRecord]) -> Self {
        let mut figures = Self::default();
        let mut asked: BTreeMap<u64, (String, bool)> = BTreeMap::new();
        for record in records {
            match record.entry() {
                Ok(Entry::Own(JournalEvent::Begun(begun))) => {
                    figures.mode = begun.mode;
                    let main = begun.sources.first().filter(|it| !only_pages(&it.text));
                    figures.text = main.map(|it| (it.identity.clone(), it.sha256.clone()));
                    figures.texts = begun.sources.iter().map(|it| it.sha256.clone()).collect();
                    figures.is_configured = begun.mode_is_configured;
                    figures.alert_began = begun.alert.and_then(|alert| alert.starts_at);
                }
                Ok(Entry::Own(JournalEvent::Intent { intent, .. })) => {
                    figures.begun(&intent, record.at);
                    if let Effect::Ask(ask) = intent
                        && !matches!(ask.kind, AskKind::Secret(_))
                    {
                        asked.insert(record.seq, (ask.prompt, ask.permits.is_some()));
                    }
                }
                Ok(Entry::Own(JournalEvent::Reply { answer, to })) => {
                    if let Reply::Answered(answer) = answer
                        && let Some((question, permits)) = asked.remove(&to)
                    {
                        if permits {
                            figures.approvals.push(matches!(answer, Answer::Yes(_)));
                        }
                        figures.answers.extend(given(answer).map(|answer| (question, answer)));
                    }
                }
                // Whoever ends the run instead of approving does not approve.
                Ok(Entry::Own(JournalEvent::BrokenOff { to, .. })) => {
                    if let Some((_, true)) = asked.remove(&to) {
                        figures.approvals.push(false);
                    }
                }
                // What cannot be read by this rbl, and what says nothing about these figures.
                Ok(
                    Entry::Event(_)
                    | Entry::Own(
                        JournalEvent::Look { .. }
                        | JournalEvent::Mark(_)
                        | JournalEvent::AlertChanged(_)
                        | JournalEvent::Resumed { .. },
                    ),
                )
                | Err(_) => {}
            }
        }
        figures
    }

    /// Counts an action that was begun; a repeated one once.
    fn begun(&mut self, intent: &Effect, at: Time) {
        let Effect::Act(act) = intent else { return };
        self.first_action = self.first_action.or(Some(at));
        if act.attempt <= 1 {
            match act.target {
                ActTarget::Instruction(_) => self.people += 1,
                ActTarget::Command(_) | ActTarget::Executor { .. } => self.machine += 1,
            }
        }
    }
}

/// The answer of a person in words; `None`: nobody answered.
fn given(answer: Answer) -> Option<String> {
    let (words, author) = match answer {
        Answer::Yes(author) => ("yes".to_owned(), author),
        Answer::No(author) => ("no".to_owned(), author),
        Answer::Unknown(_, author) => ("not sure".to_owned(), author),
        Answer::Text(text, author) => (text, author),
        Answer::SecretKept(_) => return None,
    };
    author.by.map(|_| words)
}
