//! Parameters from the command line and from files. The runbook's declarations say how to parse them.

use std::path::Path;

use rbl_project::Refusal;
use rbl_project::files;
use rbl_runtime::{OutsideJsonError, json_with_digits};
use toml::de::{DeTable, DeValue};

/// The names and values in a file of parameters.
pub(crate) type ParamTable = serde_json::Map<String, serde_json::Value>;

/// Parses `--param NAME=VALUE`, in order.
pub(super) fn pairs(given: &[String]) -> Result<Vec<(String, String)>, Refusal> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in given {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Refusal::new(format!("`--param {pair}` gives no value"))
                .help(format!("write `--param {pair}=VALUE`")));
        };
        let name = name.trim();
        if pairs.iter().any(|(other, _)| other == name) {
            return Err(
                Refusal::new(format!("the parameter `{name}` is given twice")).help("keep one of them")
            );
        }
        pairs.push((name.to_owned(), value.to_owned()));
    }
    Ok(pairs)
}

/// Reads `--params FILE`: TOML if the file name says so, else JSON.
pub(super) fn table(path: &Path) -> Result<ParamTable, Refusal> {
    let refuse = |why: String| Refusal::new(format!("cannot read `{}`: {why}", path.display()));
    let text = files::read(path).map_err(|why| refuse(why.to_string()))?;
    if path.extension().is_some_and(|it| it == "toml") {
        let valid = toml::from_str::<ParamTable>(&text);
        let table = valid.and_then(|_| DeTable::parse(&text)).map(|table| of_table(table.into_inner()));
        return table.map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
            refuse(format!("line {line} is not TOML: {}", error.message()))
        });
    }
    match json_with_digits(text.as_bytes()) {
        Ok(serde_json::Value::Object(table)) => Ok(table),
        Ok(_) => Err(refuse("it is no object of names and values".into())),
        Err(OutsideJsonError::Form(error)) => Err(refuse(format!("it is not JSON: {error}"))),
        Err(error) => Err(refuse(error.to_string())),
    }
}

/// A table of TOML as JSON. A fraction keeps the digits it is written with.
fn of_table(table: DeTable<'_>) -> ParamTable {
    table
        .into_iter()
        .map(|(name, value)| (name.into_inner().into_owned(), of_toml(value.into_inner())))
        .collect()
}

fn of_toml(value: DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::String(text) => text.into_owned().into(),
        DeValue::Boolean(value) => value.into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(items) => items.into_iter().map(|item| of_toml(item.into_inner())).collect(),
        DeValue::Table(table) => of_table(table).into(),
        DeValue::Float(number) => of_number(number.as_str()),
        DeValue::Integer(number) if number.radix() == 10 => of_number(number.as_str()),
        DeValue::Integer(number) => match u64::from_str_radix(number.as_str(), number.radix()) {
            Ok(value) => value.into(),
            Err(_) => number.to_string().into(),
        },
    }
}

/// What is no number of ours (`nan`, `inf`) is a text, which no parameter takes for a number.
fn of_number(written: &str) -> serde_json::Value {
    let written = written.replace('_', "");
    rbl_runtime::json_of_number(&written).unwrap_or(serde_json::Value::String(written))
}

#[cfg(test)]
mod tests {
    use super::{pairs, table};

    fn given(pairs: &[&str]) -> Vec<String> {
        pairs.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn a_pair_is_split_at_its_first_sign() {
        assert_eq!(pairs(&given(&["a=b=c", "d="])).unwrap(), [("a", "b=c"), ("d", "")].map(owned));
        assert_eq!(pairs(&given(&["a"])).unwrap_err().help.unwrap(), "write `--param a=VALUE`");
        assert!(pairs(&given(&["a=1", "a=2"])).unwrap_err().message.contains("given twice"));
    }

    fn owned((name, value): (&str, &str)) -> (String, String) {
        (name.into(), value.into())
    }

    #[test]
    fn a_file_is_json_or_toml() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            table(&path)
        };
        assert_eq!(read("p.json", r#"{"service": "api", "limit": 3}"#).unwrap()["limit"], 3);
        assert_eq!(read("p.toml", "service = \"api\"\nlimit = 3\n").unwrap()["limit"], 3);
        for (name, text, words) in [
            ("p.json", "[1]", "no object"),
            ("p.json", "{", "not JSON"),
            ("p.toml", "a = 1\nb =", "line 2 is not"),
        ] {
            let refusal = read(name, text).unwrap_err();
            assert!(refusal.message.contains(words), "{}", refusal.message);
        }
    }
}
