//! `rbl import` at the command line.

use std::fmt::Write as _;

use crate::cli::shell::Shell;

const DRAIN: &str = "# DrainError

## Meaning

The node is not drained.

## Diagnosis

1. Check the pods via `kubectl get pods -n $NAMESPACE`.
2. Make sure that no upgrade is going on.

## Mitigation

If a budget blocks the drain, lower it:

```sh
kubectl delete pdb $PDB
```

Otherwise, contact the platform team.
";

#[test]
fn one_document_is_printed_and_its_report_is_apart() {
    let shell = Shell::new();
    shell.write("drain.md", DRAIN);
    let ended = shell.rbl("import drain.md").code(0);
    assert_eq!(
        ended.out,
        "# rbl: imported
runbook \"DrainError\"
about \"\"\"
  ## Meaning

  The node is not drained.
\"\"\"

trigger alert \"DrainError\"

param namespace

step \"Diagnosis\" {
  action \"Check the pods\" showing `kubectl get pods -n #{namespace}`
  check \"No upgrade is going on\"
}

step \"Mitigation\" {
  if \"A budget blocks the drain?\" {
    action \"Lower it: `kubectl delete pdb $PDB`\"
  } else {
    escalate to \"platform team\" because \"Contact the platform team.\"
  }
}
"
    );
    assert_eq!(
        ended.err,
        "drain.md → drain.rb
          1  runbook                    DrainError
        3–5  about                      ## Meaning
          7  step                       Diagnosis
          9  instruction with evidence  Check the pods
         10  check by a person          No upgrade is going on
         12  step                       Mitigation
      14–18  decision                   A budget blocks the drain?
      14–18  instruction                Lower it: `kubectl delete pdb $PDB`
         20  page                       Contact the platform team.
  for a person to decide:
          1  nobody owns it: add `owner \"TEAM\"`
          1  the title is taken as the name of the alert: DrainError
         16  a person has to run this; `--commands` makes it a command `kubectl delete pdb $PDB`
"
    );
    let acting = shell.rbl("import drain.md --commands").code(0);
    assert!(acting.out.contains("action `kubectl delete pdb #{pdb}`"), "{}", acting.out);
}

#[test]
fn a_folder_becomes_a_folder_and_nothing_is_overwritten() {
    let shell = Shell::new();
    shell.write("docs/a/drain.md", DRAIN).write("docs/index.md", "# Index\n\n- [drain](a/drain.md)\n");
    shell.write("docs/.gitignore", "old.md\n").write("docs/old.md", DRAIN).write("docs/notes.txt", "no\n");
    let without = shell.rbl("import docs docs/a/drain.md").code(2);
    assert!(without.err.contains("say where they go: `-o FOLDER`"), "{}", without.err);
    let ended = shell.rbl("import docs -o books").code(1);
    assert!(ended.err.contains("docs/index.md: nothing was made of it: an index"), "{}", ended.err);
    assert!(
        ended.err.contains("2 documents: 1 runbook, 1 refused, 4 places for a person to decide"),
        "{}",
        ended.err
    );
    let made = std::fs::read_to_string(shell.path().join("books/a/drain.rb")).unwrap();
    assert!(made.starts_with("# rbl: imported\n"));
    let again = shell.rbl("import docs -o books").code(2);
    assert!(again.err.contains("`books/a/drain.rb` exists already"), "{}", again.err);
    let json = shell.rbl("import docs/a/drain.md -o more --report json").code(0);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["runbooks"][0]["file"], "more/drain.rb");
    assert_eq!(report["taken"][3]["to"], "instruction with evidence");
    assert!(json.err.is_empty(), "{}", json.err);
    shell.write("docs/b.md", DRAIN).write("books/b.rb", "");
    let two = shell.rbl("import docs -o books").code(2);
    assert!(two.err.contains("and 1 more exist already"), "{}", two.err);
    shell.rbl("import missing.md").code(2);
    shell.rbl("import books").code(2);
}

#[test]
fn odd_files_are_refused_in_words() {
    let shell = Shell::new();
    let refused = |name: &str, text: &[u8], code: i32, why: &str| {
        std::fs::write(shell.path().join(name), text).unwrap();
        let ended = shell.rbl(&format!("import {name}")).code(code);
        assert!(ended.err.contains(why), "{name}: {}", ended.err);
    };
    let utf16: Vec<u8> = "# A\n".encode_utf16().fold(vec![0xff, 0xfe], |mut out, it| {
        out.extend(it.to_le_bytes());
        out
    });
    refused("utf16.md", &utf16, 2, "UTF-16: save it as UTF-8");
    refused("latin.md", b"# A\n\n1. Caf\xe9 restart.\n", 2, "line 3 is not UTF-8 text");
    refused("program.md", b"\x7fELF\x00\x01\xff\xfe", 2, "is not UTF-8 text");
    refused("empty.md", b" \n", 1, "it is empty");
    refused("page.md", b"<h1>T</h1>\n<ol><li>Restart it</li></ol>\n", 1, "it is HTML: make Markdown of it");
    let deep: String = (0..500).fold("# D\n\n".into(), |out, n| out + &"  ".repeat(n) + "- Check it\n");
    refused("deep.md", deep.as_bytes(), 1, "levels deep");
    refused("quotes.md", format!("# Q\n\n{} Restart it\n", ">".repeat(20_000)).as_bytes(), 1, "levels deep");
    // What is only unusual is read.
    shell.write("bom.md", "\u{feff}# A\r\n\r\n1. Check the logs.\r\n2. Restart it.\r\n");
    assert!(shell.rbl("import bom.md").code(0).out.contains("action \"Restart it.\""));
    shell.write("front.md", "---\ntitle: [a\nowner: \"x\n---\n# A\n\n1. Restart it.\n");
    assert!(shell.rbl("import front.md").code(0).out.contains("action \"Restart it.\""));
    let table = (0..100_000).fold("# T\n\nRestart it.\n\n| a | b |\n|---|---|\n".to_owned(), |mut out, n| {
        let _ = writeln!(out, "| x{n} | y |");
        out
    });
    shell.write("table.md", table);
    assert!(shell.rbl("import table.md").code(0).out.contains("x99999 | y"));
}

#[test]
fn a_folder_with_odd_names_is_imported_and_nothing_outside_of_it() {
    let shell = Shell::new();
    for name in ["it's \"q\".md", "ünïcode ☃.md", "a\nb.md", "-x.md"] {
        std::fs::create_dir_all(shell.path().join("names")).unwrap();
        std::fs::write(shell.path().join("names").join(name), "# A\n\n1. Restart it.\n").unwrap();
    }
    std::os::unix::fs::symlink(".", shell.path().join("names/loop")).unwrap();
    let ended = shell.rbl("import names -o out").code(0);
    assert!(ended.err.contains("4 documents: 4 runbooks"), "{}", ended.err);
    assert!(ended.err.contains("names/a�b.md → out/a-b.rb"), "{}", ended.err);
    for name in ["it's \"q\".rb", "ünïcode ☃.rb", "a-b.rb", "-x.rb"] {
        assert!(shell.path().join("out").join(name).exists(), "{name}");
    }
    // Beside the documents is a place like any other; a file is no folder.
    shell.rbl("import names -o names").code(0);
    shell.write("file", "x");
    assert!(shell.rbl("import names -o file").code(2).err.contains("`file` is no folder"));
    assert!(shell.rbl("import names -o /dev/null").code(2).err.contains("`/dev/null` is no folder"));
}

#[test]
fn an_imported_runbook_only_looks_until_its_first_line_is_removed() {
    let shell = Shell::new();
    shell.write("touch.md", "# Touch it\n\n## Steps\n\nRun this:\n\n```sh\ntouch done\n```\n");
    shell.rbl("import touch.md --commands -o .").code(0);
    let looked = shell.rbl("run touch.rb --no-input").code(6);
    assert!(!shell.path().join("done").exists(), "{}", looked.out);
    let text = std::fs::read_to_string(shell.path().join("touch.rb")).unwrap();
    shell.write("touch.rb", text.replacen("# rbl: imported\n", "", 1));
    shell.rbl("run touch.rb --no-input").code(0);
    assert!(shell.path().join("done").exists());
}
