//! What `rbl check` takes.

use clap::{Args, ValueEnum};

/// `rbl check`
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing to report, 1 findings or a difference, 2 no runbook found.")]
#[allow(clippy::struct_excessive_bools)] // each is a flag of its own
pub(crate) struct Check {
    /// Runbooks, or folders: every runbook below them that `.gitignore` does not leave out
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<String>,
    /// Take warnings as errors
    #[arg(long)]
    pub strict: bool,
    /// Ask the providers for each metric too, now; nothing acts
    #[arg(long)]
    pub online: bool,
    /// An error where the longest path through a runbook may take longer than this: `45m`
    #[arg(long, value_name = "DURATION", value_parser = seconds)]
    pub budget: Option<f64>,
    /// Mend what can have one meaning only, and write it; what is left is reported
    #[arg(long)]
    pub fix: bool,
    /// Show what `--fix` changes, as a diff; alone it writes nothing and reports nothing else
    #[arg(long, conflicts_with = "format")]
    pub diff: bool,
    /// How findings are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: CheckFormat,
}

/// A duration as the language writes it, in seconds.
fn seconds(text: &str) -> Result<f64, String> {
    rbl_project::setting::Seconds::parse(text).map(|it| it.0)
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people, with the lines it is about
    Pretty,
    /// One line a finding
    Short,
    /// One JSON object a finding
    Json,
    /// Annotations of a GitHub workflow
    Github,
    /// One SARIF 2.1.0 document
    Sarif,
    /// One JUnit XML document
    Junit,
}
