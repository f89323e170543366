//! `rbl plan`: exactly what would be done, and every way to continue.

use serde_json::json;

use super::schema::fits;
use super::shell::Shell;

/// A runbook whose action would leave a trace if it ran.
const DOES: &str = "runbook \"does\"\nowner \"ops\"\nmetric load from host \"load.1\"\nsecret token from env \
                    \"TOKEN\"\nrecord \"begun\"\naction `touch done \"#{1 + 1}\" \"#{token}\"` retry 2 else { escalate to \
                    \"db\" }\ncheck load >= 0\n";

#[test]
fn an_action_is_shown_to_the_letter_and_nothing_is_done() {
    let shell = Shell::new().env("TOKEN", "hunter2-hunter2");
    shell.write("a.rb", DOES);
    let plan = shell.rbl("plan a.rb").code(0);
    assert!(plan.out.contains("would record begun"), "{}", plan.out);
    assert!(plan.out.contains("Next it would do at line 6:"), "{}", plan.out);
    assert!(plan.out.contains("command: /bin/sh -c 'touch done "), "{}", plan.out);
    assert!(plan.out.contains("=2\n"), "the value stands beside it\n{}", plan.out);
    assert!(plan.out.contains("3 tries"), "{}", plan.out);
    assert!(!plan.out.contains("hunter2"), "a secret is not shown\n{}", plan.out);
    for word in ["paged ", "parked", "waiting", "set aside", "recorded", "done  "] {
        assert!(!plan.out.contains(word), "{word}\n{}", plan.out);
    }
    assert!(!shell.path().join("done").exists());
    assert!(std::fs::read_dir(shell.state()).unwrap().next().is_none(), "nothing is written down");
}

#[test]
fn a_pass_or_two_of_a_loop_is_shown() {
    let shell = Shell::new();
    let (open, close) = ("repeat up to 10 times {\n".repeat(20), "}\n".repeat(20));
    shell.write("a.rb", format!("runbook \"a\"\nowner \"o\"\n{open}\"x\"\n{close}"));
    let plan = shell.rbl("plan a.rb").code(0);
    assert_eq!(plan.out.matches("would show x").count(), 1, "{}", plan.out);
    assert_eq!(plan.out.matches("and so on, up to 10 times").count(), 20, "{}", plan.out);

    let each = "for each n in [1, 2, 3, 4, 5, 6] { \"pass #{n}\"\nif n == 5 { action `a` } }\n";
    shell.write("b.rb", format!("runbook \"b\"\nowner \"o\"\n{each}"));
    let plan = shell.rbl("plan b.rb").code(0);
    for (text, times) in [("would show pass 2", 1), ("would show pass 4", 0), ("would show pass 5", 1)] {
        assert_eq!(plan.out.matches(text).count(), times, "{text}\n{}", plan.out);
    }
    shell.write("c.rb", "runbook \"c\"\nowner \"o\"\nfor each n in [1, 2, 3, 4] up to 9 { \"pass #{n}\" }\n");
    let plan = shell.rbl("plan c.rb").code(0);
    assert!(plan.out.contains("and so on, up to 4 times"), "{}", plan.out);
    assert!(!plan.out.contains("pass 3"), "{}", plan.out);
}

#[test]
fn a_host_is_reached_as_it_would_be() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"a\"\nowner \"o\"\naction `uptime` on \"db-1\" within 20s else { stop }\n");
    let lines = shell.rbl("plan a.rb --format json").code(0).json();
    let would = lines.iter().find(|it| it["type"] == "would").unwrap();
    assert_eq!(would["would"], "do");
    assert_eq!(would["host"], "db-1");
    let arguments = would["exact"]["arguments"].as_array().unwrap();
    assert_eq!(arguments[0], "ssh");
    assert!(arguments.contains(&json!("db-1")), "{arguments:?}");
    assert!(would["exact"]["program"].as_str().unwrap().contains("uptime"));
}

#[test]
fn what_is_left_open_is_every_way_on() {
    let shell = Shell::new();
    let head = "runbook \"a\"\nowner \"o\"\nmetric load from host \"load.1\"\n";
    // The reading leaves two of four paths.
    shell.write(
        "a.rb",
        format!("{head}if load < 0 {{ action `true` else {{ stop }} }} else {{ action `false` else {{ stop }} }}\n"),
    );
    let lines = shell.rbl("plan a.rb --format json").code(0).json();
    let ways: Vec<_> = lines.iter().filter(|it| it["type"] == "way").collect();
    assert_eq!(ways.len(), 2, "{ways:?}");
    assert!(ways.iter().all(|it| it["steps"][0]["text"] == "action `false`"), "{ways:?}");
    assert_eq!(lines.last().unwrap()["type"], "planned");
    assert_eq!(lines.last().unwrap()["ways"], 2);
    let behind: Vec<_> =
        lines.iter().filter(|it| it["type"] == "would" || it["type"] == "planned").cloned().collect();
    fits("plan", &behind);
    fits("plan", &ways.into_iter().cloned().collect::<Vec<_>>());
}

#[test]
fn what_a_given_parameter_rules_out_is_no_way_on() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"o\"\nparam limit: duration = 5m\nparam env = \"test\"\nparam k: number = 1\n\
         let w = if limit > 1h { 2h } else { 1m }\n\
         check \"ok?\" within w else { stop } unknown { stop }\n\
         if limit > 1h and env == \"prod\" { wait 3h } else { wait 1m }\n\
         match env { \"prod\", \"stage\" { record \"live\" } else { record \"not live\" } }\n\
         match k { 1..3 { record \"few\" } else { record \"many\" } }\nwait limit + w\n",
    );
    let plan = shell.rbl("plan a.rb --param limit=5h --param env=prod --param k=2").code(0);
    assert!(plan.out.contains("3 ways to continue"), "{}", plan.out);
    assert!(plan.out.contains("resolved, 10h to 12h"), "{}", plan.out);
    assert!(!plan.out.contains("not known") && !plan.out.contains("no known limit"), "{}", plan.out);
    // A default may give way to the label of an alert.
    let plan = shell.rbl("plan a.rb").code(0);
    assert!(plan.out.contains("10 ways to continue"), "{}", plan.out);
    let paths = shell.rbl("paths a.rb").code(0);
    assert!(!paths.out.contains("no known limit"), "{}", paths.out);
}

#[test]
fn more_ways_than_anybody_reads_are_merged_where_they_end() {
    let shell = Shell::new();
    let many = "check \"ok?\" within 1m else { \"no\" } unknown { \"?\" }\n".repeat(5);
    shell.write("a.rb", format!("runbook \"a\"\nowner \"o\"\n{many}"));
    let plan = shell.rbl("plan a.rb").code(0);
    assert!(plan.out.contains("243 ways to continue"), "{}", plan.out);
    assert!(plan.out.contains("243 paths, resolved"), "{}", plan.out);
    let lines = shell.rbl("plan a.rb --format json").code(0).json();
    let ends: Vec<_> = lines.iter().filter(|it| it["type"] == "end").cloned().collect();
    assert_eq!(ends.len(), 1);
    fits("plan", &ends);
}

#[test]
fn one_that_needs_nobody_says_how_it_would_end() {
    let shell = Shell::new();
    shell
        .write("a.rb", "runbook \"a\"\nowner \"o\"\nescalate to \"db\" because \"look\"\nresolve \"well\"\n");
    let plan = shell.rbl("plan a.rb").code(0);
    assert!(plan.out.contains("would page db; look"), "{}", plan.out);
    assert!(plan.out.contains("the run would end now, resolved: well"), "{}", plan.out);
    let lines = shell.rbl("plan a.rb --format json").code(0).json();
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["type"], &last["outcome"], &last["ways"]),
        (&json!("planned"), &json!("resolved"), &json!(0))
    );
    fits("plan", std::slice::from_ref(last));
}

#[test]
fn a_probe_is_run_only_where_that_is_asked_for() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"o\"\ncheck `echo 5 | tee seen` == \"5\" else { stop }\nwait 5m\n",
    );
    let plan = shell.rbl("plan a.rb").code(0);
    assert!(plan.out.contains("Next it would run, to look: `echo 5 | tee seen`"), "{}", plan.out);
    assert!(plan.out.contains("3 ways to continue"), "{}", plan.out);
    assert!(!shell.path().join("seen").exists());
    let plan = shell.rbl("plan a.rb --probe").code(0);
    assert!(plan.out.contains("Next it would wait at line 4: 5m"), "{}", plan.out);
    assert!(plan.out.contains("1 way to continue"), "{}", plan.out);
    assert!(shell.path().join("seen").exists());
}

#[test]
fn within_a_loop_and_another_runbook_the_ways_are_those_that_begin_so() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"o\"\nlet all = [\"x\", \"y\"]\nfor each one in all up to 2 {\n  action `echo #{one}` else { stop }\n}\n\
         run \"b.rb\" else { stop }\n",
    );
    shell.write(
        "b.rb",
        "runbook \"b\"\nowner \"o\"\ncheck \"ok?\" within 1m else { stop } unknown { stop }\n",
    );
    shell.write("c.rb", "runbook \"c\"\nowner \"o\"\nrun \"b.rb\" else { stop \"outer\" }\n");
    let plan = shell.rbl("plan a.rb").code(0);
    assert!(plan.out.contains("its passes continue"), "{}", plan.out);
    assert!(plan.out.contains("with: RBL_1=x"), "{}", plan.out);
    let plan = shell.rbl("plan c.rb").code(0);
    assert!(plan.out.contains("Next it would ask at line 3: \"ok?\""), "{}", plan.out);
    assert!(plan.out.contains("3  stop \"outer\"\n"), "b.rb has paged o already\n{}", plan.out);
    assert!(!plan.out.contains("waiting"), "it was not set aside\n{}", plan.out);
}

#[test]
fn mistakes_and_missing_files_are_refused() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"a\"\nchekc x\n");
    assert!(shell.rbl("plan a.rb").code(3).err.contains("nothing was planned"));
    shell.rbl("plan none.rb").code(2);
    shell.write("p.rb", "runbook \"p\"\nowner \"o\"\nparam n: number\nwait 1s\n");
    shell.rbl("plan p.rb").code(2);
    assert!(shell.rbl("plan p.rb --param n=3").code(0).out.contains("n = 3"));
}

#[test]
fn a_page_of_eighty_columns() {
    let shell = Shell::new().env("COLUMNS", "80").env("LANG", "C.UTF-8");
    shell.write(
        "a.rb",
        "runbook \"Restart the worker\"\nowner \"ops\"\nstep \"Restart\" {\n  \"The queue grows\"\n  action `systemctl \
         restart \"#{\"queue-worker\"}\"` on \"db-1\" within 1m retry 2 else { escalate to \"db\" because \"no restart\" }\n}\n",
    );
    let plan = shell.rbl("plan a.rb --format pretty").code(0).out;
    assert!(plan.lines().all(|line| line.chars().count() <= 80), "{plan}");
    insta::assert_snapshot!(plan);
}

/// The times are those of the run that is planned, not those of its defaults.
#[test]
fn times_follow_the_parameters_that_are_given() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"o\"\nparam limit = 5m\nparam hosts = [\"a\"]\n\"begin\"\nwait limit\nfor each h in hosts up to 50 { wait 1m }\n",
    );
    let planned = |rest: &str| shell.rbl(&format!("plan a.rb{rest}")).code(0).out;
    assert!(planned("").contains("55m"), "fifty elements, as `up to` says:\n{}", planned(""));
    assert!(planned(" --param limit=5h").contains("5h50m"), "{}", planned(" --param limit=5h"));
    let one = planned(" --param limit=5h --param hosts=[\"b\"]");
    assert!(one.contains("5h1m") || one.contains("5h 1m"), "{one}");
    let paths = shell.rbl("paths a.rb").code(0).out;
    assert!(paths.contains("55m"), "{paths}");
}
