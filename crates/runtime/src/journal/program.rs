//! Rebuilds the program of a run from the texts recorded when it began.

use super::{Begun, RecordedSource};
use crate::Start;
use rbl_check::{Catalogue, LoadedFile, Loader, Program, check};
use rbl_syntax::diagnostic::short;
use rbl_syntax::source::Source;

impl Begun {
    /// The program, from the recorded texts alone.
    ///
    /// Errors: why there is none, in words. The texts were right when the run began, so either they are incomplete or
    /// this rbl does not understand what that one did.
    pub fn program(&self) -> Result<Program, String> {
        if let Some(why) = self.unknown_edition() {
            return Err(why);
        }
        let main = self.sources.first().ok_or("there is no text in the record of the run")?;
        let source = Source::new(main.name.as_str(), main.text.as_str());
        // The configuration may have changed since the run began: nothing is reported about it now.
        let catalogue = Catalogue { providers: self.providers.clone(), ..Catalogue::default() };
        let checked = check(source, &main.identity, &mut RecordedFiles(&self.sources), &catalogue);
        match (&checked.runnable, checked.of_a_run().find(|it| it.is_error())) {
            (Some(program), _) => Ok(program.clone()),
            (None, Some(error)) => {
                let error = short(error, &checked.sources);
                Err(format!("rbl {} accepted its text, and this one does not: {error}", self.rbl))
            }
            (None, None) => Err("its text is no runbook".into()),
        }
    }

    /// The inputs of the run.
    pub fn start(&self) -> Start {
        Start {
            run_id: self.run.clone(),
            params: self.params.clone(),
            alert: self.alert.clone(),
            scheduled: self.scheduled,
            asks_mode: self.asks_mode(),
        }
    }
}

/// Finds a named file among the recorded texts.
struct RecordedFiles<'a>(&'a [RecordedSource]);

impl Loader for RecordedFiles<'_> {
    fn load(&mut self, from: &str, named: &str) -> Result<LoadedFile, String> {
        let shown = self.0.iter().find(|it| it.identity == from).map_or(from, |it| it.name.as_str());
        // By its identity, else by its shown name: a link on disk may have led elsewhere.
        let (identity, name) = (beside(from, named), beside(shown, named));
        let found = self
            .0
            .iter()
            .find(|it| it.identity == identity)
            .or_else(|| self.0.iter().find(|it| it.name == name || it.identity == name));
        let source = found.ok_or_else(|| format!("`{named}` is not in the record of the run"))?;
        Ok(LoadedFile {
            identity: source.identity.clone(),
            shown: source.name.to_string(),
            text: source.text.clone(),
        })
    }
}

/// The path of a file named in another file, without `.` and, after a folder, without `..`.
fn beside(from: &str, named: &str) -> String {
    if named.starts_with('/') {
        return named.to_owned();
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let absolute = from.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(named.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_beside_the_one_that_names_it() {
        assert_eq!(beside("/a/b/main.rb", "lib/x.rb"), "/a/b/lib/x.rb");
        assert_eq!(beside("/a/b/main.rb", "../x.rb"), "/a/x.rb");
        assert_eq!(beside("books/main.rb", "./x.rb"), "books/x.rb");
        assert_eq!(beside("main.rb", "../x.rb"), "../x.rb");
        assert_eq!(beside("<stdin>", "x.rb"), "x.rb");
        assert_eq!(beside("main.rb", "/x.rb"), "/x.rb");
    }
}
