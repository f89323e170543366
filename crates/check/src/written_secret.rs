//! Finds tokens and passwords that are written in a text: by their own form, or by the word before them.
//!
//! *Not here:* secrets that flow into text that people read, see `expression/template`.

mod form;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::packed::Searcher;
use memchr::memmem;
use memchr::memmem::Finder;

use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Sources, Span};

use self::form::{FORMS, TokenForm, url_safe_dotted};

/// Reports each secret that is written in the files of a check.
pub(super) fn report(sources: &Sources, findings: &mut Vec<Diagnostic>) {
    for (id, source) in sources.iter() {
        for written in find(source.text()) {
            let place = Span::between(written.bytes.start, written.bytes.end).in_source(id);
            let message = format!("{} is written in this file", written.what);
            findings.push(
                Diagnostic::new(Code::SECRET_WRITTEN, message, place, "everybody who reads the file reads it")
                    .help("take it from outside, `secret NAME from env \"VAR\"`, and have it changed: it is known now"),
            );
        }
    }
}

/// Removes all of them from the texts of all findings, since messages quote the source.
pub(super) fn hide(sources: &Sources, findings: &mut [Diagnostic]) {
    if findings.is_empty() {
        return;
    }
    for (_, source) in sources.iter() {
        let written = find(source.text());
        let secrets: Vec<&str> =
            written.iter().filter_map(|it| source.text().get(it.bytes.clone())).collect();
        for finding in findings.iter_mut() {
            finding.hide(&secrets);
        }
    }
}

/// A credential that is written in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSecret {
    /// Its bytes, which must not be shown.
    pub bytes: Range<usize>,
    /// What it is, with its article.
    pub what: &'static str,
}

/// The maximum length of a secret in bytes.
const LONGEST: usize = 16_384;

/// Words whose value is a credential.
const KEYS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "token",
    "api_key",
    "api-key",
    "apikey",
    "access_key",
    "access-key",
    "secret_key",
    "secret-key",
    "client_secret",
    "client-secret",
    "auth_key",
    "routing_key",
    "integration_key",
    "accountkey",
];

/// What searches for each word is made once: some forty words are searched for in every text, and making it takes as
/// long as searching a page.
static FORM_FINDERS: LazyLock<Vec<(Finder<'static>, &'static TokenForm)>> =
    LazyLock::new(|| FORMS.iter().map(|form| (Finder::new(form.start), form)).collect());
static KEY_FINDERS: LazyLock<Vec<(Finder<'static>, &'static str)>> =
    LazyLock::new(|| KEYS.iter().map(|key| (Finder::new(*key), *key)).collect());

/// Whether any of them is in a text at all: most texts hold none, and one pass says so.
///
/// *Why not an automaton:* it would have to be built at each start, which took a seventh of the instructions of a short
/// run.
static ANY_FORM: LazyLock<Option<Searcher>> =
    LazyLock::new(|| Searcher::new(FORMS.iter().map(|form| form.start)));
static ANY_KEY: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(KEYS));

/// Whether a text may hold one of the words; a machine that cannot search for several at once has to look for each.
fn may_hold(any: Option<&Searcher>, text: &str) -> bool {
    any.is_none_or(|any| any.find(text).is_some())
}

/// Finds every token and password in a text, in order.
pub fn find(text: &str) -> Vec<TextSecret> {
    let mut found = Vec::new();
    if may_hold(ANY_FORM.as_ref(), text) {
        for (finder, form) in &*FORM_FINDERS {
            of_form(text, finder, form, &mut found);
        }
    }
    web_tokens(text, &mut found);
    private_keys(text, &mut found);
    in_addresses(text, &mut found);
    in_headers(text, &mut found);
    behind_keys(text, &mut found);
    found.sort_by_key(|it| (it.bytes.start, std::cmp::Reverse(it.bytes.end)));
    // What was found by its form is not reported again by the word before it.
    let mut end = 0;
    found.retain(|it| {
        let new = it.bytes.start >= end;
        end = end.max(it.bytes.end);
        new
    });
    found
}

fn of_form(text: &str, finder: &Finder<'_>, form: &TokenForm, found: &mut Vec<TextSecret>) {
    for at in finder.find_iter(text.as_bytes()) {
        let from = at + form.start.len();
        let length = length_of(text, from, form.kind);
        let fits = (form.least..=form.most).contains(&length);
        let token = text.get(at..from + length).filter(|_| fits && begins_word(text, at));
        if token.is_some_and(|token| !is_placeholder(token)) {
            found.push(TextSecret { bytes: at..from + length, what: form.what });
        }
    }
}

/// Finds `eyJ….eyJ….…`: JSON web tokens.
fn web_tokens(text: &str, found: &mut Vec<TextSecret>) {
    for at in places(text, "eyJ") {
        if !begins_word(text, at) {
            continue;
        }
        let length = length_of(text, at, url_safe_dotted);
        let token = text.get(at..at + length).unwrap_or_default();
        let parts: Vec<&str> = token.split('.').collect();
        let signed = matches!(parts.as_slice(), [head, body, sign]
            if head.len() > 10 && body.len() > 10 && body.starts_with("eyJ") && sign.len() > 10);
        if signed {
            found.push(TextSecret { bytes: at..at + length, what: "a signed token" });
        }
    }
}

/// Finds `-----BEGIN … PRIVATE KEY-----` up to its end.
fn private_keys(text: &str, found: &mut Vec<TextSecret>) {
    let begin = "-----BEGIN ";
    for at in places(text, begin) {
        let rest = beginning(text.get(at + begin.len()..).unwrap_or_default());
        let Some(head) = rest.find("-----").and_then(|end| rest.get(..end)) else { continue };
        if !head.ends_with("PRIVATE KEY") || head.contains('\n') {
            continue;
        }
        let end = rest.find("-----END ").and_then(|end| {
            let behind = rest.get(end + "-----END ".len()..)?;
            Some(end + "-----END ".len() + behind.find("-----")? + "-----".len())
        });
        // Without an end, only its first line is certain.
        let length = end.unwrap_or(head.len() + "-----".len());
        found.push(TextSecret { bytes: at..at + begin.len() + length, what: "a private key" });
    }
}

/// Finds `https://user:password@host`.
fn in_addresses(text: &str, found: &mut Vec<TextSecret>) {
    let sign = "://";
    for at in places(text, sign) {
        let from = at + sign.len();
        let rest = beginning(text.get(from..).unwrap_or_default());
        let end = rest.find(|c: char| c.is_whitespace() || "/?#\"'`<>{}$".contains(c)).unwrap_or(rest.len());
        let Some((user, _)) = rest.get(..end).and_then(|authority| authority.rsplit_once('@')) else {
            continue;
        };
        let Some((name, password)) = user.split_once(':') else { continue };
        if password.len() >= 3 && !is_placeholder(password) {
            let start = from + name.len() + 1;
            found.push(TextSecret { bytes: start..start + password.len(), what: "a password" });
        }
    }
}

/// Finds `Authorization: Bearer …`, `Authorization: Basic …`, `Token token=…`.
fn in_headers(text: &str, found: &mut Vec<TextSecret>) {
    for word in ["Bearer ", "Basic "] {
        for at in places(text, word) {
            let before = text.get(..at).unwrap_or_default().trim_end_matches([' ', '"', '\'', ':', '=']);
            let named = before.len().checked_sub("authorization".len()).and_then(|from| before.get(from..));
            if !named.is_some_and(|name| name.eq_ignore_ascii_case("authorization")) {
                continue;
            }
            let from = at + word.len();
            let length = length_of(text, from, |c| c.is_ascii_alphanumeric() || "-_.~+/=".contains(c));
            let token = text.get(from..from + length).unwrap_or_default();
            if length >= 8 && !is_placeholder(token) {
                found.push(TextSecret { bytes: from..from + length, what: "a token" });
            }
        }
    }
}

/// Finds `password = "…"`, `--token=…`, `API_KEY=…`: a value of letters and digits after a word that says what it is.
fn behind_keys(text: &str, found: &mut Vec<TextSecret>) {
    let low = text.to_ascii_lowercase();
    if !may_hold(ANY_KEY.as_ref(), &low) {
        return;
    }
    for (finder, key) in &*KEY_FINDERS {
        for at in finder.find_iter(low.as_bytes()) {
            let behind = at + key.len();
            if let Some(bytes) = value_behind(text, at, behind) {
                let what = if key.starts_with("pass") { "a password" } else { "a token" };
                found.push(TextSecret { bytes, what });
            }
        }
    }
}

fn value_behind(text: &str, key: usize, behind: usize) -> Option<Range<usize>> {
    let before = text.get(..key)?;
    // The end of a longer word counts too if the boundary is clear: `db_password`, `PGPASSWORD`.
    let shouted = text.get(key..behind)?.chars().all(|c| !c.is_ascii_lowercase());
    if !shouted && before.ends_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let rest = beginning(text.get(behind..)?);
    let closed = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let sign = closed.trim_start_matches([' ', '\t']);
    let is_colon = sign.starts_with(':');
    let value = sign.strip_prefix(['=', ':'])?;
    if value.starts_with(['=', '~', ':']) {
        return None;
    }
    let spaced = value.len() != value.trim_start_matches([' ', '\t']).len() || closed.len() != sign.len();
    let value = value.trim_start_matches([' ', '\t']);
    let quoted = value.starts_with(['"', '\'']);
    // A label of a metric, `{token="a1"}`, is a name and not a credential.
    if quoted && before.trim_end().ends_with(['{', ',']) {
        return None;
    }
    let content = if quoted { value.get(1..)? } else { value };
    let start = behind + rest.len() - content.len();
    let end = if quoted {
        let quote = value.chars().next()?;
        content.find([quote, '\n'])?
    } else {
        content.find(|c: char| c.is_whitespace() || "\"'`,;&|)<>".contains(c)).unwrap_or(content.len())
    };
    let secret = content.get(..end)?;
    let letters = secret.chars().any(|c| c.is_ascii_alphabetic());
    let digits = secret.chars().any(|c| c.is_ascii_digit());
    // Without quotes and with blanks it is prose, or a name of the language.
    let certain = quoted || (!is_colon && !spaced);
    let looks =
        certain && letters && digits && secret.chars().count() >= 6 && !secret.contains(char::is_whitespace);
    let names_something = !before_is_password(text, key, behind) && is_name_like(secret);
    (looks && !names_something && !is_placeholder(secret)).then(|| start..start + end)
}

fn before_is_password(text: &str, key: usize, behind: usize) -> bool {
    text.get(key..behind).is_some_and(|key| key.to_ascii_lowercase().starts_with("pass"))
}

/// Whether a value is a name of words and small numbers: `etcd-cluster-1`, `prod_eu_2`. A generated token has no words.
fn is_name_like(secret: &str) -> bool {
    let parts: Vec<&str> = secret.split(['-', '_', '.']).collect();
    let word = |part: &&str| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = part.len() - letters.len();
        let vowel = letters.chars().any(|c| "aeiouy".contains(c)) || letters.len() <= 3;
        digits <= 3
            && letters.len() <= 16
            && letters.chars().all(|c| c.is_ascii_lowercase())
            && vowel
            && (digits == 0 || letters.len() != 1 || letters == "v")
    };
    parts.len() > 1 && parts.iter().all(|part| !part.is_empty()) && parts.iter().all(word)
}

/// Whether a text is only a placeholder for a secret: an inserted value, a variable, an example.
fn is_placeholder(text: &str) -> bool {
    let low = text.to_ascii_lowercase();
    text.starts_with(['$', '#', '<', '{', '%', '*', '[', '@', '/', '.', '~'])
        || text.contains("#{")
        || [
            "example",
            "changeme",
            "change-me",
            "redacted",
            "placeholder",
            "your",
            "xxxx",
            "****",
            "dummy",
            "...",
            "…",
        ]
        .iter()
        .any(|word| low.contains(word))
        || text.chars().all(|c| text.starts_with(c))
        || ["password", "passwd", "secret", "token", "pass", "pw"].contains(&low.as_str())
}

/// Finds the occurrences of a word. *Why not `match_indices`:* most texts contain none.
fn places<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    memmem::find_iter(text.as_bytes(), word)
}

fn length_of(text: &str, from: usize, kind: impl Fn(char) -> bool) -> usize {
    let rest = beginning(text.get(from..).unwrap_or_default());
    rest.find(|c| !kind(c)).unwrap_or(rest.len())
}

/// Returns as much of a text as a secret may have. *Why:* text that looks like the beginning of a secret at every byte
/// must not take quadratic time.
fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text)
}

fn begins_word(text: &str, at: usize) -> bool {
    !text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(text).into_iter().map(|it| text.get(it.bytes).unwrap()).collect()
    }

    /// Spelled in two halves, so that no secret scanner reports this file.
    fn token(start: &str, rest: &str) -> String {
        format!("{start}{rest}")
    }

    #[test]
    fn tokens_are_known_by_their_form() {
        let letters = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
        for written in [
            token("AKIA", "IOSFODNN7ABCDEFG"),
            token("ghp_", letters),
            token("github_pat_", &format!("{letters}_{letters}")),
            token("xoxb-", "123456789012-abcdefABCDEF"),
            token("glpat-", "a1B2c3D4e5F6g7H8i9J0"),
            token("sk_live_", "a1B2c3D4e5F6g7H8"),
            token("AIza", "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"),
            token("eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"),
            token("hooks.slack.com/services/", "T00000001/B00000001/a1B2c3D4e5F6g7H8"),
        ] {
            assert_eq!(found(&format!("curl -H 'x: {written}' y")), [written.as_str()]);
        }
    }

    #[test]
    fn passwords_are_known_by_what_stands_before_them() {
        for (text, secret) in [
            ("psql postgres://app:hunter2@db/app", "hunter2"),
            ("let password = \"hunter22\"", "hunter22"),
            ("# password: 'hunter22'", "hunter22"),
            ("PGPASSWORD=hunter22 psql", "hunter22"),
            ("curl -d token=abc123def https://x", "abc123def"),
            ("curl -H \"Authorization: Bearer abcdef123456\" x", "abcdef123456"),
            ("helm upgrade --set api.apiKey=abc123def x", "abc123def"),
            ("{\"routing_key\": \"0123456789abcdef\"}", "0123456789abcdef"),
        ] {
            assert_eq!(found(text), [secret], "{text}");
        }
    }

    #[test]
    fn a_private_key_is_one_finding() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----";
        assert_eq!(found(&format!("x = \"\"\"\n{key}\n\"\"\"")), [key]);
    }

    #[test]
    fn what_only_speaks_of_secrets_is_none() {
        for text in [
            "secret token from env \"API_TOKEN_2\"",
            "param password = \"\"",
            "curl -H \"Authorization: Bearer #{token}\" x",
            "curl -H \"Authorization: Bearer $TOKEN12\" x",
            "PGPASSWORD=#{password} psql",
            "PGPASSWORD=$PGPASS2 psql",
            "mysql --password=<password1> x",
            "let token = ask secret \"The new token?\"",
            "run \"x.rb\" with (password: password2)",
            "metric x from prometheus \"rate(login_failures{token=\\\"a1b2c3d4\\\"}[5m])\"",
            "metric x from prometheus 'kube_secret_info{secret=\"db-creds-2\"}'",
            "\"The password: ask the security team\"",
            "check \"Did you rotate the token of api-2?\"",
            "https://user@host/path",
            "https://grafana.example.com:3000/d/a1b2c3?x=1@2",
            "ssh://git@host:22/x",
            "https://#{user}:#{password}@host",
            "https://user:password@host",
            "postgres://app:$PASS@db",
            "AKIAIOSFODNN7EXAMPLE",
            "the AKIA prefix, ghp_ and xoxb- are known",
            "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
            "tokenize=abc123def",
            "`kubectl get secret db-creds-2 -o json`",
        ] {
            assert_eq!(found(text), [] as [&str; 0], "{text}");
        }
    }
}
