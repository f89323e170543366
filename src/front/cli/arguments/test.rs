//! What `rbl test` takes.

use clap::{Args, ValueEnum};

/// `rbl test`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all passed, 1 a test failed, 2 no test found, 3 a runbook or a test has errors."
)]
pub(in crate::front::cli) struct Test {
    /// Runbooks and files of tests, or folders: everything below them that `.gitignore` does not leave out
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::front::cli) paths: Vec<String>,
    /// Run only the tests that have this in their title
    #[arg(long, value_name = "TEXT")]
    pub(in crate::front::cli) filter: Option<String>,
    /// How the tests are told
    #[arg(long, value_enum, default_value = "pretty")]
    pub(in crate::front::cli) format: TestFormat,
    /// Run each runbook in N random worlds instead, and see that it keeps to what every run does
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(in crate::front::cli) random: Option<u64>,
    /// The first random world; the same number gives the same worlds again
    #[arg(long, value_name = "S", requires = "random")]
    pub(in crate::front::cli) seed: Option<u64>,
}

/// How tests are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::front::cli) enum TestFormat {
    /// For people: what failed, with its story
    Pretty,
    /// One JSON object a test
    Json,
    /// The XML that build servers read
    Junit,
    /// The Test Anything Protocol
    Tap,
}
