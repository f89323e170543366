//! The results in the Test Anything Protocol, version 14: a line for each test, and a block of YAML under each failure.

use crate::tests::result::Tested;
use rbl_syntax::harmless;
use rbl_terminal::Output;

/// Prints the plan and every test.
pub(super) fn print(tests: &[Tested], out: &mut Output) {
    out.line("TAP version 14");
    out.line(&format!("1..{}", tests.len()));
    for (test, number) in tests.iter().zip(1..) {
        let ok = if test.passed { "ok" } else { "not ok" };
        // In TAP `#` begins a directive.
        let title = harmless(&test.title).replace('\\', "\\\\").replace('#', "\\#").replace('\n', " ");
        out.line(&format!("{ok} {number} - {title}"));
        if test.passed {
            continue;
        }
        out.line("  ---");
        out.line(&format!("  at: {}", quoted(&format!("{}:{}", test.file, test.line))));
        out.line("  failures:");
        for failure in &test.failures {
            let message = failure.unmet.first().map(|unmet| unmet.happened.as_str()).unwrap_or_default();
            out.line(&format!("    - message: {}", quoted(message)));
            out.line("      details: |");
            for line in super::junit::words(failure).lines() {
                out.line(&format!("        {}", harmless(line)));
            }
        }
        out.line("  ...");
    }
}

/// Quotes a text for one line of YAML, which accepts JSON strings.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
