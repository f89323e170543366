//! Finds names that nothing uses: a check or a value was probably forgotten.

use super::findings::Findings;
use super::symbol::{Symbol, SymbolKind};
use rbl_syntax::diagnostic::{Code, Diagnostic};

/// Users that a command is run as.
const USERS: [&str; 8] = ["root", "admin", "sudo", "postgres", "mysql", "deploy", "www", "user"];

/// Reports the file's own unused names. A name that begins with `_` is intentionally unused.
pub(super) fn report(symbols: &[Symbol<'_>], findings: &mut Findings) {
    for symbol in symbols {
        if symbol.used || symbol.imported || symbol.text().starts_with('_') {
            continue;
        }
        // Used above the place that sets it: that is one mistake.
        if findings.is_early(symbol.text()) {
            continue;
        }
        let Some(help) = help(symbol) else { continue };
        let message = format!("`{}` is never used", symbol.text());
        findings
            .report(Diagnostic::new(Code::NAME_UNUSED, message, symbol.place(), label(symbol)).help(help));
    }
}

fn label(symbol: &Symbol<'_>) -> &'static str {
    match symbol.kind {
        SymbolKind::Metric(_) => "read by nothing",
        SymbolKind::Define(_) => "no `action` names it",
        SymbolKind::Probe(_) => "nothing looks with it",
        SymbolKind::Expression(_) => "called by nothing",
        SymbolKind::Element => "the same is done for each",
        _ => "nothing reads it",
    }
}

fn help(symbol: &Symbol<'_>) -> Option<String> {
    let name = symbol.text();
    Some(match symbol.kind {
        SymbolKind::Argument { handed_on: true } => return None,
        SymbolKind::ActionResult if USERS.contains(&name.as_str()) => format!(
            "`as` names the output; to act as another user write ``action `sudo -u {name} COMMAND` ``"
        ),
        SymbolKind::ActionResult => format!("take `as {name}` out"),
        SymbolKind::Local => format!("take the `let` out, or call it `_{name}` if only the asking matters"),
        SymbolKind::Element => format!("call it `_{name}` if that is what is meant"),
        SymbolKind::Metric(_) => "check it, show it, or take it out".into(),
        SymbolKind::Define(_) => format!("write `action {name}(…)` where it is to be done, or take it out"),
        _ => "use it, or take it out".into(),
    })
}
