//! The arguments of `rbl check`.

use clap::{Args, ValueEnum};

/// `rbl check`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing to report, 1 findings or a difference, 2 no runbook found.")]
#[allow(clippy::struct_excessive_bools)] // each is a flag of its own
pub(crate) struct Check {
    /// Runbooks, or folders: every runbook below them that `.gitignore` does not exclude
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<String>,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
    /// Also query the providers for each metric now; no action is run
    #[arg(long)]
    pub online: bool,
    /// Report an error where the longest path through a runbook may take longer than this: `45m`
    #[arg(long, value_name = "DURATION", value_parser = seconds)]
    pub budget: Option<f64>,
    /// Fix what can have one meaning only, and write the file; the rest is reported
    #[arg(long)]
    pub fix: bool,
    /// Show the changes of `--fix` as a diff; alone it writes nothing and reports nothing else
    #[arg(long, conflicts_with = "format")]
    pub diff: bool,
    /// How findings are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: CheckFormat,
}

/// Parses a duration of the language, to seconds.
fn seconds(text: &str) -> Result<f64, String> {
    rbl_project::setting::Seconds::parse(text).map(|it| it.0)
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people, with the source lines
    Pretty,
    /// One line for each finding
    Short,
    /// One JSON object for each finding
    Json,
    /// Annotations of a GitHub workflow
    Github,
    /// One SARIF 2.1.0 document
    Sarif,
    /// One JUnit XML document
    Junit,
}
