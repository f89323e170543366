//! Here-documents: the end mark, and the lines up to it.

use super::flow::Flow;
use super::known::{Carriers, flows};
use super::nested::NestedScript;
use super::{QuoteContext, ShellItem, ShellScanner};
use crate::shell::ShellRefusal;
use crate::shell::code_reader::CodeReader;
use crate::shell::script::Inherited;

/// A here-document whose body is still to come, or is being scanned.
pub(super) struct HereDocument {
    pub(super) end: String,
    pub(super) strip_tabs: bool,
    /// Whether the end mark is quoted, so that nothing in the body is expanded.
    pub(super) literal: bool,
    /// The command that it belongs to.
    pub(super) pipeline: usize,
    pub(super) stage: usize,
    /// The program that reads it as code, known at the end of its line.
    pub(super) reader: Option<CodeReader>,
    /// Where it is introduced.
    pub(super) position: usize,
    /// What the arguments of the script carry, where a literal body is one.
    pub(super) script: Option<Carriers>,
    pub(super) inherited: Inherited,
    /// The values among the arguments of a program in another language that the body is.
    pub(super) given: Vec<Flow>,
    /// A literal body so far.
    pub(super) body: String,
}

impl ShellScanner {
    /// Scans the word after `<<`: anything quoted in it makes the body literal.
    pub(super) fn here_delimiter(&mut self) {
        let (pipeline, stage) = self.command().map_or((0, 0), |command| command.flows.place());
        let mut here = HereDocument {
            end: String::new(),
            strip_tabs: false,
            literal: false,
            pipeline,
            stage,
            reader: None,
            position: self.at,
            script: None,
            inherited: Inherited::Nothing,
            given: Vec::new(),
            body: String::new(),
        };
        let values = flows(self.known.inputs.get(&self.at), 0);
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
                ShellItem::Hole { .. } => {
                    self.refuse(offset, ShellRefusal::HereDelimiter);
                    here.literal = true;
                }
                ShellItem::Char(c) if quote == Some(c) => quote = None,
                ShellItem::Char(c @ ('\'' | '"')) if quote.is_none() => {
                    quote = Some(c);
                    here.literal = true;
                }
                ShellItem::Char('\\') if quote != Some('\'') => here.literal = true,
                ShellItem::Char(c) if quote.is_none() && " \t\n;|&<>()".contains(c) => break,
                ShellItem::Char(c) => here.end.push(c),
            }
            self.at += 1;
        }
        if let Some(command) = self.command() {
            command.here_documents.push(here);
            for flow in values {
                command.flows.string(flow);
            }
        }
    }

    pub(super) fn begin_here_document(&mut self) {
        let Some(command) = self.command() else { return };
        if command.here_documents.is_empty() {
            return;
        }
        let here = command.here_documents.remove(0);
        self.stack.push((QuoteContext::HereBody(here), 0));
        self.here_line();
    }

    /// Handles the beginning of a line of a here-document: detects the last line, and skips a literal body.
    pub(super) fn here_line(&mut self) {
        loop {
            let Some((QuoteContext::HereBody(here), _)) = self.stack.last() else { return };
            let literal = here.literal;
            let line = self.items.get(self.at..).unwrap_or_default();
            let length = line.iter().position(|(item, _)| matches!(item, ShellItem::Char('\n')));
            let line = line.get(..length.unwrap_or(line.len())).unwrap_or_default();
            let text: Option<String> = line
                .iter()
                .map(|(item, _)| if let ShellItem::Char(c) = item { Some(*c) } else { None })
                .collect();
            let ends = text.is_some_and(|text| {
                let text = if here.strip_tabs { text.trim_start_matches('\t') } else { &text };
                text == here.end
            });
            let past = line.len() + usize::from(length.is_some());
            if ends {
                self.at += past;
                if let Some((QuoteContext::HereBody(here), _)) = self.stack.pop() {
                    self.literal_script(here);
                }
                self.begin_here_document();
                return;
            }
            if !literal || past == 0 {
                return;
            }
            let body: String =
                line.iter().map(|(item, _)| if let ShellItem::Char(c) = item { *c } else { ' ' }).collect();
            let holes: Vec<usize> = line
                .iter()
                .filter(|(item, _)| matches!(item, ShellItem::Hole { .. }))
                .map(|(_, offset)| *offset)
                .collect();
            for offset in holes {
                self.refuse(offset, ShellRefusal::LiteralHereDocument);
            }
            self.at += past;
            if let Some((QuoteContext::HereBody(here), _)) = self.stack.last_mut() {
                here.body.push_str(&body);
                here.body.push('\n');
            }
        }
    }

    /// A complete body in which nothing is expanded, as the script or the program that it may be.
    fn literal_script(&mut self, here: HereDocument) {
        let HereDocument { body: text, inherited, given, script, reader, .. } = here;
        if let Some(positional) = script {
            self.nested(NestedScript { text, inherited, positional, input: Vec::new() });
        } else if let Some(reader) = reader.filter(|_| here.literal)
            && let Some(command) = self.command()
        {
            command.flows.program_text(&reader.name, &text, &given);
        }
    }
}
