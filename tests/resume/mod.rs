//! Runs that are recorded, cut off, resumed and replayed.

#[path = "../support/scripted_world.rs"]
#[allow(dead_code)] // each test module scripts what it needs
mod scripted_world;

mod bench;
mod clock;
mod due;
mod kills;
mod processes;
mod random;
mod secrets;
mod walking;
