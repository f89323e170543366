//! What `rbl answer` takes.

use clap::Args;

use super::run::RunFormat;

/// `rbl answer`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of `rbl run`, which goes on. 2: the answer does not fit, or there is nothing to answer."
)]
pub(crate) struct Answer {
    /// The run: its id, the beginning of it, or `last`
    pub run: String,
    /// What is answered: yes, no, "not sure"; a text or one of the menu; done, failed, skipped; done, "not done", "cannot tell"
    #[arg(value_name = "ANSWER")]
    pub said: String,
    /// What is to be remembered of it, in words
    #[arg(long, value_name = "TEXT")]
    pub remark: Option<String>,
    /// Who answers; else the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
    /// Never ask what comes next, and do not sit out a wait: both park the run
    #[arg(long)]
    pub no_input: bool,
    /// How the run is told: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
}
