//! A secret that was typed in an earlier turn: it is stored nowhere, and asked for again where it is used.

use crate::cli::shell::Shell;
use crate::support::at_terminal::AtTerminal;

const SECRET: &str = "s3cr3t-7f3a";

#[test]
fn it_is_asked_for_again_where_it_is_used() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"Rotate\"\nowner \"a\"\nlet token = ask secret \"The token?\"\n\
         action `echo first #{token} > first`\ncheck \"Is it well?\" within 30m else { stop \"no\" }\n\
         action `echo second #{token} > second`\n",
    );
    let Some(mut first) = AtTerminal::start(&shell, "run a.rb") else { return };
    first.until("The token?");
    first.type_line(SECRET);
    first.until("Is it well?");
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    assert!(!first.screen().contains(SECRET), "{}", first.screen());
    let file = |name: &str| std::fs::read_to_string(shell.path().join(name)).unwrap();
    assert_eq!(file("first"), format!("first {SECRET}\n"));
    std::fs::remove_file(shell.path().join("first")).unwrap();

    // If nobody is there to type it, the run waits for it, and it cannot be given where it would be recorded.
    let waits = shell.rbl("answer last yes --no-input").code(5);
    assert!(waits.out.contains("The token?"), "{waits:?}");
    assert!(!shell.path().join("second").exists());
    let refused = shell.rbl(&format!("answer last {SECRET}")).code(2);
    assert!(refused.err.contains("rbl resume"), "{refused:?}");

    let mut second = AtTerminal::start(&shell, "resume last").unwrap();
    second.until("The token?");
    second.type_line(SECRET);
    let ended = second.child.wait().unwrap();
    assert!(ended.success(), "{}", second.screen());
    assert!(!second.screen().contains(SECRET), "{}", second.screen());
    assert_eq!(file("second"), format!("second {SECRET}\n"));
    assert!(!shell.path().join("first").exists(), "what was done is not done again");
    for entry in std::fs::read_dir(shell.state().join("rbl")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        assert!(!bytes.windows(6).any(|part| part == &SECRET.as_bytes()[..6]), "{}", path.display());
    }
    shell.rbl("show last --verify").code(0);
}

/// A secret whose value is an everyday word of the runbook: typed in the first turn, unknown in the second.
#[test]
fn a_typed_secret_that_is_a_word_of_the_runbook_does_not_stop_the_run() {
    for (typed, short) in [("disk", false), ("5", true)] {
        let shell = Shell::new();
        shell.write(
            "a.rb",
            "runbook \"The disk is full\"\nowner \"a\"\nlet token = ask secret \"The token?\"\n\
             \"5 disks are full\"\nlet d = `echo disk 5`\naction `echo disk 5 #{d.text} > first; : #{token}` else { \"no disk\" }\n\
             check \"Is the disk of 5 well?\" within 30m\naction `echo disk 5 >> second`\naction `: #{token}`\n",
        );
        let Some(mut first) = AtTerminal::start(&shell, "run a.rb") else { return };
        first.until("The token?");
        first.type_line(typed);
        first.until("Is the disk of 5 well?");
        first.child.kill().unwrap();
        first.child.wait().unwrap();
        let warned = first.screen().contains("this secret is too short to be masked: it may be shown");
        assert_eq!(warned, short, "{}", first.screen());

        let waits = shell.rbl("answer last yes --no-input").code(5);
        assert!(waits.out.contains("The token?"), "{waits:?}");
        assert_eq!(std::fs::read_to_string(shell.path().join("second")).unwrap(), "disk 5\n");
        let mut second = AtTerminal::start(&shell, "resume last").unwrap();
        second.until("The token?");
        second.type_line(typed);
        let ended = second.child.wait().unwrap();
        assert!(ended.success(), "{}", second.screen());
        assert_eq!(std::fs::read_to_string(shell.path().join("second")).unwrap(), "disk 5\n");
        shell.rbl("show last --verify").code(0);
        shell.rbl("replay last").code(0);
    }
}

/// A declared secret whose value is an everyday word of the runbook, of its name and of its effects.
#[test]
fn a_declared_secret_that_is_a_word_of_the_runbook_does_not_stop_the_run() {
    for value in ["disk", "5", "text", "action"] {
        let shell = Shell::new().env("TOKEN", value);
        shell.write("disk/common.rb", "define tidy(what) as `echo tidy disk #{what} >> log`\n");
        shell.write(
            "disk.rb",
            "runbook \"The disk is full: 5 of them\"\nowner \"a\"\nuse \"disk/common.rb\"\n\
             secret token from env \"TOKEN\"\nlet d = `echo disk 5`\n\"5 disks, #{d.text}\"\n\
             check `test -n disk` else { stop \"no disk\" }\naction `echo disk 5 text action >> log; : #{token}`\naction tidy(\"5 text\")\n\
             check \"Is the disk of 5 well?\" within 30m\naction `echo disk 5 again >> log; : #{token}`\naction tidy(\"again\")\n\
             record \"the disk is tidy, with action and text: 5\"\n",
        );
        shell.rbl("run disk.rb --no-input").code(5);
        let file = || std::fs::read_to_string(shell.path().join("log")).unwrap();
        assert_eq!(file(), "disk 5 text action\ntidy disk 5 text\n");
        let ended = shell.rbl("answer last yes --no-input").code(0);
        assert_eq!(file(), "disk 5 text action\ntidy disk 5 text\ndisk 5 again\ntidy disk again\n");
        // What the runbook itself says is delivered as it is; what is kept of it is masked.
        let kept = shell.rbl("show last").code(0).out.replace("disk.rb", "");
        assert_eq!(value == "disk", !kept.contains("disk"), "{kept}");
        assert!(!ended.err.contains("changed since"), "{}", ended.err);
        shell.rbl("show last --verify").code(0);
        shell.rbl("replay last").code(0);
        let against = shell.rbl("replay last --with disk.rb");
        assert_eq!(against.code, Some(0), "{}{}", against.out, against.err);

        if value == "disk" {
            // What is not recorded cannot be had from a file that is another one now.
            shell.rbl("run disk.rb --no-input").code(5);
            let text = std::fs::read_to_string(shell.path().join("disk.rb")).unwrap();
            shell.write("disk.rb", format!("{text}\n\"new\"\n"));
            let refused = shell.rbl("answer last yes --no-input");
            let all = format!("{}{}", refused.out, refused.err);
            assert!(
                all.contains("a part of the text of `disk.rb`, which has changed since, was a secret"),
                "{all}"
            );
        }
    }
}
