//! The line editor's helper: highlighting, completion, hints, and continuation of unfinished input.

use std::borrow::Cow;

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter, MatchingBracketHighlighter};
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};

use super::complete::{Vocabulary, complete};
use rbl_syntax::{TokenKind, is_unfinished, tokens};

/// The helper of the line editor.
#[derive(Default)]
pub(super) struct LineHelper {
    /// The names that completion can offer.
    pub(super) known: Vocabulary,
    /// Whether colours may be used.
    pub(super) color: bool,
    brackets: MatchingBracketHighlighter,
}

impl LineHelper {
    /// Returns a helper, with colours or without.
    pub(super) fn new(color: bool) -> Self {
        Self { color, ..Self::default() }
    }
}

impl Helper for LineHelper {}

impl Completer for LineHelper {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, all) = complete(line, at, &self.known, &super::files_beginning);
        let pair = |it: super::complete::Candidate| {
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
        let (start, all) = complete(line, at, &self.known, &|_| Vec::new());
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
        for token in tokens(line) {
            let range = token.span.range();
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

impl Validator for LineHelper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let input = context.input();
        // An empty line ends the input, finished or not: then its mistake is reported.
        let given_up =
            input.ends_with('\n') || input.lines().last().is_some_and(|line| line.trim().is_empty());
        let command = input.trim_start().starts_with(':');
        let unfinished = !command && !given_up && is_unfinished(input);
        Ok(if unfinished { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}
