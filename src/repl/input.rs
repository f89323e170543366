//! Parses one input into declarations, statements or an expression.

use smol_str::SmolStr;

use rbl_syntax as syntax;
use rbl_syntax::begins_statement;
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{SourceId, Span};
use rbl_syntax::tree::{Declaration, File, Item, StatementKind, Target};

/// The content of an input.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    /// Nothing: blanks and comments.
    Nothing,
    /// Declarations and statements, in order.
    Pieces(Vec<InputPiece>),
    /// An expression or a condition, whose value is shown. The check determines which of the two.
    Expression,
    /// A text that cannot be parsed; the places are those of the input.
    Broken(Vec<Diagnostic>),
}

/// The text that turns an expression into a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrap {
    /// A value.
    Value,
    /// A condition: a question, a probe that is judged, `… for 5m`.
    Condition,
    /// A window, as shown to a person: `p99 over 5m`.
    Shown,
}

impl Wrap {
    /// All of them, in the order in which they are tried.
    pub(super) const ALL: [Self; 3] = [Self::Value, Self::Condition, Self::Shown];

    /// The text before the expression.
    pub(super) const fn before(self) -> &'static str {
        match self {
            Self::Value => "let it = ",
            Self::Condition => "check ",
            Self::Shown => "check \"-\" showing ",
        }
    }
}

/// A declaration or a statement of an input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct InputPiece {
    /// Its place in the input.
    pub(super) span: Span,
    /// Its kind.
    pub(super) kind: InputPieceKind,
}

/// The kind of a piece.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum InputPieceKind {
    /// A declaration and its name; for one without a name, its keyword.
    Declaration(SmolStr),
    /// `let NAME = …`
    Let(SmolStr),
    /// Another statement, and the name that it binds (`action … as NAME`).
    Statement(Option<SmolStr>),
    /// A titled step: its statements are used.
    Step,
    /// Something that belongs in a file: its keyword.
    OnlyInAFile(&'static str),
}

/// Parses an input.
pub(super) fn read(text: &str) -> Input {
    let parsed = syntax::parse(SourceId::default(), text);
    if parsed.diagnostics.is_empty() {
        let pieces = pieces(&parsed.file);
        return if pieces.is_empty() { Input::Nothing } else { Input::Pieces(pieces) };
    }
    for wrap in Wrap::ALL {
        let wrapped = syntax::parse(SourceId::default(), &format!("{}{text}", wrap.before()));
        if wrapped.diagnostics.is_empty() && wrapped.file.items.len() == 1 {
            return Input::Expression;
        }
    }
    let word: String =
        text.trim_start().chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
    if begins_statement(&word) {
        return Input::Broken(parsed.diagnostics);
    }
    // The input is meant as a value, so its mistakes are reported as those of the value.
    let wrapped = syntax::parse(SourceId::default(), &format!("{}{text}", Wrap::Value.before()));
    let shifted = |mut it: Diagnostic| {
        // The form of the `let` that was added.
        it.help.retain(|help| !help.starts_with("the form is `let "));
        it.message = it.message.replace(" after this `let`", " here");
        moved_back(it, Wrap::Value.before().len())
    };
    Input::Broken(wrapped.diagnostics.into_iter().map(shifted).collect())
}

/// Moves the places of a finding back by this number of bytes, to those of the text without its prefix.
pub(super) fn moved_back(diagnostic: Diagnostic, by: usize) -> Diagnostic {
    let by = u32::try_from(by).unwrap_or(u32::MAX);
    let back = |position: u32| position.saturating_sub(by);
    diagnostic.map_places(|mut place| {
        place.span = Span::new(back(place.span.start), back(place.span.end));
        Some(place)
    })
}

fn pieces(file: &File) -> Vec<InputPiece> {
    let piece = |item: &Item| match item {
        Item::Declaration(it) => InputPiece { span: it.span(), kind: declaration(it) },
        Item::Step(it) => InputPiece { span: it.span, kind: InputPieceKind::Step },
        Item::Background(it) => InputPiece { span: it.span, kind: InputPieceKind::OnlyInAFile("background") },
        Item::Test(it) => InputPiece { span: it.span, kind: InputPieceKind::OnlyInAFile("test") },
        Item::Statement(it) => {
            let kind = match &it.kind {
                StatementKind::Let(it) => InputPieceKind::Let(it.name.text.clone()),
                StatementKind::Action(action) => {
                    let prints = !matches!(action.target, Target::Prose(_));
                    InputPieceKind::Statement(
                        action.name.as_ref().filter(|_| prints).map(|it| it.text.clone()),
                    )
                }
                StatementKind::Prose { .. }
                | StatementKind::Check(_)
                | StatementKind::If(_)
                | StatementKind::Match(_)
                | StatementKind::Escalate(_)
                | StatementKind::Wait(_)
                | StatementKind::Record(_)
                | StatementKind::ForEach(_)
                | StatementKind::Repeat(_)
                | StatementKind::Run(_)
                | StatementKind::Lock(_)
                | StatementKind::Resolve { .. }
                | StatementKind::Stop { .. }
                | StatementKind::Broken { .. } => InputPieceKind::Statement(None),
            };
            InputPiece { span: it.span, kind }
        }
    };
    file.items.iter().map(piece).collect()
}

fn declaration(it: &Declaration) -> InputPieceKind {
    let named = |name: &SmolStr| InputPieceKind::Declaration(name.clone());
    match it {
        Declaration::Runbook(_) => InputPieceKind::OnlyInAFile("runbook"),
        Declaration::Tests(_) => InputPieceKind::OnlyInAFile("tests for"),
        Declaration::About(_) => InputPieceKind::OnlyInAFile("about"),
        Declaration::Trigger(_) => InputPieceKind::OnlyInAFile("trigger"),
        Declaration::Owner(_) => named(&SmolStr::new_static("owner")),
        Declaration::Timezone(_) => named(&SmolStr::new_static("timezone")),
        Declaration::Severity(_) => named(&SmolStr::new_static("severity")),
        Declaration::Link(it) => {
            InputPieceKind::Declaration(SmolStr::from(format!("link {}", it.span.start)))
        }
        Declaration::Param(it) => named(&it.name.text),
        Declaration::Secret(it) => named(&it.name.text),
        Declaration::Metric(it) => named(&it.name.text),
        Declaration::Define(it) => named(&it.name.text),
        Declaration::Probe(it) => named(&it.name.text),
        Declaration::Let(it) => named(&it.name.text),
        Declaration::Limit(_) => InputPieceKind::OnlyInAFile("limit"),
        Declaration::Use(it) => InputPieceKind::Declaration(SmolStr::from(format!(
            "use {}",
            it.file.literal().unwrap_or_default()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_what_it_can_be_read_as() {
        let kinds = |text: &str| -> Vec<InputPieceKind> {
            match read(text) {
                Input::Pieces(pieces) => pieces.into_iter().map(|piece| piece.kind).collect(),
                other => panic!("{text}: {other:?}"),
            }
        };
        assert_eq!(kinds("let x = 3"), [InputPieceKind::Let("x".into())]);
        assert_eq!(kinds("\"told\""), [InputPieceKind::Statement(None)]);
        assert_eq!(kinds("action `ls` as out"), [InputPieceKind::Statement(Some("out".into()))]);
        assert_eq!(
            kinds("metric p99 in s from prometheus \"x\"; check p99 < 1s"),
            [InputPieceKind::Declaration("p99".into()), InputPieceKind::Statement(None)]
        );
        assert_eq!(kinds("runbook \"x\""), [InputPieceKind::OnlyInAFile("runbook")]);
        assert_eq!(read("  # nothing"), Input::Nothing);
        assert_eq!(read("3 + 4ms"), Input::Expression);
        assert_eq!(read("p99 < 500ms"), Input::Expression);
        assert_eq!(read("`true`"), Input::Expression);
        assert_eq!(read("\"Is it real?\" by \"ana\""), Input::Expression);
    }

    #[test]
    fn what_is_wrong_is_told_at_its_own_place() {
        let Input::Broken(found) = read("3 + ") else { panic!() };
        assert!(found.iter().all(|it| it.place().unwrap().span.end <= 4), "{found:?}");
        assert!(matches!(read("check 3 <"), Input::Broken(_)));
        let Input::Broken(found) = read("any r in lag: r > 5s") else { panic!() };
        let said: Vec<_> = found.iter().map(|it| it.message.clone()).collect();
        assert!(said.iter().all(|it| !it.contains("let")), "{said:?}");
        assert!(found[0].help.iter().any(|it| it.contains("`any lag > 5s`")), "{found:?}");
    }
}
