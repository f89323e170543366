//! [`Exact`]: how exactly an action would run, which `rbl plan` shows before anything happens.

use super::script::Script;
use super::{SshOptions, ssh};
use crate::run::{Act, ActTarget};
use crate::value::Reason;
use crate::world::Secrets;

/// Quotes a word for a shell.
fn in_shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { ssh::quoted(word) }
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
                lines.extend(variables.iter().map(|(name, value)| format!("{name}={}", in_shell(value))));
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

    /// How this action would run; the reason says why it could not.
    pub fn of(act: &Act, ssh: &SshOptions, secrets: &Secrets) -> Result<Self, Reason> {
        Ok(match &act.target {
            ActTarget::Command(command) => {
                let script = Script::new(command, secrets)?;
                let hide = |text: &str| secrets.redact(text);
                let text = hide(&script.text);
                let variables =
                    script.variables.iter().map(|(name, value)| (name.clone(), hide(value))).collect();
                match &act.host {
                    None => {
                        let arguments = vec!["/bin/sh".into(), "-c".into(), text];
                        Self::Program { arguments, variables, program: None }
                    }
                    Some(host) => {
                        let arguments = ssh::arguments(ssh, host)?;
                        Self::Program { arguments, variables, program: Some(text) }
                    }
                }
            }
            ActTarget::Instruction(instruction) => Self::Person { instruction: instruction.clone() },
            ActTarget::Executor { executor, reference, arguments } => Self::Executor {
                executor: executor.to_string(),
                reference: reference.shown(),
                parameters: arguments
                    .iter()
                    .map(|argument| (argument.name.to_string(), argument.value.shown()))
                    .collect(),
            },
        })
    }
}
