//! [`FallbackPager`]: pages the fallback team where the server itself cannot do its work: deliveries are too large or cannot be
//! taken, or a run can be executed by nobody. Once for each outage, and without the journal, which may be what does not work.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rbl_runtime::{Page, Secrets};
use rbl_world::Outlet;
use smol_str::SmolStr;

use crate::counters::Counters;
use crate::log_screen::LogScreen;
use crate::settings::ServerSettings;

/// An outage is over when nothing of its kind happened for this long.
const QUIET: Duration = Duration::from_mins(15);

/// How soon a page is tried again that reached nobody.
const AGAIN: Duration = Duration::from_mins(1);

/// What does not work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ServerOutage {
    /// Deliveries are larger than allowed, and are lost.
    TooLarge,
    /// Senders leave alerts out of their deliveries.
    LeftOut,
    /// Deliveries are not taken; their senders send them again.
    Refused,
    /// Nobody can execute this run.
    Unclaimed(SmolStr),
    /// Runs are due and cannot be executed now.
    Unexecuted,
    /// An alert still fires after this run, and the runbook is gone with its owner.
    StillFires(SmolStr),
}

impl ServerOutage {
    fn word(&self) -> String {
        match self {
            Self::TooLarge => "413".to_owned(),
            Self::LeftOut => "left-out".to_owned(),
            Self::Refused => "503".to_owned(),
            Self::Unclaimed(run) => run.to_string(),
            Self::Unexecuted => "put-off".to_owned(),
            Self::StillFires(run) => format!("{run}-still-fires"),
        }
    }
}

/// See the module. Clones share what is known of the outages.
#[derive(Clone)]
pub(crate) struct FallbackPager(Arc<PagerState>);

struct PagerState {
    settings: Arc<ServerSettings>,
    counters: Arc<Counters>,
    outages: Mutex<BTreeMap<ServerOutage, OutageState>>,
    number: AtomicU64,
}

/// An outage that goes on.
#[derive(Debug, Clone, Copy)]
struct OutageState {
    /// When it last happened.
    last: Instant,
    /// Until then nobody is paged for it again; `None`: as long as it goes on.
    paged_until: Option<Instant>,
}

impl FallbackPager {
    /// Pages the fallback team that is configured, if one is.
    pub(crate) fn new(settings: Arc<ServerSettings>, counters: Arc<Counters>) -> Self {
        let (outages, number) = (Mutex::default(), AtomicU64::new(0));
        Self(Arc::new(PagerState { settings, counters, outages, number }))
    }

    /// It happened once more; the first time the team is paged, on a thread of its own.
    pub(crate) fn page(&self, outage: ServerOutage, reason: String) {
        if !self.is_new(&outage) {
            return;
        }
        let Some((team, _)) = &self.0.settings.fallback else {
            tracing::warn!(%reason, "nobody is paged: there is no `fallback` in `[teams]`");
            return;
        };
        let (team, pager) = (team.clone(), self.clone());
        let thread = std::thread::Builder::new().name("fallback".into());
        let spawned = thread.spawn(move || pager.send(&team, &outage, reason));
        if let Err(why) = spawned {
            tracing::error!(%why, "the fallback team could not be paged");
        }
    }

    /// Notes that it happened; returns whether somebody has to be paged for it.
    fn is_new(&self, outage: &ServerOutage) -> bool {
        let now = Instant::now();
        let mut outages = self.0.outages.lock().unwrap_or_else(PoisonError::into_inner);
        outages.retain(|_, state| now.duration_since(state.last) < QUIET);
        let Some(state) = outages.get_mut(outage) else {
            outages.insert(outage.clone(), OutageState { last: now, paged_until: None });
            return true;
        };
        state.last = now;
        let again = state.paged_until.is_some_and(|until| now >= until);
        if again {
            state.paged_until = None;
        }
        again
    }

    fn send(&self, team: &SmolStr, outage: &ServerOutage, reason: String) {
        let Some((_, pager)) = &self.0.settings.fallback else { return };
        let number = self.0.number.fetch_add(1, Ordering::Relaxed);
        let now = rbl_world::clock::now();
        let page = Page {
            team: team.to_string(),
            reason,
            runbook: "rbl serve".to_owned(),
            severity: None,
            story: Vec::new(),
            links: Vec::new(),
            about: None,
            key: format!("serve-{now}-{number}/{}", outage.word()),
            again: false,
        };
        let outlet = Outlet {
            screen: Arc::new(LogScreen),
            secrets: Secrets::of_connection(),
            teams: Arc::clone(&self.0.settings.teams),
        };
        match pager.it.page(&page, &outlet) {
            Ok(delivery) => {
                Counters::one(&self.0.counters.fallback_pages);
                tracing::warn!(%team, by = %delivery.by, reason = %page.reason, "the fallback team is paged");
            }
            Err(why) => {
                tracing::error!(%team, %why, reason = %page.reason, "the fallback team could not be paged");
                let mut outages = self.0.outages.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(state) = outages.get_mut(outage) {
                    state.paged_until = Some(Instant::now() + AGAIN);
                }
            }
        }
    }
}
