//! Teams: how they are paged. Who may answer for them is in [`rbl_runtime::teams`].

/// The keys of a kind of team: its own, and those that every team has.
macro_rules! team_keys {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            $crate::team::MEMBERS,
            $crate::team::QUORUM,
            $crate::team::SELF_APPROVAL,
            $crate::team::ASKS,
            $crate::team::THEN,
            $crate::team::FALLBACK,
            $crate::team::AT_MOST,
        ]
    };
}

mod alertmanager;
mod email;
mod exec;
mod msteams;
mod opsgenie;
mod pagerduty;
mod slack;
mod terminal;
mod webhook;

use std::sync::Arc;

use rbl_check::{Key, KeyKind};
use rbl_project::setting::Rate;
use rbl_runtime::teams::{PageLimit, TeamRule};
use rbl_runtime::{AnswerAuthor, Conclude, Delivery, Page};
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use smol_str::SmolStr;

use crate::delivery::Redelivery;
use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;

/// Every kind of team.
pub(crate) const KINDS: &[ConnectionKind<dyn Pager>] = &[
    webhook::KIND,
    exec::KIND,
    pagerduty::KIND,
    slack::KIND,
    email::KIND,
    alertmanager::KIND,
    msteams::KIND,
    opsgenie::JSM_KIND,
    opsgenie::KIND,
    terminal::KIND,
];

/// The keys that every kind of team takes.
pub(crate) const MEMBERS: Key =
    Key::optional("members", KeyKind::Words, "anybody", "who may answer what is `by` this team");
pub(crate) const QUORUM: Key = Key::optional(
    "quorum",
    KeyKind::Count,
    "1",
    "how many different members have to say yes to a question that is `by` this team",
);
pub(crate) const SELF_APPROVAL: Key = Key::optional(
    "self_approval",
    KeyKind::Flag,
    "false",
    "whether a member may say yes to such a question of a run that the member started",
);
pub(crate) const ASKS: Key = Key::optional(
    "asks",
    KeyKind::Plain,
    "none",
    "the channel through which this team gets the questions that wait for it",
);
pub(crate) const FALLBACK: Key = Key::optional(
    "fallback",
    KeyKind::Plain,
    "`fallback` of `[teams]`",
    "the team that is paged where this one cannot be reached",
);
pub(crate) const THEN: Key = Key::optional(
    "then",
    KeyKind::Words,
    "none",
    "the teams that are paged where this one cannot be, in this order until one is reached; `fallback` comes after them",
);
pub(crate) const AT_MOST: Key = Key::optional(
    "at_most",
    KeyKind::Rate,
    "no limit",
    "how many pages it gets; beyond that one page says that further ones are held",
);

/// The configuration that every kind of team has.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CommonTeamConfig {
    #[serde(default)]
    members: Vec<String>,
    #[serde(default = "one")]
    quorum: u32,
    #[serde(default)]
    self_approval: bool,
    asks: Option<SmolStr>,
    #[serde(default)]
    then: Vec<SmolStr>,
    fallback: Option<SmolStr>,
    at_most: Option<Rate>,
}

const fn one() -> u32 {
    1
}

impl CommonTeamConfig {
    /// The rules of a team of this kind.
    pub(crate) fn rule(self, kind: &str) -> TeamRule {
        let Self { members, quorum, self_approval, asks, then, fallback, at_most } = self;
        TeamRule {
            members,
            quorum,
            self_approval,
            asks,
            then,
            fallback,
            at_most: at_most.map(|rate| PageLimit { most: rate.most, window: rate.window }),
            reaches: kind != terminal::KIND.description.kind,
        }
    }
}

/// A way to page a team. It is called on a thread of its own, and may be abandoned there.
///
/// *Invariant:* nothing that comes back holds a secret.
pub trait Pager: Send + Sync {
    /// Pages it: who was reached, or why nobody was.
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason>;

    /// Whether somebody has acknowledged the page that left this id, for a kind whose tickets say that it knows; `None`: nobody
    /// yet.
    fn acknowledged(&self, _id: &str, _outlet: &Outlet) -> Result<Option<AnswerAuthor>, Reason> {
        Ok(None)
    }

    /// Reports to it how the run ended, for a kind whose tickets say that it hears of that.
    fn conclude(&self, _it: &Conclude, _outlet: &Outlet) -> Result<Delivery, Reason> {
        Err(nothing_to_conclude())
    }

    /// What becomes of a second try with the same key.
    fn redelivery(&self) -> Redelivery {
        Redelivery::Twice
    }

    /// Whether it can be reached, without paging anybody: what answers, or why nothing does.
    fn test(&self) -> Result<String, Reason>;
}

/// A kind of team or channel that left nothing has nothing to hear of the end: its configuration has another kind than it had.
pub(crate) fn nothing_to_conclude() -> Reason {
    Reason::new(ReasonKind::NotRun, "it is configured otherwise than when it was paged")
}

/// The team that is paged where nothing better is configured: the terminal.
pub(crate) fn terminal() -> Arc<dyn Pager> {
    Arc::new(terminal::TerminalTeam)
}
