//! Everything that is known at one place of a runbook, and how it comes together where two ways meet.
//!
//! What was read holds until readings are taken anew: each time begins an age of its own, and a fact about a reading counts
//! in its own age only. So forgetting costs nothing, however much was known.

use std::collections::HashMap;

use super::fact::{Fact, Key};

/// The age of what never changes.
const FOR_EVER: u32 = 0;

/// How many facts are carried from branch to branch.
const MOST: usize = 100;

#[derive(Debug, Clone)]
struct Aged {
    fact: Fact,
    age: u32,
}

/// What is known where the walk is.
#[derive(Debug)]
pub(super) struct Knowledge {
    /// Of the ways that fork around this place, the outermost first. What a fork adds hides what was known before.
    forks: Vec<HashMap<Key, Aged>>,
    age: u32,
    last_age: u32,
}

/// What one way knows besides what was known where it forked off.
#[derive(Debug, Clone)]
pub(super) struct Way {
    facts: HashMap<Key, Aged>,
    age: u32,
}

/// Where a way forked off.
#[derive(Debug)]
pub(super) struct Fork(u32);

impl Knowledge {
    /// At the beginning nothing is known.
    pub(super) fn new() -> Self {
        Self { forks: vec![HashMap::new()], age: FOR_EVER + 1, last_age: FOR_EVER + 1 }
    }

    /// What is known of a thing.
    pub(super) fn get(&self, key: Key) -> Option<&Fact> {
        let aged = self.forks.iter().rev().find_map(|fork| fork.get(&key))?;
        (aged.age == FOR_EVER || aged.age == self.age).then_some(&aged.fact)
    }

    /// Learns what holds besides what is known already. Whether it can be so.
    pub(super) fn learn(&mut self, key: Key, fact: Fact) -> bool {
        let fact = match self.get(key) {
            Some(known) => known.meet(&fact),
            None => fact,
        };
        let possible = !fact.is_contradiction();
        let age = if key.read { self.age } else { FOR_EVER };
        if let Some(fork) = self.forks.last_mut() {
            fork.insert(key, Aged { fact, age });
        }
        possible
    }

    /// Readings are taken anew from here on.
    pub(super) fn forget_readings(&mut self) {
        self.last_age += 1;
        self.age = self.last_age;
    }

    /// Begins a way.
    pub(super) fn fork(&mut self) -> Fork {
        self.forks.push(HashMap::new());
        Fork(self.age)
    }

    /// Goes back to where a way forked off.
    pub(super) fn back(&mut self, fork: &Fork) -> Way {
        let facts = self.forks.pop().unwrap_or_default();
        let way = Way { facts, age: self.age };
        self.age = fork.0;
        way
    }

    /// The way that knows no more than is known here.
    pub(super) fn here(&self) -> Way {
        Way { facts: HashMap::new(), age: self.age }
    }

    /// Goes a way from here.
    pub(super) fn go(&mut self, way: Way) {
        self.age = way.age;
        if let Some(fork) = self.forks.last_mut() {
            if fork.is_empty() {
                *fork = way.facts;
            } else {
                fork.extend(way.facts);
            }
        }
    }

    fn of<'a>(&'a self, way: &'a Way, key: Key) -> Option<&'a Fact> {
        let aged = match way.facts.get(&key) {
            Some(aged) => aged,
            None => self.forks.iter().rev().find_map(|fork| fork.get(&key))?,
        };
        (aged.age == FOR_EVER || aged.age == way.age).then_some(&aged.fact)
    }

    /// What both ways know, which forked off here.
    pub(super) fn join(&mut self, one: &Way, other: &Way) -> Way {
        let age = if one.age == other.age {
            one.age
        } else {
            self.last_age += 1;
            self.last_age
        };
        let mut facts = HashMap::new();
        for key in one.facts.keys().chain(other.facts.keys().filter(|key| !one.facts.contains_key(*key))) {
            // What one of them says nothing of hides what was known here, too.
            let (ours, theirs) = (self.of(one, *key), self.of(other, *key));
            let fact = match (ours, theirs) {
                (Some(ours), Some(theirs)) => ours.join(theirs),
                _ => continue,
            };
            if !fact.is_empty() || self.forks.iter().any(|fork| fork.contains_key(key)) {
                facts.insert(*key, Aged { fact, age: if key.read { age } else { FOR_EVER } });
            }
        }
        Way { facts, age }
    }

    /// The ways that there are, as one.
    pub(super) fn join_any(&mut self, ways: impl IntoIterator<Item = Option<Way>>) -> Option<Way> {
        ways.into_iter().flatten().reduce(|one, other| self.join(&one, &other))
    }
}

impl Way {
    /// The same, or less where it has become so much that looking through it again and again would take long: a chain of
    /// more than a hundred branches on as many things.
    pub(super) fn bounded(mut self) -> Self {
        if self.facts.len() > MOST {
            self.facts.clear();
        }
        self
    }

    /// This way and then another that was gone from its end.
    pub(super) fn then(&self, later: Self) -> Self {
        let mut facts = self.facts.clone();
        facts.extend(later.facts);
        Self { facts, age: later.age }
    }

    /// What is known where both are so; the second is the later one. `None` where they cannot both be.
    pub(super) fn and(self, later: Self) -> Option<Self> {
        let Self { mut facts, age } = later;
        for (key, aged) in self.facts {
            if aged.age != FOR_EVER && aged.age != age {
                continue;
            }
            let fact = match facts.get(&key) {
                Some(newer) => aged.fact.meet(&newer.fact),
                None => aged.fact,
            };
            if fact.is_contradiction() {
                return None;
            }
            facts.insert(key, Aged { fact, age: aged.age });
        }
        Some(Self { facts, age })
    }
}
