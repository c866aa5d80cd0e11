//! One kept HTTP connection with one request at a time: what the scenarios that count requests use, because a general
//! client costs as much as what it asks for.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::failure::Failure;

/// How long the server may take over one answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Header fields that are read; servers send about ten.
const FIELDS: usize = 32;

/// What is read at once.
const READ_BYTES: usize = 16 * 1024;

/// A connection, with a key.
pub struct Caller {
    stream: TcpStream,
    address: String,
    key: String,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// Where an answer's body lies.
struct Head {
    status: u16,
    length: usize,
    body: usize,
}

impl Caller {
    /// Connects to `address` (host:port).
    pub fn open(address: &str, key: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (address, key) = (address.to_owned(), key.to_owned());
        Ok(Self { stream, address, key, request: Vec::new(), answer: Vec::new() })
    }

    /// `POST` of JSON; answers the body of a success.
    pub fn post(&mut self, path: &str, body: &[u8]) -> Result<&[u8], Failure> {
        self.request.clear();
        write!(
            self.request,
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            self.address,
            self.key,
            body.len()
        )?;
        self.request.extend_from_slice(body);
        self.stream.write_all(&self.request)?;
        self.answer.clear();
        let head = loop {
            if let Some(head) = self.head(path)?
                && self.answer.len() >= head.body + head.length
            {
                break head;
            }
            self.read(path)?;
        };
        let body = &self.answer[head.body..head.body + head.length];
        if head.status / 100 != 2 {
            let answer = format!("{}: {}", head.status, String::from_utf8_lossy(body));
            return Err(Failure::Answer { call: format!("POST {path}"), answer });
        }
        Ok(body)
    }

    fn read(&mut self, path: &str) -> Result<(), Failure> {
        let start = self.answer.len();
        self.answer.resize(start + READ_BYTES, 0);
        let read = self.stream.read(&mut self.answer[start..]);
        self.answer.truncate(start + *read.as_ref().unwrap_or(&0));
        let ended = |answer: &str| Failure::Answer { call: format!("POST {path}"), answer: answer.to_owned() };
        match read {
            Ok(0) => Err(ended("with the end of the connection")),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Err(ended("nothing for a minute")),
            Err(error) => Err(error.into()),
        }
    }

    /// The head of the answer, once it is there.
    fn head(&self, path: &str) -> Result<Option<Head>, Failure> {
        let wrong = |answer: String| Failure::Answer { call: format!("POST {path}"), answer };
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut response = httparse::Response::new(&mut fields);
        let parsed = response.parse(&self.answer).map_err(|error| wrong(format!("what is no HTTP: {error}")))?;
        let httparse::Status::Complete(body) = parsed else { return Ok(None) };
        let length = response.headers.iter().find(|field| field.name.eq_ignore_ascii_case("content-length"));
        let length = length.and_then(|field| std::str::from_utf8(field.value).ok()?.trim().parse().ok());
        let length = length.ok_or_else(|| wrong("without a length".to_owned()))?;
        Ok(Some(Head { status: response.code.unwrap_or(0), length, body }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;
    use std::net::TcpListener;

    use super::*;

    /// Answers each request with the next of `answers`, in two pieces.
    fn server(answers: Vec<&'static str>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut lines = std::io::BufReader::new(stream.try_clone().expect("a second handle"));
            for answer in answers {
                let mut line = String::new();
                while line != "\r\n" {
                    line.clear();
                    lines.read_line(&mut line).expect("a line");
                }
                lines.read_exact(&mut [0; 2]).expect("the body {}");
                let (first, second) = answer.split_at(answer.len() / 2);
                stream.write_all(first.as_bytes()).expect("written");
                stream.write_all(second.as_bytes()).expect("written");
            }
        });
        address
    }

    #[test]
    fn answers_are_read_whole_and_refusals_are_named() {
        let address = server(vec![
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
            "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 4\r\n\r\nslow",
        ]);
        let mut caller = Caller::open(&address, "key").expect("a connection");
        assert_eq!(caller.post("/x", b"{}").expect("an answer"), b"{\"a\":1}");
        let refused = caller.post("/x", b"{}").expect_err("refused").to_string();
        assert!(refused.contains("429: slow") && refused.contains("POST /x"), "{refused}");
        assert!(caller.post("/x", b"{}").is_err());
    }
}
