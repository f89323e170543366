//! `rbl check [PATH…]`: finds mistakes without running.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::arguments::{Check, CheckFormat};
use super::online::Online;
use super::targets::{Target, targets};
use super::{Context, Done};
use crate::check::{self, Program};
use crate::diagnostic::{Code, Diagnostic, Severity, Summary};
use crate::front::configured::Configured;
use crate::front::files::{self, Files, Named, Unread};
use crate::front::findings::{self, Form};
use crate::front::{Exit, Refusal};
use crate::source::{Source, Sources, Span};

/// What one file came to.
#[derive(Debug)]
enum Outcome {
    /// It was looked at.
    Checked(Findings),
    /// It is Ruby, and nobody named it.
    Ruby,
    /// It could not be read, though it was named.
    Refused(Refusal),
}

/// What was found, and the texts that it was found in.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) sources: Arc<Sources>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The configurations that were read, by folder.
#[derive(Debug, Default)]
struct Configurations(Mutex<HashMap<PathBuf, Result<Arc<Configured>, Refusal>>>);

impl Configurations {
    fn of(&self, folder: PathBuf) -> Result<Arc<Configured>, Refusal> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(folder).or_insert_with_key(|folder| Configured::find(folder).map(Arc::new)).clone()
    }
}

/// Checks every file that is meant, and prints what was found.
pub(super) fn check(asked: &Check, context: &mut Context) -> Done {
    let (targets, mut refusals) = targets(&asked.paths);
    let configurations = Configurations::default();
    let online = asked.online.then(Online::new);
    let outcomes = every(&targets, &configurations, online.as_ref());
    let form = match asked.format {
        CheckFormat::Pretty => Form::Pretty(context.surroundings.stdout),
        CheckFormat::Short => Form::Short,
        CheckFormat::Json => Form::Json,
    };
    let mut summary = Summary::default();
    let mut told = HashSet::new();
    let mut ruby = 0;
    for findings in configurations.findings(&mut refusals) {
        tell(findings, asked.strict, form, context, &mut summary, &mut told);
    }
    for outcome in outcomes {
        match outcome {
            Outcome::Checked(findings) => {
                summary.files += 1;
                tell(findings, asked.strict, form, context, &mut summary, &mut told);
            }
            Outcome::Ruby => ruby += 1,
            Outcome::Refused(refusal) => refusals.push(refusal),
        }
    }
    close(&summary, ruby, form, context);
    for line in online.iter().flat_map(Online::left_out) {
        context.err.line(&line);
    }
    for refusal in &refusals {
        context.err.line(&refusal.to_string());
    }
    if !refusals.is_empty() {
        return Ok(Exit::Cannot);
    }
    if summary.files == 0 {
        let refusal = Refusal::new(format!("no runbook found in {}", asked.paths.join(", ")));
        return Err(match ruby {
            0 => {
                refusal.help("a runbook is a file that ends in `.rb` or `.rbl`; `rbl new` writes a first one")
            }
            _ => refusal.help("the `.rb` files there are Ruby; `rbl new` writes a first runbook"),
        });
    }
    Ok(if summary.errors > 0 { Exit::Findings } else { Exit::Fine })
}

/// The closing line: a result for people and machines, beside the point for an editor.
fn close(summary: &Summary, ruby: usize, form: Form, context: &mut Context) {
    let skipped = match ruby {
        0 => String::new(),
        1 => " (1 file of Ruby left out)".into(),
        more => format!(" ({more} files of Ruby left out)"),
    };
    context.out.flush();
    match form {
        Form::Json => context.out.line(&summary.json()),
        Form::Pretty(_) if summary.files > 0 || !summary.is_clean() => {
            context.out.line(&format!("{summary}{skipped}"));
        }
        Form::Short if summary.files > 0 => context.err.line(&format!("{summary}{skipped}")),
        Form::Pretty(_) | Form::Short => {}
    }
    context.out.flush();
}

/// Prints what was not told before: what stands in a library is found again in each runbook that takes it in.
fn tell(
    mut findings: Findings,
    strict: bool,
    form: Form,
    context: &mut Context,
    summary: &mut Summary,
    told: &mut HashSet<(String, u32, u32, &'static str, String)>,
) {
    findings.diagnostics.retain(|it| {
        let span = it.place().map(|place| place.span).unwrap_or_default();
        let file =
            it.place().and_then(|place| findings.sources.get(place.source)).map(|it| it.name().to_owned());
        let key = (file.unwrap_or_default(), span.start, span.end, it.code.name(), it.message.clone());
        told.insert(key)
    });
    if strict {
        for diagnostic in &mut findings.diagnostics {
            if diagnostic.severity == Severity::Warning {
                diagnostic.severity = Severity::Error;
            }
        }
    }
    findings::print(&findings.diagnostics, &findings.sources, form, &mut context.out, summary);
}

/// Checks all files, on all cores where there are several; what comes back is in the order of the targets.
fn every(targets: &[Target], configurations: &Configurations, online: Option<&Online>) -> Vec<Outcome> {
    if let [one] = targets {
        return vec![file(one, configurations, online)];
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Outcome)>> = Mutex::default();
    let work = || {
        while let Some((at, target)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            targets.get(at).map(|target| (at, target))
        } {
            let outcome = file(target, configurations, online);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, outcome));
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(targets.len());
    std::thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn file(target: &Target, configurations: &Configurations, online: Option<&Online>) -> Outcome {
    let named = match Named::read(&target.path) {
        Ok(named) => named,
        Err(why @ Unread::Closed(_)) if target.named => return Outcome::Refused(why.refusal(&target.path)),
        Err(why) => return Outcome::Checked(unreadable(&target.path, &why)),
    };
    let configured = match configurations.of(named.folder()) {
        Ok(configured) => configured,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    let source = Source::new(named.shown.as_str(), named.text.as_str());
    let config_file = configured.file.as_deref().unwrap_or_default();
    let asking = online.zip(configured.config.as_ref());
    let ask =
        asking.map(|(online, config)| move |program: &Program| online.ask(program, config, config_file));
    let checked = check::check_asking(
        source,
        &named.identity,
        &mut Files::new(&named),
        &configured.catalogue(),
        Some(|| jiff::Zoned::now().date()),
        ask.as_ref().map(|ask| ask as check::Ask<'_>),
    );
    let is_ruby = |it: &Diagnostic| it.code == Code::SYNTAX_RUBY;
    if !target.named && checked.diagnostics.iter().any(is_ruby) {
        return Outcome::Ruby;
    }
    let mut diagnostics = checked.diagnostics;
    if configured.config.is_none() {
        // What a broken `rbl.toml` configures is not known: its own findings are told instead.
        let unconfigured = [Code::NAME_PROVIDER, Code::NAME_EXECUTOR, Code::NAME_TEAM, Code::NAME_CHANNEL];
        diagnostics.retain(|it| !unconfigured.contains(&it.code));
    }
    // The texts are kept only to be shown beside a finding.
    let sources = if diagnostics.is_empty() { Arc::default() } else { checked.sources };
    Outcome::Checked(Findings { sources, diagnostics })
}

/// A file that cannot be read: a finding, and the others are looked at all the same.
pub(super) fn unreadable(path: &str, why: &Unread) -> Findings {
    let (before, message, label) = match why {
        Unread::NotText { what, looks, before } => (before.as_str(), what.as_str(), *looks),
        Unread::Closed(why) => ("", "the file cannot be read", why.as_str()),
    };
    let mut sources = Sources::new();
    let id = sources.add(Source::new(if path == "-" { files::STDIN } else { path }, before));
    let end = u32::try_from(before.len()).unwrap_or_default();
    let diagnostic = Diagnostic::new(Code::SYNTAX_FILE, message, Span::new(end, end).in_source(id), label);
    Findings { sources: sources.into(), diagnostics: vec![diagnostic] }
}

impl Configurations {
    /// What is wrong with the configurations, each once.
    fn findings(&self, refusals: &mut Vec<Refusal>) -> Vec<Findings> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<&Arc<Configured>> = Vec::new();
        for configured in known.values() {
            match configured {
                Ok(it) if files.iter().all(|other| other.file != it.file) => files.push(it),
                Ok(_) => {}
                Err(refusal) if refusals.contains(refusal) => {}
                Err(refusal) => refusals.push(refusal.clone()),
            }
        }
        files.sort_by(|a, b| a.file.cmp(&b.file));
        let findings = |it: &&Arc<Configured>| Findings {
            sources: Arc::clone(&it.sources),
            diagnostics: it.diagnostics.clone(),
        };
        files.iter().filter(|it| !it.diagnostics.is_empty()).map(findings).collect()
    }
}
