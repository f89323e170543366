//! Variables and `$(…)` without quotes: the shell makes words of what they hold, at each blank.

use super::command::{CommandList, is_name};
use super::{QuoteContext, ShellScanner};
use crate::shell::code_reader::{CodeKind, CodeReader, reader};

/// How a value arrives at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueArrival<'a> {
    /// It stands there itself.
    Direct,
    /// In a file that has a name there: `<(…)`.
    File,
    /// In a variable, or in what a command prints: `$x`, `$(…)`.
    Expanded {
        /// As it is shown.
        by: &'a str,
        /// Whether the first word of it may be the value's.
        first: bool,
    },
}

impl ShellScanner {
    /// What becomes of an expansion here, where no quotes keep it together.
    pub(super) fn split(&self, arrival: ValueArrival<'_>) -> Option<CodeReader> {
        let ValueArrival::Expanded { by, first } = arrival else { return None };
        let contexts = self.stack.iter().rev().map(|(context, _)| context);
        let mut around = contexts.skip_while(|context| matches!(context, QuoteContext::Braces { .. }));
        let Some(QuoteContext::Command(command)) = around.next() else { return None };
        command.unquoted(first).map(|kind| reader(by, kind))
    }
}

impl CommandList {
    /// What an expansion without quotes is as the next word, or as a part of it.
    fn unquoted(&self, first: bool) -> Option<CodeKind> {
        if self.redirection || self.double_bracket || self.comment {
            return None;
        }
        let begun = self.word.as_ref().map_or("", |word| word.text.as_str());
        let behind_name = begun.trim_start_matches(is_name);
        let assigns = behind_name.len() < begun.len() && behind_name.starts_with(['=', '[', '+']);
        if self.words.is_empty() && assigns {
            return None;
        }
        match self.words.first() {
            // No words are made there, or that is what it is for.
            Some(
                "case" | "for" | "select" | "set" | "export" | "local" | "readonly" | "declare" | "typeset"
                | "echo" | "printf",
            ) => None,
            _ if first && self.words.runs_next() => Some(CodeKind::Unquoted),
            _ => Some(CodeKind::Words),
        }
    }
}
