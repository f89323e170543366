//! The live world: commands, hosts, people, interrupts.

#[path = "../support/scripted_world.rs"]
#[allow(dead_code)] // each test module scripts what it needs
mod scripted_world;

mod bench;
mod commands;
mod descendants;
mod given;
mod interrupts;
mod layers;
mod masked_forms;
mod people;
pub mod ssh;
