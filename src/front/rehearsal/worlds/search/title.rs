//! Titles that say what a test shows: what decides, and how it ends.

use std::collections::BTreeSet;

use super::super::Oracle;
use super::Edge;
use super::corpus::Entry;
use crate::check::paths::{ArmId, SiteKind, Told, ToldStep};
use crate::syntax::tree::Outcome;

/// A title that is longer is cut in its middle.
const LONGEST: usize = 100;

/// Those that were given: no two are alike.
#[derive(Debug, Default)]
pub(super) struct Titles(BTreeSet<String>);

impl Titles {
    /// Of a world that takes arms which none before it takes.
    pub(super) fn of_path(&mut self, oracle: &Oracle<'_>, entry: &Entry, new: &[ArmId]) -> String {
        let Some(told) = told(oracle, entry) else {
            return self.unique("a run that does not end".into(), None);
        };
        let decides: Vec<&ToldStep> = told.steps.iter().filter(|step| step.decides).collect();
        let is_new = |step: &&&ToldStep| step.arm.is_some_and(|arm| new.contains(&arm));
        let shown = decides.iter().rev().find(is_new).or(decides.last());
        let Some(shown) = shown else {
            return self.unique(format!("nothing to decide: {}", end(&told)), None);
        };
        let before = decides.iter().take_while(|step| step.arm != shown.arm).last();
        self.unique(
            format!("{}: {}", words(shown), end(&told)),
            before.map(|before| format!("{}, then {}: {}", words(before), words(shown), end(&told))),
        )
    }

    /// Of a world at an edge.
    pub(super) fn of_edge(&mut self, oracle: &Oracle<'_>, edge: &Edge) -> String {
        let end = told(oracle, &edge.entry).map_or_else(String::new, |told| format!(": {}", end(&told)));
        self.unique(format!("{}{end}", edge.what), None)
    }

    fn unique(&mut self, title: String, longer: Option<String>) -> String {
        for title in std::iter::once(title.clone()).chain(longer) {
            let title = fitted(&title);
            if self.0.insert(title.clone()) {
                return title;
            }
        }
        let mut number = 2u32;
        loop {
            let numbered = format!("{} ({number})", fitted(&title));
            if self.0.insert(numbered.clone()) {
                return numbered;
            }
            number += 1;
        }
    }
}

fn told(oracle: &Oracle<'_>, entry: &Entry) -> Option<Told> {
    oracle.paths.tell(entry.path.as_ref()?)
}

/// `p99 < 500ms is unknown`
fn words(step: &ToldStep) -> String {
    let text = step.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let turn = step.turn.as_deref().unwrap_or("goes on");
    let text = text.strip_prefix("action ").unwrap_or(&text);
    match (step.kind, turn) {
        (SiteKind::Action, "fails") => format!("{text} fails"),
        (SiteKind::Loop, turn) => format!("{text}: {turn}"),
        (
            SiteKind::Condition | SiteKind::Match | SiteKind::Action | SiteKind::Escalate | SiteKind::Wait,
            turn,
        ) => {
            format!("{text} is {turn}")
        }
        (SiteKind::Run, turn) => format!("{text} ends {turn}"),
        (SiteKind::Step | SiteKind::Plain | SiteKind::Guard | SiteKind::Secrets | SiteKind::End, turn) => {
            format!("{text} {turn}")
        }
    }
}

/// `api-oncall is called`
fn end(told: &Told) -> String {
    let paged = told.end.paged.join(" and ");
    match told.end.outcome {
        Outcome::Resolved if told.end.paged.is_empty() => "resolved".to_owned(),
        Outcome::Resolved => format!("resolved, and {paged} called"),
        Outcome::Escalated if told.end.paged.len() > 1 => format!("{paged} are called"),
        Outcome::Escalated => format!("{paged} is called"),
        Outcome::Failed => "nobody can be called".to_owned(),
    }
}

fn fitted(title: &str) -> String {
    let count = title.chars().count();
    if count <= LONGEST {
        return title.to_owned();
    }
    let first: String = title.chars().take(LONGEST / 2).collect();
    let last: String = title.chars().skip(count - LONGEST / 2 + 2).collect();
    format!("{} … {}", first.trim_end(), last.trim_start())
}
