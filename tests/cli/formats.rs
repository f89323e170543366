//! `rbl check --format github|sarif|junit`: the output for machines is consistent, whatever the files contain.

use serde_json::Value;

use super::shell::Shell;

const ODD: &str = "runbook \"a\"\nowner \"a\"\n# 日本語 \u{1b}[31m ]]> <b>&\nchekc \"\u{7f}, :: % ]]>\" < 5\nmetric p99 in s \
                   from nothing \"q\"\ncheck p99 < 500\nwait 5 minutes\ncheck p99 < 500msec\n";
const NO_OWNER: &str = "runbook \"no owner\"\ncheck \"Is it well?\"\n";
const CLEAN: &str = "runbook \"clean\"\nowner \"a\"\ncheck \"Is it well?\"\n";

/// A folder with files of every kind.
fn folder() -> Shell {
    let shell = Shell::new();
    shell.write("odd, 50%:1 ä&<.rb", ODD).write("no-owner.rb", NO_OWNER).write("clean.rb", CLEAN);
    shell
        .write("latin.rb", b"runbook \"caf\xe9\"\n")
        .write("lib/common.rb", "metric m in sx from host \"load.1\"\n");
    shell.write("user.rb", "runbook \"u\"\nowner \"a\"\nuse \"lib/common.rb\"\ncheck m < 1s\n");
    shell.write("circle.rb", "runbook \"c\"\nowner \"a\"\nrun \"back.rb\"\n");
    shell.write("back.rb", "runbook \"d\"\nowner \"a\"\nrun \"circle.rb\"\n");
    shell
}

#[track_caller]
fn sarif(text: &str) -> Value {
    // One pattern of the standard's schema has an unmatched closing bracket: ECMAScript reads it as a literal bracket.
    let schema = include_str!("sarif/schema-2.1.0.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}\\\\]?$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document: Value = serde_json::from_str(text).unwrap();
    let whys: Vec<String> =
        validator.iter_errors(&document).map(|why| format!("{}: {why}", why.instance_path())).collect();
    assert!(whys.is_empty(), "{}\n{text}", whys.join("\n"));
    document
}

#[test]
fn sarif_fits_the_schema_of_the_standard() {
    let shell = folder();
    let checked = shell.rbl("check --format sarif").code(1);
    let document = sarif(&checked.out);
    let run = &document["runs"][0];
    let results = run["results"].as_array().unwrap();
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(results.len() > 7, "{}", checked.out);
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let help = rule["help"]["markdown"].as_str().unwrap();
        assert!(help.contains("## Why it matters in an incident"), "{rule}");
        assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty(), "{rule}");
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.is_ascii() && !uri.contains([' ', ':', '<']), "{uri}");
    }
    let with = |key: &str| results.iter().filter(|result| result.get(key).is_some()).count();
    assert!(with("fixes") > 1 && with("relatedLocations") > 1, "{}", checked.out);
    assert!(
        checked.err.contains("in 8 files"),
        "the closing line is no part of the document: {}",
        checked.err
    );
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

/// The opposite: a document that is not SARIF is rejected.
#[test]
#[should_panic(expected = "version")]
fn the_schema_sees_what_does_not_fit() {
    sarif(r#"{"version":"2.0.0","runs":[]}"#);
}

#[test]
fn sarif_of_nothing_and_of_what_cannot_be_read() {
    let shell = Shell::new();
    shell.write("a.rb", CLEAN);
    let clean = sarif(&shell.rbl("check --format sarif").code(0).out);
    assert_eq!(clean["runs"][0]["results"].as_array().unwrap().len(), 0);
    let refused = sarif(&shell.rbl("check --format sarif a.rb nowhere.rb").code(2).out);
    let invocation = &refused["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let why = invocation["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(why.contains("nowhere.rb"), "{why}");
    let stdin = sarif(&shell.feed("check --format sarif -", "chekc\n").code(1).out);
    assert_eq!(stdin["runs"][0]["results"][0].get("locations"), None);
}

/// Applying a fix only by what the document says gives the right text: columns are UTF-16.
#[test]
fn a_fix_of_a_document_is_in_the_right_place() {
    let shell = Shell::new();
    let text =
        "runbook \"a\"\nowner \"a\"\nmetric p in s from host \"load.1\"\ncheck \"😀日本\" or p < 500msec\n";
    shell.write("a.rb", text);
    let document = sarif(&shell.rbl("check --format sarif").code(1).out);
    let results = document["runs"][0]["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["ruleId"] == "unit/unknown").unwrap();
    let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    let region = &change["deletedRegion"];
    let number = |key: &str| usize::try_from(region[key].as_u64().unwrap()).unwrap();
    let line: Vec<u16> = text.lines().nth(number("startLine") - 1).unwrap().encode_utf16().collect();
    let deleted = String::from_utf16(&line[number("startColumn") - 1..number("endColumn") - 1]).unwrap();
    assert_eq!(deleted, "500msec");
    assert_eq!(change["insertedContent"]["text"], "500ms");
}

#[test]
fn junit_is_well_formed_and_counts_what_it_holds() {
    let shell = folder();
    let checked = shell.rbl("check --format junit").code(1);
    let document =
        roxmltree::Document::parse(&checked.out).unwrap_or_else(|why| panic!("{why}\n{}", checked.out));
    let suites: Vec<_> = document.root_element().children().filter(roxmltree::Node::is_element).collect();
    let names: Vec<&str> = suites.iter().map(|suite| suite.attribute("name").unwrap()).collect();
    assert_eq!(
        names,
        [
            "back.rb",
            "circle.rb",
            "clean.rb",
            "latin.rb",
            "lib/common.rb",
            "no-owner.rb",
            "odd, 50%:1 ä&<.rb",
            "user.rb"
        ]
    );
    let mut total = [0; 2];
    for suite in &suites {
        let has = |tag: &str| suite.descendants().filter(|node| node.has_tag_name(tag)).count();
        for (key, tag, sum) in [("tests", "testcase", 0), ("failures", "failure", 1)] {
            assert_eq!(suite.attribute(key).unwrap(), has(tag).to_string(), "{suite:?}");
            total[sum] += has(tag);
        }
    }
    let root = document.root_element();
    assert_eq!(root.attribute("tests").unwrap(), total[0].to_string());
    assert_eq!(root.attribute("failures").unwrap(), total[1].to_string());
    let of = |name: &str| suites.iter().find(|suite| suite.attribute("name") == Some(name)).unwrap();
    assert_eq!(of("clean.rb").attribute("failures"), Some("0"));
    assert_eq!(of("no-owner.rb").attribute("failures"), Some("0"), "a warning does not fail a build");
    let strict = shell.rbl("check --format junit --strict no-owner.rb").code(1);
    assert!(strict.out.contains("failures=\"1\""), "{}", strict.out);
    assert!(checked.err.contains("in 8 files"), "{}", checked.err);
}

#[test]
fn annotations_are_one_command_a_line() {
    let shell = folder();
    let checked = shell.rbl("check --format github").code(1);
    let (commands, rest): (Vec<&str>, Vec<&str>) =
        checked.out.lines().partition(|line| line.starts_with("::"));
    assert!(commands.len() > 7, "{}", checked.out);
    assert_eq!(rest.len(), 1, "{}", checked.out);
    assert!(rest[0].ends_with("in 8 files"), "{}", rest[0]);
    for command in &commands {
        let (properties, message) = command[2..].split_once("::").unwrap();
        let (kind, properties) = properties.split_once(' ').unwrap();
        assert!(["error", "warning"].contains(&kind), "{command}");
        for property in properties.split(',') {
            let (key, value) = property.split_once('=').unwrap();
            assert!(["file", "line", "endLine", "col", "endColumn", "title"].contains(&key), "{command}");
            assert!(!value.is_empty() && !value.contains(':'), "{command}");
        }
        assert!(!message.is_empty() && !message.contains('\u{1b}'), "{command}");
    }
    let odd = "::error file=odd%2C 50%25%3A1 ä&<.rb,line=6,endLine=6,col=13,endColumn=15,title=unit/missing::500 what? ";
    assert!(commands.iter().any(|command| command.starts_with(odd)), "{}", checked.out);
}

#[test]
fn what_has_no_annotation_stands_in_the_step_summary() {
    let shell = Shell::new();
    for number in 0..14 {
        shell.write(&format!("{number:02}.rb"), "runbook \"a\"\nowner \"a\"\nchekc true\n");
        shell.write(&format!("w{number:02}.rb"), NO_OWNER);
    }
    let summary = shell.path().join("summary.md");
    std::fs::write(&summary, "# before\n").unwrap();
    let words = "check --format github";
    let output = shell.command(words).env("GITHUB_STEP_SUMMARY", &summary).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let count = |start: &str| out.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("::error "), count("::warning ")), (10, 10), "{out}");
    let text = std::fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("# before\n### rbl check: 14 errors and 14 warnings in 28 files\n"), "{text}");
    assert_eq!(
        text.lines().filter(|line| line.starts_with("| 1") || line.starts_with("| w1")).count(),
        8,
        "{text}"
    );
    // Without a summary the rest is in the log.
    let out = shell.rbl(words).code(1).out;
    let told = out.lines().filter(|line| line.contains(".rb:")).count();
    assert_eq!(told, 8, "{out}");
    // A summary that cannot be written is reported, and changes nothing.
    let output = shell.command(words).env("GITHUB_STEP_SUMMARY", shell.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write the step summary"));
}

#[test]
fn a_workflow_has_annotations_besides_and_the_results_stay_what_they_are() {
    let shell = Shell::new();
    shell.write("ops/a.rb", "runbook \"a\"\nowner \"a\"\nchekc true\n").write(".git/HEAD", "");
    for format in ["pretty", "short", "json", "sarif", "junit"] {
        let words = format!("check --format {format} a.rb");
        let plain = shell.command(&words).current_dir(shell.path().join("ops")).output().unwrap();
        let mut command = shell.command(&words);
        command.current_dir(shell.path().join("ops")).env("GITHUB_ACTIONS", "true");
        command.env("GITHUB_WORKSPACE", shell.path());
        let there = command.output().unwrap();
        assert_eq!(there.stdout, plain.stdout, "{format}");
        let err = String::from_utf8(there.stderr).unwrap();
        assert!(err.contains("::error file=ops/a.rb,line=3,"), "{format}: {err}");
        assert!(!String::from_utf8_lossy(&plain.stderr).contains("::error"));
    }
    let mut command = shell.command("check --format github ops/a.rb");
    let output = command.env("GITHUB_ACTIONS", "true").output().unwrap();
    let both = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(both.matches("::error ").count(), 1, "{both}");
}

#[test]
fn each_format_ends_quietly_at_a_closed_pipe_and_loudly_at_a_full_disk() {
    let shell = Shell::new();
    for number in 0..300 {
        shell.write(&format!("{number:03}.rb"), "runbook \"a\"\nowner \"a\"\nchekc true\n");
    }
    for format in ["pretty", "short", "json", "github", "sarif", "junit"] {
        let words = format!("check --format {format}");
        let mut child = shell.command(&words).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!err.contains("pipe") && !err.contains("panic"), "{format}: {err}");
        if std::path::Path::new("/dev/full").exists() {
            let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
            let output = shell.command(&words).stdout(full).output().unwrap();
            let err = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(err.contains("cannot write to standard output"), "{format}: {err}");
        }
    }
}
