//! Files that rows refer to.

use concord_shared::ids::OrganizationId;

use super::fixtures::{NOW, World};
use crate::domain::attachment::{Attachment, UploadStatus};

pub(super) async fn an_attachment_is_announced_arrives_and_is_done_for_ever(world: World) {
    let store = &world.store;
    let announced = Attachment {
        organization: world.organization,
        key: "k\u{1F600}".into(),
        filename: "a.png".into(),
        content_type: "image/png".into(),
        status: UploadStatus::Uploading,
        error: None,
        size: None,
        created_by: Some(world.owner),
        created: NOW,
    };
    assert_eq!(store.announce_attachment(&announced).await, Ok(announced.clone()));
    let read = async || store.attachment(world.organization, &announced.key).await.unwrap().unwrap();
    let set = async |status, error| {
        store.set_attachment_status(world.organization, &announced.key, status, error).await.unwrap();
        let read = read().await;
        (read.status, read.error)
    };
    assert_eq!(set(UploadStatus::Error, Some("cut")).await, (UploadStatus::Error, Some("cut".into())));
    let again = Attachment { filename: "b.png".into(), ..announced.clone() };
    assert_eq!(store.announce_attachment(&again).await, Ok(again.clone()), "a second try");
    assert_eq!(store.attachment_bytes(world.organization).await, Ok(0), "nothing has arrived");
    store.attachment_arrived(world.organization, &announced.key, 7).await.unwrap();
    assert_eq!(store.attachment_bytes(world.organization).await, Ok(7));
    assert_eq!(store.attachment_bytes(OrganizationId::new()).await, Ok(0));
    assert_eq!(set(UploadStatus::Done, None).await, (UploadStatus::Done, None));
    assert_eq!(set(UploadStatus::Error, Some("late")).await, (UploadStatus::Done, None));
    let done = Attachment { status: UploadStatus::Done, size: Some(7), ..again };
    assert_eq!(store.announce_attachment(&announced).await, Ok(done.clone()));
    assert_eq!(read().await, done);
    assert_eq!(store.attachment(OrganizationId::new(), &announced.key).await, Ok(None));
}

pub(super) async fn a_signing_key_is_made_once(world: World) {
    let store = &world.store;
    assert_eq!(store.signing_key("files", [1; 32]).await, Ok([1; 32]));
    assert_eq!(store.signing_key("files", [2; 32]).await, Ok([1; 32]));
    assert_eq!(store.signing_key("other", [2; 32]).await, Ok([2; 32]));
}
