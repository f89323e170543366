//! How results are shown: findings, the page and story of a run, paths, plans and the reports of tests, each for people and
//! for programs. Everything here turns data of another crate into text; nothing is computed.

pub mod coverage;
pub mod diagnostic_docs;
pub mod evidence;
pub mod findings;
pub mod fuzz;
pub mod json;
mod junit;
pub mod mutants;
pub mod paths;
pub mod plan;
pub mod story;
pub mod tests;
