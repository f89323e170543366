//! What is written down of runs: the stores, what can happen to them, and what people see of it.

mod conformance;
mod processes;
mod runs;
