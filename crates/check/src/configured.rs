//! Checks names that the configuration defines: providers, executors, teams and channels.

use super::checker::Checker;
use rbl_syntax::diagnostic::{Code, Diagnostic, Severity, did_you_mean};
use rbl_syntax::tree;
use rbl_syntax::tree::{Name, Part};

impl<'t> Checker<'t> {
    /// Checks an executor of `define … as EXECUTOR "…"`.
    pub(super) fn executor(&mut self, name: &'t Name) {
        let catalogue = self.inputs.catalogue;
        if catalogue.executors.contains(name.text.as_str()) {
            return;
        }
        let known = catalogue.executors.iter().map(String::as_str);
        self.missing(Code::NAME_EXECUTOR, name, "executor", known, "nothing can run it");
    }

    /// Checks that the provider of a metric is configured; returns its kind.
    pub(super) fn provider_kind(&mut self, name: &'t Name) -> Option<&'t str> {
        let catalogue = self.inputs.catalogue;
        if let Some(kind) = catalogue.providers.get(name.text.as_str()) {
            return Some(kind);
        }
        // These two need no configuration: they query this machine.
        if let Some(built_in) = ["host", "file"].into_iter().find(|built_in| *built_in == name.text) {
            return Some(built_in);
        }
        let known = catalogue.providers.keys().map(String::as_str).chain(["host", "file"]);
        self.missing(Code::NAME_PROVIDER, name, "provider", known, "nothing can answer");
        // Without a configuration the name is taken as the kind.
        (!catalogue.configured).then_some(name.text.as_str())
    }

    /// Reports a missing name: an error if there is a configuration; else a warning, since tests need none.
    fn missing<'a>(
        &mut self,
        code: Code,
        name: &'t Name,
        what: &str,
        known: impl Iterator<Item = &'a str>,
        label: &str,
    ) {
        if name.text.is_empty() || !self.findings.first_missing(code, &name.text) {
            return;
        }
        let mut finding =
            self.finding(code, format!("no {what} `{}` is configured", name.text), name.span, label);
        if !self.inputs.catalogue.configured {
            finding.severity = Severity::Warning;
        }
        let finding = match did_you_mean(&name.text, known) {
            Some(near) => self.file.suggest(finding, name.span, near),
            None => finding.help(format!("add `[{what}s.{}]` to rbl.toml", name.text)),
        };
        self.report(finding);
    }

    /// Checks a team that is written as a text without values.
    pub(super) fn configured_team(&mut self, text: &'t tree::Template) {
        let known = &self.inputs.catalogue.teams;
        if let Some(name) = self.unreported(text, Code::NAME_TEAM, |name| known.contains(name)) {
            let finding = self.finding(
                Code::NAME_TEAM,
                format!("no team `{name}` is configured"),
                text.span,
                "would only be shown on this terminal",
            );
            let near = did_you_mean(name, known.iter().map(String::as_str));
            self.report_near(finding, text, near, &format!("add `[teams.{}]` to rbl.toml", key(name)));
        }
    }

    /// Checks a channel that is written as a text without values.
    pub(super) fn configured_channel(&mut self, text: &'t tree::Template) {
        let known = &self.inputs.catalogue.channels;
        if let Some(name) = self.unreported(text, Code::NAME_CHANNEL, |name| known.contains(name)) {
            let finding = self.finding(
                Code::NAME_CHANNEL,
                format!("no channel `{name}` is configured"),
                text.span,
                "would only be shown on this terminal",
            );
            let near = did_you_mean(name, known.iter().map(String::as_str));
            self.report_near(finding, text, near, &format!("add `[channels.{}]` to rbl.toml", key(name)));
        }
    }

    /// Returns the name if there is a configuration that lacks it and that has not been reported yet.
    fn unreported(
        &mut self,
        text: &'t tree::Template,
        code: Code,
        known: impl Fn(&str) -> bool,
    ) -> Option<&'t str> {
        if !self.inputs.catalogue.configured {
            return None;
        }
        let [Part::Literal { text: name, .. }] = text.parts.as_slice() else { return None };
        (!known(name) && self.findings.first_missing(code, name)).then_some(name)
    }

    fn report_near(
        &mut self,
        finding: Diagnostic,
        text: &'t tree::Template,
        near: Option<&str>,
        else_help: &str,
    ) {
        let finding = match near {
            Some(near) => self.file.suggest(finding, text.span, &format!("\"{near}\"")),
            None => finding.help(else_help),
        };
        self.report(finding);
    }
}

/// Formats a name as a TOML key.
fn key(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}
