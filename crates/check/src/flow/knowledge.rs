//! The facts known at one place of a runbook, and how they merge where two paths meet.
//!
//! A reading holds until readings are taken again. Each time that happens a new age begins, and a fact about a reading
//! counts only in its own age. So forgetting is free, however much was known.

use std::collections::HashMap;

use super::fact::{Fact, FactKey};

/// The age of facts that never change.
const FOR_EVER: u32 = 0;

/// The maximum number of facts carried from branch to branch.
const MOST: usize = 100;

#[derive(Debug, Clone)]
struct Aged {
    fact: Fact,
    age: u32,
}

/// The facts known at the current position of the walk.
#[derive(Debug)]
pub(super) struct Knowledge {
    /// The facts of the forks around this position, the outermost first. A fact of an inner fork shadows outer ones.
    forks: Vec<HashMap<FactKey, Aged>>,
    age: u32,
    last_age: u32,
}

/// The facts that one path adds to those at its fork.
#[derive(Debug, Clone)]
pub(super) struct PathFacts {
    facts: HashMap<FactKey, Aged>,
    age: u32,
}

/// The position at which a path forked off.
#[derive(Debug)]
pub(super) struct Fork(u32);

impl Knowledge {
    /// At the beginning nothing is known.
    pub(super) fn new() -> Self {
        Self { forks: vec![HashMap::new()], age: FOR_EVER + 1, last_age: FOR_EVER + 1 }
    }

    /// Returns the fact about a key.
    pub(super) fn get(&self, key: FactKey) -> Option<&Fact> {
        let aged = self.forks.iter().rev().find_map(|fork| fork.get(&key))?;
        (aged.age == FOR_EVER || aged.age == self.age).then_some(&aged.fact)
    }

    /// Adds a fact. Returns whether it is consistent with what is known.
    pub(super) fn learn(&mut self, key: FactKey, fact: Fact) -> bool {
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

    /// Starts a new age: readings are taken again from here on.
    pub(super) fn forget_readings(&mut self) {
        self.last_age += 1;
        self.age = self.last_age;
    }

    /// The same path, after which readings are taken again.
    pub(super) fn forgotten(&mut self, way: PathFacts) -> PathFacts {
        self.last_age += 1;
        PathFacts { age: self.last_age, ..way }
    }

    /// Begins a path.
    pub(super) fn fork(&mut self) -> Fork {
        self.forks.push(HashMap::new());
        Fork(self.age)
    }

    /// Returns to the fork; gives the facts of the path.
    pub(super) fn back(&mut self, fork: &Fork) -> PathFacts {
        let facts = self.forks.pop().unwrap_or_default();
        let way = PathFacts { facts, age: self.age };
        self.age = fork.0;
        way
    }

    /// The path that adds nothing to what is known here.
    pub(super) fn here(&self) -> PathFacts {
        PathFacts { facts: HashMap::new(), age: self.age }
    }

    /// Adds the facts of a path.
    pub(super) fn go(&mut self, way: PathFacts) {
        self.age = way.age;
        if let Some(fork) = self.forks.last_mut() {
            if fork.is_empty() {
                *fork = way.facts;
            } else {
                fork.extend(way.facts);
            }
        }
    }

    fn of<'a>(&'a self, way: &'a PathFacts, key: FactKey) -> Option<&'a Fact> {
        let aged = match way.facts.get(&key) {
            Some(aged) => aged,
            None => self.forks.iter().rev().find_map(|fork| fork.get(&key))?,
        };
        (aged.age == FOR_EVER || aged.age == way.age).then_some(&aged.fact)
    }

    /// Returns the facts common to both paths, which forked here.
    pub(super) fn join(&mut self, one: &PathFacts, other: &PathFacts) -> PathFacts {
        let age = if one.age == other.age {
            one.age
        } else {
            self.last_age += 1;
            self.last_age
        };
        let mut facts = HashMap::new();
        for key in one.facts.keys().chain(other.facts.keys().filter(|key| !one.facts.contains_key(*key))) {
            // A fact that one of them lacks also hides what was known here.
            let (ours, theirs) = (self.of(one, *key), self.of(other, *key));
            let fact = match (ours, theirs) {
                (Some(ours), Some(theirs)) => ours.join(theirs),
                _ => continue,
            };
            if !fact.is_empty() || self.forks.iter().any(|fork| fork.contains_key(key)) {
                facts.insert(*key, Aged { fact, age: if key.read { age } else { FOR_EVER } });
            }
        }
        PathFacts { facts, age }
    }

    /// Merges all paths that exist.
    pub(super) fn join_any(
        &mut self,
        ways: impl IntoIterator<Item = Option<PathFacts>>,
    ) -> Option<PathFacts> {
        ways.into_iter().flatten().reduce(|one, other| self.join(&one, &other))
    }
}

impl PathFacts {
    /// Returns the path, or an empty one if it has too many facts to be searched repeatedly: a chain
    /// of more than a hundred branches on as many values.
    pub(super) fn bounded(mut self) -> Self {
        if self.facts.len() > MOST {
            self.facts.clear();
        }
        self
    }

    /// Concatenates this path and one that continues from its end.
    pub(super) fn then(&self, later: Self) -> Self {
        let mut facts = self.facts.clone();
        facts.extend(later.facts);
        Self { facts, age: later.age }
    }

    /// Returns the facts if both hold; the second is the later one. `None` if they contradict each other.
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
