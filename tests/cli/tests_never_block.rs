//! A mistake in a test is reported by `check` and `test`, and keeps no run from starting, being planned, resumed or shown.

use super::shell::Shell;

const BODY: &str = "runbook \"A\"\nowner \"o\"\nmetric p99 in ms from prometheus \"x\"\ndefine restart(name) as `echo #{name} >> done`\ncheck \"Is it well?\" within 30m else { action restart(\"a\") within 1m }\n";

/// A mistake of every sort, each the inside of a test.
const MISTAKES: [(&str, &str); 14] = [
    ("a line that is none", "given nonsense"),
    ("a line of its form cut off", "given lock"),
    ("a text that is never closed", "answer \"Is it well? with yes"),
    ("a value that cannot be read", "given p99 = 3 +"),
    ("a metric that there is not", "given p98 = 3ms"),
    ("another unit", "given p99 = 90%"),
    ("a text for a number", "given p99 = \"slow\""),
    ("an action that there is not", "expect action restrt"),
    ("an argument that there is not", "expect action restart(nam: \"a\")"),
    ("a question that is never asked", "answer \"Is it wel?\" with yes"),
    ("a team that is never paged", "expect escalation to \"nobody\""),
    ("an outcome that there is not", "expect resolvd"),
    ("a parameter that there is not", "param nothing = 3"),
    ("a pattern that cannot be read", "expect record matching \"(\""),
];

fn with_mistake(line: &str) -> String {
    format!("{BODY}\ntest \"broken\" {{\n  {line}\n  expect resolved\n}}\n")
}

#[test]
fn a_mistake_in_a_test_is_reported_where_tests_are_checked() {
    let shell = Shell::new();
    for (what, line) in MISTAKES {
        shell.write("a.rb", with_mistake(line));
        let checked = shell.rbl("check a.rb");
        assert_eq!(checked.code, Some(1), "{what}: check says nothing\n{}", checked.out);
        let tested = shell.rbl("test a.rb");
        assert_eq!(tested.code, Some(3), "{what}: test says nothing\n{}", tested.out);
    }
}

#[test]
fn a_mistake_in_a_test_blocks_nothing_else() {
    let shell = Shell::new();
    for (what, line) in MISTAKES {
        shell.write("a.rb", with_mistake(line));
        let door = |words: &str, input: &str, code: i32| {
            let ended = shell.feed(words, input);
            assert_eq!(ended.code, Some(code), "{what}: {words}\n{}\n{}", ended.out, ended.err);
            ended
        };
        door("plan a.rb", "", 0);
        door("paths a.rb", "", 0);
        let opened = door("repl a.rb", ":quit\n", 0);
        assert!(!opened.err.contains("error"), "{what}: {}", opened.err);
        // Parked at its question; then answered, and walked again.
        door("run a.rb --no-input", "", 5);
        door("answer last no --as bo", "", 0);
        assert_eq!(std::fs::read_to_string(shell.path().join("done")).unwrap(), "a\n", "{what}");
        door("replay last", "", 0);
        std::fs::remove_file(shell.path().join("done")).unwrap();
        door("run a.rb --no-input", "", 5);
        door("resume last --no-input", "", 5);
        door("abort last --because over --as bo", "", 0);
    }
}
