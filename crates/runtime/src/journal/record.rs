//! One record of a run as a store keeps it: opaque to the store, tied to the one before it.

use serde::{Deserialize, Serialize};

use super::entry::{OwnType, type_of};
use super::{EffectSite, Entry, Epoch, JournalEvent};
use crate::Reply;
use rbl_syntax::value::Time;

/// A record: the store writes and reads it, and never looks into it. A line of an exported run is one JSON object: the
/// fields of its [`super::Entry`] first (`type` before all), then `seq`, `epoch`, `at` and `hash`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRecord {
    /// Its position in the run, from 0, without a gap.
    pub seq: u64,
    /// The epoch of the lease under which it was written: never less than that of the record before it.
    pub epoch: Epoch,
    /// When it was written, by the clock of the machine that wrote it.
    pub at: Time,
    /// The entry as JSON.
    pub data: String,
    /// SHA-256, in hexadecimal, of the hash of the record before it (empty for the first) and of this record's `seq`,
    /// `epoch`, `at` and `data`.
    pub hash: String,
}

impl JournalRecord {
    /// Parses the entry.
    ///
    /// Errors: it was written by an rbl with another format.
    pub fn entry(&self) -> serde_json::Result<Entry> {
        // The type decides: the journal's own entries have types of their own.
        match type_of(&self.data).map(OwnType::of) {
            // Every effect has one. Read as what it is, without the detour over any JSON that an enum with a tag takes.
            Some(Some(OwnType::Reply)) => serde_json::from_str::<ReplyBody>(&self.data)
                .map(|ReplyBody { answer, to }| Entry::Own(JournalEvent::Reply { answer, to })),
            Some(Some(_)) => serde_json::from_str::<JournalEvent>(&self.data).map(Entry::Own),
            Some(None) => serde_json::from_str(&self.data).map(Entry::Event),
            None => serde_json::from_str(&self.data),
        }
    }

    /// The site of the effect that it records, without reading the effect.
    pub(super) fn site(&self) -> Option<EffectSite> {
        #[derive(Deserialize)]
        struct SiteOnly {
            #[serde(default)]
            site: EffectSite,
        }
        serde_json::from_str(&self.data).ok().map(|SiteOnly { site }| site)
    }

    /// The reply that a look got, without reading what was looked at.
    pub(super) fn answer_of_look(&self) -> serde_json::Result<Reply> {
        #[derive(Deserialize)]
        struct AnswerOnly {
            answer: Reply,
        }
        serde_json::from_str(&self.data).map(|AnswerOnly { answer }| answer)
    }
}

/// The fields of [`JournalEvent::Reply`].
#[derive(Deserialize)]
struct ReplyBody {
    answer: Reply,
    #[serde(default)]
    to: u64,
}
