//! Coverage as text: one line for each runbook; if it is not fully covered, its lines with arms and how often each arm
//! was taken; and the most serious path without a test.

use crate::paths;
use rbl_syntax::{counted, grouped, harmless};
use rbl_terminal::Output;
use rbl_terminal::Style;
use rbl_terminal::{Look, Tone, fitted, hung};
use rbl_testing::coverage::{Coverage, Covered, CoveredSite};
use rbl_testing::exclusions::LeftOut;

/// The widest output, in columns; wider text is hard to read.
const WIDEST: usize = 110;
/// The columns before the text of a line: the mark and the number.
const MARGIN: usize = 11;

/// A path with more lines than this is cut in the middle: its start shows how it came about, its end how it ends.
const LONGEST: usize = 60;

/// The width and the style of the output.
#[derive(Debug, Clone, Copy)]
struct CoverageScreen {
    pub look: Look,
    pub width: usize,
}

/// Prints the coverage.
pub fn print(coverage: &Coverage, style: Style, out: &mut Output) {
    let look = Look { color: style.color, unicode: style.unicode, moves: false };
    let screen = CoverageScreen { look, width: style.width.clamp(40, WIDEST) };
    out.line("");
    out.line(&look.paint(Tone::Strong, "coverage"));
    let mut spaced = false;
    for covered in &coverage.runbooks {
        let annotated = is_annotated(covered);
        if spaced {
            out.line("");
        }
        screen.runbook(covered, out);
        if annotated {
            out.line("");
            screen.annotated(covered, out);
        }
        spaced = annotated;
    }
    out.line("");
    screen.total(coverage, out);
    screen.untested(coverage, out);
}

/// Whether to show its lines. If nothing is covered, everything would be listed.
fn is_annotated(covered: &Covered) -> bool {
    !covered.arms().is_whole() && covered.arms().covered > 0
}

impl CoverageScreen {
    /// `✗ slow.rb  9 of 11 arms (81%), 4 of 7 paths`
    fn runbook(self, covered: &Covered, out: &mut Output) {
        let arms = covered.arms();
        let mark = if arms.is_whole() {
            self.look.paint(Tone::Good, self.look.pick("✓", "ok  "))
        } else {
            self.look.paint(Tone::Bad, self.look.pick("✗", "MISS"))
        };
        let mut text = format!("{}: {}", harmless(&covered.file), arms_of(covered));
        if covered.tests == 0 {
            text.push_str("; no test is of it");
        }
        let rest = if self.look.unicode { "    " } else { "       " };
        for line in hung(&format!("  {mark} "), rest, &text, self.width) {
            out.line(&line);
        }
    }

    /// Prints the lines that have arms, with how often each arm was taken.
    fn annotated(self, covered: &Covered, out: &mut Output) {
        for line in covered.sites.chunk_by(|one, other| one.line == other.line) {
            let Some(first) = line.first() else { continue };
            let missing = line.iter().flat_map(|site| &site.arms).any(|arm| arm.taken == 0);
            let mark = self.look.pick("✗", "!");
            let mark = if missing { self.look.paint(Tone::Bad, mark) } else { " ".into() };
            let source = fitted(&harmless(&first.source), self.width.saturating_sub(MARGIN));
            out.line(&format!("  {mark} {:>5}  {source}", first.line));
            let indent = first.source.chars().take_while(|c| *c == ' ').count().min(16) + MARGIN + 2;
            for site in line {
                self.site(site, line.len() > 1, &" ".repeat(indent), out);
            }
        }
    }

    /// `yes 3×, no 1×, unknown never`
    fn site(self, site: &CoveredSite, named: bool, indent: &str, out: &mut Output) {
        let arms: Vec<String> = site
            .arms
            .iter()
            .map(|arm| {
                let turn = harmless(&arm.turn);
                match arm.taken {
                    0 => self.look.paint(Tone::Bad, &format!("{turn} never").replace(' ', NO_BREAK)),
                    taken => format!("{turn} {taken}{}", self.look.pick("×", "x")).replace(' ', NO_BREAK),
                }
            })
            .collect();
        let name = if named { format!("{}: ", harmless(&site.text)) } else { String::new() };
        for line in hung(indent, &format!("{indent}  "), &format!("{name}{}", arms.join(", ")), self.width) {
            out.line(&line.replace(NO_BREAK, " "));
        }
    }

    fn total(self, coverage: &Coverage, out: &mut Output) {
        let arms = coverage.arms();
        let (taken, all) = coverage.paths();
        let runbooks = counted(coverage.runbooks.len(), "runbook", "runbooks");
        let uncounted = LeftOut { left_out: coverage.left_out, broken: coverage.broken };
        let text = format!(
            "{runbooks}: {} of {} arms ({arms}), {} of {}{uncounted}",
            arms.covered,
            arms.of,
            grouped(taken),
            counted(all, "path", "paths")
        );
        for line in hung("", "  ", &text, self.width) {
            out.line(&line);
        }
    }

    fn untested(self, coverage: &Coverage, out: &mut Output) {
        let Some(untested) = &coverage.untested else { return };
        let file = harmless(&untested.file);
        out.line("");
        let heading = format!("the most serious path without a test, of {file}");
        for line in hung("", "  ", &heading, self.width) {
            out.line(&self.look.paint(Tone::Strong, &line));
        }
        out.line("");
        let look = paths::PathsLayout { unicode: self.look.unicode, width: self.width };
        let number = untested.number.unwrap_or(u128::MAX);
        let described = paths::full(number, untested.of, &untested.description, &untested.file, look);
        let lines: Vec<&str> = described.lines().collect();
        let left_out = if lines.len() > LONGEST { lines.len() - 2 * LONGEST / 3 } else { 0 };
        for (index, line) in lines.iter().enumerate() {
            if left_out > 0 && index == LONGEST / 3 {
                let more = match untested.number {
                    Some(number) => format!(": `rbl paths {file} {number}` shows them"),
                    None => String::new(),
                };
                let text = format!("{} {left_out} lines left out{more}", self.look.pick("…", "..."));
                for line in hung(&" ".repeat(10), &" ".repeat(12), &text, self.width) {
                    out.line(&line);
                }
            }
            if left_out == 0 || index < LONGEST / 3 || index >= LONGEST / 3 + left_out {
                out.line(line);
            }
        }
    }
}

/// Keeps an arm and its count on one line; it does not occur in the text of runbooks.
const NO_BREAK: &str = "\u{a0}";

fn arms_of(covered: &Covered) -> String {
    let arms = covered.arms();
    format!(
        "{} of {} ({arms}), {} of {}",
        arms.covered,
        counted(arms.of, "arm", "arms"),
        grouped(covered.paths_taken),
        counted(covered.paths, "path", "paths")
    )
}
