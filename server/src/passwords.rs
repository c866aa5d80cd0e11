//! Hashing passwords: slow on purpose, so off the async threads and a few at a time.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Argon2, Params};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::random;

/// Hashed at once: each takes 19 MiB and about 20 ms of a core.
const AT_ONCE: usize = 2;
/// Waiting or being hashed: about half a second of waiting. More are sent away.
const QUEUE: usize = 64;
/// What is verified when there is no such member, so that the answer takes as long: a hash of nothing with the parameters
/// of real ones.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Y29uY29yZGNvbmNvcmQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many at once: come back in a moment.
    #[error("too many people are signing in at this moment")]
    Busy,
    /// A damaged hash, or a failed thread.
    #[error("cannot hash a password: {0}")]
    Failed(String),
}

/// Hashes and verifies with bounded memory and threads.
pub struct Passwords {
    slots: Semaphore,
    queue: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { slots: Semaphore::new(AT_ONCE), queue: Semaphore::new(QUEUE) }
    }
}

impl Passwords {
    /// The argon2id hash, in PHC form.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        self.run(move || {
            let salt = SaltString::encode_b64(&random::bytes::<16>())?;
            Ok(hasher().hash_password(password.as_bytes(), &salt)?.to_string())
        })
        .await
    }

    /// Whether it is the password. Without a hash the answer is no, after the same work.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, PasswordError> {
        self.run(move || {
            let parsed = PasswordHash::new(hash.as_deref().unwrap_or(NOBODY))?;
            match hasher().verify_password(password.as_bytes(), &parsed) {
                Ok(()) => Ok(hash.is_some()),
                Err(argon2::password_hash::Error::Password) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, argon2::password_hash::Error> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.queue.try_acquire().map_err(|_| PasswordError::Busy)?;
        let _slot = self.slots.acquire().await.map_err(|error| PasswordError::Failed(error.to_string()))?;
        let done = spawn_blocking(work).await.map_err(|error| PasswordError::Failed(error.to_string()))?;
        done.map_err(|error| PasswordError::Failed(error.to_string()))
    }
}

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
fn hasher() -> Argon2<'static> {
    Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, Params::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn passwords_are_verified_and_nobody_has_none() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".to_owned()).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.verify("correct horse".to_owned(), Some(hash.clone())).await.expect("verified"));
        assert!(!passwords.verify("battery staple".to_owned(), Some(hash)).await.expect("verified"));
        assert!(!passwords.verify(String::new(), None).await.expect("the stand-in can be parsed"));
    }
}
