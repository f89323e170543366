//! Checks tests: the names they use exist, given values fit the declarations, and expectations are possible.

mod answer;
mod expectation;
mod given;
mod limited;
mod mention;
mod recipient;
mod subject;
mod texts;

use std::collections::HashMap;

pub use self::mention::Mention;
use self::subject::{TestSubject, literals};
use super::checker::Checker;
use super::expression::Slot;
use super::symbol::{Symbol, SymbolKind};
use rbl_syntax::diagnostic::{Code, Safety, did_you_mean};
use rbl_syntax::source::{Place, Span};
use rbl_syntax::tree;
use rbl_syntax::tree::{
    Asked, Background, Expr, ExprKind, Item, Name, Target, Template, Test, TestStatement, TestStatementKind,
};

/// Whether a line of a test gives a parameter its value: by itself, or as a label of the alert that starts the run.
fn gives(line: &TestStatementKind, param: &str) -> bool {
    match line {
        TestStatementKind::Param { name, .. } => name.text == param,
        TestStatementKind::Given { given: tree::Given::Alert { labels: Some(labels), .. }, .. } => {
            matches!(&labels.kind, ExprKind::Record { fields }
                if fields.iter().any(|field| field.name.text == param))
        }
        TestStatementKind::Given { .. }
        | TestStatementKind::After { .. }
        | TestStatementKind::Each { .. }
        | TestStatementKind::Answer { .. }
        | TestStatementKind::Expect(_)
        | TestStatementKind::Broken => false,
    }
}

/// The block that contains a line of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Test,
    /// `after action X { … }`
    After,
    /// `each { … }`
    Each,
    /// `background { … }`
    Background,
}

/// The check of one test, against the runbook that it tests.
struct TestChecker<'c, 't> {
    checker: &'c mut Checker<'t>,
    subject: &'c TestSubject<'t>,
    /// Whether all of the test could be read: a block that was never closed swallows what follows it.
    trusted: bool,
    /// The lines that every test of the file starts with.
    background: &'t [TestStatement],
}

impl<'t> Checker<'t> {
    /// Checks every test of the file.
    pub(super) fn tests(&mut self, tree: &'t tree::File) {
        let mut titles: HashMap<&'t str, Span> = HashMap::new();
        let mut subject: Option<TestSubject<'t>> = None;
        let mut shared: &'t [TestStatement] = &[];
        let mut background: Option<Span> = None;
        for item in &tree.items {
            let test = match item {
                Item::Test(test) => test,
                Item::Background(it) => {
                    self.findings.next_statement();
                    self.background_in_order(it, background, !titles.is_empty());
                    if background.replace(it.span).is_none() {
                        shared = &it.body;
                    }
                    let file = self.file.gathered;
                    let files = self.inputs.files;
                    if file.tests.is_none() && !self.file.is_runbook() {
                        return self.belongs_to_nothing(Span::new(it.span.start, it.span.start + 10));
                    }
                    let Some(runbook) = file.tests.map_or(Some(file), |file| files.get(file)) else {
                        continue;
                    };
                    let complete = self.symbols.is_complete() && self.file.is_clean();
                    let subject = subject.get_or_insert_with(|| TestSubject::of(runbook, files, complete));
                    let trusted = self.is_read(it.span);
                    let mut checker = TestChecker { checker: self, subject, trusted, background: shared };
                    checker.background(it);
                    continue;
                }
                Item::Declaration(_) | Item::Step(_) | Item::Statement(_) => continue,
            };
            self.findings.next_statement();
            let file = self.file.gathered;
            if file.tests.is_none() && !self.file.is_runbook() {
                // The runbook under test is unknown: one finding, or the one that the header already has.
                return self.belongs_to_nothing(test.title.span);
            }
            if let Some(title) = self.fixed(&test.title, "test") {
                self.title(title, test.title.span, &mut titles);
            }
            let files = self.inputs.files;
            let Some(runbook) = file.tests.map_or(Some(file), |file| files.get(file)) else { continue };
            let complete = self.symbols.is_complete() && self.file.is_clean();
            let subject = subject.get_or_insert_with(|| TestSubject::of(runbook, files, complete));
            let trusted = self.is_read(test.span);
            TestChecker { checker: self, subject, trusted, background: shared }.test(test);
        }
    }

    /// Whether everything between two braces could be read.
    fn is_read(&self, span: Span) -> bool {
        !self.file.gathered.unread.iter().any(|it| it.start < span.end && span.start < it.end)
    }

    /// Reports a second `background`, and one after a test.
    fn background_in_order(&mut self, it: &'t Background, first: Option<Span>, behind_test: bool) {
        let word = Span::new(it.span.start, it.span.start + 10);
        let finding = match first {
            Some(first) => self
                .finding(Code::NAME_DUPLICATE, "two backgrounds in one file", word, "this one again")
                .also(self.at(Span::new(first.start, first.start + 10)), "the first one")
                .help("put the lines of both into the first"),
            None if behind_test => self
                .finding(
                    Code::SYNTAX_PLACE,
                    "`background` comes before the tests",
                    word,
                    "a test comes before it",
                )
                .help("move it above the first test: it holds for every test of the file"),
            None => return,
        };
        self.report(finding);
    }

    fn belongs_to_nothing(&mut self, at: Span) {
        if self.file.is_clean() {
            let message = "a test that belongs to no runbook";
            let finding = self.finding(Code::SYNTAX_PLACE, message, at, "of which runbook?");
            self.report(finding.help(
                "begin the file with `tests for \"NAME.rb\"`, or write the test after the runbook's body",
            ));
        }
    }

    fn title(&mut self, title: &'t str, span: Span, titles: &mut HashMap<&'t str, Span>) {
        if let Some(first) = titles.insert(title, span) {
            let finding =
                self.finding(Code::NAME_DUPLICATE, "two tests of the same title", span, "this one again");
            let finding = finding.also(self.at(first), "the first one");
            self.report(finding.help("say in its title what is different in this one"));
        }
    }
}

impl<'t> TestChecker<'_, 't> {
    /// Checks a test.
    fn test(&mut self, test: &'t Test) {
        self.whole(test);
        let mark = self.checker.symbols.scope.open();
        self.test_body(&test.body, Within::Test);
        self.checker.symbols.scope.close(mark);
    }

    /// Checks `background { … }`.
    fn background(&mut self, background: &'t Background) {
        let mark = self.checker.symbols.scope.open();
        self.test_body(&background.body, Within::Background);
        self.checker.symbols.scope.close(mark);
    }

    /// Checks properties of a test as a whole.
    fn whole(&mut self, test: &'t Test) {
        let has = |wanted: &dyn Fn(&TestStatementKind) -> bool| {
            test.body.iter().any(|line| {
                if let TestStatementKind::Each { body } = &line.kind {
                    body.iter().any(|line| wanted(&line.kind))
                } else {
                    wanted(&line.kind)
                }
            })
        };
        let broken = has(&|it| matches!(it, TestStatementKind::Broken));
        if broken || !self.trusted {
            return;
        }
        if !has(&|it| matches!(it, TestStatementKind::Expect(_))) {
            let title = test.title.span;
            let finding = self.checker.finding(
                Code::UPKEEP_NO_EXPECT,
                "a test that expects nothing",
                title,
                "it cannot fail",
            );
            self.checker
                .report(finding.help("write what has to happen: `expect resolved`, `expect no action`"));
        }
        if !self.subject.complete {
            return;
        }
        let missing = self.checker.symbols.all().iter().find_map(|symbol| match symbol.kind {
            SymbolKind::Param(tree::Param { name, default: None, .. })
                if !has(&|it| gives(it, &name.text))
                    && !self.background.iter().any(|line| gives(&line.kind, &name.text)) =>
            {
                Some((name, symbol.place()))
            }
            _ => None,
        });
        if let Some((name, place)) = missing {
            let message = format!("the test gives no value to `{}`", name.text);
            let finding =
                self.checker.finding(Code::NAME_ARGUMENTS, message, test.title.span, "it could not begin");
            let finding = finding.also(place, "has no default");
            self.checker.report(finding.help(format!("write `param {} = …` in the test", name.text)));
        }
    }

    fn test_body(&mut self, body: &'t [TestStatement], within: Within) {
        for line in body {
            self.checker.findings.next_statement();
            if !self.trusted || !self.misplaced(line, within) {
                self.test_line(line);
            }
        }
    }

    /// Reports a line that has no meaning at its place; returns whether it did.
    fn misplaced(&mut self, line: &'t TestStatement, within: Within) -> bool {
        let word = match &line.kind {
            TestStatementKind::Param { .. } => "param",
            TestStatementKind::Expect(_) => "expect",
            TestStatementKind::Each { .. } => "each",
            TestStatementKind::After { .. } => "after",
            TestStatementKind::Given { given, .. } if given.is_now() => "given now",
            TestStatementKind::Given { given: tree::Given::Alert { .. }, .. } => "given alert",
            TestStatementKind::Given { .. }
            | TestStatementKind::Answer { .. }
            | TestStatementKind::Broken => {
                return false;
            }
        };
        let (block, help) = match within {
            Within::After => ("after", "write it below the block: only what changes goes into `after`"),
            Within::Each if word == "each" => {
                ("each", "write both tables side by side: each line runs with each of the other")
            }
            Within::Background if !matches!(word, "param" | "given now" | "given alert") => {
                ("background", "write it in a test: a background has `param`, `given` and `answer` lines")
            }
            Within::Test | Within::Each | Within::Background => return false,
        };
        let message = format!("`{word}` within `{block}`");
        let head = Span::new(line.span.start, line.span.start + u32::try_from(word.len()).unwrap_or(0));
        let finding = self.checker.finding(Code::SYNTAX_PLACE, message, head, "means nothing here");
        self.checker.report(finding.help(help));
        true
    }

    fn test_line(&mut self, line: &'t TestStatement) {
        match &line.kind {
            TestStatementKind::Param { name, value } => self.test_param(name, value),
            TestStatementKind::Given { given, after } => {
                self.given(given, line.span);
                if let Some(after) = after {
                    self.checker.duration(after, "after");
                    self.known_before(after);
                }
            }
            TestStatementKind::After { action, body } => {
                self.tested_action(action);
                self.test_body(body, Within::After);
            }
            TestStatementKind::Each { body } => {
                if body.is_empty() {
                    let message = "a table without lines: its test never runs";
                    let finding = self.checker.finding(
                        Code::FLOW_EMPTY,
                        message,
                        line.span,
                        "runs once with each line",
                    );
                    self.checker.report(finding.help("write a line in it, or take the `each` out"));
                }
                self.test_body(body, Within::Each);
            }
            TestStatementKind::Answer { question, with, after } => {
                match question {
                    Asked::Question { text } => self.test_text(text, "a question"),
                    Asked::Approval { target, team, .. } => self.approval(target, team),
                }
                self.answer(with);
                if let Some(after) = after {
                    self.checker.duration(after, "after");
                }
                if let Asked::Question { text: question } = question {
                    self.answer_fits(question, with);
                }
                if let Asked::Question { text: question } = question
                    && self.subject.complete
                    && !self.subject.asks(question)
                {
                    let known: Vec<&str> = literals(&self.subject.questions)
                        .into_iter()
                        .chain(literals(&self.subject.instructions))
                        .collect();
                    self.not_there("the runbook never asks this", question.span, question.literal(), known);
                }
            }
            TestStatementKind::Expect(expectation) => self.expectation(expectation),
            TestStatementKind::Broken => {}
        }
    }

    fn test_param(&mut self, name: &'t Name, value: &'t Expr) {
        let ty = self.checker.value(value);
        self.known_before(value);
        let symbols = &self.checker.symbols;
        let id = symbols.global_id(&name.text);
        if let Some((id, symbol)) = id.and_then(|id| Some((id, symbols.get(id)?)))
            && let SymbolKind::Param(param) = symbol.kind
        {
            let place = symbol.place();
            let wanted = self.checker.type_of(id);
            if ty.fits(&wanted) {
                self.checker.value_is_allowed(param, place, value);
            } else {
                self.checker.wrong_argument(value, &ty, &wanted, &format!("`{}`", name.text), place);
            }
            return;
        }
        self.unknown_in_test(name, "param", |symbol| matches!(symbol.kind, SymbolKind::Param(_)));
    }

    /// Resolves a name: in the runbook under test, else in one that it runs.
    fn tested(&self, name: &Name) -> Option<(SymbolKind<'t>, Place)> {
        if let Some(symbol) = self.checker.symbols.global(&name.text) {
            return Some((symbol.kind, symbol.place()));
        }
        self.subject.others.iter().find_map(|file| {
            let interface = self.checker.inputs.interface(*file)?;
            let symbol = interface.symbols.iter().find(|symbol| *symbol.text() == name.text)?;
            matches!(symbol.kind, SymbolKind::Metric(_) | SymbolKind::Define(_) | SymbolKind::Probe(_))
                .then(|| (symbol.kind, symbol.place()))
        })
    }

    fn unknown_in_test(&mut self, name: &'t Name, what: &str, wanted: impl Fn(&Symbol<'t>) -> bool) {
        if name.text.is_empty() || self.checker.symbols.may_be_unread(name) {
            return;
        }
        let message = format!("the runbook has no {what} `{}`", name.text);
        let finding = self.checker.finding(Code::NAME_UNKNOWN, message, name.span, "not declared there");
        let near = self.checker.symbols.near(&name.text, wanted);
        let is_probe = matches!(self.tested(name), Some((SymbolKind::Probe(_), _)));
        self.checker.report(match near {
            _ if is_probe && what == "metric" => {
                let at = Span::new(name.span.start, name.span.start);
                finding.help(format!("it is a probe: write `given probe {}(…) = yes`", name.text)).fix(
                    format!("write `probe {}`", name.text),
                    Safety::Choice,
                    self.checker.at(at),
                    "probe ",
                )
            }
            Some(near) => self.checker.file.suggest(finding, name.span, &near),
            None => finding.help(format!(
                "name one that the runbook declares as `{}`",
                if what == "action" { "define" } else { what }
            )),
        });
    }

    /// Reports a text that the runbook does not have; `known`: the texts it has.
    fn not_there(&mut self, message: &str, span: Span, written: Option<&str>, known: Vec<&'t str>) {
        let finding = self.checker.finding(Code::NAME_UNKNOWN, message, span, "it has no such text");
        let near = written.and_then(|written| did_you_mean(written, known));
        let command = self.checker.slice(span).starts_with('`');
        self.checker.report(match near {
            // A command already has its back quotes.
            Some(near) if command => {
                let title = format!("write `{near}`");
                finding.help(title.clone()).fix(
                    title,
                    Safety::Choice,
                    self.checker.at(span),
                    format!("`{near}`"),
                )
            }
            Some(near) => self.checker.file.suggest(finding, span, &format!("\"{near}\"")),
            None => finding.help("write it as the runbook does, with its values filled in"),
        });
    }

    /// Checks a person's answer: a word of the language or a value.
    fn answer(&mut self, with: &'t Expr) {
        if !is_word(with, &["yes", "no", "unknown", "done", "failed", "skipped"]) {
            self.checker.value(with);
            self.known_before(with);
        }
    }

    /// Checks a text of a test: its values are known before the run.
    fn test_text(&mut self, text: &'t Template, what: &'static str) {
        self.checker.template(text, Slot::Text(what));
        for value in text.values() {
            self.known_before(value);
        }
    }

    /// Reports anything that would be read from the world: a test defines the world itself.
    fn known_before(&mut self, it: &'t Expr) {
        let mut found = None;
        super::walk::expressions(it, &mut |inner| {
            let what = match &inner.kind {
                ExprKind::Command { .. } => Some("a command"),
                ExprKind::Question(_) | ExprKind::Ask { .. } => Some("a question"),
                ExprKind::Field { .. } if super::walk::is_firing(inner) => Some("`alert.firing`"),
                ExprKind::Name(name) | ExprKind::Call { name, .. } => {
                    let symbol = self.checker.symbols.global(&name.text);
                    symbol.and_then(|it| match it.kind {
                        SymbolKind::Metric(_) => Some("a metric"),
                        SymbolKind::Probe(_) => Some("a probe"),
                        _ => None,
                    })
                }
                _ => None,
            };
            found = found.or(what.map(|what| (what, inner.span)));
        });
        if let Some((what, span)) = found {
            let message = format!("{what} in a value of a test");
            let finding = self.checker.finding(Code::TYPE_FIXED, message, span, "known only during the run");
            self.checker.report(finding.help("write the value itself: a test says what the world is like"));
        }
    }

    /// Checks an action of the runbook, by its name or by its text.
    fn tested_action(&mut self, target: &'t Target) {
        match target {
            Target::Prose(text) => {
                self.test_text(text, "an instruction");
                if self.subject.complete && !self.subject.does(target) {
                    let known = literals(&self.subject.instructions);
                    self.not_there(
                        "no instruction of the runbook reads so",
                        text.span,
                        text.literal(),
                        known,
                    );
                }
            }
            Target::Command(command) => {
                for value in command.values() {
                    self.checker.value(value);
                    self.known_before(value);
                }
                if self.subject.complete && !self.subject.does(target) {
                    let known = literals(&self.subject.commands);
                    let written = literals(&[&command.parts]).first().copied();
                    self.not_there("no action of the runbook reads so", command.span, written, known);
                }
            }
            Target::Call { name, args, .. } => {
                let Some((SymbolKind::Define(define), place)) = self.tested(name) else {
                    self.unknown_in_test(name, "action", |symbol| !symbol.is_value());
                    return;
                };
                // Without arguments it matches every call of that action.
                if !args.is_empty() {
                    for arg in args {
                        self.checker.value(&arg.value);
                        self.known_before(&arg.value);
                    }
                    let params: Vec<(&str, bool)> =
                        define.params.iter().map(|param| (param.text.as_str(), false)).collect();
                    self.checker.match_arguments(&name.text, &params, args, Some(place), target.span());
                }
            }
        }
    }
}

fn is_word(it: &Expr, words: &[&str]) -> bool {
    matches!(&it.kind, ExprKind::Name(name) if words.contains(&name.text.as_str()))
}
