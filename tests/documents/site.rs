//! What is promised of a site, and of rule files beside runbooks.

use std::fmt::Write as _;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::exporting::tool;
use crate::cli::shell::Shell;

const RULES: &str = "groups:
- name: a
  rules:
  - alert: DiskFull
    expr: disk_used_ratio > 0.9
  - alert: NobodyKnows
    expr: up == 0
";

const DISK: &str = "runbook \"Disk full\"
owner \"infra\"
trigger alert \"DiskFull\"
metric disk in ratio from prometheus \"disk_used_ratio\"
check disk < 80% else {
  run \"../common/clean.rb\"
}
test \"full\" {
  given disk = 95%
  expect no escalation
}
";

fn shell() -> Shell {
    let shell = Shell::new();
    shell.write("books/storage/disk.rb", DISK);
    shell.write(
        "books/storage/disk_test.rb",
        "tests for \"disk.rb\"\ntest \"well\" {\n  given disk = 10%\n  expect resolved\n}\n",
    );
    shell.write("books/common/clean.rb", "runbook \"Clean <up>\"\naction \"Delete the old logs\"\n");
    shell.write(
        "books/gone.rb",
        "runbook \"Gone\"\nowner \"infra\"\ntrigger alert \"NoRuleHasIt\"\ncheck \"Well?\"\n",
    );
    shell.write("books/lib.rb", "let x = 1\n").write("rules.yml", RULES);
    shell
}

#[test]
fn a_site_has_a_page_for_each_runbook_and_an_index() {
    let shell = shell();
    let ended = shell.rbl("site books -o out --alerts rules.yml").code(0);
    assert_eq!(ended.out, "out/index.html: 3 runbooks\n");
    let read = |path: &str| std::fs::read_to_string(shell.path().join("out").join(path)).unwrap();
    let index = read("index.html");
    for said in [
        "<a href=\"storage/disk.html\">Disk full</a>",
        "Clean &lt;up&gt;",
        "1 of 2 alerts have a runbook.",
        "rules.yml:6: the alert NobodyKnows has no runbook",
        "gone.rb: no rule has the alert that starts it",
        "storage/disk.rb: DiskFull fires at 90%, and the runbook compares with 80%",
        "<h2>By owner</h2>",
    ] {
        assert!(index.contains(said), "{said}\n{index}");
    }
    // Nothing is fetched from anywhere.
    assert!(!index.contains("src=") && !index.contains("<link"), "{index}");
    let disk = read("storage/disk.html");
    for said in [
        "<li>Tests: 2 tests</li>",
        "<li>Runs: <a href=\"../common/clean.html\">",
        "<svg",
        "<a href=\"../index.html\">",
    ] {
        assert!(disk.contains(said), "{said}\n{disk}");
    }
    let clean = read("common/clean.html");
    assert!(
        clean.contains("Run by: <a href=\"../storage/disk.html\">")
            && clean.contains("nobody owns this runbook (upkeep/no-owner)"),
        "{clean}"
    );
    assert!(shell.rbl("site nowhere -o out").code(2).err.contains("is no folder"));
}

#[test]
fn rules_and_runbooks_are_compared() {
    let shell = shell();
    let ended = shell.rbl("check books --format short --alerts rules.yml").code(1);
    for said in [
        "rules.yml:6: the alert NobodyKnows has no runbook",
        "books/gone.rb: no rule has the alert that starts it",
        "books/storage/disk.rb: DiskFull fires at 90%, and the runbook compares with 80%",
    ] {
        assert!(ended.out.contains(said), "{said}\n{}", ended.out);
    }
    shell.write("books/storage/disk.rb", DISK.replace("80%", "90%"));
    assert!(
        !shell.rbl("check books --format short --alerts rules.yml").code(1).out.contains("compares with")
    );
    shell.write("bad.yml", "a: [\n");
    shell.rbl("check books --alerts bad.yml").code(2);
}

#[test]
fn five_hundred_runbooks_are_one_site() {
    let shell = Shell::new();
    let mut body = String::new();
    for n in 0..12 {
        let _ = writeln!(body, "if \"Is it {n}?\" {{\n  action \"Do {n}\"\n}} else {{\n  \"Leave it\"\n}}");
    }
    for n in 0..500 {
        shell.write(
            &format!("books/s{}/r{n}.rb", n % 20),
            format!("runbook \"R {n}\"\nowner \"o{}\"\n{body}", n % 7),
        );
    }
    let ended = shell.rbl("site books -o out").code(0);
    assert!(ended.out.ends_with("500 runbooks\n"), "{}", ended.out);
}

/// A site of the examples.
fn examples() -> Shell {
    let shell = Shell::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let ended = shell.rbl(&format!("site {} -o out", folder.display())).code(0);
    assert!(ended.out.ends_with("13 runbooks\n"), "{}", ended.out);
    shell
}

#[test]
fn axe_finds_nothing_in_a_site() {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools");
    let Some(tools) = tool(Some(tools).filter(|it| it.join("node_modules/axe-core").exists()), "axe") else {
        return;
    };
    let shell = examples();
    let pages = std::fs::read_dir(shell.path().join("out")).unwrap().map(|it| it.unwrap().path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents/axe.mjs");
    let ended =
        Command::new("node").arg(script).arg(tools).args(pages.filter(|it| it.is_file())).output().unwrap();
    let out = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert_eq!(out.trim(), "[]", "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn the_search_works_from_a_file() {
    let found = ["/usr/bin/chromium", "/usr/bin/chromium-browser"]
        .into_iter()
        .map(PathBuf::from)
        .find(|it| it.exists());
    let Some(chromium) = tool(found, "Chromium") else { return };
    let shell = examples();
    let address = format!("file://{}#replication bro", shell.path().join("out/index.html").display());
    let ended = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", &address.replace(' ', "%20")])
        .output()
        .unwrap();
    let page = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(page.contains("1 of 13 runbooks"), "{page}");
}
