//! Runs that are recorded, cut off, resumed and replayed.

#[path = "../support/scripted_world.rs"]
#[allow(dead_code)] // each test module scripts what it needs
mod scripted_world;

mod bench;
mod clock;
mod deadlines;
mod due;
mod editions;
mod kills;
mod left;
mod lock_kills;
mod locks;
mod lost_journal;
mod parked;
mod polls;
mod processes;
mod random;
mod random_kills;
mod secrets;
mod signals;
mod walking;
mod wording;
