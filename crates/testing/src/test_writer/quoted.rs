//! Quotes texts and commands, with escapes for special characters.

/// A text in quotes that parses as the same text.
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
    // `${` and `{{` are plain text in triple quotes; in single quotes they look like a mistake.
    let foreign = inner.contains("${") || inner.contains("{{");
    if !foreign {
        return format!("\"{inner}\"");
    }
    // In triple quotes, a first and a last line end are not part of the text.
    let blank = |c: char| matches!(c, ' ' | '\t' | '\r');
    let first = if text.trim_start_matches(blank).starts_with('\n') { "\\n" } else { "" };
    let last = if text.trim_end_matches(blank).ends_with('\n') { "\\n" } else { "" };
    format!("\"\"\"{first}{inner}{last}\"\"\"")
}

/// A command in backquotes that becomes this text once its values are filled in.
pub(super) fn command(text: &str) -> String {
    let mut inner = String::with_capacity(text.len() + 2);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek();
        match c {
            '`' => inner.push_str("\\`"),
            '#' if next == Some(&'{') => inner.push_str("\\#"),
            // All other backslashes belong to the shell; one that would escape the next character is written as a
            // value.
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
