//! Which mutants the tests notice: for people, and as JSON.

mod json;
mod text;

pub use json::{print as json, schema};
pub use text::print as text;
