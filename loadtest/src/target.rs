//! The server under test: started here on a temporary folder, or running somewhere.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::api::Api;
use crate::failure::Failure;
use crate::process;

/// A first start makes tables and hashes a password; on a busy machine that takes seconds, not a minute.
const START_WAIT: Duration = Duration::from_secs(60);

/// What a server takes to flush and close at most, by its own contract, and a little more.
const STOP_WAIT: Duration = Duration::from_secs(12);

/// Where to find a server.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)]
pub struct TargetOptions {
    /// Start this binary on a temporary folder (TMPDIR decides where)
    #[arg(long, value_name = "PATH", global = true, conflicts_with = "url")]
    pub server: Option<PathBuf>,
    /// Use the server that runs at this origin
    #[arg(long, global = true)]
    pub url: Option<String>,
    /// An owner's key for --url
    #[arg(long, global = true, env = "CONCORD_API_KEY", hide_env_values = true)]
    pub api_key: Option<String>,
    /// Process whose memory and processor time are shown with --url
    #[arg(long, global = true)]
    pub pid: Option<u32>,
}

/// A server that is ready.
pub struct Target {
    /// Its API, with an owner's key.
    pub api: Api,
    pid: Option<u32>,
    started: Option<(Child, Option<TempDir>)>,
    start: StartLine,
}

/// Where scenarios that run together wait for each other before they put on load.
#[derive(Clone, Default)]
pub struct StartLine(Option<Arc<Barrier>>);

impl StartLine {
    /// Waits until all are here; blocks the thread.
    pub fn wait(&self) {
        if let Some(barrier) = &self.0 {
            barrier.wait();
        }
    }
}

impl Target {
    /// Starts or finds the server.
    pub async fn open(options: &TargetOptions) -> Result<Self, Failure> {
        match (&options.server, &options.url, &options.api_key) {
            (Some(binary), ..) => Self::start(binary).await,
            (None, Some(url), Some(key)) if url.starts_with("http://") => {
                Ok(Self { api: Api::new(url, key), pid: options.pid, started: None, start: StartLine::default() })
            }
            (None, Some(_), None) => Err(Failure::Server("--url needs an owner's --api-key".to_owned())),
            (None, Some(url), _) => Err(Failure::Server(format!("{url:?} is not an http:// origin"))),
            (None, None, _) => Err(Failure::Server("--server PATH or --url ORIGIN is needed".to_owned())),
        }
    }

    /// Waits until full text has every row.
    pub async fn await_full_text(&self, patience: Duration) -> Result<(), Failure> {
        let began = Instant::now();
        while began.elapsed() < patience {
            let gauges = self.api.get_text("/metrics").await?;
            let behind = gauges.lines().find_map(|line| line.strip_prefix("concord_queue_depth{queue=\"full_text\"} "));
            if behind.is_none_or(|rows| rows.trim() == "0") {
                return Ok(());
            }
            sleep(Duration::from_millis(5)).await;
        }
        Err(Failure::Protocol(format!("full text has not taken in all rows within {patience:?}")))
    }

    async fn start(binary: &Path) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("concord-loadtest-").tempdir()?;
        let key = format!("sk-{}", uuid::Uuid::new_v4().simple());
        let mut target = Self::start_in(binary, folder.path(), &key).await?;
        if let Some((_, place)) = &mut target.started {
            *place = Some(folder);
        }
        Ok(target)
    }

    /// Starts a server on a folder that stays. `key` is its owner's, if it has no database yet.
    pub async fn start_in(binary: &Path, folder: &Path, key: &str) -> Result<Self, Failure> {
        let mut child = Command::new(binary)
            .arg("serve")
            .env("CONCORD_LISTEN", "127.0.0.1:0")
            .env("CONCORD_DATABASE_URL", format!("sqlite://{}", folder.join("concord.db").display()))
            .env("CONCORD_ORG", "Load test")
            .env("CONCORD_ADMIN_EMAIL", "owner@example.com")
            .env("CONCORD_ADMIN_PASSWORD", uuid::Uuid::new_v4().to_string())
            .env("CONCORD_ADMIN_API_KEY", key)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Failure::Server(format!("{}: {error}", binary.display())))?;
        let stdout = child.stdout.take().ok_or_else(|| Failure::Server("it has no output".to_owned()))?;
        let mut lines = BufReader::new(stdout).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await? {
                if let Some((_, url)) = line.split_once("listening on ") {
                    return Ok(url.trim().to_owned());
                }
            }
            Err(Failure::Server("it ended before it said \"listening on\"".to_owned()))
        };
        let url = timeout(START_WAIT, ready)
            .await
            .map_err(|_| Failure::Server(format!("not ready within {} s", START_WAIT.as_secs())))??;
        // Whatever else it prints is read, so that its pipe never fills.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let pid = child.id();
        Ok(Self { api: Api::new(&url, key), pid, started: Some((child, None)), start: StartLine::default() })
    }

    /// The same server for so many scenarios that start together.
    pub fn together(&self, scenarios: usize) -> Self {
        let start = StartLine(Some(Arc::new(Barrier::new(scenarios))));
        Self { api: self.api.clone(), pid: self.pid, started: None, start }
    }

    /// Where to wait before load is put on.
    pub fn start_line(&self) -> StartLine {
        self.start.clone()
    }

    /// The server's process, when it is known.
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Processor time used so far.
    pub fn cpu(&self) -> Option<Duration> {
        process::cpu(self.pid?)
    }

    /// Resident memory in bytes.
    pub fn memory(&self) -> Option<u64> {
        process::memory(self.pid?)
    }

    /// Stops a server that was started here, and says what was wrong with how it went.
    pub async fn close(self) -> Result<Option<String>, Failure> {
        let Some((mut child, _folder)) = self.started else { return Ok(None) };
        if let Some(pid) = child.id() {
            Command::new("kill").arg("-TERM").arg(pid.to_string()).status().await?;
        }
        match timeout(STOP_WAIT, child.wait()).await {
            Ok(status) => {
                let status = status?;
                Ok((!status.success()).then(|| format!("the server ended with {status}")))
            }
            Err(_) => {
                child.kill().await?;
                Ok(Some(format!("the server did not stop within {} s of a SIGTERM", STOP_WAIT.as_secs())))
            }
        }
    }
}
