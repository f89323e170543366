//! The words of pages and records as services show them: bounded, and the same everywhere.
//!
//! *Invariants:* a text is cut between two characters, and says how much of it is left out. What says where to look and what to do (the
//! links and the run of a page, how a question is answered) is never what is left out.

use rbl_runtime::{Page, RecordEffect};

/// What is cut off in a line ends so.
const MORE: char = '…';

/// The room for the note at the end of a text that was cut.
const NOTE: usize = 64;

/// The first characters of a line; a cut is visible.
pub(crate) fn line(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(longest.saturating_sub(1)).collect();
    short.push(MORE);
    short
}

/// The first characters of a text; a note behind them says how many are left out.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    cut_by(text, longest, |_| 1)
}

/// The same for a service that does not count characters. `weigh`: how much of `most` a character takes.
pub(crate) fn cut_by(text: &str, most: usize, weigh: impl Fn(char) -> usize) -> String {
    // A text that is hardly longer than the note has no room for one.
    let room = if most < 2 * NOTE { most.saturating_sub(3) } else { most - NOTE };
    let (mut weight, mut end) = (0_usize, 0);
    for (at, c) in text.char_indices() {
        weight = weight.saturating_add(weigh(c));
        if weight <= room {
            end = at.saturating_add(c.len_utf8());
        }
        if weight > most {
            let (kept, left) = text.split_at_checked(end).unwrap_or((text, ""));
            if most < 2 * NOTE {
                return format!("{kept}{MORE}");
            }
            let left = left.chars().count();
            return format!("{}\n{MORE} {left} more characters are left out", kept.trim_end());
        }
    }
    text.to_owned()
}

/// How many bytes a character takes in JSON.
pub(crate) const fn json_bytes(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        '\0'..='\u{1f}' => 6,
        c => c.len_utf8(),
    }
}

/// A text from outside as people read it: it has no colours, and nothing in it acts on what shows it or hides.
pub(crate) fn readable(text: &str) -> String {
    let text = rbl_syntax::harmless::without_escapes(text);
    if text.contains('\r') {
        rbl_syntax::harmless(&text.replace("\r\n", "\n")).into()
    } else {
        rbl_syntax::harmless(&text).into()
    }
}

/// One line that says why somebody is paged: `Checkout latency: p99 is still 812ms`.
pub(crate) fn title(page: &Page) -> String {
    let reason = page.reason.lines().next().unwrap_or_default();
    if reason.is_empty() { page.runbook.clone() } else { format!("{}: {reason}", page.runbook) }
}

/// The end of the story, as many lines as fit: the newest are what matters.
pub(crate) fn story(page: &Page, longest: usize) -> String {
    story_by(page, longest, |_| 1)
}

/// The same for a service that does not count characters.
pub(crate) fn story_by(page: &Page, most: usize, weigh: impl Fn(char) -> usize) -> String {
    let weight = |line: &String| line.chars().map(&weigh).sum::<usize>() + weigh('\n');
    let fits = page.story.iter().map(weight).sum::<usize>() <= most;
    let room = if fits { most } else { most.saturating_sub(NOTE) };
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0_usize;
    for line in page.story.iter().rev() {
        length = length.saturating_add(weight(line));
        if length > room {
            // The newest line is shown, however long it is.
            if lines.is_empty() {
                lines.push(cut_by(line, room, &weigh));
            }
            break;
        }
        lines.push(line.clone());
    }
    let left = page.story.len().saturating_sub(lines.len());
    lines.extend((left > 0).then(|| format!("({left} earlier lines)")));
    lines.reverse();
    lines.join("\n")
}

/// Everything that a page says, as text: the whole reason, the story, what the runbook says about its alert, its links.
pub(crate) fn page_text(page: &Page, longest: usize) -> String {
    const BETWEEN: &str = "\n\n";
    let length = |text: &str| text.chars().count();
    let links = page.links.iter().map(|(name, url)| format!("{name}: {url}")).collect::<Vec<_>>().join("\n");
    let links = cut(&links, longest / 4);
    let run = format!("Run {}", crate::delivery::run_of(&page.key));
    let about = page.about.as_deref().unwrap_or_default();
    let length_of_story: usize = page.story.iter().map(|line| length(line) + 1).sum();
    let free = longest.saturating_sub(length(&links) + length(&run) + 4 * BETWEEN.len());
    // Each of the three gets what the others leave, and a share in any case.
    let (for_story, for_about) = (length_of_story.min(free / 2), length(about).min(free / 4));
    let reason = cut(&page.reason, free.saturating_sub(for_story + for_about));
    let left = free.saturating_sub(length(&reason));
    let story = story(page, left.saturating_sub(for_about));
    let about = cut(about, left.saturating_sub(length(&story)));
    let parts = [reason, story, about, links, run];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(BETWEEN)
}

/// What a record says, in at most this number of characters. Of a question that is brought to somebody, how it is answered always stays.
pub(crate) fn record_body(record: &RecordEffect, longest: usize) -> String {
    record_body_by(record, longest, |_| 1)
}

/// The same for a service that does not count characters.
pub(crate) fn record_body_by(record: &RecordEffect, most: usize, weigh: impl Fn(char) -> usize) -> String {
    let how = record.question.as_ref().map(|question| readable(&question.how_to_answer()));
    let asked = how.as_deref().and_then(|how| Some((record.text.strip_suffix(how)?, how)));
    let Some((asked, how)) = asked else { return cut_by(&record.text, most, weigh) };
    let room = most.saturating_sub(how.chars().map(&weigh).sum());
    format!("{}{how}", cut_by(asked, room, weigh))
}

/// What a record says, with its runbook, in at most this number of characters.
pub(crate) fn record_text(record: &RecordEffect, longest: usize) -> String {
    let runbook = line(&record.runbook, longest / 10);
    let room = longest.saturating_sub(runbook.chars().count()).saturating_sub(2);
    format!("{runbook}: {}", record_body(record, room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_runtime::{AskedQuestion, QuestionKind};

    fn page(story: &[&str]) -> Page {
        Page {
            team: "db".into(),
            reason: "p99 is high\nand rising".into(),
            runbook: "Latency".into(),
            severity: None,
            story: story.iter().map(|line| (*line).to_owned()).collect(),
            links: vec![("Graphs".into(), "https://g".into())],
            about: None,
            key: "r1/0.1".into(),
            again: false,
        }
    }

    #[test]
    fn the_newest_lines_stay() {
        assert_eq!(line("äbcdef", 4), "äbc…");
        assert_eq!(title(&page(&[])), "Latency: p99 is high");
        let story = |lines: &[&str], most| story(&page(lines), most);
        assert_eq!(story(&["one", "two", "three"], 14), "one\ntwo\nthree");
        let lines = ["a", "b", "c"].map(|it| it.repeat(40));
        let lines = lines.each_ref().map(String::as_str);
        assert_eq!(story(&lines, 122), format!("(2 earlier lines)\n{}", lines[2]));
        assert_eq!(story(&lines, 123), lines.join("\n"));
        // One line that is too long is cut, not left out.
        let long = format!("three{}", "x".repeat(1_000));
        let cut = story(&["one", &long], 300);
        assert!(
            cut.starts_with("(1 earlier lines)\nthreexxx") && cut.contains("more characters are left out"),
            "{cut}"
        );
        let text = page_text(&page(&["one"]), 1000);
        assert_eq!(text, "p99 is high\nand rising\n\none\n\nGraphs: https://g\n\nRun r1");
    }

    #[test]
    fn a_text_is_cut_between_characters_and_says_what_is_left_out() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut(&"ä".repeat(200), 200), "ä".repeat(200));
        assert_eq!(
            cut(&"ä".repeat(1_000), 200),
            format!("{}\n… 864 more characters are left out", "ä".repeat(136))
        );
        assert_eq!(cut("abcdef", 5), "ab…");
        let text = "\u{1f600}\"\n\u{1}".repeat(5_000);
        let bytes = |text: &str| serde_json::json!(text).to_string().len() - 2;
        assert_eq!(bytes(&text), text.chars().map(json_bytes).sum::<usize>());
        for most in [200, 333, 1_000, 28_000] {
            let cut = cut_by(&text, most, json_bytes);
            assert!(bytes(&cut) <= most && bytes(&cut) + 80 > most, "{most}: {}", bytes(&cut));
        }
    }

    /// Ten thousand lines of one thing leave no other out.
    #[test]
    fn what_a_page_says_stays_however_long_its_parts_are() {
        let lines = (1..=10_000).map(|line| format!("line {line} ü")).collect::<Vec<_>>();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let long = lines.join("\n");
        for longest in [3_000, 12_000, 15_000, 100_000] {
            for (reason, story, about) in [
                (&*long, &lines[..], Some(long.clone())),
                (&long, &["newest"], None),
                ("why", &lines, Some("what".into())),
            ] {
                let page = Page { reason: reason.to_owned(), about, ..page(story) };
                let text = page_text(&page, longest);
                assert!(text.chars().count() <= longest, "{longest}: {}", text.chars().count());
                assert!(text.ends_with("\n\nGraphs: https://g\n\nRun r1"), "{text}");
                assert!(text.contains(*story.last().unwrap()), "the newest line");
                assert!(text.starts_with(reason.lines().next().unwrap()));
                assert!(page.about.is_none() || text.contains("what") || text.contains("line 1 ü"));
                // Nearly all of the room is used.
                assert!(
                    text.chars().count() + 400 > longest || !reason.contains('\n'),
                    "{longest}: {}",
                    text.chars().count()
                );
            }
        }
    }

    #[test]
    fn how_a_question_is_answered_is_never_left_out() {
        let question = AskedQuestion {
            question: "7".into(),
            kind: QuestionKind::YesNo,
            text: "ü".repeat(50_000),
            choices: Vec::new(),
            by: None,
            until: None,
            evidence: Vec::new(),
            quorum: 2,
            answer: QuestionKind::YesNo.command("r1", 5, None),
            answer_url: None,
        };
        let mut record = RecordEffect {
            channel: None,
            text: question.text("It"),
            runbook: "It".into(),
            key: "r1/1".into(),
            question: Some(Box::new(question)),
            thread: None,
            pages: Vec::new(),
            again: false,
        };
        let text = record_text(&record, 1_000);
        assert!(
            text.ends_with("left out\n2 people have to approve.\nrbl answer r1 'yes|no' --question 5"),
            "{text}"
        );
        assert!(text.chars().count() <= 1_000);
        record.question = None;
        assert!(record_text(&record, 1_000).ends_with("left out"));
    }

    #[test]
    fn nothing_in_a_text_acts_on_what_shows_it() {
        assert_eq!(readable("\u{1b}[31mred\u{1b}[0m\r\nnext"), "red\nnext");
        assert_eq!(readable("a\u{202e}b\u{200b}c\0d\te"), "a\u{fffd}b\u{fffd}c\u{2400}d\te");
        assert_eq!(readable("👩‍🚒 größer"), "👩‍🚒 größer");
    }
}
