//! A server that is killed, stopped, copied and started again.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::failure::Failure;

/// A start on a busy machine takes seconds, not a minute.
const START_WAIT: Duration = Duration::from_secs(60);

/// A stopping server has ended by then: part of its contract.
const STOP_WAIT: Duration = Duration::from_secs(10);

/// Between the two signals of one stop: the first is at work by then.
const SECOND_SIGNAL: Duration = Duration::from_millis(100);

/// A server on data that survive it.
pub(super) struct Server {
    binary: PathBuf,
    folder: TempDir,
    data: PathBuf,
    /// An owner's key.
    pub(super) key: String,
    child: Option<Child>,
    /// Where it listens.
    pub(super) url: String,
}

impl Server {
    /// Starts one on an empty folder.
    pub(super) async fn start(binary: &Path) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("concord-crash-").tempdir()?;
        let data = folder.path().join("data-0").join("concord.db");
        let key = format!("sk-{}", uuid::Uuid::new_v4().simple());
        let mut server = Self { binary: binary.to_owned(), folder, data, key, child: None, url: String::new() };
        server.run_on().await?;
        Ok(server)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .env("CONCORD_LISTEN", "127.0.0.1:0")
            .env("CONCORD_DATABASE_URL", format!("sqlite://{}", self.data.display()))
            .env("CONCORD_ORG", "Crash test")
            .env("CONCORD_ADMIN_EMAIL", "owner@example.com")
            .env("CONCORD_ADMIN_PASSWORD", "correct horse battery")
            .env("CONCORD_ADMIN_API_KEY", &self.key)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Starts it on its data.
    pub(super) async fn run_on(&mut self) -> Result<(), Failure> {
        let spawned = self.command().arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = spawned.map_err(|error| Failure::Server(format!("{}: {error}", self.binary.display())))?;
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
        let late = |_| Failure::Server(format!("not ready within {} s", START_WAIT.as_secs()));
        self.url = timeout(START_WAIT, ready).await.map_err(late)??;
        self.child = Some(child);
        Ok(())
    }

    /// `kill -9`, at once.
    pub(super) async fn kill(&mut self) -> Result<(), Failure> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// SIGTERM, and again; what was wrong with how it ended.
    pub(super) async fn stop(&mut self) -> Result<Option<String>, Failure> {
        let Some(mut child) = self.child.take() else { return Ok(None) };
        let pid = child.id().map(|pid| pid.to_string()).unwrap_or_default();
        let term = || Command::new("kill").arg("-TERM").arg(&pid).stderr(Stdio::null()).status();
        term().await?;
        let ended = timeout(STOP_WAIT, async {
            tokio::select! {
                status = child.wait() => return status,
                () = sleep(SECOND_SIGNAL) => {}
            }
            // It may have ended meanwhile; then there is nobody to signal.
            let _ = term().await?;
            child.wait().await
        });
        match ended.await {
            Ok(status) => {
                let status = status?;
                Ok((!status.success()).then(|| format!("after two SIGTERM the server ended with {status}")))
            }
            Err(_) => {
                child.kill().await?;
                Ok(Some(format!("the server did not end within {} s of a SIGTERM", STOP_WAIT.as_secs())))
            }
        }
    }

    /// Runs another command on its data.
    pub(super) async fn command_output(&self, arguments: &[&str]) -> Result<Output, Failure> {
        Ok(self.command().args(arguments).output().await?)
    }

    /// Runs another command, which must succeed; its output.
    pub(super) async fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.command_output(arguments).await.map_err(|failure| failure.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(format!("concord {}: {}: {}", arguments.join(" "), output.status, text(&output.stderr)))
        }
    }

    /// A place for the backup of a round.
    pub(super) fn backup_path(&self, round: u32) -> PathBuf {
        self.folder.path().join(format!("backup-{round}.db"))
    }

    /// Takes other data from now on; there are none there yet.
    pub(super) fn move_to_new_data(&mut self, round: u32) {
        self.data = self.folder.path().join(format!("data-{round}")).join("concord.db");
    }
}
