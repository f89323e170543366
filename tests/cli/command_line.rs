//! Commands that need no runbook: help, mistakes, completions, man pages, the first runbook, the tree, the
//! configuration.

use super::shell::Shell;

#[test]
fn help_is_a_result_and_a_mistake_is_not() {
    let shell = Shell::new();
    let help = shell.rbl("--help").code(0);
    assert!(help.out.contains("Usage: rbl") && help.err.is_empty(), "{help:?}");
    let version = shell.rbl("--version").code(0);
    assert_eq!(version.out, format!("rbl {}\n", env!("CARGO_PKG_VERSION")));
    let nothing = shell.rbl("").code(2);
    assert!(nothing.out.is_empty() && nothing.err.contains("Usage"), "{nothing:?}");
    let near = shell.rbl("chekc").code(2);
    assert!(near.out.is_empty() && near.err.contains("'check'"), "{near:?}");
    shell.rbl("run").code(2);
    shell.rbl("run a.rb --format xml").code(2);
    shell.rbl("run a.rb --confirm --no-input").code(2);
}

#[test]
fn only_what_can_be_done_is_listed() {
    let shell = Shell::new();
    let help = shell.rbl("--help").code(0).out;
    for word in ["run", "check", "explain", "connections", "new", "ast", "completions", "man"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(word)), "{word}: {help}");
        let page = shell.rbl(&format!("{word} --help")).code(0);
        assert!(page.out.contains("Usage: rbl"), "{page:?}");
    }
}

#[test]
fn completions_for_each_shell() {
    let shell = Shell::new();
    for (name, sign) in [("bash", "complete -F _rbl"), ("zsh", "#compdef rbl"), ("fish", "complete -c rbl")] {
        let script = shell.rbl(&format!("completions {name}")).code(0);
        assert!(script.out.contains(sign), "{}", script.out);
        assert!(script.out.contains("no-input") && script.err.is_empty());
    }
    shell.rbl("completions tcsh").code(2);
}

#[test]
fn man_pages_render() {
    let shell = Shell::new();
    for (words, title) in
        [("man", ".TH rbl 1"), ("man run", ".TH rbl-run 1"), ("man check", ".TH rbl-check 1")]
    {
        let page = shell.rbl(words).code(0).out;
        assert!(page.contains(title) && page.contains("EXIT STATUS") && page.contains("NO_COLOR"), "{page}");
        // `groff` is not always installed; if it is, the page must pass without a warning.
        let groff = std::process::Command::new("groff")
            .args(["-man", "-Tutf8", "-ww", "-z", "-"])
            .stdin(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn();
        match groff {
            Ok(mut child) => {
                use std::io::Write;
                child.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
                let output = child.wait_with_output().unwrap();
                assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
            }
            Err(_) => eprintln!("skipped: there is no groff here to read the page"),
        }
    }
    assert!(shell.rbl("man chekc").code(2).err.contains("rbl man check"));
}

#[test]
fn colours_only_where_they_are_wanted() {
    let shell = Shell::new();
    let colored = |words: &str| shell.rbl(words).out.contains('\u{1b}');
    assert!(!colored("--help"));
    assert!(colored("--color always --help"));
    assert!(!Shell::new().env("NO_COLOR", "1").rbl("--help").out.contains('\u{1b}'));
    let forced = Shell::new().env("CLICOLOR_FORCE", "1");
    assert!(forced.rbl("--help").out.contains('\u{1b}'));
    assert!(!forced.rbl("--help --color=never").out.contains('\u{1b}'));
}

#[test]
fn explain_knows_codes_and_near_ones() {
    let shell = Shell::new();
    let all = shell.rbl("explain").code(0).out;
    assert!(all.lines().any(|line| line.starts_with("syntax/unclosed ")), "{all}");
    for line in all.lines() {
        assert!(line.split_whitespace().count() > 4, "no summary: {line}");
        assert!(!line.ends_with(['…', '~']), "cut in a pipe: {line}");
    }
    assert!(all.lines().any(|line| line.chars().count() > 80), "{all}");
    let unknown = shell.rbl("explain syntax/unclosd").code(2);
    assert!(unknown.out.is_empty() && unknown.err.contains("rbl explain syntax/unclosed"), "{unknown:?}");
    assert!(shell.rbl("explain zzz").code(2).err.contains("lists all codes"));
}

#[test]
fn explain_prints_the_page_of_every_code() {
    let shell = Shell::new();
    let page = shell.rbl("explain syntax/unclosed").code(0).out;
    assert!(page.contains("syntax/unclosed") && page.contains("Wrong") && page.contains("Right"), "{page}");
    assert!(!page.contains("```"), "{page}");
}

#[test]
fn the_tree_is_json_and_has_a_schema() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"a\"\ncheck true\n");
    let tree = shell.rbl("ast a.rb").code(0);
    assert!(tree.out.starts_with("{\"type\":\"ast\",\"file\":\"a.rb\","), "{}", tree.out);
    assert_eq!(tree.json()[0]["tree"]["items"][1]["statement"], "check");
    let piped = shell.feed("ast -", "runbook \"a\"\n").code(0);
    assert_eq!(piped.json()[0]["file"], "<stdin>");
    let broken = shell.feed("ast -", "runbook \"a\"\nchekc true\n").code(1);
    assert_eq!(broken.json()[0]["tree"]["items"][1]["statement"], "broken");
    assert!(broken.err.contains("chekc"), "{}", broken.err);
    let schema: serde_json::Value = serde_json::from_str(&shell.rbl("ast --schema").code(0).out).unwrap();
    assert!(schema["$defs"]["Statement"].is_object() && schema["properties"]["tree"].is_object());
    shell.rbl("ast").code(2);
    shell.rbl("ast nowhere.rb").code(2);
}

#[test]
fn what_is_configured_is_listed_with_where() {
    let shell = Shell::new();
    let bare = shell.rbl("providers").code(0);
    assert!(
        bare.out.lines().all(|line| line.starts_with("provider") && line.ends_with("built in")),
        "{bare:?}"
    );
    assert!(bare.err.contains("no rbl.toml"), "{bare:?}");
    shell.write(
        "rbl.toml",
        "[providers.slow]\ntype = \"prometheus\"\nurl = \"http://127.0.0.1:1\"\n[teams.db]\ntype = \"terminal\"\n",
    );
    let listed = shell.rbl("providers").code(0).out;
    assert!(listed.lines().any(|line| line.contains("slow") && line.ends_with("rbl.toml")), "{listed}");
    assert!(listed.lines().any(|line| line.starts_with("team") && line.contains("terminal")), "{listed}");
    assert!(shell.rbl("providers test host").code(0).out.starts_with("host answers: "));
    let dead = shell.rbl("providers test slow").code(1);
    assert!(dead.out.starts_with("slow does not answer: ") && dead.err.is_empty(), "{dead:?}");
    assert!(shell.rbl("providers test slwo").code(2).err.contains("rbl connections test slow"));
    shell.write("rbl.toml", "[provider.x]\n");
    let wrong = shell.rbl("providers").code(2);
    assert!(wrong.err.contains("rbl.toml:1") && wrong.out.is_empty(), "{wrong:?}");
}
