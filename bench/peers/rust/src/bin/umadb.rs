//! UmaDB: its server, with its defaults, as a child on loopback, and its own client.
//!
//! Charged: nothing but what it does by itself; no hash, no tag and so no index. The topic is in
//! the metadata, the timestamps before the payload. A request carries up to 100 entries, as a
//! batch of a writer does, and the server commits all requests that it finds waiting at once.
//!
//! An entry counts as durable when the client gets the answer: all latencies here are heard ones,
//! since the server does not tell when its commit returned.

use std::{
    env,
    io::{self, Read},
    net::TcpListener,
    ops::Range,
    path::Path,
    process::{self, Child, Command, ExitCode, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use tidemark_peers::{
    Answer, Drafts, Fallible, Job, Pipeline, Progress, Store, closed_loop, commits, has_option,
    main_of, open_loop,
};
use tokio::runtime::{Builder, Runtime};
use umadb::CliOptions;
use umadb_client::{AsyncUmaDbClient, UmaDbClient};
use umadb_dcb::{DcbEvent, DcbEventStoreAsync};

/// The argument that makes the program the server.
const SERVE: &str = "serve";
const ENTRIES_PER_REQUEST: usize = 100;
/// How long the server may take to listen.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    if has_option(SERVE) {
        return serve();
    }
    main_of(|job| match job {
        Job::Commits(job) => commits(&mut UmaDb::open(&job.directory, job.payload_bytes)?, &job),
        Job::Saturated(job) => {
            let mut store = UmaDb::open(&job.directory, job.payload_bytes)?;
            let progress = Arc::clone(&store.progress);
            closed_loop(&mut store, &progress, &job)
        }
        Job::Latency(job) => {
            let mut store = UmaDb::open(&job.directory, job.payload_bytes)?;
            let progress = Arc::clone(&store.progress);
            Ok(as_heard(open_loop(&mut store, &progress, &job)?))
        }
        Job::Bytes(_) => Ok(json!({ "unsupported": "it lays its file out 256 MiB at a time" })),
    })
}

/// Says of latencies that they were taken where the caller hears of a commit.
fn as_heard(mut latencies: Answer) -> Answer {
    latencies["heard"] = latencies.clone();
    latencies
}

/// A connected client, and the server behind it.
struct UmaDb {
    client: Arc<AsyncUmaDbClient>,
    runtime: Runtime,
    drafts: Drafts,
    progress: Arc<Progress>,
    _server: Server,
}

impl UmaDb {
    fn open(directory: &Path, payload_bytes: usize) -> Fallible<Self> {
        let server = Server::start(directory)?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let client = runtime.block_on(connect(&server.address))?;
        Ok(Self {
            client: Arc::new(client),
            runtime,
            drafts: Drafts::new(payload_bytes),
            progress: Arc::new(Progress::default()),
            _server: server,
        })
    }

    fn event(&self, entry: u64) -> DcbEvent {
        let draft = self.drafts.of(entry);
        DcbEvent::new()
            .event_type(draft.payload_type)
            .metadata_entry("topic", draft.topic)
            .data(draft.stamped_payload())
    }
}

async fn connect(address: &str) -> Fallible<AsyncUmaDbClient> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match UmaDbClient::new(format!("http://{address}"))
            .connect_async()
            .await
        {
            Ok(client) => return Ok(client),
            Err(error) if Instant::now() > deadline => return Err(error.to_string().into()),
            Err(_) => {}
        }
    }
}

impl Store for UmaDb {
    fn commit(&mut self, entries: Range<u64>) -> Fallible<()> {
        let events = entries.map(|entry| self.event(entry)).collect();
        self.runtime
            .block_on(self.client.append(events, None, None))?;
        Ok(())
    }
}

impl Pipeline for UmaDb {
    fn offer(&mut self, entries: Range<u64>) -> Fallible<()> {
        for from in entries.clone().step_by(ENTRIES_PER_REQUEST) {
            let request = from..entries.end.min(from + ENTRIES_PER_REQUEST as u64);
            let events = request.clone().map(|entry| self.event(entry)).collect();
            let client = Arc::clone(&self.client);
            let progress = Arc::clone(&self.progress);
            self.runtime.spawn(async move {
                match client.append(events, None, None).await {
                    Ok(_) => progress.acknowledge(request),
                    Err(error) => progress.fail(error.to_string()),
                }
            });
        }
        Ok(())
    }
}

/// The server as its own program has it, until its standard input ends.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(directory: &Path) -> Fallible<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let child = Command::new(env::current_exe()?)
            .args([SERVE, &address])
            .arg(directory.join("uma.db"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self { child, address })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if let Err(error) = self.child.wait() {
            eprintln!("The server has not ended: {error}");
        }
    }
}

fn serve() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(2).collect();
    let [listen_addr, db_path] = arguments.as_slice() else {
        eprintln!("serve ADDRESS PATH");
        return ExitCode::FAILURE;
    };
    thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        process::exit(0);
    });
    let options = CliOptions {
        listen_addr: listen_addr.clone(),
        db_path: db_path.clone(),
        ..CliOptions::default()
    };
    match umadb::start_server_with_cli_options(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
