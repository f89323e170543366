//! Prints a run as a page for a person at a terminal: each step with its checks, the values that decided, and a
//! closing panel.

mod recorded;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::planned::{PlannedEvent, would};
use crate::story::{Clock, Sink, closing, header};
use rbl_runtime::words::{Mark, Words, beside_its_panel, operands, say};
use rbl_runtime::{Event, EventKind, Observer};
use rbl_syntax::clean;
use rbl_syntax::value::Took;
use rbl_terminal::{Panel, Tone, shortened, width_of, wrapped};

/// The greatest width, as wider text is hard to read.
const WIDEST: usize = 110;

/// The shortest duration that is printed.
const WORTH_SAYING: Duration = Duration::from_millis(100);

/// The width of the column for the word, between the mark and the text.
const WORD: usize = 10;

/// An observer that prints each event as it comes.
pub struct PagePrinter {
    sink: Sink,
    clock: Clock,
    story: closing::ClosingFacts,
    /// The end of the previous event, from which the next duration is measured.
    last: Option<Instant>,
    actions: HashMap<String, Instant>,
    /// The last answer, so that a `let` does not repeat it.
    answer: Option<String>,
    /// Whether this is a plan, in which nothing happens.
    planned: bool,
    /// The values of the last poll: they decided when the wait ended.
    polled: Vec<String>,
    /// What the status line shows that the run waits for.
    waits: Option<String>,
    /// Whether a step with a title has begun.
    titled: bool,
    /// The times beside the lines, if the run is shown from its record.
    gutter: Option<recorded::Gutter>,
}

impl PagePrinter {
    /// Prints on this sink, with times from this clock.
    pub fn new(sink: Sink, clock: Clock) -> Self {
        Self {
            sink,
            clock,
            story: closing::ClosingFacts::default(),
            last: None,
            actions: HashMap::new(),
            answer: None,
            planned: false,
            polled: Vec::new(),
            waits: None,
            titled: false,
            gutter: None,
        }
    }

    /// The sink, for text between the lines of the page.
    pub fn sink(&mut self) -> &mut Sink {
        &mut self.sink
    }

    /// Says that the run is recorded: the closing panel shows how to resume it.
    #[must_use]
    pub fn resumable(mut self) -> Self {
        self.story.resumable = true;
        self
    }

    /// Prints a plan: the caller prints the effect that ended the walk, and the ways to continue.
    #[must_use]
    pub fn planned(mut self) -> Self {
        self.planned = true;
        self
    }

    fn width(&self) -> usize {
        self.sink.width().clamp(30, WIDEST)
    }

    fn begin(&mut self, event: &Event) {
        let look = self.sink.look();
        // The header has no time beside it.
        let gutter = self.gutter.take();
        let mut lines = header::words(event).into_iter();
        if let Some(first) = lines.next() {
            for line in wrapped(&clean(&shortened(&first.text)), self.width()) {
                self.sink.line(&look.paint(Tone::Strong, &line));
            }
            let rest = std::iter::once(Words::new(Mark::None, "file", first.notes.join(", "))).chain(lines);
            for words in rest {
                self.row(2, Tone::Faint, words.word, &words.text, &[]);
            }
            if let Some(about) = header::about(event) {
                self.row(2, Tone::Faint, "about", about, &[]);
            }
        }
        self.gutter = gutter;
    }

    fn end(&mut self, event: &Event, now: Instant) {
        let lines = self.story.words(event, now);
        self.panel(lines);
    }

    fn panel(&mut self, lines: Vec<Words>) {
        let mut lines = lines.into_iter();
        let Some(first) = lines.next() else { return };
        let look = self.sink.look();
        let (mark, tone) = marked(first.mark, look.unicode);
        let title = format!("{mark} {}", first.word.to_uppercase());
        let rows = lines.flat_map(|words| labelled(words.word, &words.text, self.width()));
        let panel = Panel::new(tone, &title)
            .section([first.text].into_iter().filter(|text| !text.is_empty()))
            .section(rows);
        self.sink.line("");
        for line in panel.lines(look, self.width()) {
            self.sink.line(&line);
        }
    }

    /// Prints the number of a statement that is a step of its own.
    fn bare_step(&mut self, number: u32, of: u32, depth: u32) {
        let look = self.sink.look();
        self.sink.line("");
        let lead = format!("{}{}{number}/{of}", self.beside(), "  ".repeat(depth as usize));
        self.sink.line(&look.paint(Tone::Faint, &lead));
    }

    fn step(&mut self, number: u32, of: u32, title: &str, depth: u32) {
        let look = self.sink.look();
        let lead = format!("{}{number}/{of} ", "  ".repeat(depth as usize));
        self.sink.line("");
        let mut beside = self.beside();
        let room = self.width().saturating_sub(width_of(&beside) + lead.len()).max(10);
        let mut lead = lead;
        for line in wrapped(&clean(&shortened(title)), room) {
            let leads = look.paint(Tone::Faint, &format!("{beside}{lead}"));
            self.sink.line(&format!("{leads}{}", look.paint(Tone::Strong, &line)));
            lead = " ".repeat(lead.len());
            beside = " ".repeat(width_of(&beside));
        }
    }

    fn print(&mut self, depth: u32, words: &Words, took: Option<Duration>) {
        let (mark, tone) = marked(words.mark, self.sink.look().unicode);
        let mut notes = words.notes.clone();
        notes.extend(took.filter(|took| *took >= WORTH_SAYING).map(|took| Took::from(took).to_string()));
        let lead = if mark == ' ' { words.word.to_owned() } else { format!("{mark} {}", words.word) };
        self.row(2 + 2 * depth as usize, tone, &lead, &words.text, &notes);
    }

    /// Prints a row: a lead in its tone, the text, and the notes behind the text if they fit, else below it.
    fn row(&mut self, indent: usize, tone: Tone, lead: &str, text: &str, notes: &[String]) {
        let look = self.sink.look();
        let beside = self.beside();
        let gutter = width_of(&beside);
        let behind = gutter + indent + (WORD + 2).max(width_of(lead) + 2);
        let room = self.width().saturating_sub(behind).max(20);
        let text = clean(&shortened(text));
        let notes = clean(&shortened(&notes.join("; "))).clone();
        let mut lines: Vec<(String, Option<String>)> =
            wrapped(&text, room).into_iter().map(|line| (line, None)).collect();
        if !notes.is_empty() {
            let fits = |line: &str| !notes.contains('\n') && width_of(line) + 3 + width_of(&notes) <= room;
            match lines.last_mut() {
                Some((line, note)) if fits(line) => *note = Some(notes),
                _ => lines.extend(wrapped(&notes, room).into_iter().map(|line| (String::new(), Some(line)))),
            }
        }
        let mut lead = format!(
            "{}{}{}{}",
            look.paint(Tone::Faint, &beside),
            " ".repeat(indent),
            look.paint(tone, lead),
            " ".repeat(behind.saturating_sub(gutter + indent + width_of(lead)))
        );
        for (line, note) in lines {
            let gap = if line.is_empty() || note.is_none() { "" } else { "   " };
            let note = note.map(|note| look.paint(Tone::Faint, &note)).unwrap_or_default();
            self.sink.line(format!("{lead}{line}{gap}{note}").trim_end());
            lead = " ".repeat(behind);
        }
    }
}

/// Formats a row of the panel: the label once, the text wrapped beside it.
fn labelled(label: &str, text: &str, width: usize) -> Vec<String> {
    const LABEL: usize = 13;
    // The panel's own frame takes four columns, and it is never wider than a hundred.
    let room = width.min(100).saturating_sub(4 + LABEL).max(10);
    let text = clean(&shortened(text));
    let line = |(at, line): (usize, String)| format!("{:<LABEL$}{line}", if at == 0 { label } else { "" });
    wrapped(&text, room).into_iter().enumerate().map(line).collect()
}

/// The mark as the terminal can show it, and its colour.
fn marked(mark: Mark, unicode: bool) -> (char, Tone) {
    let (shown, ascii, tone) = match mark {
        Mark::Yes => ('✔', '+', Tone::Good),
        Mark::No => ('✘', 'x', Tone::Bad),
        Mark::Neutral => ('–', '-', Tone::Faint),
        Mark::Unknown => ('?', '?', Tone::Warning),
        Mark::Begins => ('▸', '>', Tone::Strong),
        Mark::Attention => ('!', '!', Tone::Warning),
        Mark::Message => ('•', '*', Tone::Strong),
        Mark::Waits => ('…', '~', Tone::Question),
        Mark::None => (' ', ' ', Tone::Faint),
    };
    (if unicode { shown } else { ascii }, tone)
}

impl Observer for PagePrinter {
    fn event(&mut self, event: &Event) {
        let now = self.clock.instant();
        self.note_time();
        if let Some(words) = self.story.resumed_line() {
            self.print(0, &words, None);
            self.last = Some(now);
        }
        self.story.note(event, now);
        if self.planned {
            match would(&event.kind) {
                PlannedEvent::AsOfARun => {}
                PlannedEvent::Would(words) => return self.print(event.depth, &words, None),
                PlannedEvent::Not => return,
            }
        }
        let took = now.saturating_duration_since(self.last.unwrap_or(now));
        let depth = event.depth;
        match &event.kind {
            EventKind::Started { .. } => self.begin(event),
            EventKind::Ended { .. } => self.end(event, now),
            EventKind::StepStarted { number, of, title: Some(title) } => {
                self.titled = self.titled || depth == 0;
                self.step(*number, *of, title, depth);
            }
            // Among steps with titles a bare statement shows its number; alone it needs no line. A question and a poll are on the screen while they last; a reading and
            // a probe are in the decision, the end is in the panel.
            EventKind::StepStarted { number, of, title: None } if self.titled => {
                self.bare_step(*number, *of, depth);
            }
            EventKind::StepStarted { title: None, .. }
            | EventKind::Read { .. }
            | EventKind::Probed { .. }
            | EventKind::Asked { .. }
            | EventKind::Parked { .. } => return,
            EventKind::Polled { decision, .. } => {
                self.polled = operands(decision);
                return;
            }
            // The status line shows the wait while it lasts; a line of the page would stay after it is over.
            EventKind::Waiting { .. } if self.sink.look().moves && self.sink.is_screen() => {
                self.waits = say(&event.kind).map(|words| words.text);
            }
            EventKind::Aborted { .. } => {
                let waited = self.waits.take().map(|what| format!("while it waited {what}"));
                if let Some(mut words) = say(&event.kind) {
                    words.notes.extend(waited);
                    self.print(depth, &words, None);
                }
            }
            EventKind::Acknowledged { .. } => {
                self.waits = None;
                self.say(event, None);
            }
            EventKind::WaitEnded { .. } => {
                self.waits = None;
                if let Some(mut words) = say(&event.kind) {
                    words.notes.splice(0..0, std::mem::take(&mut self.polled));
                    self.print(depth, &words, None);
                }
            }
            EventKind::Resolved { .. } | EventKind::Stopped { .. } if depth == 0 => {}
            EventKind::Answered { answer, .. } => match answer {
                rbl_runtime::Answer::Text(text, _) => {
                    self.answer = Some(text.clone());
                    self.say(event, Some(took));
                }
                rbl_runtime::Answer::SecretKept(_) => self.say(event, Some(took)),
                // The decision that follows shows these.
                rbl_runtime::Answer::Yes(_)
                | rbl_runtime::Answer::No(_)
                | rbl_runtime::Answer::Unknown(..) => return,
            },
            EventKind::Let { value, .. } if self.answer.as_ref() == Some(&value.text) => {}
            EventKind::Recorded { delivered: Ok(delivery), .. }
            | EventKind::Escalated { delivered: Ok(delivery), .. }
                if self.sink.is_screen() && !delivery.reached_others =>
            {
                if let Some(words) = beside_its_panel(&event.kind, delivery) {
                    self.print(depth, &words, Some(took));
                }
            }
            EventKind::ActionStarted { key, .. } => {
                self.actions.insert(key.clone(), now);
                self.say(event, None);
            }
            EventKind::ActionEnded { key, output, .. } => {
                let took = self.actions.remove(key).map(|began| now.saturating_duration_since(began));
                self.say(event, took);
                self.printed(depth, output);
            }
            EventKind::Waiting { .. }
            | EventKind::Let { .. }
            | EventKind::Prose { .. }
            | EventKind::RunStarted { .. }
            | EventKind::RunEnded { .. }
            | EventKind::Locked { .. }
            | EventKind::RunLimited { .. }
            | EventKind::LoopStarted { .. }
            | EventKind::Pass { .. } => self.say(event, None),
            EventKind::Noted { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Decided(_)
            | EventKind::ActionRetried { .. }
            | EventKind::Escalated { .. }
            | EventKind::Recorded { .. }
            | EventKind::LoopEnded { .. }
            | EventKind::Resolved { .. }
            | EventKind::Stopped { .. }
            | EventKind::Unhandled { .. }
            | EventKind::CleanupStarted { .. }
            | EventKind::CleanupEnded { .. } => self.say(event, Some(took)),
        }
        let keeps =
            matches!(event.kind, EventKind::Answered { .. }) || matches!(event.kind, EventKind::Let { .. });
        if !keeps {
            self.answer = None;
        }
        self.last = Some(now);
    }

    fn earlier_event(&mut self, event: &Event) {
        let now = self.clock.instant();
        self.story.note_earlier(event, now);
        match &event.kind {
            EventKind::ActionStarted { key, .. } => drop(self.actions.insert(key.clone(), now)),
            EventKind::ActionEnded { key, .. } => drop(self.actions.remove(key)),
            EventKind::Polled { decision, .. } => self.polled = operands(decision),
            EventKind::WaitEnded { .. } => self.polled.clear(),
            EventKind::Started { .. }
            | EventKind::Noted { .. }
            | EventKind::StepStarted { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Prose { .. }
            | EventKind::Read { .. }
            | EventKind::Probed { .. }
            | EventKind::Decided(_)
            | EventKind::Asked { .. }
            | EventKind::Answered { .. }
            | EventKind::ActionRetried { .. }
            | EventKind::Waiting { .. }
            | EventKind::Escalated { .. }
            | EventKind::Acknowledged { .. }
            | EventKind::Recorded { .. }
            | EventKind::Let { .. }
            | EventKind::LoopStarted { .. }
            | EventKind::Pass { .. }
            | EventKind::LoopEnded { .. }
            | EventKind::RunStarted { .. }
            | EventKind::RunEnded { .. }
            | EventKind::Locked { .. }
            | EventKind::RunLimited { .. }
            | EventKind::Resolved { .. }
            | EventKind::Stopped { .. }
            | EventKind::Unhandled { .. }
            | EventKind::CleanupStarted { .. }
            | EventKind::CleanupEnded { .. }
            | EventKind::Parked { .. }
            | EventKind::Aborted { .. }
            | EventKind::Ended { .. } => {}
        }
    }
}

impl PagePrinter {
    /// Starts to measure what follows: the time since the last event belongs to nothing that is shown.
    pub fn begin_timing(&mut self) {
        self.last = Some(self.clock.instant());
    }

    fn say(&mut self, event: &Event, took: Option<Duration>) {
        if let Some(words) = say(&event.kind) {
            self.print(event.depth, &words, took);
        }
    }
}
