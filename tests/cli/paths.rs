//! `rbl paths` and `rbl diff`, and what `rbl check` says about paths, as their users see them.

use std::path::Path;
use std::process::Command;

use super::shell::Shell;

/// The smallest configuration that the examples need.
const CONFIGURATION: &str = "[providers.prometheus]\ntype = \"prometheus\"\nurl = \"http://127.0.0.1:9090\"\n\
    [teams.api-oncall]\ntype = \"terminal\"\n[teams.database-oncall]\ntype = \"terminal\"\n\
    [channels.incidents]\ntype = \"terminal\"\n";

const OLD: &str = "runbook \"Latency\"\nowner \"api\"\nmetric p99 in s from prometheus \"p99\"\n\
    check p99 < 1s else {\n  action `roll back` within 5m\n  wait until p99 < 1s within 10m\n}\n";

fn shell() -> Shell {
    let shell = Shell::new();
    shell.write("rbl.toml", CONFIGURATION);
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/api-latency.rb");
    shell.write("api-latency.rb", std::fs::read_to_string(example).unwrap());
    shell.write("old.rb", OLD);
    shell
}

/// Read as prose before it is blessed, because a reviewer of the runbook reads it.
#[test]
fn the_paths_of_the_latency_alert_are_listed_for_a_person() {
    let listed = shell().rbl("paths api-latency.rb").code(0);
    insta::assert_snapshot!(listed.out);
    assert!(listed.out.lines().all(|line| line.chars().count() <= 80), "{}", listed.out);
}

#[test]
fn one_path_is_shown_in_full() {
    insta::assert_snapshot!(shell().rbl("paths api-latency.rb 5").code(0).out);
}

#[test]
fn a_number_that_no_path_has_is_refused() {
    let refused = shell().rbl("paths api-latency.rb 21").code(2);
    assert_eq!(
        refused.err.lines().next(),
        Some("rbl: there is no path 21: the runbook has 20 paths"),
        "{}",
        refused.err
    );
    shell().rbl("paths api-latency.rb 0").code(2);
}

#[test]
fn a_drawing_shows_steps_decisions_and_ends() {
    let drawn = shell().rbl("paths old.rb --format dot").code(0).out;
    assert!(drawn.starts_with("digraph \"Latency\" {"), "{drawn}");
    assert!(drawn.contains("shape=diamond"), "{drawn}");
    let drawn = shell().rbl("paths old.rb --format mermaid").code(0).out;
    assert!(drawn.starts_with("flowchart TD\n"), "{drawn}");
    assert!(drawn.contains("-->|\"yes\"|"), "{drawn}");
}

/// Paths are counted at once, however many there are.
#[test]
fn a_thousand_million_paths_are_merged() {
    let mut text = "runbook \"Many\"\nowner \"o\"\nmetric load from host \"load.1\"\n".to_owned();
    for index in 0..30 {
        text.push_str(&format!("if load > {index} {{ \"high\" }} unknown {{ stop }}\n"));
    }
    let shell = shell();
    shell.write("many.rb", &text);
    let began = std::time::Instant::now();
    let listed = shell.rbl("paths many.rb").code(0).out;
    assert!(began.elapsed() < std::time::Duration::from_mins(1), "{:?}", began.elapsed());
    // Each of thirty continues in two ways or stops: 2^30 that reach the end, and 2^30 - 1 that stop.
    assert!(listed.contains("\n2,147,483,647 paths: "), "{listed}");
    assert!(listed.contains("1,073,741,824 paths, resolved"), "{listed}");
    shell.rbl("paths many.rb 2147483647").code(0);
    shell.rbl("paths many.rb 2147483648").code(2);
}

/// Each runbook runs the next twice: a path through all of them does not fit into memory, and nothing tries to hold it.
#[test]
fn runbooks_that_double_do_not_blow_up() {
    let shell = shell();
    for index in 0..40 {
        let next = index + 1;
        let body = if index == 39 {
            "wait 5s\n".to_owned()
        } else {
            format!(
                "run \"c{next}.rb\" with (p: p * 2) else {{ }}\nrun \"c{next}.rb\" with (p: p * 3) else {{ }}\n"
            )
        };
        let name = format!("c{index}.rb");
        shell.write(&name, format!("runbook \"C\"\nowner \"o\"\nparam p = 1\nif p > 3 {{ \"x\" }}\n{body}"));
    }
    let began = std::time::Instant::now();
    shell.rbl("paths c0.rb").code(0);
    let refused = shell.rbl("paths c0.rb 7").code(2);
    assert!(refused.err.contains("path 7 is too long to be shown"), "{}", refused.err);
    assert!(began.elapsed() < std::time::Duration::from_mins(1), "{:?}", began.elapsed());
}

#[test]
fn check_says_how_much_a_runbook_is() {
    let checked = shell().rbl("check api-latency.rb").code(0);
    assert_eq!(
        checked.out,
        "api-latency.rb: 3 steps, 5 checks, 20 paths, at most 1h45m50s, 1 action and 2 pages\n\
         nothing to report in 1 file\n"
    );
}

#[test]
fn a_budget_names_the_path_that_is_over_it() {
    let shell = shell();
    let over = shell.rbl("check api-latency.rb --budget 45m --format short").code(1);
    assert!(
        over.out.contains("error[time/budget]: a run may take 1h45m50s, and the budget is 45m"),
        "{}",
        over.out
    );
    let pretty = shell.rbl("check api-latency.rb --budget 45m").code(1);
    assert!(
        pretty.out.contains("path 2 takes that long: `rbl paths api-latency.rb 2` shows it"),
        "{}",
        pretty.out
    );
    shell.rbl("check api-latency.rb --budget 2h").code(0);
    shell.rbl("check api-latency.rb --budget 45").code(2);
}

#[test]
fn a_change_is_told_path_by_path() {
    let shell = shell();
    shell.write("new.rb", OLD.replace("within 10m", "within 20m else { escalate to \"db\" }"));
    let told = shell.rbl("diff old.rb new.rb").code(1).out;
    insta::assert_snapshot!(told);
    let comment = shell.rbl("diff old.rb new.rb --format markdown").code(1).out;
    assert!(comment.starts_with("### Paths of `new.rb`\n"), "{comment}");
    assert!(comment.contains("- **changed**: took at most 15m20s, takes at most 25m20s"), "{comment}");
    assert!(shell.rbl("diff old.rb old.rb").code(0).out.contains("every path has the same end"));
    shell.write("bad.rb", "runbook \"x");
    shell.rbl("diff bad.rb new.rb").code(3);
    shell.rbl("diff nothing.rb new.rb").code(2);
}

#[test]
fn a_revision_is_read_with_the_files_that_it_names() {
    let shell = shell();
    let git = |words: &[&str]| {
        let done = Command::new("git")
            .args(["-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "init.defaultBranch=main"])
            .args(words)
            .current_dir(shell.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    shell.write("rb/lib.rb", "define roll() as `old way`\n");
    shell.write("rb/x.rb", "runbook \"x\"\nowner \"o\"\nuse \"lib.rb\"\naction roll() within 5m\n");
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "one"]);
    // The library of the revision has what the revision needs; the current one does not.
    shell.write("rb/lib.rb", "define roll_back() as `new way`\n");
    shell.write("rb/x.rb", "runbook \"x\"\nowner \"o\"\nuse \"lib.rb\"\naction roll_back() within 9m\n");
    let told = shell.rbl("diff HEAD:rb/x.rb rb/x.rb").code(1).out;
    assert!(told.contains("is gone: resolved, at most 5m, action roll()"), "{told}");
    assert!(told.contains("is new: resolved, at most 9m, action roll_back()"), "{told}");
    let refused = shell.rbl("diff nowhere:rb/x.rb rb/x.rb").code(2);
    assert!(refused.err.contains("git knows no revision `nowhere` here"), "{}", refused.err);
    let refused = shell.rbl("diff HEAD:rb/y.rb rb/x.rb").code(2);
    assert!(
        refused.err.contains("cannot read `rb/y.rb` at `HEAD`: there was no such file"),
        "{}",
        refused.err
    );
}
