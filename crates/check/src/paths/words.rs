//! What stands at a node, which way is taken and how it ends, in the author's own words.

use super::Paths;
use super::graph::{How, Leaf, Site, SiteKind, Turn, Way};
use rbl_syntax::source::Place;

/// More of a statement without a title nobody reads as one.
const HEAD: usize = 60;

impl Paths {
    /// What is written there, in one line.
    pub(super) fn written(&self, place: Place) -> String {
        self.sources.slice(place).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What stands at a node.
    pub(super) fn site(&self, site: Site) -> String {
        let written = self.written(site.shown);
        match site.kind {
            SiteKind::Match => format!("match {written}"),
            SiteKind::Action => format!("action {written}"),
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

    /// The way that is taken.
    pub(super) fn turn(&self, kind: SiteKind, way: &Way) -> Option<String> {
        let pattern = || way.about.map(|about| self.written(about));
        Some(match way.turn? {
            Turn::Yes => "yes".into(),
            Turn::No => "no".into(),
            Turn::Unknown => "unknown".into(),
            Turn::Case(_) => pattern()?,
            Turn::Nothing => "nothing fits".into(),
            Turn::Done => "done".into(),
            Turn::Fails => "fails".into(),
            Turn::Delivered => "delivered".into(),
            Turn::Undelivered => "not delivered".into(),
            Turn::Resolved => "resolved".into(),
            Turn::NotResolved => "not resolved".into(),
            Turn::CleanUpFails => "resolved, but its clean-up fails".into(),
            Turn::GoesOn => "goes on".into(),
            Turn::Stops => match kind {
                SiteKind::Step => "the maintenance window has closed",
                SiteKind::Secrets => "cannot be read",
                _ => "not known",
            }
            .into(),
            Turn::TooMany => "more than that".into(),
            Turn::NoPass => "no pass".into(),
            Turn::Passes => "its passes go on".into(),
            Turn::PassesPaging => "its passes go on, one pages".into(),
            Turn::EndsIn => "a pass ends the run".into(),
            Turn::EndsInLater => "a pass ends the run, one before it pages".into(),
        })
    }

    /// Who is paged: the team's name, or the expression that gives it.
    pub(super) fn team(&self, place: Place) -> String {
        let written = self.written(place);
        match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(name) => name.to_owned(),
            None => written,
        }
    }

    /// How a path ends.
    pub(super) fn end(&self, site: Site, leaf: Leaf) -> String {
        match leaf.how {
            How::Body => "every step is done".into(),
            How::Resolve | How::Stop => self.written(site.shown),
            How::Unhandled => "nothing handles it".into(),
            How::Pass => "in that pass".into(),
        }
    }
}

/// A statement without its blocks: `match errors`; a long one up to the end of a word.
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
