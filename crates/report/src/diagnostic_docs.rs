//! The pages of the diagnostics, compiled into the program.

/// Code and Markdown of every page in `docs/errors`, collected by `build.rs`.
static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of a code, as Markdown.
pub fn page(name: &str) -> Option<&'static str> {
    PAGES.iter().find(|(code, _)| *code == name).map(|(_, page)| *page)
}

/// The first sentence under *What it says*, without Markdown marks.
pub fn title(name: &str) -> String {
    let lines = page(name).unwrap_or("").lines().map(str::trim);
    let said = lines.skip_while(|line| *line != "## What it says").skip(1);
    let paragraph: Vec<&str> =
        said.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty()).collect();
    let paragraph = paragraph.join(" ").replace("**", "");
    match paragraph.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => paragraph,
    }
}
