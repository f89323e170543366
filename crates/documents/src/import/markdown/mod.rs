//! Markdown becomes runbooks: blocks, sections, sentences, and then statements.
//!
//! *Invariant:* every word of the document is in a runbook, as a text, a name, a comment or an address.

mod assemble;
mod attach;
mod block;
mod calling;
mod claim;
mod code;
mod conditional;
mod list;
mod marked;
mod paragraph;
mod placeholder;
mod plan;
mod query;
mod reader;
mod section;
mod sentence;
mod shell_lines;
mod translator;
mod verbs;
mod words;

use super::report::{ImportReport, ImportedName, NeedsPerson};
use super::{ImportOptions, ImportedDocument, ImportedRunbook, file_name, formatted};
use crate::draft::{DraftKind, unique};
use assemble::assemble;
pub(crate) use query::{kept_labels, unit_of};

/// Imports a document.
pub(super) fn import(name: &str, text: &str, options: &ImportOptions<'_>) -> ImportedDocument {
    let text = clean(text);
    let mut document = reader::read(&text);
    let stem = stem(name);
    let planned = plan::plan(&mut document, &stem);
    let several = planned.len() > 1;
    let mut report = ImportReport::of(name);
    let mut runbooks: Vec<ImportedRunbook> = Vec::new();
    for planned in planned {
        let made = assemble(planned, &document, &text, options.commands);
        let mut acts = 0_usize;
        translator::walk(&made.draft.parts, &mut |it, _| {
            acts += usize::from(!matches!(it.kind, DraftKind::Prose(_) | DraftKind::Nothing));
        });
        if acts == 0 && !several {
            let what =
                format!("\"{}\" says nothing to do: it is an index or a description", made.draft.title);
            report.needs.push(NeedsPerson::new(made.line, &what));
            continue;
        }
        report.taken.extend(made.taken);
        report.needs.extend(made.needs);
        match formatted(&made.draft, options.catalogue) {
            Ok(text) => {
                let wanted = if several { file_name(&made.draft.title) } else { format!("{stem}.rb") };
                let base = wanted.trim_end_matches(".rb").to_owned();
                let free = unique(&base, |it| runbooks.iter().any(|other| other.file == format!("{it}.rb")));
                let file = format!("{free}.rb");
                report.runbooks.push(ImportedName { file: file.clone(), title: made.draft.title.clone() });
                runbooks.push(ImportedRunbook { file, text });
            }
            Err(why) => {
                let what =
                    format!("a bug in rbl: the runbook \"{}\" cannot be read: {why}", made.draft.title);
                report.needs.push(NeedsPerson::new(made.line, &what));
            }
        }
    }
    if runbooks.is_empty() {
        report.refused = Some("an index: nothing in it says what to do".into());
    }
    report.taken.sort();
    report.needs.sort();
    report.needs.dedup();
    ImportedDocument { runbooks, report }
}

/// A text without the characters that nobody sees.
fn clean(text: &str) -> String {
    rbl_syntax::normal(text)
        .chars()
        .filter_map(|c| match c {
            '\u{a0}' | '\u{202f}' | '\u{2007}' => Some(' '),
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => None,
            '\n' | '\t' => Some(c),
            c if c.is_control() => Some(' '),
            c => Some(c),
        })
        .collect()
}

/// The name of a file without its folders and endings.
fn stem(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let mut stem = file;
    for end in [".erb", ".md", ".markdown", ".html", ".txt", ".mdx"] {
        stem = stem.strip_suffix(end).unwrap_or(stem);
    }
    if stem.is_empty() || stem == "-" { "runbook".into() } else { stem.to_owned() }
}
