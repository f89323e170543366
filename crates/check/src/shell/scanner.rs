//! Scans a shell command once, with a stack of the open contexts.

mod command;
mod here_document;

use super::{Quoting, ShellFault, ShellPart, ShellRefusal, ValueSite};
use command::{CommandList, Nest, is_name};
use here_document::HereDocument;

#[derive(Clone, Copy)]
enum ShellItem {
    Char(char),
    Hole { list: bool },
}

enum QuoteContext {
    Command(CommandList),
    Single,
    Double,
    Backquotes,
    DollarQuote,
    Braces,
    Arithmetic { depth: usize },
    HereBody(HereDocument),
}

pub(super) struct ShellScanner {
    items: Vec<(ShellItem, usize)>,
    at: usize,
    /// The open contexts, each with the offset at which it was opened.
    stack: Vec<(QuoteContext, usize)>,
    sites: Vec<ValueSite>,
    faults: Vec<ShellFault>,
    holes: usize,
    /// Whether a form of `$'…'` occurred whose end is ambiguous.
    lost: bool,
}

impl ShellScanner {
    pub(super) fn new(parts: &[ShellPart<'_>]) -> Self {
        let mut items = Vec::new();
        let mut offset = 0;
        for part in parts {
            match part {
                ShellPart::Text(text) => {
                    items.extend(text.char_indices().map(|(at, c)| (ShellItem::Char(c), offset + at)));
                    offset += text.len();
                }
                ShellPart::Value => items.push((ShellItem::Hole { list: false }, offset)),
                ShellPart::List => items.push((ShellItem::Hole { list: true }, offset)),
            }
        }
        let stack = vec![(QuoteContext::Command(CommandList::default()), 0)];
        Self { items, at: 0, stack, sites: Vec::new(), faults: Vec::new(), holes: 0, lost: false }
    }

    pub(super) fn scan(mut self) -> Result<Vec<ValueSite>, Vec<ShellFault>> {
        while let Some((item, offset)) = self.items.get(self.at).copied() {
            self.at += 1;
            match item {
                ShellItem::Hole { list } => self.hole(list, offset),
                ShellItem::Char(c) => self.character(c, offset),
            }
        }
        let open = self.stack.iter().find_map(|(context, offset)| {
            let quote = match context {
                QuoteContext::Single | QuoteContext::DollarQuote => '\'',
                QuoteContext::Double => '"',
                QuoteContext::Backquotes => '`',
                QuoteContext::Braces => '{',
                QuoteContext::Arithmetic { .. } => '(',
                QuoteContext::Command(command) if command.substitution => '(',
                QuoteContext::Command(_) | QuoteContext::HereBody(_) => return None,
            };
            Some(ShellFault { value: None, offset: *offset, refusal: ShellRefusal::Unclosed(quote) })
        });
        self.faults.extend(open);
        if self.faults.is_empty() { Ok(self.sites) } else { Err(self.faults) }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        match self.items.get(self.at + ahead) {
            Some((ShellItem::Char(c), _)) => Some(*c),
            _ => None,
        }
    }

    fn hole_is_next(&self) -> bool {
        matches!(self.items.get(self.at), Some((ShellItem::Hole { .. }, _)))
    }

    /// Returns the innermost list of commands: contexts opened above it belong to its word. The body of a here-document
    /// belongs to no word.
    fn command(&mut self) -> Option<&mut CommandList> {
        let innermost = self.stack.iter_mut().rev().find_map(|(context, _)| match context {
            QuoteContext::Command(command) => Some(Some(command)),
            QuoteContext::HereBody(_) => Some(None),
            _ => None,
        });
        innermost.flatten()
    }

    fn open(&mut self, context: QuoteContext, offset: usize) {
        if let Some(command) = self.command() {
            let word = command.word.get_or_insert_default();
            word.quoted |=
                matches!(context, QuoteContext::Single | QuoteContext::Double | QuoteContext::DollarQuote);
        }
        self.stack.push((context, offset));
    }

    fn literal(&mut self, c: char) {
        if let Some(command) = self.command() {
            command.word.get_or_insert_default().text.push(c);
        }
    }

    fn character(&mut self, c: char, offset: usize) {
        match self.stack.last_mut() {
            Some((QuoteContext::Command(_), _)) => self.in_command(c, offset),
            Some((QuoteContext::Single, _)) => {
                if c == '\'' {
                    self.stack.pop();
                } else {
                    self.literal(c);
                }
            }
            Some((QuoteContext::Double, _)) => match c {
                '"' => {
                    self.stack.pop();
                }
                _ => self.expanding(c, offset, false),
            },
            Some((QuoteContext::Backquotes, _)) => match c {
                '`' => {
                    self.stack.pop();
                }
                // A value after it is still a value.
                '\\' if !self.hole_is_next() => self.at += 1,
                _ => {}
            },
            Some((QuoteContext::DollarQuote, _)) => match c {
                '\'' => {
                    self.stack.pop();
                }
                '\\' => {
                    self.lost |= matches!(self.peek(0), Some('\'' | '\\'));
                    self.at += 1;
                }
                _ => self.literal(c),
            },
            Some((QuoteContext::Braces, _)) => match c {
                '}' => {
                    self.stack.pop();
                }
                '"' => self.stack.push((QuoteContext::Double, offset)),
                '\'' if !self.braces_in_double() => self.stack.push((QuoteContext::Single, offset)),
                _ => self.expanding(c, offset, false),
            },
            Some((QuoteContext::Arithmetic { depth }, _)) => match c {
                '(' => *depth += 1,
                ')' if *depth > 1 => *depth -= 1,
                ')' => {
                    self.stack.pop();
                }
                '"' => self.stack.push((QuoteContext::Double, offset)),
                '\'' => self.stack.push((QuoteContext::Single, offset)),
                _ => self.expanding(c, offset, false),
            },
            Some((QuoteContext::HereBody(_), _)) => {
                if c == '\n' {
                    self.here_line();
                } else {
                    self.expanding(c, offset, false);
                }
            }
            None => {}
        }
    }

    /// Whether a quote is a plain character, as in `"${x:-'}"`.
    fn braces_in_double(&self) -> bool {
        let below = self.stack.len().checked_sub(2).and_then(|below| self.stack.get(below));
        matches!(below, Some((QuoteContext::Double | QuoteContext::HereBody(_), _)))
    }

    /// Handles what expands in the same way outside quotes, in double quotes and in here-documents.
    fn expanding(&mut self, c: char, offset: usize, bare: bool) {
        match (c, self.peek(0)) {
            ('\\', _) => self.escaped(),
            ('`', _) => self.open(QuoteContext::Backquotes, offset),
            ('$', Some('(')) if self.peek(1) == Some('(') => {
                self.at += 2;
                self.open(QuoteContext::Arithmetic { depth: 2 }, offset);
            }
            ('$', Some('(')) => {
                self.at += 1;
                let command = CommandList { substitution: true, ..CommandList::default() };
                self.open(QuoteContext::Command(command), offset);
            }
            ('$', Some('{')) => {
                self.at += 1;
                // `${#x}`, `${#}`: not a comment, and not another brace.
                self.open(QuoteContext::Braces, offset);
            }
            ('$', Some('\'')) if bare => {
                self.at += 1;
                self.open(QuoteContext::DollarQuote, offset);
            }
            // `$$` and `$#` are complete, so a value after them has no `$` before it.
            ('$', Some(next @ ('$' | '#' | '?' | '!' | '*' | '@' | '-'))) => {
                self.at += 1;
                self.literal(c);
                self.literal(next);
            }
            _ => self.literal(c),
        }
    }

    fn escaped(&mut self) {
        if self.hole_is_next() {
            return; // reported with the value
        }
        if let Some(next) = self.peek(0) {
            self.at += 1;
            if next != '\n' {
                self.literal(next);
            }
        }
    }

    fn in_command(&mut self, c: char, offset: usize) {
        let (next, after) = (self.peek(0), self.peek(1));
        let Some((QuoteContext::Command(command), _)) = self.stack.last_mut() else { return };
        if command.comment && c != '\n' {
            return;
        }
        match c {
            '\n' => {
                command.comment = false;
                command.end_command();
                self.begin_here_document();
            }
            ' ' | '\t' | '\r' => command.end_word(),
            '#' if command.word.is_none() => command.comment = true,
            '\'' => self.open(QuoteContext::Single, offset),
            '"' => self.open(QuoteContext::Double, offset),
            // `>&2`, `2>&-`: part of a redirection.
            '&' if command.redirection && command.word.is_none() => {}
            '&' if next == Some('>') => command.end_word(),
            ';' | '|' | '&' => command.end_command(),
            '<' | '>' if next == Some('(') => {
                command.end_word();
                self.at += 1;
                let inner = CommandList { substitution: true, ..CommandList::default() };
                self.open(QuoteContext::Command(inner), offset);
            }
            '<' if next == Some('<') && after != Some('<') => {
                command.end_before_redirection();
                self.at += 1;
                self.here_delimiter();
            }
            '<' | '>' => {
                command.end_before_redirection();
                command.redirection = true;
                while matches!(self.peek(0), Some('<' | '>' | '|')) {
                    self.at += 1;
                }
            }
            '(' if next == Some('(') && command.word.is_none() && !command.in_the_middle => {
                self.at += 1;
                self.stack.push((QuoteContext::Arithmetic { depth: 2 }, offset));
            }
            '(' => {
                command.end_command();
                command.nests.push(Nest::Paren);
            }
            ')' => {
                command.end_command();
                match command.nests.last() {
                    Some(Nest::Paren) => {
                        command.nests.pop();
                    }
                    None if command.substitution => {
                        self.stack.pop();
                    }
                    // The end of a pattern in `case`, or a surplus bracket, which the shell will report.
                    Some(Nest::Case) | None => {}
                }
            }
            _ => self.expanding(c, offset, true),
        }
    }

    fn refuse(&mut self, offset: usize, refusal: ShellRefusal) {
        self.faults.push(ShellFault { value: Some(self.holes), offset, refusal });
        self.holes += 1;
    }

    fn hole(&mut self, list: bool, offset: usize) {
        if let Some(refusal) = self.refusal(list) {
            self.refuse(offset, refusal);
        } else {
            let before = self.at.checked_sub(2).and_then(|before| self.items.get(before));
            let before =
                before.and_then(|(item, _)| if let ShellItem::Char(c) = item { Some(*c) } else { None });
            let place = self.place();
            let opened = self.stack.last().map(|(_, opened)| *opened);
            let quote = before.filter(|c| matches!(c, '\'' | '"'));
            let after_quote = matches!(place, Quoting::SingleQuoted | Quoting::DoubleQuoted)
                && quote.is_some()
                && opened == offset.checked_sub(1);
            let after_dollar =
                before == Some('$') && self.dollar_is_alone() && place != Quoting::SingleQuoted;
            self.sites.push(ValueSite { place, after_dollar, after_quote });
            self.holes += 1;
        }
        let in_comment = self.place() == Quoting::Comment;
        if let Some(command) = self.command()
            && !in_comment
        {
            command.word.get_or_insert_default().quoted = true;
        }
    }

    /// Whether the `$` before the value is a lone one. The `$` of `$$` and an escaped `\$` are consumed together with
    /// the character before them, so the word then ends in `$$`, or the text in `\$`.
    fn dollar_is_alone(&self) -> bool {
        let mut run = 0;
        let mut at = self.at.checked_sub(2);
        while let Some(index) = at {
            match self.items.get(index) {
                Some((ShellItem::Char('$'), _)) => run += 1,
                Some((ShellItem::Char('\\'), _)) => {
                    run += 1;
                    break;
                }
                _ => break,
            }
            at = index.checked_sub(1);
        }
        run % 2 == 1
    }

    fn place(&self) -> Quoting {
        match self.stack.last() {
            Some((QuoteContext::Single, _)) => Quoting::SingleQuoted,
            Some((QuoteContext::Double, _)) => Quoting::DoubleQuoted,
            Some((QuoteContext::HereBody(_), _)) => Quoting::HereDocument,
            Some((QuoteContext::Command(command), _)) if command.comment => Quoting::Comment,
            _ => Quoting::Bare,
        }
    }

    fn refusal(&mut self, list: bool) -> Option<ShellRefusal> {
        if self.place() == Quoting::Comment {
            return None;
        }
        if self.lost {
            return Some(ShellRefusal::DollarQuote);
        }
        if self.stack.iter().any(|(context, _)| matches!(context, QuoteContext::Arithmetic { .. })) {
            return Some(ShellRefusal::Arithmetic);
        }
        for (context, _) in self.stack.iter().rev() {
            match context {
                QuoteContext::Command(_) => break,
                QuoteContext::Backquotes => return Some(ShellRefusal::Backquotes),
                QuoteContext::DollarQuote => return Some(ShellRefusal::DollarQuote),
                QuoteContext::Braces => return Some(ShellRefusal::Braces),
                _ => {}
            }
        }
        let place = self.place();
        if place != Quoting::SingleQuoted && self.backslash_before() {
            return Some(ShellRefusal::Backslash);
        }
        if place == Quoting::HereDocument {
            return None;
        }
        let command = self.command()?;
        let begun = command.word.as_ref().map_or("", |word| word.text.as_str());
        if command.double_bracket {
            return Some(ShellRefusal::DoubleBracket);
        }
        let name = begun.len() - begun.trim_start_matches(is_name).len();
        let behind_name = begun.get(name..).unwrap_or_default();
        if name > 0 && behind_name.starts_with('[') && !behind_name.contains(']') {
            return Some(ShellRefusal::Subscript);
        }
        if list && name > 0 && (behind_name.starts_with('=') || behind_name.starts_with("+=")) {
            return Some(ShellRefusal::ListInAssignment);
        }
        if list && command.redirection {
            return Some(ShellRefusal::ListInRedirection);
        }
        if command.redirection {
            return None;
        }
        command.words.reading_again(begun).map(ShellRefusal::ReadAgain)
    }

    /// Whether an odd number of backslashes precedes: the last one would escape the inserted value.
    fn backslash_before(&self) -> bool {
        let before = self.items.get(..self.at.saturating_sub(1)).unwrap_or_default();
        let run = before.iter().rev().take_while(|(item, _)| matches!(item, ShellItem::Char('\\'))).count();
        run % 2 == 1
    }
}
