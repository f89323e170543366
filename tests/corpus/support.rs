//! Shared by several tests: files from a folder, the names of a configuration, findings as text.

use std::fmt::Write as _;
use std::path::PathBuf;

use rbl_check::{Catalogue, Checked, ExecutorFacts, LoadedFile, Loader};

/// Reads files below a folder, named from there.
pub(super) struct DiskLoader {
    pub(super) root: PathBuf,
}

impl Loader for DiskLoader {
    fn load(&mut self, _from: &str, named: &str) -> Result<LoadedFile, String> {
        let path = self.root.join(named);
        let path = path.canonicalize().map_err(|_| "no such file".to_owned())?;
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        Ok(LoadedFile { identity: path.to_string_lossy().into_owned(), shown: named.to_owned(), text })
    }
}

/// A configuration with a few of everything.
pub(super) fn catalogue() -> Catalogue {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let providers = [
        ("prometheus", "prometheus"),
        ("host", "host"),
        ("file", "file"),
        ("shop", "http"),
        ("ports", "tcp"),
        ("certificates", "tls"),
        ("names", "dns"),
        ("units", "systemd"),
        ("cluster", "kubernetes"),
        ("aws", "cloudwatch"),
        ("orders", "sql"),
    ];
    let executors = [
        ("rundeck", "rundeck", false),
        ("deployer", "http", false),
        ("aws", "ssm", true),
        ("azure", "azure", true),
        ("k8s", "kubernetes", true),
    ];
    let facts = |kind: &str, begins_once| ExecutorFacts { kind: kind.to_owned(), begins_once };
    Catalogue {
        providers: providers.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect(),
        executors: names(&["rundeck", "deployer", "aws", "azure", "k8s"]),
        executor_facts: executors
            .iter()
            .map(|(name, kind, once)| ((*name).to_owned(), facts(kind, *once)))
            .collect(),
        teams: names(&["api-oncall", "database-oncall"]),
        channels: names(&["incidents"]),
        configured: true,
        metrics: rbl_world::metric_types(),
        ..Catalogue::default()
    }
}

/// The findings that `rbl check --budget` adds.
pub(super) fn hold_to_budget(checked: &mut Checked, seconds: f64) {
    let program = checked.program.as_ref();
    checked
        .diagnostics
        .extend(program.and_then(|it| rbl_check::paths::over_budget(it, &catalogue(), seconds)));
}

/// The findings, a line each: place, code, message; then labels and help.
pub(super) fn shown(checked: &Checked) -> String {
    let mut text = String::new();
    for finding in &checked.diagnostics {
        let mut head = true;
        for label in &finding.labels {
            let source = checked.sources.get(label.place.source).unwrap();
            let start = source.line_column(label.place.span.start);
            let end = source.line_column(label.place.span.end);
            let at = format!("{}:{}", start.line, start.column);
            if head {
                let severity = format!("{:?}", finding.severity).to_lowercase();
                let file =
                    if label.place.source.0 == 0 { String::new() } else { format!("{}:", source.name()) };
                writeln!(text, "{file}{at} {severity} {} {}", finding.code, finding.message).unwrap();
            }
            head = false;
            let file = if label.place.source.0 == 0 { String::new() } else { format!("{}:", source.name()) };
            let written = source.slice(label.place.span).lines().next().unwrap_or("");
            let more = if start.line == end.line { "" } else { " …" };
            writeln!(text, "    {file}{at} {written}{more} <- {}", label.text).unwrap();
        }
        for help in &finding.help {
            writeln!(text, "    help: {help}").unwrap();
        }
    }
    text
}
