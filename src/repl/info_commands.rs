//! Session commands that ask for information, and those that arm the session.

use super::command::{COMMANDS, CommandRow};
use super::evaluate::Repl;
use super::{help, metrics};
use rbl_syntax::source::Source;
use rbl_syntax::value::{Quantity, Value};
use rbl_terminal::Tone;

impl Repl {
    pub(super) fn type_of(&mut self, text: &str) {
        let source = Source::new(format!("input {}", self.state.following()), text);
        let (document, _) = self.in_scope();
        match document.type_of(&source, &self.world.catalogue()) {
            Ok(words) => self.output.line(&words),
            Err(found) => self.output.found(&found),
        }
    }

    pub(super) fn names(&mut self) {
        let (_, session) = self.in_scope();
        let mut names: Vec<(String, Value)> = Vec::new();
        for (name, value) in session.names() {
            names.retain(|(it, _)| it != name);
            names.push((name.to_string(), value.clone()));
        }
        let lines: Vec<String> = names.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        if lines.is_empty() { self.output.faint("no names yet") } else { self.output.lines(lines) }
    }

    pub(super) fn metrics(&mut self, pattern: Option<&str>) {
        let listed = match self.world.list_metrics() {
            Ok(listed) => listed.unwrap_or_default(),
            Err(interrupt) => return self.broken_off(&interrupt),
        };
        let mut given = self.given_metrics();
        given.retain(|(name, _, query)| {
            pattern.is_none_or(|it| metrics::fits(it, name) || metrics::fits(it, query))
        });
        let said = |given: &mut Vec<(String, String, String)>, provider: &str, name: &str| {
            let at = given.iter().position(|(_, from, query)| from == provider && query == name)?;
            Some(format!("   given as {}", given.remove(at).0))
        };
        for (provider, names) in listed {
            let names = match names {
                Ok(names) => names,
                Err(why) => {
                    self.output.refuse(&format!("{provider}: {why}"));
                    continue;
                }
            };
            let fitting: Vec<String> =
                names.into_iter().filter(|name| pattern.is_none_or(|it| metrics::fits(it, name))).collect();
            let row = |name: &String| {
                let mark = said(&mut given, &provider, name).unwrap_or_default();
                format!("{provider}  {name}{mark}")
            };
            let shown: Vec<String> = fitting.iter().take(metrics::SHOWN).map(row).collect();
            self.output.lines(shown);
            match fitting.len() {
                0 => self.output.faint(&format!("{provider}: no name fits")),
                all if all > metrics::SHOWN => {
                    let more = all - metrics::SHOWN;
                    self.output.faint(&format!("{provider}: {more} more; `:metrics PATTERN` shows fewer"));
                }
                _ => {}
            }
        }
        // Queries that no list contains, and given metrics of providers that do not answer.
        let rest: Vec<String> = given
            .iter()
            .map(|(name, provider, query)| format!("{provider}  {query}   given as {name}"))
            .collect();
        self.output.lines(rest);
    }

    pub(super) fn help(&mut self, topic: Option<&str>) {
        let Some(topic) = topic else {
            let width =
                COMMANDS.iter().map(|it| it.name.len() + it.takes.len() + 2).max().unwrap_or_default();
            let row =
                |it: &CommandRow| format!("{:<width$}  {}", format!(":{} {}", it.name, it.takes), it.does);
            let mut lines = vec!["type a statement, a declaration or an expression; or".to_owned()];
            lines.extend(COMMANDS.iter().map(row));
            return self.output.lines(lines);
        };
        match help::page(topic, self.output.style) {
            Some(page) => self.output.lines(page.lines().map(str::to_owned).collect()),
            None => self.output.refuse(&format!(
                "there is no topic `{topic}`: a statement, a function, a unit or a code has one"
            )),
        }
    }

    pub(super) fn arm(&mut self, seconds: f64) {
        self.arming.arm(seconds);
        let time = Quantity::seconds(seconds);
        self.output.say(
            Tone::Warning,
            &format!("armed for {time}: actions, pages and records are done from now on"),
        );
    }

    pub(super) fn disarm(&mut self) {
        self.arming.disarm();
        self.output.faint("disarmed: actions, pages and records only say what they would do");
    }

    pub(super) fn disarm_in_time(&mut self) {
        if self.arming.is_over() {
            self.disarm();
        }
    }
}
