//! What the tests cover: for people, as JSON, and as lcov for other tools.

mod json;
mod lcov;
mod text;

pub use json::{print as json, schema};
pub use lcov::print as lcov;
pub use text::print as text;
