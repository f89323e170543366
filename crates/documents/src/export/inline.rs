//! Texts of a runbook inside Markdown. They may come from anywhere: nothing in them becomes HTML, and no link of theirs runs
//! anything, whatever shows the document. Each way in has its way back, by which `rbl import` reads a document again.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Options, Parser, Tag};

/// Stand for `<` and `[` in an explanation, where a backslash already has its meaning.
const ANGLE: &str = "&#060;";
const BRACKET: &str = "&#091;";

/// Whether an address only leads somewhere. A browser runs others, such as `javascript:` and `data:`.
pub(crate) fn is_safe(address: &str) -> bool {
    let scheme = address.split(['/', '?', '#']).next().unwrap_or_default().split_once(':').map(|it| it.0);
    scheme.is_none_or(|it| ["http", "https", "mailto"].contains(&it.to_ascii_lowercase().as_str()))
}

/// A plain text in a paragraph: its code stays code, and its links stay links if they only lead somewhere.
pub(crate) fn inline(text: &str) -> String {
    without_dangers(marked(text, &['<']), "\\", "\\")
}

/// A text with a backslash before these characters, where they are not in code, and before what would begin code.
fn marked(text: &str, active: &[char]) -> String {
    let mut out = String::new();
    let mut rest = text;
    if rest.starts_with("~~~") {
        out.push('\\');
    }
    while let Some(c) = rest.chars().next() {
        let run = rest.chars().take_while(|it| *it == '`').count();
        if run > 0 {
            let (ticks, behind) = rest.split_at(run);
            if let Some(end) = closed(behind, run) {
                let (whole, behind) = rest.split_at_checked(run + end).unwrap_or((rest, ""));
                out.push_str(whole);
                rest = behind;
            } else {
                ticks.chars().for_each(|_| out.push_str("\\`"));
                rest = behind;
            }
            continue;
        }
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        // A backslash stands for itself, whatever is behind it.
        let escapes =
            c == '\\' && behind.chars().next().is_none_or(|it| it.is_ascii_punctuation() || it == '\n');
        if escapes || active.contains(&c) {
            out.push('\\');
        }
        out.push(c);
        rest = behind;
    }
    out
}

/// How many bytes behind a run of back quotes the run ends that closes it.
fn closed(text: &str, run: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text.get(at..)?.find('`') {
        let begins = at + found;
        let length = text.get(begins..)?.chars().take_while(|it| *it == '`').count();
        if length == run {
            return Some(begins + length);
        }
        at = begins + length;
    }
    None
}

/// The text that [`inline`] was given.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let run = rest.chars().take_while(|it| *it == '`').count();
        let taken = if run > 0 {
            run + rest.get(run..).and_then(|it| closed(it, run)).unwrap_or(0)
        } else {
            let escapes =
                c == '\\' && rest.get(1..).is_some_and(|it| it.starts_with(['\\', '<', '[', ']', '`', '~']));
            if escapes {
                rest = rest.get(1..).unwrap_or_default();
            }
            rest.chars().next().map_or(0, char::len_utf8)
        };
        let (piece, behind) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        out.push_str(piece);
        rest = behind;
    }
    out
}

/// A text as code, whatever is in it.
pub(crate) fn code(text: &str) -> String {
    let longest = ticks(text);
    if longest == 0 {
        return format!("`{text}`");
    }
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}

/// What stands around lines of code: longer than every run of back quotes in them.
pub(crate) fn fence<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let longest = lines.into_iter().map(ticks).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// The longest run of back quotes in a text.
fn ticks(text: &str) -> usize {
    text.split(|c: char| c != '`').map(str::len).max().unwrap_or(0)
}

/// A link; an address that a browser would run is shown instead.
pub(crate) fn link(name: &str, address: &str) -> String {
    let name = marked(&name.replace('\n', " "), &['<', '[', ']']);
    if !is_safe(address) || address.contains(char::is_control) {
        return format!("{name}: {}", code(&address.replace('\n', " ")));
    }
    let bare = !address.is_empty() && !address.contains(['(', ')', '<', '>', '\\', ' ']);
    if bare {
        return format!("[{name}]({address})");
    }
    let mut escaped = String::new();
    for c in address.chars() {
        if matches!(c, '<' | '>' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    format!("[{name}](<{escaped}>)")
}

/// An explanation, which is Markdown, without HTML and without links that run something. Code that it leaves open is closed.
pub(crate) fn explanation(markdown: &str) -> String {
    finished(&without_dangers(markdown.to_owned(), ANGLE, BRACKET))
}

/// An explanation that leaves no code open.
pub(crate) fn finished(out: &str) -> String {
    if ends(out) {
        return out.to_owned();
    }
    let mut closed = ['`', '~'].into_iter().map(|mark| {
        let longest = out.split(|c| c != mark).map(str::len).max().unwrap_or(0).max(3);
        // By the blank it is known as one that was added.
        format!("{out}\n{} ", mark.to_string().repeat(longest))
    });
    closed.find(|it| ends(it)).unwrap_or_else(|| {
        let fence = fence(out.lines());
        format!("{fence}text\n{out}\n{fence}")
    })
}

/// Whether what stands behind a text is outside of it.
fn ends(markdown: &str) -> bool {
    let whole = format!("{markdown}\n\n<x>\n");
    let last = Parser::new_ext(&whole, options())
        .into_offset_iter()
        .filter(|(it, _)| matches!(it, Event::Html(_)))
        .last();
    last.is_some_and(|(_, range)| range.start > markdown.len())
}

/// The explanation that [`explanation`] was given.
pub(crate) fn explained(markdown: &str) -> String {
    let markdown = markdown.trim_matches('\n');
    let bare = match markdown.rsplit_once('\n') {
        Some((before, last)) if last.ends_with("``` ") || last.ends_with("~~~ ") => before,
        _ => markdown,
    };
    bare.replace(ANGLE, "<").replace(BRACKET, "[")
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS
}

/// How many times a text is read to find what is still active in it: links that stand in each other come to light one by one.
const PASSES: usize = 16;

/// Marks what would be HTML or a dangerous link, until nothing is.
fn without_dangers(mut markdown: String, angle: &str, bracket: &str) -> String {
    for _ in 0..PASSES {
        let found = dangers(&markdown);
        if found.is_empty() {
            return markdown;
        }
        for at in found.into_iter().rev() {
            let is_angle = markdown.get(at..).is_some_and(|it| it.starts_with('<'));
            let mark = if is_angle { angle } else { bracket };
            // An entity takes the place of the character, a backslash stands before it.
            let end = if mark == "\\" { at } else { at + 1 };
            markdown.replace_range(at..end, mark);
        }
    }
    markdown.replace('<', ANGLE).replace('[', BRACKET)
}

/// The places of characters that begin HTML or a link that runs something.
fn dangers(markdown: &str) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let first = |begins: usize, mark: &[char]| {
        markdown.get(begins..).and_then(|it| it.find(mark)).map(|at| begins + at)
    };
    let parser = Parser::new_ext(markdown, options());
    let definitions = parser.reference_definitions().iter().filter(|(_, it)| !is_safe(&it.dest));
    found.extend(definitions.filter_map(|(_, it)| first(it.span.start, &['['])));
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => {
                let text = markdown.get(range.clone()).unwrap_or_default();
                found.extend(text.match_indices('<').map(|(at, _)| range.start + at));
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) if !is_safe(&dest_url) => {
                found.extend(first(range.start, &['[', '<']));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts that try to become more than text.
    const HOSTILE: &[&str] = &[
        "<script>alert(1)</script>",
        "a `<img src=x onerror=alert(1)>",
        "\\`<img src=x>\\`",
        "\\<img src=x>",
        "\\\\<img src=x>",
        "`` ` `` <b> ` <i>",
        "```\n<b>",
        "~~~\n<b>",
        "[x](javascript:alert(1))",
        "![x](data:text/html;base64,AAAA)",
        "[x](java&#115;cript:alert(1))",
        "[x](<java\\script:alert(1)>)",
        "[x]: javascript:alert(1)",
        "[[x](javascript:a)](javascript:b)",
        "<javascript:alert(1)>",
        "<!-- --> <b>",
        "<!--\n[x](javascript:a)\n-->",
        "plain `code <name>` and C:\\new \\* \\",
    ];

    fn active(markdown: &str) -> Vec<String> {
        let parser = Parser::new_ext(markdown, options());
        parser
            .filter_map(|event| match event {
                Event::Html(it) | Event::InlineHtml(it) => Some(it.to_string()),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    (!is_safe(&dest_url)).then(|| dest_url.to_string())
                }
                _ => None,
            })
            .collect()
    }

    #[test]
    fn no_text_becomes_html_or_a_link_that_runs_something_and_each_is_read_back() {
        for text in HOSTILE {
            let made = inline(text);
            assert_eq!(active(&made), Vec::<String>::new(), "{text}: {made}");
            assert_eq!(active(&format!("- {made}\n")), Vec::<String>::new(), "{text}: {made}");
            assert_eq!(plain(&made), *text);
            let about = explanation(text);
            assert_eq!(active(&format!("{about}\n\n<x>")), ["<x>"], "{text}: {about}");
            assert_eq!(explained(&about), *text);
        }
        assert_eq!(inline("see [x](https://e.com/a?b=c:d)"), "see [x](https://e.com/a?b=c:d)");
        assert_eq!(explanation("<details>\nx"), "&#060;details>\nx");
    }

    #[test]
    fn links_lead_somewhere_or_are_text() {
        assert_eq!(link("a", "https://e.com/x"), "[a](https://e.com/x)");
        assert_eq!(link("a", "JavaScript:alert(1)"), "a: `JavaScript:alert(1)`");
        assert_eq!(
            link("a](javascript:b)", "https://e.com/(x)"),
            "[a\\](javascript:b)](<https://e.com/(x)>)"
        );
        let nested = format!("{}x{}", "[".repeat(60), "](javascript:a)".repeat(60));
        assert_eq!(active(&inline(&nested)), Vec::<String>::new());
        for (name, address) in
            [("a](javascript:b) [", "https://e.com"), ("`a", "x y"), ("a`", "`"), ("<b>", "data:x")]
        {
            let made = link(name, address);
            assert_eq!(active(&made), Vec::<String>::new(), "{made}");
        }
    }
}
