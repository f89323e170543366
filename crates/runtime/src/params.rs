//! Reads parameters from outside by their declared types: `--param k=v`, a JSON or TOML table, the labels of an alert.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::alert::Alert;
use super::json;
use rbl_check::{ParamDeclared, Program};
use rbl_syntax::diagnostic::did_you_mean;
use rbl_syntax::source::Place;
use rbl_syntax::tree::{self, ParamType};
use rbl_syntax::value::{Dimension, Quantity, Time, Value};

/// An error in a parameter, reported before anything runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamError {
    /// The parameter, as it was written.
    pub name: SmolStr,
    /// The message.
    pub message: String,
    /// What to write instead.
    pub help: Option<ParamHelp>,
    /// Where it is declared.
    pub declared: Option<Place>,
}

/// How to correct a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamHelp {
    /// Give this pair: `name=value`. How a pair is given depends on where the parameters come from.
    Pair(String),
    /// A sentence.
    Text(String),
}

impl std::fmt::Display for ParamHelp {
    /// As for the command line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pair(pair) => write!(f, "--param {pair}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl std::fmt::Display for ParamError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParamError {}

/// The sources of parameter values. Later ones win: the labels of the alert, then the table, then the texts.
#[derive(Debug, Clone, Copy, Default)]
pub struct ParamSources<'a> {
    /// `--param name=value`, in order.
    pub texts: &'a [(String, String)],
    /// `--params FILE`, as JSON.
    pub table: Option<&'a serde_json::Map<String, serde_json::Value>>,
    /// The alert that starts the run.
    pub alert: Option<&'a Alert>,
}

/// Returns the values of the parameters that are given; one that is not given and has a default is left out. Reports
/// all errors at once.
pub fn read_params(
    program: &Program,
    given: &ParamSources<'_>,
) -> Result<BTreeMap<SmolStr, Value>, Vec<ParamError>> {
    let mut values = BTreeMap::new();
    let mut errors = Vec::new();
    let Some(runbook) = program.runbook(program.main()) else { return Ok(values) };
    let params = &runbook.params;
    let find = |name: &str| params.iter().find(|param| param.declaration.name.text == name);
    let place = |param: &ParamDeclared| param.declaration.span.in_source(runbook.source);
    let unknown = |name: &str| {
        let names = params.iter().map(|param| param.declaration.name.text.as_str());
        let help = match did_you_mean(name, names.clone()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None if params.is_empty() => Some("this runbook has no parameters".to_owned()),
            None => Some(format!("its parameters: {}", names.collect::<Vec<_>>().join(", "))),
        };
        let help = help.map(ParamHelp::Text);
        ParamError { name: name.into(), message: format!("no parameter `{name}`"), help, declared: None }
    };
    if let Some(alert) = given.alert {
        for param in params {
            let name = &param.declaration.name.text;
            if let Some(label) = alert.labels.get(name) {
                match from_text(param.of, label).and_then(|value| allowed(param, value)) {
                    Ok(value) => drop(values.insert(name.clone(), value)),
                    Err(refusal) => errors.push(refusal.error(name, label, place(param))),
                }
            }
        }
    }
    for (name, value) in given.table.into_iter().flatten() {
        match find(name) {
            None => errors.push(unknown(name)),
            Some(param) => match from_json(param.of, value).and_then(|value| allowed(param, value)) {
                Ok(value) => drop(values.insert(name.into(), value)),
                Err(refusal) => errors.push(refusal.error(name, &json::json_shown(value), place(param))),
            },
        }
    }
    for (name, text) in given.texts {
        match find(name) {
            None => errors.push(unknown(name)),
            Some(param) => match from_text(param.of, text).and_then(|value| allowed(param, value)) {
                Ok(value) => drop(values.insert(name.into(), value)),
                Err(refusal) => errors.push(refusal.error(name, text, place(param))),
            },
        }
    }
    for param in params {
        let name = &param.declaration.name.text;
        let reported = errors.iter().any(|error| error.name == *name);
        if param.declaration.default.is_none() && !values.contains_key(name) && !reported {
            errors.push(ParamError {
                name: name.clone(),
                message: format!("no value for the parameter `{name}`"),
                help: Some(ParamHelp::Pair(format!("{name}={}", example(param)))),
                declared: Some(place(param)),
            });
        }
    }
    for param in params {
        let name = &param.declaration.name.text;
        if let Some(large @ Value::ExactNumber(_)) = values.get(name)
            && large.is_too_large()
            && runbook.computes_with(name)
        {
            let refusal = ParamRefusal {
                why: "is too large to compute with exactly".into(),
                help: Some("the runbook computes or compares with it: at most 9007199254740992".into()),
            };
            errors.push(refusal.error(name, &large.to_string(), place(param)));
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// Why a text is not a value of a type.
struct ParamRefusal {
    why: String,
    help: Option<String>,
}

impl ParamRefusal {
    fn of(why: impl Into<String>) -> Self {
        Self { why: why.into(), help: None }
    }

    fn error(self, name: &str, written: &str, declared: Place) -> ParamError {
        let written: String = written.chars().take(40).collect();
        ParamError {
            name: name.into(),
            message: format!("`{name}`: `{written}` {}", self.why),
            help: self.help.map(ParamHelp::Text),
            declared: Some(declared),
        }
    }
}

fn from_text(of: Option<ParamType>, text: &str) -> Result<Value, ParamRefusal> {
    let trimmed = text.trim();
    match of {
        Some(ParamType::Text) => Ok(Value::text(text)),
        Some(ParamType::Bool) => match trimmed {
            "true" | "yes" => Ok(Value::Bool(true)),
            "false" | "no" => Ok(Value::Bool(false)),
            _ => Err(ParamRefusal {
                why: "is neither true nor false".into(),
                help: Some("write `true`".into()),
            }),
        },
        Some(ParamType::Number) => quantity(trimmed, Dimension::NUMBER, "a number"),
        Some(ParamType::Duration) => quantity(trimmed, Dimension::DURATION, "a duration"),
        Some(ParamType::Data) => quantity(trimmed, Dimension::DATA, "an amount of data"),
        Some(ParamType::Ratio) => quantity(trimmed, Dimension::RATIO, "a ratio"),
        None | Some(ParamType::Unknown) => any(trimmed),
    }
}

fn quantity(text: &str, dimension: Dimension, wanted: &str) -> Result<Value, ParamRefusal> {
    let example = match dimension {
        Dimension::DURATION => "30m",
        Dimension::DATA => "10GiB",
        Dimension::RATIO => "90%",
        _ => "3",
    };
    let value = Value::parse_quantity(text).map_err(|refusal| ParamRefusal {
        why: refusal.to_string(),
        help: Some(format!("write {wanted}, such as `{example}`")),
    })?;
    let quantity = match value {
        Value::ExactNumber(_) if dimension == Dimension::NUMBER => return Ok(value),
        value => value.quantity().unwrap_or_else(|| Quantity::number(f64::MAX)),
    };
    if quantity.dimension == dimension {
        return Ok(Value::Quantity(quantity));
    }
    let help = if quantity.dimension == Dimension::NUMBER {
        match dimension {
            Dimension::DURATION => Some(format!("write `{text}s`, or `{text}m` if you mean minutes")),
            Dimension::DATA => Some(format!("write `{text}B`, or `{text}GiB` if you mean gibibytes")),
            Dimension::RATIO => Some(format!("write `{text}%` if you mean percent")),
            _ => None,
        }
    } else {
        None
    };
    Err(ParamRefusal { why: format!("is {}, not {wanted}", quantity.dimension.in_words()), help })
}

/// Parses a value for a parameter without a type: as an expression would be, where it is a single value.
fn any(text: &str) -> Result<Value, ParamRefusal> {
    if let Ok(value) = Value::parse_quantity(text) {
        return Ok(value);
    }
    if let Some(time) = Time::parse(text) {
        return Ok(Value::Time(time));
    }
    match (text, text.chars().next()) {
        ("true", _) => Ok(Value::Bool(true)),
        ("false", _) => Ok(Value::Bool(false)),
        (_, Some('[' | '{')) => match of_outside(text) {
            Ok(value) => from_json(None, &value),
            Err(why) => Err(ParamRefusal {
                why: format!("is no list: {why}"),
                help: Some(r#"write a list as `["a", "b"]`"#.into()),
            }),
        },
        _ => Err(ParamRefusal {
            why: "is not a value of the type of its default".into(),
            help: Some(r#"write it as the runbook would: `20MiB/s`, `["a", "b"]`"#.into()),
        }),
    }
}

/// Parses a list or a table that somebody wrote.
fn of_outside(text: &str) -> Result<serde_json::Value, String> {
    json::json_with_digits(text.as_bytes()).map_err(|why| why.to_string())
}

fn from_json(of: Option<ParamType>, value: &serde_json::Value) -> Result<Value, ParamRefusal> {
    if let Some(number) = json::json_number(value) {
        return from_text(of.or(Some(ParamType::Number)), &number);
    }
    match (value, of) {
        (serde_json::Value::String(text), None) => {
            Ok(any(text).unwrap_or_else(|_| Value::text(text.as_str())))
        }
        (serde_json::Value::String(text), _) => from_text(of, text),
        (serde_json::Value::Bool(value), Some(ParamType::Bool) | None) => Ok(Value::Bool(*value)),
        (serde_json::Value::Array(items), None) => {
            let items: Result<Vec<Value>, ParamRefusal> =
                items.iter().map(|item| from_json(None, item)).collect();
            Ok(Value::List(items?.into()))
        }
        (serde_json::Value::Object(_), None) => Ok(json::value(value.clone())),
        (serde_json::Value::Bool(value), Some(ParamType::Text)) => Ok(Value::text(value.to_string())),
        (serde_json::Value::Null, _) => Err(ParamRefusal::of("has no value")),
        _ => Err(ParamRefusal::of("has another type than declared")),
    }
}

/// An example value of the type, to paste and change.
fn example(param: &ParamDeclared) -> String {
    if let Some(allowed) = param.declaration.allowed() {
        return allowed.join("|");
    }
    let example = match param.of {
        Some(ParamType::Number) => "3",
        Some(ParamType::Bool) => "true",
        Some(ParamType::Duration) => "30m",
        Some(ParamType::Data) => "10GiB",
        Some(ParamType::Ratio) => "90%",
        Some(ParamType::Text | ParamType::Unknown) | None => "…",
    };
    example.to_owned()
}

/// Refuses a value that is none of those that the parameter allows.
fn allowed(param: &ParamDeclared, value: Value) -> Result<Value, ParamRefusal> {
    let Some(why) = not_allowed(&param.declaration, &value) else { return Ok(value) };
    let near = did_you_mean(&value.to_string(), param.declaration.allowed().into_iter().flatten());
    Err(ParamRefusal { why, help: near.map(|near| format!("did you mean `{near}`?")) })
}

/// Why a parameter does not allow this value: which ones it allows. `None`: it allows it.
pub(super) fn not_allowed(param: &tree::Param, value: &Value) -> Option<String> {
    let allowed = param.allowed()?;
    if let Value::Text(text) = value
        && allowed.contains(&text.as_str())
    {
        return None;
    }
    let all: Vec<String> = allowed.iter().map(|text| format!("`{text}`")).collect();
    let listed = match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => all.concat(),
    };
    Some(format!("is not allowed, only {listed}"))
}

/// Converts a label to the value of an included runbook's parameter; `None` where it cannot be read as one.
pub(super) fn from_label(of: Option<ParamType>, label: &str) -> Option<Value> {
    from_text(of, label).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(of: Option<ParamType>, text: &str) -> Result<String, String> {
        from_text(of, text).map(|value| value.to_string()).map_err(|refusal| refusal.why)
    }

    #[test]
    fn texts_are_read_by_the_declared_type() {
        assert_eq!(read(Some(ParamType::Duration), "1h30m"), Ok("1h30m".into()));
        assert_eq!(read(Some(ParamType::Ratio), "90%"), Ok("90%".into()));
        assert_eq!(read(Some(ParamType::Data), "10GiB"), Ok("10GiB".into()));
        assert_eq!(read(Some(ParamType::Number), "3"), Ok("3".into()));
        assert_eq!(read(Some(ParamType::Bool), "true"), Ok("true".into()));
        assert_eq!(read(Some(ParamType::Text), " 30m "), Ok(" 30m ".into()));
        assert_eq!(read(None, "20MiB/s"), Ok("20MiB/s".into()));
        assert_eq!(read(None, r#"["a", "b"]"#), Ok("a, b".into()));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(read(Some(ParamType::Duration), "30"), Err("is a number, not a duration".into()));
        assert_eq!(read(Some(ParamType::Ratio), "0.9"), Err("is a number, not a ratio".into()));
        assert_eq!(read(Some(ParamType::Number), "3ms"), Err("is a duration, not a number".into()));
        assert!(read(Some(ParamType::Bool), "maybe").is_err());
        assert!(read(Some(ParamType::Duration), "5min").unwrap_err().contains("write `m`"));
    }
}
