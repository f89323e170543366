//! How diagnostics are printed: for people (`pretty`), for editors and logs (`short`), for machines (`json`, `sarif`,
//! `junit`) and for a workflow of GitHub (`github`).
//! *Invariant:* nothing that is printed for people can move a cursor, change a colour or reverse the direction of
//! reading, whatever the source or a message contains. *Not here:* streams; a printer only returns text.

mod crop;
mod github;
mod json;
mod junit;
mod mask;
mod pretty;
pub mod print;
pub mod report;
mod sarif;
mod snippet;
mod summary;

pub use github::Github;
pub use json::{json, json_schema};
pub use junit::Junit;
pub use pretty::Pretty;
pub use sarif::{RulePage, Sarif};
pub use summary::FindingsSummary;
