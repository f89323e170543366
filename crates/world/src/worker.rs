//! [`LazyWorker`]: a thread that is kept for slow calls.
//!
//! *Why:* a run makes one slow call after the other, and starting a thread costs more than most of them.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};

type WorkerJob = Box<dyn FnOnce() + Send>;

/// The thread, once there was something to do.
#[derive(Default)]
pub(super) struct LazyWorker(Option<WorkerThread>);

struct WorkerThread {
    jobs: Sender<WorkerJob>,
    /// Whether it is still busy. A thread that was abandoned, or that panicked, stays busy.
    busy: Arc<AtomicBool>,
}

impl LazyWorker {
    /// Starts the call, on the kept thread if that is free, else on a new one, which is then kept. The stream becomes
    /// readable when the call has ended or panicked.
    pub(super) fn begin(&mut self, work: impl FnOnce() + Send + 'static) -> io::Result<UnixStream> {
        let (done, mut doing) = UnixStream::pair()?;
        if self.0.as_ref().is_some_and(|kept| kept.busy.load(Ordering::Acquire)) {
            // It ends with what it does.
            self.0 = None;
        }
        let kept = match &self.0 {
            Some(kept) => kept,
            None => self.0.insert(WorkerThread::start()?),
        };
        kept.busy.store(true, Ordering::Release);
        let busy = kept.busy.clone();
        let job: WorkerJob = Box::new(move || {
            work();
            busy.store(false, Ordering::Release);
            let _ = doing.write_all(b"x");
        });
        kept.jobs.send(job).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(done)
    }
}

impl WorkerThread {
    fn start() -> io::Result<Self> {
        let (jobs, todo) = channel::<WorkerJob>();
        std::thread::Builder::new()
            .name("worker".into())
            .spawn(move || todo.into_iter().for_each(|job| job()))?;
        Ok(Self { jobs, busy: Arc::default() })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::sync::mpsc;
    use std::thread::{self, ThreadId};

    use super::*;

    /// Runs the call to its end. Returns its thread; `None` where it panicked.
    fn done(worker: &mut LazyWorker, work: impl FnOnce() + Send + 'static) -> Option<ThreadId> {
        let (sender, receiver) = mpsc::channel();
        let mut ended = worker
            .begin(move || {
                work();
                sender.send(thread::current().id()).unwrap();
            })
            .unwrap();
        let _ = ended.read(&mut [0]).unwrap();
        receiver.try_recv().ok()
    }

    #[test]
    fn one_thread_does_one_thing_after_the_other() {
        let mut worker = LazyWorker::default();
        let first = done(&mut worker, || {}).unwrap();
        assert_eq!(done(&mut worker, || {}), Some(first));
    }

    #[test]
    fn what_is_not_waited_for_keeps_nothing_else_waiting() {
        let mut worker = LazyWorker::default();
        let (end, ends) = mpsc::channel::<()>();
        let mut left = worker.begin(move || ends.recv().unwrap_or_default()).unwrap();
        let second = done(&mut worker, || {}).unwrap();
        assert_eq!(done(&mut worker, || {}), Some(second));
        drop(end);
        assert_eq!(left.read(&mut [0]).unwrap(), 1);
    }

    #[test]
    fn after_something_that_broke_there_is_another_thread() {
        let mut worker = LazyWorker::default();
        assert_eq!(done(&mut worker, || panic!("on purpose")), None);
        assert!(done(&mut worker, || {}).is_some());
    }
}
