//! Splits a shell command into simple commands and words, as far as the tables of well-known programs need it.

use rbl_syntax::tree::Part;

/// A simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SimpleCommand {
    /// Its words, quotes removed; an inserted value is [`VALUE`].
    pub(crate) words: Vec<String>,
    /// Whether it appends to a file: `>>`.
    pub(crate) appends: bool,
    /// Whether `!` turns round the exit code of its pipeline.
    pub(crate) negated: bool,
    /// The variables set before its first word, or alone: `NAME=VALUE`.
    pub(crate) assigned: Vec<String>,
    /// What follows it.
    pub(crate) then: Connector,
}

/// What stands between a simple command and the next one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Connector {
    /// `;`, a line end, a bracket or the end.
    #[default]
    End,
    /// `|`
    Pipe,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// The placeholder in a word for a value that is only known during the run.
pub(crate) const VALUE: &str = "\u{1}";

impl SimpleCommand {
    /// Returns the program, without its directory.
    pub(crate) fn program(&self) -> &str {
        self.words.first().map_or("", |word| word.rsplit('/').next().unwrap_or(word))
    }

    /// Returns the words after the program.
    pub(crate) fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or(&[])
    }

    /// Returns the words after the program that are neither options nor values of the options that say where.
    pub(crate) fn plain(&self) -> impl Iterator<Item = &str> {
        const WITH_A_VALUE: [&str; 6] = ["-n", "--namespace", "--context", "--kubeconfig", "-C", "-H"];
        let mut value = false;
        self.arguments().iter().map(String::as_str).filter(move |word| {
            let skipped = std::mem::replace(&mut value, WITH_A_VALUE.contains(word));
            !skipped && !word.starts_with('-')
        })
    }

    /// Whether one of these words follows the program.
    pub(crate) fn has(&self, words: &[&str]) -> bool {
        self.arguments().iter().any(|own| words.contains(&own.as_str()))
    }

    /// Whether a word after the program begins with one of these.
    pub(crate) fn has_beginning(&self, beginnings: &[&str]) -> bool {
        self.arguments().iter().any(|own| beginnings.iter().any(|beginning| own.starts_with(beginning)))
    }
}

/// Returns the simple commands, in order. The content of `$(…)` and `<(…)` belongs to the word around it.
pub(crate) fn simple_commands(parts: &[Part]) -> Vec<SimpleCommand> {
    let mut reader = CommandReader::default();
    for part in parts {
        match part {
            Part::Literal { text, .. } => text.chars().for_each(|char| reader.char(char)),
            Part::Value(_) => reader.push(VALUE),
        }
    }
    reader.finished()
}

/// Returns the simple commands of a text without values, as of `sh -c TEXT`.
pub(crate) fn simple_commands_of(text: &str) -> Vec<SimpleCommand> {
    let mut reader = CommandReader::default();
    text.chars().for_each(|char| reader.char(char));
    reader.finished()
}

/// Returns every word, in lower case, split at anything but letters and digits: what an action is about. A `-` at the
/// end of a word is a word of its own: `key:NoSchedule-`.
pub(crate) fn spoken(parts: &[Part]) -> Vec<String> {
    let mut words = Vec::new();
    for part in parts {
        if let Part::Literal { text, .. } = part {
            words.extend(spoken_text(text));
        }
    }
    words
}

/// The same for a text without values.
pub(super) fn spoken_text(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        let cut = word.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
        words.extend(cut.map(str::to_lowercase));
        if word.len() > 1 && word.ends_with('-') && !word.starts_with('-') {
            words.push("-".into());
        }
    }
    words
}

#[derive(Default)]
struct CommandReader {
    commands: Vec<SimpleCommand>,
    now: SimpleCommand,
    word: Option<String>,
    quote: Option<char>,
    escaped: bool,
    /// How many `$(` and `(` are open.
    nested: u32,
    last: char,
    comment: bool,
}

impl CommandReader {
    fn finished(mut self) -> Vec<SimpleCommand> {
        self.end_command();
        for command in &mut self.commands {
            command.negated = without_prefix(&mut command.words, &mut command.assigned);
        }
        self.commands
    }

    fn push(&mut self, text: &str) {
        self.word.get_or_insert_with(String::new).push_str(text);
        self.last = ' ';
    }

    fn char(&mut self, char: char) {
        let last = std::mem::replace(&mut self.last, char);
        if self.comment {
            self.comment = char != '\n';
        } else if std::mem::take(&mut self.escaped) {
            if char != '\n' {
                self.word.get_or_insert_with(String::new).push(char);
            }
        } else if char == '\\' && self.quote != Some('\'') {
            self.escaped = true;
        } else if let Some(quote) = self.quote {
            if char == quote {
                self.quote = None;
            } else {
                self.word.get_or_insert_with(String::new).push(char);
            }
        } else if self.nested > 0 {
            match char {
                '(' => self.nested += 1,
                ')' => self.nested -= 1,
                _ => {}
            }
            self.word.get_or_insert_with(String::new).push(char);
        } else {
            self.outside(char, last);
        }
    }

    fn outside(&mut self, char: char, last: char) {
        match char {
            '\'' | '"' => {
                self.quote = Some(char);
                self.word.get_or_insert_with(String::new);
            }
            '(' if last == '$' => {
                self.nested = 1;
                self.word.get_or_insert_with(String::new).push(char);
            }
            // `<(…)`: a file in which the output of a command is.
            '(' if matches!(last, '<' | '>') => {
                self.nested = 1;
                self.word.get_or_insert_with(String::new).extend([last, char]);
            }
            '#' if self.word.is_none() => self.comment = true,
            ' ' | '\t' | '<' => self.end_word(),
            '>' => {
                self.now.appends |= last == '>';
                self.end_word();
            }
            '&' if last == '>' => {}
            '{' | '}' if self.word.is_none() => self.end_command(),
            '&' | '|' | ';' | '\n' | '(' | ')' => self.connect(char, last),
            _ => self.word.get_or_insert_with(String::new).push(char),
        }
    }

    /// Ends the command at a character that stands between two.
    fn connect(&mut self, char: char, last: char) {
        self.end_command();
        let Some(before) = self.commands.last_mut() else { return };
        before.then = match (char, last) {
            ('|', '|') => Connector::Or,
            // `|&` is a pipe too.
            ('|', _) | ('&', '|') => Connector::Pipe,
            ('&', '&') => Connector::And,
            _ => before.then,
        };
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            self.now.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        let command = std::mem::take(&mut self.now);
        if !command.words.is_empty() || command.appends {
            self.commands.push(command);
        }
    }
}

/// Removes everything before the program: `A=b`, `sudo`, `timeout 5m`, reserved words. Returns whether there was a `!`.
fn without_prefix(words: &mut Vec<String>, assigned: &mut Vec<String>) -> bool {
    let mut negated = false;
    loop {
        let Some(first) = words.first() else { return negated };
        let assigns = first.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|char| char == '_' || char.is_ascii_alphanumeric())
        });
        let taken = match first.as_str() {
            "sudo" | "env" | "nohup" | "exec" | "time" | "if" | "then" | "else" | "do" | "while"
            | "until" | "!" => 1 + words.iter().skip(1).take_while(|word| word.starts_with('-')).count(),
            "timeout" | "nice" | "ionice" => {
                let options = words.iter().skip(1).take_while(|word| word.starts_with('-')).count();
                1 + options + usize::from(first == "timeout")
            }
            _ if assigns => 1,
            _ => return negated,
        };
        negated ^= first == "!";
        let taken = words.drain(..taken.min(words.len()));
        assigned.extend(taken.filter(|_| assigns));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::source::Span;

    fn read(text: &str) -> Vec<Vec<String>> {
        let parts = [Part::Literal { text: text.into(), span: Span::default() }];
        simple_commands(&parts).into_iter().map(|command| command.words).collect()
    }

    #[test]
    fn commands_are_cut_where_the_shell_cuts_them() {
        assert_eq!(read("a 'b c' && sudo -n d|e; f"), [vec!["a", "b c"], vec!["d"], vec!["e"], vec!["f"]]);
        assert_eq!(read("X=1 timeout 5m kubectl get po"), [["kubectl", "get", "po"]]);
        assert_eq!(read("echo \"a && b\" $(c; d) # e; f"), [["echo", "a && b", "$(c; d)"]]);
        assert_eq!(read("echo ${HOME} a{b,c}"), [["echo", "${HOME}", "a{b,c}"]]);
        assert_eq!(read("{ a; b; }"), [["a"], ["b"]]);
        assert_eq!(read("diff <(a | b) <(c)"), [["diff", "<(a | b)", "<(c)"]]);
        assert_eq!(read("a 2>&1 >/dev/null"), [["a", "2", "1", "/dev/null"]]);
    }

    #[test]
    fn writing_at_the_end_is_seen_outside_of_quotes() {
        let parts = |text: &str| [Part::Literal { text: text.into(), span: Span::default() }];
        assert!(simple_commands(&parts("echo a >> b")).iter().any(|command| command.appends));
        assert!(!simple_commands(&parts("echo 'a >> b' > c")).iter().any(|command| command.appends));
    }
}
