//! Secrets that callers carry: keys, cookies, links. Only their digest is ever stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// SHA-256 of a secret. Enough without salt or stretching, since the secret has 256 random bits.
pub type Digest = [u8; 32];

/// How much of a key stays readable, to tell keys apart in a list: `sk-` and five characters, 30 of its 256 bits.
const PREFIX_CHARACTERS: usize = 8;

/// A secret in the moment between its making and its answer. No `Debug`, so that it cannot reach a log.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// `prefix` and 256 bits as base64url; the caller brings the randomness.
    pub fn new(prefix: &str, random: [u8; 32]) -> Self {
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random)))
    }

    /// A secret that somebody chose or sent.
    pub fn given(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What is stored and looked up.
    pub fn digest(&self) -> Digest {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// What a list of keys may show. A short key chosen by hand shows a quarter of itself at most.
    pub fn prefix(&self) -> String {
        self.0.chars().take(PREFIX_CHARACTERS.min(self.0.chars().count() / 4)).collect()
    }

    /// The secret itself, for the one answer or header that carries it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_by_its_first_characters_only() {
        let secret = Secret::new("sk-", [7; 32]);
        assert_eq!(secret.reveal().len(), 3 + 43);
        assert_eq!(secret.prefix(), "sk-BwcHB");
        assert_eq!(Secret::given("sk-admin").prefix(), "sk");
        assert_eq!(secret.digest(), Secret::given(secret.reveal()).digest());
    }
}
