//! Waiting for the acknowledgement of a page.

use super::layer::{JournalWorld, is_late};
use super::recorder::ClosedQuestion;

use crate::{Acknowledge, Effect, Interrupt, Parked, Purpose, Reply, Sleep, World, not_acknowledged};
use rbl_syntax::value::Time;

/// Seconds between two looks for the acknowledgement of a page.
const BETWEEN_LOOKS: f64 = 1.0;

/// Seconds between two queries of the service that has the page.
const BETWEEN_QUERIES: f64 = 10.0;

/// The same of a parked run, which is resumed for it.
const BETWEEN_PARKED_QUERIES: f64 = 30.0;

impl<W: World> JournalWorld<W> {
    /// Waits for the acknowledgement of a page: a signal, sent while the run is parked or while this process waits.
    pub(super) fn acknowledgement(
        &mut self,
        it: &Acknowledge,
        (seq, asked): (u64, Time),
        mut left: f64,
    ) -> Result<Reply, Interrupt> {
        let question = Some(ClosedQuestion { seq, quorum: 1, until: asked.plus(it.within) });
        let asks = it.ticket.as_ref().is_some_and(|ticket| ticket.acknowledges);
        let mut unasked = BETWEEN_QUERIES;
        let mut trouble = None;
        loop {
            let signal = self.shared.borrow().signal(seq, 1);
            let in_time = |(_, at): &(Reply, Time)| !is_late(*at, asked, it.within);
            if let Some((reply @ Reply::Acknowledged(_), _)) = signal.clone().filter(in_time) {
                return self.take(seq, Ok(reply));
            }
            if asks && (unasked >= BETWEEN_QUERIES || left <= 0.0) {
                unasked = 0.0;
                match self.inner.looks_for_acknowledgement(it) {
                    Ok(Ok(Some(author))) => {
                        let reply = Reply::Acknowledged(Ok(author));
                        return self.shared.borrow_mut().take(seq, question, Ok(reply));
                    }
                    Ok(Ok(None)) => trouble = None,
                    Ok(Err(why)) => trouble = Some(why),
                    Err(interrupt) => return self.shared.borrow_mut().take(seq, question, Err(interrupt)),
                }
            }
            if left <= 0.0 {
                let mut why = not_acknowledged(it.within);
                if let Some(trouble) = trouble {
                    why.text = format!("{}, as far as is known: {trouble}", why.text);
                }
                // One that came too late closes nothing.
                let question = question.filter(|_| signal.is_none());
                return self.shared.borrow_mut().take(seq, question, Ok(Reply::Acknowledged(Err(why))));
            }
            let until = {
                let recorder = self.shared.borrow();
                let parks = recorder.options.parks_sleeps && left >= recorder.options.worth_parking;
                let now = (recorder.options.clock)();
                let asks_at = now.plus(BETWEEN_PARKED_QUERIES.min(left)).filter(|_| asks);
                parks.then(|| Some((now.plus(left)?, asks_at))).flatten()
            };
            if let Some((until, asks_at)) = until {
                let parked = Parked::Acknowledgement { team: it.team.clone(), until, asks_at };
                return Err(self.shared.borrow_mut().park(parked));
            }
            if self.inner.hears_acknowledgements() {
                let came =
                    self.inner.perform(&Effect::Acknowledge(Acknowledge { within: left, ..it.clone() }));
                return self.shared.borrow_mut().take(seq, question, came);
            }
            let seconds = left.min(BETWEEN_LOOKS);
            let purpose = Purpose::Acknowledgement { team: it.team.clone(), left };
            if let Err(interrupt) = self.inner.perform(&Effect::Sleep(Sleep { seconds, purpose })) {
                return self.shared.borrow_mut().take(seq, question, Err(interrupt));
            }
            left -= seconds;
            unasked += seconds;
            self.shared.borrow_mut().listen();
        }
    }
}
