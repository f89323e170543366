//! Formats a query with the printer of the `PromQL` library, if that loses nothing.

use super::locate;
use crate::Catalogue;
use rbl_syntax::tree::Part;
use rbl_syntax::{MetricQuery, Queries, QueryPart};

/// Formats the queries of providers that use `PromQL`.
#[derive(Debug, Clone, Copy)]
pub struct QueryStyle<'a> {
    /// The configuration: it says which providers those are.
    pub catalogue: &'a Catalogue,
}

impl Queries for QueryStyle<'_> {
    fn lay_out(&self, query: &MetricQuery<'_>) -> Option<Vec<QueryPart>> {
        let kind = self.catalogue.providers.get(query.provider).map(String::as_str);
        // Without a configuration the name is taken as the kind.
        let kind = kind.or((!self.catalogue.configured).then_some(query.provider))?;
        if kind == "prometheus" { lay_out(query.parts) } else { None }
    }
}

fn lay_out(parts: &[Part]) -> Option<Vec<QueryPart>> {
    let mut text = String::new();
    let mut places: Vec<String> = Vec::new();
    for part in parts {
        match part {
            // An escape or a comment would not be printed as it was written.
            Part::Literal { text: literal, .. } if literal.contains(['\\', '#']) => return None,
            Part::Literal { text: literal, .. } => text.push_str(literal),
            Part::Value(_) => {
                let place = stands_for_itself(&text, places.len());
                text.push_str(&place);
                places.push(place);
            }
        }
    }
    let read = locate::parse(&text).ok()?;
    let printed = read.prettify();
    let again = locate::parse(&printed).ok()?;
    // The library sorts labels; if that changes anything, the author's order is kept.
    let loses = again != read
        || again.prettify() != printed
        || printed.contains(['\\', '#'])
        || printed.contains("\"\"\"");
    if loses {
        return None;
    }
    let mut rest = printed.as_str();
    let mut laid_out = Vec::with_capacity(places.len() * 2 + 1);
    for place in &places {
        let (before, behind) = rest.split_once(place.as_str())?;
        laid_out.extend([QueryPart::Text(before.to_owned()), QueryPart::Value]);
        rest = behind;
    }
    laid_out.push(QueryPart::Text(rest.to_owned()));
    let once = |place: &String| {
        text.matches(place.as_str()).count() == 1 && printed.matches(place.as_str()).count() == 1
    };
    places.iter().all(once).then_some(laid_out)
}

/// Returns a placeholder for a value after a text: part of a string, a duration or a number, which the library prints
/// unchanged.
fn stands_for_itself(before: &str, number: usize) -> String {
    let mut open: Option<char> = None;
    for c in before.chars() {
        match open {
            None if matches!(c, '"' | '\'' | '`') => open = Some(c),
            Some(quote) if quote == c => open = None,
            _ => {}
        }
    }
    let before = before.trim_end();
    if open.is_some() {
        format!("rblvalue{number}x")
    } else if before.ends_with(['[', ':']) || before.ends_with("offset") {
        format!("{}ms", 997_usize.saturating_sub(number))
    } else {
        format!("{}", 987_654_321_000_u64 + number as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::print;
    use rbl_syntax::source::SourceId;

    /// Returns the query as printed, without the indent.
    fn laid_out(query: &str) -> String {
        let text = format!("metric a from prometheus \"\"\"\n{query}\n\"\"\"\n");
        let catalogue = Catalogue::default();
        let printed = print(SourceId(0), &text, &QueryStyle { catalogue: &catalogue }).unwrap();
        let lines: Vec<&str> = printed.lines().collect();
        lines[1..lines.len() - 1]
            .iter()
            .map(|line| line.strip_prefix("  ").unwrap())
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn the_library_lays_a_query_out() {
        assert_eq!(laid_out("sum( rate(a[5m]) )\n  by (le)"), "sum by (le) (rate(a[5m]))");
        let long = "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{service=\"#{ service }\"}[5m])))";
        assert_eq!(
            laid_out(long),
            "histogram_quantile(\n  0.99,\n  sum by (le) (rate(http_request_duration_seconds_bucket{service=\"#{service}\"}[5m]))\n)"
        );
    }

    #[test]
    fn values_come_back_in_every_place() {
        assert_eq!(
            laid_out("rate( a{x=\"#{x}\"}[#{window}] offset #{back} )  >  #{limit}*2"),
            "rate(a{x=\"#{x}\"}[#{window}] offset #{back}) > #{limit} * 2"
        );
    }

    #[test]
    fn what_would_be_lost_stays_as_it_is() {
        for query in [
            "sum( a ) # why",
            "a{z=\"1\",  b=\"2\"}",
            "a{x=~\"b\\.c\"}  > 1",
            "sum( #{name}_total )",
            "sum( a",
            "a{x='it is \"so\"'} + 1",
        ] {
            assert_eq!(laid_out(query), query);
        }
    }
}
