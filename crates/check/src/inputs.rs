//! What the check of one file is given: the files that were read, the interfaces of those checked before it, and the
//! names that the configuration defines.

use std::rc::Rc;

use super::Catalogue;
use super::file_graph::{FileId, GatheredFile};
use super::symbol::Symbol;
use rbl_syntax::source::Sources;

/// The inputs of the check of one file.
#[derive(Clone)]
pub(super) struct CheckInputs<'t> {
    pub(super) sources: &'t Sources,
    pub(super) files: &'t [GatheredFile],
    /// The interfaces of the files that were checked before.
    pub(super) interfaces: Vec<Option<Rc<Interface<'t>>>>,
    pub(super) catalogue: &'t Catalogue,
}

impl<'t> CheckInputs<'t> {
    /// Returns the interface of a file that was checked before.
    pub(super) fn interface(&self, file: FileId) -> Option<Rc<Interface<'t>>> {
        self.interfaces.get(file).and_then(Clone::clone)
    }
}

/// The names that a checked file exports.
pub(super) struct Interface<'t> {
    /// Its own names, and those of its libraries.
    pub(super) symbols: Vec<Symbol<'t>>,
    /// Whether all names are known; `false` if something could not be read.
    pub(super) complete: bool,
}
