//! What rides in ephemeral messages: the server's notices and the presence of people. CBOR maps.

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

/// What the server tells one client of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// These changes were refused; roll them back. `{type: "review-rejected", rejected: [...]}`.
    Rejected(Vec<RejectedChange>),
    /// A document with these heads (hex) is durable. `{type: "saved", heads: [...]}`.
    Saved(Vec<String>),
    /// The connection is about to be closed. `{type: "closing", reason}`.
    Closing(String),
}

/// One refused change, as the client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedChange {
    /// In hex.
    pub hash: String,
    /// For machines.
    pub code: String,
    /// For people.
    pub reason: String,
    /// JSON pointer into the document.
    pub path: Option<String>,
}

impl Notice {
    /// The CBOR value that goes into an ephemeral frame.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::with_capacity(128));
        let written = self.write(&mut out);
        debug_assert!(written.is_ok(), "a Vec takes every byte");
        out.into_writer()
    }

    fn write(&self, out: &mut Encoder<Vec<u8>>) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        match self {
            Self::Rejected(rejected) => {
                out.map(2)?.str("type")?.str("review-rejected")?.str("rejected")?.array(rejected.len() as u64)?;
                for change in rejected {
                    out.map(3 + u64::from(change.path.is_some()))?.str("hash")?.str(&change.hash)?;
                    out.str("code")?.str(&change.code)?.str("reason")?.str(&change.reason)?;
                    if let Some(path) = &change.path {
                        out.str("path")?.str(path)?;
                    }
                }
            }
            Self::Saved(heads) => {
                out.map(2)?.str("type")?.str("saved")?.str("heads")?.array(heads.len() as u64)?;
                for head in heads {
                    out.str(head)?;
                }
            }
            Self::Closing(reason) => {
                out.map(2)?.str("type")?.str("closing")?.str("reason")?.str(reason)?;
            }
        }
        Ok(())
    }
}

/// Reads the heads of a [`Notice::Saved`]; `None`: it is something else.
pub fn saved_heads(data: &[u8]) -> Option<Vec<String>> {
    let (mut kind, mut heads) = (None, Vec::new());
    let read = read_map(&mut Decoder::new(data), &mut |key, decoder| {
        match key {
            "type" => kind = Some(decoder.str()?),
            "heads" => {
                for head in decoder.array_iter::<&str>()? {
                    heads.push(head?.to_owned());
                }
            }
            _ => decoder.skip()?,
        }
        Ok(())
    });
    (read.is_ok() && kind == Some("saved")).then_some(heads)
}

/// The kind of an ephemeral value and the user id that it claims: `type` and `user.id`. Both `None` when absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// Its `type`.
    pub kind: Option<String>,
    /// Its `user.id`.
    pub user: Option<String>,
}

/// Reads what an ephemeral value claims to be; bytes that are not a CBOR map claim nothing.
pub fn claim(data: &[u8]) -> Claim {
    let mut claim = Claim::default();
    let _ = read_map(&mut Decoder::new(data), &mut |key, decoder| {
        match key {
            "type" if decoder.datatype()? == Type::String => claim.kind = Some(decoder.str()?.to_owned()),
            "user" if matches!(decoder.datatype()?, Type::Map | Type::MapIndef) => {
                read_map(decoder, &mut |key, decoder| {
                    if key == "id" && decoder.datatype()? == Type::String {
                        claim.user = Some(decoder.str()?.to_owned());
                        return Ok(());
                    }
                    decoder.skip()
                })?;
            }
            _ => decoder.skip()?,
        }
        Ok(())
    });
    claim
}

fn read_map<'b>(
    decoder: &mut Decoder<'b>,
    field: &mut dyn FnMut(&'b str, &mut Decoder<'b>) -> Result<(), minicbor::decode::Error>,
) -> Result<(), minicbor::decode::Error> {
    let count = decoder.map()?;
    let mut seen = 0;
    loop {
        match count {
            Some(count) if seen == count => return Ok(()),
            None if decoder.datatype()? == Type::Break => return decoder.skip(),
            _ => seen += 1,
        }
        let key = decoder.str()?;
        field(key, decoder)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_read_whatever_surrounds_them() {
        let mut out = Encoder::new(Vec::new());
        out.map(3).unwrap().str("tab").unwrap().array(1).unwrap().u8(1).unwrap();
        out.str("user").unwrap().map(2).unwrap().str("name").unwrap().str("Eva").unwrap();
        out.str("id").unwrap().str("u1").unwrap().str("type").unwrap().str("presence").unwrap();
        let claimed = claim(&out.into_writer());
        assert_eq!(claimed, Claim { kind: Some("presence".into()), user: Some("u1".into()) });
        assert_eq!(claim(b"\xff\xff"), Claim::default());
        assert_eq!(claim(&Notice::Saved(vec![]).encode()).kind.as_deref(), Some("saved"));
    }

    #[test]
    fn saved_heads_read_back_and_nothing_else_does() {
        let heads = vec!["0f".to_owned(), "1e".to_owned()];
        assert_eq!(saved_heads(&Notice::Saved(heads.clone()).encode()), Some(heads));
        assert_eq!(saved_heads(&Notice::Closing("bye".into()).encode()), None);
        assert_eq!(saved_heads(b"\xa1"), None);
    }
}
