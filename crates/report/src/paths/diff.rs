//! The comparison of two versions of a runbook, printed for a reviewer, as a pull request comment, or as JSON.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::text::{PathsLayout, outcome};
use super::{count, seconds};
use crate::json;
use rbl_check::paths::{Bound, ComparedPath, Decisions, PathDifference, PathsComparison, Weighed};
use rbl_syntax::tree::ExpectedOutcome;
use rbl_syntax::{counted, harmless};
use rbl_terminal::hung;

/// The two versions and their comparison.
#[derive(Debug)]
pub struct Versions {
    /// The name of the old version, as given.
    pub old_name: String,
    /// The name of the new version, as given.
    pub new_name: String,
    /// The totals of the old version's paths.
    pub old: Weighed,
    /// The totals of the new version's paths.
    pub new: Weighed,
    /// The differences, path by path.
    pub comparison: PathsComparison,
}

/// Describes a path: `escalated (api-oncall), at most 25m, after action rollback(service)`.
fn describe(path: &ComparedPath) -> String {
    let mut text = ends(path);
    let _ = write!(text, ", {}", longest(path.longest));
    if !path.actions.is_empty() {
        let _ = write!(text, ", {}", path.actions.join(", "));
    }
    text
}

fn ends(path: &ComparedPath) -> String {
    let word = outcome(path.outcome);
    if path.paged.is_empty() { word.into() } else { format!("{word} ({})", path.paged.join(", ")) }
}

fn longest(bound: Bound) -> String {
    bound.0.map_or_else(|| "no known limit".into(), |it| format!("at most {}", seconds(it)))
}

/// The changes of a path, one on each line: `was resolved, is escalated (api-oncall)`.
fn changes(old: &ComparedPath, new: &ComparedPath) -> Vec<String> {
    let mut lines = Vec::new();
    if ends(old) != ends(new) {
        lines.push(format!("was {}, is {}", ends(old), ends(new)));
    }
    if old.end != new.end {
        lines.push(format!("ended by {}, ends by {}", old.end, new.end));
    }
    let was =
        |it: &ComparedPath| if it.actions.is_empty() { "no action".into() } else { it.actions.join(", ") };
    if old.actions != new.actions {
        lines.push(format!("did {}, does {}", was(old), was(new)));
    }
    if old.longest != new.longest {
        lines.push(format!("took {}, takes {}", longest(old.longest), longest(new.longest)));
    }
    lines
}

/// Describes the totals: `20 paths, at most 2h5m, 1 action and 1 page`.
fn together(all: &Weighed) -> String {
    format!(
        "{}, {}, {} and {}",
        counted(all.paths, "path", "paths"),
        longest(all.longest),
        count(all.actions, "action", "actions"),
        count(all.pages, "page", "pages")
    )
}

/// Counts the differences: `3 added, 1 removed, 2 changed`.
fn tally(differences: &[(Decisions, PathDifference)]) -> String {
    let number = |is: fn(&PathDifference) -> bool| differences.iter().filter(|(_, it)| is(it)).count();
    format!(
        "{} added, {} removed, {} changed",
        number(|it| matches!(it, PathDifference::Added(_))),
        number(|it| matches!(it, PathDifference::Removed(_))),
        number(|it| matches!(it, PathDifference::Changed(..)))
    )
}

/// Formats the comparison for a reviewer at a terminal.
pub fn text(versions: &Versions, look: PathsLayout) -> String {
    let arrow = look.arrow();
    let width = look.width.clamp(40, 110);
    let mut lines = vec![
        format!("old  {}: {}", versions.old_name, together(&versions.old)),
        format!("new  {}: {}", versions.new_name, together(&versions.new)),
        String::new(),
    ];
    match &versions.comparison {
        PathsComparison::Together if versions.old == versions.new => {
            lines.push("too many paths to compare one by one; together they come to the same".into());
        }
        PathsComparison::Together => {
            lines.push("too many paths to compare one by one; together they differ".into());
        }
        PathsComparison::Each(differences) if differences.is_empty() => {
            lines.push("every path has the same end, the same actions and the same longest time".into());
        }
        PathsComparison::Each(differences) => {
            for (decisions, difference) in differences {
                let head = match difference {
                    PathDifference::Added(path) => {
                        format!("+ path {} is new: {}", path.number, describe(path))
                    }
                    PathDifference::Removed(path) => {
                        format!("- path {} is gone: {}", path.number, describe(path))
                    }
                    PathDifference::Changed(old, new) if old.number == new.number => {
                        format!("~ path {} is changed", new.number)
                    }
                    PathDifference::Changed(old, new) => {
                        format!("~ path {} (was {}) is changed", new.number, old.number)
                    }
                };
                lines.extend(hung("", "  ", &harmless(&head), width));
                if let PathDifference::Changed(old, new) = difference {
                    for change in changes(old, new) {
                        lines.extend(hung("    ", "      ", &harmless(&change), width));
                    }
                }
                for (text, turn) in decisions {
                    lines.extend(hung(
                        "      ",
                        "        ",
                        &harmless(&format!("{text} {arrow} {turn}")),
                        width,
                    ));
                }
                lines.push(String::new());
            }
            lines.push(tally(differences));
        }
    }
    lines.join("\n") + "\n"
}

/// Formats the comparison as a comment for a pull request.
pub fn markdown(versions: &Versions) -> String {
    let mut text = format!("### Paths of {}\n\n", code(&versions.new_name));
    let _ = write!(
        text,
        "| | |\n|---|---|\n| before | {} |\n| after | {} |\n\n",
        together(&versions.old),
        together(&versions.new)
    );
    match &versions.comparison {
        PathsComparison::Together => text.push_str(if versions.old == versions.new {
            "Too many paths to compare one by one; together they come to the same.\n"
        } else {
            "Too many paths to compare one by one; together they differ.\n"
        }),
        PathsComparison::Each(differences) if differences.is_empty() => {
            text.push_str("Every path has the same end, the same actions and the same longest time.\n");
        }
        PathsComparison::Each(differences) => {
            let _ = write!(text, "**{}**\n\n", tally(differences));
            for (decisions, difference) in differences {
                let head = match difference {
                    PathDifference::Added(path) => format!("**new**: {}", escaped(&describe(path))),
                    PathDifference::Removed(path) => format!("**gone**: {}", escaped(&describe(path))),
                    PathDifference::Changed(old, new) => {
                        format!("**changed**: {}", escaped(&changes(old, new).join("; ")))
                    }
                };
                let _ = writeln!(text, "- {head}");
                for (what, turn) in decisions {
                    let _ = writeln!(text, "  - {} → {}", code(what), escaped(turn));
                }
            }
        }
    }
    text
}

/// Quotes a text as code, with more backticks than the text contains in a row.
fn code(text: &str) -> String {
    let text = harmless(text);
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Escapes the characters that have a meaning in Markdown.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in harmless(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '@' | '&' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A line of `rbl diff --format json`. Times are in seconds; `null` means no known limit.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "rbl diff --format json")]
enum PathsDiffLine<'a> {
    /// A path that only the new version has.
    Added {
        decisions: Vec<DecisionLine<'a>>,
        /// The path in the new version.
        new: PathSummary<'a>,
    },
    /// A path that only the old version has.
    Removed {
        decisions: Vec<DecisionLine<'a>>,
        /// The path in the old version.
        old: PathSummary<'a>,
    },
    /// A path that both have, and that differs.
    Changed {
        decisions: Vec<DecisionLine<'a>>,
        /// The path in the old version.
        old: PathSummary<'a>,
        /// The path in the new version.
        new: PathSummary<'a>,
    },
    /// The last line.
    Summary {
        /// Whether every path is the same; if there are too many, whether the totals are the same.
        same: bool,
        /// Whether there were too many paths to compare one by one.
        together: bool,
        /// The name of the old version, as given.
        old: &'a str,
        /// The name of the new version, as given.
        new: &'a str,
        /// Seconds that the old version takes at most.
        old_longest: Option<f64>,
        /// Seconds that the new version takes at most.
        new_longest: Option<f64>,
    },
}

/// One decision of a path.
#[derive(Debug, Serialize, JsonSchema)]
struct DecisionLine<'a> {
    /// The condition, as written.
    text: &'a str,
    /// The arm that is taken.
    turn: &'a str,
}

/// One path.
#[derive(Debug, Serialize, JsonSchema)]
struct PathSummary<'a> {
    /// Its number among the paths of its version, from 1.
    number: u64,
    outcome: ExpectedOutcome,
    /// The statement or event that ends it.
    end: &'a str,
    /// The teams that are paged.
    paged: &'a [String],
    /// The actions, in order.
    actions: &'a [String],
    /// The longest time, in seconds.
    longest: Option<f64>,
}

impl<'a> PathSummary<'a> {
    fn of(path: &'a ComparedPath) -> Self {
        Self {
            number: u64::try_from(path.number).unwrap_or(u64::MAX),
            outcome: path.outcome,
            end: &path.end,
            paged: &path.paged,
            actions: &path.actions,
            longest: path.longest.0,
        }
    }
}

/// The JSON schema of a line.
pub fn schema() -> schemars::Schema {
    json::schema::<PathsDiffLine<'_>>()
}

/// Formats the comparison as JSON, one object on each line.
pub fn json(versions: &Versions) -> String {
    let mut text = String::new();
    let mut line = |line: &PathsDiffLine<'_>| {
        text.push_str(&json::line(line));
        text.push('\n');
    };
    let (same, together) = match &versions.comparison {
        PathsComparison::Together => (versions.old == versions.new, true),
        PathsComparison::Each(differences) => {
            for (decisions, difference) in differences {
                let decisions = decisions.iter().map(|(text, turn)| DecisionLine { text, turn }).collect();
                line(&match difference {
                    PathDifference::Added(new) => {
                        PathsDiffLine::Added { decisions, new: PathSummary::of(new) }
                    }
                    PathDifference::Removed(old) => {
                        PathsDiffLine::Removed { decisions, old: PathSummary::of(old) }
                    }
                    PathDifference::Changed(old, new) => PathsDiffLine::Changed {
                        decisions,
                        old: PathSummary::of(old),
                        new: PathSummary::of(new),
                    },
                });
            }
            (differences.is_empty(), false)
        }
    };
    line(&PathsDiffLine::Summary {
        same,
        together,
        old: &versions.old_name,
        new: &versions.new_name,
        old_longest: versions.old.longest.0,
        new_longest: versions.new.longest.0,
    });
    text
}
