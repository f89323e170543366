//! The state of the shell outside quotes: words, simple commands, `case`.

use super::super::program::CommandWords;
use super::here_document::HereDocument;

/// A list of commands: the whole text, or the content of `$(…)`.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is about a different word
pub(super) struct CommandList {
    pub(super) substitution: bool,
    pub(super) nests: Vec<Nest>,
    pub(super) here_documents: Vec<HereDocument>,
    /// The words of the current simple command, quotes removed.
    pub(super) words: CommandWords,
    pub(super) word: Option<Word>,
    /// Whether the simple command has begun: then the next word cannot be a reserved one.
    pub(super) in_the_middle: bool,
    pub(super) redirection: bool,
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
}

impl CommandList {
    pub(super) fn end_word(&mut self) {
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
        self.words.push(&word.text);
    }

    pub(super) fn end_command(&mut self) {
        self.end_word();
        if !self.double_bracket {
            self.words = CommandWords::default();
            self.in_the_middle = false;
        }
        self.redirection = false;
    }

    /// Drops digits directly before `>`, which are not a word.
    pub(super) fn end_before_redirection(&mut self) {
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

pub(super) fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
