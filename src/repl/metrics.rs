//! The metric names of the providers, fetched in the background while the user types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rbl_syntax::clean;
use rbl_world::Connections;
use rbl_world::provider::Provider;

/// The most names of a provider that are shown at once.
pub(super) const SHOWN: usize = 40;

/// The longest time to wait for names that are still being fetched.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The names of a provider, or why they are unknown.
type ProviderNames = Result<Vec<String>, String>;

/// The names of each provider that has a list.
pub(super) type Listed = Vec<(String, ProviderNames)>;

/// The names of each provider, as far as they have been fetched. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct MetricNames(Arc<MetricNamesInner>);

#[derive(Debug, Default)]
struct MetricNamesInner {
    providers: BTreeMap<String, Arc<dyn Provider>>,
    state: Mutex<MetricNamesState>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct MetricNamesState {
    /// The providers that are being queried.
    asked: BTreeSet<String>,
    names: BTreeMap<String, ProviderNames>,
    /// The labels that were asked for; `None` while the answer is awaited.
    labels: BTreeMap<LabelKey, Option<Vec<String>>>,
}

/// What is asked about labels: the names of those of a metric, or the values of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LabelQuestion<'a> {
    /// The metric; empty for all.
    pub(super) metric: &'a str,
    /// The label whose values are wanted; `None` for the names of labels.
    pub(super) label: Option<&'a str>,
}

/// Provider, metric and label of a [`LabelQuestion`].
type LabelKey = (String, String, Option<String>);

impl MetricNames {
    /// A list for the configured providers; nothing is queried yet.
    pub(super) fn of(config: Option<&Connections>) -> Self {
        let configured = config.into_iter().flat_map(|config| &config.providers);
        let providers = configured.map(|(name, it)| (name.to_string(), Arc::clone(&it.it))).collect();
        Self(Arc::new(MetricNamesInner { providers, ..MetricNamesInner::default() }))
    }

    /// Queries the providers whose names are not known, including those that did not answer before.
    pub(super) fn fetch(&self) {
        for (name, provider) in &self.0.providers {
            let mut state = self.state();
            if state.names.get(name).is_some_and(Result::is_ok) || !state.asked.insert(name.clone()) {
                continue;
            }
            drop(state);
            let (shared, name, provider) = (Arc::clone(&self.0), name.clone(), Arc::clone(provider));
            std::thread::spawn(move || {
                let names = provider.names().map_err(|why| why.text);
                let names = names.map(|names| names.iter().map(|it| clean(it)).collect());
                let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.asked.remove(&name);
                state.names.insert(name, names);
                shared.arrived.notify_all();
            });
        }
    }

    /// The names of a provider, if they are known. Does not wait.
    pub(super) fn now(&self, provider: &str) -> Vec<String> {
        self.state().names.get(provider).and_then(|it| it.as_ref().ok()).cloned().unwrap_or_default()
    }

    /// The labels of a metric, or the values of a label, if they arrive within `patience`; without any, only what has
    /// arrived before. Nothing is fetched then, because a key was typed and nobody asked.
    pub(super) fn labels(&self, provider: &str, of: LabelQuestion<'_>, patience: Duration) -> Vec<String> {
        let key: LabelKey = (provider.to_owned(), of.metric.to_owned(), of.label.map(str::to_owned));
        let mut state = self.state();
        if !patience.is_zero()
            && !state.labels.contains_key(&key)
            && let Some(source) = self.0.providers.get(provider)
        {
            state.labels.insert(key.clone(), None);
            let (shared, key, source) = (Arc::clone(&self.0), key.clone(), Arc::clone(source));
            std::thread::spawn(move || {
                let answered = source.labels(&key.1, key.2.as_deref());
                let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
                // One that did not answer is asked again at the next Tab.
                match answered {
                    Ok(labels) => {
                        state.labels.insert(key, Some(labels.iter().map(|it| clean(it)).collect()));
                    }
                    Err(_) => drop(state.labels.remove(&key)),
                }
                shared.arrived.notify_all();
            });
        }
        let awaited = |it: &mut MetricNamesState| it.labels.get(&key).is_some_and(Option::is_none);
        let waited = self.0.arrived.wait_timeout_while(state, patience, awaited);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.labels.get(&key).cloned().flatten().unwrap_or_default()
    }

    /// The names of every provider. Waits for those that are still being fetched, up to [`LONGEST_WAIT`]. Providers
    /// without a list are left out.
    pub(super) fn wait(&self) -> Listed {
        let asked = |it: &mut MetricNamesState| !it.asked.is_empty();
        let waited = self.0.arrived.wait_timeout_while(self.state(), LONGEST_WAIT, asked);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let late = || Err("it has not said yet which metrics it has".to_owned());
        let of = |name: &String| state.names.get(name).cloned().unwrap_or_else(late);
        let named = self.0.providers.keys().map(|name| (name.clone(), of(name)));
        named.filter(|(_, names)| names.as_ref().map_or(true, |names| !names.is_empty())).collect()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, MetricNamesState> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn known(provider: &str, names: &[&str], labels: &[(Option<&str>, &str)]) -> Self {
        let metrics = Self::default();
        for (label, word) in labels {
            let metric = names.first().copied().unwrap_or_default();
            let key = (provider.into(), metric.into(), label.map(str::to_owned));
            metrics.state().labels.insert(key, Some(vec![(*word).to_owned()]));
        }
        let names = names.iter().map(|it| (*it).to_owned()).collect();
        metrics.state().names.insert(provider.into(), Ok(names));
        metrics
    }
}

/// Whether a name matches a pattern: `*` matches anything; a pattern without `*` matches any part of the name.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return name.contains(pattern) };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, behind)) = left.split_once(part) else { return false };
        left = behind;
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_pattern_is_a_part_or_has_stars() {
        assert!(fits("requests", "http_requests_total"));
        assert!(!fits("requests*", "http_requests_total"));
        assert!(fits("http_*_total", "http_requests_total"));
        assert!(fits("*total", "http_requests_total"));
        assert!(fits("h*re*t*", "http_requests_total"));
        assert!(!fits("http*x*total", "http_requests_total"));
        assert!(!fits("ab*ba", "aba"));
        assert!(fits("*", "up"));
    }
}
