//! `:given` and `:clear`: facts that the session assumes, in the words of a test, in front of the real world.

use std::sync::Arc;

use super::evaluate::Repl;
use super::source_map::PlacedFindings;
use super::subject::GivenFact;
use crate::repl::given_layer::Givens;
use rbl_check::Program;
use rbl_runtime::Alert;
use rbl_syntax::diagnostic::{Code, Diagnostic, did_you_mean};
use rbl_syntax::source::{Source, Sources, Span};
use rbl_syntax::tree::TestStatement;
use rbl_terminal::Tone;
use rbl_testing::scripted::{GivenChange, Script, TestReader, Unclear};

/// A line that is given.
#[derive(Debug, Clone)]
pub(super) struct GivenLine {
    /// The text, as typed: `p99 = 812ms`.
    pub(super) written: String,
    /// The fact.
    pub(super) given: GivenFact,
    /// The time at which it was typed, in seconds since the beginning; its own times are relative to it.
    pub(super) base: f64,
}

/// All facts that are given.
#[derive(Debug, Default)]
pub(super) struct GivenFacts {
    pub(super) lines: Vec<GivenLine>,
    /// The program with the names that they use.
    pub(super) program: Option<Arc<Program>>,
    /// The facts, as the world applies them.
    pub(super) world: Givens,
}

impl GivenFacts {
    /// Whether any fact is given.
    pub(super) fn any(&self) -> bool {
        !self.lines.is_empty()
    }

    /// All lines as one script.
    pub(super) fn script(&self) -> Script {
        let mut script = Script::default();
        for line in &self.lines {
            match &line.given {
                GivenFact::After(after) => script.after.push(after.clone()),
                GivenFact::Alert(alert) => script.alert = Some(alert.clone()),
                GivenFact::Change(GivenChange { from, what }) => script
                    .changes
                    .push(GivenChange { from: from.map(|from| line.base + from), what: what.clone() }),
            }
        }
        script
    }

    /// The alert that started the run, if one is given.
    pub(super) fn alert(&self) -> Option<Alert> {
        self.lines.iter().rev().find_map(|line| match &line.given {
            GivenFact::Alert(alert) => Some(alert.clone()),
            GivenFact::Change(_) | GivenFact::After(_) => None,
        })
    }

    /// Applies the facts to the world from now on.
    fn holds(&self) {
        if let Some(program) = &self.program {
            self.world.give(self.script(), Arc::clone(program));
        }
    }
}

impl Repl {
    /// Executes `:given LINE`; `typed` is the whole input, which ends in the line.
    pub(super) fn given(&mut self, typed: &str, line: &str) {
        let word = line.split_whitespace().next().unwrap_or_default();
        if word == "now" {
            return self.output.refuse("`given now` is for tests: the time cannot be given in a session");
        }
        if matches!(word, "expect" | "param" | "each") {
            return self.output.refuse(&format!(
                "`{word}` belongs in a test, and is not given: `:help given` lists the forms"
            ));
        }
        let name = self.next_input();
        let source = Source::new(name, typed);
        let (given, program) = match self.read_given(&source, line) {
            Ok(read) => read,
            Err(found) => return self.output.found(&found),
        };
        let begun = self.loaded.as_ref().is_some_and(|loaded| loaded.stepper.has_begun());
        if begun && matches!(given, GivenFact::Alert(_)) {
            return self
                .output
                .refuse("the run has begun: give the alert before `:load`, or `:load` it again");
        }
        let first = !self.taken.any();
        let base = self.taken.world.seconds();
        self.taken.lines.retain(|old| !given.replaces(&old.given));
        let subject = given.subject();
        let timed = given.is_timed();
        self.taken.lines.push(GivenLine { written: line.to_owned(), given, base });
        self.taken.program = Some(Arc::new(program));
        self.given_holds();
        let since = if timed { ", counted from now" } else { "" };
        let back = self.output.page.sink().look().paint(Tone::Faint, &format!("   :clear {subject}"));
        self.output.line(&format!("given: {line}{since}{back}"));
        if first {
            self.output
                .faint("while something is given, time stands still as you type and waits are over at once");
        }
    }

    /// Checks the line as a line of a test, with the same findings.
    fn read_given(&self, source: &Source, line: &str) -> Result<(GivenFact, Program), PlacedFindings> {
        let start = source.text().len() - line.len();
        let span = Span::between(start, source.text().len());
        let (sound, lines) = self.state.document.given(source, span, &self.world.catalogue())?;
        let [statement] = lines.as_slice() else {
            return Err(one(
                source,
                span,
                "one line at a time",
                "more than one",
                "give them one after the other",
            ));
        };
        match read(&sound.program, statement, self.taken.world.now()) {
            Ok(Some(given)) => Ok((given, sound.program)),
            Ok(None) => Err(one(
                source,
                span,
                "this is not given",
                "not the world's",
                "`:help given` lists the forms",
            )),
            Err(unclear) => {
                let at = sound.places.seen(unclear.span).map_or(span, |(_, span)| span);
                let help = "write the value itself: what is given is known before anything is read";
                Err(one(source, at, &format!("no value yet: {}", unclear.why), "has no value here", help))
            }
        }
    }

    /// Executes `:given` without a line.
    pub(super) fn list_given(&mut self) {
        if !self.taken.any() {
            return self.output.faint("nothing is given: everything is real; `:help given` lists the forms");
        }
        let width = self.taken.lines.iter().map(|it| it.written.chars().count()).max().unwrap_or_default();
        let row = |it: &GivenLine| format!("{:<width$}   :clear {}", it.written, it.given.subject());
        let lines: Vec<String> = self.taken.lines.iter().map(row).collect();
        self.output.lines(lines);
    }

    /// Executes `:clear [WHAT]`.
    pub(super) fn clear(&mut self, what: Option<&str>) {
        if !self.taken.any() {
            return self.output.refuse("nothing is given");
        }
        let before = self.taken.lines.len();
        match what {
            None => self.taken.lines.clear(),
            Some(words) => {
                let words = words.trim_start_matches("given ").trim();
                self.taken.lines.retain(|it| !it.given.is_meant_by(words) && it.written != words);
                if self.taken.lines.len() == before {
                    let known: Vec<String> = self.taken.lines.iter().map(|it| it.given.subject()).collect();
                    let near = did_you_mean(words, known.iter().map(String::as_str));
                    let help = near
                        .map_or("`:given` lists what is".to_owned(), |it| format!("did you mean `{it}`?"));
                    return self.output.refuse(&format!("`{words}` is not given; {help}"));
                }
            }
        }
        self.given_holds();
        let rest = match self.taken.lines.len() {
            0 => "everything is real again".to_owned(),
            left => format!("{left} still given"),
        };
        let taken = before - self.taken.lines.len();
        self.output.faint(&format!("{taken} taken back; {rest}"));
    }

    /// After another runbook was loaded: applies the facts from its beginning, as far as they fit it.
    pub(super) fn give_again(&mut self) {
        let lines = std::mem::take(&mut self.taken.lines);
        self.taken.world.begin();
        for line in lines {
            let source = Source::new("given", line.written.as_str());
            match self.read_given(&source, &line.written) {
                Ok((given, program)) => {
                    self.taken.program = Some(Arc::new(program));
                    self.taken.lines.push(GivenLine { given, base: 0.0, ..line });
                }
                Err(_) => {
                    self.output.faint(&format!("no longer given, as it does not fit here: {}", line.written));
                }
            }
        }
        self.given_holds();
    }

    /// Applies what is given to the world, and to what is started by the alert.
    fn given_holds(&mut self) {
        self.taken.holds();
        let of_load = self.loaded.as_ref().and_then(|loaded| loaded.alert.clone());
        let alert = self.taken.alert().or(of_load);
        if let Some(loaded) = &mut self.loaded
            && !loaded.stepper.has_begun()
        {
            loaded.stepper.started_by(alert.clone());
        }
        self.state.session.started_by(alert);
    }

    /// The metrics that are given: their names, and the provider and query of each.
    pub(super) fn given_metrics(&self) -> Vec<(String, String, String)> {
        let Some(program) = &self.taken.program else { return Vec::new() };
        let Some(runbook) = program.runbook(program.main()) else { return Vec::new() };
        let mut all: Vec<(String, String, String)> = Vec::new();
        for line in &self.taken.lines {
            let GivenFact::Change(GivenChange {
                what: rbl_testing::scripted::GivenSubject::Metric(it), ..
            }) = &line.given
            else {
                continue;
            };
            if all.iter().any(|(name, ..)| *name == *it.name) {
                continue;
            }
            if let Some(metric) = runbook.metrics.get(&it.name) {
                let query = metric.declaration.query.literal().unwrap_or_default();
                all.push((
                    it.name.to_string(),
                    metric.declaration.provider.text.to_string(),
                    query.to_owned(),
                ));
            }
        }
        all
    }
}

/// Evaluates a line of a test that describes the world; `None`: it is about something else.
fn read(
    program: &Program,
    line: &TestStatement,
    now: rbl_syntax::value::Time,
) -> Result<Option<GivenFact>, Unclear> {
    let mut reader = TestReader::new(program, now, std::iter::once(line))?;
    let mut script = reader.script(std::iter::once(line))?;
    Ok(match (script.changes.pop(), script.after.pop()) {
        (Some(change), _) => Some(GivenFact::Change(change)),
        (None, Some(after)) => Some(GivenFact::After(after)),
        (None, None) => script.alert.map(GivenFact::Alert),
    })
}

fn one(source: &Source, span: Span, message: &str, label: &str, help: &str) -> PlacedFindings {
    let mut sources = Sources::new();
    let id = sources.add(source.clone());
    let diagnostic = Diagnostic::new(Code::TYPE_FIXED, message, span.in_source(id), label).help(help);
    PlacedFindings { sources: Arc::new(sources), diagnostics: vec![diagnostic] }
}
