//! Completion at the cursor: words, names, units, teams and files that fit the slot.

use std::time::Duration;

use super::command::COMMANDS;
use super::complete_given;
use super::complete_query::{self, QuerySlot};
use super::completion_words::{CONTINUED, METRIC_TYPES, STATEMENTS, VALUES};
use super::metrics::{LabelQuestion, MetricNames};
use rbl_check::{DeclaredName, FUNCTIONS};
use rbl_syntax::value::UnitSymbol;
use rbl_syntax::{Token, TokenKind, tokens};

/// The names that completion can offer.
#[derive(Debug, Clone, Default)]
pub(super) struct Vocabulary {
    /// The names in scope.
    pub(super) names: Vec<DeclaredName>,
    /// The configured teams.
    pub(super) teams: Vec<String>,
    /// The configured channels.
    pub(super) channels: Vec<String>,
    /// The configured providers.
    pub(super) providers: Vec<String>,
    /// The metrics of the providers, as far as they have been fetched.
    pub(super) metrics: MetricNames,
    /// What is given, under the names that `:clear` takes.
    pub(super) given: Vec<String>,
}

/// A possible completion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// The text to insert.
    pub(super) text: String,
    /// A short description.
    pub(super) what: String,
}

/// The kind of text that a position takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CompletionSlot<'a> {
    Command,
    Statement,
    Value,
    Unit,
    Provider,
    Team,
    Channel,
    /// A query for this provider.
    Metric(&'a str),
    /// A text that is compared with this name: one of the values that the parameter allows.
    Allowed(&'a str),
    Label(&'a str, LabelQuestion<'a>),
    Action,
    /// A declared probe.
    Probe,
    /// The word `to` of `escalate`.
    To,
    /// The recipient of `escalate to`: the owner, or a team.
    Recipient,
    File,
    /// The subject of a `:given` line: a metric, or one of the words.
    About,
    /// A value, or one of the words that continue the statement.
    Continued(&'static [(&'static str, &'static str)]),
    /// One of these words.
    Words(&'static [(&'static str, &'static str)]),
    /// Something that is given, for `:clear`.
    Subject,
    Nothing,
}

/// The completions at the cursor, and the start of the word that they replace. `files` lists the files that complete
/// a path.
pub(super) fn complete(
    line: &str,
    at: usize,
    known: &Vocabulary,
    files: &dyn Fn(&str) -> Vec<String>,
    patience: Duration,
) -> (usize, Vec<Candidate>) {
    let before = line.get(..at).unwrap_or(line);
    let (start, slot) = slot(before);
    let word = before.get(start..).unwrap_or_default();
    let of =
        |rows: &[(&str, &str)]| rows.iter().map(|(text, what)| candidate(text, what)).collect::<Vec<_>>();
    let listed =
        |names: &[String], what: &str| names.iter().map(|it| candidate(it, what)).collect::<Vec<_>>();
    let values = || {
        let names = known.names.iter().filter(|it| it.of.is_some());
        let mut all: Vec<Candidate> =
            names.map(|it| candidate(&it.name, it.of.as_deref().unwrap_or_default())).collect();
        all.extend(FUNCTIONS.iter().map(|it| candidate(&format!("{}(", it.name), it.meaning)));
        all.extend(of(VALUES));
        all
    };
    let all: Vec<Candidate> = match slot {
        CompletionSlot::Command => {
            COMMANDS.iter().map(|row| candidate(&format!(":{}", row.name), row.does)).collect()
        }
        CompletionSlot::Statement => of(STATEMENTS).into_iter().chain(values()).collect(),
        CompletionSlot::Value => values(),
        CompletionSlot::Unit => {
            let rows =
                UnitSymbol::TABLE.iter().filter(|row| !row.spelling.is_empty() && row.spelling != "ratio");
            rows.map(|row| candidate(row.spelling, row.name)).collect()
        }
        CompletionSlot::Provider => listed(&known.providers, "provider"),
        CompletionSlot::Team => listed(&known.teams, "team"),
        CompletionSlot::Channel => listed(&known.channels, "channel"),
        CompletionSlot::Metric(provider) => listed(&known.metrics.now(provider), "metric"),
        CompletionSlot::Allowed(name) => {
            let param = known.names.iter().find(|it| it.name == name);
            listed(param.map(|it| it.allowed.as_slice()).unwrap_or_default(), name)
        }
        CompletionSlot::Label(provider, of) => listed(&known.metrics.labels(provider, of, patience), "label"),
        CompletionSlot::Action => {
            let names = known.names.iter().filter(|it| it.noun == "an action");
            names.map(|it| candidate(&format!("{}(", it.name), "action")).collect()
        }
        CompletionSlot::Probe => {
            let names = known.names.iter().filter(|it| it.noun == "a probe");
            names.map(|it| candidate(&format!("{}(", it.name), "probe")).collect()
        }
        CompletionSlot::To => vec![candidate("to", "")],
        CompletionSlot::Recipient => {
            let teams = known.teams.iter().map(|it| candidate(&format!("\"{it}\""), "team"));
            std::iter::once(candidate("owner", "the runbook's owner")).chain(teams).collect()
        }
        CompletionSlot::File => files(word).iter().map(|it| candidate(it, "")).collect(),
        CompletionSlot::About => {
            let metrics = known.names.iter().filter(|it| it.noun == "a metric");
            let metrics = metrics.map(|it| candidate(&it.name, it.of.as_deref().unwrap_or("metric")));
            metrics.chain(of(complete_given::ABOUT)).collect()
        }
        CompletionSlot::Continued(words) => values().into_iter().chain(of(words)).collect(),
        CompletionSlot::Words(words) => of(words),
        CompletionSlot::Subject => listed(&known.given, "given"),
        CompletionSlot::Nothing => Vec::new(),
    };
    let mut all: Vec<Candidate> =
        all.into_iter().filter(|it| it.text.starts_with(word) && it.text != word).collect();
    all.sort();
    all.dedup_by(|a, b| a.text == b.text);
    (start, all)
}

fn candidate(text: &str, what: &str) -> Candidate {
    Candidate { text: text.to_owned(), what: what.to_owned() }
}

/// The slot at the end of a text, and the start of the word in it.
fn slot(before: &str) -> (usize, CompletionSlot<'_>) {
    if let Some(command) = before.trim_start().strip_prefix(':') {
        let from = before.len() - command.len();
        return match command.split_once(char::is_whitespace) {
            None => (from - 1, CompletionSlot::Command),
            Some(("load" | "save", rest)) => (before.len() - rest.trim_start().len(), CompletionSlot::File),
            Some(("given", rest)) => of_given(before, before.len() - rest.len()),
            Some(("clear", rest)) => (before.len() - rest.trim_start().len(), CompletionSlot::Subject),
            Some(("type", _)) => (word_start(before), CompletionSlot::Value),
            Some(_) => (before.len(), CompletionSlot::Nothing),
        };
    }
    let tokens = tokens(before);
    let word = |token: &Token| before.get(token.span.range()).unwrap_or_default();
    let goes_on = |it: &&Token| {
        let open = it.kind == TokenKind::Command && is_open(word(it), '`');
        open || it.span.range().end == before.len()
    };
    let open = tokens.last().filter(goes_on);
    let words = |skip: usize| -> Vec<&str> { tokens.iter().rev().skip(skip).map(word).collect() };
    match open.map(|token| (token.kind, token.span.range().start, word(token))) {
        // Inside an open text, the words before it determine the slot.
        Some((TokenKind::Text, start, text)) if is_open(text, '"') => {
            let inner = start + text.len() - text.trim_start_matches('"').len();
            match of_text(&words(1)) {
                CompletionSlot::Metric(provider) => of_query(before, inner, provider),
                slot => (inner, slot),
            }
        }
        Some((TokenKind::Command | TokenKind::Comment | TokenKind::Text, ..)) => {
            (before.len(), CompletionSlot::Nothing)
        }
        Some((TokenKind::Number, start, text)) => {
            let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic() || it == '%');
            (start + digits.len(), CompletionSlot::Unit)
        }
        Some((TokenKind::Keyword | TokenKind::Name, start, _)) => {
            (start, of_word(before.get(..start).unwrap_or_default(), &words(1)))
        }
        None => (before.len(), of_word(before, &words(0))),
    }
}

/// The slot at the end of a `:given` line that begins at `from`.
fn of_given(before: &str, from: usize) -> (usize, CompletionSlot<'_>) {
    let line = before.get(from..).unwrap_or_default();
    let mut all = tokens(line);
    let open = all.last().filter(|it| it.span.range().end == line.len()).map(|it| (it.kind, it.span.range()));
    let Some((kind, range)) = open else { return (before.len(), complete_given::next(line, &all)) };
    let text = line.get(range.clone()).unwrap_or_default();
    match kind {
        TokenKind::Number => {
            let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic() || it == '%');
            (from + range.start + digits.len(), CompletionSlot::Unit)
        }
        TokenKind::Keyword | TokenKind::Name => {
            all.pop();
            let line = line.get(..range.start).unwrap_or_default();
            (from + range.start, complete_given::next(line, &all))
        }
        TokenKind::Text if is_open(text, '"') => {
            let before: Vec<&str> =
                all.iter().rev().skip(1).filter_map(|it| line.get(it.span.range())).collect();
            let slot = match before.as_slice() {
                ["team"] => CompletionSlot::Team,
                ["channel"] => CompletionSlot::Channel,
                _ => CompletionSlot::Nothing,
            };
            (from + range.start + 1, slot)
        }
        TokenKind::Text | TokenKind::Command | TokenKind::Comment => (before.len(), CompletionSlot::Nothing),
    }
}

fn is_open(text: &str, quote: char) -> bool {
    let body = text.trim_start_matches(quote);
    body.is_empty() && text.len() != 2 && text.len() != 6 || !body.is_empty() && !body.ends_with(quote)
}

/// The slot inside a text, determined by the words before it, the nearest first.
fn of_text<'a>(words: &[&'a str]) -> CompletionSlot<'a> {
    match words {
        ["to", text, "record", ..] if text.starts_with('"') => CompletionSlot::Channel,
        ["to", "record", ..] => CompletionSlot::Channel,
        ["to", ..] if words.contains(&"record") && !words.contains(&"escalate") => CompletionSlot::Channel,
        ["to" | "owner" | "by", ..] => CompletionSlot::Team,
        ["use" | "run", ..] => CompletionSlot::File,
        [provider, "from", ..] => CompletionSlot::Metric(provider),
        // Further texts of a list come before the name: `kind in ["rbd", "`.
        _ => match words.iter().find(|word| !word.starts_with('"') && **word != "in") {
            Some(name) => CompletionSlot::Allowed(name),
            None => CompletionSlot::Nothing,
        },
    }
}

/// The slot inside the query of a provider, which begins at `inner`.
fn of_query<'a>(before: &'a str, inner: usize, provider: &'a str) -> (usize, CompletionSlot<'a>) {
    let (start, slot) = complete_query::slot(before.get(inner..).unwrap_or_default());
    let slot = match slot {
        QuerySlot::Metric => CompletionSlot::Metric(provider),
        QuerySlot::Label(metric) => CompletionSlot::Label(provider, LabelQuestion { metric, label: None }),
        QuerySlot::Value { metric, label } => {
            CompletionSlot::Label(provider, LabelQuestion { metric, label: Some(label) })
        }
        QuerySlot::Nothing => CompletionSlot::Nothing,
    };
    (inner + start, slot)
}

/// The slot of a word, determined by the text before it.
fn of_word(before: &str, words: &[&str]) -> CompletionSlot<'static> {
    let trimmed = before.trim_end_matches([' ', '\t']);
    if trimmed.is_empty() || trimmed.ends_with(['\n', '{', ';']) {
        return CompletionSlot::Statement;
    }
    match words {
        [_, "metric", ..] if trimmed.ends_with(':') => CompletionSlot::Words(METRIC_TYPES),
        ["from", ..] => CompletionSlot::Provider,
        ["action" | "finally" | "undo", ..] => CompletionSlot::Action,
        ["escalate", ..] => CompletionSlot::To,
        ["to", "escalate", ..] | ["by", ..] => CompletionSlot::Recipient,
        ["metric" | "define" | "probe" | "let" | "param" | "secret" | "as", ..] => CompletionSlot::Nothing,
        [nearest, ..] if !nearest.starts_with(|c: char| c.is_ascii_punctuation() && !"\"`".contains(c)) => {
            continued(words)
        }
        _ => CompletionSlot::Value,
    }
}

/// Behind something that can be complete: the words that continue the statement, too.
fn continued(words: &[&str]) -> CompletionSlot<'static> {
    // The word that begins the statement is the last; nothing has been said where it stands alone.
    let found = words
        .iter()
        .rev()
        .take(words.len().saturating_sub(1))
        .find_map(|word| CONTINUED.iter().find(|(statement, _)| statement == word));
    found.map_or(CompletionSlot::Value, |(_, words)| CompletionSlot::Continued(words))
}

fn word_start(text: &str) -> usize {
    let word = text.chars().rev().take_while(|it| it.is_alphanumeric() || *it == '_');
    text.len() - word.map(char::len_utf8).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vocabulary {
        let value = |name: &str, of: &str| DeclaredName {
            name: name.into(),
            noun: "a metric",
            of: Some(of.into()),
            allowed: Vec::new(),
        };
        let allowed = vec!["rbd".to_owned(), "cephfs".to_owned()];
        Vocabulary {
            names: vec![
                value("p99", "a duration"),
                value("pool", "a ratio"),
                DeclaredName { name: "rollback".into(), noun: "an action", of: None, allowed: Vec::new() },
                DeclaredName { name: "kind".into(), noun: "a parameter", of: Some("text".into()), allowed },
                DeclaredName { name: "healthy".into(), noun: "a probe", of: None, allowed: Vec::new() },
            ],
            teams: vec!["api-oncall".into()],
            channels: vec!["incidents".into()],
            providers: vec!["prometheus".into(), "host".into()],
            metrics: MetricNames::known(
                "prometheus",
                &["http_requests_total", "up"],
                &[(None, "code"), (Some("code"), "500")],
            ),
            given: vec!["p99".into(), "provider prometheus".into()],
        }
    }

    fn at_end(line: &str) -> (String, Vec<String>) {
        let files = |beginning: &str| vec![format!("{beginning}disk-full.rb")];
        let (start, all) = complete(line, line.len(), &known(), &files, Duration::ZERO);
        (line.get(..start).unwrap().to_owned(), all.into_iter().map(|it| it.text).collect())
    }

    #[test]
    fn each_slot_offers_what_can_stand_there() {
        assert_eq!(at_end("che"), (String::new(), vec!["check".into()]));
        assert_eq!(at_end("check p9"), ("check ".into(), vec!["p99".into()]));
        assert_eq!(at_end("check p99 < 500m"), ("check p99 < 500".into(), vec!["ms".into()]));
        assert_eq!(at_end("action ro"), ("action ".into(), vec!["rollback(".into()]));
        assert_eq!(at_end("escalate to o"), ("escalate to ".into(), vec!["owner".into()]));
        assert_eq!(at_end("escalate to \"a"), ("escalate to \"".into(), vec!["api-oncall".into()]));
        assert_eq!(at_end("record \"x\" to \""), ("record \"x\" to \"".into(), vec!["incidents".into()]));
        assert_eq!(at_end("metric x from pr"), ("metric x from ".into(), vec!["prometheus".into()]));
        let line = "metric x from prometheus \"http";
        assert_eq!(at_end(line), (line.get(..26).unwrap().into(), vec!["http_requests_total".into()]));
        let line = "metric x from prometheus \"sum(rate(http_requests_total{co";
        assert_eq!(at_end(line), (line.strip_suffix("co").unwrap().into(), vec!["code".into()]));
        let line = "metric x from prometheus \"http_requests_total{code='5";
        assert_eq!(at_end(line), (line.strip_suffix('5').unwrap().into(), vec!["500".into()]));
        assert_eq!(at_end("if p99 < 1s {\n  res"), ("if p99 < 1s {\n  ".into(), vec!["resolve".into()]));
        assert_eq!(at_end("metric x: te"), ("metric x: ".into(), vec!["text".into()]));
        assert_eq!(at_end("if ale"), ("if ".into(), vec!["alert.firing".into()]));
        assert_eq!(at_end(":lo"), (String::new(), vec![":load".into()]));
        assert_eq!(at_end(":load ex/"), (":load ".into(), vec!["ex/disk-full.rb".into()]));
        assert_eq!(at_end("check kind == \"r"), ("check kind == \"".into(), vec!["rbd".into()]));
        assert_eq!(
            at_end("if kind in [\"rbd\", \"c"),
            ("if kind in [\"rbd\", \"".into(), vec!["cephfs".into()])
        );
        assert_eq!(at_end("match kind {\n  \"").1, ["cephfs", "rbd"]);
        assert_eq!(at_end("let x"), ("let ".into(), Vec::new()));
        for (line, expected) in [
            ("check p99 < 5s els", &["else", "else or unknown"][..]),
            ("wait until p99 < 5s wi", &["within"]),
            ("action `x` sh", &["showing"]),
            ("escalate to owner ac", &["acknowledged within"]),
            ("lock \"db\" wi", &["within"]),
            ("for each d in disk up", &["up to", "upper("]),
            ("for each d in disk non", &["none"]),
            ("define go() as `x` at", &["at most"]),
            ("param kind: text amo", &["among"]),
            ("check `curl x` no", &["no on", "not", "now"]),
        ] {
            assert_eq!(at_end(line).1, expected, "{line}");
        }
        assert_eq!(at_end("check `df "), ("check `df ".into(), Vec::new()));
    }

    #[test]
    fn a_given_line_is_completed_word_by_word() {
        let offered = |line: &str| at_end(line).1;
        assert_eq!(offered(":given p9"), ["p99"]);
        assert_eq!(
            offered(":given "),
            [
                "action",
                "after",
                "alert",
                "alert.firing",
                "answer",
                "channel",
                "limit",
                "lock",
                "p99",
                "pool",
                "probe",
                "provider",
                "team"
            ]
        );
        assert_eq!(offered(":given p99 "), ["=", "has", "is"]);
        assert_eq!(offered(":given p99 = 812m"), ["ms"]);
        assert_eq!(offered(":given p99 = 812ms f"), ["from"]);
        assert_eq!(offered(":given p99 = 812ms from 5"), at_end("check p99 < 5").1);
        assert_eq!(offered(":given p99 = [1s x 3] "), ["every"]);
        assert_eq!(offered(":given p99 is s"), ["stale"]);
        assert_eq!(offered(":given p99 has 3 "), ["series"]);
        assert_eq!(offered(":given provider pro"), ["prometheus"]);
        assert_eq!(offered(":given provider prometheus is "), ["down", "error", "slow"]);
        assert_eq!(offered(":given team \"api"), ["api-oncall"]);
        assert_eq!(offered(":given team \"api-oncall\" is d"), ["down"]);
        assert_eq!(offered(":given action ro"), ["rollback("]);
        assert_eq!(offered(":given action `reboot db-1` h"), ["hangs"]);
        assert_eq!(offered(":given action rollback(\"a\") t"), ["takes"]);
        assert_eq!(offered(":given probe `pg_isready` "), ["=", "exits", "prints"]);
        assert_eq!(offered(":given probe h"), ["healthy("]);
        assert_eq!(offered(":given probe healthy(url: \"a\") "), ["=", "exits", "prints"]);
        assert_eq!(offered(":given probe healthy(url: \"a\") = "), ["no", "unknown", "yes"]);
        assert_eq!(offered(":given probe `pg_isready` = "), ["no", "unknown", "yes"]);
        assert_eq!(offered(":given alert."), ["firing"]);
        assert_eq!(offered(":given alert.firing "), ["="]);
        assert_eq!(offered(":given alert.firing = n"), ["no"]);
        assert_eq!(offered(":given alert.firing = no f"), ["from"]);
        assert_eq!(offered(":given answer \"Is it?\" with y"), ["yes"]);
        assert_eq!(offered(":given after action ro"), ["rollback("]);
        assert_eq!(offered(":clear pr"), ["provider prometheus"]);
    }
}
