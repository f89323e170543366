//! Describes a path in words: each node in the author's words with its line, and how the path ends.

use smol_str::SmolStr;

use super::graph::{EndCause, Graph, Leaf, Node, NodeEdge, SiteKind, Turn};
use super::path::{ArmId, Path};
use super::path_cost::Weight;
use super::{Bound, Paths};
use rbl_syntax::source::Place;
use rbl_syntax::tree::ExpectedOutcome;

/// One path in words.
#[derive(Debug, Clone, PartialEq)]
pub struct PathDescription {
    /// Each node, in order.
    pub steps: Vec<StepDescription>,
    /// How it ends.
    pub end: EndDescription,
    /// The maximum duration in seconds.
    pub longest: Bound,
    /// The minimum duration in seconds.
    pub shortest: f64,
    /// The maximum number of actions.
    pub actions: Bound,
    /// The maximum number of pages, including those of the run itself.
    pub pages: Bound,
}

/// One node of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct StepDescription {
    /// Its kind.
    pub kind: SiteKind,
    /// The arm taken there, if it has several.
    pub arm: Option<ArmId>,
    /// The place of its text.
    pub shown: Place,
    /// The file.
    pub file: SmolStr,
    /// The line, from 1.
    pub line: u32,
    /// Its text.
    pub text: String,
    /// Its identity in another version: as `text`, but for a wait without its limits.
    pub known_by: String,
    /// The outcome; `None` if there is only one edge.
    pub turn: Option<String>,
    /// Whether the outcome matters to the path, as opposed to passing something that could also stop the run.
    pub decides: bool,
    /// How many runbooks and loops deep it is nested.
    pub depth: u32,
    /// Its maximum duration in seconds, including the `finally` it adds.
    pub longest: Bound,
}

/// How a path ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndDescription {
    /// The outcome, if every page of the run itself is delivered and the clean-up succeeds.
    pub outcome: ExpectedOutcome,
    /// What ends it, in words.
    pub text: String,
    /// Where.
    pub file: SmolStr,
    /// The line, from 1.
    pub line: u32,
    /// Who is paged, in order. A team that may be paged by several passes of a loop is listed once.
    pub paged: Vec<String>,
    /// Whether the run itself pages somebody, for something the runbook does not handle.
    pub by_the_run: bool,
    /// Whether it does so at the end of the path; else in a runbook that is run, and the path continues.
    pub pages_here: bool,
}

impl Paths {
    /// Describes a path in words.
    pub fn describe(&self, path: &Path) -> Option<PathDescription> {
        let mut describer = PathDescriber {
            paths: self,
            steps: Vec::new(),
            paged: Vec::new(),
            by_the_run: false,
            at_the_end: false,
        };
        let leaf = self.graph.leaf_of(path)?;
        let weight = describer.walk(path, 0)?;
        let ending = describer.paths.graph.innermost(path)?;
        let (file, line) = self.line(ending.site.place);
        let last = ending.leaf?;
        let text = self.end(ending.site, last);
        let resolved = leaf.class.resolved();
        let outcome = match (resolved, leaf.class.paged || !describer.paged.is_empty()) {
            (true, _) => ExpectedOutcome::Resolved,
            (false, true) => ExpectedOutcome::Escalated,
            (false, false) => ExpectedOutcome::Failed,
        };
        let pages_here = last.owner.is_some() && describer.at_the_end;
        let (paged, by_the_run) = (describer.paged, describer.by_the_run);
        let end = EndDescription { outcome, text, file, line, paged, by_the_run, pages_here };
        let mut steps = describer.steps;
        // The statement that ends the path is shown as its end, not as a step too.
        if last.how != EndCause::Unhandled
            && steps.last().is_some_and(|step| step.kind == SiteKind::Plain && step.text == end.text)
        {
            steps.pop();
        }
        let weight = weight.closed(resolved);
        Some(PathDescription {
            steps,
            end,
            longest: weight.longest[0],
            shortest: weight.shortest,
            actions: weight.actions,
            pages: weight.pages,
        })
    }

    /// Returns the file and line of a place.
    pub(super) fn line(&self, place: Place) -> (SmolStr, u32) {
        self.sources.get(place.source).map_or((SmolStr::default(), 0), |source| {
            (SmolStr::new(source.name()), source.line_column(place.span.start).line)
        })
    }
}

impl Graph {
    /// Returns the node that ends a path: if a pass ends the run, the node inside it.
    fn innermost(&self, path: &Path) -> Option<&Node> {
        let node = self.get(path.end)?;
        let within = path.steps.last().and_then(|step| step.inner.as_ref());
        match (node.leaf?.how, within) {
            (EndCause::Pass, Some(inner)) => self.innermost(inner),
            _ => Some(node),
        }
    }
}

struct PathDescriber<'a> {
    paths: &'a Paths,
    steps: Vec<StepDescription>,
    paged: Vec<String>,
    by_the_run: bool,
    /// Whether the run pages somebody at the end that was described last.
    at_the_end: bool,
}

impl PathDescriber<'_> {
    /// Describes the nodes of a path, and returns their total weight.
    fn walk(&mut self, path: &Path, depth: u32) -> Option<Weight> {
        let graph = &self.paths.graph;
        let mut weight = Weight::NONE;
        for step in &path.steps {
            let node = graph.get(step.node)?;
            let way = node.ways.get(step.way)?;
            self.step(node, way, depth);
            weight = weight.then(node.weight).then(way.weight);
            self.passes(way);
            if let (Some(path), Some(inner)) = (&step.inner, way.inner) {
                let within = self.walk(path, depth + 1)?;
                let closed = if inner.closed { within.closed(inner.class.resolved()) } else { within };
                weight = weight.then(closed);
            }
        }
        let end = graph.get(path.end)?;
        let mut at_the_end = end.weight;
        if let Some(Leaf { owner: Some(owner), .. }) = end.leaf {
            // What nobody handles pages the owner, unless the owner's team was paged before.
            self.at_the_end = !self.paged.contains(&self.paths.team(owner));
            if self.at_the_end {
                self.page(owner);
                self.by_the_run = true;
            } else {
                at_the_end.pages = Bound::ZERO;
            }
        }
        Some(weight.then(at_the_end))
    }

    fn step(&mut self, node: &Node, way: &NodeEdge, depth: u32) {
        let site = node.site;
        let (file, line) = self.paths.line(site.shown);
        if way.turn == Some(Turn::Delivered)
            && let Some(team) = way.about
        {
            self.page(team);
        }
        self.steps.push(StepDescription {
            kind: site.kind,
            arm: way.turn.map(|turn| ArmId { place: site.place, turn }),
            shown: site.shown,
            file,
            line,
            known_by: match (site.kind, way.about) {
                (SiteKind::Wait, Some(condition)) => {
                    format!("wait until {}", self.paths.source_text(condition))
                }
                _ => self.paths.site(site),
            },
            text: self.paths.site(site),
            turn: self.paths.turn(site.kind, way),
            decides: way.turn.is_some_and(|turn| turn != Turn::Continues),
            depth,
            longest: node.weight.then(way.weight).longest[0],
        });
    }

    /// Adds the teams that may be paged in passes that are not listed one by one.
    fn passes(&mut self, way: &NodeEdge) {
        let Some([root, _]) = way.body.filter(|_| way.weight.pages != Bound::ZERO) else { return };
        for id in self.paths.graph.reach(root) {
            let node = self.paths.graph.get(id);
            let teams = node
                .into_iter()
                .flat_map(|node| &node.ways)
                .filter_map(|way| if way.turn == Some(Turn::Delivered) { way.about } else { None });
            for team in teams.collect::<Vec<_>>() {
                self.page(team);
            }
        }
    }

    fn page(&mut self, team: Place) {
        let team = self.paths.team(team);
        if !self.paged.contains(&team) {
            self.paged.push(team);
        }
    }
}
