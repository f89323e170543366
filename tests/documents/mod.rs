//! From documents and to documents.
//!
//! `markdown/`, `rules/` and `ssm/` are documents that nobody here wrote: `MANIFEST.md` says where they come from, `LICENSES/` holds
//! their licences. The
//! documents `own__…` were written here, in the manner of other houses. `reference/` are ten of them translated by hand before
//! an importer existed, `held_out/` 36 more, each translated before its import was looked at.

mod agreement;
mod exporting;
mod importing;
mod markdown;
mod rules;
mod rules_on_prometheus;
mod site;
mod ssm;

use std::path::{Path, PathBuf};

use rbl_check::{Catalogue, LoadedFile, Loader};
use rbl_syntax::source::Source;

/// The folder of these tests.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents")
}

/// The files of a folder with their texts, by name.
fn files(below: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder().join(below))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "nothing in {below}");
    found
}

/// Finds no other file.
struct NoFiles;

impl Loader for NoFiles {
    fn load(&mut self, _: &str, named: &str) -> Result<LoadedFile, String> {
        Err(format!("there is no {named}"))
    }
}

/// The errors in the text of a runbook.
fn errors(text: &str) -> Vec<String> {
    let checked = rbl_check::check(Source::new("it.rb", text), "it.rb", &mut NoFiles, &Catalogue::default());
    checked
        .diagnostics
        .iter()
        .filter(|it| it.is_error())
        .map(|it| format!("{}: {}", it.code.name(), it.message))
        .collect()
}
