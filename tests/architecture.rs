//! The rules of the workspace that a machine can keep: which crate may use which, which crates may do input and output,
//! which crates use pest and miette, and that every file says its purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each crate with the crates it may name in its manifest: the table of `ARCHITECTURE.md`.
const MAY_USE: [(&str, &[&str]); 13] = [
    ("syntax", &[]),
    ("check", &["syntax"]),
    ("runtime", &["check", "syntax"]),
    ("terminal", &["syntax"]),
    ("project", &["check", "syntax"]),
    ("testing", &["runtime", "project", "check", "syntax"]),
    ("report", &["testing", "terminal", "runtime", "project", "check", "syntax"]),
    ("store", &["runtime", "check", "syntax"]),
    ("world", &["runtime", "project", "check", "syntax"]),
    ("engine", &["store", "world", "runtime", "project", "check", "syntax"]),
    ("documents", &["report", "testing", "terminal", "runtime", "project", "check", "syntax"]),
    ("server", &["engine", "store", "world", "runtime", "project", "check", "syntax"]),
    (
        "rbl",
        &[
            "syntax",
            "check",
            "runtime",
            "terminal",
            "project",
            "testing",
            "report",
            "store",
            "world",
            "engine",
            "documents",
            "server",
        ],
    ),
];

/// The crates that may use files, network, processes, the environment and the clock.
const MAY_DO_IO: [&str; 7] = ["terminal", "project", "store", "world", "engine", "server", "rbl"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The source folder of a crate.
fn source_of(name: &str) -> PathBuf {
    if name == "rbl" { root().join("src") } else { root().join("crates").join(name).join("src") }
}

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

/// Every source file of the workspace with its crate and its text.
fn source_files() -> Vec<(&'static str, PathBuf, String)> {
    let of = |name| files(&source_of(name)).into_iter().map(move |path| (name, path));
    MAY_USE
        .into_iter()
        .flat_map(|(name, _)| of(name))
        .map(|(name, path)| (name, path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// The packages of the workspace and which of each other they depend on, as cargo reads the manifests.
fn packages() -> Vec<(String, BTreeSet<String>)> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let short = |name: &serde_json::Value| {
        let name = name.as_str().unwrap();
        name.strip_prefix("rbl-").unwrap_or(name).to_owned()
    };
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<String> = packages.iter().map(|package| short(&package["name"])).collect();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            // What only the tests of a crate use does not count.
            let used = dependencies.filter(|it| it["kind"].is_null()).map(|it| short(&it["name"]));
            (short(&package["name"]), used.filter(|name| ours.contains(name)).collect())
        })
        .collect()
}

#[test]
fn crates_use_what_the_table_says_and_no_others() {
    let packages = packages();
    let names: BTreeSet<&str> = packages.iter().map(|(name, _)| name.as_str()).collect();
    let table: BTreeSet<&str> = MAY_USE.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, table, "the crates of the workspace and of the table");
    for (name, used) in &packages {
        let (_, may) = MAY_USE.into_iter().find(|(other, _)| other == name).unwrap();
        let wrong: Vec<_> = used.iter().filter(|it| !may.contains(&it.as_str())).collect();
        assert!(wrong.is_empty(), "{name} uses {wrong:?}, which it may not");
    }
}

/// `clippy.toml` lists what does input and output; only crates at the border may switch that off.
#[test]
fn only_crates_at_the_border_do_input_and_output() {
    for (name, path, text) in source_files() {
        // What only the tests of a file do does not count.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let allows = text.lines().any(|line| {
            let code = line.split("//").next().unwrap_or_default();
            code.contains("allow(clippy::disallowed_methods)")
        });
        assert!(!allows || MAY_DO_IO.contains(&name), "{} may not do input and output", path.display());
    }
}

#[test]
fn every_file_says_its_purpose() {
    let silent: Vec<String> = source_files()
        .into_iter()
        .filter(|(_, _, text)| !text.starts_with("//!"))
        .map(|(_, path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "files without a first sentence:\n{}", silent.join("\n"));
}

#[test]
fn pest_and_miette_have_one_user_each() {
    for (library, user) in [("pest", "syntax"), ("miette", "report")] {
        for (name, path, text) in source_files() {
            let uses = text.lines().any(|line| {
                let code = line.split("//").next().unwrap_or_default();
                code.contains(&format!("{library}::")) || code.contains(&format!("use {library}_derive"))
            });
            assert!(!uses || name == user, "{} uses {library}", path.display());
        }
    }
}

/// Words that belong to drafts.
#[test]
fn nothing_is_left_unfinished() {
    for (_, path, text) in source_files() {
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

/// The words that define a type.
const TYPE_WORDS: [&str; 5] = ["struct", "enum", "union", "trait", "type"];

/// The types that a source text defines, each with its line. Inline tests and associated types do not count.
fn defined_types(text: &str) -> Vec<(usize, String)> {
    let mut types = Vec::new();
    let mut for_tests = false;
    let mut inside_tests = None;
    for (number, line) in text.lines().enumerate() {
        let code = line.trim_start();
        let indent = &line[..line.len() - code.len()];
        if let Some(outer) = inside_tests {
            if code == "}" && indent == outer {
                inside_tests = None;
            }
            continue;
        }
        if for_tests && code.starts_with("mod ") && code.ends_with('{') {
            inside_tests = Some(indent);
        }
        for_tests = code == "#[cfg(test)]" || for_tests && code.starts_with("#[");
        let mut words = code.split_whitespace().skip_while(|word| {
            *word == "unsafe" || word.starts_with("pub") || word.starts_with("crate") || word.ends_with(')')
        });
        let Some(kind) = words.next().filter(|word| TYPE_WORDS.contains(word)) else { continue };
        if kind == "type" && !indent.is_empty() {
            continue;
        }
        let name = words.next().unwrap_or_default().split(|c: char| !c.is_alphanumeric() && c != '_').next();
        if let Some(name) = name.filter(|name| name.starts_with(char::is_uppercase)) {
            types.push((number + 1, name.to_owned()));
        }
    }
    types
}

/// The names that more than one of these types have, with the places of the types.
fn repeated_type_names(sources: &[(PathBuf, String)]) -> Vec<String> {
    let mut places = BTreeMap::<String, Vec<String>>::new();
    for (path, text) in sources {
        for (line, name) in defined_types(text) {
            places.entry(name).or_default().push(format!("{}:{line}", path.display()));
        }
    }
    assert!(places.contains_key("Diagnostic"), "the search does not find the types any more");
    places
        .into_iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect()
}

/// The sources of all crates and of the command line, without the files that only hold tests.
fn workspace_sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = files(&root.join("src"));
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        found.extend(files(&entry.unwrap().path().join("src")));
    }
    found
        .into_iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| (path.strip_prefix(root).unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// A reader, a search and a message name a type without its path.
#[test]
fn type_names_are_unique_in_the_workspace() {
    let repeated = repeated_type_names(&workspace_sources());
    assert!(repeated.is_empty(), "types that share a name:\n{}", repeated.join("\n"));
}

#[test]
fn a_repeated_type_name_is_found() {
    let mut sources = workspace_sources();
    let planted =
        "#[cfg(test)]\nmod tests {\n    struct Span;\n}\n\nimpl Iterator for X {\n    type Value = u8;\n}\n";
    sources.push((PathBuf::from("allowed.rs"), planted.to_owned()));
    assert_eq!(repeated_type_names(&sources).iter().filter(|it| it.contains("allowed.rs")).count(), 0);
    for planted in
        ["pub(super) struct Diagnostic;", "pub enum Diagnostic {}", "type Diagnostic<'a> = &'a str;"]
    {
        sources.push((PathBuf::from("planted.rs"), planted.to_owned()));
        let repeated = repeated_type_names(&sources);
        assert!(
            repeated.iter().any(|it| it.starts_with("Diagnostic: ") && it.contains("planted.rs:1")),
            "{planted}"
        );
        sources.pop();
    }
}
