//! Checks the keys of one section against their description, and reports each mistake at its place.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::setting::{Bytes, Rate, Seconds};
use rbl_check::written_secret;
use rbl_check::{Key, KeyKind};
use rbl_syntax::diagnostic::{Code, Diagnostic, Safety, did_you_mean};
use rbl_syntax::source::{Place, SourceId, Span};

type SpannedName<'i> = Spanned<std::borrow::Cow<'i, str>>;
type SpannedValue<'i> = Spanned<DeValue<'i>>;

/// Collects the mistakes.
pub(super) struct SectionReader<'a> {
    text: &'a str,
    id: SourceId,
    found: Vec<Diagnostic>,
}

impl<'a> SectionReader<'a> {
    pub(super) fn new(text: &'a str, id: SourceId) -> Self {
        Self { text, id, found: Vec::new() }
    }

    pub(super) fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    /// All of it, as it was found.
    pub(super) fn into_found(self) -> Vec<Diagnostic> {
        self.found
    }

    /// Reports tokens and passwords that are recognised by their form, wherever they are written.
    pub(super) fn written_secrets(&mut self) {
        for written in written_secret::find(self.text) {
            let place = self.range(written.bytes);
            let message = format!("{} is written in this file", written.what);
            self.push(
                Diagnostic::new(Code::CONFIG_SECRET, message, place, "everybody who reads the file reads it")
                    .help("write `{ env = \"NAME\" }` in its place, and have it changed: it is known now"),
            );
        }
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// A key that does not fit the others of its section.
    pub(super) fn misplaced<T>(&mut self, name: &Spanned<T>, message: &str, label: &str, help: &str) {
        let place = self.place(name);
        self.push(Diagnostic::new(Code::CONFIG_VALUE, message, place, label).help(help));
    }

    pub(super) fn place<T>(&self, spanned: &Spanned<T>) -> Place {
        self.range(spanned.span())
    }

    fn range(&self, range: std::ops::Range<usize>) -> Place {
        let within = |at: usize| at.min(self.text.len());
        Span::between(within(range.start), within(range.end.max(range.start))).in_source(self.id)
    }

    /// Reports a TOML syntax error.
    pub(super) fn syntax(&mut self, error: &toml::de::Error) {
        let place = self.range(error.span().unwrap_or(0..0));
        let words = error.message().lines().collect::<Vec<_>>().join(", ").replace("invalid", "unreadable");
        let label: String =
            if words.chars().count() > 60 { words.chars().take(59).chain(['…']).collect() } else { words };
        self.push(
            Diagnostic::new(Code::CONFIG_SYNTAX, "this line cannot be read as TOML", place, label)
                .help("a line is `key = \"text\"`, or `[section]`"),
        );
    }

    /// Reports an unknown name.
    pub(super) fn unknown<'b>(
        &mut self,
        name: &SpannedName<'_>,
        what: &str,
        known: impl Iterator<Item = &'b str> + Clone,
    ) {
        let place = self.place(name);
        let message = format!("there is no {what} `{}`", crop(name.get_ref()));
        let mut diagnostic = Diagnostic::new(
            Code::CONFIG_UNKNOWN_KEY,
            message,
            place,
            format!("not a {what} that counts here"),
        );
        if let Some(near) = did_you_mean(name.get_ref(), known.clone()) {
            diagnostic = diagnostic.help(format!("write `{near}`")).fix(
                format!("write `{near}`"),
                Safety::Choice,
                place,
                near,
            );
        } else {
            let known: Vec<String> = known.map(|one| format!("`{one}`")).collect();
            diagnostic = diagnostic.help(if known.is_empty() {
                "take it away: nothing is configured here".to_owned()
            } else {
                format!("there are {}", known.join(", "))
            });
        }
        self.push(diagnostic);
    }

    /// Reports a value that does not fit its key.
    pub(super) fn wrong(&mut self, value: &SpannedValue<'_>, message: &str, help: &str) {
        let label = format!("this is {}", kind_of(value.get_ref()));
        let diagnostic = Diagnostic::new(Code::CONFIG_VALUE, message, self.place(value), label).help(help);
        self.push(diagnostic);
    }

    /// The section, written at these bytes, does not fit its type: the last resort for what the check of its keys let pass.
    pub(super) fn unfit(&mut self, section: std::ops::Range<usize>, error: &toml::de::Error) {
        let place = self.range(error.span().unwrap_or(section));
        let why = error.message().replace("invalid", "unreadable");
        let label = crop(&why);
        let is_cropped = label != why;
        let found = Diagnostic::new(Code::CONFIG_VALUE, "this section does not fit its type", place, label);
        self.push(if is_cropped { found.help(why) } else { found });
    }

    /// A name that nothing has, as the value of a key.
    pub(super) fn wrong_name(&mut self, value: &SpannedValue<'_>, message: &str, help: &str) {
        self.unfitting(value, message, "not configured", help);
    }

    /// A value that does not fit the others, with what it is.
    pub(super) fn unfitting(&mut self, value: &SpannedValue<'_>, message: &str, label: &str, help: &str) {
        let place = self.place(value);
        self.push(Diagnostic::new(Code::CONFIG_VALUE, message, place, label).help(help));
    }

    /// The same, with what could be written in its place: a title, how safe that is, and the text.
    pub(super) fn wrong_name_fixed(
        &mut self,
        value: &SpannedValue<'_>,
        message: &str,
        help: &str,
        fix: Option<(String, Safety, String)>,
    ) {
        let place = self.place(value);
        let mut found = Diagnostic::new(Code::CONFIG_VALUE, message, place, "not configured").help(help);
        if let Some((title, safety, text)) = fix {
            found = found.fix(title, safety, place, text);
        }
        self.push(found);
    }
}

/// What was found, in the order of the text, with secrets masked.
pub(super) fn in_order(text: &str, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let secrets = |found: &[Diagnostic]| -> Vec<Place> {
        found.iter().filter(|one| one.code == Code::CONFIG_SECRET).filter_map(Diagnostic::place).collect()
    };
    // A value that is a secret by its key is not reported again as one by its form.
    let by_key = secrets(&found);
    let inside =
        |place: Place| by_key.iter().any(|other| *other != place && other.span.to(place.span) == other.span);
    found.retain(|one| one.code != Code::CONFIG_SECRET || !one.place().is_some_and(inside));
    found.sort_by_key(|one| one.place().map(|place| place.span));
    let hidden = secrets(&found);
    let hidden: Vec<&str> = hidden.iter().filter_map(|place| text.get(place.span.range())).collect();
    for one in &mut found {
        one.hide(&hidden);
    }
    found
}

/// Returns the `type` of a section, and the keys it may have.
pub(super) fn type_of<'t>(
    reader: &mut SectionReader<'_>,
    what: &str,
    name: &SpannedName<'_>,
    content: &DeTable<'_>,
    types: &'t [(&'static str, &'static [Key])],
) -> Option<(&'static str, &'static [Key])> {
    let known = || types.iter().map(|(kind, _)| *kind);
    let there_are = || {
        let known: Vec<String> = known().map(|kind| format!("\"{kind}\"")).collect();
        if known.is_empty() {
            format!(
                "take the section away: there is no type of {what} yet, and commands and instructions need none"
            )
        } else {
            format!("write `type = {}`", known.join("`, or `type = "))
        }
    };
    let Some(written) = content.get("type") else {
        let message = format!("the {what} `{}` has no `type`", crop(name.get_ref()));
        let place = reader.place(name);
        reader.push(
            Diagnostic::new(Code::CONFIG_MISSING_KEY, message, place, "of which type?").help(there_are()),
        );
        return None;
    };
    let Some(kind) = written.get_ref().as_str() else {
        reader.wrong(written, "a `type` is a word in quotes", &there_are());
        return None;
    };
    let found: Option<&'t (&'static str, &'static [Key])> = types.iter().find(|(one, _)| *one == kind);
    if found.is_none() {
        let place = reader.place(written);
        let message = format!("there is no type of {what} `{}`", crop(kind));
        let mut diagnostic =
            Diagnostic::new(Code::CONFIG_UNKNOWN_TYPE, message, place, "not a type rbl knows");
        diagnostic = match did_you_mean(kind, known()) {
            Some(near) => diagnostic.help(format!("write `type = \"{near}\"`")).fix(
                format!("write `{near}`"),
                Safety::Choice,
                place,
                format!("\"{near}\""),
            ),
            None => diagnostic.help(there_are()),
        };
        reader.push(diagnostic);
    }
    found.copied()
}

/// Whether every key is known and its value fits. Missing keys are reported elsewhere.
pub(super) fn check_keys(
    reader: &mut SectionReader<'_>,
    content: &DeTable<'_>,
    keys: &'static [Key],
    typed: bool,
) -> bool {
    let before = reader.found.len();
    for (name, value) in content {
        match keys.iter().find(|key| key.name == name.get_ref().as_ref()) {
            Some(key) => check_value(reader, key, value),
            None if typed && name.get_ref() == "type" => {}
            None => reader.unknown(name, "key", keys.iter().map(|key| key.name)),
        }
    }
    if let (Some((_, _)), Some((second, _))) =
        (content.get_key_value("bearer_token"), content.get_key_value("username"))
    {
        let place = reader.place(second);
        reader.push(
            Diagnostic::new(
                Code::CONFIG_VALUE,
                "there are two ways to sign in",
                place,
                "besides `bearer_token`",
            )
            .help("keep `bearer_token`, or `username` and `password`"),
        );
    }
    // A hook has a `user` instead, and looks after it.
    let has_username = keys.iter().any(|key| key.name == "username");
    if let (true, Some((password, _)), None) =
        (has_username, content.get_key_value("password"), content.get("username"))
    {
        let place = reader.place(password);
        reader.push(
            Diagnostic::new(
                Code::CONFIG_MISSING_KEY,
                "there is a `password` and no `username`",
                place,
                "whose?",
            )
            .help("add `username = \"NAME\"`"),
        );
    }
    reader.found.len() == before
}

fn check_value(reader: &mut SectionReader<'_>, key: &Key, value: &SpannedValue<'_>) {
    let item = value.get_ref();
    let fits_not = |reader: &mut SectionReader<'_>| {
        let words = key.kind.in_words();
        reader.wrong(
            value,
            &format!("`{}` does not take {}", key.name, kind_of(item)),
            &format!("write {words}"),
        );
    };
    let in_units = |reader: &mut SectionReader<'_>, problem: Result<(), String>| {
        if let Err(problem) = problem {
            let place = reader.place(value);
            let message = format!("`{}` is not {}", key.name, key.kind.in_words());
            reader.push(Diagnostic::new(Code::CONFIG_VALUE, message, place, "").help(problem));
        }
    };
    match key.kind {
        KeyKind::Plain if item.is_str() => {}
        KeyKind::Text => setting(reader, key.name, value, false),
        KeyKind::Secret => setting(reader, key.name, value, true),
        KeyKind::Url => match item.as_str() {
            Some(url) => check_url(reader, key.name, value, url),
            None => setting(reader, key.name, value, false),
        },
        KeyKind::Database => match item.as_str() {
            Some(url) => check_database(reader, key.name, value, url),
            None => setting(reader, key.name, value, false),
        },
        KeyKind::Duration if item.is_str() => {
            in_units(reader, Seconds::parse(item.as_str().unwrap_or_default()).map(|_| ()));
        }
        KeyKind::Data if item.is_str() => {
            in_units(reader, Bytes::parse(item.as_str().unwrap_or_default()).map(|_| ()));
        }
        KeyKind::Rate if item.is_str() => {
            in_units(reader, Rate::parse(item.as_str().unwrap_or_default()).map(|_| ()));
        }
        KeyKind::Count if item.as_integer().is_some_and(|it| is_count(it)) => {}
        KeyKind::Flag if item.is_bool() => {}
        KeyKind::Words => match item.as_array() {
            Some(items) if items.is_empty() && key.required => {
                reader.wrong(value, &format!("`{}` is empty", key.name), "name at least one");
            }
            Some(items) => {
                for item in items.iter().filter(|item| !item.get_ref().is_str()) {
                    reader.wrong(
                        item,
                        &format!("`{}` is a list of strings", key.name),
                        "write each in quotes",
                    );
                }
            }
            None => fits_not(reader),
        },
        KeyKind::Secrets => match item.as_array() {
            Some(items) if items.is_empty() => {
                reader.wrong(value, &format!("`{}` is empty", key.name), "name at least one");
            }
            Some(items) => {
                for item in items {
                    setting(reader, key.name, item, true);
                }
            }
            None => fits_not(reader),
        },
        KeyKind::Settings => match item.as_table() {
            Some(table) => {
                for (name, value) in table {
                    setting(reader, name.get_ref(), value, is_secret_by_name(name.get_ref()));
                }
            }
            None => fits_not(reader),
        },
        KeyKind::OneOfEach(words) => match item.as_table() {
            Some(table) => {
                for (name, value) in table {
                    let one = Key { name: key.name, kind: KeyKind::OneOf(words), ..*key };
                    if value.get_ref().is_str() {
                        check_value(reader, &one, value);
                    } else {
                        let message = format!("`{}` in `{}` is no word", name.get_ref(), key.name);
                        reader.wrong(value, &message, &format!("write {}", one.kind.in_words()));
                    }
                }
            }
            None => fits_not(reader),
        },
        KeyKind::OneOf(words) => match item.as_str() {
            Some(word) if words.contains(&word) => {}
            Some(word) => {
                let near = did_you_mean(word, words.iter().copied());
                let help = near.map_or_else(
                    || format!("write {}", key.kind.in_words()),
                    |near| format!("write \"{near}\""),
                );
                reader.wrong(value, &format!("`{}` does not know \"{}\"", key.name, crop(word)), &help);
            }
            None => fits_not(reader),
        },
        KeyKind::Count if item.is_integer() => {
            let message = format!("`{}` is at least 1, and at most {MOST}", key.name);
            reader.wrong(value, &message, &format!("write {}", key.kind.in_words()));
        }
        KeyKind::Plain
        | KeyKind::Duration
        | KeyKind::Data
        | KeyKind::Count
        | KeyKind::Rate
        | KeyKind::Flag => {
            fits_not(reader);
        }
    }
}

/// The largest count.
const MOST: u64 = 65_535;

/// Whether a written number is one that a count can have.
fn is_count(written: &toml::de::DeInteger<'_>) -> bool {
    i64::from_str_radix(&written.as_str().replace('_', ""), written.radix())
        .is_ok_and(|number| u64::try_from(number).is_ok_and(|number| (1..=MOST).contains(&number)))
}

/// Names of headers and variables whose values grant access.
fn is_secret_by_name(name: &str) -> bool {
    let name = name.to_lowercase().replace('_', "-");
    ["authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "application-key"]
        .iter()
        .any(|part| name.contains(part))
}

/// `"text"`, `{ env = "NAME" }` or `{ file = "PATH" }`; a secret must not be the first.
fn setting(reader: &mut SectionReader<'_>, key: &str, value: &SpannedValue<'_>, secret: bool) {
    let from_outside = format!("write `{{ env = \"NAME\" }}` or `{{ file = \"PATH\" }}` for `{}`", crop(key));
    match value.get_ref() {
        DeValue::String(_) if secret => {
            let place = reader.place(value);
            let message = format!("`{}` is a secret, and is written in the file", crop(key));
            reader.push(
                Diagnostic::new(Code::CONFIG_SECRET, message, place, "everybody who reads the file reads it")
                    .help(from_outside),
            );
        }
        DeValue::String(_) => {}
        DeValue::Table(table) => {
            for (name, inner) in table {
                match name.get_ref().as_ref() {
                    "env" | "file" if inner.get_ref().as_str().is_some_and(|text| !text.is_empty()) => {}
                    "env" | "file" => {
                        reader.wrong(inner, &format!("`{}` names nothing", name.get_ref()), &from_outside);
                    }
                    _ => reader.unknown(name, "key", ["env", "file"].into_iter()),
                }
            }
            let ways = ["env", "file"].iter().filter(|way| table.contains_key(**way)).count();
            let known = table.keys().all(|name| matches!(name.get_ref().as_ref(), "env" | "file"));
            if ways != 1 && known {
                reader.wrong(value, &format!("`{}` comes from one place", crop(key)), &from_outside);
            }
        }
        _ => reader.wrong(value, &format!("`{}` is a string", crop(key)), &from_outside),
    }
}

fn check_url(reader: &mut SectionReader<'_>, key: &str, value: &SpannedValue<'_>, url: &str) {
    let place = reader.place(value);
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest.filter(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)) else {
        let help = format!("write it whole, like `{key} = \"https://prometheus.example.com\"`");
        let message = format!("`{key}` is not an address");
        reader.push(
            Diagnostic::new(Code::CONFIG_VALUE, message, place, "begins with `http://` or `https://`")
                .help(help),
        );
        return;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    if authority.contains('@') {
        let message = format!("`{key}` holds a name or a password");
        reader.push(
            Diagnostic::new(Code::CONFIG_SECRET, message, place, "everybody who reads the file reads it")
                .help("take it out, and write `username = \"NAME\"` and `password = { env = \"NAME\" }`"),
        );
    }
}

fn check_database(reader: &mut SectionReader<'_>, key: &str, value: &SpannedValue<'_>, url: &str) {
    let place = reader.place(value);
    let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
    let Some(rest) = rest.filter(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)) else {
        let help = format!("write it whole, like `{key} = \"postgres://rbl@db.example.com/shop\"`");
        let message = format!("`{key}` is not the address of a database");
        reader.push(
            Diagnostic::new(Code::CONFIG_VALUE, message, place, "begins with `postgres://`").help(help),
        );
        return;
    };
    let (authority, query) = (rest.split(['/', '?']).next().unwrap_or(""), rest.split_once('?'));
    let signs_in = authority.rsplit_once('@').is_some_and(|(who, _)| who.contains(':'));
    let in_query = query.is_some_and(|(_, query)| query.split('&').any(|one| one.starts_with("password=")));
    if signs_in || in_query {
        let message = format!("`{key}` holds a password");
        reader.push(
            Diagnostic::new(Code::CONFIG_SECRET, message, place, "everybody who reads the file reads it")
                .help("take it out, and write `password = { env = \"NAME\" }`"),
        );
    }
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn crop(text: &str) -> String {
    if text.chars().count() <= 30 { text.to_owned() } else { text.chars().take(29).chain(['…']).collect() }
}
