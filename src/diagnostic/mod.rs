//! Diagnostics: the [`Diagnostic`] type, its codes, did-you-mean, and the printers. The only user of miette.
//!
//! *Not here:* wording. Each phase writes its own messages.

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
