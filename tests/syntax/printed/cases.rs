//! The rules of the style, each as input and output.

use super::{holds, printed};

#[track_caller]
fn prints(text: &str, expected: &str) {
    assert_eq!(holds(text).expect("it can be read"), expected);
}

#[test]
fn blanks_between_words() {
    prints("let  x=  1+2*-3", "let x = 1 + 2 * -3\n");
}

#[test]
fn calls_lists_and_records() {
    prints("let x = f( 1 ,b :2 )", "let x = f(1, b: 2)\n");
    prints("let x = [ 1,2, ]", "let x = [1, 2]\n");
    prints("let x = { a :1 , \"b c\":2}", "let x = {a: 1, \"b c\": 2}\n");
    prints("let x = list[ -1 ].name", "let x = list[-1].name\n");
    prints("check a in 1 .. 2 and (b or not c)", "check a in 1..2 and (b or not c)\n");
    prints("check any disk>90% and every  disk<=1_000", "check any disk > 90% and every disk <= 1_000\n");
    prints("wait   (5m+1h30m)", "wait (5m + 1h30m)\n");
}

#[test]
fn statements_stand_on_lines_of_their_own() {
    prints("stop; \"told\";;wait 5m", "stop\n\"told\"\nwait 5m\n");
    prints(
        "if a {stop} else if b {stop;wait 5m} else{}",
        "if a {\n  stop\n} else if b {\n  stop\n  wait 5m\n} else {}\n",
    );
}

#[test]
fn an_arm_of_one_short_statement_stays_on_its_line() {
    prints("check a else {\n\n  stop\n\n}", "check a else { stop }\n");
    prints("check a\nelse { stop } unknown{resolve}", "check a else { stop } unknown { resolve }\n");
    let long = "a".repeat(90);
    prints(&format!("check {long} else {{ stop }}"), &format!("check {long} else {{\n  stop\n}}\n"));
    prints("check a else { stop; stop }", "check a else {\n  stop\n  stop\n}\n");
    prints("check a else { check b else { stop } }", "check a else {\n  check b else { stop }\n}\n");
}

#[test]
fn long_lines_break_before_every_modifier() {
    let command = "x".repeat(70);
    prints(
        &format!("action `{command}` on \"db-1\" within 5m retry 3 times every 10s undo `y` else {{ stop }}"),
        &format!(
            "action `{command}`\n    on \"db-1\"\n    within 5m\n    retry 3 times every 10s\n    undo `y`\nelse {{\n  stop\n}}\n"
        ),
    );
    prints(
        &format!("if {command} < 500ms and {command} > 3 {{ stop }}"),
        &format!("if {command} < 500ms\n    and {command} > 3 {{\n  stop\n}}\n"),
    );
    prints(
        &format!("let x = {command}(first: {command}, second: [1, 2])"),
        &format!("let x = {command}(\n  first: {command},\n  second: [1, 2],\n)\n"),
    );
}

#[test]
fn comments_stay_where_they_belong() {
    prints(
        "# one\n\n\n# two\nrunbook \"x\" # three\n# four\nif a # five\n{\n  # six\n\n  stop # seven\n\n  # eight\n}\n# nine\nelse { stop } # ten\n# eleven",
        "# one\n\n# two\nrunbook \"x\"  # three\n# four\nif a {  # five\n  # six\n\n  stop  # seven\n\n  # eight\n}\n# nine\nelse {\n  stop\n}  # ten\n# eleven\n",
    );
    prints(
        "let x = f(\n a, # first\n # own\n b # last\n # end\n)",
        "let x = f(\n  a,  # first\n  # own\n  b,  # last\n  # end\n)\n",
    );
    prints("check a # why\nelse { stop }", "check a  # why\nelse {\n  stop\n}\n");
    prints("check p99 < # limit\n 500ms", "check p99 <  # limit\n    500ms\n");
    prints("check a\n# why\nand b", "check a\n    # why\n    and b\n");
    prints("#only", "#only\n");
    prints("#!/usr/bin/env rbl\n\n\nstop", "#!/usr/bin/env rbl\n\nstop\n");
}

#[test]
fn at_most_one_blank_line_and_one_around_steps() {
    prints("stop\n\n\n\nstop", "stop\n\nstop\n");
    prints(
        "runbook \"x\"\nstep \"a\" {\n\n\nstop\n\n\n}\nstep \"b\" {}",
        "runbook \"x\"\n\nstep \"a\" {\n  stop\n}\n\nstep \"b\" {}\n",
    );
}

#[test]
fn the_header_is_a_column() {
    prints(
        "runbook \"x\"\nowner \"a\"\n\nseverity \"s\"\nlink \"a\" \"b\"\nparam a=1\nparam longer=2",
        "runbook \"x\"\nowner   \"a\"\n\nseverity \"s\"\nlink     \"a\" \"b\"\nparam a = 1\nparam longer = 2\n",
    );
}

#[test]
fn texts_keep_what_they_say() {
    for text in [
        "record \"a\\n\\t\\\"\\#{x} \\\\  b\"\n",
        "record \"\"\"a \"b\" c\"\"\"\n",
        "action `a  'b'\\\n   c`\n",
        "record \"a #{\"b\"} #{\"c #{\"d\"}\"}\"\n",
    ] {
        prints(text, text);
    }
    prints("record \"#{ x }  #{ -a+ f( 1 )}\"", "record \"#{x}  #{-a + f(1)}\"\n");
    prints(
        "step \"a\" { record \"\"\"\n   one\n     two\n\n\"\"\" }",
        "step \"a\" {\n  record \"\"\"\n    one\n      two\n\n  \"\"\"\n}\n",
    );
    prints("record \"\"\"one\n   two\"\"\" to \"c\"", "record \"\"\"\n  one\n  two\n\"\"\" to \"c\"\n");
    // Blanks before the first line count only if it is alone.
    prints("record \"\"\"  one\n\"\"\"", "record \"\"\"  one\n\"\"\"\n");
    prints("record \"\"\"\n  a \\\n    b\n\"\"\"", "record \"\"\"\n  a \\\n    b\n\"\"\"\n");
}

#[test]
fn line_ends_and_byte_order_marks() {
    prints("\u{feff}stop\r\nrecord \"\"\"\r\n  a\r\n\"\"\"\r\n", "stop\nrecord \"\"\"\n  a\n\"\"\"\n");
    prints("", "");
    prints("\n\n", "");
}

#[test]
fn a_name_like_a_statement_never_begins_a_line() {
    let long = "x".repeat(100);
    let text = format!("let a = f(owner + 1, {long})\n");
    prints(&text, &text);
}

#[test]
fn mistakes_are_not_printed() {
    for text in ["check", "check a <", "if a {", "require 'x'\ndef a\nend\n", "stop }"] {
        assert_eq!(printed(text), None, "{text}");
    }
}

#[test]
fn lines_between_brackets_go_on() {
    prints(
        "trigger alert \"A\" where team = \"x\",\n  severity = \"page\"",
        "trigger alert \"A\" where team = \"x\", severity = \"page\"\n",
    );
    prints("let x = {\n  a: 1,\n  b: 2,\n}\n", "let x = {a: 1, b: 2}\n");
}

#[test]
fn no_line_of_a_test_begins_with_a_word_of_its_condition() {
    let command = "x".repeat(90);
    for condition in ["fails after 10s", "hangs after 10s", "fails", "hangs", "takes 10s after 5s"] {
        let text = format!("after action a {{ given action `{command}` {condition} }}");
        let text = format!("test \"t\" {{ {text} }}");
        let printed = holds(&text).expect("it can be read");
        let word = condition.split(' ').next().unwrap();
        let line = printed.lines().find(|line| line.contains(&command)).unwrap();
        assert!(line.contains(word), "{printed}");
    }
}
