//! `secret NAME from command "…"`: read when it is needed, and never shown or kept.

use super::shell::{Ended, Shell};

const SECRET: &str = "planted-hunter-7788";

/// Prints the secret, and notes that it did.
const MANAGER: &str = "#!/bin/sh\necho \"$1\" >> asked\nprintf 'planted-hunter-%s\\n' 7788\necho 'fetched planted-hunter-7788' >&2\n";

const BOOK: &str = r#"runbook "it"
owner "owners"
secret token from command "sh manager.sh deploy"
action `test "$(printf %s #{token} | wc -c)" -eq 19 && echo "said #{token}"` as done
"the output is #{done.text}"
action `echo #{token} >&2; exit 3` else { "it failed" }
"#;

fn shell(book: &str) -> Shell {
    let shell = Shell::new();
    shell.write("rbl.toml", "[teams.owners]\ntype = \"terminal\"\n");
    shell.write("manager.sh", MANAGER).write("it.rb", book);
    shell
}

fn asked(shell: &Shell) -> usize {
    std::fs::read_to_string(shell.path().join("asked")).map_or(0, |text| text.lines().count())
}

fn said(ended: &Ended) -> String {
    format!("{} {}", ended.out, ended.err).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Everything that is on disk, apart from the manager itself.
fn kept(shell: &Shell) -> String {
    let (mut all, mut folders) = (String::new(), vec![shell.state().to_owned(), shell.path().to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|it| it != "manager.sh") {
                all.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
            }
        }
    }
    all
}

#[test]
fn a_secret_of_a_manager_is_used_and_never_shown_or_kept() {
    for arguments in ["--no-input", "--no-input --format json", "--no-input --no-journal"] {
        let shell = shell(BOOK);
        let ended = shell.rbl(&format!("run it.rb {arguments}")).code(0);
        let all = said(&ended);
        assert!(all.contains("it failed") && all.contains("•••"), "{all}");
        assert!(!all.contains(SECRET), "{all}");
        assert!(!kept(&shell).contains(SECRET));
        assert_eq!(asked(&shell), 1, "once a minute");
    }
}

#[test]
fn who_only_looks_does_not_ask_the_manager() {
    let shell = shell(BOOK);
    shell.write("it_test.rb", "tests for \"it.rb\"\ntest \"it ends\" {\n  expect resolved\n}\n");
    shell.rbl("check --no-cache .");
    shell.rbl("test .");
    shell.rbl("paths it.rb").code(0);
    assert_eq!(asked(&shell), 0);
    shell.rbl("run it.rb --no-input").code(0);
    assert_eq!(asked(&shell), 1);
    for words in ["replay last", "show last", "show last --format json"] {
        let shown = shell.rbl(words);
        assert!(!said(&shown).contains(SECRET), "{words}");
    }
    assert_eq!(asked(&shell), 1, "a replay is told from the record");
    // A plan reads what a run would read.
    shell.rbl("plan it.rb");
    assert_eq!(asked(&shell), 2);
}

#[test]
fn a_session_reads_it_where_it_is_used() {
    let shell = shell(BOOK);
    let session = shell.feed("repl it.rb", "token\nlet f = `printf %s #{token} | base64`\nf.text\n:quit\n");
    let all = said(&session);
    assert!(!all.contains(SECRET) && !all.contains("cGxhbnRlZC1odW50ZXI"), "{all}");
    assert!(all.contains("a secret: it can only be passed on"), "{all}");
    assert!(asked(&shell) >= 1, "{all}");
}

#[test]
fn a_manager_that_fails_stops_the_run_and_says_where() {
    let manager = "echo planted-hunter-7788; echo 'permission denied for planted-hunter-7788' >&2; exit 2\n";
    let shell = shell(BOOK);
    shell.write("manager.sh", manager);
    let ended = shell.rbl("run it.rb --no-input");
    let all = said(&ended);
    assert_eq!(ended.code, Some(4), "{all}");
    assert!(
        all.contains("the secret `token` cannot be read: `sh manager.sh deploy` ended with exit code 2: permission denied for •••"),
        "{all}"
    );
    assert!(!all.contains(SECRET) && !kept(&shell).contains(SECRET), "{all}");
    assert!(!all.contains("it failed"), "nothing was done: {all}");
    assert!(all.contains("line 3: the run stops here"), "{all}");
}

/// A run that is cut off and resumed asks again: nothing of it was kept.
#[test]
fn a_resumed_run_asks_again() {
    let book = BOOK.replace("\"the output", "check \"May it go on?\"\n\"the output");
    let shell = shell(&book);
    shell.rbl("run it.rb --no-input").code(5);
    assert_eq!(asked(&shell), 1);
    let ended = shell.rbl("answer last yes --no-input").code(0);
    assert_eq!(asked(&shell), 2);
    assert!(!said(&ended).contains(SECRET) && !kept(&shell).contains(SECRET), "{}", said(&ended));
}

/// Ctrl-C, while the manager hangs.
#[test]
fn a_signal_ends_the_wait_for_a_manager_that_hangs() {
    let shell = shell(BOOK);
    shell.write("manager.sh", "touch began\nexec sleep 29\n");
    let mut running = shell.command("run it.rb --no-input").spawn().unwrap();
    let (until, begun) =
        (std::time::Instant::now() + std::time::Duration::from_secs(20), std::time::Instant::now());
    while !shell.path().join("began").exists() {
        assert!(std::time::Instant::now() < until);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let pid = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let ended = running.wait().unwrap();
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{ended:?} {:?}", begun.elapsed());
}

#[test]
fn what_is_wrong_with_the_command_is_found_before_the_run() {
    for (command, code, words) in [
        ("vault kv get secret/#{name}", "type/fixed", "a value in the text of `secret`"),
        ("vault kv get 'secret/a", "action/shell", "closed"),
        (" ", "action/shell", "the command of the secret is empty"),
        ("rm -f cache && cat token", "action/in-probe", "changes something, and a secret is only read"),
    ] {
        let shell = shell(&format!(
            "runbook \"it\"\nowner \"owners\"\nparam name = \"a\"\nsecret token from command \"{command}\"\naction `test -n #{{token}}`\n"
        ));
        let ended = shell.rbl("check it.rb --format short").code(1);
        assert!(ended.out.contains(code) && ended.out.contains(words), "{command}: {}", ended.out);
    }
    let shell = shell(BOOK);
    shell.rbl("fmt it.rb").code(0);
    let formatted = std::fs::read_to_string(shell.path().join("it.rb")).unwrap();
    assert!(formatted.contains("\nsecret token from command \"sh manager.sh deploy\"\n"), "{formatted}");
    let wrong = shell.write("it.rb", BOOK.replace("from command", "from comand")).rbl("check it.rb").code(1);
    assert!(said(&wrong).contains("from command"), "{}", said(&wrong));
}
