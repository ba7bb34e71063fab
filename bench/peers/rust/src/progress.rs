//! What has been acknowledged, and when.

use std::{
    ops::Range,
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

use crate::Fallible;

/// A store that has acknowledged nothing for so long is not going to.
const PATIENCE: Duration = Duration::from_secs(30);

/// Entries that are durable, counted from 0.
#[derive(Clone)]
pub struct Acknowledged {
    pub entries: Range<u64>,
    pub at: Instant,
}

/// Told by whatever thread commits; watched by the thread that has made it and hands entries in.
pub struct Progress {
    producer: Thread,
    durable: AtomicU64,
    /// Judged afterwards, not while it counts.
    log: Mutex<Vec<Acknowledged>>,
    failure: OnceLock<String>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            producer: thread::current(),
            durable: AtomicU64::new(0),
            log: Mutex::new(Vec::with_capacity(1 << 20)),
            failure: OnceLock::new(),
        }
    }
}

impl Progress {
    /// These entries are durable, since now.
    pub fn acknowledge(&self, entries: Range<u64>) {
        let at = Instant::now();
        let count = entries.end - entries.start;
        self.log().push(Acknowledged { entries, at });
        self.durable.fetch_add(count, Ordering::Release);
        self.producer.unpark();
    }

    /// There is no going on; the first reason counts.
    pub fn fail(&self, why: String) {
        let _ = self.failure.set(why);
        self.producer.unpark();
    }

    /// Waits until more entries are durable than so many, and says how many are.
    pub fn wait_beyond(&self, count: u64) -> Fallible<u64> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(why) = self.failure.get() {
                return Err(why.clone().into());
            }
            let durable = self.durable.load(Ordering::Acquire);
            if durable > count {
                return Ok(durable);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(format!("Nothing was acknowledged for {PATIENCE:?}").into());
            }
            thread::park_timeout(left);
        }
    }

    /// Everything that was acknowledged, in that order.
    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        self.log().clone()
    }

    fn log(&self) -> MutexGuard<'_, Vec<Acknowledged>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
