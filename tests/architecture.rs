//! The rules of the architecture that a machine can check: dependencies point one way, every file states its purpose,
//! and pest and miette are each used by one module only.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules; each may use those before it.
const ROOMS: [&str; 10] =
    ["source", "diagnostic", "value", "syntax", "check", "run", "journal", "world", "config", "front"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn source_files() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    files(&root).into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

fn room_of(path: &Path) -> Option<&'static str> {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    ROOMS.into_iter().find(|room| *room == first)
}

#[test]
fn dependencies_point_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in source_files() {
        let Some(room) = room_of(&path) else { continue };
        let place = ROOMS.iter().position(|other| *other == room).unwrap();
        for (number, line) in text.lines().enumerate() {
            // Documentation may refer to any module.
            let code = line.split("//").next().unwrap_or_default();
            for used in code.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let Some(other) = ROOMS.iter().position(|room| *room == used) else { continue };
                let apart = (room, used.as_str()) == ("world", "journal");
                if other > place || apart {
                    wrong.push(format!("{}:{}: {room} uses {used}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "rooms that use what they may not:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_its_purpose() {
    let silent: Vec<String> = source_files()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "files without a first sentence:\n{}", silent.join("\n"));
}

#[test]
fn pest_and_miette_have_one_user_each() {
    for (crate_name, room) in [("pest", "syntax"), ("miette", "diagnostic")] {
        for (path, text) in source_files() {
            let uses = text.lines().any(|line| {
                let code = line.split("//").next().unwrap_or_default();
                code.contains(&format!("{crate_name}::"))
                    || code.contains(&format!("use {crate_name}_derive"))
            });
            assert!(!uses || room_of(&path) == Some(room), "{} uses {crate_name}", path.display());
        }
    }
}

/// Marks of unfinished work are not allowed in the sources.
#[test]
fn nothing_is_left_unfinished() {
    for (path, text) in source_files() {
        for word in ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!("] {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

/// Every test file is part of `tests/main.rs`, directly or through the modules of its folder: a file outside it would
/// be a test that nobody runs.
#[test]
fn every_test_file_is_part_of_the_one_binary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut left: Vec<PathBuf> = files(&folder);
    let mut next = vec![(folder.join("main.rs"), folder.clone())];
    while let Some((file, inside)) = next.pop() {
        let text = fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        left.retain(|other| *other != file);
        let mut path = None;
        for line in text.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("#[path = \"") {
                path = rest.strip_suffix("\"]");
                continue;
            }
            let line = line.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            let Some(name) = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) else {
                continue;
            };
            if let Some(path) = path.take() {
                let shared = fs::canonicalize(file.parent().unwrap().join(path)).unwrap();
                next.push((shared.clone(), shared.with_extension("")));
                continue;
            }
            let alone = inside.join(format!("{name}.rs"));
            let room = inside.join(name).join("mod.rs");
            next.push((if alone.exists() { alone } else { room }, inside.join(name)));
        }
    }
    assert!(left.is_empty(), "test files that nothing takes in: {left:#?}");
}
