//! The check cache: files without findings are not checked again while nothing that the check read has changed.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use super::shell::{Ended, Shell};

const CONFIGURATION: &str = "[teams.oncall]\ntype = \"terminal\"\n[channels.log]\ntype = \"terminal\"\n";

/// Thirty runbooks, twenty of which use a library through another one.
fn folder() -> Shell {
    let shell = Shell::new();
    shell.write("rbl.toml", "[teams.oncall]\ntype = \"terminal\"\n");
    shell
        .write("lib/inner.rb", "let limit = 5\n")
        .write("lib/outer.rb", "use \"inner.rb\"\nmetric load from host \"load.1\"\nlet most = limit * 2\n");
    for number in 0..30 {
        let condition = if number < 20 { "load < most" } else { "\"Is it well?\"" };
        let import = if number < 20 { "use \"lib/outer.rb\"\n" } else { "" };
        shell.write(
            &format!("{number:02}.rb"),
            format!("runbook \"{number}\"\nowner \"oncall\"\n{import}check {condition} else {{\n  escalate to owner\n}}\n"),
        );
    }
    shell
}

/// The caches that were written, each with what changes when it is written again.
fn caches(shell: &Shell) -> Vec<(PathBuf, u64)> {
    let folder = shell.cache().join("rbl/check");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut caches: Vec<(PathBuf, u64)> =
        entries.map(|it| (it.path(), it.metadata().unwrap().ino())).collect();
    caches.sort();
    caches
}

/// The one cache as text.
fn cache(shell: &Shell) -> String {
    let caches = caches(shell);
    assert_eq!(caches.len(), 1, "{caches:?}");
    std::fs::read_to_string(&caches[0].0).unwrap()
}

/// Checks with the cache: the result is that of a check without it.
#[track_caller]
fn check(shell: &Shell, options: &str) -> Ended {
    let with = shell.rbl(&format!("check --format short {options}"));
    let before = caches(shell);
    let without = shell.rbl(&format!("check --format short --no-cache {options}"));
    assert_eq!((&with.out, &with.err, with.code), (&without.out, &without.err, without.code));
    assert_eq!(caches(shell), before, "`--no-cache` writes none");
    with
}

#[test]
fn an_unchanged_folder_is_not_checked_again() {
    let shell = folder();
    shell.rbl("check --no-cache").code(0);
    assert_eq!(caches(&shell), [], "`--no-cache` writes none");
    let first = check(&shell, "").code(0);
    let written = caches(&shell);
    assert_eq!(written.len(), 1);
    assert_eq!(check(&shell, "").code(0).err, first.err);
    assert_eq!(caches(&shell), written, "every file was known, so nothing was added");
    // A change of one file adds that file.
    shell.write("00.rb", "runbook \"0\"\nowner \"oncall\"\n\"Look at it\"\n");
    check(&shell, "").code(0);
    assert_ne!(caches(&shell), written);
    // Reports contain the known files too.
    for format in ["pretty", "json", "github", "sarif", "junit"] {
        let with = shell.rbl(&format!("check --format {format}")).code(0);
        assert_eq!(with.out, shell.rbl(&format!("check --no-cache --format {format}")).code(0).out);
    }
}

#[test]
fn a_changed_library_checks_all_its_users_again() {
    let shell = folder();
    check(&shell, "").code(0);
    shell.write("lib/inner.rb", "let limit = 5s\n");
    let found = check(&shell, "").code(1);
    assert!(found.out.lines().filter(|it| it.contains("error[")).count() >= 20, "{}", found.out);
    std::fs::remove_file(shell.path().join("lib/inner.rb")).unwrap();
    check(&shell, "").code(1);
    shell.write("lib/inner.rb", "let limit = 5\n");
    let written = caches(&shell);
    check(&shell, "").code(0);
    // What is in the cache of before fits again, except for the library that was checked in between.
    check(&shell, "").code(0);
    assert_eq!(caches(&shell).len(), written.len());
}

#[test]
fn a_changed_configuration_checks_all_again() {
    let shell = folder();
    shell.write("rbl.toml", CONFIGURATION);
    check(&shell, "").code(0);
    let written = caches(&shell);
    shell.write("rbl.toml", format!("# Nothing that matters.\n{CONFIGURATION}"));
    check(&shell, "").code(0);
    assert_eq!(caches(&shell), written, "the same names");
    shell.write("rbl.toml", CONFIGURATION.replace("oncall", "offcall"));
    let found = check(&shell, "").code(0);
    assert_eq!(found.out.matches("warning[name/team]").count(), 30, "{}", found.out);
    shell.write("rbl.toml", "[teams.oncall]\ntype = \"nothing\"\n");
    check(&shell, "").code(1);
    std::fs::remove_file(shell.path().join("rbl.toml")).unwrap();
    check(&shell, "");
}

#[test]
fn findings_are_reported_each_time() {
    let shell = folder();
    shell.write("warning.rb", "runbook \"w\"\nowner \"oncall\"\nlet unused = 5\n\"Look at it\"\n");
    shell.write("error.rb", "runbook \"e\"\nowner \"oncall\"\ncheck nothing > 5\n");
    for _ in 0..3 {
        let found = check(&shell, "").code(1);
        assert!(found.out.contains("warning.rb:3:") && found.out.contains("error.rb:3:"), "{}", found.out);
        check(&shell, "--strict").code(1);
    }
    assert!(!cache(&shell).contains("warning.rb") && !cache(&shell).contains("error.rb"));
}

#[test]
fn a_budget_is_part_of_the_question() {
    let shell = folder();
    shell.write("slow.rb", "runbook \"s\"\nowner \"oncall\"\nwait 30m\n");
    check(&shell, "--budget 2h").code(0);
    let found = check(&shell, "--budget 10m").code(1);
    assert!(found.out.contains("slow.rb") && found.out.contains("time/budget"), "{}", found.out);
    check(&shell, "").code(0);
    check(&shell, "--budget 10m").code(1);
}

#[test]
fn what_depends_on_the_day_is_not_kept() {
    let shell = folder();
    let text = |until: &str| {
        format!(
            "runbook \"w\"\nowner \"oncall\"\n# rbl: allow name/unused {until}because it is used soon\nlet unused = 5\n\
             \"Look at it\"\n"
        )
    };
    shell.write("dated.rb", text("until 2999-01-01 ")).write("undated.rb", text(""));
    let done = check(&shell, "").code(0);
    assert!(!done.out.contains("warning"), "{}", done.out);
    assert!(!cache(&shell).contains("/dated.rb") && cache(&shell).contains("/undated.rb"));
}

#[test]
fn another_build_of_rbl_has_a_cache_of_its_own() {
    let shell = folder();
    check(&shell, "").code(0);
    let copy = shell.path().join("rbl-copy");
    // By another process: a program that this one still writes cannot be started by any other test's child.
    let copied = std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_rbl")).arg(&copy).status();
    assert!(copied.unwrap().success());
    let output = shell.prepared(copy.to_str().unwrap()).arg("check").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(caches(&shell).len(), 2);
}

#[test]
fn several_at_once_and_a_damaged_cache_change_no_result() {
    let shell = folder();
    let expected = check(&shell, "").code(0).out;
    for round in 0..3 {
        for (path, _) in caches(&shell) {
            let whole = std::fs::read(&path).unwrap();
            std::fs::write(&path, &whole[..whole.len() * round / 3]).unwrap();
        }
        let children: Vec<_> =
            (0..4).map(|_| shell.command("check --format short").spawn().unwrap()).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
        }
        let written = caches(&shell);
        check(&shell, "").code(0);
        assert_eq!(caches(&shell), written, "whole again, and nothing is left beside it");
    }
}

#[test]
fn without_a_place_for_the_cache_nothing_is_said() {
    let shell = folder().env("XDG_CACHE_HOME", "/dev/null");
    for _ in 0..2 {
        let done = shell.rbl("check").code(0);
        assert_eq!(done.err, "");
    }
}
