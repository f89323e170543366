//! JUnit XML, for test result viewers: one suite per file, one case per finding.

use std::fmt::Write as _;

use crate::findings::{Pretty, xml_attribute, xml_text};
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::Sources;
use rbl_terminal::Style;

/// How findings are drawn in a report: without colour, in a width that viewers show.
const STYLE: Style = Style { color: false, unicode: true, width: 100 };

/// Collects the findings of one check.
#[derive(Debug, Default)]
pub struct Junit {
    suites: String,
    tests: usize,
    failures: usize,
    errors: usize,
}

impl Junit {
    /// Adds a checked file with its findings. An error is a failure; a lesser finding is a case that passes and
    /// contains the finding, since `check` itself ends with 0 for it. A file without findings is one case that passes.
    pub fn file(&mut self, name: &str, diagnostics: &[Diagnostic], sources: &Sources) {
        let pretty = Pretty::new(diagnostics, sources, STYLE);
        let failures = diagnostics.iter().filter(|it| it.is_error()).count();
        let mut cases = String::new();
        for diagnostic in diagnostics {
            cases.push_str(&case(name, diagnostic, sources, &pretty));
        }
        if diagnostics.is_empty() {
            let name = xml_attribute(name);
            let _ = writeln!(
                cases,
                r#"    <testcase classname="{name}" name="nothing to report" file="{name}"/>"#
            );
        }
        self.suite(name, diagnostics.len().max(1), failures, 0, &cases);
    }

    /// Records that something could not be checked.
    pub fn refused(&mut self, why: &str) {
        let message = xml_attribute(why);
        let case = format!(
            "    <testcase classname=\"rbl check\" name=\"could be looked at\">\n      <error \
             message=\"{message}\"/>\n    </testcase>\n"
        );
        self.suite("rbl check", 1, 0, 1, &case);
    }

    /// Returns the document.
    pub fn document(&self) -> String {
        let Self { suites, tests, failures, errors } = self;
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rbl check\" tests=\"{tests}\" \
             failures=\"{failures}\" errors=\"{errors}\">\n{suites}</testsuites>"
        )
    }

    fn suite(&mut self, name: &str, tests: usize, failures: usize, errors: usize, cases: &str) {
        self.tests += tests;
        self.failures += failures;
        self.errors += errors;
        let name = xml_attribute(name);
        let _ = write!(
            self.suites,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" \
             skipped=\"0\">\n{cases}  </testsuite>\n"
        );
    }
}

fn case(file: &str, diagnostic: &Diagnostic, sources: &Sources, pretty: &Pretty<'_>) -> String {
    let place = diagnostic.place().and_then(|place| Some((sources.get(place.source)?, place.span)));
    // A finding in a library is reported with the first file that uses the library, and says where it is.
    let (at, line) = match place {
        Some((source, span)) => {
            let at = source.line_column(span.start);
            let before = if source.name() == file { String::new() } else { format!("{}, ", source.name()) };
            (format!("{before}line {}, column {}: ", at.line, at.column), format!(" line=\"{}\"", at.line))
        }
        None => Default::default(),
    };
    let file = xml_attribute(place.map_or(file, |(source, _)| source.name()));
    let name = xml_attribute(&format!("{at}{}", diagnostic.message));
    let drawn = xml_text(&pretty.draw(diagnostic));
    let body = if diagnostic.is_error() {
        let (message, kind) = (xml_attribute(&diagnostic.message), xml_attribute(diagnostic.code.name()));
        format!("<failure message=\"{message}\" type=\"{kind}\">{drawn}</failure>")
    } else {
        format!("<system-out>{drawn}</system-out>")
    };
    format!(
        "    <testcase classname=\"{file}\" name=\"{name}\" file=\"{file}\"{line}>\n      {body}\n    </testcase>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::Junit;
    use rbl_syntax::diagnostic::{Code, Diagnostic};
    use rbl_syntax::source::{Source, Sources, Span};

    #[test]
    fn whatever_stands_in_a_file_is_well_formed_and_says_the_same() {
        let name = "a<b>&\"'\u{1b}[1m\n\u{ffff}.rb";
        let mut sources = Sources::new();
        let id = sources.add(Source::new(name, "x \u{0}\u{b}]]> <!-- & \u{fffe}\n"));
        let place = Span::new(0, 1).in_source(id);
        let finding = Diagnostic::new(Code::UNIT_MISSING, "5 < \"6\" & ]]>\u{7}\nnext", place, "<b>")
            .help("write `<` & `>`");
        let warning = Diagnostic::new(Code::NAME_UNUSED, "`x` is never used", place, "x");
        let mut junit = Junit::default();
        junit.file(name, &[finding, warning], &sources);
        junit.file("clean.rb", &[], &Sources::new());
        junit.refused("cannot read `b.rb`");
        let text = junit.document();
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
        let root = document.root_element();
        let count = |name| root.attribute(name).unwrap();
        assert_eq!((count("tests"), count("failures"), count("errors")), ("4", "1", "1"));
        let all = |tag: &str| document.descendants().filter(|node| node.has_tag_name(tag)).count();
        assert_eq!((all("testsuite"), all("testcase"), all("failure"), all("error")), (3, 4, 1, 1));
        assert_eq!(all("system-out"), 1);
        let failure = document.descendants().find(|node| node.has_tag_name("failure")).unwrap();
        assert_eq!(failure.attribute("message"), Some("5 < \"6\" & ]]>␇\nnext"));
        assert_eq!(failure.attribute("type"), Some("unit/missing"));
        assert!(failure.text().unwrap().contains("help: write `<` & `>`"), "{text}");
        let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
        assert_eq!(suite.attribute("name"), Some("a<b>&\"'␛[1m\n\u{fffd}.rb"));
    }
}
