//! Prepares a command for a shell: the author's text, with a variable in the place of each value.

use rbl_check::shell;
use rbl_check::shell::{Quoting, ShellPart, ValueSite};
use rbl_runtime::Secrets;
use rbl_runtime::{CommandLine, Datum, Piece};
use rbl_syntax::value::{Reason, ReasonKind};
use secrecy::ExposeSecret;

/// The longest value: Linux allows 128 KiB for one variable with its name.
const LONGEST_VALUE: usize = 128 * 1024 - 64;
/// The longest program, which is passed as one argument.
const LONGEST_PROGRAM: usize = 128 * 1024 - 1;

/// A program for `/bin/sh`, and the variables that it expands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShellScript {
    /// The program. No value is in it.
    pub(crate) text: String,
    /// Names and values.
    pub(crate) variables: Vec<(String, String)>,
    /// Environment variables for every program the command starts, on another host too.
    pub(crate) exported: Vec<(&'static str, String)>,
}

impl ShellScript {
    /// Builds the program and reads the secrets. The reason says which value cannot be passed, and why.
    pub(crate) fn new(command: &CommandLine, secrets: &Secrets) -> Result<Self, Reason> {
        let sites = places(command)?;
        let mut writer =
            ScriptWriter { prefix: free_prefix(command), text: String::new(), variables: Vec::new() };
        let mut sites = sites.into_iter();
        for piece in &command.0 {
            match piece {
                Piece::Text(text) => writer.author(text),
                Piece::Value(datum) => {
                    let site = sites.next().ok_or_else(|| refused("a value without a place"))?;
                    let mut words = Vec::new();
                    flatten(datum, secrets, &mut words)?;
                    if let Some(program) = site.option_of
                        && words.iter().any(|word| word.starts_with('-'))
                    {
                        let text =
                            format!("`{program}` would take a value that begins with `-` as an option");
                        return Err(refused(text));
                    }
                    writer.value(site, words);
                }
            }
        }
        writer.finish()
    }

    /// Exports the key of the action and the run: the same for every try, so that a receiver can detect repetition.
    pub(crate) fn names_itself(&mut self, key: &str) {
        let run = key.split('/').next().unwrap_or_default();
        self.exported = vec![("RBL_IDEMPOTENCY_KEY", key.to_owned()), ("RBL_RUN", run.to_owned())];
    }
}

fn places(command: &CommandLine) -> Result<Vec<ValueSite>, Reason> {
    if !command.0.iter().any(|piece| matches!(piece, Piece::Value(_))) {
        return Ok(Vec::new());
    }
    let parts: Vec<ShellPart<'_>> = command
        .0
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => ShellPart::Text(text),
            Piece::Value(Datum::List(_)) => ShellPart::List,
            Piece::Value(datum) if is_plain(datum) => ShellPart::Plain,
            Piece::Value(_) => ShellPart::Value,
        })
        .collect();
    shell::sites(&parts).map_err(|faults| {
        faults.first().map_or_else(
            || refused("a value without a place"),
            |fault| refused(format!("{} (byte {})", fault.refusal, fault.offset)),
        )
    })
}

/// Whether a value can be nothing but a number, a quantity, `true` or `false`.
fn is_plain(datum: &Datum) -> bool {
    match datum {
        Datum::Number(_)
        | Datum::ExactNumber(_)
        | Datum::Reading { .. }
        | Datum::Duration(_)
        | Datum::Data(_)
        | Datum::Bool(_) => true,
        // A quantity of another unit comes as it prints: `200/s`.
        Datum::Text(text) => {
            text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || ".+-%/".contains(c))
        }
        Datum::List(_) | Datum::Secret(_) => false,
    }
}

/// A prefix for variable names that the author's text does not use.
fn free_prefix(command: &CommandLine) -> String {
    let used = |prefix: &str| {
        command.0.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains(prefix)))
    };
    let mut prefix = "RBL_".to_owned();
    while used(&prefix) {
        prefix.push('_');
    }
    prefix
}

fn flatten(datum: &Datum, secrets: &Secrets, words: &mut Vec<String>) -> Result<(), Reason> {
    match datum {
        Datum::List(items) => items.iter().try_for_each(|item| flatten(item, secrets, words)),
        Datum::Secret(secret) => {
            words.push(crate::secrets::resolve(secrets, secret)?.expose_secret().to_owned());
            Ok(())
        }
        other => {
            words.push(other.shown());
            Ok(())
        }
    }
}

struct ScriptWriter {
    prefix: String,
    text: String,
    variables: Vec<(String, String)>,
}

impl ScriptWriter {
    fn author(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn variable(&mut self, value: String) -> String {
        let name = format!("{}{}", self.prefix, self.variables.len() + 1);
        let expansion = format!("${{{name}}}");
        self.variables.push((name, value));
        expansion
    }

    fn value(&mut self, site: ValueSite, words: Vec<String>) {
        if site.place == Quoting::Comment {
            return;
        }
        if site.after_dollar && self.text.ends_with('$') {
            self.text.pop();
            self.text.push_str("\\$");
        }
        let quote = match site.place {
            Quoting::SingleQuoted => "'",
            Quoting::DoubleQuoted => "\"",
            Quoting::Bare | Quoting::HereDocument | Quoting::Comment => "",
        };
        // An empty list: in quotes an empty word. Elsewhere a command with one is not run.
        if words.is_empty() {
            return;
        }
        let expansions: Vec<String> = words.into_iter().map(|word| self.variable(word)).collect();
        match site.place {
            Quoting::HereDocument => self.text.push_str(&expansions.join(" ")),
            // A single value stays inside the surrounding quotes: the program reads as it was written.
            Quoting::DoubleQuoted if expansions.len() == 1 => self.text.push_str(&expansions.concat()),
            _ => {
                let words: Vec<String> = expansions.iter().map(|word| format!("\"{word}\"")).collect();
                self.text.extend([quote, words.join(" ").as_str(), quote]);
            }
        }
    }

    fn finish(self) -> Result<ShellScript, Reason> {
        for (_, value) in &self.variables {
            if value.contains('\0') {
                return Err(refused("a value holds a NUL byte, which no command can take"));
            }
            if value.len() > LONGEST_VALUE {
                let text = format!("a value of {} bytes is too long for a command", value.len());
                return Err(refused(text));
            }
        }
        if self.text.contains('\0') {
            return Err(refused("the command holds a NUL byte, which no shell can take"));
        }
        if self.text.len() > LONGEST_PROGRAM {
            return Err(refused(format!("a command of {} bytes is too long for a shell", self.text.len())));
        }
        Ok(ShellScript { text: self.text, variables: self.variables, exported: Vec::new() })
    }
}

fn refused(text: impl Into<String>) -> Reason {
    Reason::new(ReasonKind::NotRun, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(pieces: Vec<Piece>) -> String {
        ShellScript::new(&CommandLine(pieces), &Secrets::new()).unwrap().text
    }

    fn written(text: &str) -> Piece {
        Piece::Text(text.into())
    }

    fn value() -> Piece {
        Piece::Value(Datum::Text("v".into()))
    }

    fn list(length: usize) -> Piece {
        Piece::Value(Datum::List(vec![Datum::Text("v".into()); length]))
    }

    #[test]
    fn each_place_has_its_own_spelling() {
        assert_eq!(text(vec![written("a "), value()]), r#"a "${RBL_1}""#);
        assert_eq!(text(vec![written("a \"b$"), value(), written("c\"")]), r#"a "b\$${RBL_1}c""#);
        assert_eq!(text(vec![written("a 'b"), value(), written("c'")]), r#"a 'b'"${RBL_1}"'c'"#);
        assert_eq!(text(vec![written("a # "), value()]), "a # ");
        assert_eq!(text(vec![written("$RBL_1 "), value()]), r#"$RBL_1 "${RBL__1}""#);
    }

    #[test]
    fn a_list_is_a_word_for_each() {
        assert_eq!(text(vec![written("a b"), list(2), written("c")]), r#"a b"${RBL_1}" "${RBL_2}"c"#);
        assert_eq!(text(vec![written("a \"b"), list(2), written("c\"")]), {
            r#"a "b""${RBL_1}" "${RBL_2}""c""#
        });
        assert_eq!(text(vec![written("a "), list(0), written(" b")]), "a  b");
        assert_eq!(text(vec![written("a \""), list(0), written("\" b")]), "a \"\" b");
        assert_eq!(text(vec![written("a 'x"), list(0), written("' b")]), "a 'x' b");
    }

    #[test]
    fn what_cannot_be_handed_over_is_said() {
        let reason = |value: String| {
            let command = CommandLine(vec![written("a "), Piece::Value(Datum::Text(value))]);
            ShellScript::new(&command, &Secrets::new()).unwrap_err().text
        };
        assert!(reason("a\0b".into()).contains("NUL"));
        assert!(reason("x".repeat(200_000)).contains("200000 bytes"));
        let eval = CommandLine(vec![written("eval "), value()]);
        assert!(ShellScript::new(&eval, &Secrets::new()).unwrap_err().text.contains("`eval`"));
    }
}
