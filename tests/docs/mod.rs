//! The documentation is true: every fenced block of README.md and docs/ is run, every link has a target, and every
//! example ends as documented.
//!
//! [`block`] lists what a block's first line may say. The corpus tests the pages of diagnostics (`docs/errors/`).

mod block;
mod console;
mod examples;
mod gallery;
mod links;
mod reference;
mod ruby;
mod session;
mod terminal;

use std::path::{Path, PathBuf};

/// The folder of the project.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and everything in docs/ but the pages of diagnostics, relative to the folder of the project.
fn pages() -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("README.md")];
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if root().join(&path).is_dir() {
                if path != Path::new("docs/errors") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Runs every block of every page, in order; each page has a folder of its own, with a copy of the examples.
#[test]
fn every_block_is_run() {
    let mut wrong = String::new();
    for page in pages() {
        let path = root().join(&page);
        let text = std::fs::read_to_string(&path).unwrap();
        let mut place = console::Place::new();
        let mut preamble = String::new();
        let mut blessed = Vec::new();
        for part in block::parts(&text) {
            let found = match &part.kind {
                block::Kind::Preamble => {
                    preamble.clone_from(&part.text);
                    Ok(())
                }
                block::Kind::Ruby(ruby) => ruby::run(ruby, &part.text, &preamble, &mut place),
                block::Kind::Diff(file) => place.edit(file, &part.text),
                block::Kind::File(file) => {
                    place.write(file, &part.text);
                    Ok(())
                }
                block::Kind::Console => place.run(&part.text).map_err(|differs| {
                    blessed.push((part.range.clone(), differs.blessed));
                    differs.message
                }),
                block::Kind::Terminal => place.at_terminal(&part.text).map_err(|differs| {
                    blessed.push((part.range.clone(), differs.blessed));
                    differs.message
                }),
                block::Kind::Session => place.session(&part.text).map_err(|differs| {
                    blessed.push((part.range.clone(), differs.blessed));
                    differs.message
                }),
                block::Kind::Yaml => place.steps(&part.text),
                block::Kind::Toml => ruby::configuration(&part.text),
                block::Kind::Json => serde_json::from_str::<serde_json::Value>(&part.text)
                    .map(drop)
                    .map_err(|why| why.to_string()),
                // A drawing is read, not run; plug-ins are run, word by word, by `providers::exec`.
                block::Kind::Text | block::Kind::PlugIn | block::Kind::Tutorial => Ok(()),
                block::Kind::Strange(tag) => Err(format!("nothing runs a block of `{tag}`")),
            };
            if let Err(why) = found {
                wrong.push_str(&format!("== {}:{}\n{why}\n", page.display(), part.line));
            }
        }
        if std::env::var_os("RBL_BLESS").is_some() && !blessed.is_empty() {
            let mut text = text;
            for (range, with) in blessed.into_iter().rev() {
                text.replace_range(range, &with);
            }
            std::fs::write(&path, text).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
