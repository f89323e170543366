//! The line editor's helper: highlighting, completion, hints, and continuation of unfinished input.

use std::borrow::Cow;
use std::time::Duration;

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter, MatchingBracketHighlighter};
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

use super::complete::{Candidate, Vocabulary, complete};
use rbl_syntax::{TokenKind, tokens};

/// How long a Tab waits for the labels of a metric.
const PATIENCE: Duration = Duration::from_millis(500);

/// The helper of the line editor.
#[derive(Default)]
pub(super) struct LineHelper {
    /// The names that completion can offer.
    pub(super) known: Vocabulary,
    /// Whether colours may be used.
    pub(super) color: bool,
    /// The lines of this input that are already entered, each with its line end.
    pub(super) earlier: String,
    brackets: MatchingBracketHighlighter,
}

impl LineHelper {
    /// Returns a helper, with colours or without.
    pub(super) fn new(color: bool) -> Self {
        Self { color, ..Self::default() }
    }

    /// The completions at a position of the current line, and where the word to complete begins in it.
    fn candidates(
        &self,
        line: &str,
        at: usize,
        files: &dyn Fn(&str) -> Vec<String>,
        patience: Duration,
    ) -> (usize, Vec<Candidate>) {
        let text = format!("{}{line}", self.earlier);
        let (start, all) = complete(&text, self.earlier.len() + at, &self.known, files, patience);
        (start.saturating_sub(self.earlier.len()), all)
    }
}

impl Helper for LineHelper {}

impl Completer for LineHelper {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, all) = self.candidates(line, at, &super::files_beginning, PATIENCE);
        let pair = |it: Candidate| {
            let display =
                if it.what.is_empty() { it.text.clone() } else { format!("{}  ({})", it.text, it.what) };
            Pair { display, replacement: it.text }
        };
        Ok((start, all.into_iter().map(pair).collect()))
    }
}

impl Hinter for LineHelper {
    type Hint = String;

    /// The rest of the only word that fits, once two letters are typed.
    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<String> {
        if at < line.len() {
            return None;
        }
        let (start, all) = self.candidates(line, at, &|_| Vec::new(), Duration::ZERO);
        let [only] = all.as_slice() else { return None };
        let typed = at - start;
        if typed < 2 { None } else { only.text.get(typed..).map(str::to_owned) }
    }
}

impl Highlighter for LineHelper {
    fn highlight<'l>(&self, line: &'l str, at: usize) -> Cow<'l, str> {
        if !self.color {
            return Cow::Borrowed(line);
        }
        // The editor shows a bracket and its partner while the cursor is on one, and the colours return with the next
        // key.
        let matched = self.brackets.highlight(line, at);
        if matches!(matched, Cow::Owned(_)) {
            return matched;
        }
        let mut painted = String::with_capacity(line.len() * 2);
        let mut from = 0;
        // A text or a block that began on an earlier line decides what this one is.
        let earlier = self.earlier.len();
        let text = format!("{}{line}", self.earlier);
        for token in tokens(&text) {
            let range = token.span.range();
            if range.end <= earlier {
                continue;
            }
            let range = range.start.saturating_sub(earlier)..range.end - earlier;
            let code = match token.kind {
                TokenKind::Keyword => "1;34",
                TokenKind::Number => "36",
                TokenKind::Text => "32",
                TokenKind::Command => "33",
                TokenKind::Comment => "2",
                TokenKind::Name => continue,
            };
            let (Some(gap), Some(text)) = (line.get(from..range.start), line.get(range.clone())) else {
                continue;
            };
            painted.push_str(gap);
            painted.extend(["\x1b[", code, "m", text, "\x1b[0m"]);
            from = range.end;
        }
        painted.push_str(line.get(from..).unwrap_or_default());
        Cow::Owned(painted)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.color { Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, line: &str, at: usize, kind: CmdKind) -> bool {
        self.brackets.highlight_char(line, at, kind);
        self.color
    }
}

// An unfinished input is continued on a prompt of its own, so every line is taken as it is.
impl Validator for LineHelper {}
