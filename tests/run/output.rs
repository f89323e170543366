//! What a command printed is data only where it is known.

use rbl_runtime::Outcome;
use rbl_syntax::value::{CommandOutput, OutputCut};

use super::scripted_world::{ScriptedWorld, output};
use super::{told, world};

fn errors(status: i32, stdout: &str, stderr: &str) -> CommandOutput {
    CommandOutput { stderr: stderr.into(), ..output(status, stdout) }
}

/// Output of which nine bytes in the middle are missing.
fn cut(beginning: &str, end: &str) -> CommandOutput {
    CommandOutput { stdout_cut: Some(OutputCut { bytes: 9, end: end.into() }), ..output(0, beginning) }
}

/// How a condition about the command `c` is judged.
fn judged(condition: &str, output: CommandOutput) -> String {
    let body = format!("if {condition} {{ \"yes\" }} else {{ \"no\" }} unknown {{ \"unknown\" }}");
    told(&body, world().probe("c", output)).prose()[0].to_owned()
}

/// What a value made of the output of the command `c` prints.
fn printed(value: &str, output: CommandOutput) -> String {
    let told = told(&format!("let v = {value}\n\"#{{v}}\""), world().probe("c", output));
    told.prose()[0].to_owned()
}

fn acts(body: &str, world: ScriptedWorld) -> Vec<String> {
    told(body, world).deeds().into_iter().map(str::to_owned).collect()
}

#[test]
fn a_no_is_exit_code_one_with_nothing_on_stderr() {
    assert_eq!(judged("`c`", errors(0, "", "a warning")), "yes");
    assert_eq!(judged("`c`", output(1, "differs")), "no");
    assert_eq!(judged("`c`", errors(1, "", " \n")), "no");
    assert_eq!(judged("`c`", errors(1, "", "Traceback: …")), "unknown");
    assert_eq!(judged("not `c`", errors(1, "", "connection refused")), "unknown");
    assert_eq!(judged("`c`", output(2, "")), "unknown");
}

#[test]
fn no_on_replaces_the_rule_wherever_it_stands() {
    for written in
        ["`c` no on 7, 22 within 5s", "`c` within 5s no on 7, 22", "`c` within 5s\n  no on 7,\n 22"]
    {
        assert_eq!(judged(written, errors(22, "", "404")), "no");
        assert_eq!(judged(written, errors(7, "", "refused")), "no");
        assert_eq!(judged(written, output(1, "")), "unknown");
        assert_eq!(judged(written, output(0, "")), "yes");
    }
    assert_eq!(judged("`c` no on 1", errors(1, "", "not found")), "no");
    assert_eq!(judged("`c` no on 7 and not `c`", output(7, "")), "no");
    // The same command with other codes, run once.
    assert_eq!(judged("not `c` no on 7 and not `c` no on 8", output(7, "")), "unknown");
    let gone = CommandOutput { status: Some(127), ..output(127, "") };
    assert_eq!(judged("`c` no on 127", gone), "no");
}

#[test]
fn the_message_of_an_unknown_code_offers_no_on() {
    let told = told("check `c` else { \"no\" }", world().probe("c", errors(7, "", "refused")));
    let what = told.unhandled()[0].to_owned();
    assert!(what.contains("exit code 7: refused"), "{what}");
    assert!(what.contains("`no on 7`"), "{what}");
    assert_eq!(what.matches("exit code 7").count(), 1, "{what}");
}

#[test]
fn a_page_about_a_failed_command_says_what_was_sent_and_offers_its_code_once() {
    for statement in [
        "check `c #{h}`",
        "check any [\"a\"] == `c #{h}`.text",
        "check \"a\" in `c #{h}`.lines",
        "match `c #{h}`.text { \"a\" { stop } else { stop } }",
        "for each l in `c #{h}`.lines up to 3 { \"#{l}\" }",
        "for each l in [\"a\"] where `c #{h}` { \"#{l}\" }",
        "wait until `c #{h}` within 1s every 1s",
        "repeat up to 2 times until `c #{h}` { \"again\" }",
    ] {
        let body = format!("param h = \"db-1\"\n{statement}");
        let told = told(&body, world().probe("c db-1", errors(4, "", "refused"))).ends(Outcome::Escalated);
        let what = told.unhandled()[0].to_owned();
        assert!(what.contains("`c db-1`"), "{statement}: {what}");
        assert!(!what.contains("``") && !what.contains("#{"), "{statement}: {what}");
        assert!(what.contains("if that means no, write `no on 4`"), "{statement}: {what}");
        assert_eq!(what.matches("exit code 4").count(), 1, "{statement}: {what}");
    }
}

#[test]
fn of_two_commands_that_failed_each_is_named_with_its_code() {
    let body = "param h = \"db-1\"\ncheck `c #{h}` or `d #{h}`";
    let world = world().probe("c db-1", output(5, "")).probe("d db-1", output(6, ""));
    let told = told(body, world).ends(Outcome::Escalated);
    assert_eq!(
        told.unhandled(),
        ["`c db-1` or `d db-1` is unknown: exit code 5 (`d db-1` = exit code 6); \
          if exit code 5 of `c db-1` means no, write `no on 5` behind it"]
    );
}

#[test]
fn beside_a_command_that_answered_the_one_that_failed_is_named() {
    let world = world().probe("c", output(1, "")).probe("d", output(6, ""));
    let told = told("check `c` or `d`", world).ends(Outcome::Escalated);
    assert!(told.unhandled()[0].ends_with("; if exit code 6 of `d` means no, write `no on 6` behind it"));
}

#[test]
fn what_a_failed_command_printed_is_not_data() {
    let failed = || errors(255, "half", "refused");
    for condition in [
        "length(`c`.lines) == 0",
        "not \"slow ops\" in `c`.text",
        "`c`.text == \"half\"",
        "`c`.number == 3",
        "contains(`c`.text, \"half\")",
        "matches(lower(`c`.text), \"h\")",
        "length(trim(`c`.text)) == 4",
        "any `c`.lines == \"half\"",
        "every `c`.lines == \"half\"",
        "`c`.lines[0] == \"half\"",
        "join(split(`c`.text, \" \"), \" \") == \"half\"",
        "`c`.json.x == 1",
        "number(`c`.text) > 1",
        "json(`c`.text).x == 1",
        "\"half\" in [`c`.text]",
        "\"#{`c`.text}\" == \"half\"",
    ] {
        assert_eq!(judged(condition, failed()), "unknown", "{condition}");
        assert_ne!(judged(condition, output(1, "half")), "", "{condition}");
    }
    assert_eq!(judged("`c`.status == 255", failed()), "yes");
    assert_eq!(judged("`c`.stderr == \"refused\"", failed()), "yes");
    assert_eq!(judged("`c`.text == \"half\"", output(1, "half")), "yes");
}

#[test]
fn a_failed_command_prints_its_reason() {
    let gone = || errors(127, "", "sh: 1: nosuchcmd: not found\n");
    let text = "exit code 127: sh: 1: nosuchcmd: not found";
    assert_eq!(printed("`c`", gone()), text);
    assert_eq!(printed("\"log: #{`c`}\"", gone()), format!("log: {text}"));
}

#[test]
fn a_loop_over_the_output_of_a_failed_command_is_not_empty() {
    let told = told(
        "for each p in `c`.lines up to 4 { action `kill #{p}` }",
        world().probe("c", errors(1, "", "refused")),
    )
    .ends(Outcome::Escalated);
    assert!(told.unhandled()[0].contains("exit code 1: refused"), "{:?}", told.unhandled());
}

#[test]
fn what_is_found_in_cut_output_is_found_and_the_rest_is_unknown() {
    let pods = || cut("api-1 Running\napi-2 Failed\napi-3 Run", "ning\napi-9 NotReady\n");
    for found in [
        "\"Failed\" in `c`.text",
        "contains(`c`.text, \"NotReady\")",
        "matches(`c`.text, \"api-[0-9] Not\")",
        "any `c`.lines == \"api-2 Failed\"",
        "\"api-9 NotReady\" in `c`.lines",
        "`c`.lines[1] == \"api-2 Failed\"",
        "`c`.lines[-1] == \"api-9 NotReady\"",
        "\"NOTREADY\" in upper(`c`.text)",
        "\"Failed\\napi-3\" in split(`c`.text, \" \")",
        "\"api-9 NotReady\" in split(trim(`c`.text), \"\\n\")",
        "\"Failed/\" in join(`c`.lines, \"/\")",
        "\"Failed\" in \"pods: #{`c`.text}\"",
    ] {
        assert_eq!(judged(found, pods()), "yes", "{found}");
        assert_eq!(judged(&format!("not ({found})"), pods()), "no", "{found}");
    }
    for unknown in [
        "\"Gone\" in `c`.text",
        "contains(`c`.text, \"Running\\napi-9\")",
        "not matches(`c`.text, \"Evicted\")",
        "matches(`c`.text, \"Run$\")",
        "\"[…\" in `c`.text",
        "\"bytes were cut\" in `c`.text",
        "any `c`.lines == \"api-4 Failed\"",
        "any `c`.lines == \"ning\"",
        "every `c`.lines != \"\"",
        "length(`c`.lines) == 5",
        "count(`c`.lines) > 1",
        "length(`c`.text) > 3",
        "`c`.text == \"x\"",
        "`c`.text != \"x\"",
        "`c`.lines == [\"x\"]",
        "`c`.lines[2] == \"api-3 Run\"",
        "`c`.lines[9] == \"x\"",
        "`c`.number > 3",
        "`c`.json.a == 1",
        "json(`c`.text).a == 1",
        "number(trim(`c`.text)) > 3",
        "length(split(`c`.text, \" \")) > 3",
        "length(join(`c`.lines, \" \")) > 3",
        "length(upper(`c`.text)) > 3",
        "\"#{`c`.text}\" == \"x\"",
    ] {
        assert_eq!(judged(unknown, pods()), "unknown", "{unknown}");
    }
    let told = told("for each p in `c`.lines { \"#{p}\" }", world().probe("c", pods()));
    assert!(told.unhandled()[0].contains("9 bytes were cut"), "{:?}", told.unhandled());
    let body =
        "match `c`.text { contains \"Failed\" { \"failed\" } else { \"fine\" } unknown { \"unknown\" } }";
    assert_eq!(super::told(body, world().probe("c", pods())).prose(), ["failed"]);
    let body =
        "match `c`.text { contains \"Evicted\" { \"gone\" } else { \"fine\" } unknown { \"unknown\" } }";
    assert_eq!(super::told(body, world().probe("c", pods())).prose(), ["unknown"]);
}

#[test]
fn stderr_is_cut_by_the_same_rule() {
    let long = || CommandOutput {
        stderr: "warning: a\n".into(),
        stderr_cut: Some(OutputCut { bytes: 9, end: "fatal: b".into() }),
        ..output(0, "")
    };
    assert_eq!(judged("\"fatal\" in `c`.stderr", long()), "yes");
    assert_eq!(judged("\"panic\" in `c`.stderr", long()), "unknown");
    assert_eq!(judged("`c`.stderr == \"\"", long()), "unknown");
}

#[test]
fn no_partial_text_leaves_the_run() {
    let names = || output(0, "good\nb\u{fffd}d\n");
    let body = "for each n in `c`.lines up to 5 { action `rm -v -- #{n}` else { \"kept #{n}\" } }";
    assert_eq!(acts(body, world().probe("c", names())), ["probe c", "act rm -v -- good"]);
    for body in [
        "let n = `c`.lines[1]\naction `rm #{n}` else { \"kept\" }",
        "let n = \"#{`c`.lines[1]}.bak\"\naction `rm #{n}` else { \"kept\" }",
        "let n = upper(`c`.lines[1])\naction `rm #{[\"a\", n]}` else { \"kept\" }",
        "let n = `c`.lines[1]\naction `reboot` on n else { \"kept\" }",
        "let n = split(`c`.text, \"\\n\")[1]\naction `rm #{n}` else { \"kept\" }",
        "let n = \"#{`c`.lines[1]}\"\naction `rm #{join([n], \" \")}` else { \"kept\" }",
        "action `rm #{`c`}` else { \"kept\" }",
    ] {
        let told = told(body, world().probe("c", names()));
        assert_eq!((told.prose(), told.deeds()), (vec!["kept"], vec!["probe c"]), "{body}");
    }
    assert_eq!(judged("`c`.lines[1] == \"b\u{fffd}d\"", names()), "unknown");
    assert_eq!(judged("\"d\" in `c`.lines[1]", names()), "unknown");
    assert_eq!(judged("matches(`c`.text, \"good\")", names()), "unknown");
    assert_eq!(judged("\"good\" in `c`.lines", names()), "yes");
    assert_eq!(judged("length(`c`.lines) == 2", names()), "yes");
    assert_eq!(printed("`c`.text", names()), "good\nb\u{fffd}d");
}

#[test]
fn a_text_with_an_unknown_value_is_shown_and_not_passed_on() {
    let body = "let n = \"backup-#{`c`.text}.log\"\n\"#{n}\"\naction `rm #{n}` else { \"kept\" }";
    let told = told(body, world().probe("c", errors(2, "", "oops")));
    assert_eq!(told.prose(), ["backup-exit code 2: oops.log", "kept"]);
    assert_eq!(told.deeds(), ["probe c"]);
}

#[test]
fn the_output_of_an_action_is_cut_by_the_same_rule() {
    let acted = |body: &str| {
        let body =
            format!("action `x` as out\nif {body} {{ \"yes\" }} else {{ \"no\" }} unknown {{ \"unknown\" }}");
        told(&body, world().acted("x", cut("first\n", "last\n"))).prose()[0].to_owned()
    };
    assert_eq!(acted("\"first\" in out.text"), "yes");
    assert_eq!(acted("\"second\" in out.text"), "unknown");
    assert_eq!(acted("length(out.lines) == 2"), "unknown");
}

#[test]
fn colours_are_not_data_and_invisible_differences_are_shown() {
    assert_eq!(judged("`c`.text == \"ready\"", output(0, "\u{1b}[32mready\u{1b}[0m\n")), "yes");
    assert_eq!(judged("`c`.lines == [\"ready\"]", output(0, "\u{1b}[32mready\u{1b}[0m\n")), "yes");
    for (printed, shown) in [("ready\u{200b}", "ready\\u{200b}"), ("re\u{a0}ady", "re\\u{a0}ady")] {
        let text = printed.replace('\u{200b}', "").replace('\u{a0}', " ");
        let told = told(&format!("check `c`.text == \"{text}\""), world().probe("c", output(0, printed)));
        let what = told.unhandled()[0].to_owned();
        assert!(what.contains(shown), "{what}");
    }
}

#[test]
fn a_filter_is_one_line() {
    let numbers: String = (1..=300).map(|number| format!("{number}\n")).collect();
    let body = "for each r in `c`.lines where r == \"7\" up to 4 { action `echo #{r}` }";
    let told = told(body, world().probe("c", output(0, &numbers))).ends(Outcome::Resolved);
    assert_eq!(told.deeds(), ["probe c", "act echo 7"]);
    let decided = told.events.iter().filter(|event| matches!(event.kind, rbl_runtime::EventKind::Decided(_)));
    assert_eq!(decided.count(), 0);
}

#[test]
fn a_declared_probe_is_a_look_with_a_name() {
    let head = "probe healthy(url) as `curl #{url}` no on 7\nprobe leader as `cat leader`\n";
    let body = |condition: &str| {
        format!(
            "{head}if {condition} {{ \"yes\" }} else {{ \"no\" }} unknown {{ \"unknown\" }}\n\"#{{leader.text}}\""
        )
    };
    let said = |condition: &str, code: i32| {
        let world = world().probe("curl a", output(code, "page")).probe("cat leader", output(0, "db-1\n"));
        told(&body(condition), world).prose().join(" ")
    };
    assert_eq!(said("healthy(\"a\")", 0), "yes db-1");
    assert_eq!(said("healthy(url: \"a\")", 7), "no db-1");
    assert_eq!(said("healthy(\"a\")", 1), "unknown db-1");
    assert_eq!(said("not healthy(\"a\") and leader", 7), "yes db-1");
    assert_eq!(said("healthy(\"a\").text == \"page\"", 7), "yes db-1");
    assert_eq!(said("healthy(\"a\").text == \"page\"", 2), "unknown db-1");
    assert_eq!(said("leader() and leader.text == \"db-1\"", 0), "yes db-1");
    let unknown =
        told(&format!("{head}check healthy(`curl a`.text)"), world().probe("curl a", output(2, "")));
    assert!(
        unknown.unhandled()[0].starts_with("healthy(`curl a`.text) is unknown"),
        "{:?}",
        unknown.unhandled()
    );
}

#[test]
fn a_secret_that_was_printed_is_no_data() {
    let pods = || output(0, "pod-•••-7 Ready\npod-a-8 Ready\n");
    for known in ["\"pod-\" in `c`.text", "`c`.lines[1] == \"pod-a-8 Ready\"", "length(`c`.lines) == 2"] {
        assert_eq!(judged(known, pods()), "yes", "{known}");
    }
    for unknown in [
        "\"prod\" in `c`.text",
        "not contains(`c`.text, \"prod is down\")",
        "length(`c`.text) > 3",
        "`c`.lines[0] == \"pod-•••-7 Ready\"",
        "\"•\" in `c`.text",
        "split(`c`.text, \"-\")[3] == \"a\"",
        "`c`.number > 1",
    ] {
        assert_eq!(judged(unknown, pods()), "unknown", "{unknown}");
    }
    let told = told("action `delete #{`c`.lines[0]}` else { \"not done\" }", world().probe("c", pods()));
    assert_eq!((told.prose(), told.deeds()), (vec!["not done"], vec!["probe c"]));
    assert_eq!(printed("`c`.lines[0]", pods()), "pod-•••-7 Ready");
}

#[test]
fn json_with_a_secret_in_it_is_known_but_for_the_secret() {
    let answer = || output(0, "{\"user\": \"ana\", \"token\": \"•••\", \"age\": 3}");
    assert_eq!(judged("`c`.json.user == \"ana\" and `c`.json.age == 3", answer()), "yes");
    assert_eq!(judged("`c`.json.token == \"x\"", answer()), "unknown");
    assert_eq!(judged("json(`c`.text).user == \"ana\"", answer()), "yes");
    let told = told("\"#{`c`.json}\"", world().probe("c", output(0, "{\"pin\": •••}")));
    assert_eq!(told.prose(), ["a secret was in it, which is not kept"]);
}

/// Programs differ in which of the two counts: the command that is run next may have read the other one.
#[test]
fn json_that_says_one_thing_twice_is_unknown() {
    let answer = || output(0, "{\"user\": \"ana\", \"about\": [{\"ok\": true, \"ok\": false}]}");
    for text in ["`c`.json.about[0].ok", "`c`.json.user == \"ana\"", "json(`c`.text).user == \"ana\""] {
        assert_eq!(judged(text, answer()), "unknown", "{text}");
    }
    let told = told("\"#{`c`.json}\"", world().probe("c", answer()));
    assert_eq!(told.prose(), ["JSON that cannot be read: the key `ok` is there twice in `about[0]`"]);
}

#[test]
fn a_line_names_what_was_printed_or_nothing() {
    let names = || output(0, " d\na\r\nb\u{1b}[31mc\nplain\n");
    let body = "for each n in `c`.lines up to 9 { action `rm -- #{n}` else { \"not done: #{n}\" } }";
    let told = told(body, world().probe("c", names()));
    assert_eq!(told.prose(), ["not done: a", "not done: bc"]);
    assert_eq!(told.deeds(), ["probe c", "act rm --  d", "act rm -- plain"]);
    for known in [
        "`c`.lines[1] == \"a\"",
        "\"bc\" in `c`.lines",
        "length(`c`.lines[2]) == 2",
        "matches(`c`.lines[2], \"^bc$\")",
        "\"#{`c`.lines[2]}\" == \"bc\"",
    ] {
        assert_eq!(judged(known, names()), "yes", "{known}");
    }
    // What is made of it names nothing either.
    for made in [
        "lower(`c`.lines[2])",
        "split(`c`.lines[2], \"x\")[0]",
        "\"#{`c`.lines[2]}.old\"",
        "[`c`.lines[2]]",
        "`c`",
    ] {
        let body = format!("let v = {made}\naction `rm -- #{{v}}` else {{ \"not done\" }}");
        assert_eq!(acts(&body, world().probe("c", names())), ["probe c"], "{made}");
    }
}

#[test]
fn an_unknown_names_no_lock() {
    let failed = || world().probe("c", errors(3, "orders", ""));
    let told = told("let c = `c`\nlock \"db-#{c.text}\" else { \"not locked\" }", failed());
    assert_eq!(told.prose(), ["not locked"]);
    assert!(!told.world.effects.iter().any(|effect| matches!(effect, rbl_runtime::Effect::Lock(_))));
}

#[test]
fn what_is_shown_of_an_action_is_what_is_sent() {
    let names = output(0, "a\u{7}b\nc\u{200b}d\ne\tf\n");
    let told = told("for each n in `c`.lines up to 9 { action `rm -- #{n}` }", world().probe("c", names));
    let titles: Vec<&str> = told
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            rbl_runtime::EventKind::ActionStarted { title, .. } => Some(title.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(titles, ["rm -- a\\u{7}b", "rm -- c\\u{200b}d", "rm -- e\\tf"]);
}

#[test]
fn a_command_with_an_empty_list_is_not_run() {
    let listed = || world().probe("c", output(0, "[]"));
    for look in [
        "`grep -q E #{fs}`",
        "not `grep -q E #{fs}`",
        "`grep -q E a#{fs}`",
        "`grep -q E #{fs}` on \"db-1\"",
        "`for f in #{fs}; do grep -q E \"$f\"; done`",
        "`echo $(cat #{fs})`.text == \"\"",
        "ready(fs)",
    ] {
        let body = format!(
            "probe ready(f) as `grep -q E #{{f}}`\nlet fs = `c`.json\n\
             if {look} {{ \"yes\" }} else {{ \"no\" }} unknown {{ \"unknown\" }}"
        );
        assert_eq!(told(&body, listed()).prose()[0], "unknown", "{look}");
    }
    let stopped = told("let fs = `c`.json\ncheck not `grep -q E #{fs}`", listed());
    let what = stopped.unhandled()[0].to_owned();
    assert!(what.contains("`fs` is an empty list, and the command would run without it"), "{what}");
    let body = "let fs = `c`.json\naction `rm -- #{fs}` else { \"not done\" }";
    let removes = |done: &[String]| done.iter().any(|it| it.contains("rm --"));
    assert!(!removes(&acts(body, listed())));
    assert_eq!(told(body, listed()).prose(), ["not done"]);
    let cleaned = "let fs = `c`.json\naction `touch a` finally `rm -- #{fs}`";
    let done = acts(cleaned, listed());
    assert!(done.iter().any(|it| it.contains("touch a")) && !removes(&done), "{done:?}");
    // In quotes it is an empty word, and one element is one word.
    let quoted = "let fs = `c`.json\nif `grep -q E \"#{fs}\"` { \"yes\" } else { \"no\" }";
    assert_eq!(told(quoted, listed().probe("grep -q E \"\"", output(1, ""))).prose(), ["no"]);
    let one = "let fs = `c`.json\nif `grep -q E #{fs}` { \"yes\" } else { \"no\" }";
    let world = world().probe("c", output(0, "[\"f\"]")).probe("grep -q E f", output(1, ""));
    assert_eq!(told(one, world).prose(), ["no"]);
}

#[test]
fn a_record_does_not_go_into_a_command() {
    for (json, value) in [("{\"z\": 1}", "r"), ("[{\"z\": 1}]", "r"), ("{\"a\": {\"z\": 1}}", "r.a")] {
        let body = format!("let r = `c`.json\ncheck `grep -q E #{{{value}}}`");
        let stopped = told(&body, world().probe("c", output(0, json)));
        let what = stopped.unhandled()[0].to_owned();
        assert!(what.contains(&format!("`{value}` cannot be put into a command")), "{what}");
        assert!(what.contains(&format!("`{value}.NAME`")), "{what}");
        let body = format!("let r = `c`.json\naction `touch #{{{value}}}` else {{ \"not done\" }}");
        let done = acts(&body, world().probe("c", output(0, json)));
        assert!(!done.iter().any(|it| it.contains("touch")), "{done:?}");
    }
}
