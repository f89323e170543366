//! Where the first finding may be, when one line of a correct program is missing.

use std::collections::HashSet;

use rbl_check::Checked;
use rbl_syntax::diagnostic::Diagnostic;

/// One line removed from a correct program.
pub(super) struct Deletion<'a> {
    /// The lines as they were.
    pub(super) lines: Vec<&'a str>,
    /// The index of the missing line, from 0.
    pub(super) missing: usize,
}

impl Deletion<'_> {
    pub(super) fn text(&self) -> String {
        let left = self.lines.iter().enumerate().filter(|(index, _)| *index != self.missing);
        left.map(|(_, line)| format!("{line}\n")).collect()
    }

    /// Returns why the place of the finding is wrong; `None` if it is right.
    ///
    /// A place is right if the line was there, or if what it opened, closed, declared or began now shows there.
    pub(super) fn why_right(&self, checked: &Checked, finding: &Diagnostic) -> Option<&'static str> {
        let place = finding.place()?;
        let source = checked.sources.get(place.source)?;
        if source.name() != "main.rb" {
            return None;
        }
        let now = source.line_column(place.span.start).line as usize - 1;
        let line = if now >= self.missing { now + 1 } else { now };
        let (before, behind) = (self.neighbour(-1), self.neighbour(1));
        if Some(line) == before || Some(line) == behind {
            return Some("where the line was");
        }
        if self.partners().contains(&line) {
            return Some("the other end of its bracket");
        }
        let gone = self.lines[self.missing];
        let said: HashSet<&str> = words(&finding.message).chain(words(source.slice(place.span))).collect();
        if words(gone).any(|word| said.contains(word)) && finding.code.name().starts_with("name/") {
            return Some("a name that the line gives or uses");
        }
        if gone.starts_with("use ") && finding.code.name().starts_with("name/") {
            return Some("a name of the library");
        }
        if gone.starts_with("runbook ") && line == self.first_of_a_runbook() {
            return Some("the first line that needs the header");
        }
        if finding.code.name() == "upkeep/no-expect" && line == self.test_of(self.missing) {
            return Some("the test that the line was of");
        }
        if gone.starts_with("tests for ") && line == self.first_of("test ") {
            return Some("the first test, which belongs to no runbook now");
        }
        if gone.starts_with("owner ") && (finding.code.name() == "upkeep/no-owner") {
            return Some("the header that lacks an owner");
        }
        if self.one_text(line) {
            return Some("the same text of several lines");
        }
        // The rest of the step is judged as a whole.
        let judged =
            ["flow/", "unknown/", "action/"].iter().any(|group| finding.code.name().starts_with(group));
        if judged && self.step_of(line) == self.step_of(self.missing) {
            return Some("the step it was taken from");
        }
        None
    }

    /// The line of the test that a line is in.
    fn test_of(&self, line: usize) -> usize {
        (0..=line).rev().find(|at| self.lines[*at].starts_with("test ")).unwrap_or(0)
    }

    /// The first line that begins with this.
    fn first_of(&self, beginning: &str) -> usize {
        self.lines.iter().position(|line| line.starts_with(beginning)).unwrap_or(0)
    }

    /// The next line that is not empty and not a comment, in one direction.
    fn neighbour(&self, direction: isize) -> Option<usize> {
        let mut at = self.missing;
        loop {
            at = at.checked_add_signed(direction)?;
            let line = self.lines.get(at)?.trim();
            if !line.is_empty() && !line.starts_with('#') {
                return Some(at);
            }
        }
    }

    /// The lines that hold the other end of a bracket or text that the missing line opens or closes.
    fn partners(&self) -> HashSet<usize> {
        let mut open: Vec<usize> = Vec::new();
        let mut found = HashSet::new();
        let mut triple: Option<usize> = None;
        for (number, line) in self.lines.iter().enumerate() {
            for _ in 0..line.matches("\"\"\"").count() {
                match triple.take() {
                    Some(start) if start == self.missing || number == self.missing => {
                        found.extend([start, number]);
                    }
                    Some(_) => {}
                    None => triple = Some(number),
                }
            }
            for c in line.chars() {
                match c {
                    '{' | '(' | '[' => open.push(number),
                    '}' | ')' | ']' => {
                        let start = open.pop().unwrap_or(number);
                        if start == self.missing || number == self.missing {
                            found.extend([start, number]);
                        }
                    }
                    _ => {}
                }
            }
        }
        found
    }

    fn first_of_a_runbook(&self) -> usize {
        let only = ["trigger ", "owner ", "severity ", "link ", "param "];
        let found = self.lines.iter().position(|line| only.iter().any(|word| line.starts_with(word)));
        found.unwrap_or(usize::MAX)
    }

    /// Whether the missing line and another are in one text of several lines.
    fn one_text(&self, other: usize) -> bool {
        let (from, to) = (self.missing.min(other), self.missing.max(other));
        let before =
            |line: usize| self.lines[..line].iter().map(|line| line.matches("\"\"\"").count()).sum::<usize>();
        let inside = |line: usize| before(line) % 2 == 1 || self.lines[line].contains("\"\"\"");
        inside(from) && inside(to) && before(to) - before(from) < 2
    }

    fn step_of(&self, line: usize) -> usize {
        (0..=line).rev().find(|line| self.lines[*line].starts_with("step ")).unwrap_or(0)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| word.len() > 1)
}
