//! Recognises whole lines as other tools write them: a shell command, a numbered list, a call, a comment, an assignment.

use super::{Excerpt, form};
use crate::diagnostic::{Code, Diagnostic, Safety};

/// Programs that runbooks call. A line that begins with one of them and goes on as a command line is a command.
const PROGRAMS: [&str; 78] = [
    "ansible",
    "ansible-playbook",
    "apt",
    "apt-get",
    "aws",
    "awk",
    "az",
    "bash",
    "brew",
    "cat",
    "ceph",
    "chmod",
    "chown",
    "consul",
    "cp",
    "curl",
    "cd",
    "dd",
    "df",
    "dig",
    "dnf",
    "docker",
    "du",
    "etcdctl",
    "find",
    "flux",
    "free",
    "gcloud",
    "git",
    "grep",
    "head",
    "helm",
    "host",
    "htop",
    "ip",
    "iptables",
    "istioctl",
    "journalctl",
    "jq",
    "kafka-topics",
    "kill",
    "killall",
    "kubectl",
    "less",
    "ls",
    "make",
    "mkdir",
    "mount",
    "mv",
    "mysql",
    "nc",
    "netstat",
    "nginx",
    "nmap",
    "nomad",
    "npm",
    "nslookup",
    "openssl",
    "pg_ctl",
    "ping",
    "pip",
    "pkill",
    "podman",
    "ps",
    "psql",
    "python",
    "python3",
    "redis-cli",
    "rm",
    "rsync",
    "scp",
    "sed",
    "service",
    "ssh",
    "sudo",
    "systemctl",
    "tail",
    "terraform",
];

/// Names of arms in other languages for what fits nothing else; `_` among them.
pub const OTHERWISE: [&str; 5] = ["_", "default", "otherwise", "others", "any"];

/// Returns a finding for a line of another tool.
pub(super) fn find(written: &Excerpt<'_>, in_match: bool) -> Option<Diagnostic> {
    comment(written)
        .or_else(|| if in_match { None } else { numbered(written) })
        .or_else(|| command(written))
        .or_else(|| label(written))
        .or_else(|| arm(written, in_match))
        .or_else(|| called(written))
        .or_else(|| assigned(written))
}

fn habit(written: &Excerpt<'_>, message: impl Into<String>, start: usize, end: usize) -> Diagnostic {
    Diagnostic::new(Code::SYNTAX_HABIT, message, written.place(start, end), "written differently here")
}

/// `// text`, `/* text`, `-- text`, also behind a statement.
fn comment(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let code = written.code();
    let starts = |sign: &str| code.starts_with(sign);
    let at = if starts("/*") || starts("--") || starts(";;") || starts("<!--") {
        Some(0)
    } else {
        code.find("//")
    }?;
    let length = if starts("<!--") { 4 } else { 2 };
    // `7 // 2` divides in other languages.
    let behind = code.get(at + length..)?.trim_start();
    if behind.starts_with(|c: char| c.is_ascii_digit()) && at > 0 {
        return None;
    }
    let sign = code.get(at..at + length)?;
    if sign == "--" && !code.get(length..)?.starts_with(' ') {
        return None;
    }
    let finding = habit(written, format!("a comment begins with `#`, not with `{sign}`"), at, at + length);
    let finding = finding.help("write `#`");
    Some(if sign == "//" {
        finding.fix("write `#`", Safety::Safe, written.place(at, at + length), "#")
    } else {
        finding
    })
}

/// `1. Look at the dashboard`, `2) check "…"`, `Step 3: …`.
fn numbered(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let text = written.head();
    let after_word = text.strip_prefix("Step ").or_else(|| text.strip_prefix("STEP ")).unwrap_or(text);
    let digits = after_word.len() - after_word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let behind = after_word.get(digits..)?;
    let rest = behind.strip_prefix(['.', ')', ':'])?;
    if digits == 0 || digits > 2 || !(rest.starts_with(' ') || rest.is_empty()) {
        return None;
    }
    let rest = rest.trim();
    let lead = text.len() - text.trim_end().len() + text.rfind(rest).unwrap_or(text.len());
    let finding = habit(written, "a statement has no number", 0, lead.min(text.len()).max(1))
        .help("take the number away: the lines of a runbook are done in their order");
    let word = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    let place = written.place(0, text.len());
    if rest.starts_with(['"', '`']) || form::of(word).is_some() {
        return Some(finding.fix("take the number away", Safety::Safe, written.place(0, lead), ""));
    }
    if rest.is_empty() || rest.contains(['"', '\\']) {
        return Some(finding);
    }
    let quoted = format!("\"{}\"", rest.replace("#{", "\\#{"));
    Some(
        finding
            .help(format!(
                "an instruction is a text: `{quoted}` shows it, `action {quoted}` waits until it is done"
            ))
            .fix(format!("write `{quoted}`"), Safety::Choice, place, quoted),
    )
}

/// `kubectl get pods`, `sudo systemctl restart nginx && echo done`, `./deploy.sh --now`.
fn command(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let text = written.head();
    let word = text.split_whitespace().next()?;
    let rest = text.get(word.len()..)?.trim_start();
    let known = PROGRAMS.contains(&word) && !rest.starts_with(['"', '`', '=', '(']);
    let path = word.starts_with("./")
        || word.starts_with("../")
        || (word.starts_with('/') && word.len() > 2 && word.get(1..)?.contains('/'));
    let prompt = word == "$" && !rest.is_empty();
    let options = form::of(word).is_none()
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && rest.split_whitespace().any(|part| {
            part.starts_with("--")
                || (part.len() == 2
                    && part.starts_with('-')
                    && part.ends_with(|c: char| c.is_ascii_alphabetic()))
        });
    if !(known || path || prompt || options) {
        return None;
    }
    let line = if prompt { rest } else { text };
    let name = if prompt { rest.split_whitespace().next().unwrap_or("it") } else { word };
    let message = if name.chars().count() > 30 {
        "a command stands in back quotes".to_owned()
    } else {
        format!("`{name}` is a command: it stands in back quotes")
    };
    let finding =
        Diagnostic::new(Code::SYNTAX_HABIT, message, written.place(0, text.len()), "a line of a shell");
    let quoted = line.replace('`', "\\`").replace("#{", "\\#{");
    Some(
        finding
            .help(format!(
                "write ``action `{quoted}` `` if it changes something, ``check `{quoted}` `` if it only looks"
            ))
            .fix(
                format!("write ``action `{quoted}` ``"),
                Safety::Choice,
                written.place(0, text.len()),
                format!("action `{quoted}`"),
            )
            .fix(
                format!("write ``check `{quoted}` ``"),
                Safety::Choice,
                written.place(0, text.len()),
                format!("check `{quoted}`"),
            ),
    )
}

/// `owner: "x"`, `severity = "x"`, `step: "x" {`: a word of the language as a key.
fn label(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let word = written.first_word();
    if form::of(word).is_none() || matches!(word, "let" | "param" | "given" | "match") {
        return None;
    }
    let rest = written.text().get(word.len()..)?;
    let sign = rest.trim_start().chars().next().filter(|sign| matches!(sign, ':' | '='))?;
    let behind = rest.trim_start().get(1..)?;
    if behind.starts_with(['=', '~']) {
        return None;
    }
    let at = word.len() + rest.len() - rest.trim_start().len();
    let finding = habit(written, format!("`{word}` takes no `{sign}`"), at, at + 1);
    let help = format!("write `{word} {}`", behind.lines().next().unwrap_or_default().trim());
    let gap = if behind.starts_with(' ') { "" } else { " " };
    Some(finding.help(help).fix("take it away", Safety::Safe, written.place(at, at + 1), gap))
}

/// `case "a" {`, `when "a" {`, `"a": {`, `* {` in a `match`.
fn arm(written: &Excerpt<'_>, in_match: bool) -> Option<Diagnostic> {
    if !in_match {
        return None;
    }
    let text = written.text();
    let word = written.first_word();
    if OTHERWISE.contains(&word) || text.starts_with('*') {
        let length = word.len().max(1);
        let shown = text.get(..length)?;
        let colon = text.get(length..)?.trim_start().starts_with(':');
        let end = if colon { length + text.get(length..)?.find(':')? + 1 } else { length };
        let finding = habit(written, format!("`{shown}` is `else` here"), 0, end);
        return Some(finding.help("write `else {…}`").fix(
            "write `else`",
            Safety::Safe,
            written.place(0, end),
            "else",
        ));
    }
    if matches!(word, "case" | "when") {
        let behind = text.get(word.len()..)?;
        let end = word.len() + behind.len() - behind.trim_start().len();
        let finding =
            habit(written, format!("an arm begins with its pattern, not with `{word}`"), 0, word.len());
        return Some(finding.help("write `PATTERN {…}`").fix(
            "take it away",
            Safety::Safe,
            written.place(0, end),
            "",
        ));
    }
    let code = written.code();
    let colon = code.find(':')?;
    let block = code.get(colon + 1..)?.trim_start().starts_with('{')
        || written.behind().trim_start().starts_with('{');
    block.then(|| {
        habit(written, "no colon comes after a pattern", colon, colon + 1).help("write `PATTERN {…}`").fix(
            "take it away",
            Safety::Safe,
            written.place(colon, colon + 1),
            "",
        )
    })
}

/// `restart("a")`, `print("x")`, `sleep(5)`: a call alone.
fn called(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let text = written.head();
    let word = written.first_word();
    let rest = text.get(word.len()..)?;
    if word.is_empty() || !rest.starts_with('(') || !text.ends_with(')') {
        return None;
    }
    let inside = rest.get(1..rest.len() - 1)?.trim();
    let whole = written.place(0, text.len());
    let is_text = inside.starts_with('"')
        && inside.ends_with('"')
        && inside.len() > 1
        && inside.matches('"').count() == 2;
    let statement = match word {
        "print" | "puts" | "echo" | "say" | "log" if is_text => inside.to_owned(),
        "sleep" | "wait" | "pause" if inside.chars().all(|c| c.is_ascii_digit()) && !inside.is_empty() => {
            format!("wait {inside}s")
        }
        "resolve" | "stop" | "record" | "check" | "run" | "action" if is_text => format!("{word} {inside}"),
        _ if form::of(word).is_some() => return None,
        _ => {
            let message = format!("a defined action is done by `action {word}(…)`");
            let right = format!("action {text}");
            return Some(
                Diagnostic::new(Code::SYNTAX_HABIT, message, whole, "a call alone does nothing")
                    .help(format!("write `{right}`"))
                    .fix(format!("write `{right}`"), Safety::Choice, written.place(0, 0), "action "),
            );
        }
    };
    let finding = habit(written, format!("`{word}` takes no brackets here"), 0, text.len());
    let title = format!("write `{statement}`");
    Some(finding.help(title.clone()).fix(title, Safety::Safe, whole, statement))
}

/// `x = 3`, `x := 3`, `$x = 3`, `X=3`: an assignment.
fn assigned(written: &Excerpt<'_>) -> Option<Diagnostic> {
    let text = written.head();
    let sigil = text.len() - text.trim_start_matches(['$', '@']).len();
    let named = text.get(sigil..)?;
    let end = named.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(named.len());
    let (name, rest) = named.split_at_checked(end)?;
    if name.is_empty()
        || !name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        || form::of(name).is_some()
    {
        return None;
    }
    let rest = rest.trim_start();
    let value = rest.strip_prefix(":=").or_else(|| rest.strip_prefix('='))?;
    if value.starts_with(['=', '~', '>']) || value.trim().is_empty() {
        return None;
    }
    let right = format!("let {name} = {}", value.trim());
    let finding = habit(written, format!("`{name}` gets its value by `let`"), 0, sigil + name.len());
    let title = format!("write `{right}`");
    Some(finding.help(title.clone()).fix(title, Safety::Choice, written.place(0, text.len()), right))
}
