//! Matches brackets, and places a missing one by the delimiters and the indentation.

use super::missing_opening::Lines;
use super::scanner::{Blocks, Last, LayoutScanner, MAX_DEPTH};
use crate::diagnostic::{Code, Diagnostic};

/// The maximum number of findings about brackets. *Why:* a file may consist of closing brackets only, and a finding
/// takes a hundred times the memory of its bracket.
const MOST_TOLD: usize = 10_000;

/// What a bracket opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BracketKind {
    /// `{` of statements: inside it, line ends end statements.
    Block,
    /// `{` of a record.
    Record,
    /// `(`
    Paren,
    /// `[`
    Square,
}

/// An open bracket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bracket {
    pub(super) at: usize,
    pub(super) kind: BracketKind,
    /// The indent of its line.
    pub(super) indent: usize,
    /// The indentation of the lines in it.
    pub(super) lines: Lines,
}

impl BracketKind {
    fn opening(self) -> &'static str {
        match self {
            Self::Block | Self::Record => "{",
            Self::Paren => "(",
            Self::Square => "[",
        }
    }

    fn closing(self) -> &'static str {
        match self {
            Self::Block | Self::Record => "}",
            Self::Paren => ")",
            Self::Square => "]",
        }
    }

    fn closed_by(self, byte: u8) -> bool {
        self.closing().as_bytes() == [byte]
    }
}

impl LayoutScanner<'_> {
    pub(super) fn in_bracket(&self) -> bool {
        self.open.last().is_some_and(|bracket| bracket.kind != BracketKind::Block)
    }

    pub(super) fn opens(&mut self, byte: u8) {
        let kind = match byte {
            b'(' => BracketKind::Paren,
            b'[' => BracketKind::Square,
            _ if self.is_record() => BracketKind::Record,
            _ => BracketKind::Block,
        };
        let indent = self.indent();
        self.open.push(Bracket { at: self.at, kind, indent, lines: Lines::default() });
        if self.open.len() > MAX_DEPTH {
            self.report_depth();
        }
        self.at += 1;
        self.last = if kind == BracketKind::Block { Last::LineStart } else { Last::Operator };
    }

    /// Whether a brace begins a record: a name and a colon follow it.
    fn is_record(&self) -> bool {
        let mut at = self.at + 1;
        while let Some(byte) = self.bytes.get(at).filter(|byte| byte.is_ascii_whitespace() || **byte == b'#')
        {
            at = if *byte == b'#' { self.line_end(at) } else { at + 1 };
        }
        let end = self.word_end(at);
        let rest = self.bytes.get(end..).unwrap_or_default();
        end > at && rest.iter().find(|byte| !matches!(byte, b' ' | b'\t')) == Some(&b':')
    }

    /// Handles a closing bracket: it closes the innermost open bracket of its kind. Brackets open inside that one were
    /// never closed; if no bracket of its kind is open, the closing one is reported as surplus.
    pub(super) fn closes(&mut self, byte: u8) {
        if byte == b'}' && self.blocks == Blocks::ByIndentation {
            if self.opens_what_is_closed() {
                return;
            }
            self.close_outdented_blocks();
        }
        let Some(found) = self.open.iter().rposition(|bracket| bracket.kind.closed_by(byte)) else {
            self.unopened(byte);
            return;
        };
        // A round or square bracket never closes across the end of a block.
        if byte != b'}' && self.open.iter().skip(found).any(|bracket| bracket.kind == BracketKind::Block) {
            self.unopened(byte);
            return;
        }
        while self.open.len() > found + 1 {
            if let Some(inner) = self.open.pop() {
                self.unclosed(inner, self.at);
            }
        }
        if let Some(closed) = self.open.pop()
            && closed.kind == BracketKind::Block
            && self.is_first_on_line()
            && closed.indent > self.indent()
        {
            self.doubt = Some(closed);
        }
        self.closed();
    }

    /// A `step` or a `test` begins while blocks are open. Steps and tests do not nest, so those blocks were never
    /// closed.
    pub(super) fn close_before_step(&mut self, at: usize) {
        while let Some(bracket) = self.open.pop() {
            self.unclosed(bracket, at);
        }
    }

    /// A `}` at the start of its line, further left than the innermost block, closes an outer one: the inner one lacks
    /// its brace.
    fn close_outdented_blocks(&mut self) {
        if !self.is_first_on_line() {
            return;
        }
        let indent = self.indent();
        while let [.., outer, inner] = self.open.as_slice() {
            let (outer, inner) = (*outer, *inner);
            let lacks_its_own =
                inner.kind == BracketKind::Block && outer.kind == BracketKind::Block && inner.indent > indent;
            // Only if an outer block has exactly this indent: sloppy indentation alone is not a mistake.
            let fits_an_outer = self.open.iter().rev().skip(1).any(|bracket| bracket.indent == indent);
            if !lacks_its_own || !fits_an_outer || self.closers_ahead() >= self.blocks_open() {
                return;
            }
            self.open.pop();
            self.unclosed(inner, self.line_start.saturating_sub(1));
        }
    }

    pub(super) fn blocks_open(&self) -> usize {
        self.open.iter().filter(|bracket| bracket.kind == BracketKind::Block).count()
    }

    /// Returns by how much closing braces outnumber opening ones from this line to the end of the text; texts and
    /// comments are excluded roughly. Only computed once the indentation looks wrong; then for all lines at once.
    pub(super) fn closers_ahead(&mut self) -> usize {
        if self.closers.is_empty() {
            self.closers = closers_from_each_line(self.text);
        }
        let line = self.closers.partition_point(|(start, _)| *start <= self.at).checked_sub(1);
        line.and_then(|index| self.closers.get(index)).map_or(0, |(_, most)| *most)
    }

    fn blocks_are_broken(&mut self) {
        if self.blocks == Blocks::Whole {
            self.blocks = Blocks::Broken;
        }
    }

    fn unopened(&mut self, byte: u8) {
        if byte == b'}' {
            self.blocks_are_broken();
        }
        if self.diagnostics.len() < MOST_TOLD {
            let place = self.here(self.at, self.at + 1);
            let bracket = char::from(byte);
            let message = format!("`{bracket}` closes nothing");
            self.diagnostics.push(
                Diagnostic::new(Code::SYNTAX_UNOPENED, message, place, "nothing is open here")
                    .help(format!("take this `{bracket}` away, or open one before it")),
            );
        }
        self.blank(self.at, self.at + 1);
        self.at += 1;
    }

    /// Reports that a bracket is never closed, and closes it at a position.
    fn unclosed(&mut self, bracket: Bracket, at: usize) {
        if bracket.kind == BracketKind::Block {
            self.blocks_are_broken();
        }
        let opening = bracket.kind.opening();
        // If a brace further left closed a block, that block is the one that lacks its own brace.
        let doubt =
            self.doubt.take().filter(|doubt| bracket.kind == BracketKind::Block && doubt.at > bracket.at);
        let blamed = doubt.unwrap_or(bracket);
        let place = self.here(blamed.at, blamed.at + 1);
        let help = format!("close it with `{}`", bracket.kind.closing());
        self.diagnostics.push(
            Diagnostic::new(
                Code::SYNTAX_UNCLOSED,
                format!("this `{opening}` is never closed"),
                place,
                "opened here",
            )
            .help(help),
        );
        self.insertions
            .push((at, if bracket.kind == BracketKind::Block { "\n}\n" } else { bracket.kind.closing() }));
    }

    /// A round or square bracket or a record is still open where a statement begins: it was never closed.
    pub(super) fn close_before_statement(&mut self, at: usize) {
        while let Some(bracket) =
            self.open.last().copied().filter(|bracket| bracket.kind != BracketKind::Block)
        {
            self.open.pop();
            self.unclosed(bracket, at);
        }
    }

    /// Handles the end of the text. Of the blocks still open, those lack their brace before whose end a line is
    /// indented less than the block allows.
    pub(super) fn close_what_is_open(&mut self) {
        let end = self.bytes.len();
        while let Some(bracket) = self.open.pop() {
            let at = if bracket.kind == BracketKind::Block {
                self.outdent_after(bracket).unwrap_or(end)
            } else {
                end
            };
            self.unclosed(bracket, at);
        }
    }

    /// Returns the line end before the first line after a block's opening that is not indented further than the block.
    fn outdent_after(&self, bracket: Bracket) -> Option<usize> {
        let mut line = self.line_end(bracket.at) + 1;
        while line < self.bytes.len() {
            let end = self.line_end(line);
            let content = self.bytes.get(line..end)?;
            let indent = content.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            if indent < content.len() && indent <= bracket.indent && content.get(indent) != Some(&b'}') {
                return Some(line - 1);
            }
            line =
                self.bytes.get(end..)?.iter().position(|byte| *byte == b'\n').map(|found| end + found + 1)?;
        }
        None
    }

    /// Closes a single-line text or command that is never closed: at the end of its line, but before the brace of a
    /// block.
    pub(super) fn unclosed_on_line(&mut self, start: usize, quote: &'static str, what: &str) {
        let place = self.here(start, start + 1);
        let message = format!("this {what} is never closed");
        let help = if quote == "`" {
            "close it with a back quote".to_owned()
        } else {
            format!("close it with `{quote}`")
        };
        self.diagnostics
            .push(Diagnostic::new(Code::SYNTAX_UNCLOSED, message, place, "opened here").help(help));
        let end = self.line_end(start);
        let line = self.text.get(start..end).unwrap_or_default().trim_end();
        let line = line.strip_suffix('{').map_or(line, |before| {
            let before = before.trim_end();
            let word = before.rsplit([' ', '\t']).next().unwrap_or_default();
            if matches!(word, "else" | "unknown") {
                before.strip_suffix(word).unwrap_or(before)
            } else {
                before
            }
        });
        let at = start + line.trim_end().len().max(1);
        // Inside it nothing counts as an escape or a value any more; it ends at the reported place.
        for position in start + 1..at {
            if matches!(self.bytes.get(position), Some(b'#' | b'\\')) {
                self.blank(position, position + 1);
            }
        }
        self.insertions.push((at, if quote == "\"" { "\"" } else { "`" }));
        self.at = at;
    }

    /// Reports a multi-line text that is never closed: there is no way to know where it should have ended.
    pub(super) fn unclosed_triple(&mut self, start: usize) {
        let place = self.here(start, start + 3);
        self.diagnostics.push(
            Diagnostic::new(Code::SYNTAX_UNCLOSED, "this text is never closed", place, "opened here")
                .help("close it with `\"\"\"` on a line of its own"),
        );
        let end = self.bytes.len();
        // Its content is unknown. Treat it as empty, so that nothing else is reported about it.
        self.blank(start + 3, end);
        self.insertions.push((end, "\"\"\""));
        self.at = end;
    }
}

/// Returns, for each line, its start and the maximum surplus of closing braces from there to any later place.
fn closers_from_each_line(text: &str) -> Vec<(usize, usize)> {
    let (mut lines, mut most, mut end) = (Vec::new(), 0i64, text.len());
    for line in text.split_inclusive('\n').rev() {
        let (mut in_text, mut balance, mut highest) = (None, 0i64, 0i64);
        for byte in line.bytes() {
            match (in_text, byte) {
                (None, b'"' | b'`') => in_text = Some(byte),
                (Some(quote), byte) if quote == byte => in_text = None,
                (None, b'#') => break,
                (None, b'}') => {
                    balance += 1;
                    highest = highest.max(balance);
                }
                (None, b'{') => balance -= 1,
                _ => {}
            }
        }
        most = highest.max(balance + most).max(0);
        end -= line.len();
        lines.push((end, usize::try_from(most).unwrap_or(0)));
    }
    lines.reverse();
    lines
}
