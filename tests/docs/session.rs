//! A session of `rbl repl` in a page: `$ rbl repl [FILE]`, then the input after each prompt and its output.

use regex::Regex;

use super::console::{Differs, Place};

/// The input at one prompt.
#[derive(Default)]
struct Typed {
    prompt: String,
    /// The text after the prompt, including the lines that finish it.
    text: String,
    expected: String,
}

fn read(block: &str) -> (&str, Vec<Typed>) {
    let prompt = Regex::new(r"^(?:rbl|\S+:\d+)(?: given)?(?: armed \d+m)?> ").unwrap();
    let (command, rest) = block.split_once('\n').expect("a session begins with `$ rbl repl`");
    let command = command.strip_prefix("$ ").expect("a session begins with `$ rbl repl`");
    let mut typed: Vec<Typed> = Vec::new();
    let mut unfinished = false;
    for line in rest.split_inclusive('\n') {
        if let Some(found) = prompt.find(line) {
            let text = line[found.end()..].to_owned();
            typed.push(Typed { prompt: found.as_str().into(), text, ..Typed::default() });
        } else {
            let last = typed.last_mut().expect("something is typed before anything is said");
            if unfinished { last.text.push_str(line) } else { last.expected.push_str(line) }
        }
        let last = &typed[typed.len() - 1];
        let command = last.text.starts_with(':');
        unfinished = !command && last.expected.is_empty() && rbl_syntax::is_unfinished(&last.text);
    }
    (command, typed)
}

impl Place {
    /// Types a session: each input after all those before it, so that each output can be matched to its input.
    pub fn session(&mut self, block: &str) -> Result<(), Differs> {
        let cannot = |message: String| Differs { message, blessed: block.into() };
        let (command, typed) = read(block);
        let (mut message, mut blessed) = (String::new(), format!("$ {command}\n"));
        let mut all = String::new();
        self.write(".session", "");
        let line = format!("{command} < .session");
        let mut seen = self.command(&line).map_err(cannot)?.lines().count();
        for Typed { prompt, text, expected } in &typed {
            all.push_str(text);
            self.write(".session", &all);
            let out = self.command(&line).map_err(cannot)?;
            let said: String = out.split_inclusive('\n').skip(seen).collect();
            seen = out.lines().count();
            let right = super::console::fits(expected, &said);
            blessed.extend([prompt.as_str(), text, if right { expected } else { &said }]);
            if !right {
                message.push_str(&format!("{prompt}{text}-- expected\n{expected}-- said\n{said}"));
            }
        }
        if message.is_empty() { Ok(()) } else { Err(Differs { message, blessed }) }
    }
}
