//! Starts, claims, resumes and answers runs over a store and a world.
#![allow(clippy::disallowed_methods)] // the environment and the clock may be used here

pub mod run_id;
