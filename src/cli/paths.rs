//! `rbl paths FILE [N]`: lists every path through a runbook.

use super::arguments::{Paths as Asked, PathsFormat};
use super::run::program_of;
use super::{Context, Done};
use crate::Exit;
use rbl_check::paths::Paths;
use rbl_project::Refusal;
use rbl_project::files::{Files, Named};
use rbl_report::paths;
use rbl_report::paths::Look;
use rbl_world::Configured;

/// Prints all paths, or path N in full.
pub(super) fn paths(asked: &Asked, context: &mut Context) -> Done {
    let named = Named::read(&asked.file).map_err(|why| why.refusal(&asked.file))?;
    let configured = Configured::find(&named.folder())?;
    let Some(program) = program_of(&named, &mut Files::new(&named), &configured, "no paths", context)? else {
        return Ok(Exit::Errors);
    };
    let paths = Paths::of(&program, &configured.catalogue());
    let title = paths.title(&program);
    let style = context.terminal.stdout;
    let look = Look { unicode: style.unicode, width: style.width };
    if let Some(number) = asked.number {
        let of = paths.total().paths;
        let told = paths.path(u128::from(number)).and_then(|path| paths.tell(&path));
        let Some(told) = told else {
            if u128::from(number) <= of && number > 0 {
                let most = Paths::LONGEST;
                return Err(Refusal::new(format!(
                    "path {number} is too long to be shown: more than {most} places"
                )));
            }
            let refusal =
                Refusal::new(format!("there is no path {number}: the runbook has {}", paths::how_many(of)));
            return Err(refusal.help(format!("`rbl paths {}` lists them", asked.file)));
        };
        match asked.format {
            PathsFormat::Text => {
                context.out.text(&paths::full(u128::from(number), of, &told, &named.shown, look));
            }
            PathsFormat::Json => context.out.line(&paths::json_of(u128::from(number), &told)),
            PathsFormat::Mermaid | PathsFormat::Dot => {
                return Err(Refusal::new("a single path cannot be drawn: it has no arms")
                    .help("leave the number out, or take `--format text`"));
            }
        }
        return Ok(Exit::Fine);
    }
    match asked.format {
        PathsFormat::Text => context.out.text(&paths::list(&title, &named.shown, &paths, look)),
        PathsFormat::Json => paths::json(&title, &named.shown, &paths, |line| context.out.line(line)),
        PathsFormat::Mermaid => context.out.text(&paths::mermaid(&paths)),
        PathsFormat::Dot => context.out.text(&paths::dot(&title, &paths)),
    }
    Ok(Exit::Fine)
}
