//! Every integration test, in one binary: linking once is most of what a test run costs on two cores.
#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]
#![allow(clippy::format_push_string, clippy::format_collect)] // tests read better so
#![allow(clippy::float_cmp)] // exact numbers go in, and have to come out
#![allow(clippy::duplicate_mod)] // each module scripts the world it needs
#![allow(unreachable_pub)] // what several test modules share
#![allow(clippy::disallowed_methods)] // tests make files, start servers and look at the clock

mod architecture;
mod cli;
mod connections;
mod corpus;
mod docs;
mod documents;
mod end_to_end;
mod exhaustive;
mod journal;
mod providers;
mod recovery;
mod resume;
mod run;
#[cfg(feature = "server")]
mod server;
mod support;
mod syntax;
mod testing;
mod world;
