//! Blocks of rbl and of rbl.toml: the findings of the check.

use std::path::Path;

use rbl_check::{Catalogue, LoadedFile, Loader};
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Source, Sources};
use rbl_world::Connections;

use super::block::Ruby;
use super::console::Place;

/// The names that the pages use. Without it each page would need an rbl.toml of its own.
fn catalogue() -> Catalogue {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let providers = [
        ("prometheus", "prometheus"),
        ("host", "host"),
        ("file", "file"),
        ("broker", "http"),
        ("logs", "loki"),
        ("search", "elasticsearch"),
        ("orders", "sql"),
        ("certificates", "tls"),
        ("names", "dns"),
        ("ports", "tcp"),
        ("units", "systemd"),
        ("cluster", "kubernetes"),
        ("aws", "cloudwatch"),
        ("lines", "exec"),
    ];
    Catalogue {
        providers: providers.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect(),
        executors: names(&[]),
        teams: names(&["api-oncall", "database-oncall", "infra-oncall", "security"]),
        channels: names(&["incidents"]),
        configured: true,
        metrics: rbl_world::metric_types(),
        ..Catalogue::default()
    }
}

/// Reads files from the page's folder.
struct Files<'a>(&'a Path);

impl Loader for Files<'_> {
    fn load(&mut self, from: &str, named: &str) -> Result<LoadedFile, String> {
        // The block itself is in the page's folder.
        let path = self.0.join(from).parent().unwrap().join(named);
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        Ok(LoadedFile { identity: path.to_string_lossy().into_owned(), shown: named.to_owned(), text })
    }
}

/// The findings of the check in a text, except for unused names if it is a piece of a runbook.
fn findings(text: &str, fragment: bool, catalogue: &Catalogue, folder: &Path) -> Vec<Diagnostic> {
    let checked = rbl_check::check(Source::new("block.rb", text), "block.rb", &mut Files(folder), catalogue);
    checked
        .diagnostics
        .into_iter()
        .filter(|finding| !fragment || !["name/unused", "syntax/place"].contains(&finding.code.name()))
        .collect()
}

fn told(findings: &[Diagnostic]) -> String {
    findings.iter().map(|it| format!("{}: {}\n  {}\n", it.code, it.message, it.help.join("\n  "))).collect()
}

/// Checks a block.
pub fn run(ruby: &Ruby, text: &str, preamble: &str, place: &mut Place) -> Result<(), String> {
    let whole = if ruby.fragment { format!("{preamble}\n{text}") } else { text.to_owned() };
    if let Some(name) = &ruby.file {
        place.write(name, text);
    }
    // A file of a page is beside the page's own rbl.toml, if it has one.
    let catalogue = match &ruby.file {
        Some(_) => configured(place.path())?,
        None => catalogue(),
    };
    let found = findings(&whole, ruby.fragment, &catalogue, place.path());
    match &ruby.fails {
        // A file of a tutorial may have no configuration; its page says what that means.
        None if found.iter().all(|it| ruby.file.is_some() && !it.is_error()) => Ok(()),
        None => Err(told(&found)),
        Some(code) if !found.is_empty() && found.iter().all(|it| it.code.name() == code) => Ok(()),
        Some(code) => Err(format!("this is to be {code}, and is\n{}", told(&found))),
    }
}

/// The names in the rbl.toml of a folder.
fn configured(folder: &Path) -> Result<Catalogue, String> {
    match std::fs::read_to_string(folder.join("rbl.toml")) {
        Ok(text) => read(&text, folder).map(|config| config.catalogue()),
        Err(_) => Ok(Connections::built_in(folder).catalogue()),
    }
}

/// Reads a block as rbl.toml.
pub fn configuration(text: &str) -> Result<(), String> {
    read(text, Path::new(".")).map(drop)
}

fn read(text: &str, folder: &Path) -> Result<Connections, String> {
    let source = Source::new("rbl.toml", text);
    let id = Sources::new().add(source.clone());
    Connections::read(&source, id, folder).map_err(|found| told(&found))
}
