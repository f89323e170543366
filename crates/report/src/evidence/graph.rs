//! Draws values over time with characters: one series as a small graph, several as one line each.

use rbl_syntax::clean;
use rbl_syntax::value::{Point, Quantity, Series};
use rbl_terminal::{Look, Tone, fitted, width_of};

/// The rows of a graph of one series.
const ROWS: usize = 4;
/// The maximum number of series drawn.
const SERIES: usize = 8;
const WIDEST: usize = 72;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const MARKS: [char; 8] = ['_', '.', ',', ':', ';', '+', '*', '#'];

/// The graphs, at most this many columns wide.
pub(super) fn lines(series: &[Series], look: Look, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for series in series.iter().take(SERIES) {
        let Some(drawn) = GraphColumns::of(series, columns) else {
            lines.push(format!("{} no values", name(series)).trim().to_owned());
            continue;
        };
        if !series.labels.is_empty() {
            lines.push(fitted(&name(series), columns));
        }
        let tall = columns >= 40 && look.unicode && lines.is_empty();
        lines.extend(if tall { drawn.graph(look) } else { vec![drawn.sparkline(look)] });
        lines.push(fitted(&drawn.caption(look), columns));
    }
    let more = series.len().saturating_sub(SERIES);
    lines.extend((more > 0).then(|| format!("({more} more series)")));
    lines
}

fn name(series: &Series) -> String {
    let labels: Vec<String> = series.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    clean(&labels.join(", "))
}

/// A series in columns. Each column holds the highest of its values: a spike must not vanish in a mean.
struct GraphColumns {
    columns: Vec<Option<f64>>,
    least: Quantity,
    most: Quantity,
    last: Option<Quantity>,
    first_at: Point,
    last_at: Point,
    gaps: usize,
}

impl GraphColumns {
    fn of(series: &Series, columns: usize) -> Option<Self> {
        let (first_at, last_at) = (*series.points.first()?, *series.points.last()?);
        let values: Vec<Quantity> = series.points.iter().filter_map(|point| point.value).collect();
        let by_size = |a: &&Quantity, b: &&Quantity| a.base.total_cmp(&b.base);
        let (least, most) = (*values.iter().min_by(by_size)?, *values.iter().max_by(by_size)?);
        let length = last_at.at.unix() - first_at.at.unix();
        let slots =
            if series.step > 0.0 { (length / series.step).round() + 1.0 } else { values.len() as f64 };
        // The highest and the lowest value are printed beside the graph.
        let room = columns.saturating_sub(width_of(&most.to_string()).max(width_of(&least.to_string())) + 3);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 1 and WIDEST
        let width = slots.clamp(1.0, room.clamp(8, WIDEST) as f64) as usize;
        let mut drawn = vec![None::<f64>; width];
        for point in &series.points {
            let share = if length > 0.0 { (point.at.unix() - first_at.at.unix()) / length } else { 1.0 };
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of the width
            let column = (share.clamp(0.0, 1.0) * (width - 1) as f64).round() as usize;
            if let (Some(slot), Some(value)) = (drawn.get_mut(column), point.value) {
                *slot = Some(slot.map_or(value.base, |before| before.max(value.base)));
            }
        }
        let gaps = drawn.iter().filter(|slot| slot.is_none()).count();
        Some(Self { columns: drawn, least, most, last: last_at.value, first_at, last_at, gaps })
    }

    /// The row of a value, from 0 to `levels - 1`.
    fn level(&self, value: f64, levels: usize) -> usize {
        let height = self.most.base - self.least.base;
        if height <= 0.0 {
            return levels / 2;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of the levels
        let level = ((value - self.least.base) / height * (levels - 1) as f64).round() as usize;
        level.min(levels - 1)
    }

    fn sparkline(&self, look: Look) -> String {
        let marks = look.pick(BLOCKS, MARKS);
        let mark = |value: &Option<f64>| {
            value.and_then(|value| marks.get(self.level(value, marks.len())).copied()).unwrap_or(' ')
        };
        self.columns.iter().map(mark).collect()
    }

    fn graph(&self, look: Look) -> Vec<String> {
        let (most, least) = (self.most.to_string(), self.least.to_string());
        let axis = width_of(&most).max(width_of(&least));
        (0..ROWS)
            .rev()
            .map(|row| {
                let label = match row {
                    0 => least.as_str(),
                    row if row == ROWS - 1 => most.as_str(),
                    _ => "",
                };
                let space = " ".repeat(axis - width_of(label));
                let cells: String = self
                    .columns
                    .iter()
                    .map(|value| {
                        let Some(value) = value else { return ' ' };
                        let level = self.level(*value, ROWS * BLOCKS.len());
                        match level.checked_sub(row * BLOCKS.len()) {
                            None => ' ',
                            Some(above) => BLOCKS.get(above).copied().unwrap_or('█'),
                        }
                    })
                    .collect();
                format!("{space}{label} {} {cells}", look.paint(Tone::Faint, "┤")).trim_end().to_owned()
            })
            .collect()
    }

    fn caption(&self, look: Look) -> String {
        let last = self.last.map_or_else(|| "no value".into(), |last| last.to_string());
        let length =
            rbl_syntax::value::span((self.last_at.at.unix() - self.first_at.at.unix()).max(0.0).round());
        let gaps = if self.gaps > 0 { ", with gaps" } else { "" };
        let dot = look.pick("·", "-");
        let until = self.last_at.at.0.strftime("%H:%M:%SZ");
        format!(
            "min {} {dot} max {} {dot} last {last} {dot} {length} until {until}{gaps}",
            self.least, self.most
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::value::{Labels, Time, Unit};

    fn series(values: &[Option<f64>], label: &str) -> Series {
        let unit = Unit::parse("ms").unwrap();
        let point = |(index, value): (usize, &Option<f64>)| Point {
            at: Time::from_unix(1_000_000.0 + 15.0 * index as f64).unwrap(),
            value: value.map(|value| Quantity::of(value, unit).unwrap()),
        };
        let labels =
            if label.is_empty() { Labels::new() } else { Labels::from([("node".into(), label.into())]) };
        Series {
            labels,
            points: values.iter().enumerate().map(point).collect(),
            step: 15.0,
            from: None,
            to: None,
        }
    }

    #[test]
    fn a_line_of_ascii_where_the_terminal_has_no_more() {
        let series = series(&[Some(0.0), None, Some(350.0), Some(700.0)], "");
        let lines = lines(&[series], Look::default(), 72);
        assert_eq!(lines, ["_ ;#", "min 0ms - max 700ms - last 700ms - 45s until 13:47:25Z, with gaps"]);
    }

    #[test]
    fn one_series_is_a_graph_several_are_lines() {
        let look = Look { unicode: true, ..Look::default() };
        let one = series(&[Some(100.0), Some(400.0)], "");
        let drawn = lines(&[one], look, 60);
        assert_eq!(drawn.len(), ROWS + 1);
        assert_eq!(drawn[0], "400ms ┤  █");
        assert_eq!(drawn[3], "100ms ┤ ▁█");
        let two = [series(&[Some(1.0), Some(2.0)], "a"), series(&[None, None], "b")];
        assert_eq!(lines(&two, look, 60)[0], "node=a");
        assert_eq!(lines(&two, look, 60)[1], "▁█");
        assert_eq!(lines(&two, look, 60)[3], "node=b no values");
    }

    #[test]
    fn a_long_window_fits_and_keeps_its_spike() {
        let mut values = vec![Some(1.0); 5000];
        values[2500] = Some(900.0);
        for look in [Look::default(), Look { unicode: true, ..Look::default() }] {
            for columns in [12, 40, 72, 192] {
                let drawn = lines(&[series(&values, "")], look, columns);
                assert!(drawn.iter().all(|line| width_of(line) <= columns), "{drawn:#?}");
                assert!(drawn[0].contains(look.pick('█', '#')));
            }
        }
    }
}
