//! Renders a document as lines: whole where it fits, else broken at all of its outermost breaks.

use unicode_width::UnicodeWidthStr;

use super::document::{Doc, PrintedBlock, PrintedLine, Sentence};
use super::token::Remark;

/// The maximum line length, if it can be kept.
const WIDTH: usize = 110;
/// The maximum length of a line with a block in it.
const WITH_BLOCK: usize = 100;
/// One indent step.
const STEP: usize = 2;

/// The width of a document on one line.
struct DocWidth {
    /// The width up to its first line end.
    first: usize,
    /// The width from its last line end on, if it has one.
    last: Option<usize>,
    /// Whether it must not be put on one line.
    forced: bool,
}

/// The output so far.
#[derive(Debug, Default)]
pub(super) struct Render {
    out: String,
    column: usize,
    /// The indent of the current line.
    line: usize,
    /// Whether a comment ended the line: what follows begins a new one.
    ended: bool,
}

/// The indents of lines that are broken off here.
#[derive(Debug, Clone, Copy)]
struct Indent {
    /// The indent of the surroundings.
    base: usize,
    /// The indent of the next line.
    next: usize,
}

impl Render {
    pub(super) fn finish(self) -> String {
        let mut out = self.out;
        out.truncate(out.trim_end().len());
        if !out.is_empty() {
            out.push('\n');
        }
        out
    }

    /// Writes a line as it is.
    pub(super) fn verbatim(&mut self, line: &str) {
        self.out.push_str(line);
        self.ended = true;
    }

    /// Writes lines at an indent; a blank line before the first one is left out.
    pub(super) fn lines(
        &mut self,
        lines: &[PrintedLine<'_>],
        remarks: &[Remark<'_>],
        indent: usize,
        blank_first: bool,
    ) {
        let mut first = !blank_first;
        for line in lines {
            for remark in &line.remarks {
                self.remark(remark, indent, first);
                first = false;
            }
            self.begin(indent, line.blank && !first);
            first = false;
            self.sentence(&line.sentence, indent);
        }
        for remark in remarks {
            self.remark(remark, indent, first);
            first = false;
        }
    }

    fn remark(&mut self, remark: &Remark<'_>, indent: usize, first: bool) {
        self.begin(indent, remark.blank && !first);
        self.push(remark.text);
        self.ended = true;
    }

    fn begin(&mut self, indent: usize, blank: bool) {
        if !self.out.is_empty() {
            self.out.push('\n');
            if blank {
                self.out.push('\n');
            }
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
        (self.column, self.line, self.ended) = (indent, indent, false);
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += width(text);
    }

    fn sentence(&mut self, sentence: &Sentence<'_>, indent: usize) {
        if sentence.short && self.on_one_line(sentence, indent) {
            return;
        }
        let at = Indent { base: indent, next: indent };
        let tail = sentence.blocks.first().map_or(0, |(lead, _)| {
            let lead = measure(lead).first;
            if lead == 0 { " {".len() } else { lead + "  {".len() }
        });
        self.docs(&sentence.head, at, true, tail);
        for (number, (lead, block)) in sentence.blocks.iter().enumerate() {
            let continued = number == 0 && self.line > indent;
            for remark in &block.above {
                self.remark(remark, indent, true);
            }
            if !lead.is_empty() {
                if self.ended || continued {
                    self.begin(indent, false);
                } else {
                    self.push(" ");
                }
                self.docs(lead, at, true, " {".len());
            }
            for remark in &block.before {
                self.remark(remark, indent, true);
            }
            if self.ended {
                self.begin(indent, false);
            } else {
                self.push(" ");
            }
            self.block(block, indent);
        }
        let (above, tail) = &sentence.tail;
        for remark in above {
            self.remark(remark, indent, true);
        }
        if !tail.is_empty() {
            if self.ended {
                self.begin(indent, false);
            } else {
                self.push(" ");
            }
            self.docs(tail, at, true, 0);
        }
    }

    fn block(&mut self, block: &PrintedBlock<'_>, indent: usize) {
        self.push("{");
        if let Some(aside) = block.aside {
            self.trailing_comment(aside);
        }
        if block.lines.is_empty() && block.remarks.is_empty() && block.aside.is_none() {
            self.push("}");
        } else {
            self.lines(&block.lines, &block.remarks, indent + STEP, false);
            self.begin(indent, false);
            self.push("}");
        }
        if let Some(behind) = block.behind {
            self.trailing_comment(behind);
        }
    }

    fn trailing_comment(&mut self, text: &str) {
        self.push("  ");
        self.push(text);
        self.ended = true;
    }

    /// Whether the blocks stay on the line of their statement: each has at most one statement, no comments, and all of
    /// it is short.
    fn on_one_line(&mut self, sentence: &Sentence<'_>, indent: usize) -> bool {
        let mut text = String::new();
        if !flat_sentence(sentence, &mut text) || text.contains('\n') || indent + width(&text) > WITH_BLOCK {
            return false;
        }
        self.push(&text);
        if let Some(behind) = sentence.blocks.last().and_then(|(_, block)| block.behind) {
            self.trailing_comment(behind);
        }
        true
    }

    fn docs(&mut self, docs: &[Doc<'_>], indent: Indent, broken: bool, tail: usize) {
        for (at, doc) in docs.iter().enumerate() {
            let rest = || {
                let behind = docs.get(at + 1..).unwrap_or_default();
                let stop = behind.iter().position(|doc| broken && matches!(doc, Doc::Break(_)));
                let until = behind.get(..stop.unwrap_or(behind.len())).unwrap_or_default();
                measure(until).first + if stop.is_some() { 0 } else { tail }
            };
            if self.ended && !matches!(doc, Doc::Break(_) | Doc::LastComma) && !doc.is_comment() {
                self.begin_in(indent, broken);
                if let Doc::Text(text) = doc {
                    self.push(text.trim_start());
                    continue;
                }
            }
            match doc {
                Doc::Text(text) => self.push(text),
                Doc::Raw(text) => self.raw(text),
                Doc::Lines(lines) => self.text_lines(lines),
                Doc::Break(flat) => {
                    if broken || self.ended {
                        self.begin(indent.next, false);
                    } else {
                        self.push(flat);
                    }
                }
                Doc::LastComma => {
                    if broken && !self.ended {
                        self.push(",");
                    }
                }
                Doc::Remark(remark) => {
                    // After a break the line has just begun.
                    if !self.ended && self.out.ends_with(' ') && self.column == self.line {
                        self.push(remark.text);
                        self.ended = true;
                    } else {
                        self.remark(remark, indent.next, true);
                    }
                }
                Doc::Aside(text) if self.ended => {
                    self.remark(&Remark { text, blank: false }, indent.next, true);
                }
                Doc::Aside(text) => self.trailing_comment(text),
                Doc::Group(inner) => {
                    let broken = !self.fits(inner, rest());
                    self.docs(inner, indent, broken, rest());
                }
                Doc::Further(inner) => {
                    let further = Indent { base: indent.base, next: indent.base + 2 * STEP };
                    self.docs(inner, further, broken, rest());
                }
                Doc::Nested(inner) => {
                    let nested = Indent { base: indent.base + STEP, next: indent.next + STEP };
                    self.docs(inner, nested, broken, rest());
                }
                Doc::Inside(inner) => {
                    let outer = self.line;
                    let at = outer + STEP;
                    let (inner, close) = match inner.split_last() {
                        Some((close @ Doc::Break(_), inner)) => (inner, Some(close)),
                        _ => (inner.as_slice(), None),
                    };
                    self.docs(inner, Indent { base: at, next: at }, broken, 1);
                    if let Some(close) = close {
                        let close = std::slice::from_ref(close);
                        self.docs(close, Indent { base: outer, next: outer }, broken, 0);
                    }
                }
            }
        }
    }

    /// Begins a new line if a comment ended the current one and nothing else determines its indent.
    fn begin_in(&mut self, indent: Indent, broken: bool) {
        let next = if indent.next > indent.base || broken && indent.base > 0 {
            indent.next
        } else {
            indent.base + 2 * STEP
        };
        self.begin(next, false);
    }

    fn fits(&self, docs: &[Doc<'_>], tail: usize) -> bool {
        let measure = measure(docs);
        match measure.last {
            _ if measure.forced => false,
            None => self.column + measure.first + tail <= WIDTH,
            Some(last) => self.column + measure.first <= WIDTH && self.line + last + tail <= WIDTH,
        }
    }

    fn raw(&mut self, text: &str) {
        self.out.push_str(text);
        let last = text.rsplit('\n').next().unwrap_or_default();
        self.column = width(last);
        self.line = last.len() - last.trim_start().len();
    }

    /// Writes the lines one step further than the line that opens them, and the closing quotes below that.
    fn text_lines(&mut self, lines: &[String]) {
        let indent = self.line;
        self.out.push_str("\"\"\"");
        for line in lines {
            self.out.push('\n');
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', indent + STEP));
                self.out.push_str(line);
            }
        }
        self.begin(indent, false);
        self.push("\"\"\"");
    }
}

/// Writes all of it on one line, without comments and without parts that only broken lines have.
pub(super) fn flat(docs: &[Doc<'_>], out: &mut String) {
    for doc in docs {
        match doc {
            Doc::Text(text) | Doc::Raw(text) => out.push_str(text),
            Doc::Lines(lines) => {
                out.push_str("\"\"\"\n");
                for line in lines {
                    out.push_str(line);
                    out.push('\n');
                }
                out.push_str("\"\"\"");
            }
            Doc::Break(flat) => out.push_str(flat),
            Doc::LastComma | Doc::Remark(_) | Doc::Aside(_) => {}
            Doc::Group(inner) | Doc::Further(inner) | Doc::Nested(inner) | Doc::Inside(inner) => {
                flat(inner, out);
            }
        }
    }
}

/// Writes a statement and its blocks on one line; returns `false` if that is impossible.
fn flat_sentence(sentence: &Sentence<'_>, out: &mut String) -> bool {
    if measure(&sentence.head).forced || sentence.head.last().is_some_and(ends_in_comment) {
        return false;
    }
    flat(&sentence.head, out);
    let last = sentence.blocks.len().saturating_sub(1);
    sentence.blocks.iter().enumerate().all(|(at, (lead, block))| {
        if measure(lead).forced || lead.last().is_some_and(ends_in_comment) {
            return false;
        }
        if !lead.is_empty() {
            out.push(' ');
            flat(lead, out);
        }
        out.push_str(" {");
        let plain = block.above.is_empty()
            && block.before.is_empty()
            && block.aside.is_none()
            && block.remarks.is_empty();
        let inside = match block.lines.as_slice() {
            [] => true,
            [line] => {
                out.push(' ');
                let simple = line.remarks.is_empty() && line.sentence.blocks.is_empty();
                let fits = simple && flat_sentence(&line.sentence, out);
                out.push(' ');
                fits
            }
            _ => false,
        };
        out.push('}');
        plain && inside && (block.behind.is_none() || at == last)
    })
}

fn ends_in_comment(doc: &Doc<'_>) -> bool {
    match doc {
        Doc::Remark(_) | Doc::Aside(_) => true,
        Doc::Group(inner) | Doc::Further(inner) | Doc::Nested(inner) | Doc::Inside(inner) => {
            inner.last().is_some_and(ends_in_comment)
        }
        Doc::Text(_) | Doc::Raw(_) | Doc::Lines(_) | Doc::Break(_) | Doc::LastComma => false,
    }
}

fn measure(docs: &[Doc<'_>]) -> DocWidth {
    let mut measure = DocWidth { first: 0, last: None, forced: false };
    add(docs, true, &mut measure);
    measure
}

fn add(docs: &[Doc<'_>], is_last: bool, measure: &mut DocWidth) {
    let wide = |measure: &mut DocWidth, width: usize| match &mut measure.last {
        Some(last) => *last += width,
        None => measure.first += width,
    };
    for (at, doc) in docs.iter().enumerate() {
        let is_last = is_last && at + 1 == docs.len();
        match doc {
            Doc::Text(text) => wide(measure, width(text)),
            Doc::Raw(text) => {
                let mut lines = text.split('\n');
                wide(measure, width(lines.next().unwrap_or_default()));
                measure.last = Some(width(lines.next_back().unwrap_or_default()));
            }
            Doc::Lines(_) => {
                wide(measure, 3);
                measure.last = Some(3);
            }
            Doc::Break(flat) => wide(measure, flat.len()),
            Doc::LastComma => {}
            Doc::Remark(_) => measure.forced = true,
            // At the very end it does not affect what precedes it.
            Doc::Aside(_) => measure.forced |= !is_last,
            Doc::Group(inner) | Doc::Further(inner) | Doc::Nested(inner) | Doc::Inside(inner) => {
                add(inner, is_last, measure);
            }
        }
    }
}

fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}
