//! Reports the results of random worlds: for people, and as JSON.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::json;
use crate::tests::pretty::TestScreen;
use crate::tests::result::{ReportedEvent, happened, rounded};
use rbl_syntax::value::Took;
use rbl_syntax::{counted, harmless};
use rbl_terminal::Output;
use rbl_terminal::Style;
use rbl_terminal::{Tone, hung};
use rbl_testing::fuzz::{FuzzResults, Oracle};
use rbl_testing::{SimulatedRun, story, test_writer};

/// The format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FuzzReportFormat {
    /// Text for people.
    Pretty(Style),
    /// One JSON object for each runbook, and a last one for all.
    Json,
}

/// The results of one runbook.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FuzzedRunbook {
    /// Always `worlds`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Its file.
    file: String,
    /// The number of worlds it was run in.
    worlds: u64,
    /// The number of worlds that were left out, since those before them took too long.
    left_out: u64,
    /// The number of its arms that were taken.
    arms_taken: usize,
    /// The number of its arms.
    arms: usize,
    /// The number of its paths that were taken.
    paths_taken: usize,
    /// The number of its paths; the greatest value means that many or more.
    paths: u64,
    /// The time that passed in the worlds, in simulated seconds.
    simulated: f64,
    /// The invariants that it breaks.
    violations: Vec<ViolationLine>,
}

/// An invariant that a run broke.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
struct ViolationLine {
    /// The invariant.
    invariant: &'static str,
    /// How the run broke it.
    why: String,
    /// The seed of the world in which it was found: `--random 1 --seed S` finds it again.
    seed: u64,
    /// The smallest world that shows it, as the text of a test; or why it cannot be written as one.
    test: String,
    /// What happens in it.
    story: Vec<ReportedEvent>,
}

/// The result of all random worlds: the last line.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
struct FuzzSummary {
    /// Always `summary`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The number of runbooks.
    runbooks: usize,
    /// The number of worlds they were run in, all together.
    worlds: u64,
    /// The seed of the first world of each runbook.
    seed: u64,
    /// The number of violations.
    violations: usize,
    /// The elapsed time, in seconds.
    seconds: f64,
    /// The time that passed in the worlds, in simulated seconds.
    simulated: f64,
}

/// A line of `rbl test --random N --format json`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(title = "rbl test --random --format json")]
#[allow(dead_code)] // used only for its schema
enum FuzzLine {
    Runbook(FuzzedRunbook),
    Summary(FuzzSummary),
}

/// The schema of a line.
pub fn schema() -> schemars::Schema {
    json::schema::<FuzzLine>()
}

/// Describes the results of one runbook.
pub fn runbook(oracle: &Oracle<'_>, file: &str, seen: &FuzzResults) -> FuzzedRunbook {
    let violations = seen.violations.iter().map(|it| {
        let run = SimulatedRun::of(oracle.program, it.premise.clone()).perform();
        let title = format!("{file} {}", it.invariant);
        ViolationLine {
            invariant: it.invariant,
            why: it.why.clone(),
            seed: it.seed,
            test: test_writer::test(oracle.program, &title, &it.premise)
                .unwrap_or_else(|why| format!("# {why}\n# {:?}\n", it.premise)),
            story: story(&run).iter().map(happened).collect(),
        }
    });
    FuzzedRunbook {
        kind: "worlds",
        file: file.to_owned(),
        worlds: seen.worlds,
        left_out: seen.left_out,
        arms_taken: seen.arms.len(),
        arms: oracle.paths.arms().len(),
        paths_taken: seen.paths.len(),
        paths: u64::try_from(oracle.paths.total().paths).unwrap_or(u64::MAX),
        simulated: seen.simulated + 0.0,
        violations: violations.collect(),
    }
}

impl FuzzedRunbook {
    /// Whether no violation was found.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }
}

/// Prints the results.
pub fn print(
    runbooks: &[FuzzedRunbook],
    seed: u64,
    took: Duration,
    form: FuzzReportFormat,
    out: &mut Output,
) {
    let summary = FuzzSummary {
        kind: "summary",
        runbooks: runbooks.len(),
        worlds: runbooks.iter().map(|it| it.worlds).sum(),
        seed,
        violations: runbooks.iter().map(|it| it.violations.len()).sum(),
        seconds: rounded(took.as_secs_f64()),
        simulated: runbooks.iter().map(|it| it.simulated).sum::<f64>() + 0.0,
    };
    match form {
        FuzzReportFormat::Json => {
            for runbook in runbooks {
                out.line(&json::line(runbook));
            }
            out.line(&serde_json::to_string(&summary).unwrap_or_default());
        }
        FuzzReportFormat::Pretty(style) => {
            let screen = TestScreen::of(style);
            for runbook in runbooks {
                out.line(&headline(runbook, screen));
            }
            for runbook in runbooks {
                for violation in &runbook.violations {
                    out.line("");
                    print_violation(runbook, violation, screen, out);
                }
            }
            out.line("");
            out.line(&summary.to_string());
        }
    }
}

/// `✓ slow.rb  1,000 worlds · 9 of 9 arms · 7 of 7 paths`
fn headline(runbook: &FuzzedRunbook, screen: TestScreen) -> String {
    let mark = mark(runbook.is_clean(), screen);
    let FuzzedRunbook { worlds, left_out, arms_taken, arms, paths_taken, paths, .. } = runbook;
    let file = screen.look.paint(Tone::Strong, &harmless(&runbook.file));
    let seen = format!(
        " · {} · {arms_taken} of {} · {paths_taken} of {}",
        counted(*worlds, "world", "worlds"),
        counted(*arms, "arm", "arms"),
        counted(*paths, "path", "paths"),
    );
    let late = if *left_out == 0 {
        String::new()
    } else {
        format!(" · {} left out: those before took too long", counted(*left_out, "world", "worlds"))
    };
    let late = screen.look.paint(Tone::Warning, &late);
    format!("{mark} {file}{}{late}", screen.look.paint(Tone::Faint, &seen))
}

fn mark(good: bool, screen: TestScreen) -> String {
    let look = screen.look;
    if good {
        look.paint(Tone::Good, look.pick("✓", "ok  "))
    } else {
        look.paint(Tone::Bad, look.pick("✗", "FAIL"))
    }
}

fn print_violation(runbook: &FuzzedRunbook, violation: &ViolationLine, screen: TestScreen, out: &mut Output) {
    let headline = format!("{}: not every run {}", runbook.file, violation.invariant);
    out.line(&format!("{} {}", mark(false, screen), screen.look.paint(Tone::Strong, &harmless(&headline))));
    for line in hung("  ", "  ", &harmless(&violation.why), screen.width) {
        out.line(&line);
    }
    out.line("");
    out.line("  the smallest world that shows it");
    for line in violation.test.lines() {
        out.line(format!("    {}", harmless(line)).trim_end());
    }
    if !violation.story.is_empty() {
        out.line("");
        out.line("  the story");
        let main = violation.story.iter().find_map(|line| line.file.clone()).unwrap_or_default();
        screen.story((&violation.story, 0), &main, out);
    }
    out.line("");
    out.line(&format!("  again: rbl test {} --random 1 --seed {}", harmless(&runbook.file), violation.seed));
}

/// `10 runbooks, 10,000 worlds from seed 42: every invariant holds, in 0.8s (3d 4h simulated)`
impl std::fmt::Display for FuzzSummary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kept = match self.violations {
            0 => "every invariant holds".to_owned(),
            count => format!("{} found", counted(count, "violation", "violations")),
        };
        write!(
            f,
            "{}, {} from seed {}: {kept}, in {} ({} simulated)",
            counted(self.runbooks, "runbook", "runbooks"),
            counted(self.worlds, "world", "worlds"),
            self.seed,
            Took(self.seconds),
            Took(self.simulated)
        )
    }
}
