//! Where things stand at the top level: declarations before the body, a body only behind a `runbook` header.

use super::Kind;
use super::findings::Findings;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};
use crate::syntax::tree::{self, Declaration, Item, StatementKind};

/// Reports what stands where it may not.
pub(super) fn check(tree: &tree::File, kind: Kind, source: SourceId, text: &str, findings: &mut Findings) {
    let mut body: Option<Span> = None;
    let mut stray: Option<Span> = None;
    for (index, item) in tree.items.iter().enumerate() {
        let finding = match item {
            Item::Declaration(declaration) => match (body, declaration) {
                (_, Declaration::Runbook(it)) if index > 0 => Some(
                    Diagnostic::new(
                        Code::SYNTAX_PLACE,
                        "`runbook` is the first line of its file",
                        it.span.in_source(source),
                        "stands behind something else",
                    )
                    .help("move it up to the first line"),
                ),
                (Some(body), declaration) => Some(
                    Diagnostic::new(
                        Code::SYNTAX_PLACE,
                        format!("{} behind the first statement", word(declaration)),
                        declaration.span().in_source(source),
                        "declarations stand before it",
                    )
                    .also(body.in_source(source), "the body begins here")
                    .help("move it up, behind the `runbook` line"),
                ),
                (None, declaration) if kind != Kind::Runbook => not_of_a_library(declaration, kind, source),
                (None, _) => None,
            },
            // A declaration that could not be read begins no body.
            Item::Statement(tree::Statement { kind: StatementKind::Broken { .. }, .. }) | Item::Test(_) => {
                None
            }
            Item::Statement(tree::Statement { kind: StatementKind::Let(_), .. }) if body.is_none() => None,
            Item::Statement(tree::Statement { span, .. }) | Item::Step(tree::Step { span, .. }) => {
                let head = first_line(*span, text);
                body = body.or(Some(head));
                stray = stray.or(Some(head));
                None
            }
        };
        if let Some(finding) = finding {
            findings.next_statement();
            findings.report(finding);
        }
    }
    if let (Some(stray), true) = (stray, kind != Kind::Runbook) {
        let (message, help) = match kind {
            Kind::Tests => ("a statement in a file of tests", "put it into a `test \"TITLE\" { … }`"),
            _ => (
                "a statement in a file without a `runbook` header",
                "begin the file with `runbook \"TITLE\"`",
            ),
        };
        findings.next_statement();
        findings.report(
            Diagnostic::new(Code::SYNTAX_PLACE, message, stray.in_source(source), "nothing runs it")
                .help(help),
        );
    }
}

fn not_of_a_library(declaration: &Declaration, kind: Kind, source: SourceId) -> Option<Diagnostic> {
    match declaration {
        Declaration::Tests(_)
        | Declaration::Runbook(_)
        | Declaration::Secret(_)
        | Declaration::Metric(_)
        | Declaration::Define(_)
        | Declaration::Let(_)
        | Declaration::Use(_) => None,
        Declaration::Trigger(_)
        | Declaration::Owner(_)
        | Declaration::Severity(_)
        | Declaration::Link(_)
        | Declaration::Param(_) => {
            let word = word(declaration);
            let place = declaration.span().in_source(source);
            let message = format!("{word} in a file without a `runbook` header");
            let finding = Diagnostic::new(Code::SYNTAX_PLACE, message, place, "belongs to a runbook");
            Some(match kind {
                Kind::Tests => finding.help("take it out: the runbook under test has its own"),
                _ => finding.help("begin the file with `runbook \"TITLE\"`, or take it out of this library"),
            })
        }
    }
}

fn word(declaration: &Declaration) -> &'static str {
    match declaration {
        Declaration::Runbook(_) => "`runbook` header",
        Declaration::Tests(_) => "`tests for` header",
        Declaration::Trigger(_) => "`trigger`",
        Declaration::Owner(_) => "`owner`",
        Declaration::Severity(_) => "`severity`",
        Declaration::Link(_) => "`link`",
        Declaration::Param(_) => "`param`",
        Declaration::Secret(_) => "`secret`",
        Declaration::Metric(_) => "`metric`",
        Declaration::Define(_) => "`define`",
        Declaration::Let(_) => "`let` with parameters",
        Declaration::Use(_) => "`use`",
    }
}

/// The first line of a statement: enough to point at.
fn first_line(span: Span, text: &str) -> Span {
    let written = text.get(span.range()).unwrap_or("");
    let length =
        written.find(['\n', '{']).map_or(written, |end| written.get(..end).unwrap_or("")).trim_end().len();
    Span::new(span.start, span.start + u32::try_from(length).unwrap_or(0))
}
