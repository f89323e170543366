//! Any bytes through the whole of `check`: reading, names, types, flow, PromQL, shell, and the printers.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rbl_check::{Catalogue, Loaded, Loader, check};
use rbl_report::findings::{Pretty, json};
use rbl_syntax::diagnostic::short;
use rbl_syntax::source::Source;
use rbl_terminal::Style;

/// Every file that is named holds the same few declarations.
struct OneLibrary;

impl Loader for OneLibrary {
    fn load(&mut self, _: &str, named: &str) -> Result<Loaded, String> {
        let text = "metric lib in s from host \"uptime\"\nlet twice(x) = x * 2\n";
        Ok(Loaded { identity: named.to_owned(), shown: named.to_owned(), text: text.to_owned() })
    }
}

fuzz_target!(|text: &str| {
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
