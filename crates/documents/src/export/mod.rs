//! A runbook as a document for people who do not read rbl.

mod checklist;
mod header;
mod html;
pub(crate) mod inline;
pub mod ssm;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use rbl_syntax::tree::File;

use crate::flow::FlowPicture;
pub(crate) use header::lowered;
pub use html::{GENERATOR, escape, page, rendered};

/// How a document that rbl made begins.
pub(crate) const MADE_BY: &str = "<!-- made by rbl from ";
/// Stand around the explanation, and before the steps, so that the document can be read back.
pub(crate) const ABOUT: &str = "<!-- about -->";
pub(crate) const ABOUT_END: &str = "<!-- end of about -->";
pub(crate) const STEPS: &str = "<!-- steps -->";

/// A runbook as Markdown: a checklist that a person can follow without rbl. `text` is what the tree was read from, `name` how
/// its file is called.
pub fn markdown(file: &File, text: &str, name: &str) -> String {
    // Without it nothing in a name ends the comment.
    let name: String = name.chars().map(|c| if c == '>' || c.is_control() { '_' } else { c }).collect();
    let mut out = format!("{MADE_BY}{name}, {} -->\n\n", mark(text));
    out.push_str(&header::markdown(file, text, true));
    let _ = writeln!(out, "{STEPS}");
    out.push_str(&checklist::markdown(file, text));
    out
}

/// A runbook as one page of HTML with its picture: it needs nothing else, and can be printed.
pub fn html(file: &File, text: &str, name: &str) -> String {
    let title = header::title(file, text);
    let body = format!(
        "{}\n<h2 id=\"flow\">Flow</h2>\n<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-labelledby=\"flow\">{}</div>\n",
        rendered(&format!("{}{}", header::markdown(file, text, false), checklist::markdown(file, text))),
        FlowPicture::of(file, text).svg()
    );
    page(&title, &format!("<meta name=\"rbl-source\" content=\"{}, {}\">", escape(name), mark(text)), &body)
}

/// The title of a runbook.
pub fn title(file: &File, text: &str) -> String {
    header::title(file, text)
}

/// The mark of a text by which a copy is recognised.
pub fn mark(text: &str) -> String {
    let hash = Sha256::digest(rbl_syntax::normal(text).as_bytes());
    hash.iter().take(16).fold(String::from("sha256:"), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Whether a copy was made of this text. `None`: it is no copy that rbl made.
pub fn is_current(copy: &str, text: &str) -> Option<bool> {
    let at = copy.find("sha256:")?;
    let found: String = copy.get(at..)?.chars().take(mark("").len()).collect();
    Some(found == mark(text))
}
