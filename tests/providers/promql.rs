//! `PromQL` of other authors is read as they meant it.

use rbl_check::promql::{InsertedValue, NumberKind, PromqlPart, Pure, analyse, place, validate};

fn expressions() -> Vec<&'static str> {
    let corpus = include_str!("../corpus/promql/promql.txt");
    corpus.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).collect()
}

#[test]
fn every_expression_of_the_corpus_is_promql() {
    let expressions = expressions();
    assert!(expressions.len() > 150, "{}", expressions.len());
    for expression in expressions {
        if let Err(error) = validate(&[PromqlPart::Text(expression)]) {
            panic!("{error}\n{expression}");
        }
    }
}

#[test]
fn most_alerts_compare_at_the_top() {
    let expressions = expressions();
    let compares =
        |expression: &&&str| analyse(&[PromqlPart::Text(expression)]).is_ok_and(|look| look.filter.is_some());
    let comparing = expressions.iter().filter(compares).count();
    assert!(comparing * 10 > expressions.len() * 8, "{comparing} of {}", expressions.len());
}

/// The text before the comparison of an alert is the query a runbook would have; nothing else is reported, and a
/// finding about its unit names its own words.
#[test]
fn queries_of_others_are_taken_for_what_they_are() {
    let (mut read, mut told) = (0, 0);
    for expression in expressions() {
        let filter = analyse(&[PromqlPart::Text(expression)]).unwrap().filter;
        let before = filter.map_or(expression, |(spot, _)| &expression[..spot.byte]);
        let query = [PromqlPart::Text(before.trim())];
        // A comparison inside brackets of its own leaves nothing that can be read.
        let Ok(look) = analyse(&query) else { continue };
        read += 1;
        assert!(look.short.is_empty(), "{before}");
        assert_eq!(NumberKind::of(&query).counter, None, "{before}");
        let Some((measure, _)) = look.measure else { continue };
        told += 1;
        let says = |words: &[&str]| words.iter().any(|word| before.contains(word));
        let plausible = match (measure.time, measure.data, measure.pure) {
            (1, 0, _) => says(&["_seconds"]) && (measure.factor - 1.0).abs() < f64::EPSILON,
            (-1, 0, _) => says(&["rate("]),
            (0, 0, Pure::Counter) => says(&["increase("]),
            (0, 0, Pure::Count) => says(&["count", "absent(", "changes("]),
            (0, 0, Pure::Share) if measure.factor < 0.1 => says(&["100", "percent"]),
            (0, 0, Pure::Share) => says(&["/", "rate("]),
            _ => false,
        };
        assert!(plausible, "{measure:?}\n{before}");
    }
    assert!(read > 140 && told > 50, "{told} of {read}");
}

/// Every prefix of a query is read without a crash, and the place of the mistake is inside it.
#[test]
fn every_beginning_has_its_fault_inside_it() {
    for expression in expressions().iter().step_by(17) {
        for end in (0..=expression.len()).step_by(3).filter(|end| expression.is_char_boundary(*end)) {
            let beginning = &expression[..end];
            if let Err(error) = validate(&[PromqlPart::Text(beginning)]) {
                assert!(error.byte + error.len <= beginning.len(), "{error:?}\n{beginning}");
                assert!(error.message.chars().count() <= 80, "{error}");
                for word in ["invalid", "unexpected", "illegal", "failed to", "malformed"] {
                    assert!(!error.to_string().contains(word), "{error}");
                }
            }
        }
    }
}

/// A wrong sign in the middle of a query is reported at its place.
#[test]
fn a_fault_in_the_middle_is_found_there() {
    let mut tried = 0;
    for expression in expressions() {
        let Some(at) = expression.find(" / ").map(|at| at + 1) else { continue };
        let broken = format!("{}/ *{}", &expression[..at], &expression[at + 1..]);
        let error = validate(&[PromqlPart::Text(&broken)]).unwrap_err();
        assert_eq!(error.byte, at + 2, "{error}\n{broken}");
        tried += 1;
    }
    assert!(tried > 20, "{tried}");
}

/// A query of the corpus with a value in place of its first matched label value.
fn with_value(expression: &str, value: &str) -> Option<String> {
    let start = expression.find("=\"")? + 2;
    let end = start + expression[start..].find('"')?;
    let parts = [
        PromqlPart::Text(&expression[..start]),
        PromqlPart::Value(InsertedValue::Text(value.to_owned())),
        PromqlPart::Text(&expression[end..]),
    ];
    Some(place(&parts).unwrap())
}

proptest::proptest! {
    /// Whatever the value is, the query is read as with any other value: only that one text differs.
    #[test]
    fn no_value_changes_how_a_query_is_read(value in "\\PC*|[\"'`\\\\{}()\\[\\]#\n\r\t,=~$ ]{1,12}", index in 0..170_usize) {
        let expressions = expressions();
        let expression = expressions[index % expressions.len()];
        // A stand-in that occurs nowhere else.
        if let (Some(placed), Some(plain)) = (with_value(expression, &value), with_value(expression, "Zq9")) {
            let tree = |text: &str| format!("{:?}", promql_parser::parser::parse(text).unwrap());
            let spelled = |value: &str| format!("value: {value:?}");
            proptest::prop_assert_eq!(tree(&placed), tree(&plain).replace(&spelled("Zq9"), &spelled(&value)));
        }
    }
}
