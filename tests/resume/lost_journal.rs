//! The folder of the journal is removed or replaced while a run goes on: nothing is done that cannot be recorded.

use crate::cli::shell::Shell;

const HEAD: &str = "runbook \"R\"\nowner \"api-oncall\"\n";

#[test]
fn the_next_action_is_not_begun_and_the_owner_is_paged() {
    let whats = [
        ("removed", "rm -rf \"$XDG_STATE_HOME/rbl\""),
        ("removed", "mv \"$XDG_STATE_HOME/rbl\" \"$XDG_STATE_HOME/away\""),
        (
            "replaced by another file",
            "mv \"$XDG_STATE_HOME/rbl\" \"$XDG_STATE_HOME/away\" && mkdir -p \"$XDG_STATE_HOME/rbl/locks\" && \
             cp \"$XDG_STATE_HOME/away/journal.sqlite3\" \"$XDG_STATE_HOME/rbl/\"",
        ),
    ];
    for (what, command) in whats {
        let shell = Shell::new();
        shell.write("a.rb", format!("{HEAD}action `{command}`\naction `echo x >> done`\n"));
        let run = shell.rbl("run a.rb --no-input").code(5);
        assert!(!shell.path().join("done").exists(), "{command}: {run:?}");
        let all = format!("{}{}", run.out, run.err);
        assert!(all.contains(&format!("was {what} while it was in use")), "{command}: {run:?}");
        assert!(
            all.contains("api-oncall") && all.contains("parked, because the journal cannot be written"),
            "{run:?}"
        );
        assert!(run.err.contains("could not be recorded"), "{command}: {run:?}");
    }
}

/// Once it is back, the run goes on from there: what was done when it went away is asked about.
#[test]
fn what_was_moved_away_can_be_put_back() {
    let shell = Shell::new();
    let away = "mv \"$XDG_STATE_HOME/rbl\" \"$XDG_STATE_HOME/away\"";
    shell.write("a.rb", format!("{HEAD}action `{away}`\naction `echo x >> done`\n"));
    shell.rbl("run a.rb --no-input").code(5);
    std::fs::rename(shell.state().join("away"), shell.state().join("rbl")).unwrap();
    shell.rbl("resume last --no-input").code(5);
    shell.rbl("answer last done --no-input").code(0);
    assert_eq!(std::fs::read_to_string(shell.path().join("done")).unwrap(), "x\n");
    shell.rbl("show last --verify").code(0);
}
