//! Attachments beside a backup: the folder of a server is copied to a folder beside the copy of its database, and back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::files::Place;

/// What copying came to, in a line for the operator; `Err`: why there is no copy.
pub(super) type Outcome = Result<Option<String>, String>;

/// The folder beside a backup.
fn beside(backup: &Path) -> PathBuf {
    let mut name = backup.as_os_str().to_owned();
    name.push(".attachments");
    PathBuf::from(name)
}

/// Copies a server's attachments beside a backup. After the database: what that says is complete is there by now, and stays.
pub(super) fn save(place: &Place, backup: &Path) -> Outcome {
    match place {
        Place::S3(url) => Ok(Some(format!("attachments stay in {url}: copy that bucket by its own means"))),
        Place::Folder(folder) => copy(folder, &beside(backup)),
    }
}

/// Whether attachments of a backup could be restored; asked before anything is written.
pub(super) fn check(place: &Place, backup: &Path) -> Result<(), String> {
    match place {
        Place::Folder(folder) if beside(backup).is_dir() && !is_free(folder) => {
            let right = "restoring overwrites nothing; move it away, or name another with --attachments";
            Err(format!("{} holds files already: {right}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Copies the attachments of a backup to where a server keeps them.
pub(super) fn restore(place: &Place, backup: &Path) -> Outcome {
    let from = beside(backup);
    match place {
        Place::Folder(folder) => copy(&from, folder),
        Place::S3(url) if from.is_dir() => {
            Ok(Some(format!("attachments in {} were not copied to {url}: do that by its own means", from.display())))
        }
        Place::S3(_) => Ok(None),
    }
}

fn is_free(folder: &Path) -> bool {
    fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

/// Copies the attachments of all organizations. Batches that came as files and pieces that are still arriving are left out.
fn copy(from: &Path, to: &Path) -> Outcome {
    if !from.is_dir() {
        return Ok(None);
    }
    let told = |error: io::Error| format!("attachments were not copied from {}: {error}", from.display());
    if !is_free(to) {
        return Err(format!("{} holds files already: nothing is overwritten; name another place", to.display()));
    }
    let (mut files, mut bytes) = (0_u64, 0);
    let mut waiting = vec![(from.join("attachments"), to.join("attachments"))];
    while let Some((from, to)) = waiting.pop() {
        if !from.is_dir() {
            continue;
        }
        fs::create_dir_all(&to).map_err(told)?;
        for entry in fs::read_dir(&from).map_err(told)? {
            let entry = entry.map_err(told)?;
            let (path, target) = (entry.path(), to.join(entry.file_name()));
            if path.is_dir() {
                waiting.push((path, target));
            } else if !entry.file_name().to_string_lossy().contains('#') {
                bytes += fs::copy(&path, &target).map_err(told)?;
                fs::File::open(&target).and_then(|file| file.sync_all()).map_err(told)?;
                files += 1;
            }
        }
    }
    Ok(Some(format!("wrote {files} attachments to {} ({bytes} bytes)", to.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_come_back_from_beside_a_backup_and_overwrite_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let (live, new) = (folder.path().join("live"), folder.path().join("new"));
        let backup = folder.path().join("copy.db");
        fs::create_dir_all(live.join("attachments/org")).expect("folders");
        fs::create_dir_all(live.join("overflow/org")).expect("folders");
        for (path, text) in
            [("attachments/org/a", "bytes"), ("attachments/org/b#1", "arriving"), ("overflow/org/c", "rows")]
        {
            fs::write(live.join(path), text).expect("a file");
        }
        let told = save(&Place::Folder(live.clone()), &backup).expect("a copy").expect("a line");
        assert!(told.starts_with("wrote 1 attachments"), "{told}");
        assert!(save(&Place::Folder(live.clone()), &backup).is_err(), "a backup overwrites nothing");
        assert!(check(&Place::Folder(live), &backup).is_err());
        let place = Place::Folder(new.clone());
        assert_eq!(check(&place, &backup), Ok(()));
        restore(&place, &backup).expect("a copy");
        assert_eq!(fs::read_to_string(new.join("attachments/org/a")).expect("a file"), "bytes");
        assert!(!new.join("overflow").exists());
        assert_eq!(restore(&place, &folder.path().join("other.db")), Ok(None), "a backup without attachments");
    }
}
