//! A disk that is full and a limit on the length of files, while a run goes on: what cannot be recorded is not begun, it is
//! done when the run is resumed, without a question, and the owner is paged once.

use std::process::Stdio;

use super::disk::Disk;
use crate::cli::shell::{Ended, Shell};

const HEAD: &str = "runbook \"R\"\nowner \"api-oncall\"\n";

/// A folder whose journal is on this disk, and whose owner is paged by a program that does this as well.
fn on(disk: &Disk, as_well: &str) -> Shell {
    let shell = Shell::new();
    let store = disk.path().join("rbl");
    shell.write(
        "rbl.toml",
        format!(
            "[store]\npath = {:?}\n[teams.api-oncall]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"it.sh\"]\n",
            store.display().to_string()
        ),
    );
    let it = format!("cat >> pages\n{as_well}\necho '{{\"delivered\": true, \"by\": \"the pager\"}}'\n");
    shell.write("it.sh", it);
    shell
}

fn read(shell: &Shell, name: &str) -> String {
    std::fs::read_to_string(shell.path().join(name)).unwrap_or_default()
}

/// An action that fills the disk, once, and leaves this many bytes.
fn fills(disk: &Disk, leaves: u32) -> String {
    let full = disk.path().join("full").display().to_string();
    format!(
        "action `test -e once || {{ touch once; dd if=/dev/zero of={full} bs=4k 2>/dev/null; truncate -s -{leaves} {full}; }}` retry 1\n"
    )
}

/// The words of a page, whatever its lines.
fn words(page: &str) -> String {
    page.split_whitespace().filter(|it| *it != "┃").collect::<Vec<_>>().join(" ")
}

/// The last action was not begun, whoever tells it.
#[track_caller]
fn was_not_begun(shell: &Shell, run: &Ended) {
    assert_eq!(read(shell, "done"), "", "{run:?}");
    assert!(run.out.contains("`echo x >> done` was not begun"), "{run:?}");
    assert!(run.out.contains("not begun  echo x >> done: that it begins could not be recorded"), "{run:?}");
    for told in [&run.out, &shell.rbl("show last").out, &shell.rbl("show last --format markdown").out] {
        assert!(!words(told).contains("echo x >> done: it is unknown"), "{told}");
    }
    assert!(read(shell, "pages").contains("was not begun"), "{}", read(shell, "pages"));
}

#[test]
fn what_could_not_be_recorded_is_done_without_a_question_once_there_is_space() {
    let Some(disk) = Disk::of("512k") else { return };
    let shell = on(&disk, "");
    shell.write("a.rb", format!("{HEAD}{}action `echo x >> done`\n", fills(&disk, 0)));
    let run = shell.rbl("run a.rb --no-input").code(5);
    assert!(run.out.contains("the disk is full, nothing more was written"), "{run:?}");
    was_not_begun(&shell, &run);
    let runs = shell.rbl("runs --format json").code(0).json();
    assert_eq!(runs[0]["state"], "cut-off");
    std::fs::remove_file(disk.path().join("full")).unwrap();
    let resumed = shell.rbl("resume last --no-input").code(0);
    assert!(!resumed.out.contains("was it done?"), "{resumed:?}");
    assert_eq!(read(&shell, "done"), "x\n");
    shell.rbl("show last --verify").code(0);
    shell.rbl("replay last").code(0);
}

/// Whoever is paged makes room at once: that the run is parked is recorded.
#[test]
fn a_run_that_is_parked_for_it_says_so_and_is_resumed_without_a_question() {
    let Some(disk) = Disk::of("512k") else { return };
    let shell = on(&disk, &format!("rm -f {}", disk.path().join("full").display()));
    shell.write("a.rb", format!("{HEAD}{}action `echo x >> done`\n", fills(&disk, 0)));
    let run = shell.rbl("run a.rb --no-input").code(5);
    was_not_begun(&shell, &run);
    let runs = shell.rbl("runs --format json").code(0).json();
    assert_eq!(runs[0]["state"], "waiting", "{runs:?}");
    let shown = words(&shell.rbl("show last").code(0).out);
    assert!(shown.contains("for a journal that can be written"), "{shown}");
    shell.rbl("replay last").code(5);
    assert_eq!(shell.rbl("resume --due").code(0).out, "", "only a person knows that there is room");
    // Cut off before it begins: nobody says that it is unknown how far it got, and nobody asks.
    for at in 0..4 {
        let mut command = shell.command("resume last --no-input");
        command.env("RBL_FAULT_AT", at.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
        assert_eq!(command.status().unwrap().code(), None, "killed at {at}");
        let shown = words(&shell.rbl("show last").code(0).out);
        assert!(!shown.contains("it is unknown how far it got"), "killed at {at}: {shown}");
    }
    let resumed = shell.rbl("resume last --no-input").code(0);
    assert!(!resumed.out.contains("was it done?"), "{resumed:?}");
    assert_eq!(read(&shell, "done"), "x\n");
    shell.rbl("show last --verify").code(0);
    shell.rbl("replay last").code(0);
}

/// There is room to claim the run, and none for what it does next: tried again and again, one page.
#[test]
fn the_owner_is_paged_once_until_something_is_recorded() {
    let Some(disk) = Disk::of("1500k") else { return };
    let shell = on(&disk, "");
    let long = "x".repeat(60_000);
    let text = format!("{HEAD}{}action `: {long}; echo x >> done`\n", fills(&disk, 150_000));
    shell.write("a.rb", &text);
    let run = shell.rbl("run a.rb --no-input").code(5);
    assert!(run.out.contains("paged      api-oncall (by the pager)"), "{run:?}");
    let pages = || read(&shell, "pages").matches("parked, because the journal cannot be written").count();
    assert!(pages() > 0);
    let once = read(&shell, "pages");
    for _ in 0..3 {
        let due = shell.rbl("resume --due");
        assert!(due.out.contains("waiting    a.rb: the journal cannot be written"), "{due:?}");
        assert!(due.err.contains("could not be recorded"), "{due:?}");
        assert_eq!(read(&shell, "pages"), once, "paged again: {due:?}");
    }
    let resumed = shell.rbl("resume last --no-input").code(5);
    assert!(resumed.out.contains("nothing could be recorded since"), "{resumed:?}");
    assert_eq!((read(&shell, "pages"), read(&shell, "done")), (once.clone(), String::new()));
    std::fs::remove_file(disk.path().join("full")).unwrap();
    let due = shell.rbl("resume --due").code(0);
    assert!(due.out.contains("resolved   a.rb"), "{due:?}");
    assert_eq!((read(&shell, "pages"), read(&shell, "done")), (once, "x\n".to_owned()));
    let locks = std::fs::read_dir(disk.path().join("rbl/locks")).unwrap().count();
    assert_eq!(locks, 0, "the note of the page is gone");
}

/// What is recorded again makes the next page a new one.
#[test]
fn a_second_full_disk_is_a_second_page() {
    let Some(disk) = Disk::of("512k") else { return };
    let full = disk.path().join("full").display().to_string();
    let shell = on(&disk, &format!("rm -f {full}"));
    let filling = |name: &str| {
        format!(
            "action `test -e {name} || {{ touch {name}; dd if=/dev/zero of={full} bs=4k 2>/dev/null; true; }}` retry 1\n"
        )
    };
    let echo = |word: &str| format!("action `echo {word} >> done`\n");
    let text = format!("{HEAD}{}{}{}{}", filling("one"), echo("x"), filling("two"), echo("y"));
    shell.write("a.rb", text);
    shell.rbl("run a.rb --no-input").code(5);
    let first = read(&shell, "pages");
    assert_eq!(read(&shell, "done"), "");
    shell.rbl("resume last --no-input").code(5);
    let second = read(&shell, "pages");
    assert!(second.len() > first.len(), "nobody was paged again");
    assert_eq!(read(&shell, "done"), "x\n");
    shell.rbl("resume last --no-input").code(0);
    assert_eq!((read(&shell, "pages"), read(&shell, "done")), (second, "x\ny\n".to_owned()));
}

/// The signal of the limit would end rbl, and ends what it runs: as if rbl were not there.
#[test]
fn a_limit_on_the_length_of_files_is_told_and_kills_only_commands() {
    let shell = Shell::new();
    let many = "action `seq 1 20000` retry 1\n".repeat(8);
    let signal = "action `sh -c 'kill -XFSZ $$'; test $? -eq 153`\n";
    shell.write("a.rb", format!("{HEAD}{signal}{many}action `echo x >> done`\n"));
    let limited = |limit: u32| {
        let rbl = env!("CARGO_BIN_EXE_rbl");
        let mut command = shell.prepared("/bin/bash");
        command.args(["-c", &format!("ulimit -f {limit}; exec {rbl} run a.rb --no-input")]);
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    };
    for too_small in [8, 24, 40] {
        let refused = limited(too_small).code(2);
        let told = format!("may have at most {} bytes (`ulimit -f`)", too_small * 1024);
        assert!(refused.err.contains("nothing was run") && refused.err.contains(&told), "{refused:?}");
    }
    let run = limited(300).code(5);
    assert!(
        run.out.contains("may have at most 307200 bytes (`ulimit -f`), nothing more was written"),
        "{run:?}"
    );
    assert!(run.out.contains("api-oncall") && run.out.contains("` was not begun"), "{run:?}");
    assert_eq!(read(&shell, "done"), "");
    shell.rbl("resume last --no-input").code(0);
    assert_eq!(read(&shell, "done"), "x\n");
    shell.rbl("show last --verify").code(0);
}
