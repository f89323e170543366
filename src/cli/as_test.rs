//! `rbl replay RUN --as-test`: prints a recorded run as a test.

use std::path::Path;

use super::{CliContext, CommandResult};
use crate::Exit;
use rbl_check::Program;
use rbl_project::Refusal;
use rbl_project::files;
use rbl_runtime::journal::{Begun, EffectLogError, Entry, JournalRecord, LoggedEffect, effect_log};
use rbl_runtime::{Answer, Effect, EventKind, ONLY_LOOKS, Outcome, Reply, RunEnd, Start};
use rbl_testing::from_recording::{RecordingError, recorded_premise};
use rbl_testing::test_writer::{beside, test_of};

/// Prints the test, and nothing else, on standard output. Remarks about it go to standard error.
pub(super) fn as_test(
    begun: &Begun,
    records: &[JournalRecord],
    program: &Program,
    context: &mut CliContext,
) -> CommandResult {
    let run = &begun.run;
    let heard = effect_log(records).map_err(|why| match why {
        EffectLogError::BrokenOff(_) => Refusal::new(format!("run {run} is no test: {why}"))
            .help("a test has no form for a person who aborts a run; write how it would have continued"),
        EffectLogError::Unreadable { .. } => Refusal::new(format!("run {run} is no test: {why}")),
    })?;
    if only_looked(records) {
        return Err(Refusal::new(format!(
            "run {run} is no test: it only looked, and a test runs as it is written"
        ))
        .help("rbl test --write-missing writes tests from the runbook alone"));
    }
    let of = |start: &Start, heard: &[LoggedEffect]| recorded_premise(program, start, begun.confirm, heard);
    let acts = as_if_it_acted(run, &heard)?;
    let mut recalled = of(&Start { asks_mode: false, ..begun.start() }, &acts);
    if acts.len() < heard.len() && !recalled.as_ref().is_ok_and(|it| it.differs.is_none()) {
        // Where the runbook itself wants an approval of the same team, there was one question for both.
        let whole = of(&begun.start(), &heard);
        if whole.as_ref().is_ok_and(|it| it.differs.is_none()) {
            recalled = whole;
        }
    }
    let recalled = recalled.map_err(|why| match why {
        RecordingError::Unfinished(_) => Refusal::new(format!("run {run} is no test yet: {why}"))
            .help(format!("a test needs an end. rbl show {run} shows its state and how to resume it")),
        RecordingError::Other(_) => Refusal::new(format!("run {run} is no test: {why}")),
    })?;
    let when = records.first().map(|record| record.at.to_string()).unwrap_or_default();
    let day = when.split('T').next().unwrap_or_default();
    let title = format!("the run of {day}: {}", ending(&recalled.performed.ended));
    let text = test_of(program, &title, &recalled.premise, &recalled.performed)
        .map_err(|why| Refusal::new(format!("run {run} is no test: {why}")))?;
    context.out.line(&format!("# From run {run} of {when}: rbl replay {run} --as-test"));
    if let Some(difference) = &recalled.differs {
        context.out.line(&comment(difference));
    }
    context.out.text(&text);
    context.out.flush();
    note(begun, context);
    match recalled.differs {
        None => Ok(Exit::Fine),
        Some(difference) => {
            context.err.line(&format!("the test takes another path than the run: {difference}"));
            Ok(Exit::Findings)
        }
    }
}

/// Whether the run stopped before its first action, because of its mode.
fn only_looked(records: &[JournalRecord]) -> bool {
    let looked = |record: &JournalRecord| match record.entry() {
        Ok(Entry::Event(event)) => {
            matches!(event.kind, EventKind::Unhandled { what } if what.starts_with(ONLY_LOOKS))
        }
        Ok(Entry::Own(_)) | Err(_) => false,
    };
    records.iter().any(looked)
}

/// The effects without the questions of the mode: a test runs as it is written.
///
/// Errors: an approval was not given, and what came then is nothing that is written.
fn as_if_it_acted(run: &str, heard: &[LoggedEffect]) -> Result<Vec<LoggedEffect>, Refusal> {
    let mut kept = Vec::with_capacity(heard.len());
    for it in heard {
        if let Effect::Ask(ask) = &it.effect
            && ask.permits.is_some()
        {
            if !matches!(it.reply, Reply::Answered(Answer::Yes(_))) {
                let asked = &ask.prompt;
                let why =
                    format!("run {run} is no test: its mode asked \"{asked}\", and that was not approved");
                return Err(
                    Refusal::new(why).help("a test runs as it is written, and asks for no such approval")
                );
            }
        } else if !matches!(it.effect, Effect::Mode(_)) {
            kept.push(it.clone());
        }
    }
    Ok(kept)
}

/// Formats the end of a run for the title: `escalated to database-oncall`.
fn ending(ended: &RunEnd) -> String {
    match (ended.outcome, ended.paged.first()) {
        (Outcome::Escalated, Some(page)) => format!("escalated to {}", page.team),
        (outcome, _) => outcome.to_string(),
    }
}

fn comment(difference: &str) -> String {
    let line = difference.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("# It takes another path than the run: {line}")
}

/// Says which file the test goes into, and whether the runbook has changed since the run.
fn note(begun: &Begun, context: &mut CliContext) {
    let changed: Vec<&str> = begun
        .sources
        .iter()
        .filter(|source| files::read_text(Path::new(&source.identity)).is_ok_and(|text| text != source.text))
        .map(|source| source.name.as_str())
        .collect();
    if !changed.is_empty() {
        let verb = if changed.len() == 1 { "has" } else { "have" };
        context.err.line(&format!(
            "{} {verb} changed since: the test is of the text that was run",
            changed.join(" and ")
        ));
    }
    if let Some(file) = begun.sources.first().and_then(|main| beside(Path::new(main.name.as_str()))) {
        context.err.line(&format!("it goes into {}", file.display()));
    }
}
