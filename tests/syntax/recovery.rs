//! Wrong texts: each mistake is reported once, at its place, and none is caused by another.

use super::findings;

#[track_caller]
fn says(text: &str, expected: &[&str]) {
    assert_eq!(findings(text), expected, "in\n{text}");
}

#[test]
fn five_mistakes_are_five_findings() {
    says(
        "runbook \"x\"\nchek p99 < 500ms\ncheck p99 <> 5\nif a && b {\n  action \"x\" wthin 5m\n  wait 5 minutes\n}\ncheck ok\n",
        &[
            "2:1 syntax/statement no statement begins with `chek`",
            "3:11 syntax/habit `<>` is written `!=` here",
            "4:6 syntax/habit `&&` is written `and` here",
            "5:14 syntax/statement `wthin 5m` does not fit after this `action`",
            "6:8 syntax/habit a unit comes right after its number: `5m`",
        ],
    );
}

#[test]
fn an_unclosed_brace_is_placed_by_the_indentation() {
    says(
        "runbook \"x\"\nstep \"one\" {\n  check a else {\n    stop\n}\nstep \"two\" {\n  check b\n}\n",
        &["3:16 syntax/unclosed this `{` is never closed"],
    );
    says(
        "runbook \"x\"\nstep \"one\" {\n  check a\nstep \"two\" {\n  check b\n}\n",
        &["2:12 syntax/unclosed this `{` is never closed"],
    );
    says("runbook \"x\"\nif a {\n  check b\n", &["2:6 syntax/unclosed this `{` is never closed"]);
    says("check a\n}\ncheck b\n", &["2:1 syntax/unopened `}` closes nothing"]);
}

#[test]
fn an_unclosed_bracket_spoils_only_its_line() {
    says(
        "action rollback(service\ncheck a\nlet x = [1, 2\ncheck b\n",
        &["1:16 syntax/unclosed this `(` is never closed", "3:9 syntax/unclosed this `[` is never closed"],
    );
}

#[test]
fn an_unclosed_text_spoils_only_its_line() {
    says(
        "check \"is it real else { stop }\naction `ls\nresolve \"well\n",
        &[
            "1:7 syntax/unclosed this text is never closed",
            "2:8 syntax/unclosed this command is never closed",
            "3:9 syntax/unclosed this text is never closed",
        ],
    );
}

#[test]
fn what_is_right_inside_a_wrong_statement_is_read() {
    says(
        "whenever a {\n  chekc b\n} else {\n  stop now then\n}\n",
        &[
            "1:1 syntax/statement no statement begins with `whenever`",
            "2:3 syntax/statement no statement begins with `chekc`",
            "4:12 syntax/statement `then` does not fit after this `stop`",
        ],
    );
}

#[test]
fn units_of_other_tools_are_refused_with_the_right_one() {
    for (written, right) in [
        ("500msec", "500ms"),
        ("5min", "5m"),
        ("512Mi", "512MiB"),
        ("10Mb", "10MB"),
        ("100mbps", "100MB/s"),
        ("200/sec", "200/s"),
        ("90percent", "90%"),
    ] {
        let text = format!("check x < {written}");
        let parsed = rbl_syntax::parse(rbl_syntax::source::SourceId(0), &text);
        let [diagnostic] = parsed.diagnostics.as_slice() else {
            panic!("{written}: {:?}", parsed.diagnostics)
        };
        assert_eq!(diagnostic.code.name(), "unit/unknown");
        assert!(diagnostic.help[0].contains(&format!("`{right}`")), "{written}: {:?}", diagnostic.help);
    }
}

#[test]
fn habits_of_other_languages_have_their_own_message() {
    for (text, message) in [
        ("check a || b", "`||` is written `or` here"),
        ("check !a", "`!` is written `not` here"),
        ("if a = 5m { stop }", "`=` compares nothing: it is written `==`"),
        ("if a == 5m then stop", "`then` is not needed: a block in braces follows"),
        ("elsif a { stop }", "`elsif` is `else if` here"),
        ("fi", "a block ends with `}`, not with `fi`"),
        ("page \"dba\"", "`page` is `escalate` here"),
        ("sleep 5", "`sleep` is `wait` here"),
        ("sh `ls`", "`sh` is `action` here"),
        ("- check a", "a statement begins without `-`"),
        ("check “is it?”", "curly quotes are not quotes here"),
        ("check 'is it?'", "text goes in double quotes"),
        ("check x < 90 percent", "a unit comes right after its number: `90%`"),
    ] {
        let found = findings(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].ends_with(message), "{text}: {found:?}");
    }
}

#[test]
fn a_ruby_file_is_one_finding() {
    says(
        "require 'json'\n\nclass Foo\n  def bar(x)\n    puts x\n  end\nend\n",
        &["1:1 syntax/ruby this file is Ruby, not a runbook"],
    );
    says(
        "Runbook.book \"Restart\" do\n  section \"a\" do\n    step \"b\"\n  end\nend\n",
        &["1:1 syntax/ruby this file is Ruby, not a runbook"],
    );
}

#[test]
fn a_file_of_another_kind_is_one_finding() {
    for (text, what) in [
        ("import os\n\ndef main():\n    print(1)\n", "1:1 syntax/foreign this file is Python, not a runbook"),
        ("x = 1\nfrom . import a\nend()\n", "2:1 syntax/foreign this file is Python, not a runbook"),
        ("class A(B):\n    x = 1\n", "1:1 syntax/foreign this file is Python, not a runbook"),
        ("#!/usr/bin/env python3\nx\n", "1:1 syntax/foreign this file is Python, not a runbook"),
        ("#!/bin/sh\nset -e\nls && ls\n", "1:1 syntax/foreign this file is a shell script, not a runbook"),
        ("#!/usr/bin/env -S bash -e\nls\n", "1:1 syntax/foreign this file is a shell script, not a runbook"),
        ("\n<!DOCTYPE html>\n<p>Not found!</p>\n", "2:1 syntax/foreign this file is HTML, not a runbook"),
        ("<html><body>\n", "1:1 syntax/foreign this file is HTML, not a runbook"),
        ("<?xml version=\"1.0\"?>\n<a/>\n", "1:1 syntax/foreign this file is XML, not a runbook"),
        ("{\n  \"a\": 1\n}\n", "1:1 syntax/foreign this file is JSON, not a runbook"),
        ("[{\"a\": 1}]\n", "1:1 syntax/foreign this file is JSON, not a runbook"),
        ("---\na: 1\n", "1:1 syntax/foreign this file is YAML, not a runbook"),
        ("# deploy\napiVersion: v1\nkind: Pod\n", "2:1 syntax/foreign this file is YAML, not a runbook"),
        ("[teams.a]\ntype = \"terminal\"\n", "1:1 syntax/foreign this file is TOML, not a runbook"),
        ("# Steps\n\n- look at it\n", "1:1 syntax/foreign this file is Markdown, not a runbook"),
        ("Steps:\n\n```sh\nls\n```\n", "1:1 syntax/foreign this file is Markdown, not a runbook"),
        ("--- a/x\n+++ b/x\n", "1:1 syntax/foreign this file is a patch, not a runbook"),
        ("def bar(x)\n  x\nend\n", "1:1 syntax/ruby this file is Ruby, not a runbook"),
        ("class A < B\n", "1:1 syntax/ruby this file is Ruby, not a runbook"),
        ("list.each do |x|\n  x\n", "1:1 syntax/ruby this file is Ruby, not a runbook"),
        ("\u{feff}attr_reader :a\n", "1:2 syntax/ruby this file is Ruby, not a runbook"),
    ] {
        says(text, &[what]);
    }
}

/// A runbook with a mistake is never reported as another kind of file, and neither is a text that only might be one.
#[test]
fn a_runbook_with_a_mistake_stays_a_runbook() {
    for text in [
        "# API latency\n\nrunbook \"x\"\nchek a\n",
        "# API latency\n\nchek a\n",
        "runbook \"x\"\nstep \"a\" do\n  check \"b\"\nend\n",
        "owner \"a\"\nif a && b {\n}\n",
        "def restart as `x`\n",
        "import \"x.rb\"\n",
        "from x\n",
        "#!/usr/bin/env rbl\nchek a\n",
        "- look at it\n",
        "[1, 2]\n",
        "check: p99 < 5\nchek a\n",
        "set -e\n",
        "puts\n",
        "require x\n",
        "<none>\n",
    ] {
        let found = findings(text);
        assert!(!found.is_empty(), "{text}");
        let other = |line: &String| line.contains("syntax/foreign") || line.contains("syntax/ruby");
        assert!(!found.iter().any(other), "{text}\n{found:?}");
    }
}

/// However many pieces are missing, each finding is at its mistake.
#[test]
fn places_are_right_behind_what_was_put_in() {
    let text = format!("{}chek x\n", "resolve \"a\nif a {\n  check (b\n}\n".repeat(3));
    says(
        &text,
        &[
            "1:9 syntax/unclosed this text is never closed",
            "3:9 syntax/unclosed this `(` is never closed",
            "5:9 syntax/unclosed this text is never closed",
            "7:9 syntax/unclosed this `(` is never closed",
            "9:9 syntax/unclosed this text is never closed",
            "11:9 syntax/unclosed this `(` is never closed",
            "13:1 syntax/statement no statement begins with `chek`",
        ],
    );
}

#[test]
fn a_merge_conflict_is_one_finding() {
    says(
        "runbook \"x\"\n<<<<<<< HEAD\ncheck a < 1\n=======\ncheck a < 2\n>>>>>>> other\ncheck b\nchek c\n",
        &[
            "2:1 syntax/conflict a merge conflict is left in this file",
            "8:1 syntax/statement no statement begins with `chek`",
        ],
    );
}

#[test]
fn what_stands_in_the_wrong_place() {
    says("runbook \"x\"\nstep \"a\" {\n  step \"b\" { stop }\n}\n", &["3:3 syntax/place steps do not nest"]);
    says("if a {\n  owner \"x\"\n}\n", &["2:3 syntax/place a declaration is not allowed inside a block"]);
    says("owner \"x\"\nrunbook \"y\"\n", &["2:1 syntax/place the `runbook` line comes first"]);
    says(
        "runbook \"y\"\nlet a = 1\ncheck a == 1\nlet b = 2\nmetric c from host \"load.1\"\n",
        &["5:1 syntax/place declarations come before the first step"],
    );
    says("given p99 = 5ms", &["1:1 syntax/place this line is only allowed in a test"]);
    says("wait until a", &["1:1 time/no-limit this could wait for ever"]);
    says("action \"x\" within 5m within 6m", &["1:22 syntax/twice `within` is said twice"]);
    says("let within = 5", &["1:5 syntax/reserved `within` is a word of the language and can name nothing"]);
    says("check any disk", &["1:7 syntax/statement `any` needs a comparison after it"]);
    says("check", &["1:6 syntax/statement this `check` ends too early"]);
    says("check else { stop }", &["1:7 syntax/statement a value is missing before `else`"]);
}
