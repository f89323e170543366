//! Texts that only announce what follows: output, an example, a table.

use super::block::{BlockKind, InlineText};
use super::code;
use super::sentence::{SentenceKind, classify, sentence_case, sentences};
use super::translator::{decides, flattened, with_tail};
use crate::draft::{DraftKind, DraftStatement};

/// `The output is similar to the following:`, above what the command before it prints.
pub(super) fn shows_output(text: &str) -> bool {
    let lower = text.to_lowercase();
    let says = ["output", "result", "response"];
    sentences(text).len() == 1
        && lower.trim_end().ends_with(':')
        && says.iter().any(|it| lower.contains(it))
        && classify(text, false) == SentenceKind::Note
}

/// Adds a text to the instruction before it, in which what follows is shown.
pub(super) fn joined_text(out: &mut Vec<DraftStatement>, said: &str) -> bool {
    let mut joined = false;
    with_tail(out, |tail| {
        if let Some(DraftStatement { kind: DraftKind::Instruct { text, .. }, .. }) = tail.last_mut() {
            let ends = text.ends_with(['.', '!', '?', ':', ')', '`', '"']);
            *text = if text.contains('\n') {
                format!("{text}\n\n{said}")
            } else {
                format!("{text}{} {said}", if ends { "" } else { "." })
            };
            joined = true;
        }
    });
    joined
}

/// `The following table explains the conditions.`, or what is chosen by the table that follows.
pub(super) fn announces_table(text: &str) -> bool {
    let lower = text.to_lowercase();
    sentences(text).len() == 1
        && (lower.contains(" table") && classify(text, false) == SentenceKind::Note
            || lower.trim_end().ends_with(':') && classify(text, false) == SentenceKind::Note)
}

/// `For example:`, above what was said already with a name in it.
pub(super) fn gives_example(text: &str) -> bool {
    let lower = text.trim_matches(|c: char| "*_: .".contains(c)).to_lowercase();
    ["example", "for example", "e.g", "example output", "sample output", "an example"]
        .contains(&lower.as_str())
}

/// Whether the last statement is an instruction with a command.
pub(super) fn has_command(out: &mut Vec<DraftStatement>) -> bool {
    let mut has = false;
    with_tail(out, |tail| {
        has = matches!(
            tail.last().map(|it| &it.kind),
            Some(DraftKind::Instruct { text, showing }) if !showing.is_empty() || text.ends_with('`')
        );
    });
    has
}

/// What a text that ends in a colon shows: a quote, or code in a line of its own.
pub(super) fn shown_text(block: &BlockKind) -> Option<String> {
    match block {
        BlockKind::Quote(inner) if !decides(inner) => Some(flattened(inner)),
        BlockKind::Paragraph(text) if text.only_code().is_some_and(|it| !code::is_known_program(it)) => {
            Some(text.text.clone())
        }
        _ => None,
    }
}

pub(super) fn is_command_line(text: &InlineText, after_text: bool) -> bool {
    after_text
        && text.only_code().is_some_and(|it| code::is_known_program(it) && it.split_whitespace().count() > 1)
}

/// `[!WARNING] …`, as GitHub writes it.
pub(super) fn without_mark(text: &str) -> String {
    match text.strip_prefix("[!").and_then(|it| it.split_once(']')) {
        Some((mark, rest)) if mark.chars().all(|c| c.is_ascii_alphabetic()) => {
            format!("{}: {}", sentence_case(&mark.to_lowercase()), rest.trim_start())
        }
        _ => text.to_owned(),
    }
}
