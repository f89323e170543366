//! `.rb` is Ruby's extension too: a file that is Ruby is said to be Ruby, once.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};

/// The first line that only Ruby has, in a file that has no line that only a runbook has.
pub(super) fn detect(source: SourceId, text: &str) -> Option<Diagnostic> {
    if text.lines().any(is_ours) {
        return None;
    }
    let mut at = 0usize;
    for line in text.split_inclusive('\n') {
        if is_ruby(line.trim()) {
            let blank = line.len() - line.trim_start().len();
            let offset = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
            let span = Span::new(offset(at + blank), offset(at + line.trim_end().len()));
            let message = "this file is Ruby, not a runbook";
            return Some(
                Diagnostic::new(Code::SYNTAX_RUBY, message, span.in_source(source), "only Ruby has this")
                    .help("a runbook begins with `runbook \"TITLE\"`; `rbl new FILE` writes a first one"),
            );
        }
        at += line.len();
    }
    None
}

fn is_ours(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with("step \"") {
        return line.ends_with('{');
    }
    ["runbook \"", "tests for \"", "check \"", "action \"", "action `", "escalate to ", "metric "]
        .iter()
        .any(|start| line.starts_with(start))
}

fn is_ruby(line: &str) -> bool {
    let word = line.split([' ', '(', '"', '\'']).next().unwrap_or_default();
    match word {
        "require" | "require_relative" => line.contains(['"', '\'']),
        "def" | "class" | "module" => line
            .split_whitespace()
            .nth(1)
            .is_some_and(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_')),
        "puts" | "attr_accessor" | "attr_reader" => line.len() > word.len(),
        "end" => line == "end",
        _ => {
            line.ends_with(" do")
                || (line.contains(" do |") && line.ends_with('|'))
                || line.starts_with("Runbook.")
        }
    }
}
