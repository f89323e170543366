//! Runbooks whose text contains terminal control sequences, and every example: no format prints any of them raw.

use std::path::Path;

use crate::cli::shell::{Ended, Shell};

/// A title of a window, a colour, a control sequence of one character, a text that runs backwards, a backspace.
const HOSTILE: &str = "x\u{1b}]0;owned\u{7}\u{1b}[31m\u{9b}2J\u{202e}\u{8}\u{7f}y";

#[track_caller]
fn nothing_raw(run: &Ended, what: &str) {
    for said in [&run.out, &run.err] {
        let raw = said.chars().find(|c| {
            (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert_eq!(raw, None, "{what}: {said:?}");
    }
}

#[test]
fn words_of_a_runbook_steer_no_terminal() {
    let h = HOSTILE;
    let shell = Shell::new();
    let text = format!(
        "runbook \"{h}\"\nowner \"{h}\"\nseverity \"{h}\"\nlink \"{h}\" \"https://example.com/{h}\"\nparam p = \"{h}\"\n\
         step \"{h}\" {{\n  \"{h} #{{p}}\"\n  record \"{h} #{{p}}\"\n\
         action `printf '%s\\n' '{h}'; printf '%s' #{{p}} >&2`\n\
         check `printf '%s' #{{p}} >&2; exit 1` else {{ escalate to owner because \"{h} #{{p}}\" }}\n}}\n"
    );
    shell.write("a.rb", text);
    for format in ["plain", "pretty", "json"] {
        let run = shell.rbl(&format!("run a.rb --no-input --format {format}")).code(4);
        nothing_raw(&run, format);
        // Made harmless, and not left out.
        assert!(run.out.contains('x') && run.out.contains('y'), "{run:?}");
        if format == "json" {
            assert_eq!(run.json()[0]["runbook"], HOSTILE);
        }
    }
    nothing_raw(&shell.rbl("ast a.rb"), "ast");
    nothing_raw(&shell.rbl("check a.rb"), "check");
}

#[test]
fn findings_about_hostile_words_steer_no_terminal() {
    let h = HOSTILE;
    let shell = Shell::new();
    // The command line of these tests is split at blanks; this name has none.
    let name = format!("{}.rb", h.replace('/', ""));
    shell.write(
        &name,
        format!("runbook \"{h}\"\nowner \"{h}\"\nchek {h}\nlet {h} = 1\nrun \"{h}.rb\"\nuse \"{h}\"\n"),
    );
    for words in ["check", "check --format short", "check --format json", "run", "run --format json", "ast"] {
        nothing_raw(&shell.rbl(&format!("{words} {name}")), words);
        nothing_raw(&shell.rbl(&format!("{words} not-{name}")), words);
    }
    shell.write(&name, "runbook \"a\"\nowner \"a\"\nparam p\n\"#{p}\"\n");
    nothing_raw(&shell.rbl(&format!("run {name} --param {h}={h}")), "--param");
    nothing_raw(&shell.rbl(&format!("run {name} --param p={h}")).code(0), "--param");
    shell.write(
        "rbl.toml",
        format!("[\"{}\"]\n", h.escape_unicode().to_string().replace("\\u{", "\\U").replace('}', "")),
    );
    nothing_raw(&shell.rbl(&format!("check {name}")), "rbl.toml");
    shell.write("rbl.toml", format!("# {h}\n[teams.a]\ntype = \"{h}\"\n"));
    nothing_raw(&shell.rbl(&format!("check {name}")), "rbl.toml");
}

/// Runs each unchanged, where nothing that it asks for exists: it ends in good order, and its output is only text.
#[test]
fn every_example_ends_in_good_order_where_nobody_is() {
    // Without any program, so that whatever an example would delete or restart stays.
    let shell = Shell::new().env("PATH", "/nowhere");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    copy(&folder, &folder, &shell);
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if Path::new(&name).extension().is_none_or(|extension| extension != "rb")
            || name.ends_with("_test.rb")
        {
            continue;
        }
        let text = std::fs::read_to_string(folder.join(&name)).unwrap();
        let required = text.lines().filter(|line| line.starts_with("param ") && !line.contains('='));
        let params: String =
            required.map(|line| format!(" --param {}=x", line.split([' ', ':']).nth(1).unwrap())).collect();
        let checked = shell.rbl(&format!("check {name}")).code(0);
        nothing_raw(&checked, &name);
        for format in ["plain", "pretty", "json"] {
            let run = shell.rbl(&format!("run {name} --no-input --format {format}{params}"));
            assert!(matches!(run.code, Some(0 | 4 | 5 | 6)), "{name}: {run:?}");
            nothing_raw(&run, &name);
            if format == "json" {
                assert_eq!(run.json().last().unwrap()["type"], "ended", "{name}");
            }
        }
        count += 1;
    }
    assert!(count >= 5, "{count}");
}

fn copy(root: &Path, folder: &Path, shell: &Shell) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            copy(root, &path, shell);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            shell.write(name, std::fs::read(&path).unwrap());
        }
    }
}
