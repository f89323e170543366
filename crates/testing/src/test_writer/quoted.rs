//! Texts and commands as they are written: what would mean something else is escaped.

/// A text in quotes that reads back as it is.
pub(super) fn text(text: &str) -> String {
    let mut inner = String::with_capacity(text.len() + 2);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => inner.push_str("\\\""),
            '\\' => inner.push_str("\\\\"),
            '\n' => inner.push_str("\\n"),
            '\t' => inner.push_str("\\t"),
            '#' if chars.peek() == Some(&'{') => inner.push_str("\\#"),
            c => inner.push(c),
        }
    }
    // What puts a value into a text elsewhere is plain between three quotes, and hardly meant between one.
    let foreign = inner.contains("${") || inner.contains("{{");
    if !foreign {
        return format!("\"{inner}\"");
    }
    // Of a text between three quotes a first and a last line end are none of its own.
    let blank = |c: char| matches!(c, ' ' | '\t' | '\r');
    let first = if text.trim_start_matches(blank).starts_with('\n') { "\\n" } else { "" };
    let last = if text.trim_end_matches(blank).ends_with('\n') { "\\n" } else { "" };
    format!("\"\"\"{first}{inner}{last}\"\"\"")
}

/// A command in back quotes whose text, with its values filled in, is this.
pub(super) fn command(text: &str) -> String {
    let mut inner = String::with_capacity(text.len() + 2);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek();
        match c {
            '`' => inner.push_str("\\`"),
            '#' if next == Some(&'{') => inner.push_str("\\#"),
            // All other backslashes are the shell's; one that would take away the meaning of what follows is a value.
            '\\' if matches!(next, None | Some('`' | '#' | '\\')) => inner.push_str("#{\"\\\\\"}"),
            c => inner.push(c),
        }
    }
    format!("`{inner}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_escaped() {
        assert_eq!(text("a \"b\" \\ c\nd\te"), r#""a \"b\" \\ c\nd\te""#);
        assert_eq!(text("5 # 6 #{x}"), r#""5 # 6 \#{x}""#);
        assert_eq!(text("{{x}}"), r#""""{{x}}""""#);
        assert_eq!(command("echo `date` #{x} \\n"), r"`echo \`date\` \#{x} \n`");
        assert_eq!(command("a\\"), r#"`a#{"\\"}`"#);
    }
}
