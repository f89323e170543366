//! No spelling of a secret that everyday programs print is shown or kept.

use super::shell::Shell;

const SECRET: &str = "hunter-&'two/\"3";

const BOOK: &str = r#"runbook "it"
owner "o"
secret token from env "TOKEN"
metric leaky by where from leak "x"
let shown = `printf '%s\n' #{token} | grep --color=always two`
let coded = `printf 'user:%s' #{token} | base64`
let wrapped = `printf '%s%s%s' #{token} #{token} #{token} | base64 -w 20`
let folded = `printf 'the token is %s, as ever' #{token} | fold -w 9`
let long = `printf '%060d%s%060d' 0 #{token} 0 | base64 -w 64; printf '%060d%s%060d' 0 #{token} 0 | base64 -w 76`
let hex = `printf %s #{token} | od -An -tx1`
let quoted = `printf %q #{token} 2>/dev/null; printf %s #{token} | sed "s/&/\&amp;/"`
"shown #{shown.text}, coded #{coded.text}, wrapped #{wrapped.text}, folded #{folded.text}, long #{long.text}, hex #{hex.text}, quoted #{quoted.text}"
for each l in leaky up to 5 { "label #{l.where}" }
action `echo "failed with $(printf %s #{token})" >&2; exit 3` else { "it failed" }
action `printf %s #{token} | fold -w 9; echo; printf 'the token is %s' #{token} | fold -w 21; exit 3` else { "it failed too" }
record "said #{shown.text}"
escalate to owner because "with #{coded.text}"
"#;

/// Six letters of the secret, or of an encoding of it, in a row.
fn leaks(text: &str) -> Vec<String> {
    let encoded =
        ["hunter-", "two/\"", "aHVudGVy", "68756e746572", "68 75 6e 74", "0by9", "dHdvLy", "LSYndHdv"];
    encoded.iter().filter(|part| text.contains(**part)).map(|part| (*part).to_owned()).collect()
}

#[test]
fn no_encoding_of_a_secret_is_shown_or_kept() {
    let shell = Shell::new().env("TOKEN", SECRET);
    shell.write("it.rb", BOOK);
    shell.write("leak.sh", "read -r line; echo \"$TOKEN\" >&2; printf '{\"samples\": [{\"labels\": {\"where\": \"%s\"}, \"value\": 1}]}' \"$(printf %s \"$TOKEN\" | sed 's/\"/\\\\\"/g')\"");
    shell.write("rbl.toml", "[providers.leak]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"leak.sh\"]\n");
    for arguments in [
        "--no-input --no-journal",
        "--no-input",
        "--no-input --format json",
        "--no-input --no-journal --format json",
    ] {
        let ended = shell.rbl(&format!("run it.rb {arguments}"));
        let all = format!("{}{}", ended.out, ended.err);
        assert!(all.contains("label") && all.contains("it failed"), "{arguments}: {all}");
        assert_eq!(leaks(&all), Vec::<String>::new(), "{arguments}: {all}");
    }
    for door in ["show last --format json", "show last", "replay last"] {
        let shown = shell.rbl(door);
        assert!(!shown.out.is_empty(), "{door}: {}", shown.err);
        assert_eq!(leaks(&shown.out), Vec::<String>::new(), "{door}: {}", shown.out);
    }
    let session = shell
        .feed("repl it.rb", ":step\n:step\n:step\nlet f = `printf %s #{token} | fold -w 9`\nf.text\n:quit\n");
    let all = format!("{}{}", session.out, session.err);
    assert!(all.contains("it"), "{all}");
    assert_eq!(leaks(&all), Vec::<String>::new(), "{all}");
    // What is kept on disk.
    for entry in std::fs::read_dir(shell.state()).unwrap().chain(std::fs::read_dir(shell.path()).unwrap()) {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().is_some_and(|it| it != "it.rb" && it != "leak.sh") {
            let kept = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert_eq!(leaks(&kept), Vec::<String>::new(), "{}", path.display());
        }
    }
}

#[test]
fn a_secret_that_is_too_short_is_said_to_be_so() {
    let shell = Shell::new().env("TOKEN", "abc");
    shell.write(
        "it.rb",
        "runbook \"it\"\nowner \"o\"\nsecret token from env \"TOKEN\"\naction `test -n #{token}`\n",
    );
    let ended = shell.rbl("run it.rb --no-input").code(0);
    let all = format!("{}{}", ended.out, ended.err);
    assert!(all.contains("the secret `token` is too short to be masked"), "{all}");
}

#[test]
fn a_pipe_is_no_file_of_a_secret() {
    let shell = Shell::new();
    assert!(std::process::Command::new("mkfifo").arg(shell.path().join("pipe")).status().unwrap().success());
    shell.write(
        "it.rb",
        "runbook \"it\"\nowner \"o\"\nsecret token from file \"pipe\"\naction `test -n #{token}`\n",
    );
    let ended = shell.rbl("run it.rb --no-input");
    let all = format!("{}{}", ended.out, ended.err);
    assert!(all.contains("it is not a regular file"), "{all}");
}

/// Everything that was made of what is masked is the same in this turn and after a parked question.
#[test]
fn what_is_masked_is_unknown_now_and_when_the_run_is_resumed() {
    let shell = Shell::new().env("ENVN", "prod");
    shell.write(
        "it.rb",
        "runbook \"it\"\nowner \"o\"\nsecret env_name from env \"ENVN\"\n\
         let pods = `echo \"pod-pr\"\"od-7 Ready\"; : #{env_name}`\n\
         action `echo #{env_name} > sent`\n\
         action `touch #{split(pods.text, \" \")[0]}` else { \"kept\" }\n\
         check not contains(pods.text, \"od-7\") else { \"found\" } unknown { \"no idea\" }\n\
         check \"go?\" unknown { \"nobody\" }\n\
         action `touch #{split(pods.text, \" \")[0]}` else { \"kept again\" }\n",
    );
    let parked = shell.rbl("run it.rb --no-input").code(5);
    let all = format!("{}{}", parked.out, parked.err);
    for shown in ["kept", "no idea", "a secret was in it, which is not kept"] {
        assert!(all.contains(shown), "{shown}: {all}");
    }
    let ended = shell.rbl("answer last yes --no-input").code(0);
    let all = format!("{}{}", ended.out, ended.err);
    assert!(all.contains("kept again") && !all.contains("prod"), "{all}");
    assert_eq!(std::fs::read_to_string(shell.path().join("sent")).unwrap(), "prod\n");
    let mut files: Vec<_> = std::fs::read_dir(shell.path())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["it.rb", "sent"]);
}

/// The live output of a line that has no end is shown in parts: none of them ends in the middle of a secret.
#[test]
fn a_secret_in_a_long_line_is_not_shown_in_halves() {
    let secret = "Zq8kX9wvT7l0p";
    for before in [4_080, 4_083, 4_090, 4_095] {
        let shell = Shell::new().env("SEC", secret);
        shell.write(
            "it.rb",
            format!(
                "runbook \"it\"\nowner \"o\"\nsecret s from env \"SEC\"\n\
                 action `head -c {before} /dev/zero | tr '\\0' x; printf '%s' #{{s}}; head -c 100 /dev/zero | tr '\\0' y`\n"
            ),
        );
        let ended = shell.rbl("run it.rb --no-input --no-journal").code(0);
        let all = format!("{}{}", ended.out, ended.err);
        assert!(all.contains("•••"), "{all}");
        assert!(!all.contains("Zq8k") && !all.contains("T7l0"), "{before}: {all}");
    }
}
