//! Draws one line of source: tabs as spaces, harmless characters only, cropped around its labels to the available
//! width.

use unicode_width::UnicodeWidthChar;

use rbl_syntax::{shown, tab};

/// The number of columns kept before a label when the beginning of its line is cut off.
const BEFORE: usize = 16;

/// A drawn line, and the position of each byte of the original in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DrawnLine {
    /// The text to draw.
    pub(super) text: String,
    /// For each byte of the original line, and for its end: the byte in `text`.
    map: Vec<usize>,
}

/// What a label needs: the bytes it covers in its line, and the width of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    /// First byte within the line.
    pub(super) start: usize,
    /// One past the last byte.
    pub(super) end: usize,
    /// The width of the label's text, in columns.
    pub(super) text: usize,
}

/// One drawn character.
struct Cell {
    /// Its first byte in the original.
    byte: usize,
    drawn: char,
    /// How often it is repeated: a tab is several spaces.
    times: usize,
    /// The column at which it begins, uncropped.
    column: usize,
    width: usize,
}

impl DrawnLine {
    /// Maps a byte of the original line; bytes that were cut off map to the edge of the cut.
    pub(super) fn at(&self, byte: usize) -> usize {
        self.map.get(byte).or(self.map.last()).copied().unwrap_or(0)
    }

    /// Draws a line in `width` columns. `hide` says which bytes are shown as dots.
    pub(super) fn new(
        line: &str,
        needs: &[Need],
        width: usize,
        unicode: bool,
        hide: impl Fn(usize) -> bool,
    ) -> Self {
        let width = width.max(20);
        let cells = cells(line, unicode, hide);
        let total = cells.last().map_or(0, |cell| cell.column + cell.width);
        let column =
            |byte: usize| cells.iter().find(|cell| cell.byte >= byte).map_or(total, |cell| cell.column);
        // The label's text is attached to the middle of its underline, after an arrow of four columns.
        let wanted = needs.iter().map(|need| {
            let (start, end) = (column(need.start), column(need.end).max(column(need.start) + 1));
            (start, end.max(start.midpoint(end) + 4 + need.text))
        });
        let (first, last) = wanted.fold((usize::MAX, 0), |(a, b), (start, end)| (a.min(start), b.max(end)));
        let mark = if unicode { "…" } else { "..." };
        let mark_width = mark.chars().count();
        // Nothing is cut at the left as long as all labelled text fits.
        let cut = if last <= width || first == usize::MAX {
            0
        } else {
            (last - width + mark_width).min(first.saturating_sub(BEFORE))
        };
        let cut = if cut <= mark_width { 0 } else { cut };
        let room = if cut == 0 { width } else { width - mark_width };
        let cut_right = total > cut + room;
        let until = if cut_right { cut + room.saturating_sub(mark_width) } else { total };

        let mut text = String::new();
        if cut > 0 {
            text.push_str(mark);
        }
        let mut map = Vec::with_capacity(line.len() + 1);
        // At the beginning of a line a combining mark joins nothing, and is drawn.
        let mut kept = cut == 0;
        for cell in &cells {
            map.resize(cell.byte, map.last().copied().unwrap_or(0));
            map.push(text.len());
            // A mark that combines with the character before it is mapped to that character.
            if cell.width > 0 {
                kept = cell.column >= cut && cell.column + cell.width <= until;
            }
            if kept {
                text.extend(std::iter::repeat_n(cell.drawn, cell.times));
            }
        }
        map.resize(line.len(), map.last().copied().unwrap_or(0));
        map.push(text.len());
        if cut_right {
            text.push_str(mark);
        }
        Self { text, map }
    }
}

/// Characters that only modify how the emoji next to them is drawn: joined to one picture, in colour, with a skin tone.
/// Terminals disagree on the width of the result; without these characters it is the same in all.
fn only_styles(character: char) -> bool {
    matches!(character, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

fn cells(line: &str, unicode: bool, hide: impl Fn(usize) -> bool) -> Vec<Cell> {
    let mut column = 0;
    let mut cells = Vec::with_capacity(line.len());
    for (byte, character) in line.char_indices() {
        let (drawn, times) = match character {
            '\t' => (' ', tab(column)),
            _ if hide(byte) => (if unicode { '•' } else { '*' }, 1),
            _ if only_styles(character) => (character, 0),
            _ => (shown(character, unicode), 1),
        };
        let width = drawn.width().unwrap_or(0) * times;
        cells.push(Cell { byte, drawn, times, column, width });
        column += width;
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::{DrawnLine, Need};

    fn draw(line: &str, start: usize, end: usize, text: usize, width: usize) -> (String, String) {
        let drawn = DrawnLine::new(line, &[Need { start, end, text }], width, true, |_| false);
        let labelled = drawn.text.get(drawn.at(start)..drawn.at(end)).unwrap().to_owned();
        (drawn.text, labelled)
    }

    #[test]
    fn a_line_that_fits_is_itself() {
        let (text, labelled) = draw("check p99 < 500", 12, 15, 23, 80);
        assert_eq!((text.as_str(), labelled.as_str()), ("check p99 < 500", "500"));
    }

    #[test]
    fn tabs_become_spaces_and_labels_follow() {
        let (text, labelled) = draw("\tab\tcd", 4, 6, 5, 80);
        assert_eq!((text.as_str(), labelled.as_str()), ("    ab  cd", "cd"));
    }

    #[test]
    fn a_long_line_is_cut_at_both_ends_around_its_label() {
        let line = format!("{} here {}", "a".repeat(500), "b".repeat(500));
        let (text, labelled) = draw(&line, 501, 505, 20, 72);
        assert_eq!(labelled, "here");
        assert!(text.starts_with('…') && text.ends_with('…'), "{text}");
        assert!(text.chars().count() <= 72, "{text}");
        let before = text.split("here").next().unwrap().chars().count();
        assert!(before + 2 + 4 + 20 <= 72, "the label's own text must fit too: {text}");
    }

    #[test]
    fn a_label_at_the_start_keeps_the_start() {
        let line = format!("here {}", "b".repeat(500));
        let (text, labelled) = draw(&line, 0, 4, 20, 72);
        assert_eq!(labelled, "here");
        assert!(text.starts_with("here") && text.ends_with('…'), "{text}");
    }

    #[test]
    fn wide_characters_count_double() {
        let line = format!("{}x", "日".repeat(100));
        let (text, labelled) = draw(&line, 300, 301, 5, 60);
        assert_eq!(labelled, "x");
        let columns: usize = text.chars().map(|it| if it == '日' { 2 } else { 1 }).sum();
        assert!(columns <= 60, "{columns} {text}");
    }

    #[test]
    fn the_end_of_the_line_has_a_place() {
        let drawn = DrawnLine::new("ab", &[Need { start: 2, end: 2, text: 3 }], 60, true, |_| false);
        assert_eq!(drawn.at(2), 2);
        let drawn = DrawnLine::new("", &[Need { start: 0, end: 0, text: 3 }], 60, true, |_| false);
        assert_eq!(drawn.at(0), 0);
    }

    #[test]
    fn what_is_hidden_is_dots() {
        let needs = [Need { start: 2, end: 5, text: 3 }];
        let drawn = DrawnLine::new("a=tok b", &needs, 60, true, |byte| (2..5).contains(&byte));
        assert_eq!(drawn.text, "a=••• b");
    }
}
