//! Teams: how they are paged, and who may answer for them.

pub mod config;
mod terminal;

use std::collections::BTreeMap;

use smol_str::SmolStr;

pub use terminal::TerminalTeam;

use crate::run::{Delivery, Page};
use crate::value::Reason;

/// Pages a team. It is called on a thread of its own.
pub trait Team: Send + Sync {
    /// Pages the team; returns how the page was delivered, or why it was not.
    fn page(&self, page: &Page) -> Result<Delivery, Reason>;
}

/// Who may answer for each team.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members(BTreeMap<SmolStr, Vec<String>>);

/// Whether a person may answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
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
    pub fn standing(&self, team: Option<&str>, name: &str) -> Standing {
        match team.and_then(|team| self.0.get(team)) {
            None => Standing::May { vouched: false },
            Some(members) if members.iter().any(|member| member == name) => Standing::May { vouched: true },
            Some(members) => Standing::MayNot(members.clone()),
        }
    }
}
