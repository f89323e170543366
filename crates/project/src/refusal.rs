//! Refusals: why a command cannot be carried out, in one line, with an instruction if there is one. Exit code 2.

/// Why a command does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The obstacle: lower case, no full stop.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
}

impl Refusal {
    /// Creates a refusal from its message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// Adds an instruction.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Formats `rbl: MESSAGE`, and the instruction on the next line.
impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rbl: {}", rbl_syntax::harmless(&self.message))?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {}", rbl_syntax::harmless(help).replace('\n', "\n        "))?;
        }
        Ok(())
    }
}
