//! The hash chain of a run: creates the record of the next entry, and finds where records do not follow each other.
//!
//! The hash of a record is the SHA-256, in hexadecimal, of five lines: the hash of the record before it (empty for the
//! first), its `seq`, its `epoch`, its `at` as it is written in JSON, and its `data`; a line feed between two of them. So it
//! can be checked with `sha256sum` alone. The chain cannot show that its end was cut off, or that everything from some
//! record on was rewritten: for that, the last hash has to be known from elsewhere.

use sha2::{Digest, Sha256};

use super::{Entry, Epoch, JournalRecord, Lease};
use rbl_syntax::harmless_json;
use rbl_syntax::value::Time;

/// The end of a run's records, which the next record is tied to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chain {
    length: u64,
    epoch: Epoch,
    last: String,
}

/// The first place where records do not follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Break {
    /// The content of a record does not match its hash.
    Altered {
        /// Its `seq`.
        seq: u64,
    },
    /// Records are missing.
    Missing {
        /// The first of them.
        from: u64,
        /// The last of them.
        to: u64,
    },
    /// Another record is in its place.
    Reordered {
        /// The expected `seq`.
        seq: u64,
        /// The `seq` found there.
        found: u64,
    },
    /// It was written under an epoch that had ended: another process held the run at that time.
    Epoch {
        /// Its `seq`.
        seq: u64,
    },
}

impl std::fmt::Display for Break {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Altered { seq } => {
                write!(f, "record {seq} was altered: what it says does not fit its hash")
            }
            Self::Missing { from, to } if from == to => write!(f, "record {from} is missing"),
            Self::Missing { from, to } => write!(f, "the records {from} to {to} are missing"),
            Self::Reordered { seq, found } => write!(f, "record {found} is where record {seq} belongs"),
            Self::Epoch { seq } => write!(f, "record {seq} was written by a process that had lost the run"),
        }
    }
}

impl std::error::Error for Break {}

impl Chain {
    /// A chain without records.
    pub fn new() -> Self {
        Self::default()
    }

    /// A chain at the end that a lease knows; the next record carries its epoch.
    pub fn at(lease: &Lease) -> Self {
        Self { length: lease.length, epoch: lease.epoch, last: lease.last_hash.clone() }
    }

    /// A chain that ends with this record.
    pub fn behind(record: &JournalRecord) -> Self {
        Self { length: record.seq.saturating_add(1), epoch: record.epoch, last: record.hash.clone() }
    }

    /// The number of records so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The hash of the last record; empty where there is none.
    pub fn last_hash(&self) -> &str {
        &self.last
    }

    /// Creates the record of an entry written at this time, and advances the chain.
    ///
    /// Errors: the entry cannot be serialised to JSON.
    pub fn next(&mut self, entry: &Entry, at: Time) -> serde_json::Result<JournalRecord> {
        // Made harmless here and not where it is shown: what is exported has to be what was hashed, byte for byte.
        let data = harmless_json(serde_json::to_string(entry)?);
        let hash = hash(&self.last, self.length, self.epoch, at, &data);
        let record = JournalRecord { seq: self.length, epoch: self.epoch, at, data, hash };
        *self = Self::behind(&record);
        Ok(record)
    }

    /// Checks that these records follow, and advances past them. On a break the chain stays at its old end.
    pub fn follow(&mut self, records: &[JournalRecord]) -> Result<(), Break> {
        let mut end = self.clone();
        for (index, record) in records.iter().enumerate() {
            end.follows(record, records.get(index..).unwrap_or_default())?;
            end = Self::behind(record);
        }
        *self = end;
        Ok(())
    }

    fn follows(&self, record: &JournalRecord, rest: &[JournalRecord]) -> Result<(), Break> {
        let seq = self.length;
        if record.seq != seq {
            let elsewhere = record.seq < seq || rest.iter().any(|it| it.seq == seq);
            return Err(if elsewhere {
                Break::Reordered { seq, found: record.seq }
            } else {
                Break::Missing { from: seq, to: record.seq.saturating_sub(1) }
            });
        }
        if record.hash != hash(&self.last, seq, record.epoch, record.at, &record.data) {
            return Err(Break::Altered { seq });
        }
        if record.epoch < self.epoch {
            return Err(Break::Epoch { seq });
        }
        Ok(())
    }
}

/// Checks that these are the records of a run from its first on, each tied to the one before; else returns the break.
pub fn verify(records: &[JournalRecord]) -> Result<(), Break> {
    Chain::new().follow(records)
}

/// SHA-256 of a text, in hexadecimal.
pub fn sha256(text: &str) -> String {
    hexadecimal(&Sha256::digest(text))
}

fn hash(before: &str, seq: u64, epoch: Epoch, at: Time, data: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("{before}\n{seq}\n{epoch}\n{}\n", at.0));
    digest.update(data);
    hexadecimal(&digest.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, EventKind};

    fn at(seconds: f64) -> Time {
        Time::from_unix(1.8e9 + seconds).unwrap()
    }

    fn noted(text: &str) -> Entry {
        Entry::Event(Event::of(EventKind::Noted { text: text.into() }))
    }

    fn records(count: u32) -> Vec<JournalRecord> {
        let mut chain = Chain::new();
        (0..count).map(|it| chain.next(&noted(&format!("entry {it}")), at(f64::from(it))).unwrap()).collect()
    }

    #[test]
    fn what_was_written_in_turn_is_whole_even_where_the_clock_went_back() {
        let mut all = records(5);
        verify(&all).unwrap();
        let lease = Lease {
            run: "r".into(),
            epoch: 3,
            length: 5,
            last_hash: all[4].hash.clone(),
            signals_seen: 0,
            progress: None,
        };
        all.push(Chain::at(&lease).next(&noted("an hour earlier"), at(-3600.0)).unwrap());
        assert_eq!((all[5].seq, all[5].epoch), (5, 3));
        verify(&all).unwrap();
        verify(&[]).unwrap();
    }

    #[test]
    fn the_first_break_is_named() {
        type Harm = fn(&mut Vec<JournalRecord>);
        let cases: [(Harm, &str); 9] = [
            (|it| it[2].data.push(' '), "record 2 was altered: what it says does not fit its hash"),
            (|it| it[3].at = at(0.5), "record 3 was altered: what it says does not fit its hash"),
            (|it| it[3].epoch = 7, "record 3 was altered: what it says does not fit its hash"),
            (|it| it[0].hash = sha256("x"), "record 0 was altered: what it says does not fit its hash"),
            (|it| drop(it.remove(1)), "record 1 is missing"),
            (|it| drop(it.drain(..2)), "the records 0 to 1 are missing"),
            (|it| it.swap(1, 3), "record 3 is where record 1 belongs"),
            (|it| it.insert(2, it[1].clone()), "record 1 is where record 2 belongs"),
            (
                |it| {
                    it.remove(1);
                    it[1].seq = 1;
                },
                "record 1 was altered: what it says does not fit its hash",
            ),
        ];
        for (harm, words) in cases {
            let mut all = records(5);
            harm(&mut all);
            assert_eq!(verify(&all).unwrap_err().to_string(), words);
        }
    }

    #[test]
    fn an_epoch_that_falls_is_a_break_though_the_hashes_fit() {
        let mut chain = Chain { epoch: 2, ..Chain::new() };
        let first = chain.next(&noted("a"), at(0.0)).unwrap();
        chain.epoch = 1;
        let second = chain.next(&noted("b"), at(0.0)).unwrap();
        assert_eq!(verify(&[first, second]), Err(Break::Epoch { seq: 1 }));
    }

    #[test]
    fn a_part_is_checked_from_where_it_begins() {
        let all = records(5);
        let mut chain = Chain::behind(&all[1]);
        chain.follow(&all[2..]).unwrap();
        assert_eq!((chain.length(), chain.last_hash()), (5, all[4].hash.as_str()));
        assert_eq!(Chain::behind(&all[1]).follow(&all[3..]), Err(Break::Missing { from: 2, to: 2 }));
    }

    #[test]
    fn the_hash_is_what_sha256sum_says_of_the_five_lines() {
        let record = Chain::new().next(&noted("x"), Time::parse("2026-11-22T03:12:07.5Z").unwrap()).unwrap();
        let lines = "\n0\n0\n2026-11-22T03:12:07.5Z\n{\"type\":\"noted\",\"text\":\"x\"}";
        assert_eq!(record.hash, sha256(lines));
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn what_would_act_on_a_terminal_is_escaped_before_it_is_hashed() {
        let record = Chain::new().next(&noted("a\u{202e}b\u{1b}[2J"), at(0.0)).unwrap();
        assert!(record.data.contains("a\\u202eb\\u001b[2J"), "{}", record.data);
        assert_eq!(serde_json::from_str::<Entry>(&record.data).unwrap(), noted("a\u{202e}b\u{1b}[2J"));
    }
}
