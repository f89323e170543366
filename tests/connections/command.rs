//! `rbl connections`, and what `rbl check` knows of it.

use crate::cli::shell::Shell;
use crate::support::{Fake, Response, free_port};

#[test]
fn every_family_is_listed_and_tested_without_harm() {
    let server = Fake::start(|request| {
        if request.starts_with("OPTIONS ") {
            Response::of("405 Method Not Allowed", "text/plain", "")
        } else {
            Response::json("{}")
        }
    });
    let shell = Shell::new();
    shell.write("it.sh", "read -r question; echo \"$question\" >> asked; echo '{\"name\": \"our pager\"}'");
    let url = server.url();
    let dead = format!("http://127.0.0.1:{}", free_port());
    shell.write(
        "rbl.toml",
        format!(
            "[executors.jobs]\ntype = \"http\"\nurl = \"{url}\"\n\
             [executors.runner]\ntype = \"exec\"\ncommand = [\"sh\", \"it.sh\"]\n\
             [teams.both]\ntype = \"webhook\"\nurl = \"{url}\"\n\
             [channels]\ndefault = \"both\"\n\
             [channels.both]\ntype = \"exec\"\ncommand = [\"sh\", \"it.sh\"]\n\
             [channels.dead]\ntype = \"webhook\"\nurl = \"{dead}\"\n"
        ),
    );
    let listed = shell.rbl("connections").code(0).out;
    for (family, name, kind) in [
        ("provider", "host", "host"),
        ("executor", "jobs", "http"),
        ("executor", "runner", "exec"),
        ("team", "both", "webhook"),
        ("channel", "both", "exec"),
    ] {
        let has = |line: &str| line.split_whitespace().take(3).eq([family, name, kind]);
        assert!(listed.lines().any(has), "{family} {name}: {listed}");
    }
    assert!(listed.contains("a `record` without `to` goes to both"), "{listed}");
    assert_eq!(shell.rbl("providers").code(0).out, listed);

    assert!(shell.rbl("connections test jobs").code(0).out.contains("answers 405 Method Not Allowed"));
    assert!(shell.rbl("connections test runner").code(0).out.starts_with("runner answers: our pager"));
    let both = shell.rbl("connections test both").code(0).out;
    assert!(both.contains("the team both answers: 127.0.0.1"), "{both}");
    assert!(both.contains("the channel both answers: our pager"), "{both}");
    let dead = shell.rbl("connections test dead").code(1).out;
    assert!(dead.starts_with("dead does not answer: connection refused by 127.0.0.1"), "{dead}");
    assert!(shell.rbl("connections test bth").code(2).err.contains("rbl connections test both"));
    let asked = std::fs::read_to_string(shell.path().join("asked")).unwrap();
    assert!(asked.lines().all(|line| line == "{\"ask\":\"test\",\"rbl\":1}"), "{asked}");
    assert!(server.requests().iter().all(|request| request.starts_with("OPTIONS ")));
}

#[test]
fn a_program_that_hangs_in_a_test_is_ended() {
    let shell = Shell::new();
    let toml = "[channels.c]\ntype = \"exec\"\ncommand = [\"sleep\", \"60\"]\ntimeout = \"300ms\"\n";
    let said = shell.write("rbl.toml", toml).rbl("connections test c").code(1).out;
    assert!(said.contains("no answer from sleep within 300ms"), "{said}");
}

#[test]
fn every_kind_is_listed_with_its_keys() {
    let kinds = Shell::new().rbl("connections --kinds").code(0).out;
    for one in rbl_world::kinds() {
        let heading = format!("[{}.NAME] type = \"{}\"", one.family.section(), one.kind);
        let (_, section) = kinds.split_once(&heading).unwrap_or_else(|| panic!("{heading}: {kinds}"));
        let section = section.split("\n\n").next().unwrap();
        assert_eq!(
            section.contains("  experimental: "),
            one.contract.is_experimental(),
            "{heading}: {section}"
        );
        for key in one.keys {
            assert!(section.contains(&format!("  {}", key.name)), "{heading} {}: {section}", key.name);
        }
    }
}

#[test]
fn check_knows_what_is_configured() {
    let shell = Shell::new();
    let section = |name: &str| format!("[{name}]\ntype = \"exec\"\ncommand = [\"true\"]\n");
    shell.write("rbl.toml", [section("executors.jobs"), section("teams.db"), section("channels.c")].concat());
    let runbook = |executor: &str, team: &str, channel: &str| {
        format!(
            "runbook \"It\"\nowner \"db\"\n\ndefine restart() as {executor} \"restart\"\n\naction restart() within 5s\n\
             record \"x\" to \"{channel}\"\nescalate to \"{team}\"\n"
        )
    };
    shell.write("it.rb", runbook("jobs", "db", "c")).rbl("check it.rb").code(0);
    let found =
        shell.write("it.rb", runbook("jbos", "db2", "cc")).rbl("check it.rb --format short").code(1).out;
    for code in ["name/executor", "name/team", "name/channel"] {
        assert!(found.contains(code), "{code}: {found}");
    }
}
