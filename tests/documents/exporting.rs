//! What is promised of exports: everything is said, and the real tools read the pictures.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pulldown_cmark::{Event, Options, Parser, Tag};
use rbl_check::Catalogue;
use rbl_documents::export;
use rbl_documents::flow::{FlowPicture, FlowShape};
use rbl_syntax::source::SourceId;
use rbl_syntax::tree::File;

use crate::cli::shell::Shell;
use crate::support::tool;

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

#[test]
fn graphviz_reads_every_picture() {
    let dot = ["/usr/bin/dot", "/usr/local/bin/dot"].into_iter().map(PathBuf::from).find(|it| it.exists());
    let Some(dot) = tool(dot, "Graphviz") else { return };
    let hostile = HOSTILE.iter().map(|it| {
        let text = hostile(it);
        let file = rbl_syntax::parse(SourceId(0), &text).file;
        ((*it).to_owned(), text, file)
    });
    for (name, text, file) in examples().into_iter().chain(hostile) {
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
    for odd in HOSTILE.iter().map(|it| hostile(it)).chain([odd.to_owned()]) {
        pictures.push(FlowPicture::of(&rbl_syntax::parse(SourceId(0), &odd).file, &odd).mermaid());
    }
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

/// The numbers in what a pattern finds.
fn numbers(pattern: &str, text: &str) -> Vec<Vec<usize>> {
    let found = regex::Regex::new(pattern).unwrap();
    found
        .captures_iter(text)
        .map(|it| it.iter().skip(1).map(|it| it.unwrap().as_str().parse().unwrap()).collect())
        .collect()
}

#[test]
fn a_tall_picture_ends_its_parts_between_shapes_and_no_label_lies_over_a_line() {
    let mut text = String::from("runbook \"R\"\nowner \"o\"\n");
    let title = "A long title of a step that does not fit on one line of the picture";
    for n in 0..40 {
        let _ = writeln!(
            text,
            "step \"{title} {n}\" {{\n  match \"Which of {n}?\" {{\n    \"a rather long name of the first case\" {{ action \"a\" }}\n    \"another long name of a case\" {{\n      \
             if \"Deep {n}?\" {{ if \"deeper {n}?\" {{ action \"do {n}\" }} }}\n    }}\n    else {{ stop \"no\" }}\n    unknown {{ \"x\" }}\n  }}\n}}"
        );
    }
    let file = rbl_syntax::parse(SourceId(0), &text).file;
    let svg = FlowPicture::of(&file, &text).svg();
    let parts = numbers("<svg [^>]*viewBox=\"0 ([0-9]+) ([0-9]+) ([0-9]+)\"", &svg);
    assert!(parts.len() > 9, "{}", parts.len());
    let texts = regex::Regex::new("<text x=\"([0-9]+)\" y=\"([0-9]+)\"[^>]*>([^<]*)<").unwrap();
    let mut end = 0;
    for (part, drawn) in parts.iter().zip(svg.split("</svg>")) {
        let [top, width, height] = part[..] else { panic!("{part:?}") };
        assert!(top == end && height < 900, "{part:?} behind {end}");
        end = top + height;
        let shapes = numbers("<rect x=\"[0-9]+\" y=\"([0-9]+)\" width=\"[0-9]+\" height=\"([0-9]+)\"", drawn);
        assert!(shapes.iter().all(|it| it[0] >= top && it[0] + it[1] <= end), "{drawn}");
        // An arrow that goes straight down passes no text.
        let arrows = numbers("<path d=\"M([0-9]+) ([0-9]+)V([0-9]+)\"", drawn);
        for it in texts.captures_iter(drawn) {
            let (x, y): (usize, usize) = (it[1].parse().unwrap(), it[2].parse().unwrap());
            let lies = |at: &Vec<usize>| {
                x <= at[0] && at[0] <= x + it[3].chars().count() * 5 && at[1] < y && y <= at[2]
            };
            assert!(!arrows.iter().any(lies), "an arrow passes {}", &it[3]);
        }
        // Where lines run that skip rows, and where the texts end.
        let lanes = numbers("<path d=\"M[0-9]+ [0-9]+H([0-9]+)V", drawn);
        let first = lanes.iter().map(|it| it[0]).min().unwrap_or(width);
        for it in texts.captures_iter(drawn) {
            let wide = it[3].replace("&quot;", "\"").chars().count() * 7;
            assert!(it[1].parse::<usize>().unwrap() + wide <= first, "{} over {first}", &it[3]);
        }
    }
}

/// Each part has the lines that pass it: a thousand of them in a hundred parts would be a hundred times as long.
#[test]
fn a_picture_with_thousands_of_lines_stays_one_image() {
    let mut text = String::from("runbook \"R\"\nowner \"o\"\nparam p = \"a\"\nmatch p {\n");
    for n in 0..1_000 {
        let _ = writeln!(text, "  \"v{n}\" {{ \"x\" }}");
    }
    text.push_str("  else { \"y\" }\n}\n");
    let svg = FlowPicture::of(&rbl_syntax::parse(SourceId(0), &text).file, &text).svg();
    assert_eq!(svg.matches("<svg").count(), 1);
    assert!(svg.len() < 2_000_000, "{}", svg.len());
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
    // Printed, no heading stands alone at the foot of a page.
    assert!(html.contains("h2, h3 { break-after: avoid-page; }"), "{html}");
}

/// Texts that try to be more than text, as they stand between quotes of rbl.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "</title></svg><script>alert(1)</script>",
    "unclosed ` code <img src=x onerror=alert(1)>",
    "\\\\`<img src=x onerror=alert(1)>\\\\`",
    "\\\\<img src=x onerror=alert(1)>",
    "two `` ` `` <img src=x onerror=alert(1)> `",
    "```",
    "~~~",
    "[x](javascript:alert(1))",
    "![x](vbscript:a) [y](data:text/html,a) [z](java&#115;cript:a)",
    "[x]: javascript:alert(1)",
    "a | b](javascript:alert(1)) | <b>c</b>",
    "<!-- end of about --> <img src=x onerror=alert(1)>",
    "--> n1; click n1 href \\\"javascript:alert(1)\\\" %%{init: {}}%%",
    "\\\"]; evil [URL=\\\"javascript:alert(1)\\\"] \\\\N &lt;b&gt;",
    "$$\\\\href{javascript:alert(1)}{x}$$",
];

/// A runbook that says a text wherever something can be said.
fn hostile(it: &str) -> String {
    // A command cannot hold the mark that ends it.
    let code = it.replace('`', "");
    format!(
        "runbook \"{it}\"\nabout \"\"\"\n  {it}\n\n  | a | b |\n  |---|---|\n  | {it} | x |\n\n  <details>\n  {it}\n\"\"\"\ntrigger alert \"{it}\"\nowner \"{it}\"\n\
         severity \"{it}\"\nlink \"{it}\" \"https://e.com/(a)\"\nlink \"b\" \"javascript:alert(1)\"\nparam p = \"{it}\"\n\
         metric m from prometheus \"x{{a=~'```'}}\"\nstep \"{it}\" {{\n  \"{it}\"\n  \"\"\"\n    {it}\n    {it}\n\n    {it}\n  \"\"\"\n  check \"{it}\" by \"{it}\" else {{\n    \
         escalate to \"{it}\" because \"{it}\"\n  }}\n  action \"{it}\" showing `echo '{code}'`\n  action `echo '{code}'`\n  record \"{it}\"\n  \
         match \"{it}?\" {{\n    \"{it}\" {{ resolve \"{it}\" }}\n    else {{ stop \"{it}\" }}\n  }}\n}}\n"
    )
}

/// What a browser would do with a document besides showing it: elements of HTML, and addresses that it runs.
fn active(markdown: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM;
    let found = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Html(it) | Event::InlineHtml(it) => Some(it.trim().to_owned()),
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. })
            if !dest_url.starts_with("https://") =>
        {
            Some(dest_url.into_string())
        }
        _ => None,
    });
    found.filter(|it| !it.is_empty()).collect()
}

#[test]
fn hostile_texts_stay_texts_in_every_export() {
    let quoted = regex::Regex::new("\"(\\\\.|[^\"\\\\])*\"").unwrap();
    for it in HOSTILE {
        let text = hostile(it);
        let parsed = rbl_syntax::parse(SourceId(0), &text);
        assert!(parsed.diagnostics.iter().all(|it| !it.is_error()), "{it}: {:?}\n{text}", parsed.diagnostics);
        let file = parsed.file;
        let name = "a---><script>.rb";
        let markdown = export::markdown(&file, &text, name);
        let found = active(&markdown);
        // Its own four marks, and nothing else.
        assert_eq!(found.len(), 4, "{it}: {found:?}\n{markdown}");
        assert!(found[0].starts_with("<!-- made by rbl from ") && found[3] == "<!-- steps -->", "{found:?}");
        let page = export::html(&file, &text, name);
        for tag in [
            "<script",
            "<img",
            "<b>",
            "<details",
            "</title></svg>",
            "href=\"javascript",
            "href=\"data",
            "href=\"vbscript",
        ] {
            assert!(!page.contains(tag), "{it}: {tag}\n{page}");
        }
        let picture = FlowPicture::of(&file, &text);
        // Nothing of it stands outside of quotes.
        let bare = |text: &str| quoted.replace_all(text, "").into_owned();
        for drawn in [bare(&picture.dot()), bare(&picture.mermaid())] {
            for word in ["alert", "script", "URL", "click", "href", "%%", "img"] {
                assert!(!drawn.contains(word), "{it}: {word}\n{drawn}");
            }
        }
        assert!(!picture.mermaid().contains("%%{") && !picture.mermaid().contains("$$"), "{it}");
    }
}

#[test]
fn hostile_texts_are_read_back_as_they_were() {
    let catalogue = Catalogue::default();
    for it in HOSTILE {
        // Without what an import does not write.
        let text = format!(
            "# rbl: imported\nrunbook \"{it}\"\nabout \"\"\"\n  {it}\n\n  <details>\n\"\"\"\n\nowner \"{it}\"\nlink  \"{it}\" \"https://e.com/(a)\"\nlink  \"b\" \"javascript:alert(1)\"\n\n\
             step \"{it}\" {{\n  \"{it}\"\n  check \"{it}\"\n  action \"{it}\"\n}}\n"
        );
        let style = rbl_check::promql::QueryStyle { catalogue: &catalogue };
        let text = rbl_syntax::print(SourceId(0), &text, &style).unwrap();
        let file = rbl_syntax::parse(SourceId(0), &text).file;
        let made = export::markdown(&file, &text, "r.rb");
        let options =
            rbl_documents::import::ImportOptions { commands: false, catalogue: &catalogue, alert: None };
        let again = rbl_documents::import::import_markdown("r.md", &made, &options);
        let again = again.runbooks.first().unwrap_or_else(|| panic!("{it}\n{made}"));
        // A quote needs its backslash only where one would end the text.
        let plain = |text: &str| text.replace("\\\"", "\"");
        assert_eq!(plain(&again.text), plain(&text), "{made}");
    }
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
