//! What is promised of exports: everything is said, and the real tools read the pictures.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rbl_documents::export;
use rbl_documents::flow::{FlowPicture, FlowShape};
use rbl_syntax::source::SourceId;
use rbl_syntax::tree::File;

use crate::cli::shell::Shell;

/// Every example that is a runbook, with its text.
fn examples() -> Vec<(String, String, File)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "rb") {
            let text = std::fs::read_to_string(&path).unwrap();
            let file = rbl_syntax::parse(SourceId(0), &text).file;
            if file.is_runbook() {
                found.push((path.file_name().unwrap().to_string_lossy().into_owned(), text, file));
            }
        }
    }
    assert!(found.len() > 8);
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// A tool that tests need; without it they are left out, except in CI.
pub fn tool(found: Option<PathBuf>, name: &str) -> Option<PathBuf> {
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{name} is missing");
        eprintln!("left out: {name} is not installed");
    }
    found
}

#[test]
fn graphviz_reads_every_picture() {
    let dot = ["/usr/bin/dot", "/usr/local/bin/dot"].into_iter().map(PathBuf::from).find(|it| it.exists());
    let Some(dot) = tool(dot, "Graphviz") else { return };
    for (name, text, file) in examples() {
        let picture = FlowPicture::of(&file, &text).dot();
        let mut child = Command::new(&dot)
            .args(["-Tsvg", "-o", "/dev/null"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(picture.as_bytes()).unwrap();
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success() && !said.contains("syntax"), "{name}: {said}\n{picture}");
    }
}

#[test]
fn mermaid_reads_every_picture() {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools");
    let found = Some(tools.clone()).filter(|it| it.join("node_modules/mermaid").exists());
    let Some(tools) = tool(found, "Mermaid") else { return };
    let odd = "runbook \"a \\\"b\\\" <c> #{1} ]) --> | end\"\nowner \"o\"\nstep \"end\" {\n  check \"is `x` [y] {z} ok; & |?\" else {\n    stop \"no %% way\"\n  }\n}\n";
    let mut pictures: Vec<String> =
        examples().iter().map(|(_, text, file)| FlowPicture::of(file, text).mermaid()).collect();
    pictures.push(FlowPicture::of(&rbl_syntax::parse(SourceId(0), odd).file, odd).mermaid());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents/mermaid.mjs");
    let mut child = Command::new("node")
        .arg(script)
        .arg(&tools)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&serde_json::to_vec(&pictures).unwrap()).unwrap();
    let ended = child.wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&ended.stdout).into_owned();
    let wrong: Vec<String> = serde_json::from_str(out.lines().last().unwrap_or_default())
        .unwrap_or_else(|_| panic!("{out}\n{}", String::from_utf8_lossy(&ended.stderr)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_picture_is_the_flow_and_no_list_of_paths() {
    let text = "runbook \"R\"\nowner \"o\"\nstep \"S\" {\n  \"one\"\n  action \"two\"\n  check \"Three?\" else {\n    escalate to \"t\"\n  }\n  if \"Four?\" {\n    resolve \"well\"\n  }\n  \"five\"\n}\n";
    let picture = FlowPicture::of(&rbl_syntax::parse(SourceId(0), text).file, text);
    let shapes: Vec<(FlowShape, String)> =
        picture.nodes.iter().map(|it| (it.shape, it.lines.join("; "))).collect();
    let of = |shape, text: &str| (shape, text.to_owned());
    assert_eq!(
        shapes,
        [
            of(FlowShape::Start, "R"),
            of(FlowShape::Work, "one; two"),
            of(FlowShape::Decision, "Three?"),
            of(FlowShape::Page, "page t"),
            of(FlowShape::Decision, "Four?"),
            of(FlowShape::Resolved, "resolved: well"),
            of(FlowShape::Work, "five"),
            of(FlowShape::Resolved, "resolved"),
        ]
    );
    let edges: Vec<(usize, usize, &str)> =
        picture.edges.iter().map(|it| (it.from, it.to, it.label.as_str())).collect();
    assert_eq!(
        edges,
        [
            (0, 1, ""),
            (1, 2, ""),
            (2, 3, "no"),
            (2, 4, "yes"),
            (3, 4, ""),
            (4, 5, "yes"),
            (4, 6, "no"),
            (6, 7, "")
        ]
    );
}

/// The literal texts of statements, as far as they are on one line.
fn said(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        for word in
            ["check \"", "action \"", "if \"", "wait until \"", "escalate to \"", "step \"", "record \""]
        {
            if let Some(rest) = line.strip_prefix(word)
                && let Some((text, _)) = rest.split_once('"')
                && !text.contains(['#', '\\', '<', '_'])
            {
                found.push(text.to_owned());
            }
        }
    }
    found
}

#[test]
fn a_checklist_and_a_page_say_every_statement() {
    for (name, text, file) in examples() {
        let markdown = export::markdown(&file, &text, &name);
        let html = export::html(&file, &text, &name);
        let plain = html.replace("&quot;", "\"").replace("&amp;", "&");
        for said in said(&text) {
            assert!(markdown.contains(&said), "{name} lacks {said}\n{markdown}");
            assert!(plain.contains(&said), "{name} lacks {said}");
        }
        assert_eq!(export::is_current(&markdown, &text), Some(true));
        assert_eq!(export::is_current(&html, &text), Some(true));
        assert_eq!(export::is_current(&markdown, &format!("{text}\n# more\n")), Some(false));
        // It needs nothing else: no script, no style, no image from anywhere.
        assert!(!html.contains("<script") && !html.contains("<link") && !html.contains("<img"), "{name}");
    }
}

#[test]
fn html_in_a_runbook_is_shown_and_not_run() {
    let text = "runbook \"R\"\nabout \"\"\"\n  <script>alert(1)</script>\n\n  [x](javascript:alert(1)) ![i](https://e.com/i.png)\n\"\"\"\n\"<b>bold</b>\"\n";
    let html = export::html(&rbl_syntax::parse(SourceId(0), text).file, text, "r.rb");
    assert!(
        !html.contains("<script")
            && !html.contains("javascript:")
            && !html.contains("<img")
            && !html.contains("<b>"),
        "{html}"
    );
}

#[test]
fn a_copy_that_is_out_of_date_is_found() {
    let shell = Shell::new();
    shell.write("r.rb", "runbook \"R\"\nowner \"o\"\ncheck \"Well?\"\n");
    let made = shell.rbl("export r.rb").code(0).out;
    shell.write("r.md", &made).write("other.md", "# Other\n");
    shell.rbl("export r.rb --check r.md").code(0);
    shell.write("r.rb", "runbook \"R\"\nowner \"o\"\ncheck \"Still well?\"\n");
    let ended = shell.rbl("export r.rb --check r.md").code(1);
    assert_eq!(ended.out, "r.md is out of date: r.rb has changed since\n");
    assert!(shell.rbl("export r.rb --check other.md").code(2).err.contains("was not made by `rbl export`"));
    shell.write("lib.rb", "let x = 1\n").write("bad.rb", "runbook \"R\"\ncheck\n");
    assert!(shell.rbl("export lib.rb").code(2).err.contains("is no runbook"));
    assert!(shell.rbl("export bad.rb").code(3).err.contains("syntax/"));
    assert_eq!(shell.rbl("export r.rb --format json").code(0).out, shell.rbl("ast r.rb").code(0).out);
}
