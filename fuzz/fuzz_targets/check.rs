//! Any bytes through the whole of `check`: reading, names, types, flow, PromQL, shell, and the printers; and through the
//! formatter.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rbl_check::{Catalogue, LoadedFile, Loader, check};
use rbl_report::findings::{Pretty, json};
use rbl_syntax::diagnostic::{Diagnostic, short};
use rbl_syntax::source::{Source, SourceId};
use rbl_syntax::{AsWritten, Unprintable, normal, parse, print};
use rbl_terminal::Style;

/// Every file that is named holds the same few declarations.
struct OneLibrary;

impl Loader for OneLibrary {
    fn load(&mut self, _: &str, named: &str) -> Result<LoadedFile, String> {
        let text = "metric lib in s from host \"uptime\"\nlet twice(x) = x * 2\n";
        Ok(LoadedFile { identity: named.to_owned(), shown: named.to_owned(), text: text.to_owned() })
    }
}

/// The number of errors of a text by itself.
fn errors(text: &str) -> usize {
    parse(SourceId(0), text).diagnostics.iter().filter(|it| Diagnostic::is_error(it)).count()
}

/// What the formatter prints has no more errors than it was given, and formats to itself.
fn formats(text: &str) {
    let text = normal(text);
    let printed = match print(SourceId(0), &text, &AsWritten) {
        Ok(printed) => printed,
        Err(Unprintable::Findings(findings)) => {
            assert!(findings.iter().any(Diagnostic::is_error), "nothing is wrong with {text:?}");
            return;
        }
        Err(Unprintable::Differs(why)) => panic!("{why}: {text:?}"),
    };
    assert!(errors(&printed) <= errors(&text), "{text:?} is printed as {printed:?}");
    match print(SourceId(0), &printed, &AsWritten) {
        Ok(again) => assert_eq!(again, printed, "{text:?}"),
        Err(why) => panic!("{printed:?} cannot be printed again: {why:?}"),
    }
}

fuzz_target!(|text: &str| {
    formats(text);
    let catalogue = Catalogue {
        providers: [("host", "host"), ("prometheus", "prometheus")].map(|(a, b)| (a.into(), b.into())).into(),
        ..Catalogue::default()
    };
    let checked = check(Source::new("fuzz.rb", text), "fuzz.rb", &mut OneLibrary, &catalogue);
    for diagnostic in &checked.diagnostics {
        for label in &diagnostic.labels {
            let source = checked.sources.get(label.place.source).expect("a source of this check");
            assert!(source.text().get(label.place.span.range()).is_some(), "{diagnostic:?}");
        }
        let json = json(diagnostic, &checked.sources);
        serde_json::from_str::<serde_json::Value>(&json).expect("valid JSON");
        short(diagnostic, &checked.sources);
    }
    let pretty = Pretty::new(&checked.diagnostics, &checked.sources, Style::default());
    for diagnostic in &checked.diagnostics {
        pretty.draw(diagnostic);
    }
});
