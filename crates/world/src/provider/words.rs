//! [`words`]: a query that is a few words, in which a value is a part of one word.

use std::path::Path;

use rbl_runtime::{CommandLine, Piece, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::value::{Reason, ReasonKind};

use crate::secrets;

/// The words of a query. A value is a name: letters, digits and `._:@-`, so that it neither ends a word nor changes what the word means.
pub(super) fn words(query: &CommandLine, secrets: &Secrets, base: &Path) -> Result<Vec<String>, Reason> {
    let mut all = String::new();
    for piece in &query.0 {
        match piece {
            Piece::Text(text) => all.push_str(text),
            Piece::Value(datum) => {
                let value = secrets::reveal(secrets, datum, base)?.shown();
                let begins = all.is_empty() || all.ends_with(char::is_whitespace);
                all.push_str(name(&value, begins)?);
            }
        }
    }
    Ok(all.split_whitespace().map(str::to_owned).collect())
}

/// A value that is a name. One that begins a word is no option.
pub(super) fn name(value: &str, begins: bool) -> Result<&str, Reason> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | ':' | '@' | '-');
    if value.is_empty() || !value.chars().all(is_part) || begins && value.starts_with('-') {
        let text = format!(
            "the value \"{}\" is no name: it has letters, digits and `._:@-`",
            one_line(&value.chars().take(60).collect::<String>())
        );
        return Err(Reason::new(ReasonKind::NotRun, text));
    }
    Ok(value)
}

/// `HOST:PORT`, `[ADDRESS]:PORT`, or without a port where there is a usual one.
pub(super) fn host_and_port(word: &str, usual: Option<u16>) -> Result<(String, u16), Reason> {
    let wrong = |why: &str| {
        Err(Reason::new(ReasonKind::NotRun, format!("`{}` is not `HOST:PORT`: {why}", one_line(word))))
    };
    let (host, port) = match word.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, port.strip_prefix(':').or(Some(""))),
            None => return wrong("a bracket is not closed"),
        },
        None if word.matches(':').count() > 1 => return wrong("an IPv6 address stands in brackets"),
        None => match word.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (word, None),
        },
    };
    if host.is_empty()
        || !host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | ':' | '-' | '%'))
    {
        return wrong("the host is no name and no address");
    }
    match (port.map(str::parse::<u16>), usual) {
        (Some(Ok(port)), _) if port > 0 => Ok((host.to_owned(), port)),
        (Some(_), _) => wrong("the port is a number from 1 to 65535"),
        (None, Some(usual)) => Ok((host.to_owned(), usual)),
        (None, None) => wrong("it has no port"),
    }
}

/// They, as messages show them.
pub(super) fn shown(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_runtime::Datum;

    #[test]
    fn a_value_is_a_part_of_one_word() {
        let read = |value: &str, before: &str| {
            let pieces = vec![Piece::Text(before.into()), Piece::Value(Datum::Text(value.into()))];
            words(&CommandLine(pieces), &Secrets::of_connection(), Path::new("."))
        };
        assert_eq!(read("db-1", "show ").unwrap(), ["show", "db-1"]);
        assert_eq!(read("-1", "db").unwrap(), ["db-1"]);
        for value in ["", "a b", "--all", "a;b", "a\nb", "a=b", "a,b", "$x", "'"] {
            assert!(read(value, "show ").unwrap_err().text.contains("is no name"), "{value}");
        }
    }

    #[test]
    fn a_host_and_a_port() {
        let of = |word: &str, usual| host_and_port(word, usual).map_err(|reason| reason.text);
        assert_eq!(of("db:5432", None), Ok(("db".into(), 5432)));
        assert_eq!(of("db", Some(443)), Ok(("db".into(), 443)));
        assert_eq!(of("[::1]:80", None), Ok(("::1".into(), 80)));
        assert_eq!(of("[::1]", Some(443)), Ok(("::1".into(), 443)));
        for (word, why) in [
            ("db", "it has no port"),
            ("db:x", "the port is a number"),
            ("db:0", "the port is a number"),
            ("[::1]80", "the port is a number"),
            ("::1", "stands in brackets"),
            ("[::1", "is not closed"),
            (":80", "no name and no address"),
            ("http://db:80", "stands in brackets"),
            ("a/b:80", "no name and no address"),
        ] {
            assert!(of(word, None).unwrap_err().contains(why), "{word}");
        }
    }
}
