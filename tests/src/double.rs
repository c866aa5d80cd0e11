//! A double of servers that ours speaks to: a language model, a receiver of webhooks. It answers what it is told to and remembers what
//! was said.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A server that answers from a list.
pub struct HttpDouble {
    /// Where it is; a model is asked for completions there.
    pub url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    answers: VecDeque<(u16, String)>,
    asked: Vec<(String, Value)>,
}

impl HttpDouble {
    /// Listens on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/v1/chat/completions", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { url, state }
    }

    /// What it says next, as a model.
    pub fn will_say(&self, content: &str) {
        let body = json!({"choices": [{"message": {"role": "assistant", "content": content}}]}).to_string();
        self.will_answer(200, &body);
    }

    /// What it answers next, word by word.
    pub fn will_answer(&self, status: u16, body: &str) {
        self.state.lock().expect("a lock").answers.push_back((status, body.to_owned()));
    }

    /// The heads and bodies of all requests so far.
    pub fn asked(&self) -> Vec<(String, Value)> {
        self.state.lock().expect("a lock").asked.clone()
    }
}

/// Requests of one connection.
async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: "))?.trim().parse::<usize>().ok()?;
        while bytes.len() < end + length {
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
        let body = serde_json::from_slice(&bytes[end..end + length]).unwrap_or(Value::Null);
        bytes.drain(..end + length);
        let (status, answer) = {
            let mut state = state.lock().expect("a lock");
            state.asked.push((head, body));
            state.answers.pop_front().unwrap_or((500, "nothing was prepared".to_owned()))
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        stream.write_all(format!("{head}{answer}").as_bytes()).await.ok()?;
    }
}
