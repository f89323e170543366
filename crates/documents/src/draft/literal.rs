//! Texts and commands as literals of the language, with values in them.

/// The widest line of a text of several lines.
const WIDTH: usize = 110;

/// A text as a literal: on one line if it fits, else between three quotes, wrapped. `values` are spellings, each with the
/// expression that takes its place.
pub(crate) fn text_literal(text: &str, indent: usize, values: &[(String, String)]) -> String {
    let text = text.trim();
    // What is quoted may go over a line, but not over a paragraph.
    let escaped: Vec<String> = text.split("\n\n").map(|it| escaped(it, values)).collect();
    let escaped = escaped.join("\n\n");
    let lines: Vec<String> = escaped.lines().map(|line| line.trim_end().to_owned()).collect();
    let one = match lines.as_slice() {
        [] => Some(String::new()),
        [line] => Some(line.replace('"', "\\\"")),
        _ => None,
    };
    if let Some(one) = one.filter(|it| it.chars().count() + indent + 12 <= WIDTH + 40) {
        return format!("\"{one}\"");
    }
    let margin = " ".repeat(indent + 2);
    let mut out = String::from("\"\"\"\n");
    for line in &lines {
        for line in wrapped(line, WIDTH.saturating_sub(indent + 2)) {
            if !line.trim().is_empty() {
                out.push_str(&margin);
                out.push_str(&line.replace("\"\"\"", "\\\"\\\"\\\""));
            }
            out.push('\n');
        }
    }
    out.push_str(&" ".repeat(indent));
    out + "\"\"\""
}

/// A command as a literal. `None` if it holds what a command cannot.
pub(crate) fn command_literal(command: &str, values: &[(String, String)]) -> String {
    let placed = placed(command, values, false);
    let mut out = String::from("`");
    for piece in placed {
        match piece {
            CommandPiece::Text(text) => {
                out.push_str(&text.replace('`', "\\`").replace("#{", "\\#{"));
            }
            CommandPiece::Value(value) => out.extend(["#{", &value, "}"]),
        }
    }
    out.push('`');
    out
}

enum CommandPiece {
    Text(String),
    Value(String),
}

/// Splits a text at the spellings of values; only inside back quotes if `quoted`, and never inside single quotes.
fn placed(text: &str, values: &[(String, String)], quoted: bool) -> Vec<CommandPiece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    let (mut in_code, mut in_single) = (!quoted, false);
    while let Some(c) = rest.chars().next() {
        let found = values
            .iter()
            .filter(|(spelled, _)| in_code && !in_single && rest.starts_with(spelled.as_str()))
            .max_by_key(|(spelled, _)| spelled.len())
            .filter(|(spelled, _)| ends_there(rest, spelled));
        if let Some((spelled, value)) = found {
            pieces.push(CommandPiece::Text(std::mem::take(&mut plain)));
            pieces.push(CommandPiece::Value(value.clone()));
            rest = rest.get(spelled.len()..).unwrap_or_default();
            continue;
        }
        match c {
            '`' if quoted => {
                in_code = !in_code;
                in_single = false;
            }
            '\'' if in_code => in_single = !in_single,
            _ => {}
        }
        plain.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    pieces.push(CommandPiece::Text(plain));
    pieces
}

/// `$NAME` ends where the name does.
fn ends_there(rest: &str, spelled: &str) -> bool {
    let next = rest.get(spelled.len()..).and_then(|it| it.chars().next());
    !spelled.starts_with('$')
        || spelled.ends_with('}')
        || !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// A paragraph with its escapes, values filled in where it quotes code.
fn escaped(paragraph: &str, values: &[(String, String)]) -> String {
    placed(paragraph, values, true)
        .into_iter()
        .map(|piece| match piece {
            CommandPiece::Text(text) => {
                text.replace('\\', "\\\\").replace("#{", "\\#{").replace('\t', "    ")
            }
            CommandPiece::Value(value) => format!("#{{{value}}}"),
        })
        .collect()
}

/// Breaks a line at blanks, except one that is indented or has columns: its layout means something.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    if line.chars().count() <= width || line.starts_with(' ') || line.contains("   ") {
        return vec![line.to_owned()];
    }
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut depth = 0_usize;
    for word in line.split(' ') {
        let fits = current.chars().count() + 1 + word.chars().count() <= width;
        // A value is never broken over two lines.
        if !current.is_empty() && !fits && depth == 0 {
            lines.push(std::mem::take(&mut current));
        } else if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
        depth = (depth + word.matches("#{").count()).saturating_sub(word.matches('}').count());
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_with_its_escapes() {
        assert_eq!(text_literal("say \"a\\b\" #{x}", 0, &[]), r#""say \"a\\b\" \#{x}""#);
        assert_eq!(
            text_literal("one\n\n  two \"2\"", 2, &[]),
            "\"\"\"\n    one\n\n      two \"2\"\n  \"\"\""
        );
    }

    #[test]
    fn values_are_filled_in_where_code_is_quoted_and_a_shell_would() {
        let values = [("$POD".to_owned(), "pod".to_owned()), ("<ns>".to_owned(), "ns".to_owned())];
        assert_eq!(
            command_literal("logs $POD -n <ns> $PODS '$POD'", &values),
            "`logs #{pod} -n #{ns} $PODS '$POD'`"
        );
        assert_eq!(text_literal("set $POD by `logs $POD`", 0, &values), "\"set $POD by `logs #{pod}`\"");
        assert_eq!(command_literal("a `b` #{c}", &[]), "`a \\`b\\` \\#{c}`");
    }
}
