//! Walks a shell command once, with a stack of what is open around each character.

use super::{Fault, Part, Place, Refusal, Site, program};

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

/// A list of commands: the whole, or what stands in `$(…)`.
#[derive(Default)]
struct Command {
    substitution: bool,
    nests: Vec<Nest>,
    here_documents: Vec<HereDocument>,
    /// The words of the simple command so far, quotes removed; values are missing.
    words: Vec<String>,
    word: Option<Word>,
    /// Whether the next word can be a reserved one.
    in_the_middle: bool,
    redirection: bool,
    double_bracket: bool,
    comment: bool,
}

#[derive(PartialEq)]
enum Nest {
    Paren,
    Case,
}

#[derive(Default)]
struct Word {
    text: String,
    quoted: bool,
}

struct HereDocument {
    end: String,
    strip_tabs: bool,
    literal: bool,
}

pub(super) struct Scanner {
    items: Vec<(Item, usize)>,
    at: usize,
    /// What is open, each with the offset at which it was opened.
    stack: Vec<(Context, usize)>,
    sites: Vec<Site>,
    faults: Vec<Fault>,
    holes: usize,
    /// `$'…'` was met in a form that leaves open where it ends.
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

    /// The innermost list of commands: the word that a value would be part of is its word.
    fn command(&mut self) -> Option<&mut Command> {
        self.stack.iter_mut().rev().find_map(|(context, _)| match context {
            Context::Command(command) => Some(command),
            _ => None,
        })
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
                '\\' => self.at += 1,
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

    /// In `"${x:-'}"` the quote is a plain character.
    fn braces_in_double(&self) -> bool {
        let below = self.stack.len().checked_sub(2).and_then(|below| self.stack.get(below));
        matches!(below, Some((Context::Double | Context::HereBody(_), _)))
    }

    /// What expands alike outside of quotes, in double quotes and in here-documents.
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
                // `${#x}`, `${#}`: not a comment, and no other brace.
                self.open(Context::Braces, offset);
            }
            ('$', Some('\'')) if bare => {
                self.at += 1;
                self.open(Context::DollarQuote, offset);
            }
            // `$$` and `$#` are whole, so a value behind them has no `$` before it.
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
            ';' | '|' => command.end_command(),
            // `>&2`, `2>&-`: part of a redirection.
            '&' if command.redirection && command.word.is_none() => {}
            '&' if next == Some('>') => command.end_word(),
            '&' => command.end_command(),
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
                    Some(Nest::Case) => {}
                    Some(Nest::Paren) => {
                        command.nests.pop();
                    }
                    None if command.substitution => {
                        self.stack.pop();
                    }
                    None => {}
                }
            }
            _ => self.expanding(c, offset, true),
        }
    }

    /// The word behind `<<`: anything quoted in it makes the body literal.
    fn here_delimiter(&mut self) {
        let mut here = HereDocument { end: String::new(), strip_tabs: false, literal: false };
        if self.peek(0) == Some('-') {
            here.strip_tabs = true;
            self.at += 1;
        }
        while matches!(self.peek(0), Some(' ' | '\t')) {
            self.at += 1;
        }
        let mut quote = None;
        while let Some((item, offset)) = self.items.get(self.at).copied() {
            match item {
                Item::Hole { .. } => {
                    self.refuse(offset, Refusal::HereDelimiter);
                    here.literal = true;
                }
                Item::Char(c) if quote == Some(c) => quote = None,
                Item::Char(c @ ('\'' | '"')) if quote.is_none() => {
                    quote = Some(c);
                    here.literal = true;
                }
                Item::Char('\\') if quote != Some('\'') => here.literal = true,
                Item::Char(c) if quote.is_none() && " \t\n;|&<>()".contains(c) => break,
                Item::Char(c) => here.end.push(c),
            }
            self.at += 1;
        }
        if let Some(command) = self.command() {
            command.here_documents.push(here);
        }
    }

    fn begin_here_document(&mut self) {
        let Some(command) = self.command() else { return };
        if command.here_documents.is_empty() {
            return;
        }
        let here = command.here_documents.remove(0);
        self.stack.push((Context::HereBody(here), 0));
        self.here_line();
    }

    /// At the beginning of a line of a here-document: whether it is the last, and all of a literal body.
    fn here_line(&mut self) {
        loop {
            let Some((Context::HereBody(here), _)) = self.stack.last() else { return };
            let literal = here.literal;
            let line = self.items.get(self.at..).unwrap_or_default();
            let length = line.iter().position(|(item, _)| matches!(item, Item::Char('\n')));
            let line = line.get(..length.unwrap_or(line.len())).unwrap_or_default();
            let text: Option<String> =
                line.iter().map(|(item, _)| if let Item::Char(c) = item { Some(*c) } else { None }).collect();
            let ends = text.is_some_and(|text| {
                let text = if here.strip_tabs { text.trim_start_matches('\t') } else { &text };
                text == here.end
            });
            let past = line.len() + usize::from(length.is_some());
            if ends {
                self.at += past;
                self.stack.pop();
                self.begin_here_document();
                return;
            }
            if !literal || past == 0 {
                return;
            }
            let holes: Vec<usize> = line
                .iter()
                .filter(|(item, _)| matches!(item, Item::Hole { .. }))
                .map(|(_, offset)| *offset)
                .collect();
            for offset in holes {
                self.refuse(offset, Refusal::LiteralHereDocument);
            }
            self.at += past;
        }
    }

    fn refuse(&mut self, offset: usize, refusal: Refusal) {
        self.faults.push(Fault { value: Some(self.holes), offset, refusal });
        self.holes += 1;
    }

    fn hole(&mut self, list: bool, offset: usize) {
        match self.refusal(list) {
            Some(refusal) => self.refuse(offset, refusal),
            None => {
                let before = self.at.checked_sub(2).and_then(|before| self.items.get(before));
                let before =
                    before.and_then(|(item, _)| if let Item::Char(c) = item { Some(*c) } else { None });
                let place = self.place();
                let opened = self.stack.last().map(|(_, opened)| *opened);
                let quote = before.filter(|c| matches!(c, '\'' | '"'));
                let after_quote = matches!(place, Place::SingleQuoted | Place::DoubleQuoted)
                    && quote.is_some()
                    && opened == offset.checked_sub(1);
                let after_dollar =
                    before == Some('$') && self.dollar_is_alone() && place != Place::SingleQuoted;
                self.sites.push(Site { place, after_dollar, after_quote });
                self.holes += 1;
            }
        }
        let in_comment = self.place() == Place::Comment;
        if let Some(command) = self.command()
            && !in_comment
        {
            command.word.get_or_insert_default().quoted = true;
        }
    }

    /// Whether the `$` before the value is not the second of `$$`, nor escaped: both were taken in one step with
    /// what stands before them, and so the word ends in `$$` or the text in `\$`.
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
        program::reading_again(&command.words, begun).map(Refusal::ReadAgain)
    }

    /// An odd number of backslashes: the last one would escape what is put in.
    fn backslash_before(&self) -> bool {
        let before = self.items.get(..self.at.saturating_sub(1)).unwrap_or_default();
        let run = before.iter().rev().take_while(|(item, _)| matches!(item, Item::Char('\\'))).count();
        run % 2 == 1
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl Command {
    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if std::mem::take(&mut self.redirection) {
            return;
        }
        if self.double_bracket {
            self.double_bracket = word.quoted || word.text != "]]";
            self.in_the_middle = true;
            return;
        }
        if !self.in_the_middle && !word.quoted {
            match word.text.as_str() {
                "case" => self.nests.push(Nest::Case),
                "esac" if self.nests.last() == Some(&Nest::Case) => {
                    self.nests.pop();
                }
                "[[" => self.double_bracket = true,
                "if" | "then" | "else" | "elif" | "do" | "while" | "until" | "!" | "{" | "time" => return,
                _ => {}
            }
        }
        let name = word.text.trim_start_matches(is_name);
        if !self.in_the_middle
            && self.words.is_empty()
            && name.len() < word.text.len()
            && name.starts_with('=')
        {
            return;
        }
        self.in_the_middle = true;
        self.words.push(word.text);
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.double_bracket {
            self.words.clear();
            self.in_the_middle = false;
        }
        self.redirection = false;
    }

    /// The digits right before `>` are no word.
    fn end_before_redirection(&mut self) {
        if self
            .word
            .as_ref()
            .is_some_and(|word| !word.quoted && word.text.chars().all(|c| c.is_ascii_digit()))
        {
            self.word = None;
        }
        self.end_word();
    }
}
