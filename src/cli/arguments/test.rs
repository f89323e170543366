//! What `rbl test` takes.

use std::fmt;

use clap::{ArgGroup, Args, ValueEnum};

/// `rbl test`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all passed, 1 a test failed, or less is covered or noticed than --fail-under asks for, \
                  2 no test found, 3 a runbook or a test has errors.",
    group = ArgGroup::new("measures").multiple(true)
)]
pub(crate) struct Test {
    /// Runbooks and files of tests, or folders: everything below them that `.gitignore` does not leave out
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<String>,
    /// Run only the tests that have this in their title
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// How the tests are told
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: TestFormat,
    /// Write tests for what no test takes yet, at most N, into `NAME_test.rb`, to be reviewed by a person
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "0", conflicts_with_all = ["coverage", "mutants", "filter", "random", "format"])]
    pub write_missing: Option<usize>,
    /// Run each runbook in N random worlds instead, and see that it keeps to what every run does
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with_all = ["coverage", "mutants", "filter"])]
    pub random: Option<u64>,
    /// The first random world; the same number gives the same worlds again
    #[arg(long, value_name = "S", requires = "random")]
    pub seed: Option<u64>,
    /// Tell which arms and paths of each runbook the tests take; as `json` or `lcov` on standard output alone
    #[arg(
        long,
        value_enum,
        value_name = "FORM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "text",
        group = "measures"
    )]
    pub coverage: Option<CoverageFormat>,
    /// Change the runbooks in small ways, and tell which changes no test notices; as `json` on standard output alone
    #[arg(
        long,
        value_enum,
        value_name = "FORM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "text",
        group = "measures"
    )]
    pub mutants: Option<MutantsFormat>,
    /// End with exit code 1 if less than this is covered, or noticed
    #[arg(long, value_name = "PERCENT", requires = "measures")]
    pub fail_under: Option<Percent>,
}

/// How coverage is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageFormat {
    /// For people: each runbook, and where its text has arms that no test takes
    Text,
    /// One JSON object a runbook
    Json,
    /// The tracefile of lcov
    Lcov,
}

/// How mutants are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MutantsFormat {
    /// For people: each runbook, and the changes that no test notices
    Text,
    /// One JSON object a mutant, noticed or not, and one a runbook
    Json,
}

/// So many of a hundred: `80%`, or `80`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Percent(pub f64);

impl std::str::FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.trim().trim_end_matches('%').trim_end();
        match number.parse::<f64>() {
            Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Self(percent)),
            Ok(_) => Err("a share is between 0% and 100%".into()),
            Err(_) => Err("write it as `80%` or `80`".into()),
        }
    }
}

/// As it is written.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

/// How tests are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people: what failed, with its story
    Pretty,
    /// One JSON object a test
    Json,
    /// The XML that build servers read
    Junit,
    /// The Test Anything Protocol
    Tap,
}
