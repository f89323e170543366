//! The files beside a runbook.

use std::path::Path;

use rbl_check::{LoadedFile, Loader};

/// Reads the files that a runbook names, from beside it.
pub struct Disk;

impl Loader for Disk {
    fn load(&mut self, from: &str, named: &str) -> Result<LoadedFile, String> {
        let path = Path::new(from).parent().unwrap_or(Path::new("")).join(named);
        let path = path.canonicalize().map_err(|error| error.to_string())?;
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        Ok(LoadedFile { identity: path.to_string_lossy().into_owned(), shown: named.into(), text })
    }
}
