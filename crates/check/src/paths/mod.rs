//! Every path through a runbook: its decisions, its end, its longest and its shortest time.
//!
//! *What a path is:* what the world, people and the clock can make of a run, as far as the runbook tells it apart: each
//! arm of each decision, each action that fails, each page that is not delivered, each end of a runbook that is run. A
//! person who breaks a run off or sets it aside makes no path, nor does a page of the run's own that reaches nobody.

mod act;
mod arm;
mod bound;
mod build;
mod compare;
mod constant;
mod cost;
mod counted;
mod decide;
mod description;
mod drawing;
mod ends;
mod follow;
mod found;
mod going_on;
mod graph;
mod include;
mod limits;
mod longest;
mod looping;
mod path;
mod scope;
mod serious;
mod weight;
mod words;

use std::collections::HashMap;
use std::sync::Arc;

pub use crate::paths::description::{Told, ToldEnd, ToldStep};
pub use arm::Arm;
pub use bound::Bound;
pub use compare::{Compared, Comparison, Decisions, Difference, compare};
pub use counted::Counted;
pub use drawing::Drawn;
pub use follow::{Followed, Seen};
pub use going_on::{GoingOn, Stretch};
pub use graph::{Class, Exit, NodeId, SiteKind, Turn};
pub use limits::over_budget;
pub(super) use limits::window;
pub use path::{ArmId, Path};
pub use serious::{Seriousness, Untaken};

use super::{Catalogue, Program};
use graph::Graph;
use rbl_syntax::source::Sources;
use weight::Tally;

/// What several paths come to together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighed {
    /// How many; [`u128::MAX`] stands for that many and more.
    pub paths: u128,
    /// How many nodes the one of most nodes has.
    pub nodes: u128,
    /// Seconds that the longest takes at most.
    pub longest: Bound,
    /// Seconds that the shortest takes at least.
    pub shortest: f64,
    /// The most actions on one.
    pub actions: Bound,
    /// The most pages on one.
    pub pages: Bound,
}

impl Weighed {
    fn of(all: Tally) -> Self {
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

/// Every path of a program.
#[derive(Debug, Clone)]
pub struct Paths {
    sources: Arc<Sources>,
    graph: Graph,
    root: NodeId,
    /// Seconds that the maintenance window is open, where that is known.
    window: Option<f64>,
}

impl Paths {
    /// So many nodes of a path are told. Runbooks that each run the next twice make longer ones.
    pub const LONGEST: usize = 100_000;

    /// The paths of a program's main runbook, with the time-outs of these providers and the defaults of its parameters.
    /// Takes time and memory by the length of the program, not by the number of its paths.
    pub fn of(program: &Program, catalogue: &Catalogue) -> Self {
        let mut builder = build::Builder {
            program,
            catalogue,
            graph: Graph::default(),
            bindings: constant::Bindings::default(),
            built: HashMap::new(),
            window: None,
        };
        let root = builder.main().unwrap_or(NodeId(0));
        let window = builder.window;
        Self { sources: Arc::clone(program.sources()), graph: builder.graph, root, window }
    }

    /// What they come to together.
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

    /// The path of a number, from 1; `None` where there is none, or where it has more than [`Self::LONGEST`] nodes.
    pub fn path(&self, number: u128) -> Option<Path> {
        let mut left = Self::LONGEST;
        self.graph.path(self.root, None, number.checked_sub(1)?, &mut left)
    }

    /// The number of a path, from 1; `None` beyond what can be counted.
    pub fn number(&self, path: &Path) -> Option<u128> {
        self.graph.number(path, None)?.checked_add(1)
    }

    /// The title of the program's main runbook, as written.
    pub fn title(&self, program: &Program) -> String {
        let runbook = program.runbook(program.main());
        runbook.map_or_else(String::new, |runbook| self.team(runbook.title.span.in_source(runbook.source)))
    }

    /// Where every path begins.
    pub fn root(&self) -> NodeId {
        self.root
    }
}
