//! Shows a run from its record: the same events through the same observers, with the recorded times, and records that
//! are not events in between.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::markdown::Markdown;
use super::{Clock, PagePrinter, Sink};
use rbl_runtime::journal::{
    Entry, JournalEvent, JournalRecord, RunState, RunSummary, Signal, begun_action, open,
};
use rbl_runtime::words::{Mark, Words, say};
use rbl_runtime::{Act, Event, EventKind, Observer};
use rbl_syntax::value::{CommandOutput, Time};

/// The most lines of a command's output that are shown.
const LINES: usize = 10;

/// A run with its whole record.
#[derive(Debug, Clone, Copy)]
pub struct RecordedRun<'r> {
    /// Its state.
    pub summary: &'r RunSummary,
    /// Its records.
    pub records: &'r [JournalRecord],
    /// The signals that it received.
    pub signals: &'r [Signal],
    /// Any moment: lengths of time are measured from it.
    pub base: Instant,
}

/// An observer that can show a recorded run.
pub(super) trait RecordedObserver: Observer {
    /// Prints something that is not an event of the run.
    fn besides(&mut self, words: &Words, took: Option<Duration>);

    /// Prints the state of a run that has not ended, what it still owes, and the action that it has begun.
    fn state(&mut self, state: &RunState, pending: &[String], begun: Option<&Act>);
}

/// Prints the run as a page for a person.
pub fn page(run: &RecordedRun<'_>, sink: Sink) {
    let (now, clock) = clock(run);
    show(run, &now, &mut PagePrinter::new(sink, clock).recorded());
}

/// Returns the run as Markdown: the timeline of a post-mortem.
pub fn markdown(run: &RecordedRun<'_>) -> String {
    let (now, clock) = clock(run);
    let mut printer = Markdown::new(clock);
    show(run, &now, &mut printer);
    printer.text()
}

fn clock(run: &RecordedRun<'_>) -> (Rc<Cell<Time>>, Clock) {
    let now = Rc::new(Cell::new(run.summary.started));
    let time = Rc::clone(&now);
    (now, Clock::recorded(move || time.get(), run.base))
}

fn show(run: &RecordedRun<'_>, now: &Cell<Time>, printer: &mut dyn RecordedObserver) {
    let mut parked: Option<(Time, Event)> = None;
    let mut pending: Vec<String> = Vec::new();
    let mut ended = false;
    let mut by = None;
    for record in run.records {
        let entry = record.entry();
        if entry.as_ref().is_ok_and(is_of_the_world) {
            continue;
        }
        // A parked state that is over. The last one is shown as the state of the run.
        if let Some((at, event)) = parked.take()
            && let Some(words) = say(&event.kind)
        {
            now.set(at);
            printer.besides(&words, None);
        }
        now.set(record.at);
        match entry {
            Ok(Entry::Event(event)) => {
                printer.event(&event);
                if let EventKind::Started { .. } = &event.kind {
                    let at = record.at.0.strftime("%Y-%m-%d %H:%M:%S UTC");
                    let who = by.take().map(|by| format!("by {by}"));
                    printer.besides(&Words::new(Mark::None, "began", at.to_string()).maybe(who), None);
                } else if let EventKind::Parked { pending: owed, .. } = &event.kind {
                    pending.clone_from(owed);
                    parked = Some((record.at, event));
                } else if let EventKind::Ended { .. } = &event.kind {
                    ended = true;
                }
            }
            Ok(Entry::Own(JournalEvent::Begun(begun))) => by = Some(begun.by.clone()),
            Ok(Entry::Own(JournalEvent::Resumed { by, rbl, changed })) => {
                let words = Words::new(Mark::Begins, "resumed", format!("by {by}"))
                    .note(format!("rbl {rbl}"))
                    .maybe(changed.then(|| {
                        "the file had changed: it continued with the text it began with".to_owned()
                    }));
                printer.besides(&words, None);
            }
            Ok(Entry::Own(JournalEvent::AlertChanged(change))) => {
                let what = if change.firing { "joined" } else { "resolved" };
                let late = change.after_action.then(|| "after the first action of this run".to_owned());
                let words = Words::new(Mark::Message, what, format!("alert {}", change.words()));
                printer.besides(&words.maybe(late), None);
            }
            Ok(Entry::Own(
                JournalEvent::Intent { .. }
                | JournalEvent::Look { .. }
                | JournalEvent::Reply { .. }
                | JournalEvent::BrokenOff { .. }
                | JournalEvent::Mark(_),
            )) => {}
            Err(_) => {
                let text = format!("record {} cannot be read by this rbl", record.seq);
                printer.besides(&Words::new(Mark::Unknown, "unread", text), None);
            }
        }
    }
    if let Some(words) = pending_answer(run) {
        now.set(words.0);
        printer.besides(&words.1, None);
    }
    if !ended {
        printer.state(&run.summary.state, &pending, begun_action(run.records).as_ref());
    }
}

/// Whether an entry belongs to an effect: the events show what came of it.
fn is_of_the_world(entry: &Entry) -> bool {
    match entry {
        Entry::Own(
            JournalEvent::Intent { .. }
            | JournalEvent::Look { .. }
            | JournalEvent::Reply { .. }
            | JournalEvent::BrokenOff { .. }
            | JournalEvent::Mark(_),
        ) => true,
        Entry::Own(JournalEvent::Begun(_) | JournalEvent::Resumed { .. } | JournalEvent::AlertChanged(_))
        | Entry::Event(_) => false,
    }
}

/// An answer that was received, while nobody has resumed the run yet.
fn pending_answer(run: &RecordedRun<'_>) -> Option<(Time, Words)> {
    let asked = open(run.records).ok().flatten()?;
    // A run that waits has read what came so far: it needs more answers.
    if !matches!(run.summary.state, RunState::Answered(_)) {
        return None;
    }
    let mut about = run.signals.iter().filter(|signal| signal.question() == asked.seq.to_string());
    let signal = about.next_back()?;
    let words = Words::new(Mark::Message, "came", "an answer; the run has not been resumed yet");
    Some((signal.at, words))
}

/// The last lines of a command's output, and how much was left out before them.
pub(super) fn tail(output: &CommandOutput) -> Vec<String> {
    let mut shown = Vec::new();
    for text in [&output.shown(), &output.shown_errors()] {
        let lines: Vec<&str> = text.trim_end().lines().collect();
        let left_out = lines.len().saturating_sub(LINES);
        match left_out {
            0 => {}
            1 => shown.push("(1 line before)".to_owned()),
            more => shown.push(format!("({more} lines before)")),
        }
        shown.extend(lines.into_iter().skip(left_out).map(str::to_owned));
    }
    if output.cut() > 0 {
        shown.push(format!("({} bytes more were not kept)", output.cut()));
    }
    shown
}
