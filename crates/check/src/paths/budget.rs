//! Compares the longest path with a limit: a budget, or a maintenance window.

use super::{Bound, PathDescription, Paths};
use crate::paths::description::StepDescription;
use crate::{Catalogue, Program};
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::tree::TriggerKind;
use rbl_syntax::value::span;

/// The path that may take longest, and its number.
struct Longest {
    /// `None`: it has too many nodes to list.
    description: Option<PathDescription>,
    number: Option<u128>,
    file: String,
}

impl Longest {
    fn of(paths: &Paths, program: &Program) -> Self {
        let path = paths.longest();
        let source = program.runbook(program.main()).and_then(|it| program.sources().get(it.source));
        Self {
            description: path.as_ref().and_then(|path| paths.describe(path)),
            number: path.as_ref().and_then(|path| paths.number(path)),
            file: source.map_or_else(String::new, |source| source.name().to_owned()),
        }
    }

    /// "path 2 takes that long: `rbl paths FILE 2` shows it"
    fn named(&self) -> String {
        match self.number {
            Some(number) => {
                let limited =
                    self.description.as_ref().is_none_or(|description| description.longest.0.is_some());
                let how = if limited { "takes that long" } else { "has no limit" };
                format!("path {number} {how}: `rbl paths {} {number}` shows it", self.file)
            }
            None => format!("`rbl paths {}` shows where the paths end", self.file),
        }
    }

    /// Returns the node on it that takes longest, or that has no known limit.
    fn slowest(&self) -> Option<&StepDescription> {
        let seconds = |step: &&StepDescription| step.longest.0.unwrap_or(f64::INFINITY);
        self.description
            .iter()
            .flat_map(|description| &description.steps)
            .filter(|step| step.longest != Bound::ZERO)
            .max_by(|a, b| seconds(a).total_cmp(&seconds(b)))
    }
}

/// Reports a program whose longest path takes longer than a budget in seconds, or has no known bound.
pub fn over_budget(program: &Program, catalogue: &Catalogue, budget: f64) -> Option<Diagnostic> {
    let paths = Paths::of(program, catalogue);
    let total = paths.total();
    if !total.longest.exceeds(budget) {
        return None;
    }
    let runbook = program.runbook(program.main())?;
    let place = runbook.title.span.in_source(runbook.source);
    let longest = Longest::of(&paths, program);
    let (budget, headline) = match total.longest.0 {
        Some(seconds) => {
            (span(budget), format!("a run may take {}, and the budget is {}", up(seconds), span(budget)))
        }
        None => (span(budget), format!("no limit is known, and the budget is {}", span(budget))),
    };
    let mut finding = Diagnostic::new(Code::TIME_BUDGET, headline, place, format!("longer than {budget}"));
    if let Some((step, shown)) = longest.slowest().map(|step| (step, step.shown)) {
        let label = match step.longest.0 {
            Some(seconds) => format!("up to {} of it", up(seconds)),
            None => "no limit is known here".to_owned(),
        };
        finding = finding.also(shown, label);
    }
    Some(finding.help(longest.named()).help("give what it waits for a shorter `within`, or raise the budget"))
}

/// Reports a maintenance window that closes before the longest path ends.
pub(crate) fn window(program: &Program, catalogue: &Catalogue) -> Option<Diagnostic> {
    let runbook = program.runbook(program.main())?;
    let Some(TriggerKind::Schedule { window: Some(window), .. }) = &runbook.trigger else { return None };
    let paths = Paths::of(program, catalogue);
    let open = paths.window?;
    let seconds = paths.total().longest.0.filter(|longest| *longest > open)?;
    let longest = Longest::of(&paths, program);
    let place = window.span.in_source(runbook.source);
    let finding = Diagnostic::new(
        Code::TIME_WINDOW,
        format!("a run may take {}, and the window is open for {}", up(seconds), span(open)),
        place,
        "closes before that",
    );
    Some(
        finding
            .help(longest.named())
            .help("no step starts once it has closed: open it for longer, or give what is waited for a shorter `within`"),
    )
}

/// Rounds up to a full second.
fn up(seconds: f64) -> String {
    span(seconds.ceil())
}
