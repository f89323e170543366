//! `rbl fmt`: what it writes, lists and shows, and what it leaves alone.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const MESSY: &str = "runbook   \"x\"\ncheck a<1   else{stop}\n";
const NEAT: &str = "runbook \"x\"\ncheck a < 1 else { stop }\n";

fn rbl(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rbl")).args(arguments).current_dir(folder).output().unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn text(folder: &tempfile::TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn files_are_written_back_and_named() {
    let at = folder(&[("a.rb", MESSY), ("b.rb", NEAT), ("c.rb", "puts 'x'\nclass A\nend\n")]);
    let ended = rbl(at.path(), &["fmt"]);
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(said(&ended.stdout), "a.rb\n");
    assert_eq!(said(&ended.stderr), "1 of 2 files changed (1 file of Ruby left out)\n");
    assert_eq!((text(&at, "a.rb").as_str(), text(&at, "b.rb").as_str()), (NEAT, NEAT));
    assert_eq!(said(&rbl(at.path(), &["fmt"]).stdout), "");
}

#[test]
fn check_and_diff_write_nothing() {
    let at = folder(&[("a.rb", MESSY), ("b.rb", NEAT)]);
    let checked = rbl(at.path(), &["fmt", "--check"]);
    assert_eq!((checked.status.code(), said(&checked.stdout).as_str()), (Some(1), "a.rb\n"));
    let shown = rbl(at.path(), &["fmt", "--diff", "."]);
    assert_eq!(shown.status.code(), Some(1));
    assert_eq!(
        said(&shown.stdout),
        "--- a/a.rb\n+++ b/a.rb\n@@ -1,2 +1,2 @@\n-runbook   \"x\"\n-check a<1   else{stop}\n+runbook \"x\"\n+check a < 1 else { stop }\n"
    );
    assert_eq!(text(&at, "a.rb"), MESSY);
    assert_eq!(rbl(at.path(), &["fmt", "--check", "b.rb"]).status.code(), Some(0));
}

#[test]
fn a_file_with_mistakes_is_left_and_the_others_are_done() {
    let at = folder(&[("a.rb", "runbook \"x\"\ncheck a <\n"), ("b.rb", MESSY)]);
    let ended = rbl(at.path(), &["fmt", "."]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(said(&ended.stderr).contains("a.rb:2:") && said(&ended.stderr).contains("1 file with mistakes"));
    assert_eq!(text(&at, "a.rb"), "runbook \"x\"\ncheck a <\n");
    assert_eq!(text(&at, "b.rb"), NEAT);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rbl"))
        .args(["fmt", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(MESSY.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!((said(&ended.stdout).as_str(), said(&ended.stderr).as_str()), (NEAT, ""));
}

#[test]
fn what_cannot_be_written_is_as_it_was() {
    let at = folder(&[("a.rb", MESSY), ("b.rb", MESSY)]);
    let path = at.path().join("a.rb");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    let ended = rbl(at.path(), &["fmt", "a.rb", "b.rb", "nowhere.rb"]);
    assert_eq!(ended.status.code(), Some(2));
    let told = said(&ended.stderr);
    assert!(
        told.contains("rbl: cannot write `a.rb`: it is read-only\n  help: it was left unchanged"),
        "{told}"
    );
    assert!(told.contains("cannot read `nowhere.rb`: there is no such file"), "{told}");
    assert_eq!((text(&at, "a.rb").as_str(), text(&at, "b.rb").as_str()), (MESSY, NEAT));
}

/// A limit on the size of files, as on a full disk: the write stops in the middle.
#[test]
fn a_write_that_breaks_off_loses_nothing() {
    let long = format!("{MESSY}{}", "record \"x\"  to   \"y\"\n".repeat(400));
    let at = folder(&[("a.rb", &long)]);
    let command = format!("trap '' XFSZ; ulimit -f 1; exec {} fmt a.rb", env!("CARGO_BIN_EXE_rbl"));
    let ended = Command::new("/bin/sh").args(["-c", &command]).current_dir(at.path()).output().unwrap();
    assert_eq!(ended.status.code(), Some(2), "{}", said(&ended.stderr));
    assert!(said(&ended.stderr).contains("files may not become so large here"), "{}", said(&ended.stderr));
    assert_eq!(text(&at, "a.rb"), long);
    assert_eq!(std::fs::read_dir(at.path()).unwrap().count(), 1, "nothing is left beside it");
}
