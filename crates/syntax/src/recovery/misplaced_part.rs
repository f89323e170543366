//! Recognises statements whose parts stand as other languages write them: `if` behind, `for` over numbers, `wait for`, a
//! `check` with a limit, `as root`.

use super::Excerpt;
use crate::diagnostic::{Code, Diagnostic, Safety};

/// Words of a comparison in other languages, each with its sign, and whether it can mean nothing else.
const COMPARISONS: [(&str, &str, bool); 14] = [
    (" -eq ", " == ", true),
    (" -ne ", " != ", true),
    (" -lt ", " < ", true),
    (" -le ", " <= ", true),
    (" -gt ", " > ", true),
    (" -ge ", " >= ", true),
    (" is not ", " != ", false),
    (" is ", " == ", false),
    (" equals ", " == ", false),
    (" below ", " < ", false),
    (" under ", " < ", false),
    (" above ", " > ", false),
    (" exceeds ", " > ", false),
    (" =~ ", " matches ", false),
];

/// The message of a test of the shell; what it brings along (`then`, `fi`) is folded into it.
pub(super) const SHELL_TEST: &str = "a test of the shell is a command";

/// Returns a finding for a statement with a part of another language.
pub(super) fn find(written: &Excerpt<'_>, is_condition: bool) -> Option<Diagnostic> {
    behind(written)
        .or_else(|| loop_of_numbers(written))
        .or_else(|| wait_for(written))
        .or_else(|| limited_check(written, is_condition))
        .or_else(|| as_user(written))
        .or_else(|| shell_test(written, is_condition))
        .or_else(|| list_of_another(written))
        .or_else(|| ternary(written))
        .or_else(|| prefixed_text(written))
        .or_else(|| sigil(written))
        .or_else(|| compared_in_words(written, is_condition))
}

fn habit(written: &Excerpt<'_>, message: impl Into<String>, start: usize, end: usize) -> Diagnostic {
    Diagnostic::new(Code::SYNTAX_HABIT, message, written.place(start, end), "written differently here")
}

/// `escalate to owner if p99 > 1s`, `resolve unless …`, and `unless COND {`.
fn behind(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let code = written.code();
    let text = written.head();
    if written.first_word() == "unless" {
        let condition = text.get("unless".len()..)?.trim();
        let right = format!("if not ({condition})");
        let finding = habit(written, "`unless` is `if not` here", 0, "unless".len());
        let title = format!("write `{right} {{…}}`");
        return Some(if condition.is_empty() || written.code().contains(';') {
            finding.help("write `if not (COND) {…}`")
        } else {
            finding.help(title.clone()).fix(title, Safety::Safe, written.place(0, text.len()), right)
        });
    }
    if !matches!(written.first_word(), "resolve" | "stop" | "escalate" | "action" | "record" | "wait" | "run")
    {
        return None;
    }
    for (word, form) in [(" if ", "if"), (" unless ", "if not")] {
        let Some(at) = code.find(word).filter(|at| *at < text.len()) else { continue };
        let statement = text.get(..at)?.trim();
        let condition = text.get(at + word.len()..)?.trim();
        let condition = if form == "if" { condition.to_owned() } else { format!("({condition})") };
        let right = format!("{form} {condition} {{ {statement} }}");
        let finding = habit(
            written,
            format!("`{}` comes before what it decides", word.trim()),
            at + 1,
            at + word.len() - 1,
        );
        let title = format!("write `{right}`");
        return Some(finding.help(title.clone()).fix(
            title,
            Safety::Choice,
            written.place(0, text.len()),
            right,
        ));
    }
    None
}

/// `for i in 1..3 {`, `for x in list {`, `for (…)`, `3.times {`.
fn loop_of_numbers(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let text = written.head();
    let code = written.code();
    if let Some(number) = text.split(".times").next().filter(|number| number.len() < text.len())
        && number.chars().all(|c| c.is_ascii_digit())
    {
        let right = format!("repeat up to {number} times");
        let finding = habit(written, "a number has no `.times` here", 0, number.len() + ".times".len());
        return Some(finding.help(format!("write `{right} {{…}}`")));
    }
    if written.first_word() != "for" || text.starts_with("for each") {
        return None;
    }
    let rest = text.get("for".len()..)?.trim_start();
    let Some((name, over)) = rest.split_once(" in ") else {
        return rest.starts_with('(').then(|| {
            habit(written, "a loop counts by `repeat` here", 0, "for".len())
                .help("write `repeat up to N times {…}`, or `for each x in LIST up to N {…}`")
        });
    };
    let over = over.trim().trim_end_matches(['{', ':']).trim().trim_end_matches(" do").trim();
    let range = over.trim_start_matches("range(").trim_end_matches(')').trim_matches(['(', ')', '{', '}']);
    let ends: Vec<&str> = range.split("..").flat_map(|part| part.split(',')).map(str::trim).collect();
    let whole = |text: &&str| text.trim_start_matches('.').parse::<u32>().ok();
    let count = match ends.iter().map(whole).collect::<Option<Vec<u32>>>().as_deref() {
        Some([one]) if over.starts_with("range(") => Some(*one),
        Some([from, to]) if over.starts_with("range(") => to.checked_sub(*from),
        Some([from, to]) => to.checked_sub(*from).and_then(|count| count.checked_add(1)),
        _ => None,
    };
    if let Some(count) = count {
        let right = format!("repeat up to {count} times");
        let title = format!("write `{right}`");
        let finding = habit(written, "a loop over numbers is `repeat` here", 0, text.len());
        let end = text.find('{').map_or(text.trim_end_matches(':').trim_end().len(), |end| {
            text.get(..end).map_or(end, |head| head.trim_end().len())
        });
        return Some(finding.help(format!("{title} {{…}}`").replace("` {", " {")).fix(
            title,
            Safety::Choice,
            written.place(0, end),
            right,
        ));
    }
    let name = name.trim();
    let finding = habit(written, "`for` is `for each` here", 0, "for".len());
    if code.contains('[') || !over.contains(' ') {
        let help = format!("write `for each {name} in {over} {{…}}`");
        return Some(finding.help(help).fix(
            "write `for each`",
            Safety::Safe,
            written.place(0, "for".len()),
            "for each",
        ));
    }
    let items: Vec<String> =
        over.split_whitespace().map(|item| format!("\"{}\"", item.trim_matches('"'))).collect();
    Some(finding.help(format!("write `for each {name} in [{}] {{…}}`", items.join(", "))))
}

/// `wait for 5 minutes`, `wait for p99 < 500ms`.
fn wait_for(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let text = written.head();
    let rest = text.strip_prefix("wait for ")?.trim();
    let end = text.len();
    let amount: Vec<&str> = rest.split_whitespace().collect();
    let unit = |word: &str| {
        Some(match word.trim_end_matches('s') {
            "millisecond" | "m" if word == "ms" => "ms",
            "second" | "sec" | "" => "s",
            "minute" | "min" | "m" => "m",
            "hour" | "hr" | "h" => "h",
            "day" | "d" => "d",
            _ => return None,
        })
    };
    let number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let time = match amount.as_slice() {
        [count, word] if number(count) => unit(word).map(|unit| format!("{count}{unit}")),
        [one] if one.starts_with(|c: char| c.is_ascii_digit()) && !number(one) => Some((*one).to_owned()),
        _ => None,
    };
    let finding = habit(written, "`wait` takes the time itself", "wait ".len(), "wait for".len());
    let Some(time) = time else {
        let condition = if rest.is_empty() { "COND" } else { rest };
        let help = format!("write `wait 5m`, or `wait until {condition} within 10m` to look again and again");
        return Some(finding.help(help));
    };
    let right = format!("wait {time}");
    let title = format!("write `{right}`");
    Some(finding.help(title.clone()).fix(title, Safety::Safe, written.place(0, end), right))
}

/// `check p99 < 500ms within 5m`: a look has no limit of time.
fn limited_check(written: &Excerpt<'_>, is_condition: bool) -> Option<Diagnostic> {
    let code = written.code();
    let word = written.first_word();
    if !is_condition && !matches!(word, "check" | "if") {
        return None;
    }
    // Of an `if` only the condition is at hand.
    let word = if is_condition { "if" } else { word };
    let skipped = if is_condition { 0 } else { word.len() };
    let at = code.find(" within ").or_else(|| code.find(" every "))?;
    let part = code.get(at + 1..)?.split(' ').next()?;
    let condition = written.text().get(skipped..at)?.trim();
    // A question and a command take a limit of their own.
    if condition.ends_with(['"', '`']) && !condition.contains(['=', '<', '>']) {
        return None;
    }
    // `check every r in lag: …` is a condition of another form.
    if condition.is_empty() {
        return None;
    }
    let article = if word == "if" { "an" } else { "a" };
    let finding = habit(
        written,
        format!("{article} `{word}` looks once, and takes no `{part}`"),
        at + 1,
        at + 1 + part.len(),
    );
    let limit =
        if part == "within" { written.text().get(at + 1..)?.split('{').next()?.trim() } else { "within 10m" };
    let limit = limit.split(" else").next().unwrap_or(limit);
    let finding = finding.help(format!("write `wait until {condition} {limit}` to look again and again"));
    Some(if word == "check" && part == "within" {
        finding.fix("write `wait until`", Safety::Choice, written.place(0, word.len()), "wait until")
    } else {
        finding
    })
}

/// ``action `x` as "root"``, ``action `x` with sudo``, ``action `x` using root``.
fn as_user(written: &Excerpt<'_>) -> Option<Diagnostic> {
    if written.first_word() != "action" {
        return None;
    }
    let code = written.code();
    let at = [" as \"", " with sudo", " using ", " become", " as user ", " sudo"]
        .iter()
        .find_map(|part| code.find(part))?;
    Some(
        habit(
            written,
            "an action runs as the user that rbl runs as",
            at + 1,
            code.trim_end().len().max(at + 2),
        )
        .help("to act as another user, write it in the command: ``action `sudo -u USER COMMAND` ``")
        .help("`as NAME` names the output of the action"),
    )
}

/// `[x for x in xs if x != ""]`.
fn list_of_another(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let code = written.code();
    let open = code.find('[')?;
    let at = open + code.get(open..)?.find(" for ")?;
    if code.get(at..)?.starts_with(" for each ") {
        return None;
    }
    let within = at + code.get(at..)?.find(" in ")?;
    let close = within + code.get(within..)?.rfind(']')?;
    let text = |from: usize, to: usize| written.text().get(from..to).map(str::trim);
    let right = list_in_words(text(open + 1, at)?, text(at + 5, within)?, text(within + 4, close)?);
    Some(
        habit(written, "a list is made of another by `for each`", open, close + 1)
            .help(format!("write `{right}`")),
    )
}

/// `[for each x in xs where x != "": x]`
pub(crate) fn list_in_words(value: &str, name: &str, over: &str) -> String {
    match over.split_once(" if ") {
        Some((over, filter)) => format!("[for each {name} in {over} where {filter}: {value}]"),
        None => format!("[for each {name} in {over}: {value}]"),
    }
}

/// `let y = COND ? "a" : "b"`.
fn ternary(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let code = written.code();
    let at = code.find(" ? ")? + 1;
    let colon = at + code.get(at..)?.find(" : ")?;
    let text = |from: usize, to: usize| written.text().get(from..to).map(str::trim);
    let before = text(0, at)?;
    let condition =
        before.rsplit_once(" = ").map_or(before, |(_, condition)| condition).trim_start_matches('(');
    let (yes, no) = (text(at + 1, colon)?, text(colon + 2, code.trim_end().len())?);
    let no = no.lines().next().unwrap_or(no);
    Some(habit(written, "a value is chosen by `if`", at, at + 1).help(format!(
        "write `if {condition} {{ {yes} }} else {{ {no} }}`, in brackets inside of an expression"
    )))
}

/// `if [ -f x ]; then`, `if [[ … ]]`.
fn shell_test(written: &Excerpt<'_>, is_condition: bool) -> Option<Diagnostic> {
    let text = written.text();
    let rest = match written.first_word() {
        "if" | "check" => text.split_once(' ')?.1.trim_start(),
        _ if is_condition => text,
        _ => return None,
    };
    let is_test = rest.starts_with("[[ ") || (rest.starts_with("[ ") && rest.contains(" -"));
    let shown = rest.split([';', '{', '\n']).next().unwrap_or(rest).trim();
    is_test.then(|| {
        habit(written, SHELL_TEST, 0, written.head().len().max(1))
            .help(format!("write it in back quotes: ``if `{shown}` {{…}}``"))
    })
}

/// `f"…"`, `r"…"`: a text with a prefix.
fn prefixed_text(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let code = written.code();
    for prefix in ["f", "r", "b", "s", "rf", "fr", "$", "@"] {
        let Some(at) = code.find(&format!(" {prefix}\"")) else { continue };
        let finding =
            habit(written, format!("a text has no `{prefix}` before it"), at + 1, at + 1 + prefix.len());
        let finding = finding.help("write `\"…\"`; values go into it by `#{…}`");
        let place = written.place(at + 1, at + 1 + prefix.len());
        return Some(finding.fix("take it away", Safety::Safe, place, ""));
    }
    None
}

/// `check $p99 < 500ms`, `check @p99 < 500ms`.
fn sigil(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let code = written.code();
    let at = code.char_indices().find_map(|(at, c)| {
        let named = code.get(at + 1..)?.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let alone = at
            .checked_sub(1)
            .and_then(|before| code.as_bytes().get(before))
            .is_none_or(|c| !c.is_ascii_alphanumeric());
        (matches!(c, '$' | '@') && named && alone).then_some(at)
    })?;
    if at == 0 {
        return None;
    }
    let sign = code.get(at..=at)?;
    let finding = habit(written, format!("a name has no `{sign}` before it"), at, at + 1);
    let finding = finding.help("write the name alone; only in a text it stands in `#{…}`");
    Some(finding.fix("take it away", Safety::Safe, written.place(at, at + 1), ""))
}

/// `check p99 is below 500ms`, `if x -eq 3 {`.
fn compared_in_words(written: &Excerpt<'_>, is_condition: bool) -> Option<Diagnostic> {
    if !is_condition && !matches!(written.first_word(), "check" | "if" | "wait") {
        return None;
    }
    let code = written.code();
    let (word, sign, certain) = COMPARISONS.iter().find(|(word, ..)| code.contains(word))?;
    let at = code.find(word)?;
    // `is below`: both words are one sign.
    let longer = COMPARISONS.iter().find(|(other, ..)| {
        *word == " is " && code.get(at + 3..).is_some_and(|rest| rest.starts_with(other))
    });
    let (end, sign) = match longer {
        Some((other, sign, _)) => (at + 3 + other.len(), *sign),
        None => (at + word.len(), *sign),
    };
    let shown = code.get(at..end)?.trim();
    let finding = habit(written, format!("`{shown}` is written `{}` here", sign.trim()), at + 1, end - 1);
    let finding = if sign == " matches " {
        return Some(finding.help("write `matches(TEXT, \"REGEX\")`"));
    } else {
        finding.help(format!("write `{}`", sign.trim()))
    };
    let safety = if *certain { Safety::Safe } else { Safety::Choice };
    Some(finding.fix(format!("write `{}`", sign.trim()), safety, written.place(at, end), sign))
}
