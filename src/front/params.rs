//! Parameters from the command line and from files, still as text: what a runbook declares says how to read them.

use std::path::Path;

use super::Refusal;
use super::files;

/// Names and texts, each name once, in the order in which they were given.
pub(super) type Params = Vec<(String, String)>;

/// What a file and the command line give; the command line goes before the file.
pub(super) fn read(file: Option<&Path>, given: &[String]) -> Result<Params, Refusal> {
    let mut params = Params::new();
    if let Some(path) = file {
        let shown = path.display();
        let text = files::read(path).map_err(|why| Refusal::new(format!("cannot read `{shown}`: {why}")))?;
        let table =
            table(path, &text).map_err(|why| Refusal::new(format!("cannot read `{shown}`: {why}")))?;
        for (name, value) in table {
            let text = text_of(&value).ok_or_else(|| {
                let what = if value.is_array() { "a list" } else { "an object, or nothing" };
                Refusal::new(format!("the parameter `{name}` in `{shown}` is {what}"))
                    .help("give a text, a number, true or false; a quantity is a text: \"500ms\"")
            })?;
            params.push((name, text));
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for pair in given {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Refusal::new(format!("`--param {pair}` gives no value"))
                .help(format!("write `--param {pair}=VALUE`")));
        };
        let name = name.trim();
        if seen.contains(&name) {
            return Err(
                Refusal::new(format!("the parameter `{name}` is given twice")).help("keep one of them")
            );
        }
        seen.push(name);
        params.retain(|(other, _)| other != name);
        params.push((name.to_owned(), value.to_owned()));
    }
    Ok(params)
}

/// A file of names and values: TOML where its name says so, else JSON.
fn table(path: &Path, text: &str) -> Result<serde_json::Map<String, serde_json::Value>, String> {
    if path.extension().is_some_and(|it| it == "toml") {
        return toml::from_str(text).map_err(|error| error.to_string().trim().to_owned());
    }
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Object(table)) => Ok(table),
        Ok(_) => Err("it is no object of names and values".into()),
        Err(error) => Err(format!("it is not JSON: {error}")),
    }
}

fn text_of(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(value) => Some(value.to_string()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    fn given(pairs: &[&str]) -> Vec<String> {
        pairs.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let json = folder.path().join("p.json");
        std::fs::write(&json, r#"{"service": "api", "limit": 3, "dry": true}"#).unwrap();
        let params = read(Some(&json), &given(&["service=a=b"])).unwrap();
        let text: Vec<String> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(text, ["dry=true", "limit=3", "service=a=b"]);

        let toml = folder.path().join("p.toml");
        std::fs::write(&toml, "service = \"api\"\nlimit = 0.5\n").unwrap();
        assert_eq!(read(Some(&toml), &[]).unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_value_is_refused_with_what_to_write() {
        assert_eq!(read(None, &given(&["a"])).unwrap_err().help.unwrap(), "write `--param a=VALUE`");
        assert!(read(None, &given(&["a=1", "a=2"])).unwrap_err().message.contains("given twice"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.json");
        for (text, words) in [("[1]", "no object"), ("{", "not JSON"), (r#"{"a": [1]}"#, "is a list")] {
            std::fs::write(&path, text).unwrap();
            let refusal = read(Some(&path), &[]).unwrap_err();
            assert!(refusal.message.contains(words), "{}", refusal.message);
        }
    }
}
