//! Scans a shell command once, with a stack of the open contexts.

mod command;
mod here_document;

use super::{Fault, Part, Place, Refusal, Site};
use command::{Command, Nest, is_name};
use here_document::HereDocument;

#[derive(Clone, Copy)]
enum Item {
    Char(char),
    Hole { list: bool },
}

enum Context {
    Command(Command),
    Single,
    Double,
    Backquotes,
    DollarQuote,
    Braces,
    Arithmetic { depth: usize },
    HereBody(HereDocument),
}

pub(super) struct Scanner {
    items: Vec<(Item, usize)>,
    at: usize,
    /// The open contexts, each with the offset at which it was opened.
    stack: Vec<(Context, usize)>,
    sites: Vec<Site>,
    faults: Vec<Fault>,
    holes: usize,
    /// Whether a form of `$'…'` occurred whose end is ambiguous.
    lost: bool,
}

impl Scanner {
    pub(super) fn new(parts: &[Part<'_>]) -> Self {
        let mut items = Vec::new();
        let mut offset = 0;
        for part in parts {
            match part {
                Part::Text(text) => {
                    items.extend(text.char_indices().map(|(at, c)| (Item::Char(c), offset + at)));
                    offset += text.len();
                }
                Part::Value => items.push((Item::Hole { list: false }, offset)),
                Part::List => items.push((Item::Hole { list: true }, offset)),
            }
        }
        let stack = vec![(Context::Command(Command::default()), 0)];
        Self { items, at: 0, stack, sites: Vec::new(), faults: Vec::new(), holes: 0, lost: false }
    }

    pub(super) fn scan(mut self) -> Result<Vec<Site>, Vec<Fault>> {
        while let Some((item, offset)) = self.items.get(self.at).copied() {
            self.at += 1;
            match item {
                Item::Hole { list } => self.hole(list, offset),
                Item::Char(c) => self.character(c, offset),
            }
        }
        let open = self.stack.iter().find_map(|(context, offset)| {
            let quote = match context {
                Context::Single | Context::DollarQuote => '\'',
                Context::Double => '"',
                Context::Backquotes => '`',
                Context::Braces => '{',
                Context::Arithmetic { .. } => '(',
                Context::Command(command) if command.substitution => '(',
                Context::Command(_) | Context::HereBody(_) => return None,
            };
            Some(Fault { value: None, offset: *offset, refusal: Refusal::Unclosed(quote) })
        });
        self.faults.extend(open);
        if self.faults.is_empty() { Ok(self.sites) } else { Err(self.faults) }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        match self.items.get(self.at + ahead) {
            Some((Item::Char(c), _)) => Some(*c),
            _ => None,
        }
    }

    fn hole_is_next(&self) -> bool {
        matches!(self.items.get(self.at), Some((Item::Hole { .. }, _)))
    }

    /// Returns the innermost list of commands: contexts opened above it belong to its word. The body of a here-document
    /// belongs to no word.
    fn command(&mut self) -> Option<&mut Command> {
        let innermost = self.stack.iter_mut().rev().find_map(|(context, _)| match context {
            Context::Command(command) => Some(Some(command)),
            Context::HereBody(_) => Some(None),
            _ => None,
        });
        innermost.flatten()
    }

    fn open(&mut self, context: Context, offset: usize) {
        if let Some(command) = self.command() {
            let word = command.word.get_or_insert_default();
            word.quoted |= matches!(context, Context::Single | Context::Double | Context::DollarQuote);
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
            Some((Context::Command(_), _)) => self.in_command(c, offset),
            Some((Context::Single, _)) => {
                if c == '\'' {
                    self.stack.pop();
                } else {
                    self.literal(c);
                }
            }
            Some((Context::Double, _)) => match c {
                '"' => {
                    self.stack.pop();
                }
                _ => self.expanding(c, offset, false),
            },
            Some((Context::Backquotes, _)) => match c {
                '`' => {
                    self.stack.pop();
                }
                // A value after it is still a value.
                '\\' if !self.hole_is_next() => self.at += 1,
                _ => {}
            },
            Some((Context::DollarQuote, _)) => match c {
                '\'' => {
                    self.stack.pop();
                }
                '\\' => {
                    self.lost |= matches!(self.peek(0), Some('\'' | '\\'));
                    self.at += 1;
                }
                _ => self.literal(c),
            },
            Some((Context::Braces, _)) => match c {
                '}' => {
                    self.stack.pop();
                }
                '"' => self.stack.push((Context::Double, offset)),
                '\'' if !self.braces_in_double() => self.stack.push((Context::Single, offset)),
                _ => self.expanding(c, offset, false),
            },
            Some((Context::Arithmetic { depth }, _)) => match c {
                '(' => *depth += 1,
                ')' if *depth > 1 => *depth -= 1,
                ')' => {
                    self.stack.pop();
                }
                '"' => self.stack.push((Context::Double, offset)),
                '\'' => self.stack.push((Context::Single, offset)),
                _ => self.expanding(c, offset, false),
            },
            Some((Context::HereBody(_), _)) => {
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
        matches!(below, Some((Context::Double | Context::HereBody(_), _)))
    }

    /// Handles what expands in the same way outside quotes, in double quotes and in here-documents.
    fn expanding(&mut self, c: char, offset: usize, bare: bool) {
        match (c, self.peek(0)) {
            ('\\', _) => self.escaped(),
            ('`', _) => self.open(Context::Backquotes, offset),
            ('$', Some('(')) if self.peek(1) == Some('(') => {
                self.at += 2;
                self.open(Context::Arithmetic { depth: 2 }, offset);
            }
            ('$', Some('(')) => {
                self.at += 1;
                let command = Command { substitution: true, ..Command::default() };
                self.open(Context::Command(command), offset);
            }
            ('$', Some('{')) => {
                self.at += 1;
                // `${#x}`, `${#}`: not a comment, and not another brace.
                self.open(Context::Braces, offset);
            }
            ('$', Some('\'')) if bare => {
                self.at += 1;
                self.open(Context::DollarQuote, offset);
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
        let Some((Context::Command(command), _)) = self.stack.last_mut() else { return };
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
            '\'' => self.open(Context::Single, offset),
            '"' => self.open(Context::Double, offset),
            // `>&2`, `2>&-`: part of a redirection.
            '&' if command.redirection && command.word.is_none() => {}
            '&' if next == Some('>') => command.end_word(),
            ';' | '|' | '&' => command.end_command(),
            '<' | '>' if next == Some('(') => {
                command.end_word();
                self.at += 1;
                let inner = Command { substitution: true, ..Command::default() };
                self.open(Context::Command(inner), offset);
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
                self.stack.push((Context::Arithmetic { depth: 2 }, offset));
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

    fn refuse(&mut self, offset: usize, refusal: Refusal) {
        self.faults.push(Fault { value: Some(self.holes), offset, refusal });
        self.holes += 1;
    }

    fn hole(&mut self, list: bool, offset: usize) {
        if let Some(refusal) = self.refusal(list) {
            self.refuse(offset, refusal);
        } else {
            let before = self.at.checked_sub(2).and_then(|before| self.items.get(before));
            let before = before.and_then(|(item, _)| if let Item::Char(c) = item { Some(*c) } else { None });
            let place = self.place();
            let opened = self.stack.last().map(|(_, opened)| *opened);
            let quote = before.filter(|c| matches!(c, '\'' | '"'));
            let after_quote = matches!(place, Place::SingleQuoted | Place::DoubleQuoted)
                && quote.is_some()
                && opened == offset.checked_sub(1);
            let after_dollar = before == Some('$') && self.dollar_is_alone() && place != Place::SingleQuoted;
            self.sites.push(Site { place, after_dollar, after_quote });
            self.holes += 1;
        }
        let in_comment = self.place() == Place::Comment;
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
                Some((Item::Char('$'), _)) => run += 1,
                Some((Item::Char('\\'), _)) => {
                    run += 1;
                    break;
                }
                _ => break,
            }
            at = index.checked_sub(1);
        }
        run % 2 == 1
    }

    fn place(&self) -> Place {
        match self.stack.last() {
            Some((Context::Single, _)) => Place::SingleQuoted,
            Some((Context::Double, _)) => Place::DoubleQuoted,
            Some((Context::HereBody(_), _)) => Place::HereDocument,
            Some((Context::Command(command), _)) if command.comment => Place::Comment,
            _ => Place::Bare,
        }
    }

    fn refusal(&mut self, list: bool) -> Option<Refusal> {
        if self.place() == Place::Comment {
            return None;
        }
        if self.lost {
            return Some(Refusal::DollarQuote);
        }
        if self.stack.iter().any(|(context, _)| matches!(context, Context::Arithmetic { .. })) {
            return Some(Refusal::Arithmetic);
        }
        for (context, _) in self.stack.iter().rev() {
            match context {
                Context::Command(_) => break,
                Context::Backquotes => return Some(Refusal::Backquotes),
                Context::DollarQuote => return Some(Refusal::DollarQuote),
                Context::Braces => return Some(Refusal::Braces),
                _ => {}
            }
        }
        let place = self.place();
        if place != Place::SingleQuoted && self.backslash_before() {
            return Some(Refusal::Backslash);
        }
        if place == Place::HereDocument {
            return None;
        }
        let command = self.command()?;
        let begun = command.word.as_ref().map_or("", |word| word.text.as_str());
        if command.double_bracket {
            return Some(Refusal::DoubleBracket);
        }
        let name = begun.len() - begun.trim_start_matches(is_name).len();
        let behind_name = begun.get(name..).unwrap_or_default();
        if name > 0 && behind_name.starts_with('[') && !behind_name.contains(']') {
            return Some(Refusal::Subscript);
        }
        if list && name > 0 && (behind_name.starts_with('=') || behind_name.starts_with("+=")) {
            return Some(Refusal::ListInAssignment);
        }
        if list && command.redirection {
            return Some(Refusal::ListInRedirection);
        }
        if command.redirection {
            return None;
        }
        command.words.reading_again(begun).map(Refusal::ReadAgain)
    }

    /// Whether an odd number of backslashes precedes: the last one would escape the inserted value.
    fn backslash_before(&self) -> bool {
        let before = self.items.get(..self.at.saturating_sub(1)).unwrap_or_default();
        let run = before.iter().rev().take_while(|(item, _)| matches!(item, Item::Char('\\'))).count();
        run % 2 == 1
    }
}
