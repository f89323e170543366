//! The live world: commands, hosts, people, interrupts.

mod bench;
mod commands;
mod interrupts;
mod layers;
mod people;
pub mod ssh;
