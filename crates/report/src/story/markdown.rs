//! Prints a run as Markdown for a post-mortem: the runbook, the outcome, and a timeline.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::recorded::{RecordedObserver, tail};
use crate::story::{Clock, closing, header};
use rbl_runtime::journal::RunState;
use rbl_runtime::words::{Words, say};
use rbl_runtime::{Act, Event, EventKind, Observer};
use rbl_syntax::harmless;
use rbl_syntax::value::CommandOutput;
use rbl_syntax::value::Took;

/// Collects the parts of the document, because the outcome comes first.
pub(super) struct Markdown {
    clock: Clock,
    story: closing::ClosingFacts,
    title: String,
    facts: Vec<Words>,
    about: Option<String>,
    timeline: String,
    closing: Vec<Words>,
    actions: HashMap<String, Instant>,
    day: Option<String>,
}

impl Markdown {
    pub(super) fn new(clock: Clock) -> Self {
        let mut story = closing::ClosingFacts::default();
        story.resumable = true;
        story.recorded = true;
        Self {
            clock,
            story,
            title: String::new(),
            facts: Vec::new(),
            about: None,
            timeline: String::new(),
            closing: Vec::new(),
            actions: HashMap::new(),
            day: None,
        }
    }

    /// Returns the whole document.
    pub(super) fn text(self) -> String {
        let mut text = format!("# {}\n\n", escaped(&self.title));
        let mut rows = self.closing.iter();
        if let Some(first) = rows.next() {
            let _ = writeln!(text, "**{}**: {}\n", first.word, lines_of(&first.text, "\\\n"));
        }
        text.push_str("| | |\n|---|---|\n");
        for Words { word, text: what, notes, .. } in self.facts.iter().chain(rows) {
            let notes = notes.iter().fold(String::new(), |all, note| all + ", " + note);
            let said = lines_of(&format!("{what}{notes}"), "<br>").replace('|', "\\|");
            let _ = writeln!(text, "| {word} | {said} |");
        }
        if let Some(about) = &self.about {
            let _ = writeln!(text, "\n## About\n\n{}", nested(about));
        }
        text.push_str("\n## Timeline\n\nAll times are UTC.\n");
        text.push_str(&self.timeline);
        text
    }

    fn line(&mut self, depth: u32, words: &Words) {
        let now = self.clock.time();
        let day = now.0.strftime("%Y-%m-%d").to_string();
        if self.day.replace(day.clone()).as_ref() != Some(&day) {
            let _ = writeln!(self.timeline, "\n### {day}\n");
        }
        let notes = words.notes.iter().fold(String::new(), |all, note| all + "; " + note);
        let indent = "  ".repeat(depth as usize);
        // Lines of a text stay lines of the entry.
        let said = lines_of(&format!("{}{notes}", words.text), &format!("\\\n{indent}  "));
        let time = now.0.strftime("%H:%M:%S");
        let _ = writeln!(self.timeline, "{indent}- {time} **{}** {said}", words.word);
    }

    fn printed(&mut self, depth: u32, output: &CommandOutput) {
        let lines = tail(output);
        if lines.is_empty() {
            return;
        }
        // Longer than any sequence of backticks in it.
        let fence = lines.iter().fold(3, |longest, line| longest.max(ticks(line) + 1));
        let (fence, indent) = ("`".repeat(fence), "  ".repeat(depth as usize + 1));
        let _ = writeln!(self.timeline, "\n{indent}{fence}text");
        for line in lines {
            let _ = writeln!(self.timeline, "{indent}{}", harmless(&line));
        }
        let _ = writeln!(self.timeline, "{indent}{fence}\n");
    }
}

impl Observer for Markdown {
    fn event(&mut self, event: &Event) {
        let now = self.clock.instant();
        self.story.note(event, now);
        match &event.kind {
            EventKind::Started { runbook, .. } => {
                self.title.clone_from(runbook);
                self.facts = header::words(event);
                self.about = header::about(event).map(str::to_owned);
            }
            EventKind::Ended { .. } => self.closing = self.story.words(event, now),
            EventKind::StepStarted { title: None, .. }
            | EventKind::Read { .. }
            | EventKind::Polled { .. }
            | EventKind::Parked { .. } => {}
            EventKind::ActionEnded { key, output, .. } => {
                let took = self.actions.remove(key).map(|begun| now.saturating_duration_since(begun));
                if let Some(words) = say(&event.kind) {
                    let took = took.map(|took| format!("after {}", Took::from(took)));
                    self.line(event.depth, &words.maybe(took));
                }
                self.printed(event.depth, output);
            }
            kind @ (EventKind::Noted { .. }
            | EventKind::StepStarted { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Prose { .. }
            | EventKind::Probed { .. }
            | EventKind::Decided(_)
            | EventKind::Asked { .. }
            | EventKind::Answered { .. }
            | EventKind::ActionStarted { .. }
            | EventKind::ActionRetried { .. }
            | EventKind::Waiting { .. }
            | EventKind::WaitEnded { .. }
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
            | EventKind::Aborted { .. }) => {
                if let EventKind::ActionStarted { key, .. } = kind {
                    self.actions.insert(key.clone(), now);
                }
                if let Some(words) = say(kind) {
                    self.line(event.depth, &words);
                }
            }
        }
    }
}

impl RecordedObserver for Markdown {
    fn besides(&mut self, words: &Words, _: Option<Duration>) {
        self.line(0, words);
    }

    fn state(&mut self, state: &RunState, pending: &[String], begun: Option<&Act>) {
        let now = self.clock.instant();
        self.closing = self.story.state_lines(state, (pending, begun), now);
    }
}

/// The length of the longest sequence of backticks.
fn ticks(text: &str) -> usize {
    text.split(|it| it != '`').map(str::len).max().unwrap_or(0)
}

/// Escapes each line of a text, and joins them.
fn lines_of(text: &str, between: &str) -> String {
    text.lines().map(escaped).collect::<Vec<_>>().join(between)
}

/// The author's own Markdown, with its headings two levels below those of the document.
fn nested(about: &str) -> String {
    let mut code = false;
    let line = |line: &str| {
        code ^= line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        let heading = !code && line.starts_with('#') && line.trim_start_matches('#').starts_with(' ');
        format!("{}{}", if heading { "##" } else { "" }, harmless(line))
    };
    about.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Joins a text to one line, and escapes Markdown except for code between two backticks.
fn escaped(text: &str) -> String {
    let text = harmless(text).replace(['\n', '\t'], " ");
    let parts: Vec<&str> = text.split('`').collect();
    let paired = parts.len() % 2 == 1;
    let mut out = String::with_capacity(text.len() + 8);
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push_str(if paired { "`" } else { "\\`" });
        }
        if paired && at % 2 == 1 {
            out.push_str(part);
            continue;
        }
        for character in part.chars() {
            if "\\*_[]<>#|~&!".contains(character) {
                out.push('\\');
            }
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text that a reader of the Markdown sees.
    fn read(markdown: &str) -> String {
        use pulldown_cmark::{Event, Options, Parser};
        let seen = |event| match event {
            Event::Text(text) => Some(text.into_string()),
            Event::Code(text) => Some(format!("`{text}`")),
            Event::Html(text) | Event::InlineHtml(text) => Some(format!("HTML {text}")),
            _ => None,
        };
        Parser::new_ext(markdown, Options::all()).filter_map(seen).collect()
    }

    #[test]
    fn nothing_in_a_text_becomes_markdown_but_its_commands() {
        for text in [
            "p99 < 500ms and pool > 90%",
            "`test -e *web*.up` <b>x</b>",
            "# *a* _b_ [c](d) ![e](f) | g ~~h~~ &amp; <https://x>",
            "one ` tick, \\ and *stars*",
            "``two`` `one`",
        ] {
            let printed = read(&escaped(text)).replace("``two``", "`two`");
            assert_eq!(printed, text.replace("``two``", "`two`"), "{}", escaped(text));
        }
    }

    #[test]
    fn the_text_of_the_author_keeps_its_form_below_the_headings_of_the_document() {
        let about = "# Impact\n\nUsers *wait*.\n\n```sh\n# no heading\n```\n";
        assert_eq!(nested(about), "### Impact\n\nUsers *wait*.\n\n```sh\n# no heading\n```");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(lines_of("a\nb *c*", "<br>"), "a<br>b \\*c\\*");
    }

    #[test]
    fn ticks_are_counted_where_they_stand_together() {
        assert_eq!((ticks(""), ticks("a`b``c"), ticks("```")), (0, 2, 3));
    }
}
