//! The forms of statements and declarations, as the language reference writes them; shown in helps.

use super::Excerpt;
use crate::diagnostic::{Code, Diagnostic, Safety, did_you_mean};
use crate::grammar::Rule;

/// The words that begin a statement or declaration, each with its form.
const STATEMENTS: [(&str, &str); 14] = [
    ("check", "check COND [else {…}] [unknown {…}]"),
    ("if", "if COND {…} [else if COND {…}] [else {…}] [unknown {…}]"),
    ("match", "match EXPR { PATTERN {…} … [else {…}] [unknown {…}] }"),
    (
        "action",
        "action TARGET [on HOST] [by TEAM] [within D] [retry N [every D]] [as NAME] [{ BLOCK }] [finally TARGET] [undo TARGET] [else {…}]",
    ),
    ("escalate", "escalate to TEAM [because TEXT] [acknowledged within D] [else {…}]"),
    ("wait", "wait D` or `wait until COND [for D] within D [every D] [else {…}] [unknown {…}]"),
    ("let", "let NAME = EXPR"),
    ("record", "record TEXT [to \"CHANNEL\"]"),
    ("for", "for each NAME in EXPR [where COND] [up to N] {…} [none {…}] [unknown {…}]"),
    ("repeat", "repeat up to N times [every D] [until COND] {…} [else {…}] [unknown {…}]"),
    ("run", "run \"FILE\" [with (name: EXPR, …)] [else {…}]"),
    ("lock", "lock TEXT [within D] [else {…}]"),
    ("resolve", "resolve [TEXT]"),
    ("stop", "stop [TEXT]"),
];

const DECLARATIONS: [(&str, &str); 18] = [
    ("background", "background {…}"),
    ("runbook", "runbook \"TITLE\""),
    ("about", "about \"\"\"MARKDOWN\"\"\""),
    ("tests", "tests for \"FILE\""),
    (
        "trigger",
        "trigger alert \"NAME\" [where LABEL = \"V\"] [by LABEL]`, `trigger alert =~ \"REGEX\" …`, `trigger schedule \"CRON\" [in \"TIMEZONE\"] [for D]` or `trigger manual",
    ),
    ("owner", "owner \"TEAM\""),
    ("severity", "severity \"sev2\""),
    ("timezone", "timezone \"Europe/Berlin\""),
    ("link", "link \"NAME\" \"URL\""),
    ("param", "param NAME [: TYPE] [among [\"a\", \"b\"]] [= EXPR]"),
    (
        "secret",
        "secret NAME from env \"VAR\"`, `secret NAME from file \"PATH\"` or `secret NAME from command \"COMMAND\"",
    ),
    ("metric", "metric NAME [(PARAMS)] [: text | lines] [by LABEL] [in UNIT] from PROVIDER \"QUERY\""),
    ("define", "define NAME(PARAMS) as TARGET [at most N in D]"),
    ("limit", "limit N runs in D [by PARAM]` or `limit N at once [by PARAM]"),
    ("probe", "probe NAME(PARAMS) as `COMMAND` [on HOST] [within D] [no on CODE, …]"),
    ("use", "use \"FILE\""),
    ("step", "step \"TITLE\" {…}"),
    ("test", "test \"TITLE\" {…}"),
];

const TEST_LINES: [(&str, &str); 5] = [
    (
        "given",
        "given METRIC = VALUE [from D]`, `given METRIC is none | nan | stale D`, `given provider P is down | slow D | error \"TEXT\"`, `given team \"NAME\" is …`, `given team \"NAME\" acknowledges [after D | never]`, `given channel \"NAME\" is …`, `given alert \"NAME\" {label: \"value\"}`, `given alert.firing = yes | no | unknown [from D]`, `given lock \"NAME\" is held [for D]`, `given limit NAME reached`, `given action NAME fails | hangs | takes D | prints \"TEXT\"` or `given probe NAME(…) = yes | no | unknown | exits CODE | prints \"TEXT\"",
    ),
    (
        "answer",
        "answer \"QUESTION\" with VALUE [after D]` or `answer action TARGET by \"TEAM\" with yes [after D]",
    ),
    (
        "expect",
        "expect resolved | escalated | failed`, `expect [no] action [NAME(args)]`, `expect action A before B`, `expect [no] escalation [to \"TEAM\" | to owner]`, `expect record matching \"R\"` or `expect [no] step \"TITLE\"",
    ),
    ("after", "after action TARGET {…}"),
    ("each", "each {…}"),
];

/// Words that follow the beginning of a statement.
pub(super) const MODIFIERS: [&str; 25] = [
    "none",
    "acknowledged",
    "else",
    "unknown",
    "within",
    "every",
    "retry",
    "finally",
    "undo",
    "because",
    "to",
    "with",
    "where",
    "until",
    "by",
    "on",
    "as",
    "for",
    "showing",
    "among",
    "and",
    "or",
    "times",
    "up",
    "at",
];

/// Returns the form of the statement or declaration that begins with this word.
pub(super) fn of(word: &str) -> Option<&'static str> {
    STATEMENTS
        .iter()
        .chain(&DECLARATIONS)
        .chain(&TEST_LINES)
        .find(|(name, _)| *name == word)
        .map(|(_, form)| *form)
}

/// Reports a line that begins with a word that cannot begin a line in its place.
pub(super) fn unknown_start(written: &Excerpt<'_>, word: &str, lone: Rule) -> Option<Diagnostic> {
    if lone == Rule::lone_match_arm {
        return None;
    }
    if word.is_empty() && written.text().starts_with('"') {
        let message = "a text with something after it is no statement";
        return Some(
            Diagnostic::new(Code::SYNTAX_STATEMENT, message, written.head_place(), "which statement is it?")
                .help("put a word before it, for example `check \"…\" else {…}` or `action \"…\" within 5m`"),
        );
    }
    if word.is_empty() {
        let message = format!("no statement begins with {}", written.shown());
        return Some(
            Diagnostic::new(Code::SYNTAX_STATEMENT, message, written.head_place(), "not a statement")
                .help("put prose into quotes: it is then shown to the person who runs this"),
        );
    }
    let fits = |table: &[(&str, &str)]| table.iter().any(|(name, _)| *name == word);
    let in_test = lone == Rule::lone_test_line;
    let at_top = lone == Rule::lone_item;
    let known_here = if in_test {
        fits(&TEST_LINES) || word == "param"
    } else {
        fits(&STATEMENTS) || (at_top && fits(&DECLARATIONS))
    };
    if known_here {
        return None;
    }
    if matches!(word, "else" | "unknown") {
        let message = format!("this `{word}` belongs to nothing");
        return Some(
            Diagnostic::new(
                Code::SYNTAX_PLACE,
                message,
                written.word_place(),
                "no statement before it takes it",
            )
            .help(format!(
                "`{word} {{…}}` comes after `check`, `if`, `wait until`, `match`, `repeat` and others"
            )),
        );
    }
    if fits(&STATEMENTS) || fits(&DECLARATIONS) || fits(&TEST_LINES) {
        let (message, help) = match word {
            "step" => ("steps do not nest", "end the step before it with `}` first".to_owned()),
            _ if in_test => (
                "this line is not allowed in a test",
                "a test has param, given, after, each, answer and expect".to_owned(),
            ),
            _ if fits(&TEST_LINES) => {
                ("this line is only allowed in a test", format!("put it into `test \"…\" {{ {word} … }}`"))
            }
            _ => (
                "a declaration is not allowed inside a block",
                format!("move this `{word}` up, below the `runbook` line"),
            ),
        };
        return Some(
            Diagnostic::new(Code::SYNTAX_PLACE, message, written.head_place(), "not here").help(help),
        );
    }
    let message = format!("no statement begins with `{word}`");
    let place = written.word_place();
    let diagnostic =
        Diagnostic::new(Code::SYNTAX_STATEMENT, message, place, "not a word a statement begins with");
    let words = STATEMENTS.iter().chain(if at_top { DECLARATIONS.as_slice() } else { &[] });
    let words = words.chain(if in_test { TEST_LINES.as_slice() } else { &[] }).map(|(name, _)| *name);
    Some(match did_you_mean(word, words) {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).fix(
            format!("write `{meant}`"),
            Safety::Choice,
            place,
            meant,
        ),
        None => diagnostic.help("put prose into quotes: it is then shown to the person who runs this"),
    })
}
