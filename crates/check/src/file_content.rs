//! Reports content that belongs to another kind of file: a library holds declarations only, a file of tests holds
//! tests.
//!
//! *Not here:* the order of declarations and body, which `syntax` reports.

use super::FileKind;
use super::current_file::CurrentFile;
use super::findings::Findings;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{SourceId, Span};
use rbl_syntax::tree;
use rbl_syntax::tree::{Declaration, Item};

/// The message for everything that needs the header; identical texts are folded into one finding.
const NO_HEADER: &str = "this file has no `runbook` header";
const HEADER: &str =
    "begin it with `runbook \"TITLE\"`; a library has `metric`, `define`, `secret`, `let` and `use` only";

/// Reports content of a runbook in another kind of file.
pub(super) fn check(file: CurrentFile<'_>, findings: &mut Findings) {
    let (kind, source) = (file.gathered.kind, file.source());
    if kind == FileKind::Runbook {
        return;
    }
    let mut body = false;
    for item in &file.tree().items {
        let finding = match item {
            Item::Declaration(declaration) => not_of_a_library(declaration, kind, source),
            Item::Statement(tree::Statement { kind, .. }) if !kind.begins_body() => None,
            Item::Test(_) | Item::Background(_) => None,
            Item::Statement(tree::Statement { span, .. }) | Item::Step(tree::Step { span, .. }) => {
                let first = !std::mem::replace(&mut body, true);
                first.then(|| body_without_header(kind, first_line(*span, file.text), source))
            }
        };
        if let Some(finding) = finding {
            findings.next_statement();
            findings.report(finding);
        }
    }
}

fn body_without_header(kind: FileKind, head: Span, source: SourceId) -> Diagnostic {
    let (message, help) = match kind {
        FileKind::Tests => ("a statement in a file of tests", "put it into a `test \"TITLE\" { … }`"),
        _ => (NO_HEADER, HEADER),
    };
    Diagnostic::new(Code::SYNTAX_PLACE, message, head.in_source(source), "nothing runs it").help(help)
}

fn not_of_a_library(declaration: &Declaration, kind: FileKind, source: SourceId) -> Option<Diagnostic> {
    let word = match declaration {
        Declaration::Tests(_)
        | Declaration::Runbook(_)
        | Declaration::Secret(_)
        | Declaration::Metric(_)
        | Declaration::Define(_)
        | Declaration::Probe(_)
        | Declaration::Let(_)
        | Declaration::Use(_) => return None,
        Declaration::About(_) => "about",
        Declaration::Trigger(_) => "trigger",
        Declaration::Owner(_) => "owner",
        Declaration::Severity(_) => "severity",
        Declaration::Timezone(_) => "timezone",
        Declaration::Link(_) => "link",
        Declaration::Param(_) => "param",
        Declaration::Limit(_) => "limit",
    };
    let place = declaration.span().in_source(source);
    let code = Code::SYNTAX_PLACE;
    Some(match kind {
        FileKind::Tests => {
            Diagnostic::new(code, format!("`{word}` in a file of tests"), place, "belongs to a runbook")
                .help("take it out: the runbook under test has its own")
        }
        _ => Diagnostic::new(code, NO_HEADER, place, format!("`{word}` belongs to a runbook")).help(HEADER),
    })
}

/// Returns the first line of a statement: enough to point at.
fn first_line(span: Span, text: &str) -> Span {
    let written = text.get(span.range()).unwrap_or("");
    let length =
        written.find(['\n', '{']).map_or(written, |end| written.get(..end).unwrap_or("")).trim_end().len();
    Span::new(span.start, span.start + u32::try_from(length).unwrap_or(0))
}
