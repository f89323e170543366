//! Prints a whole file: its lines in order, blank lines around steps and tests, and the alignment of its header.

use super::document::{PrintedLine, Sentence};
use super::printer::Printer;
use super::render::Render;
use crate::tree::{Declaration, File, Item};

/// Prints a file. `shebang` is its first line, if that begins with `#!`.
pub(super) fn print(file: &File, shebang: Option<&str>, mut printer: Printer<'_>) -> String {
    let mut lines: Vec<PrintedLine<'_>> = Vec::with_capacity(file.items.len());
    let columns = columns(file, &printer);
    let mut apart_before = false;
    for (item, column) in file.items.iter().zip(columns) {
        let mut line = printer.line(|printer| sentence(printer, item, column));
        let apart = matches!(item, Item::Step(_) | Item::Test(_) | Item::Background(_));
        if apart || apart_before {
            // A comment directly above an item belongs to it.
            match line.remarks.first_mut() {
                Some(remark) => remark.blank = true,
                None => line.blank = true,
            }
        }
        apart_before = apart;
        lines.push(line);
    }
    let mut render = Render::default();
    let mut blank_first = false;
    if let Some(shebang) = shebang {
        render.verbatim(shebang.trim_end());
        blank_first = true;
    }
    let rest = printer.remarks_of_next();
    render.lines(&lines, &rest, 0, blank_first);
    render.finish()
}

fn sentence<'a>(printer: &mut Printer<'a>, item: &Item, column: usize) -> Sentence<'a> {
    match item {
        Item::Declaration(declaration) => printer.declaration(declaration, column),
        Item::Step(step) => printer.step(step),
        Item::Statement(statement) => printer.statement(statement),
        Item::Test(test) => printer.test(test),
        Item::Background(background) => printer.background(background),
    }
}

/// Returns the width of the first word of each item: the widest in a run of adjacent header lines. *Why only there:*
/// the header has five such words, so that one more line moves four others at most; names could be of any length.
fn columns(file: &File, printer: &Printer<'_>) -> Vec<usize> {
    let mut columns = vec![0; file.items.len()];
    let mut run = 0..0;
    let mut widest = 0;
    for (at, item) in file.items.iter().enumerate() {
        let word = header_word(item).map_or(0, str::len);
        let joins = word > 0 && !run.is_empty() && !printer.stands_apart_at(start(item));
        if !joins {
            columns.get_mut(run.clone()).unwrap_or_default().fill(widest);
            (run, widest) = (at..at, 0);
        }
        if word > 0 {
            run.end = at + 1;
            widest = widest.max(word);
        }
    }
    columns.get_mut(run).unwrap_or_default().fill(widest);
    columns
}

fn header_word(item: &Item) -> Option<&'static str> {
    let Item::Declaration(declaration) = item else { return None };
    match declaration {
        Declaration::Runbook(_) => Some("runbook"),
        Declaration::Trigger(_) => Some("trigger"),
        Declaration::Owner(_) => Some("owner"),
        Declaration::Severity(_) => Some("severity"),
        Declaration::Timezone(_) => Some("timezone"),
        Declaration::Link(_) => Some("link"),
        Declaration::Limit(_) => Some("limit"),
        Declaration::About(_)
        | Declaration::Tests(_)
        | Declaration::Param(_)
        | Declaration::Secret(_)
        | Declaration::Metric(_)
        | Declaration::Define(_)
        | Declaration::Probe(_)
        | Declaration::Let(_)
        | Declaration::Use(_) => None,
    }
}

fn start(item: &Item) -> u32 {
    match item {
        Item::Declaration(it) => it.span().start,
        Item::Step(it) => it.span.start,
        Item::Statement(it) => it.span.start,
        Item::Test(it) => it.span.start,
        Item::Background(it) => it.span.start,
    }
}
