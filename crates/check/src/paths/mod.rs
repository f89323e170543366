//! Every path through a runbook: its decisions, its end, its longest and its shortest time.
//!
//! *What a path is:* a sequence of outcomes of the world, of people and of the clock, as far as the runbook
//! distinguishes them: each arm of each decision, each failing action, each undelivered page, each end of a runbook
//! that is run. A person who aborts or parks a run creates no path, nor does an undelivered page of the run itself.

mod act;
mod arm;
mod bound;
mod budget;
mod build;
mod compare;
mod constant;
mod constant_condition;
mod continuation;
mod decide;
mod description;
mod element_fact;
mod ends;
mod expression_time;
mod follow;
mod graph;
mod longest;
mod looping;
mod path;
mod path_certainty;
mod path_cost;
mod run_statement;
mod scope;
mod step_counts;
mod untested_path;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub use crate::paths::description::{EndDescription, PathDescription, StepDescription};
pub use arm::ArmDescription;
pub use bound::Bound;
pub use budget::over_budget;
pub(super) use budget::window;
pub use compare::{ComparedPath, Decisions, PathDifference, PathsComparison, compare};
pub use continuation::{PathRange, UnfinishedRun};
pub use follow::{Followed, FollowedEvent};
pub use graph::{Class, NodeId, PathExit, SiteKind, Turn};
pub use path::{ArmId, Path};
pub use step_counts::Counted;
pub use untested_path::{Seriousness, Untaken};

use super::{Catalogue, Program};
use graph::Graph;
use path_cost::PathTally;
use rbl_syntax::source::Sources;
use rbl_syntax::value::Value;
use smol_str::SmolStr;

/// Totals of several paths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighed {
    /// The number of paths; [`u128::MAX`] means that many or more.
    pub paths: u128,
    /// The number of nodes of the path with the most nodes.
    pub nodes: u128,
    /// The maximum duration of the longest, in seconds.
    pub longest: Bound,
    /// The minimum duration of the shortest, in seconds.
    pub shortest: f64,
    /// The maximum number of actions on one.
    pub actions: Bound,
    /// The maximum number of pages on one.
    pub pages: Bound,
}

impl Weighed {
    fn of(all: PathTally) -> Self {
        let [longest, _] = all.weight.longest;
        Self {
            paths: all.count,
            nodes: all.nodes,
            longest,
            shortest: all.weight.shortest,
            actions: all.weight.actions,
            pages: all.weight.pages,
        }
    }
}

/// All paths of a program.
#[derive(Debug, Clone)]
pub struct Paths {
    sources: Arc<Sources>,
    graph: Graph,
    root: NodeId,
    /// The length of the maintenance window in seconds, if known.
    window: Option<f64>,
}

impl Paths {
    /// The maximum number of nodes of a path that is listed. Runbooks that each run the next twice have longer ones.
    pub const LONGEST: usize = 100_000;

    /// Builds the paths of a program's main runbook, with the time-outs of these providers and the defaults of its
    /// parameters. Time and memory are proportional to the length of the program, not to the number of its paths.
    pub fn of(program: &Program, catalogue: &Catalogue) -> Self {
        Self::build(program, catalogue, &BTreeMap::new(), false)
    }

    /// Builds the paths of a run that is given these parameters; what they rule out is not among them.
    pub fn given(program: &Program, catalogue: &Catalogue, params: &BTreeMap<SmolStr, Value>) -> Self {
        Self::build(program, catalogue, params, true)
    }

    fn build(
        program: &Program,
        catalogue: &Catalogue,
        params: &BTreeMap<SmolStr, Value>,
        one_run: bool,
    ) -> Self {
        let mut builder = build::GraphBuilder {
            program,
            catalogue,
            graph: Graph::default(),
            bindings: constant::Bindings::default(),
            built: HashMap::new(),
            window: None,
            one_run,
        };
        let root = builder.main(params).unwrap_or(NodeId(0));
        let window = builder.window;
        Self { sources: Arc::clone(program.sources()), graph: builder.graph, root, window }
    }

    /// Returns the totals of all paths.
    pub fn total(&self) -> Weighed {
        let none = Weighed {
            paths: 0,
            nodes: 0,
            longest: Bound::ZERO,
            shortest: 0.0,
            actions: Bound::ZERO,
            pages: Bound::ZERO,
        };
        self.graph.total(self.root).unwrap_or(none)
    }

    /// Returns the path with a number, from 1; `None` if there is none, or if it has more than [`Self::LONGEST`] nodes.
    pub fn path(&self, number: u128) -> Option<Path> {
        let mut left = Self::LONGEST;
        self.graph.path(self.root, None, number.checked_sub(1)?, &mut left)
    }

    /// Returns the number of a path, from 1; `None` beyond what can be counted.
    pub fn number(&self, path: &Path) -> Option<u128> {
        self.graph.number(path, None)?.checked_add(1)
    }

    /// Returns the title of the program's main runbook, as written.
    pub fn title(&self, program: &Program) -> String {
        let runbook = program.runbook(program.main());
        runbook.map_or_else(String::new, |runbook| self.team(runbook.title.span.in_source(runbook.source)))
    }

    /// Returns the node at which every path begins.
    pub fn root(&self) -> NodeId {
        self.root
    }
}
