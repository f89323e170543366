//! Scans a shell command once, with a stack of the open contexts.

mod arrival;
mod command;
mod evaluated;
mod expansion;
mod flow;
mod here_document;
mod judge;
mod known;
mod nested;
mod place;
mod settle;
mod splitting;

use std::rc::Rc;

use super::{Quoting, ShellCaution, ShellFault, ShellReading, ShellRefusal, ValueSite};
use command::{CommandList, Nest};
use flow::{Flow, PipelineFlows};
use here_document::HereDocument;
use known::ShellKnowledge;
pub(super) use settle::read;
use settle::{ScanStart, settled};
use splitting::ValueArrival;

#[derive(Clone, Copy)]
enum ShellItem {
    Char(char),
    Hole { list: bool, plain: bool },
}

#[allow(clippy::large_enum_variant)] // Few are open at a time.
enum QuoteContext {
    Command(CommandList),
    Single,
    Double,
    Backquotes,
    DollarQuote,
    /// `${…}`; its content begins at this item.
    Braces {
        from: usize,
    },
    Arithmetic {
        depth: usize,
    },
    HereBody(HereDocument),
}

pub(super) struct ShellScanner {
    items: Rc<[(ShellItem, usize)]>,
    at: usize,
    /// The open contexts, each with the offset at which it was opened.
    stack: Vec<(QuoteContext, usize)>,
    sites: Vec<ValueSite>,
    faults: Vec<ShellFault>,
    holes: usize,
    /// Whether a form of `$'…'` occurred whose end is ambiguous.
    lost: bool,
    cautions: Vec<ShellCaution>,
    /// Where comments begin.
    comments: Vec<usize>,
    /// Programs that would read a value as an option, where it arrives through a variable.
    options: Vec<(usize, &'static str)>,
    /// What an earlier scan of the same text found, and what this one finds.
    known: Rc<ShellKnowledge>,
    found: ShellKnowledge,
    /// Which of the texts of a variable is taken.
    variation: usize,
    /// Whether it is the last scan: only it reads the scripts in the text.
    last: bool,
    /// How many scripts this one is inside of.
    depth: usize,
}

impl ShellScanner {
    fn new(items: &Rc<[(ShellItem, usize)]>, known: &Rc<ShellKnowledge>, start: &ScanStart) -> Self {
        let flows = PipelineFlows::new(Rc::clone(known), start.input.clone());
        let list = CommandList { flows, ..CommandList::default() };
        let stack = vec![(QuoteContext::Command(list), 0)];
        Self {
            items: Rc::clone(items),
            at: 0,
            stack,
            sites: Vec::new(),
            faults: Vec::new(),
            holes: 0,
            lost: false,
            cautions: Vec::new(),
            comments: Vec::new(),
            options: Vec::new(),
            known: Rc::clone(known),
            found: ShellKnowledge::default(),
            variation: 0,
            last: false,
            depth: start.depth,
        }
    }

    fn reading(mut self) -> ShellReading {
        for (value, program) in self.options {
            if let Some(site) = self.sites.get_mut(value) {
                site.option_of.get_or_insert(program);
            }
        }
        let sites = if self.faults.is_empty() { Ok(self.sites) } else { Err(self.faults) };
        ShellReading { sites, cautions: self.cautions, comments: self.comments }
    }

    fn scan(mut self) -> Self {
        while let Some((item, offset)) = self.items.get(self.at).copied() {
            self.at += 1;
            match item {
                ShellItem::Hole { list, plain } => self.hole(list, plain, offset),
                ShellItem::Char(c) => self.character(c, offset),
            }
        }
        let open = self.stack.iter().find_map(|(context, offset)| {
            let quote = match context {
                QuoteContext::Single | QuoteContext::DollarQuote => '\'',
                QuoteContext::Double => '"',
                QuoteContext::Backquotes => '`',
                QuoteContext::Braces { .. } => '{',
                QuoteContext::Arithmetic { .. } => '(',
                QuoteContext::Command(command) if command.substitution => '(',
                QuoteContext::Command(_) | QuoteContext::HereBody(_) => return None,
            };
            Some(ShellFault { value: None, offset: *offset, refusal: ShellRefusal::Unclosed(quote) })
        });
        self.faults.extend(open);
        while let Some((context, _)) = self.stack.pop() {
            if let QuoteContext::Command(mut command) = context {
                command.end_command(false);
                self.judge_flows(command);
            }
        }
        self
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
            let quotes =
                matches!(context, QuoteContext::Single | QuoteContext::Double | QuoteContext::DollarQuote);
            word.quoted |= quotes;
            word.computed |= !quotes;
        }
        self.stack.push((context, offset));
    }

    fn literal(&mut self, c: char) {
        if let Some(command) = self.command() {
            command.word.get_or_insert_default().text.push(c);
        }
    }

    fn character(&mut self, c: char, offset: usize) {
        self.computed_name(c, offset);
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
            Some((QuoteContext::Braces { .. }, _)) => match c {
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
                let command = self.substitution(false);
                self.open(QuoteContext::Command(command), offset);
            }
            ('$', Some('{')) => {
                self.variable(1, offset);
                if self.expanded(1) {
                    return;
                }
                self.at += 1;
                // `${#x}`, `${#}`: not a comment, and not another brace.
                self.open(QuoteContext::Braces { from: self.at }, offset);
            }
            ('$', Some('\'')) if bare => {
                self.at += 1;
                self.open(QuoteContext::DollarQuote, offset);
            }
            // `$$` and `$#` are complete, so a value after them has no `$` before it.
            ('$', Some(next @ ('$' | '#' | '?' | '!' | '*' | '@' | '-'))) => {
                self.variable(0, offset);
                self.at += 1;
                self.literal(c);
                self.literal(next);
                self.is_computed();
            }
            ('$', Some(_)) => {
                self.variable(0, offset);
                if self.expanded(0) {
                    return;
                }
                self.literal(c);
                if self.name_is_next() {
                    self.is_computed();
                }
            }
            _ => self.literal(c),
        }
    }

    /// A part of the current word is known only during the run.
    fn is_computed(&mut self) {
        if let Some(command) = self.command() {
            command.word.get_or_insert_default().computed = true;
        }
    }

    /// The list of commands in `$(…)`, or in `<(…)`; it has the stdin of the command around it.
    fn substitution(&mut self, process: bool) -> CommandList {
        let input = self.command().map(|command| command.flows.stdin()).unwrap_or_default();
        let flows = PipelineFlows::new(Rc::clone(&self.known), input);
        CommandList { substitution: true, process, flows, ..CommandList::default() }
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
        let position = self.at;
        let Some((QuoteContext::Command(command), _)) = self.stack.last_mut() else { return };
        command.flows.position = position;
        if command.comment && c != '\n' {
            return;
        }
        match c {
            '\n' => {
                command.comment = false;
                command.end_command(false);
                self.begin_here_document();
            }
            ' ' | '\t' | '\r' => command.end_word(),
            '#' if command.word.is_none() => {
                command.comment = true;
                self.comments.push(offset);
            }
            '\'' => self.open(QuoteContext::Single, offset),
            '"' => self.open(QuoteContext::Double, offset),
            // `>&2`, `2>&-`: part of a redirection.
            '&' if command.redirection && command.word.is_none() => command.descriptor = true,
            '&' if next == Some('>') => command.end_word(),
            '|' if next == Some('|') => {
                self.at += 1;
                command.end_command(false);
            }
            '|' => {
                if next == Some('&') {
                    self.at += 1;
                }
                command.end_command(true);
            }
            ';' | '&' => command.end_command(false),
            '<' | '>' if next == Some('(') => {
                command.end_word();
                self.at += 1;
                let inner = self.substitution(c == '<');
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
                command.output = c == '>';
                command.here_string = c == '<' && next == Some('<');
                while matches!(self.peek(0), Some('<' | '>' | '|')) {
                    self.at += 1;
                }
            }
            '(' if next == Some('(') && command.word.is_none() && command.computes() => {
                self.at += 1;
                self.stack.push((QuoteContext::Arithmetic { depth: 2 }, offset));
            }
            '(' => command.begin_group(next == Some(')')),
            ')' => {
                command.end_command(false);
                match command.nests.last() {
                    Some(Nest::Paren) => {
                        command.nests.pop();
                        command.flows.close();
                    }
                    None if command.substitution => {
                        if let Some((QuoteContext::Command(command), _)) = self.stack.pop() {
                            self.substituted(command);
                        }
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

    fn hole(&mut self, list: bool, plain: bool, offset: usize) {
        if let Some(refusal) = self.refusal(list, plain) {
            self.refuse(offset, refusal);
        } else {
            let before = self.at.checked_sub(2).and_then(|before| self.items.get(before));
            let before =
                before.and_then(|(item, _)| if let ShellItem::Char(c) = item { Some(*c) } else { None });
            let place = self.place();
            let after_dollar =
                before == Some('$') && self.dollar_is_alone() && place != Quoting::SingleQuoted;
            let option_of = if plain { None } else { self.option_of(place) };
            self.sites.push(ValueSite { place, after_dollar, option_of });
            if !plain && place != Quoting::Comment {
                let flow = Flow { value: self.holes, sure: true, begins: true, offset };
                self.arrives(flow, ValueArrival::Direct);
            }
            self.holes += 1;
        }
        let in_comment = self.place() == Quoting::Comment;
        if let Some(command) = self.command()
            && !in_comment
        {
            let word = command.word.get_or_insert_default();
            word.quoted = true;
            word.computed = true;
        }
    }
}
