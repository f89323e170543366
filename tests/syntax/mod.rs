//! What the grammar reads, and the findings for what it cannot read.

mod accepted;
mod any_bytes;
mod indentation;
mod printed;
mod recovery;

use rbl_syntax::source::{Source, SourceId};
use rbl_syntax::{Parsed, parse, tree};

/// Reads a correct text.
fn read(text: &str) -> tree::File {
    let Parsed { file, diagnostics } = parse(SourceId(0), text);
    assert!(diagnostics.is_empty(), "in\n{text}\n{}", told(text, &diagnostics).join("\n"));
    file
}

/// The findings for a text: `line:column code message`.
fn findings(text: &str) -> Vec<String> {
    told(text, &parse(SourceId(0), text).diagnostics)
}

fn told(text: &str, diagnostics: &[rbl_syntax::diagnostic::Diagnostic]) -> Vec<String> {
    let source = Source::new("x.rb", text);
    diagnostics
        .iter()
        .map(|diagnostic| {
            let at = source.line_column(diagnostic.place().unwrap().span.start);
            format!("{}:{} {} {}", at.line, at.column, diagnostic.code, diagnostic.message)
        })
        .collect()
}

/// The only statement of a text.
fn statement(text: &str) -> tree::StatementKind {
    let mut file = read(text);
    assert_eq!(file.items.len(), 1, "in {text}");
    match file.items.pop() {
        Some(tree::Item::Statement(statement)) => statement.kind,
        other => panic!("{text} is {other:?}"),
    }
}

/// The expression of `let x = …`.
fn expression(text: &str) -> tree::Expr {
    match statement(&format!("let x = {text}")) {
        tree::StatementKind::Let(it) => it.value,
        other => panic!("{other:?}"),
    }
}

/// An expression with every operator in brackets, to show the precedence.
fn bracketed(expr: &tree::Expr) -> String {
    use tree::ExprKind as K;
    match &expr.kind {
        K::Number { value, unit, .. } => format!("{value}{}", String::from(*unit)),
        K::Name(name) => name.text.to_string(),
        K::Bool { value } => value.to_string(),
        K::Now => "now".into(),
        K::Text(text) => format!("{:?}", text.literal().unwrap()),
        K::Question(question) => format!("ask({:?})", question.prompt.literal().unwrap()),
        K::Unary { op: tree::UnaryOp::Not, operand } => format!("(not {})", bracketed(operand)),
        K::Unary { op: tree::UnaryOp::Negate, operand } => format!("(-{})", bracketed(operand)),
        K::Binary { op, left, right, .. } => {
            format!("({} {} {})", bracketed(left), op.spelling(), bracketed(right))
        }
        K::Range { low, high } => format!("({}..{})", bracketed(low), bracketed(high)),
        K::Field { of, name } => format!("{}.{}", bracketed(of), name.text),
        K::Index { of, index } => format!("{}[{}]", bracketed(of), bracketed(index)),
        K::Ago { of, duration } => format!("({} {} ago)", bracketed(of), bracketed(duration)),
        K::Over { of, duration } => format!("({} over {})", bracketed(of), bracketed(duration)),
        K::Held { condition, duration } => format!("({} for {})", bracketed(condition), bracketed(duration)),
        K::Quantified { quantifier, over, op, value, .. } => {
            format!("({quantifier:?} {} {} {})", bracketed(over), op.spelling(), bracketed(value))
        }
        K::Call { name, args } => {
            let args: Vec<String> = args.iter().map(|arg| bracketed(&arg.value)).collect();
            format!("{}({})", name.text, args.join(", "))
        }
        K::List { items } => format!("[{}]", items.iter().map(bracketed).collect::<Vec<_>>().join(", ")),
        K::Parenthesized { inner } => bracketed(inner),
        other => format!("{other:?}"),
    }
}
