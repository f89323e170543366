//! `rbl check --fix`: what it makes of every case, and that it never makes a file worse.

use std::collections::BTreeMap;
use std::path::Path;

use rbl_check::{Checked, FixedText, check, fix};
use rbl_syntax::source::Source;

use super::support::{DiskLoader, catalogue};
use super::{all_cases, folder, pages};

fn looked_at(text: &str, identity: &str) -> Checked {
    let mut loader = DiskLoader { root: folder("check") };
    check(Source::new("a.rb", text), identity, &mut loader, &catalogue())
}

fn errors(checked: &Checked) -> usize {
    checked.diagnostics.iter().filter(|it| it.is_error()).map(|it| 1 + it.folded).sum()
}

/// The number of mistakes that prevent the text from being read.
fn unread(text: &str) -> usize {
    let found = rbl_syntax::parse(rbl_syntax::source::SourceId::default(), text).diagnostics;
    found.iter().filter(|it| it.is_error()).count()
}

fn made(text: &str) -> FixedText {
    fix(text, &mut |text| looked_at(text, "a.rb"))
}

/// The texts of the corpus, and the *Wrong* and *Right* of each page.
fn texts() -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> = all_cases()
        .into_iter()
        .map(|path| (path.to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap()))
        .collect();
    for (code, page) in pages::all() {
        for section in ["Wrong", "Right"] {
            let files = pages::files(&page, section);
            texts.insert(format!("{section} of {code}"), files.get("main.rb").cloned().unwrap_or_default());
        }
    }
    texts
}

/// No fix causes an error, a text that could be read can still be read, and a second round finds nothing to fix.
#[test]
fn no_fix_makes_a_file_worse() {
    let mut findings = 0;
    for (name, text) in texts() {
        let identity = if Path::new(&name).exists() { name.as_str() } else { "a.rb" };
        let fixed = fix(&text, &mut |text| looked_at(text, identity));
        let (before, after) = (looked_at(&text, identity), looked_at(&fixed.text, identity));
        assert!(errors(&after) <= errors(&before), "{name}:\n{}", fixed.text);
        assert!(unread(&fixed.text) <= unread(&text), "{name}:\n{}", fixed.text);
        assert_eq!(fixed.made == 0, fixed.text == text, "{name}");
        let again = fix(&fixed.text, &mut |text| looked_at(text, identity));
        assert_eq!((again.made, &again.text), (0, &fixed.text), "{name}");
        findings += fixed.made;
        if before.diagnostics.is_empty() {
            assert_eq!(fixed.made, 0, "{name} has nothing to fix");
        }
    }
    assert!(findings > 20, "only {findings} findings were fixed");
}

/// Half a file is fixed as carefully as a complete one.
#[test]
fn no_fix_makes_half_a_file_worse() {
    for path in all_cases() {
        let text = std::fs::read_to_string(&path).unwrap();
        let step = (text.len() / 5).max(1);
        for end in (0..text.len()).step_by(step).filter(|end| text.is_char_boundary(*end)) {
            let half = &text[..end];
            let fixed = made(half);
            let (before, after) = (looked_at(half, "a.rb"), looked_at(&fixed.text, "a.rb"));
            assert!(errors(&after) <= errors(&before), "{}\n{half}", path.display());
        }
    }
}

const HEAD: &str = "runbook \"a\"\nowner \"api-oncall\"\nmetric p99 in s from prometheus \"job:latency:p99\"\n\
                    metric errors from prometheus \"errors\"\nparam service = \"api\"\n\
                    \"#{p99} #{errors} #{service}\"\n";

/// Each habit with only one meaning, and its fix.
#[test]
fn what_is_certain_is_fixed() {
    let cases = [
        ("check p99 < 500msec", "check p99 < 500ms"),
        ("check p99 < 500msec && errors < 5", "check p99 < 500ms and errors < 5"),
        ("check p99 < 1s && errors < 5 || errors > 9", "check p99 < 1s and errors < 5 or errors > 9"),
        ("check !`true`", "check not `true`"),
        ("check errors === 0", "check errors == 0"),
        ("check errors <> 0", "check errors != 0"),
        ("if errors = 0 { \"none\" }", "if errors == 0 { \"none\" }"),
        ("if errors > 0 then { \"some\" }", "if errors > 0 { \"some\" }"),
        (
            "if errors > 5 { \"many\" } elif errors > 0 { \"some\" }",
            "if errors > 5 { \"many\" } else if errors > 0 { \"some\" }",
        ),
        (
            "match service { \"api\" => { \"it\" } else { \"no\" } }",
            "match service { \"api\" { \"it\" } else { \"no\" } }",
        ),
        ("wait 5 minutes", "wait 5m"),
        ("sleep 30", "wait 30s"),
        ("sleep 30s", "wait 30s"),
        ("wait \"5m\"", "wait 5m"),
        ("check p99 < \"500ms\"", "check p99 < 500ms"),
        ("check 1ms < p99 < 500ms", "check 1ms < p99 and p99 < 500ms"),
        ("“Look at it”", "\"Look at it\""),
        ("check “Is it well?” else { “Look” }", "check \"Is it well?\" else { \"Look\" }"),
        ("check 'Is it well?'", "check \"Is it well?\""),
        ("\"${service} and {{ service }}\"", "\"#{service} and #{service}\""),
        ("check matches(service, \"\\d+\\.\\d\")", "check matches(service, \"\\\\d+\\\\.\\\\d\")"),
        ("puts \"Look at it\"", "\"Look at it\""),
        ("exec `true`", "action `true`"),
        ("assert p99 < 1s", "check p99 < 1s"),
        ("page to \"api-oncall\" because \"slow\"", "escalate to \"api-oncall\" because \"slow\""),
        ("page owner because \"slow\"", "escalate to owner because \"slow\""),
        ("- \"Look at it\"", "\"Look at it\""),
    ];
    let mut wrong = String::new();
    for (theirs, ours) in cases {
        let text = format!("{HEAD}{theirs}\n");
        let fixed = made(&text);
        let found = fixed.text.strip_prefix(HEAD).unwrap_or(&fixed.text).trim_end().replace("  ", " ");
        if found != ours || fixed.made == 0 {
            wrong.push_str(&format!("{theirs}\n  wanted {ours}\n  found  {found}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// If two meanings are possible, nothing is changed.
#[test]
fn what_is_not_certain_is_left() {
    for text in [
        "chekc p99 < 1s",
        "check p98 < 1s",
        "check p99 < 500",
        "check errors < 5mss",
        "check p99 < 10M",
        "check !errors < 5",
        "check not 1ms < p99 < 500ms",
        "check 5ms < p99 > 1ms",
        "page \"api-oncall\"",
        "while errors > 5 { \"x\" }",
        "return 5",
        "check “Is it \"well\"?”",
        "escalate to \"api-oncal\"",
        "action rolback(\"api\")",
        "\"${HOME} is not known here\"",
        "wait until p99 < 1s",
    ] {
        let text = format!("{HEAD}{text}\n");
        let fixed = made(&text);
        assert_eq!(fixed.text, text);
    }
}

/// A hundred mistakes of one kind are reported once, and all fixed.
#[test]
fn findings_that_are_folded_are_fixed_too() {
    let line = "check p99 < 500msec && errors < 5\n";
    let fixed = made(&format!("{HEAD}{}", line.repeat(100)));
    assert_eq!(fixed.text, format!("{HEAD}{}", "check p99 < 500ms and errors < 5\n".repeat(100)));
}

/// A fix that would reveal errors is not made: the finding stays, and is counted as left.
#[test]
fn a_fix_behind_which_more_errors_stand_is_left() {
    let loops = "foreach x in one up to 5 { \"#{two} #{three}\" }";
    let text = format!("{HEAD}{loops}\ncheck p99 < 5sec\n");
    let fixed = made(&text);
    assert_eq!(fixed.text, format!("{HEAD}{loops}\ncheck p99 < 5s\n"));
    assert_eq!((fixed.made, fixed.left), (1, 1));
}

#[test]
fn line_ends_and_what_stands_around_are_kept() {
    let text = "\u{feff}runbook \"a\"\r\nowner \"api-oncall\"\r\nwait 5 minutes  # ü &&\r\n\t\"x\" \r\n\r\n";
    assert_eq!(made(text).text, text.replace("5 minutes", "5m"));
}
