//! The results as text: the title of each test, and why those that failed did.

use crate::tests::result::{Failed, ReportedEvent, SourceLine, Tested, TestsSummary};
use rbl_syntax::harmless;
use rbl_syntax::value::Took;
use rbl_terminal::Output;
use rbl_terminal::Style;
use rbl_terminal::{Look, Tone, fitted, hung, width_of};

/// The widest output, in columns; wider text is hard to read.
const WIDEST: usize = 110;
/// A story with more lines than this is cut in the middle: its start shows how it came about, its end how it ends.
const LONGEST: usize = 60;

/// The width and the style of the output.
#[derive(Debug, Clone, Copy)]
pub struct TestScreen {
    /// Colours and characters that may be used.
    pub look: Look,
    /// The width in columns.
    pub width: usize,
}

/// Prints every test under its file, then what failed, then the summary.
pub(super) fn print(tests: &[Tested], summary: &TestsSummary, style: Style, out: &mut Output) {
    let screen = TestScreen::of(style);
    let look = screen.look;
    let mut file = "";
    for test in tests {
        if test.file != file {
            file = &test.file;
            out.line(&look.paint(Tone::Strong, &harmless(file)));
        }
        out.line(&screen.headline(test));
        for line in &test.idle {
            screen.idle(line, out);
        }
    }
    for test in tests.iter().filter(|test| !test.passed) {
        for failure in &test.failures {
            out.line("");
            screen.failure(test, failure, out);
        }
    }
    out.line("");
    out.line(&summary.to_string());
}

impl TestScreen {
    /// Returns the screen for a stream.
    pub fn of(style: Style) -> Self {
        let look = Look { color: style.color, unicode: style.unicode, moves: false };
        Self { look, width: style.width.min(WIDEST) }
    }

    /// `✓ TITLE · 5 runs`
    fn headline(self, test: &Tested) -> String {
        let mark = if test.passed {
            self.look.paint(Tone::Good, self.look.pick("✓", "ok  "))
        } else {
            self.look.paint(Tone::Bad, self.look.pick("✗", "FAIL"))
        };
        let failed: usize = test.failures.iter().map(|failure| failure.alike).sum();
        let runs = match (test.runs, failed) {
            (0 | 1, _) => String::new(),
            (runs, 0) => format!(" ({runs} runs)"),
            (runs, failed) => format!(" ({failed} of {runs} runs failed)"),
        };
        format!("  {mark} {}{}", harmless(&test.title), self.look.paint(Tone::Faint, &runs))
    }

    /// A line that never took effect.
    fn idle(self, line: &SourceLine, out: &mut Output) {
        let mark = self.look.paint(Tone::Warning, self.look.pick("⚠", "warning:"));
        let text = format!("line {} takes no effect: {}", line.line, harmless(&line.text));
        for text in hung(&format!("    {mark} "), "      ", &text, self.width) {
            out.line(&text);
        }
    }

    fn failure(self, test: &Tested, failure: &Failed, out: &mut Output) {
        let mark = self.look.paint(Tone::Bad, self.look.pick("✗", "FAIL"));
        out.line(&format!("{mark} {}", self.look.paint(Tone::Strong, &harmless(&test.title))));
        out.line(&self.look.paint(Tone::Faint, &format!("  {}:{}", harmless(&test.file), test.line)));
        for unmet in &failure.unmet {
            out.line("");
            let expected = &unmet.expected.text;
            self.field("expected", expected.strip_prefix("expect ").unwrap_or(expected), out);
            self.place(&unmet.expected, false, out);
            self.field("but", &unmet.happened, out);
            if let Some(at) = &unmet.at {
                self.place(at, true, out);
            }
        }
        self.rows(failure, out);
        if !failure.story.is_empty() {
            out.line("");
            let of = if failure.alike > 1 { "the story of the first of them" } else { "the story" };
            out.line(&format!("  {of}"));
            self.story((&failure.story, failure.story_left_out), &test_main(failure), out);
        }
    }

    /// Prints the lines of the table.
    fn rows(self, failure: &Failed, out: &mut Output) {
        if failure.with.is_empty() {
            return;
        }
        out.line("");
        for (index, row) in failure.with.iter().enumerate() {
            self.field(
                if index == 0 { "with" } else { "" },
                &format!("{} (line {})", row.text, row.line),
                out,
            );
        }
        if failure.alike > 1 {
            self.field("", &format!("{} of {} runs fail alike", failure.alike, failure.of), out);
        }
    }

    fn field(self, name: &str, text: &str, out: &mut Output) {
        let name = format!("{name:<10}");
        for line in hung(&format!("  {name}"), &" ".repeat(12), &harmless(text), self.width) {
            out.line(&line);
        }
    }

    /// Prints a place, and the text there if it was not shown already.
    fn place(self, at: &SourceLine, with_text: bool, out: &mut Output) {
        let text = if with_text { format!("  {}", at.text) } else { String::new() };
        let line = format!("{}:{}{text}", harmless(&at.file), at.line);
        let line = fitted(&harmless(&line), self.width.saturating_sub(12));
        out.line(&format!("{:12}{}", "", self.look.paint(Tone::Faint, &line)));
    }

    /// Prints the story of a run; of a long one the middle is left out, from which `missing` lines are missing already.
    pub fn story(self, (story, missing): (&[ReportedEvent], usize), main: &str, out: &mut Output) {
        let cut = story.len() > LONGEST;
        let (first, last) = if cut { (LONGEST / 3, story.len() - 2 * LONGEST / 3) } else { (story.len(), 0) };
        let mut file = main;
        for (index, line) in story.iter().enumerate() {
            if cut && index == first {
                out.line(&format!("{:10}… {} lines left out …", "", last - first + missing));
            }
            if cut && (first..last).contains(&index) {
                continue;
            }
            if let Some(of) = line.file.as_deref().filter(|of| *of != file) {
                out.line(&self.look.paint(Tone::Faint, &format!("{:10}in {}", "", harmless(of))));
                file = of;
            }
            let number = line.line.map(|number| number.to_string()).unwrap_or_default();
            let when = format!("{:>9}  {number:>3}  ", Took(line.at).to_string());
            let lead = format!("{}{:<10} ", self.look.paint(Tone::Faint, &when), line.word);
            let rest = " ".repeat(width_of(&lead));
            let text = harmless(&line.text).replace('\n', " / ");
            if text.is_empty() {
                out.line(lead.trim_end());
            }
            for line in hung(&lead, &rest, &text, self.width) {
                out.line(line.trim_end());
            }
        }
    }
}

/// The main file of a story: the one in which it begins.
fn test_main(failure: &Failed) -> String {
    failure.story.iter().find_map(|line| line.file.clone()).unwrap_or_default()
}
