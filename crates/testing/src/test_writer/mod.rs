//! Writes a premise as a test: the state of the world, and the expected results.
//!
//! *Invariant:* a returned text parses as the premise it was made from, is formatted, and passes. If the language has
//! no form for something, it is refused, never left out.

mod amount;
mod arranged;
mod bound;
mod expected;
mod file;
mod given;
mod quoted;
mod value;
mod words;

use smol_str::SmolStr;

use super::expectation::unmet;
use super::{Performed, Premise, SimulatedRun};
use rbl_check::Program;
use rbl_runtime::Outcome;
use rbl_syntax as syntax;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::SourceId;
use rbl_syntax::tree::Test;
use rbl_syntax::{AsWritten, Unprintable};

pub use bound::bound;
pub use file::{AddedTests, WrittenTest, beside, put, put_in};

/// Why a premise cannot be written as a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnwritableTest {
    /// The language has no form for this; in words.
    NoForm(String),
    /// Its run has no result that a test could expect; why.
    NoEnd(String),
    /// The written text parses as something else, which is a bug in rbl; what.
    Differs(String),
}

impl std::fmt::Display for UnwritableTest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoForm(what) => write!(f, "a test has no form for {what}"),
            Self::NoEnd(why) => write!(f, "a test cannot expect this end: {why}"),
            Self::Differs(what) => {
                write!(f, "the test would say something else: {what} (this is a bug in rbl)")
            }
        }
    }
}

impl UnwritableTest {
    fn no_form(what: impl Into<String>) -> Self {
        Self::NoForm(what.into())
    }

    /// Why a written test that has these findings is refused. A hidden character can be written, but nobody who reads
    /// the test would see it.
    fn because_of(findings: &[Diagnostic]) -> Self {
        match findings.iter().find(|it| it.code == Code::SYNTAX_HIDDEN) {
            Some(hidden) => Self::no_form(hidden.message.clone()),
            None => Self::Differs(findings.first().map(|it| it.message.clone()).unwrap_or_default()),
        }
    }
}

/// A file that contains only tests must name its runbook.
const HEADER: &str = "tests for \"NAME.rb\"\n";

/// Returns the text of a test with this title, which states the premise and expects its result; formatted as by `rbl
/// fmt`, with its line end.
pub fn test(program: &Program, title: &str, premise: &Premise) -> Result<String, UnwritableTest> {
    let run = SimulatedRun::of(program, premise.clone()).perform();
    test_of(program, title, premise, &run)
}

/// The same, if the premise was already run with this result.
pub fn test_of(
    program: &Program,
    title: &str,
    premise: &Premise,
    run: &Performed,
) -> Result<String, UnwritableTest> {
    match run.ended.outcome {
        _ if run.ran_away => return Err(UnwritableTest::NoEnd("the run does not come to an end".into())),
        Outcome::Resolved | Outcome::Escalated | Outcome::Failed => {}
        outcome @ (Outcome::Aborted | Outcome::Waiting) => {
            return Err(UnwritableTest::NoEnd(format!("the run is {outcome}")));
        }
    }
    let premise = arranged::arranged(premise);
    let mut lines = given::lines(program, &premise)?;
    lines.extend(expected::lines(program, run));
    let text = laid_out(title, &lines)?;
    read_back(program, &text, &premise, run)?;
    Ok(text)
}

/// Formats the test.
fn laid_out(title: &str, lines: &[String]) -> Result<String, UnwritableTest> {
    let mut text = format!("{HEADER}\ntest {} {{\n", quoted::text(title));
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text.push_str("}\n");
    // A text has no escape for either: a line end of two characters is read as one, and a file with the other is taken
    // for no text.
    for (character, name) in [('\r', "a carriage return"), ('\0', "a null character")] {
        if text.contains(character) {
            return Err(UnwritableTest::no_form(name));
        }
    }
    let printed = syntax::print(SourceId::default(), &text, &AsWritten).map_err(|why| match why {
        Unprintable::Findings(found) => UnwritableTest::because_of(&found),
        Unprintable::Differs(how) => UnwritableTest::Differs(how.to_owned()),
    })?;
    let alone = printed.strip_prefix(HEADER).map(|rest| rest.trim_start_matches('\n'));
    alone.map(str::to_owned).ok_or_else(|| UnwritableTest::Differs("its header is missing".into()))
}

/// Reads the text as `rbl test` would, and checks that the premise is the same and that every expectation is met.
fn read_back(
    program: &Program,
    text: &str,
    premise: &Premise,
    run: &Performed,
) -> Result<(), UnwritableTest> {
    let differs = |what: String| Err(UnwritableTest::Differs(what));
    let one = read(text)?;
    let simulated = match SimulatedRun::new(program, SourceId::default(), one.body.iter()) {
        Ok(rehearsal) => rehearsal,
        Err(unclear) => return differs(unclear.why),
    };
    if simulated.premise() != *premise {
        return differs("its premise is another one".into());
    }
    match simulated.wanted.iter().find_map(|(_, wanted)| unmet(wanted, run)) {
        Some((happened, _)) => differs(format!("it would fail: {happened}")),
        None => Ok(()),
    }
}

/// Returns the one test of a text that [`test`] wrote.
pub fn read(text: &str) -> Result<Test, UnwritableTest> {
    let parsed = syntax::parse(SourceId::default(), &format!("{HEADER}{text}"));
    if !parsed.diagnostics.is_empty() {
        return Err(UnwritableTest::because_of(&parsed.diagnostics));
    }
    let mut tests: Vec<Test> = parsed.file.tests().cloned().collect();
    let count = tests.len();
    tests.pop().filter(|_| count == 1).ok_or_else(|| UnwritableTest::Differs(format!("{count} tests")))
}

/// A label or parameter as written: a keyword is put in quotes where that is allowed.
fn field_name(name: &SmolStr) -> String {
    let mut chars = name.chars();
    let is_name = chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !syntax::is_reserved(name);
    if is_name { name.to_string() } else { quoted::text(name) }
}
