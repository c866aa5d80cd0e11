//! Files beside rows: attachments, and batches of rows that are too large for one request. Bytes are in an object store, a folder
//! unless told otherwise; who may reach them stands in the URL, signed, for a few minutes.

use std::path::PathBuf;
use std::sync::Arc;

use axum::body::BodyDataStream;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use concord_shared::ids::OrganizationId;
use concord_shared::moment::Moment;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use hmac::{Hmac, Mac as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, PutMode, PutPayload, WriteMultipart};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Bytes that are written at once; four such pieces of one file may be under way.
const PIECE: usize = 5 << 20;
/// Pieces of one file that may be under way.
const PIECES: usize = 4;

/// Where files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder; several servers on one database need one that they share.
    Folder(PathBuf),
    /// `s3://bucket/prefix`; credentials come from the environment as for Amazon's own tools.
    S3(String),
}

/// What a signed URL is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// To send the bytes of an attachment.
    Upload,
    /// To read an attachment.
    Download,
    /// To send rows, once.
    Overflow,
}

/// What a signed URL says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What for.
    pub purpose: Purpose,
    /// Whose file.
    pub organization: OrganizationId,
    /// Which.
    pub key: String,
    /// Until when.
    pub expires: Moment,
}

/// Why a file was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// More bytes than allowed.
    #[error("the file is larger than {0} bytes")]
    TooLarge(usize),
    /// The organization has stored as much as it may.
    #[error(
        "the attachments of this organization may take {0} bytes together and there is no room for this one; whoever runs the \
         server may raise --attachment-quota"
    )]
    Full(u64),
    /// It is there already and may be written once.
    #[error("the file is there already")]
    Exists,
    /// The sender went away or sent nonsense.
    #[error("the file ended early: {0}")]
    Cut(String),
    /// The store failed.
    #[error("files are not available: {0}")]
    Unavailable(String),
}

impl From<object_store::Error> for FileError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::AlreadyExists { .. } => Self::Exists,
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// The files of a server.
pub struct Files {
    store: Arc<dyn ObjectStore>,
    signing: [u8; 32],
    quota: u64,
}

impl Files {
    /// Opens the place, made if it is a folder that is missing. `Err` says what is wrong with it.
    ///
    /// `quota`: bytes that the attachments of one organization may take together.
    pub fn open(place: &Place, signing: [u8; 32], quota: u64) -> Result<Self, String> {
        let store: Arc<dyn ObjectStore> = match place {
            Place::Folder(folder) => {
                let wrong = |error: String| format!("cannot keep attachments in {}: {error}", folder.display());
                std::fs::create_dir_all(folder).map_err(|error| wrong(error.to_string()))?;
                Arc::new(LocalFileSystem::new_with_prefix(folder).map_err(|error| wrong(error.to_string()))?)
            }
            Place::S3(url) => s3(url)?,
        };
        Ok(Self { store, signing, quota })
    }

    /// Bytes that an organization may still store, whose attachments take `used` now.
    pub fn room(&self, used: u64) -> Result<usize, FileError> {
        match self.quota.saturating_sub(used) {
            0 => Err(self.full()),
            left => Ok(usize::try_from(left).unwrap_or(usize::MAX)),
        }
    }

    /// What to answer when a file does not fit into the quota.
    pub fn full(&self) -> FileError {
        FileError::Full(self.quota)
    }

    /// A grant as part of a URL.
    pub fn sign(&self, grant: &Grant) -> String {
        // A struct of texts and numbers always has a JSON form.
        let said = serde_json::to_vec(grant).unwrap_or_default();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(&said), URL_SAFE_NO_PAD.encode(self.mac(&said).finalize().into_bytes()))
    }

    /// The grant of a URL, if it was signed here and is not over.
    pub fn check(&self, text: &str, now: Moment) -> Option<Grant> {
        let (said, signature) = text.split_once('.')?;
        let said = URL_SAFE_NO_PAD.decode(said).ok()?;
        self.mac(&said).verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        serde_json::from_slice(&said).ok().filter(|grant: &Grant| now < grant.expires)
    }

    fn mac(&self, said: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.signing).expect("HMAC takes keys of any length");
        mac.update(said);
        mac
    }

    /// Stores a file as it arrives; one of that key is replaced once all is there. Returns how many bytes it has.
    pub async fn write(&self, at: &Grant, mut body: BodyDataStream, limit: usize) -> Result<usize, FileError> {
        let upload = self.store.put_multipart(&path(at)).await?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, PIECE);
        let mut total = 0;
        while let Some(chunk) = body.next().await {
            let failure = match chunk {
                Ok(chunk) => {
                    total += chunk.len();
                    if total <= limit {
                        writer.wait_for_capacity(PIECES).await?;
                        writer.put(chunk);
                        continue;
                    }
                    FileError::TooLarge(limit)
                }
                Err(error) => FileError::Cut(error.to_string()),
            };
            writer.abort().await?;
            return Err(failure);
        }
        writer.finish().await?;
        Ok(total)
    }

    /// Stores a file that may be written once.
    pub async fn write_once(&self, at: &Grant, body: BodyDataStream, limit: usize) -> Result<(), FileError> {
        let bytes = gather(body.map_err(|error| FileError::Cut(error.to_string())).boxed(), limit).await?;
        self.store.put_opts(&path(at), PutPayload::from(bytes), PutMode::Create.into()).await?;
        Ok(())
    }

    /// A file's size and bytes, or `None` if there is none.
    pub async fn read(
        &self,
        at: &Grant,
    ) -> Result<Option<(u64, BoxStream<'static, object_store::Result<Bytes>>)>, FileError> {
        match self.store.get(&path(at)).await {
            Ok(found) => Ok(Some((found.meta.size, found.into_stream()))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// All bytes of a file within a limit, or `None` if there is none.
    pub async fn gather(&self, at: &Grant, limit: usize) -> Result<Option<Bytes>, FileError> {
        let Some((_, stream)) = self.read(at).await? else { return Ok(None) };
        gather(stream.map_err(FileError::from).boxed(), limit).await.map(Some)
    }

    /// Deletes an organization's files of one purpose that are older than `before`; how many are left.
    pub async fn sweep(&self, at: &Grant, before: Moment) -> Result<usize, FileError> {
        let mut left = 0;
        let mut found = self.store.list(Some(&folder(at)));
        while let Some(file) = found.try_next().await? {
            if file.last_modified.timestamp_micros() < before.0 {
                self.store.delete(&file.location).await?;
            } else {
                left += 1;
            }
        }
        Ok(left)
    }
}

async fn gather(mut stream: BoxStream<'_, Result<Bytes, FileError>>, limit: usize) -> Result<Bytes, FileError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.try_next().await? {
        if bytes.len() + chunk.len() > limit {
            return Err(FileError::TooLarge(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

fn folder(at: &Grant) -> Path {
    let kind = if at.purpose == Purpose::Overflow { "overflow" } else { "attachments" };
    Path::from_iter([kind.to_owned(), at.organization.to_string()])
}

/// Keys are texts of the clients' choice: a hash of them is a name that every store takes.
fn path(at: &Grant) -> Path {
    let name = Sha256::digest(at.key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    folder(at).child(name)
}

#[cfg(feature = "s3")]
fn s3(url: &str) -> Result<Arc<dyn ObjectStore>, String> {
    let wrong = |error: object_store::Error| format!("cannot keep attachments in {url}: {error}");
    let bucket = object_store::aws::AmazonS3Builder::from_env().with_url(url).build().map_err(wrong)?;
    let prefix = url.trim_start_matches("s3://").split_once('/').map_or("", |(_, prefix)| prefix);
    Ok(Arc::new(object_store::prefix::PrefixStore::new(bucket, prefix)))
}

#[cfg(not(feature = "s3"))]
fn s3(url: &str) -> Result<Arc<dyn ObjectStore>, String> {
    Err(format!("cannot keep attachments in {url}: this program was built without S3; build it with --features s3"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn grant(purpose: Purpose, key: &str) -> Grant {
        Grant { purpose, organization: OrganizationId::new(), key: key.into(), expires: Moment(1000) }
    }

    fn files() -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::open(&Place::Folder(folder.path().join("a/b")), [7; 32], 100).expect("files");
        (folder, files)
    }

    #[test]
    fn a_grant_is_good_until_it_expires_and_for_nothing_else() {
        let (_folder, files) = files();
        let grant = grant(Purpose::Download, "../../etc/passwd \u{0}");
        let text = files.sign(&grant);
        assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)));
        assert_eq!(files.check(&text, Moment(999)), Some(grant));
        assert_eq!(files.check(&text, Moment(1000)), None);
        let other = Files { store: files.store.clone(), signing: [8; 32], quota: 100 };
        assert_eq!(other.check(&text, Moment(0)), None);
        for wrong in ["", ".", "a.b", &text[1..], &text[..text.len() - 1]] {
            assert_eq!(files.check(wrong, Moment(0)), None);
        }
    }

    #[test]
    fn an_organization_has_room_up_to_its_quota() {
        let (_folder, files) = files();
        assert_eq!(files.room(60).ok(), Some(40));
        for used in [100, 200] {
            assert!(matches!(files.room(used), Err(FileError::Full(100))));
        }
    }

    #[tokio::test]
    async fn files_are_bounded_and_replaced_whole() {
        let (_folder, files) = files();
        let at = grant(Purpose::Upload, "a");
        let body = |text: &'static str| Body::from(text).into_data_stream();
        assert_eq!(files.write(&at, body("hello"), 5).await.ok(), Some(5));
        assert!(matches!(files.write(&at, body("longer"), 5).await, Err(FileError::TooLarge(5))));
        assert_eq!(files.gather(&at, 9).await.expect("read").as_deref(), Some(&b"hello"[..]));
        assert!(files.gather(&at, 4).await.is_err());
        assert!(files.gather(&grant(Purpose::Upload, "a"), 9).await.expect("another organization").is_none());

        let once = Grant { purpose: Purpose::Overflow, ..at };
        assert!(files.write_once(&once, body("rows"), 4).await.is_ok());
        assert!(matches!(files.write_once(&once, body("rows"), 4).await, Err(FileError::Exists)));
        assert_eq!(files.sweep(&once, Moment(0)).await.ok(), Some(1));
        assert_eq!(files.sweep(&once, Moment(i64::MAX)).await.ok(), Some(0));
        assert!(files.gather(&once, 9).await.expect("swept").is_none());
    }
}
