//! Determines which path a run took, by matching its events against the graph.

use std::rc::Rc;

use super::Paths;
use super::continuation::{OpenEdge, PathPrefix};
use super::graph::{EndCause, Node, NodeEdge, NodeId, PathExit, SiteKind, Turn};
use super::path::{ArmId, Path, PathStep};
use rbl_syntax::source::Place;

/// One event of a run, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowedEvent {
    /// A decision was made.
    Turned(ArmId),
    /// An arm of a `match` was taken: its pattern as written, and its line.
    Matched {
        /// The subject.
        place: Place,
        /// The pattern, in one line.
        pattern: String,
        /// Its line, from 1.
        line: u32,
    },
    /// A loop began.
    LoopStarted(Place),
    /// A pass of the loop begins.
    Pass {
        /// The loop.
        place: Place,
        /// Whether it is certainly the last.
        last: bool,
    },
    /// The loop ended.
    LoopEnded(Place),
    /// A runbook run by this one ended; whether it ended resolved.
    RunEnded(Place, bool),
    /// Something happened that no arm handles.
    Unhandled(Place),
    /// The `finally` of a block was done; whether it succeeded.
    PutBack(Place, bool),
    /// The last event of an unfinished run: it is at this place, inside something that has begun.
    Reached(Place),
}

/// The arms and the path of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Every arm taken, in order; repeated for each pass of a loop.
    pub arms: Vec<ArmId>,
    /// The path; `None` for a run that did not end by itself because somebody aborted it.
    pub path: Option<Path>,
}

impl Paths {
    /// Finds the path of a run from its events, in order.
    pub fn follow(&self, seen: Vec<FollowedEvent>) -> Followed {
        let mut follower = PathFollower::until_now(self, seen);
        follower.over = true;
        let path = follower.follow(self.root);
        let over = follower.seen.len() <= follower.next;
        Followed { arms: follower.arms, path: path.filter(|_| over) }
    }
}

/// Matches events against the graph.
pub(super) struct PathFollower<'a> {
    paths: &'a Paths,
    seen: Vec<FollowedEvent>,
    next: usize,
    arms: Vec<ArmId>,
    /// Whether the run is complete: a site without events then went its usual way.
    over: bool,
    /// The edges still possible at the current node, if not all of them are.
    open: Option<Vec<OpenEdge>>,
    /// The position of the run, once it cannot be followed further.
    pub(super) stands: Option<PathPrefix>,
}

impl<'a> PathFollower<'a> {
    /// Follows a run that may not be complete.
    pub(super) fn until_now(paths: &'a Paths, seen: Vec<FollowedEvent>) -> Self {
        Self { paths, seen, next: 0, arms: Vec::new(), over: false, open: None, stands: None }
    }

    fn peek(&self) -> Option<&FollowedEvent> {
        self.seen.get(self.next)
    }

    fn take(&mut self, wanted: &FollowedEvent) -> bool {
        let is = self.peek() == Some(wanted);
        self.next += usize::from(is);
        is
    }

    /// Returns the path from a node; `None` if the run is still somewhere on it.
    pub(super) fn follow(&mut self, root: NodeId) -> Option<Path> {
        let paths: &'a Paths = self.paths;
        let mut steps = Vec::new();
        let mut at = root;
        loop {
            let node = paths.graph.get(at)?;
            if let Some(leaf) = node.leaf {
                // Blocks that are left early are put back behind their end.
                let mut unhandled = leaf.how == EndCause::Unhandled;
                while let Some(event) = self.peek() {
                    match event {
                        FollowedEvent::PutBack(_, done) => unhandled |= !done,
                        FollowedEvent::Unhandled(_) if unhandled => unhandled = false,
                        _ => break,
                    }
                    self.next += 1;
                }
                return Some(Path { steps, end: at });
            }
            self.reach(node);
            let Some((way, inner)) = self.way(node) else {
                let open = self.open.take().unwrap_or_else(|| OpenEdge::each(node, |_| true));
                self.stands = Some(PathPrefix { steps, at, open });
                return None;
            };
            let taken = node.ways.get(way)?;
            if let Some(turn) = taken.turn {
                self.arms.push(ArmId { place: node.site.place, turn });
            }
            steps.push(PathStep { node: at, way, inner });
            at = taken.to;
        }
    }

    /// Consumes the final event if the run is at this node.
    fn reach(&mut self, node: &Node) {
        let Some(FollowedEvent::Reached(place)) = self.peek() else { return };
        let site = node.site;
        let here = match site.kind {
            // It has already begun.
            SiteKind::Step | SiteKind::Secrets => false,
            SiteKind::Loop | SiteKind::Run => within(site.shown, *place),
            _ => within(site.place, *place) || within(site.shown, *place),
        };
        self.next += usize::from(here);
    }

    /// Returns the edge taken at a node, and the path inside it.
    fn way(&mut self, node: &'a Node) -> Option<(usize, Option<Path>)> {
        let place = node.site.place;
        let mut description = true;
        let turn = match node.site.kind {
            SiteKind::Loop => return self.passes(node),
            SiteKind::Run => return self.run(node),
            _ if matches!(node.ways.as_slice(), [NodeEdge { turn: None, .. }]) => return Some((0, None)),
            SiteKind::Step | SiteKind::Guard | SiteKind::Secrets => match self.peek() {
                Some(FollowedEvent::Unhandled(at)) if *at == place || *at == node.site.shown => Turn::Stops,
                None if !self.over => return None,
                Some(FollowedEvent::Reached(at)) if *at == place => {
                    self.next += 1;
                    Turn::Continues
                }
                // A bare statement is a step of its own at the same place: the event belongs to the statement.
                _ => {
                    description = false;
                    Turn::Continues
                }
            },
            SiteKind::Match => match self.peek()? {
                FollowedEvent::Matched { place: at, pattern, line } if *at == place => {
                    let index = node.ways.iter().position(|way| {
                        way.about.is_some_and(|about| {
                            self.paths.line(about).1 == *line && self.paths.source_text(about) == *pattern
                        })
                    })?;
                    self.next += 1;
                    return Some((index, None));
                }
                FollowedEvent::Turned(arm) if arm.place == place => match arm.turn {
                    Turn::No => Turn::Nothing,
                    turn => turn,
                },
                _ => return None,
            },
            SiteKind::Finally => match self.peek() {
                Some(FollowedEvent::PutBack(at, done)) if *at == place => {
                    let turn = if *done { Turn::Done } else { Turn::Fails };
                    self.next += 1;
                    turn
                }
                None if !self.over => return None,
                Some(FollowedEvent::Reached(_)) => return None,
                // The action was never started, so there is nothing to put back.
                _ => Turn::Done,
            },
            _ => match self.peek()? {
                FollowedEvent::Turned(arm) if arm.place == place => arm.turn,
                _ => return None,
            },
        };
        if let Some(FollowedEvent::Turned(arm)) = self.peek()
            && arm.place == place
            && description
        {
            self.next += 1;
        }
        Some((node.ways.iter().position(|way| way.turn == Some(turn))?, None))
    }

    /// Follows another runbook: its own path, then how it ended.
    fn run(&mut self, node: &'a Node) -> Option<(usize, Option<Path>)> {
        if let Some(FollowedEvent::Turned(ArmId { place, turn: Turn::Limited })) = self.peek()
            && *place == node.site.place
        {
            self.next += 1;
            return Some((node.ways.iter().position(|way| way.turn == Some(Turn::Limited))?, None));
        }
        let root = node.ways.iter().find_map(|way| way.inner)?.root;
        let Some(path) = self.follow(root) else {
            let within = self.stands.take().map(Rc::new);
            self.open = Some((0..node.ways.len()).map(|index| OpenEdge(index, within.clone())).collect());
            return None;
        };
        let class = self.paths.graph.leaf_of(&path)?.class;
        let Some(FollowedEvent::RunEnded(place, resolved)) = self.peek().cloned() else {
            // The result of its clean-up is still unknown.
            let within = Rc::new(PathPrefix { steps: path.steps, at: path.end, open: Vec::new() });
            let ways = 0..node.ways.len();
            self.open = Some(ways.map(|index| OpenEdge(index, Some(Rc::clone(&within)))).collect());
            return None;
        };
        if place != node.site.place {
            return None;
        }
        self.next += 1;
        let turn = match (class.resolved(), resolved) {
            (true, true) => Turn::Resolved,
            (true, false) => Turn::CleanUpFails,
            (false, _) => Turn::NotResolved,
        };
        let fits = |way: &NodeEdge| way.turn == Some(turn) && way.inner.is_some_and(|it| it.class == class);
        Some((node.ways.iter().position(fits)?, Some(path)))
    }

    fn passes(&mut self, node: &'a Node) -> Option<(usize, Option<Path>)> {
        let site = node.site;
        // Skips the events of a `where`, one per element.
        let mut unknown = false;
        while let Some(FollowedEvent::Turned(arm)) = self.peek()
            && within(site.shown, arm.place)
        {
            unknown = arm.turn == Turn::Unknown;
            self.next += 1;
        }
        let way = |turn: Turn| node.ways.iter().position(|way| way.turn == Some(turn));
        // What to go through, or whether an element belongs to it, is unknown: the `unknown` arm, where there is one.
        if let (true, Some(index)) = (unknown, way(Turn::Unknown)) {
            return Some((index, None));
        }
        if let Some(FollowedEvent::Unhandled(at)) = self.peek() {
            let at = *at;
            return if at == site.place { way(Turn::TooMany) } else { way(Turn::Stops) }
                .map(|way| (way, None));
        }
        if !self.take(&FollowedEvent::LoopStarted(site.place)) {
            return None;
        }
        let [first, later] = node.ways.iter().find_map(|way| way.body).unwrap_or([NodeId(0); 2]);
        let (mut passed, mut paged) = (false, false);
        while let Some(FollowedEvent::Pass { place, last }) = self.peek().cloned()
            && place == site.place
        {
            self.next += 1;
            let Some(path) = self.follow(if paged { later } else { first }) else {
                let within = self.stands.take().filter(|_| last).map(Rc::new);
                self.open = Some(still(node, true, paged, within.as_ref()));
                return None;
            };
            let class = self.paths.graph.leaf_of(&path)?.class;
            if class.exit != PathExit::Continues {
                let turn =
                    if paged && way(Turn::EndsInLater).is_some() { Turn::EndsInLater } else { Turn::EndsIn };
                let fits =
                    |way: &NodeEdge| way.turn == Some(turn) && way.inner.is_some_and(|it| it.class == class);
                return Some((node.ways.iter().position(fits)?, Some(path)));
            }
            passed = true;
            paged |= class.paged;
            self.judged(site.place);
        }
        if !self.take(&FollowedEvent::LoopEnded(site.place)) {
            self.open = Some(still(node, passed, paged, None));
            return None;
        }
        let turn = match (passed, paged && way(Turn::PassesPaging).is_some()) {
            (false, _) => Turn::NoPass,
            (true, true) => Turn::PassesPaging,
            (true, false) => Turn::Passes,
        };
        way(turn).map(|way| (way, None))
    }

    /// Consumes the condition of a `repeat` between two passes. A condition that ends the loop is reported before the
    /// end of the loop, but comes after the loop in the graph.
    fn judged(&mut self, place: Place) {
        let Some(FollowedEvent::Turned(arm)) = self.peek() else { return };
        if !within(place, arm.place) {
            return;
        }
        let ends = self.seen.get(self.next + 1) == Some(&FollowedEvent::LoopEnded(place));
        if ends && arm.turn == Turn::Yes {
            self.seen.swap(self.next, self.next + 1);
        } else {
            self.next += 1;
        }
    }
}

/// Returns the edges still possible in a loop that has begun, given whether it had a pass, whether somebody was paged
/// in an earlier pass, and the position in the last pass.
fn still(node: &Node, passes: bool, paged: bool, last: Option<&Rc<PathPrefix>>) -> Vec<OpenEdge> {
    let has = |turn: Turn| node.ways.iter().any(|way| way.turn == Some(turn));
    let mut open = OpenEdge::each(node, |way| match way.turn {
        Some(Turn::NoPass) => !passes,
        Some(Turn::Passes) => !paged || !has(Turn::PassesPaging),
        Some(Turn::EndsIn) => !paged || !has(Turn::EndsInLater),
        Some(Turn::PassesPaging) => true,
        Some(Turn::EndsInLater) => paged || last.is_none(),
        _ => false,
    });
    for OpenEdge(index, within) in &mut open {
        if node.ways.get(*index).is_some_and(|way| way.inner.is_some()) {
            *within = last.cloned();
        }
    }
    open
}

fn within(outer: Place, inner: Place) -> bool {
    outer.source == inner.source && outer.span.contains(inner.span)
}
