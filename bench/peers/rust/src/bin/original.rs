//! The original: nautilus-event-store over redb, one durable transaction per batch.
//!
//! Charged: its own BLAKE3 hash of every entry. Single commits go to its store directly; saturated
//! and at a rate it is driven through its writer, whose thread batches, at its defaults (100
//! entries, 5 ms, room for 10,000) or with `--tuned` before the job (up to 10,000 entries, no
//! window).

use std::{ops::Range, path::Path, process::ExitCode, sync::Arc, time::Duration};

use bytes::Bytes;
use indexmap::IndexMap;
use nautilus_core::{UnixNanos, time::get_atomic_clock_realtime};
use nautilus_event_store::{
    AppendEntry, EntryDraft, EventStore, EventStoreEntry, EventStoreError, EventStoreWriter,
    Headers, IndexKind, PayloadType, RedbBackend, RegisteredComponents, RunManifest, RunStatus,
    ScanDirection, Topic, WriterConfig, compute_entry_hash,
};
use tidemark_peers::{
    Draft, Drafts, Fallible, Job, Pipeline, Progress, Store, closed_loop, commits, fill,
    has_option, main_of, open_loop, stored_bytes,
};

/// Not the default of 250 ms, since a stall of this machine's is to be measured, not to end a run.
const HALT_THRESHOLD: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    main_of(|job| match job {
        Job::Commits(job) => commits(&mut Direct::open(&job.directory, job.payload_bytes)?, &job),
        Job::Saturated(job) => {
            let (mut queued, progress) = Queued::open(&job.directory, job.payload_bytes)?;
            closed_loop(&mut queued, &progress, &job)
        }
        Job::Latency(job) => {
            let (mut queued, progress) = Queued::open(&job.directory, job.payload_bytes)?;
            open_loop(&mut queued, &progress, &job)
        }
        Job::Bytes(job) => {
            let mut store = Direct::open(&job.directory, job.payload_bytes)?;
            fill(&mut store, &job)?;
            store.backend.seal(RunStatus::Ended)?;
            drop(store);
            stored_bytes(&job)
        }
    })
}

/// The store without its writer: what a commit costs.
struct Direct {
    backend: RedbBackend,
    drafts: OwnDrafts,
}

impl Direct {
    fn open(directory: &Path, payload_bytes: usize) -> Fallible<Self> {
        Ok(Self {
            backend: open_run(directory)?,
            drafts: OwnDrafts::new(payload_bytes),
        })
    }
}

impl Store for Direct {
    fn commit(&mut self, entries: Range<u64>) -> Fallible<()> {
        let batch: Vec<_> = entries
            .map(|entry| sealed(self.drafts.of(entry), entry + 1))
            .collect();
        self.backend.append_batch(&batch)?;
        Ok(())
    }
}

/// What the writer's thread does with a draft.
fn sealed(draft: EntryDraft, seq: u64) -> AppendEntry {
    let EntryDraft {
        headers,
        topic,
        payload_type,
        payload,
        ts_init,
        index_keys,
    } = draft;
    let ts_publish = get_atomic_clock_realtime().get_time_ns();
    let (topic_text, type_text) = (topic.as_ref(), payload_type.as_str());
    let hash = compute_entry_hash(
        seq, ts_init, ts_publish, topic_text, type_text, &payload, &headers,
    );
    let entry = EventStoreEntry::new(
        hash,
        seq,
        headers,
        topic,
        payload_type,
        payload,
        ts_init,
        ts_publish,
    );
    AppendEntry::new(entry, index_keys)
}

/// The store behind its writer.
struct Queued {
    writer: EventStoreWriter,
    drafts: OwnDrafts,
}

impl Queued {
    fn open(directory: &Path, payload_bytes: usize) -> Fallible<(Self, Arc<Progress>)> {
        let progress = Arc::new(Progress::default());
        let backend = Told {
            backend: open_run(directory)?,
            progress: Arc::clone(&progress),
        };
        let mut config = WriterConfig {
            halt_threshold: HALT_THRESHOLD,
            ..WriterConfig::default()
        };
        if has_option("--tuned") {
            config.max_batch_entries = 10_000;
            config.max_batch_latency = Duration::ZERO;
        }
        let halted = Arc::clone(&progress);
        let halt = Arc::new(move |reason| halted.fail(format!("It has halted: {reason:?}")));
        let clock = get_atomic_clock_realtime();
        let writer = EventStoreWriter::spawn(Box::new(backend), clock, halt, config)?;
        Ok((
            Self {
                writer,
                drafts: OwnDrafts::new(payload_bytes),
            },
            progress,
        ))
    }
}

impl Pipeline for Queued {
    fn offer(&mut self, entries: Range<u64>) -> Fallible<()> {
        for entry in entries {
            self.writer.submit(self.drafts.of(entry))?;
        }
        Ok(())
    }
}

fn open_run(directory: &Path) -> Fallible<RedbBackend> {
    let mut backend = RedbBackend::new(directory);
    backend.open_run(RunManifest {
        run_id: "1700000000000000000-0badcafe".into(),
        parent_run_id: None,
        instance_id: "bench".into(),
        binary_hash: String::new(),
        schema_version: 1,
        crate_versions: String::new(),
        feature_flags: Vec::new(),
        adapter_versions: IndexMap::new(),
        config_hash: String::new(),
        registered_components: RegisteredComponents::default(),
        seed: None,
        start_ts_init: UnixNanos::from(0),
        end_ts_init: None,
        high_watermark: 0,
        status: RunStatus::Running,
    })?;
    Ok(backend)
}

/// Drafts as the original takes them: names interned, payloads shared.
struct OwnDrafts(Vec<EntryDraft>);

impl OwnDrafts {
    fn new(payload_bytes: usize) -> Self {
        let drafts = Drafts::new(payload_bytes);
        let own = |draft: Draft<'_>| {
            EntryDraft::without_indices(
                Headers::empty(),
                Topic::from(draft.topic),
                PayloadType::from(draft.payload_type),
                Bytes::copy_from_slice(draft.payload),
                UnixNanos::from(draft.ts_init),
            )
        };
        Self(
            (0..Drafts::DIFFERENT)
                .map(|turn| own(drafts.of(turn)))
                .collect(),
        )
    }

    fn of(&self, turn: u64) -> EntryDraft {
        let draft = self.0[(turn % Drafts::DIFFERENT) as usize].clone();
        EntryDraft {
            ts_init: get_atomic_clock_realtime().get_time_ns(),
            ..draft
        }
    }
}

/// The backend, which tells when its commits return.
struct Told {
    backend: RedbBackend,
    progress: Arc<Progress>,
}

impl EventStore for Told {
    fn append_batch(&mut self, entries: &[AppendEntry]) -> Result<u64, EventStoreError> {
        let high_watermark = self.backend.append_batch(entries)?;
        self.progress
            .acknowledge(high_watermark - entries.len() as u64..high_watermark);
        Ok(high_watermark)
    }

    fn open_run(&mut self, manifest: RunManifest) -> Result<(), EventStoreError> {
        self.backend.open_run(manifest)
    }

    fn scan_range(
        &self,
        from: u64,
        to: u64,
        direction: ScanDirection,
    ) -> Result<Vec<EventStoreEntry>, EventStoreError> {
        self.backend.scan_range(from, to, direction)
    }

    fn scan_seq(&self, seq: u64) -> Result<Option<EventStoreEntry>, EventStoreError> {
        self.backend.scan_seq(seq)
    }

    fn lookup(&self, kind: IndexKind, key: &str) -> Result<Option<u64>, EventStoreError> {
        self.backend.lookup(kind, key)
    }

    fn iter_index_keys(&self, kind: IndexKind) -> Result<Vec<(String, u64)>, EventStoreError> {
        self.backend.iter_index_keys(kind)
    }

    fn seal(&mut self, status: RunStatus) -> Result<(), EventStoreError> {
        self.backend.seal(status)
    }

    fn manifest(&self) -> Result<RunManifest, EventStoreError> {
        self.backend.manifest()
    }

    fn high_watermark(&self) -> Result<u64, EventStoreError> {
        self.backend.high_watermark()
    }
}
