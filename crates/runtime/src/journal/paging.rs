//! Pages a team no more often than it may be paged: beyond `at_most` one page says that further ones are held, and those are.

use super::layer::JournalWorld;
use super::recorder::Recorder;
use super::{AppendGuard, Appended, GuardRefusal, Stopped, StoreError, Tally};
use crate::teams::PageLimit;
use crate::{Delivery, Effect, Interrupt, Page, Reply, World};
use rbl_syntax::value::Quantity;

/// What becomes of a page.
enum PageTurn {
    /// It is sent.
    Sent,
    /// It is sent as the one that says that further ones are held.
    Summary(PageLimit),
    /// It is held.
    Held(PageLimit),
}

impl<W: World> JournalWorld<W> {
    /// Sends a page, as far as its team may be paged. Pages are harmless: they are sent even if they cannot be recorded.
    pub(super) fn page(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let Effect::Page(page) = effect else { return self.inner.perform(effect) };
        let (to, turn) = {
            let mut recorder = self.shared.borrow_mut();
            let to = recorder.intend(effect);
            (to, recorder.page_turn(page)?)
        };
        let came = match turn {
            PageTurn::Sent => self.inner.perform(effect),
            PageTurn::Summary(limit) => self.inner.perform(&Effect::Page(summary(page, limit))),
            PageTurn::Held(limit) => {
                let by = format!("held: {} was paged {}", page.team, limit_words(limit));
                Ok(Reply::Delivered(Ok(Delivery::by(by, true))))
            }
        };
        self.take(to, came)
    }
}

impl Recorder {
    /// Makes the intent of a page durable where that is possible, counts it, and says what becomes of it.
    fn page_turn(&mut self, page: &Page) -> Result<PageTurn, Interrupt> {
        let Some(limit) = self.options.teams.page_limit(&page.team) else {
            self.flush_if_possible()?;
            return Ok(PageTurn::Sent);
        };
        let tally = |what: &str, most| Tally {
            key: format!("{what} {}", page.team),
            id: page.key.clone(),
            most: Some(most),
            window: limit.window,
        };
        let counted = self.writer.flush_guarded(&[AppendGuard::Count(tally("pages", limit.most))]);
        match counted {
            Ok(Appended::Refused(GuardRefusal::Reached(_))) => {}
            Err(StoreError::Fenced { by }) => return Err(self.stopped(Stopped::Fenced { by })),
            Ok(_) | Err(_) => return Ok(PageTurn::Sent),
        }
        match self.writer.flush_guarded(&[AppendGuard::Count(tally("summaries", 1))]) {
            Ok(Appended::Written) => Ok(PageTurn::Summary(limit)),
            Err(StoreError::Fenced { by }) => Err(self.stopped(Stopped::Fenced { by })),
            Ok(Appended::Refused(_)) | Err(_) => Ok(PageTurn::Held(limit)),
        }
    }
}

/// The page that says that further ones are held.
fn summary(page: &Page, limit: PageLimit) -> Page {
    let window = Quantity::seconds(limit.window);
    let held = format!(
        "{} was paged {}: further pages are held for {window}; `rbl runs` lists the runs, and `rbl show` what each has to say",
        page.team,
        limit_words(limit)
    );
    let reason = if page.reason.is_empty() { held } else { format!("{} ({held})", page.reason) };
    Page { reason, ..page.clone() }
}

/// `10 times within 10m`
fn limit_words(limit: PageLimit) -> String {
    let times = rbl_syntax::counted(limit.most as usize, "time", "times");
    format!("{times} within {}", Quantity::seconds(limit.window))
}
