//! The record of runs: the stores, what can happen to them, and what people see of it.

mod conformance;
mod damage;
pub mod disk;
mod faults;
mod full_disk;
mod processes;
mod replayed;
mod runs;

#[path = "../support/scripted_world.rs"]
#[allow(clippy::duplicate_mod)] // each test module has its own
#[allow(dead_code)] // of its many words only a few are needed here
mod scripted_world;
