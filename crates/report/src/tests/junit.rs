//! The results as JUnit XML, for build servers: one suite for each file, one case for each test.

use crate::findings::xml_text;
use crate::tests::result::{Failed, Summary, Tested};
use rbl_syntax::value::Took;
use rbl_terminal::Output;

/// Prints the whole document.
pub(super) fn print(tests: &[Tested], summary: &Summary, out: &mut Output) {
    out.line(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    out.line(&format!(
        r#"<testsuites name="rbl" tests="{}" failures="{}" time="{:.3}">"#,
        summary.tests, summary.failed, summary.seconds
    ));
    for suite in tests.chunk_by(|a, b| a.file == b.file) {
        let Some(first) = suite.first() else { continue };
        let failed = suite.iter().filter(|test| !test.passed).count();
        let seconds: f64 = suite.iter().map(|test| test.seconds).sum();
        out.line(&format!(
            r#"  <testsuite name="{}" tests="{}" failures="{failed}" time="{seconds:.3}">"#,
            xml_text(&first.file),
            suite.len()
        ));
        for test in suite {
            case(test, out);
        }
        out.line("  </testsuite>");
    }
    out.line("</testsuites>");
}

fn case(test: &Tested, out: &mut Output) {
    let file = xml_text(&test.file);
    let head = format!(
        r#"    <testcase name="{}" classname="{file}" file="{file}" line="{}" time="{:.3}""#,
        xml_text(&test.title),
        test.line,
        test.seconds
    );
    if test.passed {
        out.line(&format!("{head}/>"));
        return;
    }
    out.line(&format!("{head}>"));
    for failure in &test.failures {
        let message = failure.unmet.first().map(|unmet| unmet.happened.as_str()).unwrap_or_default();
        let message = xml_text(message);
        out.line(&format!(r#"      <failure message="{message}">{}</failure>"#, xml_text(&words(failure))));
    }
    out.line("    </testcase>");
}

/// The text of a failure, without colours and without a width.
pub(super) fn words(failure: &Failed) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for unmet in &failure.unmet {
        let expected = &unmet.expected;
        let _ = writeln!(text, "expected: {} ({}:{})", expected.text, expected.file, expected.line);
        let _ = write!(text, "but: {}", unmet.happened);
        if let Some(at) = &unmet.at {
            let _ = write!(text, " ({}:{})", at.file, at.line);
        }
        text.push('\n');
    }
    for row in &failure.with {
        let _ = writeln!(text, "with: {} ({}:{})", row.text, row.file, row.line);
    }
    for line in &failure.story {
        let place = line.line.map(|number| format!("line {number}: ")).unwrap_or_default();
        let _ = writeln!(text, "{} {place}{} {}", Took(line.at), line.word, line.text.replace('\n', " / "));
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::findings::xml_text;

    #[test]
    fn nothing_in_a_title_is_markup() {
        assert_eq!(xml_text("a < b & \"c\" \u{1b}[2J"), "a &lt; b &amp; &quot;c&quot; \u{241b}[2J");
    }
}
