//! `.lines`: the lines of what a command printed. What a line holds is kept: white space at both ends, and a carriage return
//! that is no line end.

use super::command_output::{OutputCut, colour_codes};
use super::partial::{PartialList, PartialText, TextBuilder};
use super::{Reason, Value};
use crate::harmless;

/// The lines of a stream without the blank ones at both ends; partial where its middle was cut.
pub(super) fn lines(beginning: &str, cut: Option<&OutputCut>) -> Value {
    let Some(cut) = cut else {
        let windows = all_end_in_carriage_return(&[beginning]);
        return Value::List(without_blanks(beginning).into_iter().map(|it| line(it, windows)).collect());
    };
    let windows = all_end_in_carriage_return(&[beginning, &cut.end]);
    // The two lines at the gap are partial: whether they are whole, or even one line, is not known.
    let mut head = without_leading_blanks(beginning);
    let before = head.pop().filter(|half| !half.is_empty());
    let mut tail = without_trailing_blanks(&cut.end).into_iter();
    let behind = tail.next().unwrap_or("");
    let mut head: Vec<Value> = head.into_iter().map(|it| line(it, windows)).collect();
    head.extend(before.map(|before| edge(before, cut, "")));
    let mut behind = vec![edge("", cut, behind)];
    behind.extend(tail.map(|it| line(it, windows)));
    Value::PartialList(PartialList { head, tail: behind, reason: cut.reason() }.into())
}

/// The lines of a text that a provider reports, each as [`reported`] reads it.
pub fn reported_lines(text: &str) -> Vec<String> {
    if all_end_in_carriage_return(&[text]) {
        return text.lines().map(str::to_owned).collect();
    }
    let lines = text.strip_suffix('\n').unwrap_or(text);
    if text.is_empty() { Vec::new() } else { lines.split('\n').map(str::to_owned).collect() }
}

/// A text or a line that a provider reports, as a value: what a command prints is read the same way.
pub fn reported(text: &str) -> Value {
    line(text, false)
}

fn edge(before: &str, cut: &OutputCut, behind: &str) -> Value {
    let mut builder = TextBuilder::default();
    builder.decoded(&harmless::without_escapes(before));
    builder.gap(&cut.marker(), &cut.reason());
    builder.decoded(&harmless::without_escapes(behind.strip_suffix('\r').unwrap_or(behind)));
    builder.finish()
}

/// A line as a value. A carriage return at its end is a part of the line end where every line has one. Else nobody can know
/// whether it belongs to the line: it is removed, and the line names nothing.
fn line(raw: &str, windows: bool) -> Value {
    let body = raw.strip_suffix('\r').unwrap_or(raw);
    let plain = harmless::without_escapes(body);
    let value = PartialText::decoded(&plain);
    if plain.len() != body.len() {
        PartialText::altered(value, colour_codes())
    } else if body.len() != raw.len() && !windows {
        PartialText::altered(value, Reason::altered("a carriage return"))
    } else {
        value
    }
}

/// Whether two line ends or more are all of the form `\r\n`.
fn all_end_in_carriage_return(parts: &[&str]) -> bool {
    let all = parts.iter().map(|part| part.matches('\n').count()).sum::<usize>();
    all >= 2 && all == parts.iter().map(|part| part.matches("\r\n").count()).sum::<usize>()
}

fn is_blank(line: &str) -> bool {
    harmless::without_escapes(line).trim().is_empty()
}

fn without_blanks(text: &str) -> Vec<&str> {
    let mut lines = without_leading_blanks(text);
    while lines.last().is_some_and(|line| is_blank(line)) {
        lines.pop();
    }
    lines
}

fn without_leading_blanks(text: &str) -> Vec<&str> {
    text.split('\n').skip_while(|line| is_blank(line)).collect()
}

fn without_trailing_blanks(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    while lines.last().is_some_and(|line| is_blank(line)) {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(String, bool)> {
        let Value::List(items) = lines(text, None) else { panic!() };
        items.iter().map(|it| (it.compared().to_string(), it.is_whole())).collect()
    }

    fn whole(names: &[&str]) -> Vec<(String, bool)> {
        names.iter().map(|name| ((*name).to_owned(), true)).collect()
    }

    #[test]
    fn a_line_is_kept_as_it_is() {
        assert_eq!(texts(" d\nd \n\te\n"), whole(&[" d", "d ", "\te"]));
        assert_eq!(texts("\n \na\n\nb\n\n"), whole(&["a", "", "b"]));
        assert_eq!(texts(" \n\n"), whole(&[]));
    }

    #[test]
    fn line_ends_of_another_system_are_line_ends() {
        assert_eq!(texts("a\r\nb\r\n"), whole(&["a", "b"]));
        assert_eq!(texts("a\r\nb"), [("a".to_owned(), false), ("b".to_owned(), true)]);
        assert_eq!(texts("d\na\r\n"), [("d".to_owned(), true), ("a".to_owned(), false)]);
    }

    #[test]
    fn a_line_without_its_colours_is_another_one() {
        assert_eq!(texts("b\u{1b}[31mc\nbc\n"), [("bc".to_owned(), false), ("bc".to_owned(), true)]);
    }

    #[test]
    fn the_lines_at_the_gap_are_partial() {
        let cut = OutputCut { bytes: 9, end: "lf\r\nz\r\n".into() };
        let Value::PartialList(list) = lines("a\r\nb\r\nha", Some(&cut)) else { panic!() };
        assert_eq!(list.head[..2], [Value::text("a"), Value::text("b")]);
        assert_eq!(list.head[2].to_string(), "ha[… 9 bytes were cut …]");
        assert_eq!(list.tail[0].to_string(), "[… 9 bytes were cut …]lf");
        assert_eq!(list.tail[1], Value::text("z"));
    }
}
