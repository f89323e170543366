//! [`Panel`]: a framed text.

use super::text::{shortened, width_of, wrapped};
use super::{Look, Tone};
use rbl_syntax::clean;

/// A frame with a title, and text in sections. All its text is treated as coming from outside and is cleaned.
#[derive(Debug, Clone)]
pub struct Panel {
    title: String,
    tone: Tone,
    sections: Vec<Vec<String>>,
}

/// Wider lines are hard to read.
const WIDEST: usize = 100;

impl Panel {
    /// A panel with this title, and a frame in this tone.
    pub fn new(tone: Tone, title: &str) -> Self {
        Self { title: clean(&shortened(title)).replace('\n', " "), tone, sections: Vec::new() }
    }

    /// Adds a section of lines, which are wrapped to the width. A section without lines is omitted.
    #[must_use]
    pub fn section(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        let lines: Vec<String> = lines
            .into_iter()
            .flat_map(|line| clean(&shortened(&line)).lines().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        if !lines.is_empty() {
            self.sections.push(lines);
        }
        self
    }

    /// Renders it for a screen of this many columns.
    pub fn lines(&self, look: Look, columns: usize) -> Vec<String> {
        let [top_left, top_right, bottom_left, bottom_right, across, down, left, right] =
            look.pick(['┏', '┓', '┗', '┛', '━', '┃', '┠', '┨'], ['+', '+', '+', '+', '=', '|', '+', '+']);
        let thin = look.pick('─', '-');
        let columns = columns.clamp(20, WIDEST);
        let inner = columns - 4;
        let frame = |text: &str| look.paint(self.tone, text);
        let rule = |left: char, c: char, right: char| {
            frame(&format!("{left}{}{right}", c.to_string().repeat(columns - 2)))
        };
        let row = |text: &str, strong: bool| {
            let space = " ".repeat(inner.saturating_sub(width_of(text)));
            let text = if strong { look.paint(Tone::Strong, text) } else { text.to_owned() };
            let side = frame(&down.to_string());
            format!("{side} {text}{space} {side}")
        };
        let mut lines = vec![rule(top_left, across, top_right)];
        lines.extend(wrapped(&self.title, inner).iter().map(|line| row(line, true)));
        for section in &self.sections {
            lines.push(rule(left, thin, right));
            for text in section {
                let indent = text.len() - text.trim_start().len();
                let hanging = " ".repeat(indent.min(inner / 2));
                let parts = wrapped(text.trim_start(), inner - hanging.len());
                lines.extend(parts.iter().map(|part| row(&format!("{hanging}{part}"), false)));
            }
        }
        lines.push(rule(bottom_left, across, bottom_right));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_as_wide_as_the_frame() {
        let panel = Panel::new(Tone::Bad, "PAGE api-oncall")
            .section(["p99 is at 812ms, 日本語 and far more words than fit on a line".to_owned()])
            .section([]);
        for look in [Look::default(), Look { unicode: true, color: true, moves: false }] {
            for columns in [20, 31, 80, 500] {
                let lines = panel.lines(look, columns);
                assert!(lines.iter().all(|line| width_of(line) == columns.min(WIDEST)), "{lines:#?}");
            }
        }
        assert!(panel.lines(Look::default(), 80).iter().all(|line| !line.contains('\x1b')));
    }

    #[test]
    fn the_frame_cannot_be_broken_from_inside() {
        let panel = Panel::new(Tone::Bad, "a\x1b[2Jb\nc").section(["x\ny".to_owned()]);
        assert_eq!(panel.lines(Look::default(), 20).len(), 6);
    }
}
