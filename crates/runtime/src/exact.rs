//! [`Exact`]: how exactly an action would run, which `rbl plan` shows before anything happens.

use rbl_syntax::harmless::with_codes;

/// Quotes a word for a shell.
fn in_shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// How exactly an action would run; secrets as dots.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Exact {
    /// A program.
    Program {
        /// The program and its arguments, as they are passed.
        arguments: Vec<String>,
        /// The values from the runbook, which the shell expands from its environment (on a host: from variables that
        /// arrive on its standard input).
        variables: Vec<(String, String)>,
        /// What the shell on a host reads from its standard input and runs; `None` on this machine.
        #[serde(skip_serializing_if = "Option::is_none")]
        program: Option<String>,
    },
    /// A person.
    Person {
        /// The instruction.
        instruction: String,
    },
    /// A configured executor.
    Executor {
        /// Its name.
        executor: String,
        /// What it is to run there.
        reference: String,
        /// Its parameters.
        parameters: Vec<(String, String)>,
    },
}

impl Exact {
    /// For people: the command line as a shell would take it, the values it expands, and its standard input.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Program { arguments, variables, program } => {
                let words: Vec<String> = arguments.iter().map(|word| in_shell(word)).collect();
                let mut lines = vec![words.join(" ")];
                lines.extend(program.iter().map(|program| format!("there: {program}")));
                lines.extend(
                    variables.iter().map(|(name, value)| format!("{name}={}", with_codes(&in_shell(value)))),
                );
                lines
            }
            Self::Person { instruction } => vec![format!("a person is asked to: {instruction}")],
            Self::Executor { executor, reference, parameters } => {
                let mut lines = vec![format!("{executor}: {reference}")];
                lines.extend(parameters.iter().map(|(name, value)| format!("{name} = {value}")));
                lines
            }
        }
    }
}
