//! Formats a Markdown page for the terminal: bold headings, indented code, wrapped paragraphs. Nothing more.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use rbl_terminal::Style;

/// The greatest width, as narrow pages are easier to read.
const WIDEST: usize = 88;

/// Formats the page as plain text that ends in a newline.
pub(crate) fn plain(page: &str, style: Style) -> String {
    let width = style.width.min(WIDEST);
    let mut text = String::new();
    let mut paragraph = String::new();
    let mut code = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            flow(&mut text, &mut paragraph, width);
            code = !code;
        } else if code {
            text.push_str(if line.is_empty() { "" } else { "    " });
            text.push_str(line);
            text.push('\n');
        } else if let Some(heading) = heading(line) {
            flow(&mut text, &mut paragraph, width);
            let (bold, plain) = if style.color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
            text.extend([bold, heading, plain]);
            text.push('\n');
        } else if line.trim().is_empty() {
            flow(&mut text, &mut paragraph, width);
            text.push('\n');
        } else if line.starts_with(['-', '*', '|', '>']) {
            flow(&mut text, &mut paragraph, width);
            paragraph.push_str(line);
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
    }
    flow(&mut text, &mut paragraph, width);
    text
}

fn heading(line: &str) -> Option<&str> {
    line.starts_with('#').then(|| line.trim_start_matches('#').trim())
}

/// Writes the collected paragraph. In a list entry, the lines after the first are indented. A word longer than a line,
/// an address for example, is not broken.
fn flow(text: &mut String, paragraph: &mut String, width: usize) {
    let indent = if paragraph.starts_with(['-', '*', '>']) { "  " } else { "" };
    let options = Options::new(width)
        .subsequent_indent(indent)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    if !words.is_empty() {
        text.push_str(&textwrap::fill(&words, options));
        text.push('\n');
    }
    paragraph.clear();
}

#[cfg(test)]
mod tests {
    use super::plain;
    use rbl_terminal::Style;

    #[test]
    fn paragraphs_flow_and_code_stands_apart() {
        let page = "# unit/missing\n\nA number without a unit says nothing about what it is, and is refused.\n\n## Wrong\n\n\
                    ```ruby\ncheck p99 < 500\n\n  # kept\n```\n- one entry of a list that is longer than the line is\n- two\n";
        assert_eq!(
            plain(page, Style { width: 40, ..Style::PLAIN }),
            "unit/missing\n\nA number without a unit says nothing\nabout what it is, and is refused.\n\nWrong\n\n    check p99 < \
             500\n\n      # kept\n- one entry of a list that is longer\n  than the line is\n- two\n"
        );
    }
}
