//! Loads the records of a run to resume it, without those that a mark covers, and checks that they are whole.

use rusqlite::Connection;

use super::{Sqlite, row};
use rbl_runtime::journal::run_state::RunHead;
use rbl_runtime::journal::{Chain, JournalRecord, StoreError, covered};

impl Sqlite {
    /// The records of a run from a position on, without those that marks cover. Checks that they are dense and tied
    /// together up to the end of the run, and that what is left out is what the marks say.
    pub(super) fn uncovered(
        &self,
        connection: &Connection,
        id: i64,
        from: u64,
        standing: &RunHead,
    ) -> Result<Vec<JournalRecord>, StoreError> {
        let (mut loaded, mut at, mut chain) = (Vec::new(), from, Chain::new());
        if from >= standing.length {
            return Ok(loaded);
        }
        if let Some(before) = from.checked_sub(1) {
            chain = self.chain_behind(connection, id, before)?;
        }
        let covers = row::covers(connection, id).map_err(|error| self.trouble(&error))?;
        for (first, behind) in covers.into_iter().filter(|(first, _)| *first >= from) {
            if first < at || behind <= first {
                return Err(self.damaged("two marks of a run cover the same records"));
            }
            self.follow(connection, id, (at, first), &mut chain, &mut loaded)?;
            if chain.length() != first {
                return Err(self.damaged(&format!("record {} of a run is missing", chain.length())));
            }
            chain = self.chain_behind(connection, id, behind.saturating_sub(1))?;
            at = behind;
            let mark = self.between(connection, id, (at, at.saturating_add(1)))?;
            if mark.first().is_none_or(|mark| covered(&mark.data) != Some((first, behind))) {
                return Err(self.damaged(&format!("record {at} of a run is not the mark that it should be")));
            }
        }
        self.follow(connection, id, (at, u64::MAX), &mut chain, &mut loaded)?;
        if chain.length() == standing.length && chain.last_hash() == standing.last_hash {
            Ok(loaded)
        } else {
            Err(self.damaged(&format!("a run ends at record {}, and not where it should", chain.length())))
        }
    }

    /// Loads the records between two positions, which follow this chain.
    fn follow(
        &self,
        connection: &Connection,
        id: i64,
        positions: (u64, u64),
        chain: &mut Chain,
        loaded: &mut Vec<JournalRecord>,
    ) -> Result<(), StoreError> {
        let segment = self.between(connection, id, positions)?;
        chain.follow(&segment).map_err(|why| self.damaged(&why.to_string()))?;
        loaded.extend(segment);
        Ok(())
    }

    fn between(
        &self,
        connection: &Connection,
        id: i64,
        (from, to): (u64, u64),
    ) -> Result<Vec<JournalRecord>, StoreError> {
        row::between(connection, id, from, to).map_err(|error| self.trouble(&error))
    }

    /// The chain behind the record at this position.
    fn chain_behind(&self, connection: &Connection, id: i64, position: u64) -> Result<Chain, StoreError> {
        let record = self.between(connection, id, (position, position.saturating_add(1)))?;
        match record.first() {
            Some(record) => Ok(Chain::behind(record)),
            None => Err(self.damaged(&format!("record {position} of a run is missing"))),
        }
    }
}
