//! How a store is driven: one commit after the other, as hard as it goes, or at a fixed rate.

use std::{
    fs, hint,
    ops::Range,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use serde_json::json;

use crate::{Answer, BytesJob, CommitsJob, Fallible, LatencyJob, Progress, SaturatedJob};

/// What the histogram can hold; nobody waits longer.
const LONGEST: Duration = Duration::from_secs(120);
/// How long before a moment a thread no longer sleeps, from which it would wake up too late.
const SPUN: Duration = Duration::from_millis(1);

/// A store whose commit returns when it is durable.
pub trait Store {
    fn commit(&mut self, entries: Range<u64>) -> Fallible<()>;
}

/// A store that takes entries at once and tells a [`Progress`] later that they are durable.
pub trait Pipeline {
    fn offer(&mut self, entries: Range<u64>) -> Fallible<()>;
}

/// One commit at a time.
pub fn commits(store: &mut impl Store, job: &CommitsJob) -> Fallible<Answer> {
    let mut took = histogram()?;
    let mut started_at = Instant::now();
    for commit in 0..job.warm_up + job.commits {
        let before = Instant::now();
        if commit == job.warm_up {
            started_at = before;
        }
        store.commit(commit * job.batch..(commit + 1) * job.batch)?;
        if commit >= job.warm_up {
            record(&mut took, before.elapsed())?;
        }
    }
    let seconds = started_at.elapsed().as_secs_f64();
    Ok(json!({
        "medianUs": us_at(&took, 0.5),
        "p99Us": us_at(&took, 0.99),
        "entriesPerSecond": (job.batch * job.commits) as f64 / seconds,
    }))
}

/// Commits as many entries as told, for what they take on the disk.
pub fn fill(store: &mut impl Store, job: &BytesJob) -> Fallible<()> {
    for from in (0..job.entries).step_by(job.batch as usize) {
        store.commit(from..job.entries.min(from + job.batch))?;
    }
    Ok(())
}

/// What lies in the folder of a store that has been closed, per entry.
pub fn stored_bytes(job: &BytesJob) -> Fallible<Answer> {
    let bytes = bytes_in(&job.directory)?;
    Ok(json!({ "storedBytesPerEntry": bytes as f64 / job.entries as f64 }))
}

fn bytes_in(folder: &Path) -> Fallible<u64> {
    let mut bytes = 0;
    for found in fs::read_dir(folder)? {
        let found = found?;
        let metadata = found.metadata()?;
        bytes += if metadata.is_dir() {
            bytes_in(&found.path())?
        } else {
            metadata.len()
        };
    }
    Ok(bytes)
}

/// As many entries outstanding as told, always.
pub fn closed_loop(
    pipeline: &mut impl Pipeline,
    progress: &Progress,
    job: &SaturatedJob,
) -> Fallible<Answer> {
    let total = job.warm_up + job.entries;
    let (mut offered, mut durable) = (0, 0);
    while durable < total {
        let until = durable + job.outstanding;
        pipeline.offer(offered..until)?;
        offered = until;
        durable = progress.wait_beyond(durable)?;
    }
    let mut durable = 0;
    let mut first = None;
    for acknowledged in progress.acknowledged() {
        durable += acknowledged.entries.end - acknowledged.entries.start;
        if durable < job.warm_up {
            continue;
        }
        let &mut (at, count) = first.get_or_insert((acknowledged.at, durable));
        if durable >= total && durable > count {
            let seconds = (acknowledged.at - at).as_secs_f64();
            return Ok(json!({ "entriesPerSecond": (durable - count) as f64 / seconds }));
        }
    }
    Err("Too few entries to measure: all came with one acknowledgement".into())
}

/// Hands entries in at a fixed rate, a burst at each millisecond. One that comes late, because the
/// store held its source up, still counts from the moment at which it was due.
pub fn open_loop(
    pipeline: &mut impl Pipeline,
    progress: &Progress,
    job: &LatencyJob,
) -> Fallible<Answer> {
    let total = job.warm_up + job.entries;
    let started_at = Instant::now() + Duration::from_millis(1);
    let due_at = |entry: u64| started_at + Duration::from_millis(entry * 1000 / job.per_second);
    let mut offered = 0;
    while offered < total {
        wait_until(due_at(offered));
        let millisecond = started_at.elapsed().as_millis() as u64;
        let until = total.min(((millisecond + 1) * job.per_second).div_ceil(1000));
        pipeline.offer(offered..until)?;
        offered = until;
    }
    let mut durable = 0;
    while durable < total {
        durable = progress.wait_beyond(durable)?;
    }
    let mut waited = histogram()?;
    for acknowledged in progress.acknowledged() {
        for entry in acknowledged
            .entries
            .filter(|entry| (job.warm_up..total).contains(entry))
        {
            record(&mut waited, acknowledged.at - due_at(entry))?;
        }
    }
    Ok(json!({
        "p50Us": us_at(&waited, 0.5),
        "p90Us": us_at(&waited, 0.9),
        "p99Us": us_at(&waited, 0.99),
        "p999Us": us_at(&waited, 0.999),
        "maxUs": waited.max() as f64 / 1e3,
    }))
}

/// Sleeps, and keeps a core busy for the last millisecond: the load generator in Node does so too.
fn wait_until(moment: Instant) {
    let left = moment.saturating_duration_since(Instant::now());
    thread::sleep(left.saturating_sub(SPUN));
    while Instant::now() < moment {
        hint::spin_loop();
    }
}

/// Of nanoseconds, good to a thousandth.
fn histogram() -> Fallible<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, LONGEST.as_nanos() as u64, 3)?)
}

fn record(histogram: &mut Histogram<u64>, took: Duration) -> Fallible<()> {
    Ok(histogram.record(took.as_nanos() as u64)?)
}

fn us_at(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    histogram.value_at_quantile(quantile) as f64 / 1e3
}
