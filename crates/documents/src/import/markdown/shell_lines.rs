//! The lines of a block of shell: which are commands, which are comments, and which were printed.

/// A command with what stands around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ShellCommand {
    /// On one line.
    pub(crate) text: String,
    /// The comments before it.
    pub(crate) comments: Vec<String>,
    /// What it printed when the document was written.
    pub(crate) output: Vec<String>,
}

/// Lines behind a prompt are commands, all others are what they printed.
pub(super) fn prompted(text: &str) -> Option<Vec<ShellCommand>> {
    let prompt = |line: &str| -> Option<usize> {
        let line = line.trim_start();
        let bare = ["$ ", "❯ ", "> $ ", "% "].iter().find(|it| line.starts_with(*it)).map(|it| it.len());
        bare.or_else(|| full_prompt(line))
    };
    text.lines().find(|line| prompt(line).is_some())?;
    let mut commands: Vec<ShellCommand> = Vec::new();
    let mut comments = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(length) = prompt(line) {
            let mut command = line.trim_start().get(length..).unwrap_or_default().trim().to_owned();
            while let Some(open) = continued(&command) {
                let next = lines.next().unwrap_or_default();
                command = format!("{open} {}", next.trim());
            }
            commands.push(ShellCommand {
                text: command,
                comments: std::mem::take(&mut comments),
                output: Vec::new(),
            });
        } else if let Some(comment) = line.trim().strip_prefix("# ")
            && (commands.last().is_none_or(|it| it.output.is_empty())
                || leads_command(lines.clone(), &prompt))
        {
            comments.push(comment.to_owned());
        } else if let Some(command) = commands.last_mut() {
            command.output.push(line.trim_end().to_owned());
        } else if !line.trim().is_empty() {
            comments.push(line.trim_end().to_owned());
        }
    }
    if let Some(last) = commands.last_mut() {
        last.output.append(&mut comments);
    }
    for command in &mut commands {
        while command.output.last().is_some_and(|it| it.trim().is_empty()) {
            command.output.pop();
        }
    }
    Some(commands)
}

/// `deploy@build1:~$ `, `[root@db1 data]# `, `sh-5.1# `: how long the prompt is. Who works where has to stand in it.
fn full_prompt(line: &str) -> Option<usize> {
    let at = line.find(['$', '#'])?;
    let (before, behind) = line.split_at_checked(at)?;
    let is_name =
        |it: &str| !it.is_empty() && it.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let is_place = |it: &str| it.chars().all(|c| c.is_ascii_alphanumeric() || "-_./~".contains(c));
    let inner = before.trim_end();
    let inner = inner.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(inner);
    let names = match inner.split_once('@') {
        Some((user, host)) => {
            let (host, place) = host.split_once([':', ' ']).unwrap_or((host, ""));
            is_name(user) && is_name(host) && is_place(place)
        }
        None => ["sh-", "bash-"].iter().any(|it| {
            inner
                .strip_prefix(it)
                .is_some_and(|it| !it.is_empty() && it.chars().all(|c| c.is_ascii_digit() || c == '.'))
        }),
    };
    (names && behind.get(1..).is_some_and(|it| it.starts_with(' '))).then_some(at + 2)
}

/// Whether a comment stands above a command: only blank lines and comments are between them.
fn leads_command<'a>(
    mut lines: impl Iterator<Item = &'a str>,
    prompt: &impl Fn(&str) -> Option<usize>,
) -> bool {
    lines
        .find(|line| !line.trim().is_empty() && !line.trim().starts_with("# "))
        .is_some_and(|line| prompt(line).is_some())
}

/// The command without its `\`, if it goes on in the next line.
fn continued(command: &str) -> Option<&str> {
    command.strip_suffix('\\').map(str::trim_end)
}

/// Each line is a command; a line that begins with an option or a pipe continues the one before it.
pub(super) fn plain(text: &str) -> Vec<ShellCommand> {
    let mut commands: Vec<ShellCommand> = Vec::new();
    let mut comments = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim).filter(|it| !it.is_empty()) {
        if let Some(comment) = line.strip_prefix('#').filter(|_| !open) {
            comments.push(comment.trim().to_owned());
            continue;
        }
        let quoted = commands.last().is_some_and(|it| it.text.matches('"').count() % 2 == 1);
        let joins = open
            || quoted
            || line.starts_with(['-', '|'])
            || commands.last().is_some_and(|it| it.text.ends_with('|'));
        let (line, more) = match continued(line) {
            Some(line) => (line, true),
            None => (line, false),
        };
        open = more;
        match commands.last_mut().filter(|_| joins) {
            Some(command) => {
                command.text.push(' ');
                command.text.push_str(line);
            }
            None => commands.push(ShellCommand {
                text: line.to_owned(),
                comments: std::mem::take(&mut comments),
                output: Vec::new(),
            }),
        }
    }
    if let Some(last) = commands.last_mut() {
        last.output.extend(comments);
    }
    commands
}

/// A text without the indent that all its lines share, and without blank lines around it.
pub(super) fn dedent(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let shared = lines.iter().filter(|it| !it.is_empty()).map(indent).min().unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|it| it.get(shared..).unwrap_or_default()).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}
