//! Commands run in the folder of their runbook, from wherever it is started.

use super::shell::Shell;

const OUTER: &str = "runbook \"outer\"\nowner \"o\"\nsecret token from file \"token.txt\"\n\
    use \"lib/common.rb\"\n\
    check `test -f here.txt` else { stop \"the probe runs elsewhere\" }\n\
    action `cat here.txt > probed` finally `cp here.txt cleaned`\n\
    action note(\"x\")\n\
    action `printf %s #{token} | wc -c > length`\n\
    run \"sub/inner.rb\"\n";

fn book(shell: &Shell) {
    shell.write("ops/outer.rb", OUTER);
    shell.write("ops/here.txt", "outer\n").write("ops/token.txt", "hunter-two\n");
    shell.write("ops/lib/common.rb", "define note(what) as `echo #{what} > noted`\n");
    shell.write(
        "ops/sub/inner.rb",
        "runbook \"inner\"\nowner \"o\"\naction `cat here.txt > probed` finally `cp here.txt cleaned`\n",
    );
    shell.write("ops/sub/here.txt", "inner\n");
}

fn text(shell: &Shell, path: &str) -> String {
    std::fs::read_to_string(shell.path().join(path)).unwrap_or_default()
}

#[test]
fn a_run_from_another_folder() {
    let shell = Shell::new();
    book(&shell);
    shell.rbl("run ops/outer.rb --no-input").code(0);
    for (path, wanted) in [
        ("ops/probed", "outer\n"),
        ("ops/cleaned", "outer\n"),
        ("ops/noted", "x\n"),
        ("ops/sub/probed", "inner\n"),
        ("ops/sub/cleaned", "inner\n"),
    ] {
        assert_eq!(text(&shell, path), wanted, "{path}");
    }
    assert_eq!(text(&shell, "ops/length").trim(), "10");
}

#[test]
fn a_link_leads_to_the_folder_of_the_file() {
    let shell = Shell::new();
    book(&shell);
    std::os::unix::fs::symlink("ops/outer.rb", shell.path().join("linked.rb")).unwrap();
    shell.rbl("run linked.rb --no-input").code(0);
    assert_eq!(text(&shell, "ops/probed"), "outer\n");
}

#[test]
fn a_run_that_is_resumed_from_another_folder() {
    let shell = Shell::new();
    shell.write(
        "ops/it.rb",
        "runbook \"it\"\nowner \"o\"\ncheck \"Go on?\"\naction `pwd > there` finally `pwd > cleaned`\n",
    );
    std::fs::create_dir(shell.path().join("elsewhere")).unwrap();
    let parked = shell.rbl("run ops/it.rb --no-input");
    let id = parked.out.split_once(", run ").unwrap().1.lines().next().unwrap().to_owned();
    let mut command = shell.command(&format!("answer {id} yes"));
    let answered = command.current_dir(shell.path().join("elsewhere")).output().unwrap();
    let folder = shell.path().join("ops").canonicalize().unwrap();
    let wanted = format!("{}\n", folder.display());
    assert_eq!(text(&shell, "ops/there"), wanted, "{parked:?} {answered:?}");
    assert_eq!(text(&shell, "ops/cleaned"), wanted);
}

#[test]
fn a_session_on_a_file_is_in_its_folder() {
    let shell = Shell::new();
    shell.write("ops/it.rb", "runbook \"it\"\nowner \"o\"\n\"x\"\n").write("ops/here.txt", "outer\n");
    let ended = shell.feed("repl ops/it.rb", "`cat here.txt`.text\n");
    assert!(ended.out.contains("outer"), "{ended:?}");
    shell.write("here.txt", "current\n");
    let ended = shell.feed("repl", "`cat here.txt`.text\n");
    assert!(ended.out.contains("current"), "{ended:?}");
}

#[test]
fn standard_input_is_in_the_current_folder() {
    let shell = Shell::new();
    shell.write("here.txt", "current\n");
    let ended = shell.feed("run - --no-input", "runbook \"it\"\nowner \"o\"\naction `cp here.txt there`\n");
    ended.code(0);
    assert_eq!(text(&shell, "there"), "current\n");
}

/// Whoever names a folder does not wait for a pipe in it, nor for one that a runbook or `rbl.toml` is or names.
#[test]
fn a_pipe_in_a_folder_holds_nothing_up() {
    let shell = Shell::new();
    shell.write("ops/a.rb", "runbook \"a\"\nowner \"o\"\nuse \"pipe.rb\"\nresolve \"done\"\n");
    shell.write("ops/good.rb", "runbook \"good\"\nowner \"o\"\nresolve \"done\"\n");
    let pipe = shell.path().join("ops/pipe.rb");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", shell.path().join("ops/endless.rb")).unwrap();
    for command in ["check ops", "fmt --check ops", "test ops", "check ops/a.rb", "plan ops/a.rb"] {
        let mut running = shell.command(command).spawn().unwrap();
        let end = std::time::Instant::now() + std::time::Duration::from_mins(1);
        while running.try_wait().unwrap().is_none() {
            if std::time::Instant::now() > end {
                running.kill().unwrap();
                panic!("`rbl {command}` waits");
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
    let checked = shell.rbl("check ops").code(1);
    assert_eq!(checked.out.matches("it is not a regular file").count(), 3, "{}", checked.out);
}
