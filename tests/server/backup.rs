//! `rbl store copy`: a backup of a journal that a server uses, and what comes of it when it is brought back.

use super::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

#[test]
fn a_backup_of_a_live_server_is_restored_and_its_runs_go_on_once() {
    let bench = ServerBench::new("", "");
    bench.runbook(
        "a.rb",
        "\"A\" by host",
        "param host: text\naction `echo #{host} >> acted.txt`\nif \"Is it real?\" { record \"real\" }\nresolve \"done\"",
    );
    let server = bench.start();
    let host = |name: &str| alert("A", "firing", &format!("\"host\":\"{name}\""), name, T);
    bench.delivered(&delivery(&[host("a")]));
    bench.until_states(&["waiting"]);
    bench.shell.rbl("serve token ci --may look").code(0);
    let copied = bench.shell.rbl("store copy backup").code(0);
    assert!(copied.out.contains(" to ") && copied.out.ends_with("backup\n"), "{copied:?}");
    assert!(copied.err.contains("a server uses the journal"), "{copied:?}");
    let files = std::fs::read_dir(bench.shell.path().join("backup")).unwrap();
    let names: Vec<_> = files.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    assert!(
        names.contains(&"journal.sqlite3".to_owned()) && !names.iter().any(|it| it.contains("copy")),
        "{names:?}"
    );
    // What happens after the backup is lost with the disk.
    bench.delivered(&delivery(&[host("b")]));
    bench.until_states(&["waiting", "waiting"]);
    server.kill();
    std::fs::remove_dir_all(bench.shell.state().join("rbl")).unwrap();
    let to = format!("sqlite:{}", bench.shell.state().join("rbl").display());
    bench.shell.rbl(&format!("store copy --store sqlite:backup {to}")).code(0);
    assert_eq!(bench.states(), ["waiting"]);
    bench.shell.rbl("show last --verify").code(0);
    // A second one is not written over it, nor is there anything to copy elsewhere.
    let refused = bench.shell.rbl(&format!("store copy --store sqlite:backup {to}")).code(2).err;
    assert!(refused.contains("there is a journal in") && refused.contains("already"), "{refused}");
    let refused = bench.shell.rbl("store copy --store sqlite:nothing elsewhere").code(2).err;
    assert!(refused.contains("there is no journal in"), "{refused}");
    assert!(!bench.shell.path().join("elsewhere").exists());
    let refused = bench.shell.rbl("store copy postgres://x/y").code(2).err;
    assert!(refused.contains("postgres"), "{refused}");

    // The episode is known: the same alert starts nothing, the one that came after the backup starts its run again.
    let server = bench.start();
    bench.delivered(&delivery(&[host("a")]));
    bench.delivered(&delivery(&[host("b")]));
    bench.until_states(&["waiting", "waiting"]);
    bench.until_settled();
    assert_eq!(bench.became()[..2], ["started", "repeated"]);
    let runs = bench.runs();
    bench.shell.rbl(&format!("answer {} yes", runs[0]["run"].as_str().unwrap())).code(0);
    bench.until_states(&["resolved", "waiting"]);
    drop(server);
    assert_eq!(bench.read("acted.txt"), "a\nb\nb\n", "the action of the first run was not done again");
    let tokens: u32 =
        bench.journal().query_row("SELECT count(*) FROM access_token", [], |row| row.get(0)).unwrap();
    assert_eq!(tokens, 1);
}
