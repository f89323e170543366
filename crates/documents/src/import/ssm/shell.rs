//! Commands of the shell, and the JSON that is built in them out of values.
//!
//! *Invariant:* a value reaches a program as one value. In a command it is a word of its own, and `jq` puts it into JSON.

use super::names::{Names, SsmType};
use super::template::{SsmPiece, pieces};
use crate::import::yaml::{YamlNode, YamlValue};
use std::fmt::Write as _;

/// Stand for the ends of a value in a command that is not yet a literal.
const OPEN: char = '\u{1}';
const CLOSE: char = '\u{2}';

/// The values that a command takes.
#[derive(Debug, Clone, Default)]
pub(super) struct Taking {
    /// What the document calls it, its name in the runbook, and its kind.
    pub(super) values: Vec<(String, String, SsmType)>,
    /// Values that nothing gives.
    pub(super) unknown: Vec<String>,
}

impl Taking {
    /// The name of a value, and how `jq` calls it.
    fn value(&mut self, value: &str, names: &Names) -> (String, SsmType) {
        let Some(known) = names.get(value) else {
            if !self.unknown.iter().any(|it| it == value) {
                self.unknown.push(value.to_owned());
            }
            return ("Unknown".into(), SsmType::Text);
        };
        if !self.values.iter().any(|(it, ..)| it == value) {
            self.values.push((value.to_owned(), known.name.clone(), known.kind));
        }
        (upper_camel(&known.name), known.kind)
    }

    /// A value as a word of a command.
    pub(super) fn word(&mut self, value: &str, names: &Names) -> String {
        let _ = self.value(value, names);
        let name = names.get(value).map_or("unknown", |it| it.name.as_str());
        format!("{OPEN}{name}{CLOSE}")
    }

    /// A node as a program of `jq`.
    pub(super) fn program(&mut self, node: &YamlNode, names: &Names) -> String {
        match &node.value {
            YamlValue::Null => "null".into(),
            YamlValue::Bool(it) => it.to_string(),
            YamlValue::Number(it) => it.clone(),
            YamlValue::Text(text) => self.text(text, names),
            YamlValue::List(items) => {
                let mut lists = Vec::new();
                let mut plain = Vec::new();
                for item in items {
                    // A list inside a list is part of it.
                    let inner = item.text().and_then(super::template::only_value);
                    let is_list = inner
                        .as_deref()
                        .and_then(|it| names.get(it))
                        .is_some_and(|it| it.kind == SsmType::List);
                    let program = self.program(item, names);
                    if is_list {
                        if !plain.is_empty() {
                            lists.push(format!("[{}]", std::mem::take(&mut plain).join(", ")));
                        }
                        lists.push(program);
                    } else {
                        plain.push(program);
                    }
                }
                if !plain.is_empty() || lists.is_empty() {
                    lists.push(format!("[{}]", plain.join(", ")));
                }
                if lists.len() == 1 { lists.concat() } else { format!("({})", lists.join(" + ")) }
            }
            YamlValue::Map(pairs) => {
                let pairs: Vec<String> = pairs
                    .iter()
                    .filter_map(|(key, value)| {
                        let key = serde_json::Value::from(key.text()?);
                        Some(format!("{key}: {}", self.program(value, names)))
                    })
                    .collect();
                format!("{{{}}}", pairs.join(", "))
            }
        }
    }

    fn text(&mut self, text: &str, names: &Names) -> String {
        let found = pieces(text);
        if let [SsmPiece::Value(value)] = found.as_slice() {
            return format!("${}", self.value(value, names).0);
        }
        let mut out = String::from("\"");
        for piece in found {
            match piece {
                SsmPiece::Text(text) => {
                    let quoted = serde_json::Value::from(text).to_string();
                    out.push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
                }
                SsmPiece::Value(value) => {
                    let (name, kind) = self.value(&value, names);
                    let joined = if kind == SsmType::List { " | join(\", \")" } else { "" };
                    let _ = write!(out, "\\(${name}{joined})");
                }
            }
        }
        out + "\""
    }

    /// The word of a command that is the JSON of a program.
    pub(super) fn json(&self, program: &str) -> String {
        let used: Vec<String> = self
            .values
            .iter()
            .filter_map(|(_, name, kind)| {
                let variable = upper_camel(name);
                if !mentions(program, &variable) {
                    return None;
                }
                let value = format!("{OPEN}{name}{CLOSE}");
                Some(match kind {
                    SsmType::Text | SsmType::Duration => format!("--arg {variable} {value}"),
                    SsmType::Number | SsmType::Bool | SsmType::List | SsmType::Json => {
                        format!("--argjson {variable} {value}")
                    }
                })
            })
            .collect();
        if used.is_empty() && !program.contains('$') {
            return quoted(program);
        }
        format!("\"$(jq -cn {} {})\"", used.join(" "), quoted(program))
    }
}

fn mentions(program: &str, variable: &str) -> bool {
    let name = format!("${variable}");
    program.match_indices(&name).any(|(at, _)| {
        let next = program.get(at + name.len()..).and_then(|it| it.chars().next());
        !next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// `instance_id` → `InstanceId`
pub(super) fn upper_camel(name: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('_').map(part).collect()
}

/// A text as one word of the shell.
pub(super) fn quoted(text: &str) -> String {
    // In a command of the language, a backslash before a back quote or a `#` would belong to it.
    let text = text.replace('\'', "'\\''").replace("\\`", "\\''`").replace("\\#", "\\''#");
    format!("'{text}'")
}

/// Whether a text can stand in a command as it is, without quotes.
pub(super) fn is_plain(text: &str) -> bool {
    !text.contains("\\`") && !text.contains("\\#") && !text.contains([OPEN, CLOSE])
}

/// A command as a literal.
pub(super) fn literal(command: &str) -> String {
    let mut out = String::from("`");
    let mut letters = command.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            OPEN => out.push_str("#{"),
            CLOSE => out.push('}'),
            '`' => out.push_str("\\`"),
            '#' if letters.peek() == Some(&'{') => out.push_str("\\#"),
            '\\' => {
                out.push('\\');
                out.extend(letters.next_if(|it| *it != '`' && *it != OPEN));
            }
            _ => out.push(c),
        }
    }
    out + "`"
}

/// An operation as the AWS CLI calls it: `DescribeDBInstances` → `describe-db-instances`.
pub(super) fn operation(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    // A plural of capitals is one word: `ARNs`.
    let trailing = letters.iter().rev().skip(1).take_while(|it| it.is_ascii_uppercase()).count();
    let plural = letters.last() == Some(&'s') && trailing >= 2;
    let end = if plural { letters.len() - 1 - trailing } else { letters.len() };
    let mut out = String::new();
    for (at, c) in letters.iter().enumerate().take(end) {
        let before = at.checked_sub(1).and_then(|it| letters.get(it));
        let next = letters.get(at + 1).filter(|_| at + 1 < end);
        let begins = c.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || next.is_some_and(char::is_ascii_lowercase)
            });
        if begins && !out.ends_with('-') {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    if plural {
        out.push('-');
        out.extend(letters.iter().skip(end).flat_map(|it| it.to_lowercase()));
    }
    out.replace("sto-redi-scsi", "stored-iscsi")
        .replace("cachedi-scsi", "cached-iscsi")
        .replace("storedi-scsi", "stored-iscsi")
        .replace("parti-ql", "partiql")
        .replace("whats-app", "whatsapp")
        .replace("o-tel", "otel")
}

/// A service as the AWS CLI calls it.
pub(super) fn service(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "s3" => "s3api".into(),
        "config" => "configservice".into(),
        "codedeploy" => "deploy".into(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_called_as_the_aws_cli_does() {
        for (name, called) in [
            ("DescribeInstances", "describe-instances"),
            ("ModifyDBInstance", "modify-db-instance"),
            ("DescribeDBInstances", "describe-db-instances"),
            ("ListVirtualMFADevices", "list-virtual-mfa-devices"),
            ("CreateReplicationSubnetGroup", "create-replication-subnet-group"),
            ("DescribeVpcEndpointServicePermissions", "describe-vpc-endpoint-service-permissions"),
            ("ListResourceServerARNs", "list-resource-server-arns"),
            ("GetEC2InstanceRecommendations", "get-ec2-instance-recommendations"),
            ("PutBucketEncryption", "put-bucket-encryption"),
        ] {
            assert_eq!(operation(name), called);
        }
    }

    #[test]
    fn texts_stay_one_word() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(literal(&quoted("a`b#{c}\\`d")), r"`'a\`b\#{c}\''\`d'`");
    }
}
