//! The runbooks of the server: found below its folders, checked, and read again when something changes.
//!
//! *Why they are looked at, and not watched by the system:* folders on a network, and those that are exchanged by a symbolic
//! link (as in Kubernetes), report no changes of their files.

mod find;
mod live;

pub use find::find_runbooks;
pub(crate) use live::LiveRunbooks;
