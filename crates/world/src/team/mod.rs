//! Teams: how they are paged, and who may answer for them.

mod exec;
mod terminal;
mod webhook;

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use rbl_check::{Key, KeyKind};
use rbl_runtime::{Delivery, Page};
use rbl_syntax::value::Reason;

use crate::delivery_context::Outlet;
use crate::registry::ConnectionKind;

/// Every kind of team.
pub(crate) const KINDS: &[ConnectionKind<dyn Pager>] = &[webhook::KIND, exec::KIND, terminal::KIND];

/// The keys that every kind of team takes.
pub(crate) const MEMBERS: Key =
    Key::optional("members", KeyKind::Words, "anybody", "who may answer what is `by` this team");

/// A way to page a team. It is called on a thread of its own, and may be abandoned there.
///
/// *Invariant:* nothing that comes back holds a secret.
pub trait Pager: Send + Sync {
    /// Pages it: who was reached, or why nobody was.
    fn page(&self, page: &Page, outlet: &Outlet) -> Result<Delivery, Reason>;

    /// Whether it can be reached, without paging anybody: what answers, or why nothing does.
    fn test(&self) -> Result<String, Reason>;
}

/// The team that is paged where nothing better is configured: the terminal.
pub(crate) fn terminal() -> Arc<dyn Pager> {
    Arc::new(terminal::TerminalTeam)
}

/// Who may answer for each team.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members(BTreeMap<SmolStr, Vec<String>>);

/// Whether a person may answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerPermission {
    /// Yes; `vouched`: a list contains the person.
    May {
        /// Whether a list of members contains the name.
        vouched: bool,
    },
    /// No: these may.
    MayNot(Vec<String>),
}

impl Members {
    /// The members of a team; an empty list restricts nobody.
    pub fn add(&mut self, team: &str, members: Vec<String>) {
        if !members.is_empty() {
            self.0.insert(team.into(), members);
        }
    }

    /// Whether this person may answer for a team.
    pub fn permission(&self, team: Option<&str>, name: &str) -> AnswerPermission {
        match team.and_then(|team| self.0.get(team)) {
            None => AnswerPermission::May { vouched: false },
            Some(members) if members.iter().any(|member| member == name) => {
                AnswerPermission::May { vouched: true }
            }
            Some(members) => AnswerPermission::MayNot(members.clone()),
        }
    }
}
