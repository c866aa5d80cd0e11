//! Keeps derived rows true to the configuration of scores (rule R3): a changed option or combining rule changes what rows show and
//! what metrics count. Done behind the writers, in steps that each are a commit like any other.

use std::collections::BTreeSet;
use std::sync::Arc;

use concord_shared::ids::{ObjectRef, ProjectId};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::committer::Committer;
use crate::domain::store::{Commit, Committed, Rederive, Store, StoreError};

/// Follows changes of projects until there can be no more.
pub fn follow(mut changes: broadcast::Receiver<ProjectId>, store: Arc<dyn Store>, committer: Committer) {
    tokio::spawn(async move {
        loop {
            let first = match changes.recv().await {
                Ok(project) => project,
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(
                        missed,
                        "too many changes of scores at once; some rows show old values until the next"
                    );
                    continue;
                }
                Err(RecvError::Closed) => return,
            };
            // A form that saves several scores is one pass, not several.
            let mut projects = BTreeSet::from([first]);
            loop {
                match changes.try_recv() {
                    Ok(project) => drop(projects.insert(project)),
                    Err(TryRecvError::Lagged(_)) => {}
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            for project in projects {
                if let Err(error) = rederive(&*store, &committer, project).await {
                    tracing::error!(%project, %error, "rows are not in line with changed scores");
                }
            }
        }
    });
}

async fn rederive(store: &dyn Store, committer: &Committer, project: ProjectId) -> Result<(), StoreError> {
    let mut objects = store.objects_of(project).await?;
    objects.push(ObjectRef::logs(project));
    for object in objects {
        let mut next = Some(0);
        while let Some(after) = next {
            let step = Rederive { project, object, after };
            next = match committer.commit(Commit::Rederive(step)).await? {
                Committed::Rederived(next) => next,
                Committed::Review | Committed::Rows(_) => None,
            };
        }
    }
    Ok(())
}
