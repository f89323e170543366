//! rbl: a small language for runbooks, and the tool that checks, rehearses and runs them.
//!
//! The rooms, in reading order; each may use those above it (a test keeps it so):
//! text becomes a tree, the tree becomes a checked program, a small interpreter walks the program and asks the
//! world through one door, [`run::World::perform`], and everything that goes through the door is told as events.

pub mod source;

pub mod diagnostic;

pub mod value;

pub mod syntax;

pub mod check;

pub mod run;

pub mod journal;

pub mod world;

pub mod config;

pub mod front;
