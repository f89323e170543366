//! What the check of a generated runbook needs: the configured names, and a loader without files.

use std::path::Path;

use rbl_check::{Catalogue, LoadedFile, Loader};
use rbl_syntax::source::{Source, SourceId};
use rbl_world::Connections;

/// The names that `examples/rbl.toml` configures.
pub(crate) fn catalogue() -> Catalogue {
    let source = Source::new("rbl.toml", include_str!("../../examples/rbl.toml"));
    Connections::read(&source, SourceId(0), Path::new(".")).unwrap().catalogue()
}

/// A loader without files: the runbooks here use no other file.
#[derive(Debug)]
pub(crate) struct Alone;

impl Loader for Alone {
    fn load(&mut self, _: &str, named: &str) -> Result<LoadedFile, String> {
        Err(format!("{named} is not there"))
    }
}
