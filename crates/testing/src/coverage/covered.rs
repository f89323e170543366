//! Computes what is covered of each runbook. A [`CoverageSubject`] is a tested program with the runs of its tests; [`Coverage`]
//! holds a [`Covered`] for each runbook, and that a [`CoveredSite`] for each place with arms.

use std::collections::{HashMap, HashSet};

use crate::coverage::share::Share;
use crate::coverage::taken::TakenPaths;
use rbl_check::Program;
use rbl_check::paths::{ArmDescription, ArmId, Path, PathDescription, Paths, Seriousness, SiteKind, Turn};
use rbl_syntax::source::{Place, Span};

/// A program whose runbook is tested, and what its tests reached.
#[derive(Debug)]
pub struct CoverageSubject<'a> {
    /// The program.
    pub program: &'a Program,
    /// The identity of each of its files, in the order of its sources.
    pub identities: &'a [String],
    /// Its paths.
    pub paths: &'a Paths,
    /// The number of its tests that were run.
    pub tests: usize,
    /// What those tests reached.
    pub taken: TakenPaths,
}

/// The coverage of all runbooks that were asked for.
#[derive(Debug)]
pub struct Coverage {
    /// Each runbook, in the order in which it was first seen.
    pub runbooks: Vec<Covered>,
    /// The most serious path of all runbooks that no test takes.
    pub untested: Option<Untested>,
    /// The number of tests that a filter left out.
    pub left_out: usize,
    /// The number of files with errors; they are not measured.
    pub broken: usize,
}

/// The coverage of one runbook.
#[derive(Debug)]
pub struct Covered {
    /// Its title, as written.
    pub title: String,
    /// Its file, as displayed.
    pub file: String,
    /// The number of tests of it.
    pub tests: usize,
    /// The places with several arms, in the order of the text.
    pub sites: Vec<CoveredSite>,
    /// The number of paths that tests take.
    pub paths_taken: u128,
    /// The number of paths.
    pub paths: u128,
}

/// A place with arms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredSite {
    /// Its line, from 1.
    pub line: u32,
    /// The whole line, as written.
    pub source: String,
    /// The text of the statement or condition at this place.
    pub text: String,
    /// How often a run reached this place.
    pub reached: u64,
    /// Its arms.
    pub arms: Vec<CoveredArm>,
}

/// An arm of a [`CoveredSite`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredArm {
    /// Its name: `yes`, `fails`, `not delivered`.
    pub turn: String,
    /// How often it was taken.
    pub taken: u64,
}

/// A path that no test takes.
#[derive(Debug)]
pub struct Untested {
    /// The file of the runbook, as displayed.
    pub file: String,
    /// How serious it is.
    pub seriousness: Seriousness,
    /// Its number; `None` if it is too large to count.
    pub number: Option<u128>,
    /// The number of paths that the runbook has.
    pub of: u128,
    /// The path in words.
    pub description: PathDescription,
}

/// How often each arm was taken, over all programs. The key is the identity of the file, so that programs share it.
type ArmCounts<'a> = HashMap<(&'a str, Span, Turn), u64>;

impl Coverage {
    /// Computes the coverage of these programs. Several may test the same runbook: its own tests and those in a file
    /// beside it.
    pub fn of(subjects: &[CoverageSubject<'_>], left_out: usize, broken: usize) -> Self {
        let mut everywhere = ArmCounts::new();
        for subject in subjects {
            for (arm, taken) in &subject.taken.arms {
                let Some(key) = key(subject, *arm) else { continue };
                let times = everywhere.entry(key).or_default();
                *times = times.saturating_add(*taken);
            }
        }
        let mut runbooks: Vec<Vec<&CoverageSubject<'_>>> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for subject in subjects {
            let Some(identity) = main_identity(subject) else { continue };
            let at = *known.entry(identity).or_insert(runbooks.len());
            match runbooks.get_mut(at) {
                Some(same) => same.push(subject),
                None => runbooks.push(vec![subject]),
            }
        }
        let mut coverage = Self { runbooks: Vec::new(), untested: None, left_out, broken };
        for same in &runbooks {
            let Some(first) = same.first() else { continue };
            let taken: HashSet<Path> = same.iter().flat_map(|it| &it.taken.paths).cloned().collect();
            let tests = same.iter().map(|it| it.tests).sum();
            let Some(covered) = covered(first, &taken, tests, &everywhere) else { continue };
            let more = untested(first, &covered, &taken, &everywhere);
            coverage.runbooks.push(covered);
            let serious = |it: &Option<Untested>| it.as_ref().map(|it| it.seriousness);
            if serious(&more) > serious(&coverage.untested) {
                coverage.untested = more;
            }
        }
        coverage
    }

    /// Counts the arms of all runbooks that are taken.
    pub fn arms(&self) -> Share {
        self.runbooks.iter().map(Covered::arms).fold(Share::default(), Share::and)
    }

    /// Returns the number of paths taken in all runbooks, and the number of paths.
    pub fn paths(&self) -> (u128, u128) {
        self.runbooks.iter().fold((0, 0), |(taken, all), it| {
            (taken.saturating_add(it.paths_taken), all.saturating_add(it.paths))
        })
    }
}

impl Covered {
    /// Counts the arms of this runbook that are taken.
    pub fn arms(&self) -> Share {
        let arms = || self.sites.iter().flat_map(|site| &site.arms);
        Share { covered: arms().filter(|arm| arm.taken > 0).count(), of: arms().count() }
    }
}

fn key<'a>(subject: &CoverageSubject<'a>, arm: ArmId) -> Option<(&'a str, Span, Turn)> {
    Some((identity(subject, arm.place)?, arm.place.span, arm.turn))
}

fn identity<'a>(subject: &CoverageSubject<'a>, place: Place) -> Option<&'a str> {
    subject.identities.get(place.source.0 as usize).map(String::as_str)
}

fn main_identity<'a>(subject: &CoverageSubject<'a>) -> Option<&'a str> {
    let runbook = subject.program.runbook(subject.program.main())?;
    identity(subject, runbook.title.span.in_source(runbook.source))
}

fn covered(
    subject: &CoverageSubject<'_>,
    taken: &HashSet<Path>,
    tests: usize,
    everywhere: &ArmCounts<'_>,
) -> Option<Covered> {
    let own = subject.program.runbook(subject.program.main())?.source;
    let source = subject.program.sources().get(own)?;
    let arms = subject.paths.arms();
    let arms: Vec<&ArmDescription> = arms.iter().filter(|arm| arm.id.place.source == own).collect();
    let mut sites: Vec<CoveredSite> = arms
        .chunk_by(|one, other| one.id.place == other.id.place)
        .filter_map(|arms| {
            // A guard is listed at the same place as the statement it guards; prefer the statement.
            let it = arms.iter().find(|arm| arm.kind != SiteKind::Guard).or(arms.first())?;
            let line = source.line_column(it.shown.span.start).line;
            let range = source.lines().line_range(source.text(), (line as usize).saturating_sub(1));
            let written = range.and_then(|range| source.text().get(range)).unwrap_or_default();
            let covered_arm = |arm: &&ArmDescription| CoveredArm {
                turn: arm.turn.clone(),
                taken: key(subject, arm.id).and_then(|key| everywhere.get(&key)).copied().unwrap_or(0),
            };
            let usual: Vec<bool> = arms.iter().map(|arm| arm.id.turn == Turn::Continues).collect();
            let arms: Vec<CoveredArm> = arms.iter().map(covered_arm).collect();
            Some(CoveredSite {
                line,
                source: written.trim_end().to_owned(),
                text: it.text.clone(),
                reached: reached(&arms, &usual),
                arms,
            })
        })
        .collect();
    sites.sort_by_key(|site| site.line);
    Some(Covered {
        title: subject.paths.title(subject.program),
        file: source.name().to_owned(),
        tests,
        sites,
        paths_taken: taken.len() as u128,
        paths: subject.paths.total().paths,
    })
}

/// How often a run reached a place. A run that passes a guard also takes another arm of the same place, if there is
/// one.
fn reached(arms: &[CoveredArm], usual: &[bool]) -> u64 {
    let sum = |wanted: bool| {
        let these = arms.iter().zip(usual).filter(|(_, usual)| **usual == wanted);
        these.fold(0u64, |sum, (arm, _)| sum.saturating_add(arm.taken))
    };
    let others = usual.iter().filter(|usual| !**usual).count();
    if others > 1 { sum(false) } else { sum(false).saturating_add(sum(true)) }
}

fn untested(
    subject: &CoverageSubject<'_>,
    covered: &Covered,
    taken: &HashSet<Path>,
    everywhere: &ArmCounts<'_>,
) -> Option<Untested> {
    let is_taken = |arm: ArmId| key(subject, arm).is_some_and(|key| everywhere.contains_key(&key));
    let found = subject.paths.most_serious(taken, &is_taken)?;
    Some(Untested {
        file: covered.file.clone(),
        seriousness: found.seriousness,
        number: subject.paths.number(&found.path),
        of: covered.paths,
        description: subject.paths.describe(&found.path)?,
    })
}
