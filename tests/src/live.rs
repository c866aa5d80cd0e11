//! A client of `/live`: follows topics and keeps what they say.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::client::{Client, text};
use crate::peer::PATIENCE;
use crate::server::TestServer;

/// One connection.
pub struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Live {
    /// Connects as that caller.
    pub async fn connect(server: &TestServer, client: &Client) -> Self {
        let ticket = client.post("/api/ticket", json!({})).await.ok();
        let host = server.url.replacen("http", "ws", 1);
        let (socket, _) =
            connect_async(format!("{host}/live?ticket={}", text(&ticket, "ticket"))).await.expect("it opens");
        Self { socket }
    }

    /// Follows a topic; its snapshot, or the problem.
    pub async fn follow(&mut self, id: &str, topic: Value) -> Value {
        let message = json!({"type": "subscribe", "id": id, "topic": topic});
        self.socket.send(Message::text(message.to_string())).await.expect("it is sent");
        self.next().await
    }

    /// The next message.
    pub async fn next(&mut self) -> Value {
        self.within(PATIENCE).await.expect("a message in time")
    }

    /// The next message, if one comes within that time.
    pub async fn within(&mut self, patience: Duration) -> Option<Value> {
        loop {
            match timeout(patience, self.socket.next()).await {
                Err(_) => return None,
                Ok(Some(Ok(Message::Text(text)))) => return serde_json::from_str(&text).ok(),
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
                Ok(other) => panic!("the connection ended: {other:?}"),
            }
        }
    }

    /// Reads on until a message is so.
    pub async fn until(&mut self, is_so: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next().await;
            if is_so(&message) {
                return message;
            }
        }
    }
}
