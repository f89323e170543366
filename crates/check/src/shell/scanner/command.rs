//! The state of the shell outside quotes: words, simple commands, `case`.

use super::super::program::CommandWords;
use super::flow::{Flow, PipelineFlows};
use super::here_document::HereDocument;
use super::known::file_key;

/// A list of commands: the whole text, or the content of `$(…)`.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is about a different word
pub(super) struct CommandList {
    pub(super) substitution: bool,
    /// `<(…)`: the outer command gets a file in its place.
    pub(super) process: bool,
    /// Where the values of the current pipelines go.
    pub(super) flows: PipelineFlows,
    pub(super) nests: Vec<Nest>,
    pub(super) here_documents: Vec<HereDocument>,
    /// The words of the current simple command, quotes removed.
    pub(super) words: CommandWords,
    pub(super) word: Option<Word>,
    /// Whether the simple command has begun: then the next word cannot be a reserved one.
    pub(super) in_the_middle: bool,
    pub(super) redirection: bool,
    /// `<<<`: the next word is the input of the command.
    pub(super) here_string: bool,
    /// Whether the redirection writes.
    pub(super) output: bool,
    /// `<&3`: the next word is a descriptor.
    pub(super) descriptor: bool,
    pub(super) double_bracket: bool,
    pub(super) comment: bool,
}

#[derive(PartialEq)]
pub(super) enum Nest {
    Paren,
    Case,
}

#[derive(Default)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) quoted: bool,
    /// Whether a part of it is only known during the run.
    pub(super) computed: bool,
    /// The values in it, and those that are carried by variables in it.
    pub(super) carries: Vec<Flow>,
}

impl CommandList {
    pub(super) fn end_word(&mut self) {
        let Some(mut word) = self.word.take() else { return };
        if std::mem::take(&mut self.redirection) {
            let descriptor = std::mem::take(&mut self.descriptor);
            if !std::mem::take(&mut self.here_string) && !word.text.is_empty() {
                let file = if descriptor { format!("&{}", word.text) } else { file_key(&word.text) };
                self.flows.redirect(file, self.output);
            }
            return;
        }
        if self.double_bracket {
            self.double_bracket = word.quoted || word.text != "]]";
            self.flows.bracket(&word, !self.double_bracket);
            self.in_the_middle = true;
            return;
        }
        // `$(which ssh) …`: a program that only the run knows.
        if word.computed && word.text.is_empty() && word.carries.is_empty() && self.words.program().is_none()
        {
            "$(…)".clone_into(&mut word.text);
        }
        if !self.in_the_middle && !word.quoted {
            match word.text.as_str() {
                "case" => {
                    self.nests.push(Nest::Case);
                    self.flows.open();
                }
                "esac" if self.nests.last() == Some(&Nest::Case) => {
                    self.nests.pop();
                    return self.close();
                }
                "[[" => self.double_bracket = true,
                "if" | "while" | "until" | "{" => return self.flows.open(),
                "then" | "else" | "elif" | "do" | "!" | "time" => return,
                "for" | "select" => self.flows.open(),
                "}" | "fi" | "done" => return self.close(),
                _ => {}
            }
        }
        let name = word.text.trim_start_matches(is_name);
        if !self.in_the_middle
            && self.words.is_empty()
            && name.len() < word.text.len()
            && name.starts_with('=')
        {
            self.flows.assign(&word);
            return;
        }
        self.in_the_middle = true;
        self.flows.argument(&self.words, &word);
        self.words.push(&word.text);
    }

    /// `(` where no word can go on: a subshell, or the brackets of a function.
    pub(super) fn begin_group(&mut self, is_function: bool) {
        if is_function
            && self.words.is_empty()
            && let Some(word) = &self.word
        {
            self.flows.function(&word.text);
        }
        self.end_word();
        self.words = CommandWords::default();
        self.in_the_middle = false;
        self.nests.push(Nest::Paren);
        self.flows.open();
    }

    /// Whether `((` here begins an expression: at the beginning of a command, or behind `for`.
    pub(super) fn computes(&self) -> bool {
        !self.in_the_middle || self.words.first() == Some("for") && self.words.get(1).is_none()
    }

    /// The end of a compound command: what it printed is what all its commands printed.
    fn close(&mut self) {
        self.flows.close();
        self.in_the_middle = true;
    }

    /// Ends a simple command. `piped`: its output goes into the next one.
    pub(super) fn end_command(&mut self, piped: bool) {
        self.end_word();
        if !self.double_bracket {
            self.flows.end_command(&self.words, piped, &mut self.here_documents);
            self.words = CommandWords::default();
            self.in_the_middle = false;
        }
        self.redirection = false;
        self.here_string = false;
        self.descriptor = false;
    }

    /// Drops digits directly before `>`, which are not a word.
    pub(super) fn end_before_redirection(&mut self) {
        if self
            .word
            .as_ref()
            .is_some_and(|word| !word.quoted && word.text.chars().all(|c| c.is_ascii_digit()))
        {
            let digits = self.word.take().map(|word| word.text);
            self.flows.descriptor = digits.filter(|digits| !matches!(digits.as_str(), "0" | "1" | "2"));
        }
        self.end_word();
        self.descriptor = false;
    }
}

pub(super) fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
