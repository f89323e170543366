//! Compares `rbl check` with the checkers of other languages, pair by pair: a folder of 5,000 files with ruff, with and
//! without a cache, and one file of six steps with the syntax checks of bash, just, Python and Ansible and with
//! shellcheck.
//!
//! `cargo bench --bench peers`, or `-- folder` or `-- one` for a part. Each other program is looked for on the path, or
//! where a variable says (`RUFF=/path/to/ruff`; also `BASH_PROGRAM`, `JUST`, `SHELLCHECK`, `PYTHON`, `ANSIBLE_PLAYBOOK`);
//! one that is not there is skipped. `RBL` measures another build of rbl.
#![allow(clippy::unwrap_used)] // a measurement that cannot be made is of no use
#![allow(clippy::disallowed_methods)] // it starts programs and reads the clock, which is its purpose

#[path = "processes/floor.rs"]
#[allow(dead_code)] // the runbook of six steps is used here, the program is not
mod floor;
#[path = "processes/pair.rs"]
mod pair;
#[path = "processes/python.rs"]
mod python;
mod runbooks;

use std::path::Path;
use std::process::Stdio;

use pair::{Program, paired};

const FILES: usize = 5_000;
const PAIRS: usize = 11;

fn main() {
    // `cargo bench` adds `--bench`.
    let part = std::env::args().skip(1).find(|it| !it.starts_with('-'));
    let folder = tempfile::tempdir().unwrap();
    let rbl = std::env::var("RBL").unwrap_or_else(|_| env!("CARGO_BIN_EXE_rbl").into());
    let cache = folder.path().join("cache");
    let rbl = Program::new(&rbl).env("XDG_CACHE_HOME", cache.to_str().unwrap());
    if part.as_deref() != Some("one") {
        many(&rbl, folder.path());
    }
    if part.as_deref() != Some("folder") {
        one(&rbl, folder.path());
    }
}

/// A folder of runbooks, and one of as many Python files of the same lengths.
fn many(rbl: &Program, folder: &Path) {
    let (runbooks, python) = (folder.join("runbooks"), folder.join("python"));
    std::fs::create_dir(&runbooks).unwrap();
    std::fs::write(runbooks.join("rbl.toml"), include_str!("../examples/rbl.toml")).unwrap();
    let texts = runbooks::ALL.runbooks(FILES);
    for (number, text) in texts.iter().enumerate() {
        std::fs::write(runbooks.join(format!("{number}.rb")), text).unwrap();
    }
    let lengths: Vec<usize> = texts.iter().map(String::len).collect();
    python::write(&python, &lengths);
    let megabytes = lengths.iter().sum::<usize>() as f64 / 1e6;
    let (runbooks, python) = (runbooks.to_str().unwrap(), python.to_str().unwrap());
    let Some((ruff, version)) = peer("RUFF", "ruff") else { return };
    let cache = folder.join("ruff-cache");
    // Undefined and unused names, and syntax errors: a check of runbooks finds the same.
    let rules = |more: &'static str| {
        ["check", "--isolated", "--quiet", "--select", "E4,E7,E9,F", more, python].map(str::to_owned)
    };
    let ruff = ruff.env("RUFF_CACHE_DIR", cache.to_str().unwrap());
    let ruff = |more: &'static str| {
        let words = rules(more);
        ruff.with(&words.each_ref().map(String::as_str))
    };
    println!(
        "{FILES} different runbooks ({megabytes:.1} MB) against {version} of as many Python files of the same lengths"
    );
    println!("\nwithout a cache: A rbl, B ruff");
    against(&rbl.with(&["check", "--no-cache", runbooks]), &ruff("--no-cache"), PAIRS);
    println!("\nnothing has changed since the last check: A rbl, B ruff");
    against(&rbl.with(&["check", runbooks]), &ruff("--no-fix"), 2 * PAIRS + 1);
}

/// One file of six steps, against the same six steps in other languages.
fn one(rbl: &Program, folder: &Path) {
    std::fs::write(folder.join("rbl.toml"), floor::configuration("127.0.0.1:9090")).unwrap();
    let runbook = folder.join("six-steps.rb");
    std::fs::write(&runbook, floor::RUNBOOK).unwrap();
    let rbl = rbl.with(&["check", runbook.to_str().unwrap()]);
    let file = |name: &str| format!("{}/benches/peers/{name}", env!("CARGO_MANIFEST_DIR"));
    let (shell, recipes, playbook) = (file("six-steps.sh"), file("six-steps.just"), file("six-steps.yml"));
    // Python writes what it compiles beside it.
    let python = folder.join("six_steps.py");
    std::fs::copy(file("six_steps.py"), &python).unwrap();
    let python = python.to_str().unwrap();
    let peers: [(&str, &str, &str, &[&str], usize); 5] = [
        ("BASH_PROGRAM", "bash", "bash -n", &["-n", &shell], 101),
        ("JUST", "just", "just --dump", &["--justfile", &recipes, "--dump"], 101),
        ("SHELLCHECK", "shellcheck", "shellcheck", &[&shell], 51),
        ("PYTHON", "python3", "python3 -m py_compile", &["-m", "py_compile", python], 51),
        (
            "ANSIBLE_PLAYBOOK",
            "ansible-playbook",
            "ansible-playbook --syntax-check",
            &["--syntax-check", &playbook],
            11,
        ),
    ];
    for (variable, name, shown, words, pairs) in peers {
        let Some((program, version)) = peer(variable, name) else { continue };
        println!("\none file of six steps: A rbl check, B {shown} ({version})");
        against(&rbl, &program.with(words), pairs);
    }
}

/// Compares two programs that both find nothing.
fn against(a: &Program, b: &Program, pairs: usize) {
    for program in [a, b] {
        let output = program.command().stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{program:?}\n{output:?}");
    }
    paired(a, b, pairs);
}

/// Another program, and the first line of what it calls its version.
fn peer(variable: &str, name: &str) -> Option<(Program, String)> {
    let program = Program::new(&std::env::var(variable).unwrap_or_else(|_| name.into()));
    let Ok(output) = program.with(&["--version"]).command().stdin(Stdio::null()).output() else {
        println!("\nskipped: no {name} here (`{variable}` names the program)");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|it| it.chars().any(|it| it.is_ascii_digit())).unwrap_or(name);
    Some((program, line.trim().to_owned()))
}
