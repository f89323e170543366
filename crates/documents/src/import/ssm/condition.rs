//! The conditions of branches and loops.

use super::names::SsmType;
use super::template::{SsmPiece, only_value, pieces};
use crate::import::yaml::YamlNode;
use std::fmt::Write as _;

/// Why a condition cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoCondition {
    /// A value of it is not known where it is asked: the step fails there.
    Unknown(String),
    /// It has something that the language has not.
    Beyond(String),
}

/// Says what `{{ … }}` is where a condition stands.
pub(super) type Resolve<'a> = dyn Fn(&str) -> Option<(String, SsmType)> + 'a;

/// A choice, or the condition of a loop, as a condition of the language.
pub(super) fn condition(node: &YamlNode, resolve: &Resolve<'_>) -> Result<String, NoCondition> {
    for (word, joined) in [("And", " and "), ("Or", " or ")] {
        if let Some(parts) = node.get(word) {
            let parts: Result<Vec<String>, NoCondition> =
                parts.items().iter().map(|it| condition(it, resolve).map(|it| bracketed(&it))).collect();
            let parts = parts?;
            if parts.is_empty() {
                return Err(NoCondition::Beyond(format!("`{word}` holds nothing")));
            }
            return Ok(parts.join(joined));
        }
    }
    if let Some(inner) = node.get("Not") {
        // Some write what is not so as a list of one.
        let inner = inner.items().first().unwrap_or(inner);
        let inner = condition(inner, resolve)?;
        return Ok(if inner.contains(' ') { format!("not ({inner})") } else { format!("not {inner}") });
    }
    comparison(node, resolve)
}

fn bracketed(text: &str) -> String {
    if text.contains(" and ") || text.contains(" or ") || text.starts_with("not ") {
        format!("({text})")
    } else {
        text.to_owned()
    }
}

fn comparison(node: &YamlNode, resolve: &Resolve<'_>) -> Result<String, NoCondition> {
    let variable = node.get("Variable").and_then(YamlNode::text);
    let Some(variable) = variable else { return Err(NoCondition::Beyond("it has no `Variable`".into())) };
    let (name, wanted) = node
        .entries()
        .find(|(key, _)| !["Variable", "NextStep"].contains(key))
        .ok_or_else(|| NoCondition::Beyond("it compares with nothing".into()))?;
    let wanted = wanted.text().unwrap_or_default();
    let (left, kind) = operand(variable, resolve)?;
    let number = |(text, kind): (String, SsmType)| match kind {
        SsmType::Number => text,
        _ => format!("number({text})"),
    };
    match name {
        "StringEquals" => Ok(format!("{left} == {}", operand(wanted, resolve)?.0)),
        "EqualsIgnoreCase" => Ok(format!("lower({left}) == lower({})", operand(wanted, resolve)?.0)),
        "Contains" => Ok(format!("{} in {left}", operand(wanted, resolve)?.0)),
        "StartsWith" | "EndsWith" => {
            if pieces(wanted).iter().any(|it| matches!(it, SsmPiece::Value(_))) {
                return Err(NoCondition::Beyond(format!("`{name}` with a value")));
            }
            let plain = regex_escaped(wanted);
            let pattern = if name == "StartsWith" { format!("\\A{plain}") } else { format!("{plain}\\z") };
            Ok(format!("matches({left}, {})", text_literal(&pattern)))
        }
        "BooleanEquals" => {
            let is_true = wanted.trim().eq_ignore_ascii_case("true");
            if !is_true && !wanted.trim().eq_ignore_ascii_case("false") {
                let (right, other) = operand(wanted, resolve)?;
                let as_text = |text: &str, kind: SsmType| match kind {
                    SsmType::Bool => text.to_owned(),
                    _ => format!("(lower({text}) == \"true\")"),
                };
                return Ok(format!("{} == {}", as_text(&left, kind), as_text(&right, other)));
            }
            Ok(match kind {
                SsmType::Bool if is_true => left,
                SsmType::Bool => format!("not {left}"),
                // A text that says it, in any case of letters.
                _ => format!("lower({left}) == \"{is_true}\""),
            })
        }
        _ => {
            let operator = match name {
                "NumericEquals" => "==",
                "NumericGreater" => ">",
                "NumericLesser" => "<",
                "NumericGreaterOrEquals" => ">=",
                "NumericLesserOrEquals" => "<=",
                other => return Err(NoCondition::Beyond(format!("`{other}` is no operator of a branch"))),
            };
            let right = match wanted.trim().parse::<f64>() {
                Ok(_) => (wanted.trim().to_owned(), SsmType::Number),
                Err(_) => operand(wanted, resolve)?,
            };
            Ok(format!("{} {operator} {}", number((left, kind)), number(right)))
        }
    }
}

/// A text of the document as an expression.
pub(super) fn operand(text: &str, resolve: &Resolve<'_>) -> Result<(String, SsmType), NoCondition> {
    if let Some(value) = only_value(text) {
        return resolve(&value).ok_or(NoCondition::Unknown(value));
    }
    Ok((with_values(text, resolve)?, SsmType::Text))
}

/// A text of the document as a text, with its values in it.
pub(super) fn with_values(text: &str, resolve: &Resolve<'_>) -> Result<String, NoCondition> {
    let mut out = String::from("\"");
    for piece in pieces(text) {
        match piece {
            SsmPiece::Text(text) => out.push_str(&escaped(&text)),
            SsmPiece::Value(value) => {
                let (shown, _) = resolve(&value).ok_or(NoCondition::Unknown(value))?;
                let _ = write!(out, "#{{{shown}}}");
            }
        }
    }
    Ok(out + "\"")
}

/// A text as a literal.
pub(super) fn text_literal(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("#{", "\\#{")
        .replace('\n', "\\n")
        .replace('\t', "\\t")
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn regex_escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
