//! The arguments of `rbl answer`.

use clap::Args;

use super::run::RunFormat;

/// `rbl answer`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: those of `rbl run`. 2: the answer does not fit, or there is nothing to answer."
)]
pub(crate) struct Answer {
    /// The run: its id, the start of its id, or `last`
    pub run: String,
    /// The answer: yes, no, "not sure"; a text or an item of the menu; done, failed, skipped; done, "not done",
    /// "cannot tell"
    #[arg(value_name = "ANSWER")]
    pub said: String,
    /// A remark to record with the answer
    #[arg(long, value_name = "TEXT")]
    pub remark: Option<String>,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
    /// Never ask what comes next, and do not sit out a wait: park the run instead
    #[arg(long)]
    pub no_input: bool,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
}
