//! JUnit XML, for test result viewers: one suite per file, one case per finding.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::findings::Pretty;
use crate::junit::{document, set_file, text};
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::Sources;
use rbl_terminal::Style;

/// How findings are drawn in a report: without colour, in a width that viewers show.
const STYLE: Style = Style { color: false, unicode: true, width: 100 };

/// The name of the report, and of the suite of what could not be checked.
const NAME: &str = "rbl check";

/// Collects the findings of one check.
#[derive(Debug)]
pub struct Junit(Report);

impl Default for Junit {
    fn default() -> Self {
        Self(Report::new(NAME))
    }
}

impl Junit {
    /// Adds a checked file with its findings. An error is a failure; a lesser finding is a case that passes and
    /// contains the finding, since `check` itself ends with 0 for it. A file without findings is one case that passes.
    pub fn file(&mut self, name: &str, diagnostics: &[Diagnostic], sources: &Sources) {
        let pretty = Pretty::new(diagnostics, sources, STYLE);
        let mut suite = TestSuite::new(text(name));
        for diagnostic in diagnostics {
            suite.add_test_case(case(name, diagnostic, sources, &pretty));
        }
        if diagnostics.is_empty() {
            let mut case = TestCase::new("nothing to report", TestCaseStatus::success());
            set_file(&mut case, name, None);
            suite.add_test_case(case);
        }
        self.0.add_test_suite(suite);
    }

    /// Records that something could not be checked.
    pub fn refused(&mut self, why: &str) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(text(why));
        let mut case = TestCase::new("could be looked at", status);
        case.set_classname(NAME);
        let mut suite = TestSuite::new(NAME);
        suite.add_test_case(case);
        self.0.add_test_suite(suite);
    }

    /// Returns the document.
    pub fn document(&self) -> String {
        document(&self.0)
    }
}

fn case(file: &str, diagnostic: &Diagnostic, sources: &Sources, pretty: &Pretty<'_>) -> TestCase {
    let place = diagnostic.place().and_then(|place| Some((sources.get(place.source)?, place.span)));
    // A finding in a library is reported with the first file that uses the library, and says where it is.
    let (at, line) = match place {
        Some((source, span)) => {
            let at = source.line_column(span.start);
            let before = if source.name() == file { String::new() } else { format!("{}, ", source.name()) };
            (format!("{before}line {}, column {}: ", at.line, at.column), Some(at.line))
        }
        None => Default::default(),
    };
    let drawn = text(&pretty.draw(diagnostic));
    let name = text(&format!("{at}{}", diagnostic.message));
    let mut case = if diagnostic.is_error() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(text(&diagnostic.message)).set_type(diagnostic.code.name()).set_description(drawn);
        TestCase::new(name, status)
    } else {
        let mut case = TestCase::new(name, TestCaseStatus::success());
        case.set_system_out(drawn);
        case
    };
    set_file(&mut case, place.map_or(file, |(source, _)| source.name()), line);
    case
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
        assert_eq!(failure.attribute("message"), Some("5 < \"6\" & ]]>␇ next"));
        assert_eq!(failure.attribute("type"), Some("unit/missing"));
        assert!(failure.text().unwrap().contains("help: write `<` & `>`"), "{text}");
        let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
        assert_eq!(suite.attribute("name"), Some("a<b>&\"'␛[1m \u{fffd}.rb"));
    }
}
