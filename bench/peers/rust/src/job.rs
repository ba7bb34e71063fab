//! The job that a program is given, and how it answers.

use std::{env, error::Error, path::PathBuf, process::ExitCode};

use serde::Deserialize;

pub type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// One line of JSON.
pub type Answer = serde_json::Value;

/// What a program is asked to do.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Job {
    Commits(CommitsJob),
    Saturated(SaturatedJob),
    Latency(LatencyJob),
    Bytes(BytesJob),
}

/// One commit outstanding; each is durable before the next begins.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitsJob {
    pub directory: PathBuf,
    pub batch: u64,
    pub commits: u64,
    pub warm_up: u64,
    pub payload_bytes: usize,
}

/// As many entries as told are accepted and not acknowledged, always.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SaturatedJob {
    pub directory: PathBuf,
    pub outstanding: u64,
    pub entries: u64,
    pub warm_up: u64,
    pub payload_bytes: usize,
}

/// Entries come at a fixed rate, whatever happens to them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LatencyJob {
    pub directory: PathBuf,
    pub per_second: u64,
    pub entries: u64,
    pub warm_up: u64,
    pub payload_bytes: usize,
}

/// How much the files hold.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BytesJob {
    pub directory: PathBuf,
    pub batch: u64,
    pub entries: u64,
    pub payload_bytes: usize,
}

/// Does the job that is the last argument and prints the answer.
pub fn main_of(work: impl FnOnce(Job) -> Fallible<Answer>) -> ExitCode {
    match last_argument().and_then(work) {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn last_argument() -> Fallible<Job> {
    let text = env::args()
        .skip(1)
        .last()
        .ok_or("The job is missing: JSON as the last argument")?;
    serde_json::from_str(&text).map_err(|error| format!("A wrong job: {error}").into())
}

/// Whether an option comes before the job.
pub fn has_option(name: &str) -> bool {
    env::args().nth(1).is_some_and(|argument| argument == name)
}
