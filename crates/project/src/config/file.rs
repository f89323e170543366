//! Finds and reads the configuration file: the nearest `rbl.toml` upwards from the runbook.

use std::path::{Path, PathBuf};

use rbl_syntax::io_error::reading;

use crate::files::read_regular;

/// The name of the file.
pub const NAME: &str = "rbl.toml";

/// The nearest `rbl.toml`, from this directory upwards.
pub fn find(start: &Path) -> Option<PathBuf> {
    // `ancestors` of a relative path ends at the empty one, not at the root.
    let start = std::path::absolute(start).ok()?;
    start.ancestors().map(|directory| directory.join(NAME)).find(|path| path.is_file())
}

/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 << 20;

/// Reads its text; an error names its path.
pub fn read(path: &Path) -> Result<String, String> {
    let bytes = read_regular(path, LARGEST, "configuration");
    let text =
        bytes.and_then(|bytes| std::io::read_to_string(bytes.as_slice()).map_err(|error| reading(&error)));
    text.map_err(|why| format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_one_upwards() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(root.path().join(NAME), "").unwrap();
        assert_eq!(find(&deep).unwrap(), std::path::absolute(root.path().join(NAME)).unwrap());
        std::fs::write(deep.join(NAME), "x").unwrap();
        assert_eq!(read(&find(&deep).unwrap()).unwrap(), "x");
    }
}
