//! The text of a node, its outcome and the end of a path, in the author's own words.

use super::Paths;
use super::graph::{EndCause, Leaf, NodeEdge, NodeSite, SiteKind, Turn};
use rbl_syntax::source::Place;

/// The maximum length of an untitled statement that is shown.
const HEAD: usize = 60;

impl Paths {
    /// Returns the text at a place, on one line.
    pub(super) fn source_text(&self, place: Place) -> String {
        self.sources.slice(place).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Returns the text of a node.
    pub(super) fn site(&self, site: NodeSite) -> String {
        let written = self.source_text(site.shown);
        match site.kind {
            SiteKind::Match => format!("match {written}"),
            SiteKind::Action => format!("action {written}"),
            SiteKind::Lock => format!("lock {written}"),
            SiteKind::Finally => format!("finally {written}"),
            SiteKind::Acknowledgement => format!("acknowledged within {written}"),
            SiteKind::Escalate => format!("escalate to {written}"),
            SiteKind::Step if written.starts_with('"') => format!("step {written}"),
            SiteKind::Secrets => "the declared secrets".into(),
            SiteKind::Step => head(&written),
            SiteKind::Condition
            | SiteKind::Wait
            | SiteKind::Loop
            | SiteKind::Run
            | SiteKind::Plain
            | SiteKind::Guard
            | SiteKind::End => written,
        }
    }

    /// Returns the text of an edge.
    pub(super) fn turn(&self, kind: SiteKind, way: &NodeEdge) -> Option<String> {
        let pattern = || way.about.map(|about| self.source_text(about));
        Some(match way.turn? {
            Turn::Yes => "yes".into(),
            Turn::No => "no".into(),
            Turn::Unknown => "unknown".into(),
            Turn::Case(_) => pattern()?,
            Turn::Nothing => "nothing fits".into(),
            Turn::Done if kind == SiteKind::Lock => "obtained".into(),
            Turn::Fails if kind == SiteKind::Lock => "not obtained".into(),
            Turn::Done => "done".into(),
            Turn::Fails => "fails".into(),
            Turn::Delivered => "delivered".into(),
            Turn::Undelivered => "not delivered".into(),
            Turn::Acknowledged => "acknowledged".into(),
            Turn::Unacknowledged => "not acknowledged".into(),
            Turn::Resolved => "resolved".into(),
            Turn::NotResolved => "not resolved".into(),
            Turn::Limited => "not started: its limit is reached".into(),
            Turn::CleanUpFails => "resolved, but its clean-up fails".into(),
            Turn::Continues => "continues".into(),
            Turn::Stops => match kind {
                SiteKind::Step => "the maintenance window has closed",
                SiteKind::Secrets => "cannot be read",
                _ => "not known",
            }
            .into(),
            Turn::TooMany => "more than that".into(),
            Turn::NoPass => "no pass".into(),
            Turn::Passes => "its passes continue".into(),
            Turn::PassesPaging => "its passes continue, one pages".into(),
            Turn::EndsIn => "a pass ends the run".into(),
            Turn::EndsInLater => "a pass ends the run, one before it pages".into(),
        })
    }

    /// Returns who is paged: the team's name, or the expression that gives it.
    pub(super) fn team(&self, place: Place) -> String {
        let written = self.source_text(place);
        match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(name) => name.to_owned(),
            None => written,
        }
    }

    /// Returns how a path ends.
    pub(super) fn end(&self, site: NodeSite, leaf: Leaf) -> String {
        match leaf.how {
            EndCause::Body => "every step is done".into(),
            EndCause::Resolve | EndCause::Stop => self.source_text(site.shown),
            EndCause::Unhandled => "nothing handles it".into(),
            EndCause::Pass => "in that pass".into(),
        }
    }
}

/// Returns a statement without its blocks: `match errors`; a long one is cut at a word boundary.
fn head(statement: &str) -> String {
    let ends = [" {", " else ", " unknown "].iter().filter_map(|word| statement.find(word)).min();
    let head = ends.and_then(|end| statement.get(..end)).unwrap_or(statement);
    let mut short = String::new();
    for word in head.split(' ') {
        if !short.is_empty() && short.chars().count() + 1 + word.chars().count() > HEAD {
            return format!("{short} …");
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
}
