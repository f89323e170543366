//! Compares two trees, ignoring positions.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use super::{Queries, text};
use crate::tree::{Declaration, File, Item};

/// Whether the comments are the same, in the same order.
pub(super) fn comments(a: &File, a_text: &str, b: &File, b_text: &str) -> bool {
    let of = |file: &File, text: &str| -> Vec<String> {
        let texts = file
            .comments
            .iter()
            .map(|it| text.get(it.span.range()).unwrap_or_default().trim_end().to_owned());
        texts.collect()
    };
    of(a, a_text) == of(b, b_text)
}

/// Whether the trees differ only in positions. Queries with the same layout are equal.
pub(super) fn trees(mut a: File, mut b: File, queries: &dyn Queries) -> bool {
    let metrics = |file: &mut File| -> Vec<_> {
        let items = file.items.iter_mut().filter_map(|item| match item {
            Item::Declaration(Declaration::Metric(metric)) => Some(metric),
            _ => None,
        });
        let alike = |metric: &mut Box<crate::tree::Metric>| {
            let laid_out = text::query(metric).and_then(|query| queries.lay_out(&query));
            if laid_out.is_some() {
                // The values still have to be compared.
                metric.query.parts.retain(|part| matches!(part, crate::tree::Part::Value(_)));
            }
            laid_out
        };
        items.map(alike).collect()
    };
    metrics(&mut a) == metrics(&mut b) && meaning(&a) == meaning(&b)
}

/// Serializes the tree without its spans.
fn meaning(file: &File) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(1 << 14);
    let mut serializer = Serializer::with_formatter(&mut out, WithoutSpans::default());
    file.serialize(&mut serializer).ok()?;
    Some(out)
}

/// Writes JSON but omits spans. The result is not valid JSON and is only compared.
#[derive(Default)]
struct WithoutSpans {
    key: Option<Vec<u8>>,
    /// The nesting depth inside an omitted part.
    within: usize,
}

impl WithoutSpans {
    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, sign: &[u8]) -> io::Result<()> {
        if self.within > 0 {
            self.within += 1;
            return Ok(());
        }
        writer.write_all(sign)
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, sign: &[u8]) -> io::Result<()> {
        if self.within > 0 {
            self.within -= 1;
            return Ok(());
        }
        writer.write_all(sign)
    }
}

impl Formatter for WithoutSpans {
    fn begin_object_key<W: ?Sized + Write>(&mut self, _: &mut W, _: bool) -> io::Result<()> {
        self.key = Some(Vec::new());
        Ok(())
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let key = self.key.take().unwrap_or_default();
        if self.within == 0 {
            if matches!(key.as_slice(), b"span" | b"op_span" | b"keyword") {
                self.within = 1;
            } else {
                writer.write_all(&key)?;
                writer.write_all(b":")?;
            }
        }
        Ok(())
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.within == 1 {
            self.within = 0;
            return Ok(());
        }
        if self.within == 0 { writer.write_all(b";") } else { Ok(()) }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, _: bool) -> io::Result<()> {
        if self.within == 0 { writer.write_all(b",") } else { Ok(()) }
    }

    fn begin_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.within == 0 && self.key.is_none() { writer.write_all(b"\"") } else { Ok(()) }
    }

    fn end_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin_string(writer)
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        match &mut self.key {
            Some(key) => key.extend_from_slice(fragment.as_bytes()),
            None if self.within == 0 => writer.write_all(fragment.as_bytes())?,
            None => {}
        }
        Ok(())
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        Ok(())
    }

    fn write_u32<W: ?Sized + Write>(&mut self, writer: &mut W, value: u32) -> io::Result<()> {
        if self.within == 0 { CompactFormatter.write_u32(writer, value) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AsWritten, read};
    use super::trees;
    use crate::source::SourceId;

    fn same(a: &str, b: &str) -> bool {
        let tree = |text| read(SourceId(0), text).0.file;
        trees(tree(a), tree(b), &AsWritten)
    }

    #[test]
    fn only_where_it_stands_may_differ() {
        assert!(same("check  a<1 else{stop}", "check a < 1\nelse {\n  stop\n}"));
        assert!(same("record \"\"\"\n  a\n    b\n\"\"\"", "record \"\"\"\na\n  b\"\"\""));
        for (a, b) in [
            ("check a < 1", "check a < 2"),
            ("check a < 1", "check a <= 1"),
            ("check a and b or c", "check a and (b or c)"),
            ("stop", "resolve"),
            ("stop \"a\"", "stop \"a \""),
            ("stop; stop", "stop"),
            ("let x = f()", "let x = g()"),
            ("check a else { stop }", "check a unknown { stop }"),
            ("record \"a\"", "record \"\"\"a\"\"\""),
        ] {
            assert!(!same(a, b), "{a} / {b}");
        }
    }
}
