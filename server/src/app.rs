//! Wires the parts together, and runs them from the first request to the last.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::serve::ListenerExt as _;
use concord_shared::ids::XactId;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::access_log::AccessLog;
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::access::Principal;
use crate::domain::account::pace::Pace;
use crate::domain::account::throttle::Throttle;
use crate::domain::store::{Commit, Committed, RowsCommit, Store, StoreError};
use crate::files::Files;
use crate::gauges::{Depths, Gauges};
use crate::http::auth::Access;
use crate::live::bulletins::Bulletins;
use crate::live::metrics::Metrics;
use crate::live::views::Views;
use crate::model::Model;
use crate::passwords::Passwords;
use crate::socket::{End, RESTARTING, Sockets};
use crate::sync::committer::{Committer, Watched};
use crate::sync::hub::{Hub, Parts};
use crate::sync::rederive;
use crate::webhooks::Webhooks;
use crate::{accounts, demo, http, random, store};

/// How long open requests may take once the server is told to stop; with what follows it must end within 10 s.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long the database may take to close after that.
const CLOSING: Duration = Duration::from_secs(1);

/// What every handler can reach.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Who is asking.
    pub access: Arc<Access>,
    /// Projects and their scores in memory.
    pub catalog: Arc<Catalog>,
    /// Open reviews.
    pub hub: Hub,
    /// The one way into the database for rows and reviews.
    pub committer: Committer,
    /// Followers of metrics.
    pub metrics: Metrics,
    /// Followers of views.
    pub views: Views,
    /// Followers of counts, holds and notifications.
    pub bulletins: Bulletins,
    /// Figures for Prometheus.
    pub gauges: Gauges,
    /// Open WebSockets.
    pub sockets: Sockets,
    /// Password hashing.
    pub passwords: Arc<Passwords>,
    /// Attachments and batches that came as files.
    pub files: Arc<Files>,
    /// Understands what the grammar of English does not, if one is configured.
    pub model: Option<Arc<Model>>,
    /// Slows password guessing.
    pub throttle: Arc<Mutex<Throttle>>,
    /// Slows feedback keys.
    pub pace: Arc<Mutex<Pace>>,
    /// Tells addresses what happened.
    pub webhooks: Arc<Webhooks>,
    /// The time.
    pub clock: Clock,
    /// Origin under which browsers and clients reach the server.
    pub public_url: Arc<str>,
    /// Turns true when the server is told to stop: sockets close then.
    pub closing: watch::Receiver<bool>,
}

impl App {
    /// Stores the rows of one request; returns once they are durable.
    pub async fn commit_rows(&self, rows: RowsCommit) -> Result<XactId, StoreError> {
        match self.committer.commit(Commit::Rows(rows)).await? {
            Committed::Rows(xact) => Ok(xact),
            Committed::Review | Committed::Rederived(_) => {
                Err(StoreError::Corrupt { what: "answer", detail: "rows were stored as something else".into() })
            }
        }
    }

    /// How full things are right now.
    pub fn depths(&self) -> Depths {
        Depths { committer: self.committer.waiting(), ..self.hub.depths() }
    }

    /// Completes when the principal loses access, or when the server stops.
    pub fn ended(&self, principal: &Principal) -> impl Future<Output = End> + Send + 'static {
        let mut revocations = self.access.subscribe();
        let mut closing = self.closing.clone();
        let (principal, store) = (principal.clone(), self.store.clone());
        async move {
            // Access may have ended between the check of the request and the subscription above.
            if !is_admitted(&*store, &principal).await {
                return (4401, "access was withdrawn");
            }
            loop {
                tokio::select! {
                    _ = closing.wait_for(|closing| *closing) => return RESTARTING,
                    revocation = revocations.recv() => match revocation {
                        Ok(revocation) if !revocation.ends(&principal) => {}
                        // One that lags may have missed its own: it signs in again if it may.
                        _ => return (4401, "access was withdrawn"),
                    },
                }
            }
        }
    }
}

/// Whether the member and the key of a principal are still there. What cannot be read is left to the next request.
async fn is_admitted(store: &dyn Store, principal: &Principal) -> bool {
    if let Some(member) = principal.member
        && let Ok(found) = store.member(member).await
        && found.is_none_or(|member| member.disabled)
    {
        return false;
    }
    match principal.key.filter(|_| principal.limits.is_none()) {
        Some(key) => !matches!(store.key(principal.organization, key).await, Ok(None)),
        None => true,
    }
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody has to change the configuration.
    #[error("{0}")]
    Configuration(String),
    /// Something failed that should not.
    #[error("{0}")]
    Failed(String),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// A server that takes requests.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its parts.
    pub app: App,
    /// What to tell whoever started it: links to set up or sign in.
    pub notices: Vec<String>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<std::io::Result<()>>,
}

/// Opens the database, makes what the first start needs, and listens.
pub async fn start(config: Config, clock: Clock) -> Result<Running, StartError> {
    let store = store::open(&config.database)
        .await
        .map_err(|error| StartError::Configuration(format!("cannot open the database {}: {error}", config.database)))?;
    let model = config.model.clone().map(Model::new).transpose().map_err(StartError::Configuration)?.map(Arc::new);
    let signing = store.signing_key("files", random::bytes()).await?;
    let files =
        Files::open(&config.attachments, signing, config.attachment_quota).map_err(StartError::Configuration)?;
    let log = AccessLog::open(config.access_log.as_deref()).map_err(StartError::Configuration)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| StartError::Configuration(format!("cannot listen on {}: {error}", config.listen)))?;
    let address = listener.local_addr().map_err(|error| StartError::Failed(error.to_string()))?;
    let (stop, closing) = watch::channel(false);
    let catalog = Arc::new(Catalog::new(store.clone()));
    let gauges = Gauges::new(config.document_memory).map_err(|error| StartError::Failed(error.to_string()))?;
    let watched = Watched::default();
    let (committer, batches) = Committer::start(store.clone(), clock.clone(), gauges.clone(), watched.clone());
    let views = Views::start(store.clone(), catalog.clone(), clock.clone(), watched);
    let bulletins = Bulletins::start(store.clone(), clock.clone());
    rederive::follow(catalog.subscribe(), store.clone(), committer.clone());
    let public_url: Arc<str> = config.public_url.clone().unwrap_or_else(|| url_of(address)).into();
    let webhooks = Webhooks::new(store.clone(), clock.clone(), public_url.clone(), config.webhook_private);
    let app = App {
        access: Arc::new(Access::new(store.clone(), clock.clone())),
        hub: Hub::new(Parts {
            store: store.clone(),
            catalog: catalog.clone(),
            committer: committer.clone(),
            clock: clock.clone(),
            gauges: gauges.clone(),
            document_memory: config.document_memory,
        }),
        gauges,
        sockets: Sockets::default(),
        metrics: Metrics::start(store.clone(), batches, views.clone(), bulletins.clone()),
        bulletins,
        views,
        committer,
        catalog,
        store,
        passwords: Arc::new(Passwords::default()),
        files: Arc::new(files),
        model,
        throttle: Arc::default(),
        pace: Arc::default(),
        webhooks: Arc::new(webhooks),
        clock,
        public_url,
        closing,
    };
    app.webhooks.clone().follow(app.closing.clone());
    let notices = prepare(&app, &config).await?;
    let service = http::router(app.clone(), log).into_make_service_with_connect_info::<SocketAddr>();
    // Without Nagle's algorithm: small frames leave at once instead of waiting up to 40 ms.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let mut stopping = app.closing.clone();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        // An error means that the sender is gone, which is the end as well.
        let _ = stopping.wait_for(|stop| *stop).await;
    });
    let serving = tokio::spawn(async move { serving.await });
    Ok(Running { address, app, notices, stop, serving })
}

/// First organization, set-up link.
async fn prepare(app: &App, config: &Config) -> Result<Vec<String>, StartError> {
    let mut notices = Vec::new();
    let now = app.clock.now();
    if let Some(first) = &config.first
        && !app.store.has_organization().await?
    {
        let owner = accounts::add_organization(&*app.store, &app.passwords, first, now).await;
        let owner = owner.map_err(|error| StartError::Failed(error.to_string()))?;
        if first.password.is_none() {
            let secret = accounts::invite(&*app.store, owner.id, now).await?;
            let link = accounts::invitation_url(&app.public_url, &secret);
            notices.push(format!("choose the password of {}: {link}", owner.email));
        }
    }
    if config.demo {
        let cast = demo::seed(app).await.map_err(|error| StartError::Failed(error.to_string()))?;
        for (member, name) in [(cast.noor, "Noor Khan"), (cast.mei, "Mei Tan")] {
            let link = accounts::sign_in_url(&*app.store, &app.public_url, member, now).await?;
            notices.push(format!("sign in as {name}: {link}"));
        }
    }
    if !app.store.has_organization().await? {
        let link = accounts::set_up_url(&*app.store, &app.public_url, now).await?;
        notices.push(format!("set up this server: {link}"));
    }
    Ok(notices)
}

impl Running {
    /// Stops taking work, lets open requests end, and returns once everything has ended or patience has.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let ended = async {
            let _ = self.serving.await;
            self.app.sockets.none().await;
        };
        if tokio::time::timeout(PATIENCE, ended).await.is_err() {
            tracing::warn!("some requests did not end within {PATIENCE:?} and were cut off");
        }
        // Cut off or not, the database is given free for whoever comes next. What was acknowledged is durable already.
        if tokio::time::timeout(CLOSING, self.app.store.close()).await.is_err() {
            tracing::warn!("the database did not close within {CLOSING:?}");
        }
    }
}

/// The address as a browser on this machine would write it.
fn url_of(address: SocketAddr) -> String {
    match address.ip() {
        ip if ip.is_unspecified() => format!("http://localhost:{}", address.port()),
        IpAddr::V6(ip) => format!("http://[{ip}]:{}", address.port()),
        ip @ IpAddr::V4(_) => format!("http://{ip}:{}", address.port()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_a_url() {
        let url = |text: &str| url_of(text.parse().expect("an address"));
        assert_eq!(url("127.0.0.1:8484"), "http://127.0.0.1:8484");
        assert_eq!(url("0.0.0.0:80"), "http://localhost:80");
        assert_eq!(url("[::1]:8484"), "http://[::1]:8484");
    }
}
