//! Diagnostics: the [`Diagnostic`] type, its codes, did-you-mean, and the printers. The only user of miette.
//!
//! *Not here:* wording. Each phase writes its own messages.

mod bug;
mod code;
#[allow(clippy::module_inception)]
mod diagnostic;
mod fixed;
mod order;
mod short;
mod suggestion;

pub use bug::bug;
pub use code::Code;
pub use diagnostic::{Diagnostic, Edit, Fix, Label, Safety, Severity};
pub use fixed::fixed;
pub use order::sort;
pub use short::short;
pub use suggestion::did_you_mean;
