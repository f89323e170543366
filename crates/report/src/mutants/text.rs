//! Mutants as text: one line for each runbook, and two diff lines for every change that no test notices.

use std::fmt::Write as _;

use rbl_syntax::counted;
use rbl_syntax::harmless;
use rbl_syntax::value::Took;
use rbl_terminal::Output;
use rbl_terminal::Style;
use rbl_terminal::{Look, Tone, fitted, hung, width_of};
use rbl_testing::exclusions::LeftOut;
use rbl_testing::mutants::{MutantResult, Trial};
use rbl_testing::mutants::{MutantTally, Tried};

/// The widest output, in columns; wider text is hard to read.
const WIDEST: usize = 110;
/// The columns before the text of a mutant.
const INDENT: &str = "      ";

/// The width and the style of the output.
#[derive(Debug, Clone, Copy)]
struct MutantsScreen {
    pub look: Look,
    pub width: usize,
}

/// Prints every runbook with the mutants that no test of it notices, and the total.
pub fn print(tally: &MutantTally, style: Style, out: &mut Output) {
    let look = Look { color: style.color, unicode: style.unicode, moves: false };
    let screen = MutantsScreen { look, width: style.width.clamp(40, WIDEST) };
    out.line("");
    out.line(&look.paint(Tone::Strong, "mutants"));
    for tried in &tally.runbooks {
        screen.runbook(tried, out);
        if tried.tests == 0 {
            continue;
        }
        for trial in tried.survivors() {
            out.line("");
            screen.survivor(tried, trial, out);
        }
        if tried.survivors().next().is_some() {
            out.line("");
        }
    }
    if !tally.runbooks.last().is_some_and(|tried| tried.tests > 0 && tried.survivors().next().is_some()) {
        out.line("");
    }
    screen.total(tally, out);
}

impl MutantsScreen {
    /// `✗ slow.rb: noticed 41 of 44 (93%)`
    fn runbook(self, tried: &Tried, out: &mut Output) {
        let noticed = tried.noticed();
        let mark = if noticed.is_whole() {
            self.look.paint(Tone::Good, self.look.pick("✓", "ok  "))
        } else {
            self.look.paint(Tone::Bad, self.look.pick("✗", "MISS"))
        };
        let mut text =
            format!("{}: noticed {} of {} ({noticed})", harmless(&tried.file), noticed.covered, noticed.of);
        if tried.tests == 0 {
            text.push_str("; no test is of it");
        }
        if tried.untried > 0 {
            let more = counted(tried.untried, "more was", "more were");
            let _ = write!(text, "; {more} not tried: all of them would take too long");
        }
        let rest = if self.look.unicode { "    " } else { "       " };
        for line in hung(&format!("  {mark} "), rest, &text, self.width) {
            out.line(&line);
        }
    }

    fn survivor(self, tried: &Tried, Trial { mutant, fate }: &Trial, out: &mut Output) {
        let place = format!("    {}:{}  {}", harmless(&tried.file), mutant.line, mutant.kind.name());
        out.line(&self.look.paint(Tone::Faint, &fitted(&place, self.width)));
        let after = mutant.after.lines().chain(std::iter::repeat(""));
        let lines: Vec<(String, String)> = mutant
            .before
            .lines()
            .zip(after)
            .map(|(before, after)| self.around(&harmless(before), &harmless(after)))
            .collect();
        for (before, _) in &lines {
            out.line(&self.look.paint(Tone::Bad, &format!("    - {before}")));
        }
        for (_, after) in lines.iter().filter(|(_, after)| !after.is_empty()) {
            out.line(&self.look.paint(Tone::Good, &format!("    + {after}")));
        }
        let mut text = String::new();
        if *fate == (MutantResult::Survived { reached: false }) {
            text.push_str("no test runs it; ");
        }
        text.push_str("noticed by ");
        text.push_str(&mutant.noticed_by);
        for line in hung(INDENT, INDENT, &harmless(&text), self.width) {
            out.line(&line);
        }
    }

    /// Shortens two lines so that the part that differs is visible: long lines lose their start.
    fn around(self, before: &str, after: &str) -> (String, String) {
        let room = self.width.saturating_sub(INDENT.len());
        let widest = width_of(before).max(width_of(after));
        let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
        // The first difference, and a few words before it.
        let skipped = if widest > room && !after.is_empty() { same.saturating_sub(room / 3) } else { 0 };
        let cut = |text: &str| {
            if skipped == 0 {
                return fitted(text, room);
            }
            let rest: String = text.chars().skip(skipped).collect();
            fitted(&format!("{}{rest}", self.look.pick("…", "~")), room)
        };
        (cut(before), cut(after))
    }

    /// `2 runbooks: noticed 81 of 90 mutants (90%), in 0.2s`
    fn total(self, tally: &MutantTally, out: &mut Output) {
        let noticed = tally.noticed();
        let runbooks = counted(tally.runbooks.len(), "runbook", "runbooks");
        let mutants = counted(noticed.of, "mutant", "mutants");
        let took = Took::from(tally.took);
        let uncounted = LeftOut { left_out: tally.left_out, broken: tally.broken };
        let text =
            format!("{runbooks}: noticed {} of {mutants} ({noticed}), in {took}{uncounted}", noticed.covered);
        for line in hung("", "  ", &text, self.width) {
            out.line(&line);
        }
    }
}
