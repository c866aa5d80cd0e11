//! Frames of `GET /sync`: automerge-repo's network protocol, version "1". One binary WebSocket message is one CBOR map.
//!
//! The JS encoder writes maps with 16-bit counts, `undefined` as `f7` and large numbers as floats, so reading accepts
//! any width and order; unknown keys are skipped. Writing uses the shortest forms, which stock clients read.

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

/// Largest frame in either direction: four of the largest changes that the gate takes.
pub const FRAME_BYTES: usize = 1024 * 1024;

/// Longest peer, session or document id that is read. Stock ones have 9 to 36 bytes.
const ID_BYTES: usize = 256;

/// The only protocol version there is.
pub const PROTOCOL_VERSION: &str = "1";

/// A frame, as far as a hub needs to understand it.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// The client's first words.
    Join {
        /// The client's peer id, of its own choice.
        sender: String,
        /// Protocol versions it speaks.
        versions: Vec<String>,
    },
    /// The server's answer to a join.
    Peer {
        /// The server's peer id.
        sender: String,
        /// The client's.
        target: String,
    },
    /// A sync message of a document that the sender has (`sync`) or does not have (`request`).
    Sync {
        /// Peer id of the sender.
        sender: String,
        /// Peer id of the receiver.
        target: String,
        /// Document id, base58check.
        document: String,
        /// Whether the sender has no such document yet.
        request: bool,
        /// Automerge sync message; never empty.
        data: Vec<u8>,
    },
    /// The sender does not have the document.
    Unavailable {
        /// Peer id of the sender.
        sender: String,
        /// Peer id of the receiver.
        target: String,
        /// Document id, base58check.
        document: String,
    },
    /// Presence and notices; not stored.
    Ephemeral {
        /// Peer id of the original sender.
        sender: String,
        /// Peer id of the receiver.
        target: String,
        /// Document id, base58check.
        document: String,
        /// Counts up per sender and session; receivers drop what is not larger than the last.
        count: u64,
        /// New for each process or page.
        session: String,
        /// CBOR of the application's value.
        data: Vec<u8>,
    },
    /// The sender is going, or an application error; text for a log.
    Error {
        /// Peer id of the sender.
        sender: String,
        /// Peer id of the receiver.
        target: String,
        /// What is wrong.
        message: String,
    },
    /// A frame of a kind that a hub ignores (`leave`, gossip of remote heads, later inventions).
    Other(String),
}

/// Why bytes are not a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Not CBOR, or not a map with text keys.
    #[error("the frame is not a CBOR map: {0}")]
    NotCbor(String),
    /// A field that this kind of frame must have is absent or of another type.
    #[error("a {kind:?} frame needs {field}")]
    Missing {
        /// The `type` of the frame.
        kind: String,
        /// The field, with what it must be.
        field: &'static str,
    },
    /// Above [`FRAME_BYTES`].
    #[error("a frame may have {FRAME_BYTES} bytes, this one has {0}")]
    TooLarge(usize),
}

impl From<minicbor::decode::Error> for FrameError {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::NotCbor(error.to_string())
    }
}

/// Fields as they come, before the kind says which are needed.
#[derive(Default)]
struct Fields {
    kind: Option<String>,
    sender: Option<String>,
    target: Option<String>,
    document: Option<String>,
    data: Option<Vec<u8>>,
    count: Option<u64>,
    session: Option<String>,
    message: Option<String>,
    versions: Vec<String>,
}

impl Frame {
    /// Reads a frame.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > FRAME_BYTES {
            return Err(FrameError::TooLarge(bytes.len()));
        }
        let mut decoder = Decoder::new(bytes);
        let mut fields = Fields::default();
        let count = decoder.map()?;
        let mut seen = 0_u64;
        loop {
            match count {
                Some(count) if seen == count => break,
                None if decoder.datatype()? == Type::Break => break,
                _ => seen += 1,
            }
            let key = decoder.str()?;
            match key {
                "type" => fields.kind = text(&mut decoder)?,
                "senderId" => fields.sender = text(&mut decoder)?,
                "targetId" => fields.target = text(&mut decoder)?,
                "documentId" => fields.document = text(&mut decoder)?,
                "sessionId" => fields.session = text(&mut decoder)?,
                "message" => fields.message = text(&mut decoder)?,
                "data" => fields.data = blob(&mut decoder)?,
                "count" => fields.count = number(&mut decoder)?,
                "supportedProtocolVersions" => fields.versions = texts(&mut decoder)?,
                _ => skip(&mut decoder)?,
            }
        }
        fields.into_frame()
    }

    /// Writes a frame.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::with_capacity(192));
        // Writing into a Vec cannot fail; the error type of minicbor only knows that for itself.
        let written = self.write(&mut out);
        debug_assert!(written.is_ok(), "a Vec takes every byte");
        out.into_writer()
    }

    fn write(&self, out: &mut Encoder<Vec<u8>>) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        match self {
            Self::Join { sender, versions } => {
                out.map(4)?.str("type")?.str("join")?.str("senderId")?.str(sender)?;
                out.str("peerMetadata")?.map(1)?.str("isEphemeral")?.bool(true)?;
                out.str("supportedProtocolVersions")?.array(versions.len() as u64)?;
                for version in versions {
                    out.str(version)?;
                }
            }
            Self::Peer { sender, target } => {
                head(out, 4, "peer", sender, target)?;
                out.str("selectedProtocolVersion")?.str(PROTOCOL_VERSION)?;
            }
            Self::Sync { sender, target, document, request, data } => {
                head(out, 5, if *request { "request" } else { "sync" }, sender, target)?;
                out.str("documentId")?.str(document)?.str("data")?.bytes(data)?;
            }
            Self::Unavailable { sender, target, document } => {
                head(out, 4, "doc-unavailable", sender, target)?;
                out.str("documentId")?.str(document)?;
            }
            Self::Ephemeral { sender, target, document, count, session, data } => {
                head(out, 7, "ephemeral", sender, target)?;
                out.str("documentId")?.str(document)?.str("count")?.u64(*count)?;
                out.str("sessionId")?.str(session)?.str("data")?.bytes(data)?;
            }
            Self::Error { sender, target, message } => {
                head(out, 4, "error", sender, target)?;
                out.str("message")?.str(message)?;
            }
            Self::Other(kind) => {
                out.map(1)?.str("type")?.str(kind)?;
            }
        }
        Ok(())
    }
}

fn head(
    out: &mut Encoder<Vec<u8>>,
    fields: u64,
    kind: &str,
    sender: &str,
    target: &str,
) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
    out.map(fields)?.str("type")?.str(kind)?.str("senderId")?.str(sender)?.str("targetId")?.str(target)?;
    Ok(())
}

impl Fields {
    fn into_frame(self) -> Result<Frame, FrameError> {
        let kind = self.kind.ok_or(FrameError::Missing { kind: String::new(), field: "type (text)" })?;
        let missing = |field| FrameError::Missing { kind: kind.clone(), field };
        let sender = || self.sender.clone().ok_or(missing("senderId (text of 1 to 256 bytes)"));
        let document = || self.document.clone().ok_or(missing("documentId (text of 1 to 256 bytes)"));
        let data = || self.data.clone().filter(|data| !data.is_empty()).ok_or(missing("data (bytes, not empty)"));
        let target = self.target.clone().unwrap_or_default();
        Ok(match kind.as_str() {
            "join" => Frame::Join { sender: sender()?, versions: self.versions },
            "peer" => Frame::Peer { sender: sender()?, target },
            "sync" | "request" => Frame::Sync {
                sender: sender()?,
                target,
                document: document()?,
                request: kind == "request",
                data: data()?,
            },
            "doc-unavailable" => Frame::Unavailable { sender: sender()?, target, document: document()? },
            "ephemeral" => Frame::Ephemeral {
                sender: sender()?,
                target,
                document: document()?,
                count: self.count.ok_or(missing("count (a whole number)"))?,
                session: self.session.clone().ok_or(missing("sessionId (text of 1 to 256 bytes)"))?,
                data: data()?,
            },
            "error" => Frame::Error { sender: sender()?, target, message: self.message.unwrap_or_default() },
            _ => Frame::Other(kind),
        })
    }
}

/// Text of a sensible length, or `None` for whatever else stands there.
fn text(decoder: &mut Decoder<'_>) -> Result<Option<String>, FrameError> {
    if decoder.datatype()? != Type::String {
        skip(decoder)?;
        return Ok(None);
    }
    let text = decoder.str()?;
    Ok((!text.is_empty() && text.len() <= ID_BYTES).then(|| text.to_owned()))
}

fn texts(decoder: &mut Decoder<'_>) -> Result<Vec<String>, FrameError> {
    if decoder.datatype()? != Type::Array {
        skip(decoder)?;
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let count = decoder.array()?.unwrap_or(0);
    for _ in 0..count {
        let item = text(decoder)?;
        // A client of ours speaks one version; eight is room for any sane one.
        found.extend(item.filter(|_| found.len() < 8));
    }
    Ok(found)
}

fn blob(decoder: &mut Decoder<'_>) -> Result<Option<Vec<u8>>, FrameError> {
    if decoder.datatype()? != Type::Bytes {
        skip(decoder)?;
        return Ok(None);
    }
    Ok(Some(decoder.bytes()?.to_vec()))
}

/// A non-negative whole number, whatever type it comes in: JS writes those above 2^32 as floats.
fn number(decoder: &mut Decoder<'_>) -> Result<Option<u64>, FrameError> {
    match decoder.datatype()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => Ok(Some(decoder.u64()?)),
        Type::F16 | Type::F32 | Type::F64 => {
            let float = decoder.f64()?;
            Ok((float >= 0.0 && float.fract() == 0.0 && float < 9.007_199_254_740_992e15).then_some(float as u64))
        }
        _ => {
            skip(decoder)?;
            Ok(None)
        }
    }
}

/// Passes over one value. minicbor keeps its own bounded stack, so nesting cannot exhaust ours.
fn skip(decoder: &mut Decoder<'_>) -> Result<(), FrameError> {
    decoder.skip().map_err(FrameError::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `join` that a stock client sends: 16-bit map counts, `undefined` for the storage id.
    fn captured_join() -> Vec<u8> {
        let mut bytes = vec![0xb9, 0, 4, 0x64];
        bytes.extend(b"type\x64join\x68senderId\x6epeer-765eqt5hh\x6cpeerMetadata\xb9\x00\x02\x69storageId\xf7");
        bytes.extend(b"\x6bisEphemeral\xf5\x78\x19supportedProtocolVersions\x81\x611");
        bytes
    }

    #[test]
    fn reads_what_stock_clients_write() {
        let join = Frame::Join { sender: "peer-765eqt5hh".into(), versions: vec!["1".into()] };
        assert_eq!(Frame::decode(&captured_join()), Ok(join));
    }

    #[test]
    fn every_frame_reads_back() {
        let (sender, target, document) = ("a".to_owned(), "b".to_owned(), "Pevo5PYWhEQds1QKW5ZuuEDyPxq".to_owned());
        let frames = [
            Frame::Peer { sender: sender.clone(), target: target.clone() },
            Frame::Sync {
                sender: sender.clone(),
                target: target.clone(),
                document: document.clone(),
                request: true,
                data: vec![0x42, 0],
            },
            Frame::Unavailable { sender: sender.clone(), target: target.clone(), document: document.clone() },
            Frame::Ephemeral { sender, target, document, count: 1 << 40, session: "s".into(), data: vec![0xa0] },
        ];
        for frame in frames {
            assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
        }
    }

    #[test]
    fn malformed_frames_are_named() {
        assert!(matches!(Frame::decode(b""), Err(FrameError::NotCbor(_))));
        assert!(matches!(Frame::decode(&[0x81, 0x01]), Err(FrameError::NotCbor(_))));
        let no_data = [&[0xa2, 0x64][..], b"type\x64sync\x68senderId\x61a"].concat();
        assert!(matches!(Frame::decode(&no_data), Err(FrameError::Missing { .. })));
        assert!(matches!(Frame::decode(&vec![0; FRAME_BYTES + 1]), Err(FrameError::TooLarge(_))));
    }
}
