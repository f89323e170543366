//! Puts the pages of `docs/errors/GROUP/NAME.md` together, so that `rbl explain` needs no files.

#![allow(clippy::disallowed_methods)] // a build reads files and its environment

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../docs/errors");
    println!("cargo::rerun-if-changed=../../docs/errors");
    let mut pages = Vec::new();
    for group in folder(&root)? {
        if group.is_dir() {
            for page in folder(&group)? {
                if page.extension().is_some_and(|it| it == "md") {
                    pages.push((format!("{}/{}", stem(&group), stem(&page)), page));
                }
            }
        }
    }
    let mut rows = String::new();
    for (code, path) in pages {
        let path = path.to_string_lossy();
        writeln!(rows, "    ({code:?}, include_str!({path:?})),").map_err(io::Error::other)?;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("pages.rs");
    fs::write(out, format!("&[\n{rows}]\n"))
}

/// What lies in a folder, in the order of the names; nothing where there is no folder.
fn folder(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    found.sort();
    Ok(found)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
