//! Markdown becomes runbooks: blocks, sections, sentences, and then statements.
//!
//! *Invariant:* every word of the document is in a runbook, as a text, a name, a comment or an address.

mod answers;
mod assemble;
mod attach;
mod block;
mod calling;
mod claim;
mod code;
mod conditional;
mod copied;
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
mod shown;
mod translator;
mod verbs;
mod words;

use super::report::{ImportReport, ImportedName, NeedsPerson};
use super::{ImportOptions, ImportedDocument, ImportedRunbook, file_name, formatted, refused};
use crate::draft::{DraftKind, unique};
use crate::export::MADE_BY;
use assemble::assemble;
use block::BlockKind;
pub(crate) use query::{kept_labels, unit_of};

/// The most levels of lists and quotes that a document may have: nobody reads more.
const DEEPEST: usize = 40;

/// Imports a document.
pub(super) fn import(name: &str, text: &str, options: &ImportOptions<'_>) -> ImportedDocument {
    let text = clean(text);
    if let Some(read) = back(name, &text, options) {
        return read;
    }
    let depth = reader::depth(&text);
    if depth > DEEPEST {
        return refused(name, format!("its lists and quotes are nested {depth} levels deep"));
    }
    let mut document = reader::read(&text);
    let is_html = document.blocks.iter().any(|it| matches!(it.kind, BlockKind::Html(_)))
        && document.blocks.iter().all(|it| matches!(it.kind, BlockKind::Html(_) | BlockKind::Rule));
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
        let why = if text.trim().is_empty() {
            "it is empty"
        } else if text.starts_with(MADE_BY) {
            "rbl made it of a runbook that says more than an import writes: keep that runbook"
        } else if is_html {
            "it is HTML: make Markdown of it first, for example with `pandoc`"
        } else {
            "an index: nothing in it says what to do"
        };
        if text.trim().is_empty() || is_html || text.starts_with(MADE_BY) {
            report.needs.clear();
        }
        report.refused = Some(why.into());
    }
    report.taken.sort();
    report.needs.sort();
    report.needs.dedup();
    ImportedDocument { runbooks, report }
}

/// What was made of a document that `rbl export` made: the runbook that it was made from.
fn back(name: &str, text: &str, options: &ImportOptions<'_>) -> Option<ImportedDocument> {
    let (draft, taken) = copied::copied(text)?;
    // One that was changed so that it cannot be read is read like any other document.
    let text = formatted(&draft, options.catalogue).ok()?;
    let file = format!("{}.rb", stem(name));
    let mut report = ImportReport::of(name);
    report.runbooks.push(ImportedName { file: file.clone(), title: draft.title });
    report.taken = taken;
    if draft.owner.is_none() {
        report.needs.push(NeedsPerson::new(1, "nobody owns it: add `owner \"TEAM\"`"));
    }
    Some(ImportedDocument { runbooks: vec![ImportedRunbook { file, text }], report })
}

/// A text without the characters that nobody sees.
fn clean(text: &str) -> String {
    rbl_syntax::normal(text)
        .replace('\r', "\n")
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
    // A name with a line break or an escape in it would change what a terminal shows.
    let stem: String = stem.chars().map(|c| if c.is_control() { '-' } else { c }).collect();
    if stem.is_empty() || stem == "-" { "runbook".into() } else { stem }
}
