//! What people are told: one [`Diagnostic`], its codes, did-you-mean, and the printers. The only user of miette.
//!
//! *Not here:* wording. A message is written in the phase that knows what is wrong.

mod bug;
mod code;
#[allow(clippy::module_inception)]
mod diagnostic;
mod mending;
mod printer;
mod suggestion;

pub use bug::bug;
pub use code::Code;
pub use diagnostic::{Diagnostic, Edit, Fix, Label, Safety, Severity};
pub use mending::mended;
pub use printer::{
    Github, Junit, Pretty, RulePage, Sarif, Style, Summary, harmless, harmless_json, json, json_schema,
    short, sort, xml_attribute, xml_text,
};
pub use suggestion::did_you_mean;
