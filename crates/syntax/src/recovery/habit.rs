//! Recognises habits of other languages; each has its own message.

use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Safety};
use crate::recovery::{Excerpt, fix};

/// Words that begin statements in other languages, with the statement of this language.
const FIRST_WORDS: [(&[&str], &str, &str); 26] = [
    (&["alert", "page", "notify", "call"], "escalate", "write `escalate to \"TEAM\" because \"…\"`"),
    (
        &["exec", "sh", "bash", "shell", "system", "command", "cmd", "do"],
        "action",
        "write ``action `COMMAND` ``",
    ),
    (&["sleep", "pause", "delay"], "wait", "write `wait 30s`"),
    (&["assert", "verify", "ensure", "validate"], "check", "write `check COND else {…}`"),
    (
        &["log", "print", "puts", "echo", "say", "note", "message"],
        "\"…\"",
        "a text alone is shown: write it in quotes; `record \"…\"` posts it",
    ),
    (
        &["return", "exit", "quit", "done", "abort", "fail", "raise", "throw"],
        "stop",
        "write `resolve \"…\"` when it is well, `stop \"…\"` when it is not",
    ),
    (&["var", "set", "const", "val", "local", "export"], "let", "write `let NAME = EXPR`"),
    (
        &["while", "loop", "until"],
        "wait until",
        "write `wait until COND within 10m`, or `repeat up to N times {…}`",
    ),
    (&["switch", "case", "when"], "match", "write `match EXPR { \"a\" {…} else {…} }`"),
    (&["foreach"], "for each", "write `for each x in LIST up to N {…}`"),
    (&["import", "include", "require", "source", "load"], "use", "write `use \"FILE\"`"),
    (&["function", "def", "fn", "func"], "define", "write `define NAME(PARAMS) as TARGET`"),
    (
        &["mutex", "acquire", "flock", "unlock", "synchronized", "semaphore"],
        "lock",
        "write `lock \"NAME\" within 10m else {…}`; the end of the run releases it",
    ),
    (
        &["throttle", "ratelimit", "rate_limit", "concurrency"],
        "limit",
        "write `limit 3 runs in 1h` or `limit 1 at once` below the `runbook` line",
    ),
    (&["elif", "elsif", "elseif"], "else if", "write `else if COND {…}`"),
    (
        &["confirm", "approve", "prompt", "question", "decide"],
        "check \"…\"",
        "write `check \"Is it?\" else {…}`: a question in quotes asks a person",
    ),
    (&["input", "read", "gets"], "let NAME = ask", "write `let NAME = ask \"QUESTION\"`"),
    (
        &["manual", "todo", "instruct", "task", "doing"],
        "action",
        "write `action \"INSTRUCTION\"`: a person does it",
    ),
    (
        &["description", "desc", "summary", "comment", "doc", "docs", "background"],
        "about",
        "write `about \"\"\"TEXT\"\"\"` below the `runbook` line",
    ),
    (&["name", "title"], "runbook", "write `runbook \"TITLE\"` in the first line"),
    (&["cron", "at"], "trigger schedule", "write `trigger schedule \"0 3 * * *\"`"),
    (&["post", "slack", "announce", "publish"], "record", "write `record \"TEXT\" to \"CHANNEL\"`"),
    (
        &["try", "begin", "catch", "rescue", "except"],
        "",
        "write `action … else {…}`: `else` runs when it fails",
    ),
    (
        &["break", "continue", "next"],
        "",
        "a loop has no way out in the middle: leave out by `where COND`, or end by `repeat … until COND`",
    ),
    (&["pass", "noop", "nop"], "", "leave the block empty: `{ }` does nothing"),
    (&["timeout", "deadline"], "within", "write `within 5m` behind the action, the question or the wait"),
];

/// Words that other tools write as one.
const JOINED: [(&str, &str); 6] = [
    ("wait_until", "wait until"),
    ("waituntil", "wait until"),
    ("for_each", "for each"),
    ("escalate_to", "escalate to"),
    ("else_if", "else if"),
    ("repeat_up_to", "repeat up to"),
];

/// Operators of other languages, anywhere in a statement.
const SIGNS: [(&str, &str); 6] =
    [("&&", "and"), ("||", "or"), ("===", "=="), ("<>", "!="), ("=>", "{"), ("->", "{")];

/// Words that close a block in other languages.
const CLOSERS: [&str; 5] = ["end", "fi", "endif", "esac", "done"];

/// Returns a finding for the habit that makes a statement unreadable, if it is a known one.
pub(super) fn find(written: &Excerpt<'_>, is_condition: bool) -> Option<Diagnostic> {
    let text = written.text();
    let word = written.first_word();
    if CLOSERS.contains(&word) && text.len() == word.len() {
        let message = format!("a block ends with `}}`, not with `{word}`");
        return Some(habit(written, message, 0, word.len(), "write `}`"));
    }
    if let Some((dash, rest)) = text.split_at_checked(2).filter(|(dash, _)| matches!(*dash, "- " | "* "))
        && rest.starts_with(|c: char| c.is_alphabetic() || c == '"')
    {
        let message = format!("a statement begins without `{}`", dash.trim());
        return Some(habit(written, message, 0, 1, "take it away; each line is a statement").fix(
            "take it away",
            Safety::Safe,
            written.place(0, 2),
            "",
        ));
    }
    quotes(written)
        .or_else(|| metric_type(written, word))
        .or_else(|| given_alert(written, word))
        .or_else(|| signs(written, is_condition))
        .or_else(|| spelled_unit(written))
        .or_else(|| first_word(written, word))
}

fn habit(
    written: &Excerpt<'_>,
    message: impl Into<String>,
    start: usize,
    end: usize,
    help: &str,
) -> Diagnostic {
    Diagnostic::new(Code::SYNTAX_HABIT, message, written.place(start, end), "written differently here")
        .help(help)
}

/// Reports `metric leader text from …`, `metric leader as text from …`: the type follows a colon.
fn metric_type(written: &Excerpt<'_>, word: &str) -> Option<Diagnostic> {
    if word != "metric" {
        return None;
    }
    let code = written.code();
    let words = |at: usize| {
        let rest = code.get(at..)?;
        let start = at + rest.len() - rest.trim_start().len();
        let length = code.get(start..)?.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        Some((start, start + length.unwrap_or(code.len() - start)))
    };
    let (_, name) = words(word.len())?;
    let name = match code.get(name..)?.strip_prefix('(') {
        Some(rest) => name + 1 + rest.find(')')? + 1,
        None => name,
    };
    let (mut start, mut end) = words(name)?;
    if matches!(code.get(start..end)?, "as" | "is" | "of") {
        (start, end) = words(end)?;
    }
    let meant = match code.get(start..end)? {
        "text" | "string" => "text",
        "lines" | "log" => "lines",
        _ => return None,
    };
    let right = format!(": {meant}");
    let message = format!("the type of a metric follows a colon: `{right}`");
    let diagnostic = habit(written, message, start, end, &format!("write `{right}`"));
    Some(diagnostic.fix(format!("write `{right}`"), Safety::Choice, written.place(name, end), right))
}

/// Reports a line about the alert that has none of its two forms.
fn given_alert(written: &Excerpt<'_>, word: &str) -> Option<Diagnostic> {
    let rest = written.code().strip_prefix("given")?.trim_start().strip_prefix("alert")?.to_owned();
    if word != "given" || rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let message = "an alert is given by its name, or whether it fires";
    let start = written.code().find("alert").unwrap_or_default();
    let diagnostic = habit(
        written,
        message,
        start,
        start + "alert".len(),
        "write `given alert \"NAME\" {label: \"value\"}`",
    );
    Some(diagnostic.help("or `given alert.firing = yes | no | unknown [from 5m]`"))
}

/// Reports curly quotes and single quotes.
fn quotes(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let code = written.code();
    let curly = |c: char| matches!(c, '“' | '”' | '„' | '‘' | '’');
    if let Some(at) = code.find(curly) {
        let length = code.get(at..)?.chars().next()?.len_utf8();
        let mut diagnostic =
            habit(written, "curly quotes are not quotes here", at, at + length, "write straight ones: \"…\"");
        if let Some(pairs) = fix::curly_pairs(&code) {
            let straight = |at: usize| {
                let length = code.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                Edit { place: written.place(at, at + length), text: "\"".to_owned() }
            };
            let edits =
                pairs.into_iter().flat_map(|(open, close)| [straight(open), straight(close)]).collect();
            let title = "write straight quotes".to_owned();
            diagnostic.fixes.push(Fix { title, safety: Safety::Safe, edits });
        }
        return Some(diagnostic);
    }
    let at = code.find('\'')?;
    let end = at + 1 + code.get(at + 1..)?.find('\'')? + 1;
    let diagnostic = habit(written, "text goes in double quotes", at, end, "write \"…\"");
    Some(match code.get(at..end).and_then(fix::requoted) {
        Some(right) => {
            diagnostic.fix(format!("write `{right}`"), Safety::Safe, written.place(at, end), right)
        }
        None => diagnostic,
    })
}

fn signs(written: &Excerpt<'_>, is_condition: bool) -> Option<Diagnostic> {
    let code = written.code();
    for (sign, ours) in SIGNS {
        if let Some(at) = code.find(sign) {
            let end = at + sign.len();
            let message = if ours == "{" {
                format!("`{sign}` is not needed: the block follows at once")
            } else {
                format!("`{sign}` is written `{ours}` here")
            };
            let help =
                if ours == "{" { "write `PATTERN { … }`".to_owned() } else { format!("write `{ours}`") };
            if matches!(sign, "&&" | "||") && joins_statements(written, &code, end) {
                return Some(joined_statements(written, sign, at));
            }
            let mut diagnostic = habit(written, message, at, end, &help);
            if ours != "{" {
                diagnostic =
                    diagnostic.fix(format!("write `{ours}`"), Safety::Safe, written.place(at, end), ours);
            } else if code.get(end..).is_some_and(fix::is_block) {
                diagnostic = diagnostic.fix("take it away", Safety::Safe, written.place(at, end), "");
            }
            return Some(diagnostic);
        }
    }
    let bytes = code.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let next = bytes.get(at + 1);
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        if *byte == b'!' && !matches!(next, Some(b'=' | b'~')) {
            let diagnostic = habit(written, "`!` is written `not` here", at, at + 1, "write `not `");
            let whole = code.get(at + 1..).is_some_and(fix::is_whole_operand);
            let safety = if whole { Safety::Safe } else { Safety::Choice };
            return Some(diagnostic.fix("write `not`", safety, written.place(at, at + 1), "not "));
        }
        let alone = *byte == b'='
            && !matches!(next, Some(b'=' | b'~'))
            && !matches!(before, Some(b'=' | b'!' | b'<' | b'>'));
        if alone && (is_condition || matches!(written.first_word(), "check" | "if" | "wait" | "else")) {
            let diagnostic =
                habit(written, "`=` compares nothing: it is written `==`", at, at + 1, "write `==`");
            return Some(diagnostic.fix("write `==`", Safety::Safe, written.place(at, at + 1), "=="));
        }
    }
    let at = code.find(" then").filter(|at| {
        code.get(at + 5..).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })?;
    if is_condition || matches!(written.first_word(), "if" | "check" | "elif" | "else") {
        let diagnostic = habit(
            written,
            "`then` is not needed: a block in braces follows",
            at + 1,
            at + 5,
            "write `if COND { … }`",
        );
        let behind = code.get(at + 5..).map(str::trim).filter(|rest| !rest.is_empty());
        return Some(if fix::is_block(behind.unwrap_or(written.behind())) {
            diagnostic.fix("take it away", Safety::Safe, written.place(at, at + 5), "")
        } else {
            diagnostic
        });
    }
    None
}

/// Whether `&&` or `||` stands between two statements, not between two conditions.
fn joins_statements(written: &Excerpt<'_>, code: &str, end: usize) -> bool {
    let behind = code.get(end..).unwrap_or_default().trim_start();
    let next = behind.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    let statement = |word: &str| {
        matches!(
            word,
            "action"
                | "escalate"
                | "record"
                | "resolve"
                | "stop"
                | "check"
                | "wait"
                | "let"
                | "run"
                | "if"
                | "exit"
        )
    };
    statement(next)
        || matches!(
            written.first_word(),
            "action" | "escalate" | "record" | "run" | "resolve" | "stop" | "let"
        )
}

/// Reports ``action `a` && action `b` ``: there is no one spelling that is certainly meant, so nothing is fixed.
fn joined_statements(written: &Excerpt<'_>, sign: &str, at: usize) -> Diagnostic {
    let help = if sign == "&&" {
        "write each on a line of its own: a statement that fails stops the run, or takes its `else`"
    } else {
        "write what is done when it fails into its `else {…}`"
    };
    habit(written, format!("`{sign}` does not join statements"), at, at + sign.len(), help)
}

/// Reports `5 minutes`, `90 percent`.
fn spelled_unit(written: &Excerpt<'_>) -> Option<Diagnostic> {
    const WORDS: [(&[&str], &str); 9] = [
        (&["percent", "pct", "%"], "%"),
        (&["milliseconds", "millisecond", "millis", "msec", "ms"], "ms"),
        (&["seconds", "second", "secs", "sec", "s"], "s"),
        (&["minutes", "minute", "mins", "min", "m"], "m"),
        (&["hours", "hour", "hrs", "hr", "h"], "h"),
        (&["days", "day", "d"], "d"),
        (&["weeks", "week", "w"], "w"),
        (&["bytes", "byte", "B"], "B"),
        (&["MB", "GB", "TB", "kB", "MiB", "GiB", "KiB"], ""),
    ];
    let code = written.code();
    let mut at = 0;
    while let Some(found) = code.get(at..)?.find(|c: char| c.is_ascii_digit()) {
        let start = at + found;
        let rest = code.get(start..)?;
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(rest.len());
        let behind = rest.get(digits..)?;
        let gap = behind.len() - behind.trim_start_matches(' ').len();
        let inside_word = start
            .checked_sub(1)
            .and_then(|before| code.as_bytes().get(before))
            .is_some_and(u8::is_ascii_alphabetic);
        at = start + digits.max(1);
        // Without a gap the word is not read: of `1h1h1h…` it would be all the rest, each time.
        if gap == 0 || inside_word {
            continue;
        }
        let word_at = behind.get(gap..)?;
        let length = word_at.find(|c: char| !(c.is_alphanumeric() || c == '%')).unwrap_or(word_at.len());
        let word = word_at.get(..length)?;
        if let Some((_, unit)) = WORDS.iter().find(|(words, _)| words.contains(&word)) {
            let unit = if unit.is_empty() { word } else { unit };
            let number = rest.get(..digits)?;
            let end = start + digits + gap + length;
            let right = format!("{number}{unit}");
            let message = format!("a unit comes right after its number: `{right}`");
            let diagnostic = habit(written, message, start, end, &format!("write `{right}`"));
            return Some(diagnostic.fix(
                format!("write `{right}`"),
                Safety::Safe,
                written.place(start, end),
                right,
            ));
        }
    }
    None
}

/// Reports `elif` and similar words after the block of an `if`.
pub(super) fn other_else_if(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let word = written.first_word();
    matches!(word, "elif" | "elsif" | "elseif").then(|| first_word(written, word))?
}

fn first_word(written: &Excerpt<'_>, word: &str) -> Option<Diagnostic> {
    if let Some((_, two)) = JOINED.iter().find(|(one, _)| *one == word) {
        let diagnostic = habit(
            written,
            format!("`{word}` is two words: `{two}`"),
            0,
            word.len(),
            &format!("write `{two}`"),
        );
        return Some(diagnostic.fix(
            format!("write `{two}`"),
            Safety::Safe,
            written.place(0, word.len()),
            *two,
        ));
    }
    let (_, ours, help) = FIRST_WORDS.iter().find(|(words, _, _)| words.contains(&word))?;
    let message = if ours.is_empty() {
        format!("there is no `{word}` here")
    } else if ours.starts_with('"') {
        format!("`{word}` is no statement here: a text alone is shown")
    } else {
        format!("`{word}` is `{ours}` here")
    };
    let diagnostic = habit(written, message, 0, word.len(), help);
    let behind = written.text().get(word.len()..)?;
    let rest = behind.trim_start();
    let blank = behind.len() - rest.len();
    let start = word.len() + blank;
    if fix::is_print(word, rest) {
        return Some(diagnostic.fix("take the word away", Safety::Safe, written.place(0, start), ""));
    }
    Some(match fix::first_word(word, rest) {
        Some((0, ours)) => {
            diagnostic.fix(format!("write `{ours}`"), Safety::Safe, written.place(0, word.len()), ours)
        }
        Some((more, ours)) => {
            diagnostic.fix(format!("write `{ours}`"), Safety::Safe, written.place(0, start + more), ours)
        }
        None => diagnostic,
    })
}
