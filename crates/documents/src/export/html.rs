//! Pages of HTML that need nothing else.

use pulldown_cmark::{Event, Options, Parser};

use super::inline::is_safe;

/// The style of every page: readable by day and by night, and printable. A picture stands on white, as it is printed.
const STYLE: &str = "
body { font: 16px/1.5 system-ui, sans-serif; color: #1a202c; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } h2 { border-bottom: 1px solid #cbd5e0; padding-bottom: .2rem; margin-top: 2rem; }
a { color: #1a4f9c; } code, pre { font: 14px/1.4 ui-monospace, monospace; background: #f3f5f8; }
code { padding: 0 .2em; } pre { padding: .6rem .8rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { padding: 0; } ul { padding-left: 1.4rem; } li { margin: .35rem 0; }
table { border-collapse: collapse; } th, td { border: 1px solid #cbd5e0; padding: .3rem .6rem; text-align: left; vertical-align: top; }
.picture { overflow-x: auto; } .picture svg { display: block; background: #fff; } .muted { color: #4a5568; }
input[type=search] { font: inherit; padding: .4rem .6rem; width: 100%; max-width: 30rem; border: 1px solid #4a5568; border-radius: 4px; color: inherit; background: inherit; }
@media screen and (prefers-color-scheme: dark) {
:root { color-scheme: dark; } body { color: #e2e8f0; background: #171923; } a { color: #90b8f8; } .muted { color: #a9b4c4; }
code, pre { background: #262b38; } h2, th, td { border-color: #4a5568; } input[type=search] { border-color: #a9b4c4; }
}
@media print { body { margin: 0; max-width: none; } a { color: inherit; } h2, li, pre { break-inside: avoid-page; } h2, h3 { break-after: avoid-page; } nav, .search { display: none; } .picture { overflow: visible; } .picture svg { max-width: 100%; height: auto; break-inside: avoid-page; } }
";

/// Says that rbl made a page, so that it may write it again.
pub const GENERATOR: &str = "<meta name=\"generator\" content=\"rbl\">";

/// A page. `head`: more elements for its head.
pub fn page(title: &str, head: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{GENERATOR}\n<meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\">\n<title>{}</title>\n{head}\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escape(title)
    )
}

/// Markdown as HTML. HTML inside it is shown as text: it may come from anywhere.
pub fn rendered(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    let events = Parser::new_ext(markdown, options).map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        Event::TaskListMarker(done) => Event::Text(if done { "☑ ".into() } else { "☐ ".into() }),
        Event::Start(pulldown_cmark::Tag::Link { link_type, dest_url, title, id }) if !is_safe(&dest_url) => {
            Event::Start(pulldown_cmark::Tag::Link { link_type, dest_url: "#".into(), title, id })
        }
        // An image would be fetched from elsewhere.
        Event::Start(pulldown_cmark::Tag::Image { link_type, dest_url, title, id }) => {
            let dest_url = if is_safe(&dest_url) { dest_url } else { "#".into() };
            Event::Start(pulldown_cmark::Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(pulldown_cmark::TagEnd::Image) => Event::End(pulldown_cmark::TagEnd::Link),
        event => event,
    });
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, events);
    out
}

/// A text as content of an element or an attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
