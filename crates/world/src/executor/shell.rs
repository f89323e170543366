//! Commands on this machine: `/bin/sh -c`.

use std::path::Path;
use std::process::Command;

use super::process::CommandProcess;
use super::script::ShellScript;
use crate::wait::AttendedWait;
use rbl_runtime::Interrupt;
use rbl_runtime::Secrets;
use rbl_syntax::one_line;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};

/// A command that runs a program in this shell, with its values in the environment.
fn shell_of(shell: &str, script: &ShellScript) -> Command {
    let mut command = Command::new(shell);
    command.arg("-c").arg(&script.text);
    command.envs(script.variables.iter().map(|(name, value)| (name, value)));
    command.envs(script.exported.iter().map(|(name, value)| (name, value)));
    command
}

/// Runs a program here, in this folder if there is one; it is ended with its descendants when the time limit has passed.
pub(crate) fn run(
    script: &ShellScript,
    folder: Option<&str>,
    within: f64,
    shown: usize,
    wait: &mut AttendedWait<'_>,
    secrets: &Secrets,
) -> Result<CommandOutput, Interrupt> {
    let mut command = shell_of("/bin/sh", script);
    if let Some(folder) = folder {
        if !Path::new(folder).is_dir() {
            let text = format!("the folder of the runbook is gone: {}", one_line(folder));
            return Ok(super::not_run(Reason::new(ReasonKind::NotRun, text)));
        }
        // Shells believe this variable where it names the current folder: otherwise a link would be resolved.
        command.current_dir(folder).env("PWD", folder);
    }
    let process = CommandProcess { command, lifeline: None, marks: None, shown, within, secrets };
    Ok(process.run(wait)?.output)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use rbl_runtime::{CommandLine, Datum, Piece};

    /// Every shell that is here and may stand behind `/bin/sh` somewhere.
    const SHELLS: [&[&str]; 6] =
        [&["/bin/sh"], &["bash"], &["bash", "--posix"], &["busybox", "sh"], &["mksh"], &["ksh93"]];

    /// Every place a value can stand in; `@` is the value. Each prints it between brackets, byte by byte.
    const PLACES: [&str; 16] = [
        "printf '[%s]' @",
        "printf '[%s]' '@'",
        "printf '[%s]' \"@\"",
        "printf '[%s]' ''@\"\"",
        "printf \"%s\" \"[$(printf '%s.' @)]\"",
        "printf \"%s\" \"[$(printf '%s.' \"@\")]\"",
        "printf %s \"[$(printf '%s.' '@')]\"",
        "x=@; printf '[%s]' \"$x\"",
        "x='@' y=\"@\"; printf '[%s][%s]' \"$x\" \"$y\"",
        "cat <<EOF\n[@]\nEOF",
        "cat <<-EOF\n\t[@]\n\tEOF\nprintf '[%s]' @",
        "f() { printf '[%s]' \"$1\"; }; f @",
        "case @ in @) printf '[%s]' @;; *) printf other;; esac",
        "for x in @; do printf '[%s]' \"$x\"; done # @",
        "{ printf '[%s]' \"@\"; } | cat 2>&1",
        "(printf '[%s]' '@' && true) || printf @",
    ];

    fn command(text: &str, datum: &Datum) -> CommandLine {
        let mut pieces = Vec::new();
        for (index, part) in text.split('@').enumerate() {
            if index > 0 {
                pieces.push(Piece::Value(datum.clone()));
            }
            pieces.push(Piece::Text(part.into()));
        }
        CommandLine(pieces)
    }

    fn printed(shell: &[&str], line: &CommandLine) -> Option<(String, String)> {
        let script = ShellScript::new(line, &Secrets::new()).unwrap();
        let of_script = shell_of(shell[0], &script);
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).args(of_script.get_args());
        command.envs(of_script.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.stdin(std::process::Stdio::null()).output().ok()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some((text(&output.stdout), text(&output.stderr)))
    }

    fn arrives_unchanged(shell: &[&str], value: &str) {
        for place in PLACES {
            let Some((stdout, stderr)) = printed(shell, &command(place, &Datum::Text(value.into()))) else {
                assert_ne!(shell, ["/bin/sh"], "there is always this one");
                return;
            };
            // `$(…)` ends in a dot, so that the shell does not take line ends off.
            let inner = if place.contains("%s.") { format!("[{value}.]") } else { format!("[{value}]") };
            let wanted = match place {
                place if place.starts_with("x='") || place.contains("<<-") => {
                    let line = if place.contains("<<-") { format!("{inner}\n") } else { inner.clone() };
                    format!("{line}{inner}")
                }
                place if place.contains("<<EOF") => format!("{inner}\n"),
                _ => inner,
            };
            assert_eq!(stdout, wanted, "{shell:?} {place}");
            assert_eq!(stderr, "", "{shell:?} {place}");
        }
    }

    #[test]
    fn hostile_values_arrive_unchanged_and_inert_in_every_place() {
        let long = "x'\"$(id) ".repeat(10_000);
        let hostile = [
            "'; rm -rf /",
            "$(id)",
            "`id`",
            "\"",
            "a\nb",
            "\n",
            "\\",
            "\\\\n",
            "*",
            "",
            "-n",
            "--help",
            "~",
            "$HOME",
            "${HOME}",
            "#x",
            "a b  c",
            " ",
            "EOF",
            "\nEOF\n",
            "!!",
            "%s%n",
            "\t",
            "=x",
            "A=b",
            "é€😀Á",
            "\u{81}\u{88}",
            "a\rb",
            "(",
            ")",
            ";",
            "&",
            "|",
            "<",
            ">",
            "[",
            "{a,b}",
            "\u{1b}[31m",
            "esac",
            &long,
        ];
        for shell in SHELLS {
            for value in hostile {
                arrives_unchanged(shell, value);
            }
        }
    }

    #[test]
    fn a_list_is_one_word_for_each() {
        let list =
            |words: &[&str]| Datum::List(words.iter().map(|word| Datum::Text((*word).into())).collect());
        let three = list(&["a b", "", "$(id)"]);
        for shell in SHELLS {
            let printed = |text: &str, datum: &Datum| {
                printed(shell, &command(&format!("printf '[%s]' {text}"), datum)).map(|(stdout, _)| stdout)
            };
            if printed("x", &three).is_none() {
                continue;
            }
            for text in ["x@y", "x\"@\"y", "'x@y'", "\"x@y\""] {
                assert_eq!(printed(text, &three).unwrap(), "[xa b][][$(id)y]", "{shell:?} {text}");
                assert_eq!(printed(text, &list(&[])).unwrap(), "[xy]", "{shell:?} {text}");
            }
            for text in ["1 @ 2", "1 \"@\" 2", "1 '@' 2"] {
                assert_eq!(printed(text, &three).unwrap(), "[1][a b][][$(id)][2]", "{shell:?} {text}");
                // In quotes nothing is an empty word.
                let none = if text.contains(['"', '\'']) { "[1][][2]" } else { "[1][2]" };
                assert_eq!(printed(text, &list(&[])).unwrap(), none, "{shell:?} {text}");
            }
        }
    }

    #[test]
    fn a_dollar_before_a_value_stays_a_dollar() {
        for shell in SHELLS {
            for text in ["printf %s \"cost $@\"", "printf %s cost\\ $@", "cat <<E\ncost $@\nE"] {
                let Some((stdout, _)) = printed(shell, &command(text, &Datum::Number(5.0))) else { continue };
                assert_eq!(stdout.trim_end(), "cost $5", "{shell:?} {text}");
            }
        }
    }

    /// A program that prints the value and this many dots, built from a list of choices.
    fn nested(choices: &[u8]) -> (String, usize) {
        let Some((choice, rest)) = choices.split_first() else { return ("printf %s \"@\"".into(), 0) };
        let bases = [
            "printf %s @",
            "printf %s '@'",
            "printf '%s' \"@\"",
            "printf \"%s\" \"$(cat <<'X'\nX\n)\"@ # it's @",
        ];
        if rest.is_empty() {
            return (bases[usize::from(*choice) % bases.len()].into(), 0);
        }
        let (inner, dots) = nested(rest);
        match choice % 14 {
            0 => (format!(" ( {inner}\n)"), dots),
            1 => (format!("{{ {inner}\n}}"), dots),
            2 => (format!("printf %s \"$({inner}\nprintf .)\""), dots + 1),
            3 => (format!("x=$({inner}\nprintf .); printf %s \"$x\""), dots + 1),
            4 => (format!("x=\"$({inner}\nprintf .)\"; printf '%s' \"$x\""), dots + 1),
            5 => (format!("case a in b) echo ')';; (a) {inner}\n;; esac"), dots),
            6 => (format!("if true; then {inner}\nfi"), dots),
            7 => (format!("f() {{ {inner}\n}}; f"), dots),
            8 => (format!("for i in 1; do {inner}\ndone"), dots),
            9 => (format!("{inner}\n: | cat"), dots),
            10 => (format!("printf '' $(( 1 + (2 * 3) )); {inner}"), dots),
            11 => (format!("cat <<A >/dev/null 2>&1; :\n'\"$(:)\nA\n{inner}"), dots),
            12 => (format!("[ -n \"${{HOME:-\"x'y\"}}\" ] && : it\\'s 'a\"b' && {inner}"), dots),
            _ => (format!("while :; do {inner}\nbreak; done <<\\B\n'@B\nB\n").replace("'@B", "'$(\"B"), dots),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn any_text_arrives_unchanged(value in "[^\0]{0,40}") {
            arrives_unchanged(&["/bin/sh"], &value);
        }

        /// However deep the nesting: the scanner parses a program as the shells do.
        #[test]
        fn any_program_hands_on_its_value(choices in proptest::collection::vec(any::<u8>(), 1..6)) {
            let value = "a  'b\"\n$(id)*\\";
            let (text, dots) = nested(&choices);
            for shell in [["/bin/sh"], ["bash"]] {
                let line = command(&text, &Datum::Text(value.into()));
                let Some((stdout, stderr)) = printed(&shell, &line) else { continue };
                let wanted = format!("{value}{}", ".".repeat(dots));
                prop_assert_eq!(&stdout, &wanted, "{:?} {}", shell, text);
                prop_assert_eq!(&stderr, "", "{:?} {}", shell, text);
            }
        }

        /// Whatever surrounds it, and however the scanner parses that: a value is never run.
        #[test]
        fn a_value_is_never_run(around in "[ --0-;=?-~\n]{0,30}", behind in "[ --0-;=?-~\n]{0,30}") {
            let directory = tempfile::tempdir().unwrap();
            let trap = directory.path().join("sprung");
            let value = format!("x'\";\n`touch {0}` $(touch {0}) ; touch {0}\n#", trap.display());
            // Neither paths nor redirections: what the author's own text does must not spring the trap.
            let line = CommandLine(vec![
                Piece::Text(format!("PATH=/nowhere; alias touch=touch; {around}")),
                Piece::Value(Datum::Text(value.replace("touch ", ": > "))),
                Piece::Text(behind),
            ]);
            if let Ok(script) = ShellScript::new(&line, &Secrets::new()) {
                let mut command = shell_of("/bin/sh", &script);
                command.current_dir(directory.path()).stdin(std::process::Stdio::null());
                let _ = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).status();
                prop_assert!(!trap.exists(), "{}", script.text);
            }
        }
    }
}
