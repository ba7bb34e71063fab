//! redb itself, under no event store: every commit is one durable transaction, one sync.
//!
//! One record per entry, or with `--blob` before the job one blob per commit. No hash
//! is charged; redb checks its own pages.

use std::{ops::Range, path::Path, process::ExitCode};

use redb::{Database, Durability, TableDefinition};
use serde_json::json;
use tidemark_peers::{
    Drafts, Fallible, Job, Store, commits, fill, has_option, main_of, stored_bytes,
};

const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");

fn main() -> ExitCode {
    let is_blob = has_option("--blob");
    main_of(|job| match job {
        Job::Commits(job) => {
            let mut store = Redb::create(&job.directory, job.payload_bytes, is_blob)?;
            commits(&mut store, &job)
        }
        Job::Bytes(job) => {
            let mut store = Redb::create(&job.directory, job.payload_bytes, is_blob)?;
            fill(&mut store, &job)?;
            drop(store);
            stored_bytes(&job)
        }
        _ => Ok(json!({ "unsupported": "a store of one writer, without a queue" })),
    })
}

struct Redb {
    database: Database,
    drafts: Drafts,
    is_blob: bool,
    bytes: Vec<u8>,
}

impl Redb {
    fn create(directory: &Path, payload_bytes: usize, is_blob: bool) -> Fallible<Self> {
        Ok(Self {
            database: Database::create(directory.join("store.redb"))?,
            drafts: Drafts::new(payload_bytes),
            is_blob,
            bytes: Vec::new(),
        })
    }

    fn append(&mut self, entry: u64) {
        let draft = self.drafts.of(entry);
        for name in [draft.topic, draft.payload_type] {
            self.bytes.push(name.len() as u8);
            self.bytes.extend(name.as_bytes());
        }
        self.bytes
            .extend((draft.payload.len() as u32).to_le_bytes());
        self.bytes.extend(draft.stamped_payload());
    }
}

impl Store for Redb {
    fn commit(&mut self, entries: Range<u64>) -> Fallible<()> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        {
            let mut table = transaction.open_table(ENTRIES)?;
            let first = entries.start + 1;
            self.bytes.clear();
            for entry in entries {
                self.append(entry);
                if !self.is_blob {
                    table.insert(entry + 1, self.bytes.as_slice())?;
                    self.bytes.clear();
                }
            }
            if self.is_blob {
                table.insert(first, self.bytes.as_slice())?;
            }
        }
        Ok(transaction.commit()?)
    }
}
