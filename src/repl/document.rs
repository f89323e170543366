//! The session's text as one runbook for the check: the declarations of the loaded file, later declarations, the
//! named values, and the current input.
//!
//! *Why a text:* an input passes through the same check as a file, with the same messages. Only the places are
//! translated to those of the input.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::input::{InputPiece, InputPieceKind, Wrap};
use super::placeholder::literal;
use super::relative_loader::RelativeLoader;
use super::source_map::{PlacedFindings, Places, Text};
use rbl_check as check;
use rbl_check::{Catalogue, DeclaredName, Program};
use rbl_project::files::NamedFile;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::{Source, Span};
use rbl_syntax::tree::{Expr, ExprKind, Statement, StatementKind, TestStatement, TestStatementKind};
use rbl_syntax::value::Value;

/// The text of a session without a loaded file.
const HEADER: &str = "runbook \"session\"\n";
/// Separates the `let`s of a session from the declarations: they are evaluated where they are typed.
const BODY: &str = "\"-\"\n";
/// Begins the test that holds a `:given` line.
const TEST: &str = "test \"what is given in this session\" {\n";
/// Ends that test: a test must expect something.
const EXPECTED: &str = "expect resolved\n}\n";

/// The session's text; see the module documentation.
#[derive(Debug, Clone)]
pub(super) struct Document {
    head: Head,
    earlier: Vec<EarlierDeclaration>,
}

/// The declarations of the loaded file.
#[derive(Debug, Clone)]
struct Head {
    /// The name and text of the file; `None`: nothing is loaded.
    file: Option<Source>,
    /// The part of its text that is used: everything before its body.
    text: String,
    /// The identity of the file, to find the files that it uses.
    identity: String,
    shown: String,
    /// Values for its parameters, in the form of a test.
    params: String,
}

/// A declaration or a value from an earlier input.
#[derive(Debug, Clone)]
struct EarlierDeclaration {
    name: SmolStr,
    /// Whether it is a value, which goes into the body, not a declaration.
    value: bool,
    /// The input that contained it, and the place in it.
    source: Source,
    span: Span,
    /// Its text; for the result of a command, a value of the same type.
    text: String,
}

/// An input without errors.
#[derive(Debug, Clone)]
pub(super) struct ValidInput {
    /// A program with the session's names and the input.
    pub(super) program: Program,
    /// The input's statements.
    pub(super) statements: Vec<Statement>,
    /// The expression, if the input is one.
    pub(super) value: Option<Expr>,
    /// The warnings.
    pub(super) warnings: PlacedFindings,
    /// The mapping from places in the program to places in the input.
    pub(super) places: Places,
}

impl Document {
    /// An empty document. Files that it names are relative to this folder.
    pub(super) fn new(folder: &std::path::Path) -> Self {
        let identity = folder.join("session.rb").to_string_lossy().into_owned();
        let head = Head {
            file: None,
            text: HEADER.into(),
            identity,
            shown: "session.rb".into(),
            params: String::new(),
        };
        Self { head, earlier: Vec::new() }
    }

    /// A document with the declarations of a file: its text up to `body`, with these values for its parameters.
    pub(super) fn load(named: &NamedFile, body: usize, params: &BTreeMap<SmolStr, Value>) -> Self {
        let mut text = named.text.get(..body).unwrap_or(&named.text).to_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let file = Some(Source::new(named.shown.as_str(), named.text.as_str()));
        let line = |(name, value)| Some(format!("param {name} = {}\n", literal(value)?));
        let params = params.iter().filter_map(line).collect();
        let head = Head { file, text, identity: named.identity.clone(), shown: named.shown.clone(), params };
        Self { head, earlier: Vec::new() }
    }

    /// How many bytes of text it has: the check of an input reads them besides it.
    pub(super) fn length(&self) -> usize {
        self.head.text.len() + self.earlier.iter().map(|it| it.text.len()).sum::<usize>()
    }

    /// Keeps the declarations and values of an input. Returns the names that had another meaning before.
    pub(super) fn keep(&mut self, input: &Source, pieces: &[InputPiece]) -> Vec<SmolStr> {
        let mut replaced = Vec::new();
        for piece in pieces {
            let text = input.slice(piece.span);
            let (name, value, text) = match &piece.kind {
                InputPieceKind::Declaration(name) => (name, false, text.to_owned()),
                InputPieceKind::Let(name) => (name, true, text.to_owned()),
                // The result of a command is represented by a value of its type.
                InputPieceKind::Statement(Some(name)) => (name, true, format!("let {name} = `true`")),
                InputPieceKind::Statement(None) | InputPieceKind::Step | InputPieceKind::OnlyInAFile(_) => {
                    continue;
                }
            };
            let before = self.earlier.len();
            self.earlier.retain(|it| it.name != *name);
            if self.earlier.len() < before {
                replaced.push(name.clone());
            }
            let span = piece.span;
            self.earlier.push(EarlierDeclaration {
                name: name.clone(),
                value,
                source: input.clone(),
                span,
                text,
            });
        }
        replaced
    }

    /// Checks an input that holds a line of a test, without the word `given`. If nothing is loaded, the line may name
    /// what is not declared yet.
    pub(super) fn given(
        &self,
        input: &Source,
        span: Span,
        catalogue: &Catalogue,
    ) -> Result<(ValidInput, Vec<TestStatement>), PlacedFindings> {
        let mut text = Text::default();
        self.declarations(&mut text, &[]);
        for kept in self.earlier.iter().filter(|it| it.value) {
            text.part(&kept.source, kept.span, &kept.text);
        }
        match &self.head.file {
            Some(file) => {
                let body = Span::between(self.head.text.len().min(file.text().len()), file.text().len());
                text.part(file, body, file.slice(body));
            }
            None => text.text.push_str(BODY),
        }
        text.text.push_str(TEST);
        text.text.push_str(&self.head.params);
        let line = input.slice(span);
        let word = line.split(|it: char| !it.is_alphanumeric()).next().unwrap_or_default();
        if !matches!(word, "answer" | "after" | "given") {
            text.text.push_str("given ");
        }
        text.part(input, span, line);
        text.text.push_str(EXPECTED);
        let sound = self.check(text, input, catalogue, usize::MAX)?;
        let runbook = sound.program.runbook(sound.program.main());
        let lines = runbook.and_then(|it| it.tests.last()).map(|test| test.body.clone()).unwrap_or_default();
        // The text around the line is not part of what is given.
        let around = |it: &TestStatement| match it.kind {
            TestStatementKind::Expect(_) | TestStatementKind::Param { .. } => true,
            TestStatementKind::Given { .. }
            | TestStatementKind::After { .. }
            | TestStatementKind::Each { .. }
            | TestStatementKind::Answer { .. }
            | TestStatementKind::Broken => false,
        };
        let lines = lines.into_iter().filter(|it| !around(it)).collect();
        Ok((sound, lines))
    }

    /// Checks the pieces of an input.
    pub(super) fn pieces(
        &self,
        input: &Source,
        pieces: &[InputPiece],
        catalogue: &Catalogue,
    ) -> Result<ValidInput, PlacedFindings> {
        let gives = |piece: &InputPiece| match &piece.kind {
            InputPieceKind::Declaration(name)
            | InputPieceKind::Let(name)
            | InputPieceKind::Statement(Some(name)) => Some(name.clone()),
            _ => None,
        };
        let names: Vec<SmolStr> = pieces.iter().filter_map(gives).collect();
        let mut text = Text::default();
        self.declarations(&mut text, &names);
        for piece in pieces.iter().filter(|it| matches!(it.kind, InputPieceKind::Declaration(_))) {
            text.part(input, piece.span, input.slice(piece.span));
        }
        let before = self.values(&mut text, &names);
        for piece in pieces.iter().filter(|it| !matches!(it.kind, InputPieceKind::Declaration(_))) {
            text.part(input, piece.span, input.slice(piece.span));
        }
        self.check(text, input, catalogue, before)
    }

    /// Checks an expression, first as a value, then as a condition.
    pub(super) fn expression(
        &self,
        input: &Source,
        catalogue: &Catalogue,
    ) -> Result<ValidInput, PlacedFindings> {
        let mut first = None;
        for wrap in Wrap::ALL {
            let window = |it: &PlacedFindings| it.diagnostics.iter().any(|it| it.code == Code::TYPE_WINDOW);
            if wrap == Wrap::Shown && !first.as_ref().is_some_and(window) {
                break;
            }
            let mut text = Text::default();
            self.declarations(&mut text, &[]);
            let before = self.values(&mut text, &["it".into()]);
            text.text.push_str(wrap.before());
            let whole = Span::between(0, input.text().len());
            text.part(input, whole, input.text());
            match self.check(text, input, catalogue, before) {
                Ok(mut sound) => {
                    let statement = sound.statements.pop();
                    sound.statements.clear();
                    sound.value = statement.and_then(|it| match it.kind {
                        StatementKind::Let(it) => Some(it.value),
                        StatementKind::Check(it) if wrap == Wrap::Shown => shown(it.condition),
                        StatementKind::Check(it) => Some(it.condition),
                        // The text around the expression is one of those two.
                        StatementKind::Prose { .. }
                        | StatementKind::If(_)
                        | StatementKind::Match(_)
                        | StatementKind::Action(_)
                        | StatementKind::Escalate(_)
                        | StatementKind::Wait(_)
                        | StatementKind::Record(_)
                        | StatementKind::ForEach(_)
                        | StatementKind::Repeat(_)
                        | StatementKind::Run(_)
                        | StatementKind::Lock(_)
                        | StatementKind::Resolve { .. }
                        | StatementKind::Stop { .. }
                        | StatementKind::Broken { .. } => None,
                    });
                    return Ok(sound);
                }
                Err(found) => first = first.or(Some(found)),
            }
        }
        Err(first.unwrap_or_else(|| PlacedFindings { sources: Arc::default(), diagnostics: Vec::new() }))
    }

    /// The type of an expression, in words.
    pub(super) fn type_of(&self, input: &Source, catalogue: &Catalogue) -> Result<String, PlacedFindings> {
        let sound = self.expression(input, catalogue)?;
        if let Some(ExprKind::Over { of, .. }) = sound.value.as_ref().map(|it| &it.bare().kind)
            && let Some((source, span)) = sound.places.seen(of.span)
        {
            let of = Source::new(input.name(), source.slice(span));
            let each = self.type_of(&of, catalogue)?;
            return Ok(format!("a window: many values over time, each {each}"));
        }
        let mut text = Text::default();
        self.declarations(&mut text, &["it".into()]);
        for kept in self.earlier.iter().filter(|it| it.value && it.name != "it") {
            text.part(&kept.source, kept.span, &kept.text);
        }
        text.text.push_str(Wrap::Value.before());
        text.text.push_str(input.text());
        let names = self.known_in(&text.text, catalogue);
        let it = names.into_iter().find(|known| known.name == "it").and_then(|known| known.of);
        // A condition alone (a question, a probe that is judged) is not a value.
        Ok(it.unwrap_or_else(|| "yes, no or unknown".into()))
    }

    /// Every name that can be used, with its type.
    pub(super) fn known(&self, catalogue: &Catalogue) -> Vec<DeclaredName> {
        let mut text = Text::default();
        self.declarations(&mut text, &[]);
        for kept in self.earlier.iter().filter(|it| it.value) {
            text.part(&kept.source, kept.span, &kept.text);
        }
        self.known_in(&text.text, catalogue)
    }

    fn known_in(&self, text: &str, catalogue: &Catalogue) -> Vec<DeclaredName> {
        let source = Source::new(self.head.shown.as_str(), text);
        let mut loader = RelativeLoader::the(&self.head.shown, &self.head.identity);
        check::names(source, &self.head.identity, &mut loader, catalogue)
    }

    /// Adds a value of the same type for a name that the loaded runbook has bound at the current statement.
    /// `declared`: the runbook's header or the session binds the name as well.
    pub(super) fn stand_in(&mut self, name: &SmolStr, value: &Value, declared: bool) {
        // The session's text already contains the names of the header.
        if declared && !self.earlier.iter().any(|it| it.name == *name) {
            return;
        }
        let Some(literal) = literal(value) else { return };
        self.earlier.retain(|it| it.name != *name);
        let text = format!("let {name} = {literal}");
        let source = Source::new(name.as_str(), text.as_str());
        let span = Span::between(0, text.len());
        self.earlier.push(EarlierDeclaration { name: name.clone(), value: true, source, span, text });
    }

    /// Writes the head and the later declarations, except for these names.
    fn declarations(&self, text: &mut Text, without: &[SmolStr]) {
        let head = Span::between(0, self.head.text.len());
        match &self.head.file {
            Some(file) => text.part(file, head, &self.head.text),
            None => text.text.push_str(&self.head.text),
        }
        for kept in self.earlier.iter().filter(|it| !it.value && !without.contains(&it.name)) {
            text.part(&kept.source, kept.span, &kept.text);
        }
    }

    /// Writes the named values. Returns the number of statements.
    fn values(&self, text: &mut Text, without: &[SmolStr]) -> usize {
        text.text.push_str(BODY);
        let mut count = 1;
        for kept in self.earlier.iter().filter(|it| it.value && !without.contains(&it.name)) {
            text.part(&kept.source, kept.span, &kept.text);
            count += 1;
        }
        count
    }

    fn check(
        &self,
        text: Text,
        input: &Source,
        catalogue: &Catalogue,
        before: usize,
    ) -> Result<ValidInput, PlacedFindings> {
        let Text { text, segments } = text;
        let places = Places { segments };
        let mut loader = RelativeLoader::the(&self.head.shown, &self.head.identity);
        let source = Source::new(self.head.shown.as_str(), text);
        let read = check::ParsedFile::new(self.head.identity.as_str(), source);
        let read = if self.head.file.is_none() { read.unfinished() } else { read };
        let checked = check::check_read(&read, &mut loader, catalogue, None);
        let found = places.placed(&checked.sources, checked.diagnostics, input);
        let Some(program) = checked.program else { return Err(found) };
        let statements = program.runbook(program.main()).map_or_else(Vec::new, |runbook| {
            runbook.steps.iter().skip(before).flat_map(|step| step.statements.iter().cloned()).collect()
        });
        Ok(ValidInput { program, statements, value: None, warnings: found, places })
    }
}

/// The value that the question shows, written in front of a window.
fn shown(condition: Expr) -> Option<Expr> {
    match condition.kind {
        ExprKind::Question(mut question) => question.showing.pop(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::input::{Input, read};
    use super::*;
    use rbl_syntax::diagnostic::Diagnostic;

    fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue { configured: true, ..Catalogue::default() };
        catalogue.providers.insert("prometheus".into(), "prometheus".into());
        catalogue
    }

    fn type_in(document: &mut Document, name: &str, text: &str) -> Result<ValidInput, String> {
        let input = Source::new(name, text);
        let said = |found: PlacedFindings| {
            let line = |it: &Diagnostic| rbl_syntax::diagnostic::short(it, &found.sources);
            found.diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
        };
        match read(text) {
            Input::Pieces(pieces) => {
                let sound = document.pieces(&input, &pieces, &catalogue()).map_err(said)?;
                document.keep(&input, &pieces);
                Ok(sound)
            }
            Input::Expression => document.expression(&input, &catalogue()).map_err(said),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_persist_and_mistakes_point_into_the_line() {
        let mut document = Document::new(std::path::Path::new("/tmp"));
        type_in(&mut document, "1", "metric p99 in s from prometheus \"job:p99\"").unwrap();
        type_in(&mut document, "2", "let limit = 500ms").unwrap();
        let sound = type_in(&mut document, "3", "p99 < limit").unwrap();
        assert!(sound.value.is_some() && sound.statements.is_empty());
        let said = type_in(&mut document, "4", "p99 < 500").unwrap_err();
        assert!(said.starts_with("4:1:7: error[unit/missing]"), "{said}");
        let said = type_in(&mut document, "5", "check p98 < 500ms").unwrap_err();
        assert!(said.starts_with("5:1:7: error[name/unknown]"), "{said}");
        let sound = type_in(&mut document, "6", "\"Is it real?\" by \"ana\"").unwrap();
        assert!(sound.value.is_some());
    }

    #[test]
    fn a_redefinition_replaces() {
        let mut document = Document::new(std::path::Path::new("/tmp"));
        type_in(&mut document, "1", "let limit = 500ms").unwrap();
        let sound = type_in(&mut document, "2", "let limit = 3").unwrap();
        assert_eq!(sound.statements.len(), 1);
        type_in(&mut document, "3", "limit + 4").unwrap();
        let input = Source::new("4", "let limit = 5");
        let Input::Pieces(pieces) = read(input.text()) else { panic!() };
        assert_eq!(document.keep(&input, &pieces), ["limit"]);
    }

    #[test]
    fn a_statement_runs_by_itself() {
        let mut document = Document::new(std::path::Path::new("/tmp"));
        type_in(&mut document, "1", "action `ls` as out").unwrap();
        let sound = type_in(&mut document, "2", "if out.text == \"x\" {\n  \"told\"\n}").unwrap();
        assert_eq!(sound.statements.len(), 1);
        let (source, span) = sound.places.seen(sound.statements[0].span).unwrap();
        assert_eq!((source.name(), span.start), ("2", 0));
    }
}
