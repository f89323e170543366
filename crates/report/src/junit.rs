//! What the two `JUnit` documents have in common, that of findings and that of tests.

use quick_junit::{Report, TestCase, XmlString};
use rbl_syntax::diagnostic::bug;
use rbl_syntax::harmless;

/// A text for the document. Control characters are shown, not left out, and what XML cannot hold is replaced. In an
/// attribute a reader takes a line end for a space.
pub(crate) fn text(text: &str) -> XmlString {
    XmlString::new(harmless(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}").replace('\t', "    "))
}

/// Sets the file of a case, as its class too: viewers group by that.
pub(crate) fn set_file(case: &mut TestCase, file: &str, line: Option<u32>) {
    case.set_classname(text(file));
    case.extra.insert("file".into(), text(file));
    if let Some(line) = line {
        case.extra.insert("line".into(), text(&line.to_string()));
    }
}

/// Returns the document, without a line end.
pub(crate) fn document(report: &Report) -> String {
    match report.to_string() {
        Ok(text) => text.trim_end().to_owned(),
        Err(why) => bug(&format!("a JUnit document cannot be written: {why}")),
    }
}
