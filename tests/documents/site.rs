//! What is promised of a site, and of rule files beside runbooks.

use std::fmt::Write as _;

use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

use crate::cli::shell::Shell;
use crate::support::tool;

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
        "<li>Tests: 2 tests, failed: full; 3 of 5 arms covered (60%)</li>",
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
fn a_page_says_which_tests_fail() {
    let shell = shell();
    shell.write(
        "books/storage/disk_test.rb",
        "tests for \"disk.rb\"\ntest \"<well>\" {\n  given disk = 95%\n  expect resolved\n}\n",
    );
    shell.write(
        "books/wrong.rb",
        "runbook \"Wrong\"\ncheck nothing < 1\ntest \"t\" {\n  expect resolved\n}\n",
    );
    shell.rbl("site books -o out").code(0);
    let read = |path: &str| std::fs::read_to_string(shell.path().join("out").join(path)).unwrap();
    let disk = read("storage/disk.html");
    assert!(disk.contains("<li>Tests: 2 tests, failed: ") && disk.contains("&lt;well&gt;"), "{disk}");
    assert!(read("wrong.html").contains("<li>Tests: 1 test, not run, because of errors</li>"));
    let index = read("index.html");
    assert!(index.contains("<td>2 of 2 failed</td>") && index.contains("<td>1, not run</td>"), "{index}");
}

#[test]
fn each_page_has_an_address_of_its_own_that_a_browser_can_follow() {
    let shell = Shell::new();
    for name in ["50% of a#b?.rb", "Disk.rb", "disk.rb", "disk.rbl", "index.rb", "index-runbook.rb", "a:b.rb"]
    {
        shell.write(
            &format!("books/{name}"),
            format!("runbook \"R {name}\"\nowner \"o\"\ncheck \"Well?\" else {{\n  run \"disk.rb\"\n  run \"../out.rb\"\n}}\n"),
        );
    }
    shell.rbl("site books -o out").code(0);
    let mut pages: Vec<String> = std::fs::read_dir(shell.path().join("out"))
        .unwrap()
        .map(|it| it.unwrap().file_name().to_string_lossy().to_lowercase())
        .collect();
    pages.sort();
    pages.dedup();
    assert_eq!(pages.len(), 8, "{pages:?}");
    let read = |name: &str| std::fs::read_to_string(shell.path().join("out").join(name)).unwrap();
    let index = read("index.html");
    assert!(
        index.contains("href=\"50%25%20of%20a%23b%3F.html\"") && index.contains("href=\"a%3Ab.html\""),
        "{index}"
    );
    let page = read("50% of a#b?.html");
    assert!(page.contains("<a href=\"disk_2.html\">disk.rb</a>"), "{page}");
    // What is not in the site is named, and leads nowhere.
    assert!(page.contains("<code>out.rb</code>"), "{page}");
}

#[test]
fn a_site_writes_over_nothing_that_is_not_its_own() {
    let shell = shell();
    shell.rbl("site books -o out").code(0);
    shell.write("out/notes.html", "mine");
    shell.rbl("site books -o out").code(0);
    assert_eq!(std::fs::read_to_string(shell.path().join("out/notes.html")).unwrap(), "mine");
    shell.write("out/gone.html", "mine too");
    let ended = shell.rbl("site books -o out").code(2);
    assert!(ended.err.contains("`out/gone.html` was not made by rbl"), "{}", ended.err);
    // A link that leads nowhere is somebody's, too: nothing is written through it.
    std::fs::create_dir(shell.path().join("linked")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", shell.path().join("linked/gone.html")).unwrap();
    shell.rbl("site books -o linked").code(2);
    assert!(!shell.path().join("elsewhere").exists());
    assert_eq!(std::fs::read_to_string(shell.path().join("out/gone.html")).unwrap(), "mine too");
    shell.write("file", "x");
    assert!(shell.rbl("site books -o file").code(2).err.contains("`file` is no folder"));
}

#[test]
fn hostile_text_is_only_text_in_every_page() {
    let shell = Shell::new();
    let odd = "</title><script>alert(1)</script> \\\" onload=x 'y' & <img src=x onerror=alert(1)>";
    shell.write(
        "books/odd.rb",
        format!(
            "runbook \"{odd}\"\nowner \"{odd}\"\nabout \"{odd} [a](javascript:alert(1)) [b](data:text/html,x)\"\ntrigger alert \"{odd}\"\n\
             link \"{odd}\" \"javascript:alert(1)\"\nstep \"{odd}\" {{\n  check \"{odd}\" else {{\n    stop \"{odd}\"\n  }}\n  \
             action `echo '<script>'`\n}}\n"
        ),
    );
    shell.rbl("site books -o out").code(0);
    // A quote that ends an attribute.
    let taken_over = Regex::new(r#"<[a-z]+(\s+[a-zA-Z:-]+="[^"]*")*\s+onload"#).unwrap();
    for page in ["index.html", "odd.html"] {
        let text = std::fs::read_to_string(shell.path().join("out").join(page)).unwrap();
        let scripts = usize::from(page == "index.html");
        assert_eq!(text.matches("<script").count(), scripts, "{page}\n{text}");
        assert!(!text.contains("<img") && !text.contains("href=\"javascript:"), "{page}\n{text}");
        assert!(!text.contains("href=\"data:"), "{page}\n{text}");
        assert!(!taken_over.is_match(&text), "{page}\n{text}");
    }
    let dot = shell.rbl("export books/odd.rb --format dot").code(0).out;
    assert!(
        dot.lines().all(|it| it.replace("\\\\", "").replace("\\\"", "").matches('"').count() % 2 == 0),
        "{dot}"
    );
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
    assert!(ended.out.ends_with("15 runbooks\n"), "{}", ended.out);
    shell
}

/// A browser.
fn chromium() -> Option<PathBuf> {
    let found = ["/usr/bin/chromium", "/usr/bin/chromium-browser"]
        .into_iter()
        .map(PathBuf::from)
        .find(|it| it.exists());
    tool(found, "Chromium")
}

/// What a browser makes of a page, after its scripts.
fn opened(chromium: &Path, address: &str, more: &[&str]) -> String {
    // One profile serves one browser at a time.
    let profile = tempfile::tempdir().unwrap();
    let ended = Command::new(chromium)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=20000",
            "--window-size=1200,900",
        ])
        .args(more)
        .args(["--dump-dom", address])
        .output()
        .unwrap();
    String::from_utf8_lossy(&ended.stdout).into_owned()
}

#[test]
fn axe_finds_nothing_in_pages_by_day_and_by_night() {
    let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/node_modules/axe-core/axe.min.js");
    let Some(axe) = tool(Some(axe).filter(|it| it.exists()), "axe") else { return };
    let Some(chromium) = chromium() else { return };
    let axe = std::fs::read_to_string(axe).unwrap();
    let shell = examples();
    for page in ["index.html", "disk-full.html"] {
        let text = std::fs::read_to_string(shell.path().join("out").join(page)).unwrap();
        let asks = "axe.run().then(found => { document.body.dataset.axe = JSON.stringify([
          matchMedia('(prefers-color-scheme: dark)').matches ? 'night' : 'day',
          found.passes.some(it => it.id === 'color-contrast'),
          found.violations.map(it => it.id + ': ' + it.nodes.map(node => node.html + ' ' + node.failureSummary)),
        ]); });";
        let asking =
            text.replace("</body>", &format!("<script>{axe}</script><script>{asks}</script></body>"));
        shell.write("out/axe-asks.html", asking);
        let address = format!("file://{}", shell.path().join("out/axe-asks.html").display());
        for (light, scheme) in [("day", "1"), ("night", "0")] {
            let scheme = format!("--blink-settings=preferredColorScheme={scheme}");
            let shown = opened(&chromium, &address, &[&scheme]);
            let said = shown.split_once("data-axe=\"").and_then(|it| it.1.split_once('"')).map(|it| it.0);
            let said = said.unwrap_or_else(|| panic!("axe did not end: {shown}")).replace("&quot;", "\"");
            // Colours were looked at, and nothing is wrong.
            assert_eq!(said, format!("[\"{light}\",true,[]]"), "{page}");
        }
    }
}

#[test]
fn the_search_works_from_a_file() {
    let Some(chromium) = chromium() else { return };
    let shell = examples();
    let address = format!("file://{}#replication bro", shell.path().join("out/index.html").display());
    let page = opened(&chromium, &address.replace(' ', "%20"), &[]);
    assert!(page.contains("1 of 15 runbooks"), "{page}");
}
