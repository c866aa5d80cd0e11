//! Frames of automerge-repo's protocol, read in place, and written from a part that never changes.

use std::borrow::Cow;

use concord_shared::wire::notice::claim;
use concord_shared::wire::sync::Frame;
use minicbor::Decoder;
use minicbor::data::Type;

use crate::failure::Failure;

/// Of a refusal's text: enough for the first refused change and its reason.
const NOTICE_CHARACTERS: usize = 240;

/// What the server said.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// A sync message of a document.
    Sync {
        /// Document id as on the wire.
        document: &'a str,
        /// The message.
        data: &'a [u8],
    },
    /// "These heads are stored."
    Saved,
    /// "These changes are refused"; the notice's texts.
    Rejected(String),
    /// "You shall not have this document."
    Unavailable(&'a str),
    /// "It is over", and why.
    Error(Cow<'a, str>),
    /// Presence and whatever else needs no answer.
    Other,
}

impl<'a> Incoming<'a> {
    /// Reads a frame.
    pub fn read(frame: &'a [u8]) -> Result<Self, Failure> {
        let fields = Fields::read(frame).map_err(|error| Failure::Protocol(format!("no frame: {error}")))?;
        let Fields { kind, document, message, data } = fields;
        Ok(match kind {
            "sync" | "request" => Self::Sync { document, data },
            "doc-unavailable" => Self::Unavailable(document),
            "ephemeral" => match claim(data).kind.as_deref() {
                Some("saved") => Self::Saved,
                Some("review-rejected") => Self::Rejected(readable(data)),
                _ => Self::Other,
            },
            "error" => Self::Error(Cow::Borrowed(message)),
            _ => Self::Other,
        })
    }
}

#[derive(Default)]
struct Fields<'a> {
    kind: &'a str,
    document: &'a str,
    message: &'a str,
    data: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(frame: &'a [u8]) -> Result<Self, minicbor::decode::Error> {
        let mut decoder = Decoder::new(frame);
        let mut fields = Self::default();
        let count = decoder.map()?;
        let mut seen = 0;
        loop {
            match count {
                Some(count) if seen == count => return Ok(fields),
                None if decoder.datatype()? == Type::Break => return Ok(fields),
                _ => seen += 1,
            }
            match decoder.str()? {
                "type" => fields.kind = decoder.str()?,
                "documentId" => fields.document = decoder.str()?,
                "message" => fields.message = decoder.str()?,
                "data" => fields.data = decoder.bytes()?,
                _ => decoder.skip()?,
            }
        }
    }
}

/// The texts of a CBOR value, good enough to tell a person what a notice says.
fn readable(data: &[u8]) -> String {
    let text = String::from_utf8_lossy(data);
    text.chars().map(|c| if c.is_control() || c == '\u{fffd}' { ' ' } else { c }).take(NOTICE_CHARACTERS).collect()
}

/// A sync frame without its message.
pub struct Envelope {
    /// Document id as on the wire.
    pub document: String,
    start: Vec<u8>,
}

impl Envelope {
    /// For messages of `sender` to `target` about `document`.
    pub fn new(sender: &str, target: &str, document: &str) -> Self {
        let (sender, target) = (sender.to_owned(), target.to_owned());
        let frame = Frame::Sync { sender, target, document: document.to_owned(), request: false, data: Vec::new() };
        let mut start = frame.encode();
        // The message stands last; without it remains all but the byte that says how long it is.
        start.pop();
        Self { document: document.to_owned(), start }
    }

    /// What stands before a message of `length` bytes.
    pub fn around(&self, length: usize) -> (&[u8], BytesHeader) {
        (&self.start, BytesHeader::new(length))
    }
}

/// The head of a CBOR byte string.
pub struct BytesHeader {
    bytes: [u8; 5],
    length: usize,
}

impl BytesHeader {
    /// Major type "bytes".
    const MAJOR: u8 = 0x40;

    fn new(length: usize) -> Self {
        let mut bytes = [0; 5];
        let used = match length {
            0..24 => {
                bytes[0] = Self::MAJOR | length as u8;
                1
            }
            24..0x100 => {
                bytes[..2].copy_from_slice(&[Self::MAJOR | 24, length as u8]);
                2
            }
            0x100..0x1_0000 => {
                bytes[0] = Self::MAJOR | 25;
                bytes[1..3].copy_from_slice(&(length as u16).to_be_bytes());
                3
            }
            _ => {
                bytes[0] = Self::MAJOR | 26;
                bytes[1..].copy_from_slice(&(length as u32).to_be_bytes());
                5
            }
        };
        Self { bytes, length: used }
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use concord_shared::wire::notice::Notice;

    use super::*;

    #[test]
    fn an_envelope_makes_the_frames_that_stock_clients_send() {
        let envelope = Envelope::new("me", "you", "Pevo5PYWhEQds1QKW5ZuuEDyPxq");
        for length in [1, 23, 24, 255, 256, 65_535, 65_536] {
            let data = vec![7; length];
            let (start, header) = envelope.around(length);
            let bytes = [start, header.as_bytes(), &data].concat();
            let (sender, target, document) = ("me".to_owned(), "you".to_owned(), envelope.document.clone());
            assert_eq!(bytes, Frame::Sync { sender, target, document, request: false, data: data.clone() }.encode());
            assert_eq!(Incoming::read(&bytes).unwrap(), Incoming::Sync { document: &envelope.document, data: &data });
        }
    }

    #[test]
    fn notices_are_told_apart() {
        let ephemeral = |notice: Notice| {
            let (sender, target, session) = ("a".to_owned(), "b".to_owned(), "s".to_owned());
            Frame::Ephemeral { sender, target, document: "d".into(), count: 1, session, data: notice.encode() }.encode()
        };
        assert_eq!(Incoming::read(&ephemeral(Notice::Saved(vec![]))).unwrap(), Incoming::Saved);
        assert!(matches!(Incoming::read(&ephemeral(Notice::Rejected(vec![]))).unwrap(), Incoming::Rejected(_)));
        assert_eq!(Incoming::read(&ephemeral(Notice::Closing("bye".into()))).unwrap(), Incoming::Other);
        assert!(Incoming::read(b"\xff").is_err());
    }
}
