//! Runs that used to pass `check` and do the wrong thing, from the command line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::shell::Shell;

const HEAD: &str = "runbook \"R\"\nowner \"o\"\n";

/// `for each` over a file that an action changes: the wait sees the new number.
#[test]
fn an_element_is_read_anew_in_a_run() {
    let shell = Shell::new();
    let text = "metric q by a from file \"q.json q\"\nfor each r in q up to 5 {\n\
                action `cp worse.json q.json`\ncheck r < 10 else { \"now bad #{r}\" }\n\
                wait until r < 10 within 2s every 1s else { \"late #{r.a}\" }\n}\n";
    shell.write("a.rb", format!("{HEAD}{text}"));
    let one = |value: u32| format!("{{\"q\": [{{\"labels\": {{\"a\": \"x\"}}, \"value\": {value}}}]}}");
    shell.write("q.json", one(1)).write("worse.json", one(50));
    let ended = shell.rbl("run a.rb --no-input");
    assert!(ended.out.contains("now bad 50") && ended.out.contains("late x"), "{ended:?}");
    shell.rbl("replay last");
    assert!(shell.rbl("replay last").out.contains("now bad 50"));
}

/// A series that is `null` is unknown in `every`, in `where`, and in what counts them.
#[test]
fn a_series_that_is_null_is_no_good_news() {
    let shell = Shell::new();
    let text = "metric q by a from file \"q.json q\"\nmetric t: text by a from file \"q.json t\"\n\
                if every q < 10 { \"every yes\" } else { \"every no\" } unknown { \"every unknown\" }\n\
                if max(q) < 10 { \"max yes\" } else { \"max no\" } unknown { \"max unknown\" }\n\
                \"count #{count(q)}\"\n\
                if every t == \"up\" { \"texts yes\" } else { \"texts no\" } unknown { \"texts unknown\" }\n\
                for each r in q where r > 5 up to 9 { action `touch #{r.a}` } none { \"all healthy\" } unknown { \"where unknown\" }\n";
    shell.write("a.rb", format!("{HEAD}{text}"));
    shell.write(
        "q.json",
        r#"{"q": [{"labels": {"a": "x"}, "value": 1}, {"labels": {"a": "y"}, "value": null}],
            "t": [{"labels": {"a": "x"}, "value": "up"}, {"labels": {"a": "y"}, "value": null}]}"#,
    );
    let ended = shell.rbl("run a.rb --no-input");
    for said in ["every unknown", "max unknown", "count 2", "texts unknown", "where unknown"] {
        assert!(ended.out.contains(said), "{said}\n{ended:?}");
    }
}

/// One sample, or two, do not show that something held for an hour.
#[test]
fn a_single_sample_does_not_hold_for_an_hour() {
    let shell = Shell::new();
    let text = "metric p in s from file \"p.json p\"\nif p < 5s for 1h { \"held\" } else { \"no\" } unknown { \"unknown\" }\n";
    shell.write("a.rb", format!("{HEAD}{text}"));
    let now = jiff::Timestamp::now().as_second();
    let samples = |ages: &[i64]| {
        let points: Vec<String> =
            ages.iter().map(|age| format!("{{\"at\": {}, \"value\": 1}}", now - age)).collect();
        format!("{{\"p\": [{}]}}", points.join(", "))
    };
    let every_5m: Vec<i64> = (0..=13).map(|n| n * 300).collect();
    for (ages, said) in
        [(&[0][..], "unknown"), (&[600], "unknown"), (&[1_300, 2_380], "unknown"), (&every_5m, "held")]
    {
        shell.write("p.json", samples(ages));
        let ended = shell.rbl("run a.rb --no-input --no-journal");
        assert!(ended.out.contains(said), "{ages:?}\n{ended:?}");
    }
}

/// Without a journal nothing is parked: a question that nobody can be asked is unknown.
#[test]
fn a_run_that_is_not_recorded_is_not_parked() {
    let shell = Shell::new();
    let text = "action `touch paused` finally `touch resumed`\ncheck \"ok?\" else { \"no\" }\n";
    shell.write("a.rb", format!("{HEAD}{text}"));
    let ended = shell.rbl("run a.rb --no-input --no-journal");
    assert_ne!(ended.code, Some(5), "{ended:?}");
    assert!(shell.path().join("resumed").exists(), "{ended:?}");
    assert!(ended.out.contains("no answer: nobody is here"), "{ended:?}");
    let text = "action `touch a` by \"dba\" else { \"refused\" }\naction \"Look\" else { \"not looked\" }\n\
                let x = ask \"Why?\"\n\"why: #{x}\"\n";
    shell.write("b.rb", format!("{HEAD}{text}"));
    let ended = shell.rbl("run b.rb --no-input --no-journal").code(0);
    for said in ["refused", "not looked", "why: no answer"] {
        assert!(ended.out.contains(said), "{said}\n{ended:?}");
    }
    assert!(!shell.path().join("a").exists());
}

/// A run that only looks takes nothing from the limit of those that act.
#[test]
fn a_run_that_only_looks_takes_no_place_under_a_limit() {
    let shell = Shell::new();
    shell.write("a.rb", format!("{HEAD}limit 1 runs in 1h\naction `touch done`\n"));
    assert_ne!(shell.rbl("run a.rb --no-input --mode look").code, Some(2));
    shell.rbl("run a.rb --no-input").code(0);
    assert!(shell.path().join("done").exists());
    shell.rbl("run a.rb --no-input").code(2);
    shell.rbl("run a.rb --no-input --mode look").code(2);
}

/// SIGTERM ends a session in the middle of a wait: nothing of what follows is read.
#[test]
fn a_session_ends_with_sigterm() {
    for typed in ["wait 1h\n", ""] {
        let shell = Shell::new();
        let mut command = shell.command("repl");
        let mut session = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut input = session.stdin.take().unwrap();
        let output = BufReader::new(session.stdout.take().unwrap());
        let (prints, printed) = channel();
        std::thread::spawn(move || {
            // To its end, also where nobody listens any more: the session must be able to print.
            output.lines().map_while(Result::ok).for_each(|line| drop(prints.send(line)));
        });
        input.write_all(format!("1 + 1\n{typed}").as_bytes()).unwrap();
        // What answers hears signals too.
        while !printed.recv_timeout(Duration::from_mins(1)).unwrap().contains("2   number") {}
        // Nothing says that the wait has begun.
        std::thread::sleep(Duration::from_secs(1));
        kill_process(Pid::from_child(&session), Signal::TERM).unwrap();
        std::thread::sleep(Duration::from_secs(1));
        let _ = input.write_all(b":arm 5m\naction `touch after`\n");
        let until = Instant::now() + Duration::from_mins(1);
        while session.try_wait().unwrap().is_none() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(input);
        let ended = session.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(5), "{ended:?}");
        assert!(!shell.path().join("after").exists(), "{ended:?}");
    }
}
