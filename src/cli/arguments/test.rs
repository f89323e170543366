//! The arguments of `rbl test`.

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
    /// Runbooks and test files, or folders: everything below them that `.gitignore` does not exclude
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<String>,
    /// Run only the tests with this text in their title
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// How test results are printed
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: TestFormat,
    /// Write tests for the arms that no test takes yet, at most N, to `NAME_test.rb`, for a person to review
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "0", conflicts_with_all = ["coverage", "mutants", "filter", "random", "format"])]
    pub write_missing: Option<usize>,
    /// Run each runbook in N random worlds instead, and check what holds for every run
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with_all = ["coverage", "mutants", "filter"])]
    pub random: Option<u64>,
    /// The seed of the first random world; the same seed gives the same worlds again
    #[arg(long, value_name = "S", requires = "random")]
    pub seed: Option<u64>,
    /// Report which arms and paths of each runbook the tests take; `json` and `lcov` print nothing else on standard
    /// output
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
    /// Change the runbooks in small ways, and report which changes no test notices; `json` prints nothing else on
    /// standard output
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

/// How coverage is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageFormat {
    /// For people: each runbook, and the lines with arms that no test takes
    Text,
    /// One JSON object for each runbook
    Json,
    /// An lcov tracefile
    Lcov,
}

/// How mutants are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MutantsFormat {
    /// For people: each runbook, and the changes that no test notices
    Text,
    /// One JSON object for each mutant, noticed or not, and one for each runbook
    Json,
}

/// A percentage: `80%`, or `80`.
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

/// Writes the percentage as the author does: `80%`.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

/// How test results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people: the failed tests, each with its story
    Pretty,
    /// One JSON object for each test
    Json,
    /// JUnit XML, which build servers read
    Junit,
    /// The Test Anything Protocol
    Tap,
}
