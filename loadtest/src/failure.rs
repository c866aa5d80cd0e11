//! Why a scenario could not be run. What a scenario finds wrong with the server is a fault in its report instead.

/// The run ended before there was anything to report.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The server could not be started, or never became ready.
    #[error("the server under test: {0}")]
    Server(String),
    /// No answer to an HTTP call.
    #[error("{call}: {source}")]
    Http {
        /// Method and path.
        call: String,
        /// What the client says.
        source: reqwest::Error,
    },
    /// An answer that is not the expected one.
    #[error("{call} answered {answer}")]
    Answer {
        /// Method and path.
        call: String,
        /// Status and body, or the field that was missing.
        answer: String,
    },
    /// A socket broke.
    #[error("socket: {0}")]
    Socket(#[from] Box<tungstenite::Error>),
    /// The server said something that the protocol does not allow, or fell silent.
    #[error("sync protocol: {0}")]
    Protocol(String),
    /// Files and processes.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<tungstenite::Error> for Failure {
    fn from(error: tungstenite::Error) -> Self {
        Self::Socket(Box::new(error))
    }
}
