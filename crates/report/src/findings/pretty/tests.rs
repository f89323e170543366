//! Drawn findings, as text.

use super::Pretty;
use rbl_syntax::diagnostic::{Code, Diagnostic, Safety};
use rbl_syntax::source::{Place, Source, SourceId, Sources, Span};
use rbl_terminal::Style;

const UNICODE: Style = Style { color: false, unicode: true, width: 80 };

fn at(source: u32, start: u32, end: u32) -> Place {
    Place { source: SourceId(source), span: Span::new(start, end) }
}

fn sources(texts: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::new();
    for (name, text) in texts {
        sources.add(Source::new(*name, *text));
    }
    sources
}

fn draw(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    Pretty::new(std::slice::from_ref(diagnostic), sources, style).draw(diagnostic)
}

const CHECKOUT: &str =
    "metric p99 in s from prometheus \"job:latency:p99\"\nowner \"a\"\n\ncheck p99 < 500\n";

fn missing_unit() -> Diagnostic {
    Diagnostic::new(
        Code::SYNTAX_STATEMENT,
        "500 what? `p99` is a duration",
        at(0, 73, 76),
        "a number without a unit",
    )
    .also(at(0, 11, 15), "read in seconds here")
    .help("write `500ms`, or `500s` if you mean seconds")
}

#[test]
fn the_example_of_the_design() {
    let sources = sources(&[("checkout.rb", CHECKOUT)]);
    insta::assert_snapshot!(draw(&missing_unit(), &sources, UNICODE), @r#"
    syntax/statement

      × 500 what? `p99` is a duration
       ╭─[checkout.rb:4:13]
     1 │ metric p99 in s from prometheus "job:latency:p99"
       ·            ──┬─
       ·              ╰── read in seconds here
     2 │ owner "a"
     3 │
     4 │ check p99 < 500
       ·             ─┬─
       ·              ╰── a number without a unit
       ╰────
      help: write `500ms`, or `500s` if you mean seconds
    "#);
}

#[test]
fn ascii_where_nothing_else_can_be_shown() {
    let sources = sources(&[("checkout.rb", CHECKOUT)]);
    let drawn = draw(&missing_unit(), &sources, Style::PLAIN);
    assert!(drawn.is_ascii(), "{drawn}");
    assert!(drawn.contains("x 500 what?"), "{drawn}");
}

#[test]
fn colour_only_adds_to_the_text() {
    let sources = sources(&[("checkout.rb", CHECKOUT)]);
    let coloured = draw(&missing_unit(), &sources, Style { color: true, ..UNICODE });
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    let trimmed: String = plain.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    assert_eq!(trimmed, draw(&missing_unit(), &sources, UNICODE));
}

#[test]
fn a_warning_says_so_in_words_and_a_fix_is_said_once() {
    let sources = sources(&[("a.rb", "check p99 == 5\n")]);
    let mut diagnostic = missing_unit();
    diagnostic.severity = rbl_syntax::diagnostic::Severity::Warning;
    diagnostic.labels.truncate(1);
    diagnostic.labels[0].place = at(0, 10, 12);
    diagnostic.help = vec!["write `<`, or `<=`".into()];
    let diagnostic = diagnostic.fix("write `<`", Safety::Choice, at(0, 10, 12), "<").fix(
        "take the check out",
        Safety::Choice,
        at(0, 0, 14),
        "",
    );
    let drawn = draw(&diagnostic, &sources, UNICODE);
    assert!(drawn.starts_with("syntax/statement (warning)\n"), "{drawn}");
    assert_eq!(drawn.matches("write `<`").count(), 1, "{drawn}");
    assert!(drawn.contains("take the check out"), "{drawn}");
}

#[test]
fn labels_in_two_files_have_a_frame_each() {
    let sources = sources(&[("a.rb", "run \"b.rb\"\n"), ("lib/b.rb", "one\ntwo\nrun \"a.rb\"\n")]);
    let diagnostic = Diagnostic::new(Code::SYNTAX_PLACE, "runs in a circle", at(1, 12, 18), "back to a.rb")
        .also(at(0, 4, 10), "begins here");
    insta::assert_snapshot!(draw(&diagnostic, &sources, UNICODE), @r#"
    syntax/place

      × runs in a circle
       ╭─[lib/b.rb:3:5]
     3 │ run "a.rb"
       ·     ───┬──
       ·        ╰── back to a.rb
       ╰────
       ╭─[a.rb:1:5]
     1 │ run "b.rb"
       ·     ───┬──
       ·        ╰── begins here
       ╰────
    "#);
}

#[test]
fn an_empty_span_at_the_end_is_seen() {
    for text in ["", "step \"a\" {", "step \"a\" {\n", "step \"a\" {\r\n\r\n"] {
        let end = u32::try_from(text.len()).unwrap();
        for place in [at(0, end, end), at(0, end + 10, end + 20)] {
            let sources = sources(&[("a.rb", text)]);
            let diagnostic = Diagnostic::new(Code::SYNTAX_UNCLOSED, "not closed", place, "ends here");
            let drawn = draw(&diagnostic, &sources, UNICODE);
            assert!(drawn.contains("ends here") && drawn.contains("[a.rb:"), "{text:?}\n{drawn}");
        }
    }
}

#[test]
fn long_lines_are_cropped_to_the_width() {
    let line = format!("{}check p99 < 500{}", "x = 1; ".repeat(4_000), " and true".repeat(4_000));
    let start = u32::try_from(line.find("500").unwrap()).unwrap();
    let sources = sources(&[("a.rb", &line)]);
    let diagnostic = Diagnostic::new(Code::SYNTAX_STATEMENT, "500 what?", at(0, start, start + 3), "no unit");
    for width in [40, 80, 200] {
        let drawn = draw(&diagnostic, &sources, Style { width, ..UNICODE });
        assert!(drawn.contains("check p99 < 500"), "{drawn}");
        for line in drawn.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn nothing_in_a_file_acts_on_the_terminal() {
    let text = "check \u{1b}[2J\u{202e}\u{7} p99\t< 5\u{9b}0m\n";
    let sources = sources(&[("a\u{1b}[31m.rb", text)]);
    let diagnostic =
        Diagnostic::new(Code::SYNTAX_STATEMENT, "odd \u{1b}[5m thing", at(0, 6, 7), "\u{1b}]0;title\u{7}")
            .help("type \u{9d}52");
    let drawn = draw(&diagnostic, &sources, UNICODE);
    assert!(drawn.chars().all(|it| it == '\n' || !it.is_control()), "{drawn:?}");
    assert!(!drawn.contains('\u{202e}'), "{drawn:?}");
}

#[test]
fn a_secret_that_is_written_is_not_repeated() {
    let text = "[providers.p]\ntoken = \"s3cr3t-value\"\nurl = 1\n";
    let sources = sources(&[("rbl.toml", text)]);
    let written =
        Diagnostic::new(Code::CONFIG_SECRET, "`token` is written in the file", at(0, 22, 36), "read by all");
    let other = Diagnostic::new(Code::CONFIG_VALUE, "`url` is no number", at(0, 37, 40), "here")
        .also(at(0, 14, 19), "and");
    let all = [written, other];
    let pretty = Pretty::new(&all, &sources, UNICODE);
    for diagnostic in &all {
        let drawn = pretty.draw(diagnostic);
        assert!(!drawn.contains("s3cr3t") && drawn.contains("•••"), "{drawn}");
    }
}

#[test]
fn a_label_over_many_lines_is_drawn_on_its_first() {
    let text = "step \"a\" {\n  check true\n}\n";
    let sources = sources(&[("a.rb", text)]);
    let diagnostic = Diagnostic::new(Code::SYNTAX_PLACE, "a step in a step", at(0, 0, 25), "this one");
    insta::assert_snapshot!(draw(&diagnostic, &sources, UNICODE), @r#"
    syntax/place

      × a step in a step
       ╭─[a.rb:1:1]
     1 │ step "a" {
       · ─────┬────
       ·      ╰── this one
       ╰────
    "#);
}

/// The columns of the underline below the first drawn line, and the text above them.
fn underlined(drawn: &str) -> String {
    use unicode_width::UnicodeWidthChar;
    let lines: Vec<&str> = drawn.lines().collect();
    let at = lines.iter().position(|line| line.contains('┬')).unwrap_or_else(|| panic!("{drawn}"));
    let mark: Vec<char> = lines[at].chars().collect();
    let begin = mark.iter().position(|it| "─┬".contains(*it)).unwrap();
    let end = mark.len() - mark.iter().rev().position(|it| "─┬".contains(*it)).unwrap();
    let mut column = 0;
    let mut above = String::new();
    for character in lines[at - 1].chars() {
        let width = character.width().unwrap_or(0);
        let inside =
            if width == 0 { !above.is_empty() && column <= end } else { column >= begin && column < end };
        if inside && (width > 0 || column > begin) {
            above.push(character);
        }
        column += width;
    }
    above
}

/// The underline is below the labelled text, wherever that is and whatever precedes it.
#[test]
fn the_underline_stays_under_its_columns() {
    let before = [
        "check ",
        "\tcheck\t",
        "日本語 \"漢字\" ",
        "\"👩‍💻 ❤️ 👍🏽 🇩🇪 1️⃣\" ",
        "\"e\u{301}a\u{308}\u{323}\" ",
        "\"שלום עולם العربية\" ",
        "\"한\u{1100}\u{1161}\" ",
        "\"\u{1b}[31m\u{7}\u{0}\u{85}\" ",
        "\"\u{202e}\u{2066}\u{200b}\u{feff}\" ",
        "\"हिन्दी ไทย\" ",
    ];
    let targets = [("p99", "p99"), ("日本", "日本"), ("e\u{301}t", "e\u{301}t"), ("👩‍💻", "👩💻"), ("❤️", "❤")];
    for before in before {
        for (target, shown) in targets {
            for long in [0, 40] {
                let line = format!("{}{before}{target} {}", before.repeat(long), before.repeat(long));
                let start = line.len() - before.repeat(long).len() - 1 - target.len();
                let (start, end) =
                    (u32::try_from(start).unwrap(), u32::try_from(start + target.len()).unwrap());
                let sources = sources(&[("a.rb", &line)]);
                let diagnostic = Diagnostic::new(Code::SYNTAX_STATEMENT, "odd", at(0, start, end), "this");
                let drawn = draw(&diagnostic, &sources, UNICODE);
                assert_eq!(underlined(&drawn), shown, "{before:?} {target:?} {long}\n{drawn}");
                for line in drawn.lines() {
                    assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{line}");
                }
            }
        }
    }
}

/// A source that displays differently from how it runs (Trojan Source, CVE-2021-42574) is displayed as it runs.
#[test]
fn what_turns_the_reading_direction_is_seen() {
    let text = "check x == \"user\u{202e} \u{2066}# only admins\u{2069} \u{2066}\" {\n";
    let sources = sources(&[("a.rb", text)]);
    let place = at(0, 11, u32::try_from(text.trim_end().len() - 2).unwrap());
    let diagnostic = Diagnostic::new(Code::SYNTAX_STATEMENT, "odd", place, "this");
    insta::assert_snapshot!(draw(&diagnostic, &sources, UNICODE), @r#"
    syntax/statement

      × odd
       ╭─[a.rb:1:12]
     1 │ check x == "user� �# only admins� �" {
       ·            ────────────┬────────────
       ·                        ╰── this
       ╰────
    "#);
}

/// Cut off alone, it would join the mark that shows the cut.
#[test]
fn a_mark_at_the_edge_of_a_crop_goes_with_its_character() {
    let line = format!("{}here", "e\u{301}".repeat(300));
    let start = u32::try_from(line.len() - 4).unwrap();
    let sources = sources(&[("a.rb", &line)]);
    let diagnostic = Diagnostic::new(Code::SYNTAX_STATEMENT, "odd", at(0, start, start + 4), "this");
    let drawn = draw(&diagnostic, &sources, UNICODE);
    assert!(drawn.contains("…e\u{301}") && !drawn.contains("…\u{301}"), "{drawn}");
    assert_eq!(underlined(&drawn), "here", "{drawn}");
}
