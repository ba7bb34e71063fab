//! What the programs here have in common: each is given one job as JSON and answers with one line.

mod drafts;
mod job;
mod loops;
mod progress;

pub use drafts::{Draft, Drafts};
pub use job::{
    Answer, BytesJob, CommitsJob, Fallible, Job, LatencyJob, SaturatedJob, has_option, main_of,
};
pub use loops::{Pipeline, Store, closed_loop, commits, fill, open_loop, stored_bytes};
pub use progress::{Acknowledged, Progress};
