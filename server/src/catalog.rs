//! Projects and their scores in memory: every written row, feedback and review asks for them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use concord_shared::ids::{ObjectRef, ObjectType, OrganizationId, ProjectId};
use concord_shared::score::Score;
use tokio::sync::broadcast;

use crate::domain::store::{Store, StoreError};

/// Most projects kept, a few KiB each, and most experiments and datasets. When full, everything is dropped and read again as it is asked for.
const CAPACITY: usize = 4096;
/// Changes that a listener may lag behind; one that lags further re-reads every project it holds.
const CHANGES: usize = 256;

/// What writers need of a project.
#[derive(Debug)]
pub struct ProjectEntry {
    /// Which.
    pub id: ProjectId,
    /// Whose.
    pub organization: OrganizationId,
    /// What it wants judged, in order of position.
    pub scores: Arc<[Score]>,
}

/// Projects by id, dropped when they change.
pub struct Catalog {
    store: Arc<dyn Store>,
    kept: RwLock<Kept>,
    changes: broadcast::Sender<ProjectId>,
}

#[derive(Default)]
struct Kept {
    /// Counts changes: what was read before one is not kept after it.
    generation: u64,
    entries: HashMap<ProjectId, Arc<ProjectEntry>>,
    /// Whose an experiment or a dataset is, which never changes.
    objects: HashMap<ObjectRef, ProjectId>,
}

impl Catalog {
    /// An empty catalog.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, kept: RwLock::default(), changes: broadcast::channel(CHANGES).0 }
    }

    /// A project of the organization, or `None` if it has none of that id.
    pub async fn project(
        &self,
        organization: OrganizationId,
        id: ProjectId,
    ) -> Result<Option<Arc<ProjectEntry>>, StoreError> {
        let generation = {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = kept.entries.get(&id) {
                return Ok((entry.organization == organization).then(|| entry.clone()));
            }
            kept.generation
        };
        if self.store.project(organization, id).await?.is_none() {
            return Ok(None);
        }
        let scores = self.store.scores_of(id).await?;
        let scores = scores.iter().map(|score| {
            score.to_score().map_err(|error| StoreError::Corrupt { what: "score", detail: error.to_string() })
        });
        let scores = scores.collect::<Result<Arc<[Score]>, _>>()?;
        let entry = Arc::new(ProjectEntry { id, organization, scores });
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.generation == generation {
            if kept.entries.len() >= CAPACITY {
                kept.entries.clear();
            }
            kept.entries.insert(id, entry.clone());
        }
        Ok(Some(entry))
    }

    /// The project of an object, or `None` if the organization has no such object.
    pub async fn object(
        &self,
        organization: OrganizationId,
        object: ObjectRef,
    ) -> Result<Option<Arc<ProjectEntry>>, StoreError> {
        if object.object_type == ObjectType::ProjectLogs {
            return self.project(organization, ProjectId(object.object_id)).await;
        }
        let (generation, known) = {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            (kept.generation, kept.objects.get(&object).copied())
        };
        let project = match known {
            Some(project) => project,
            None => {
                let Some(found) = self.store.object(organization, object).await? else { return Ok(None) };
                let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
                if kept.generation == generation {
                    if kept.objects.len() >= CAPACITY {
                        kept.objects.clear();
                    }
                    kept.objects.insert(object, found.project);
                }
                found.project
            }
        };
        self.project(organization, project).await
    }

    /// To be called after an experiment or a dataset was deleted.
    pub fn object_deleted(&self, object: ObjectRef) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.generation += 1;
        kept.objects.remove(&object);
    }

    /// What a project wants judged, whosoever it is: for rooms and writers that have been let in.
    pub async fn scores(&self, id: ProjectId) -> Result<Arc<[Score]>, StoreError> {
        {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = kept.entries.get(&id) {
                return Ok(entry.scores.clone());
            }
        }
        let scores = self.store.scores_of(id).await?;
        Ok(scores.iter().filter_map(|score| score.to_score().ok()).collect())
    }

    /// To be called after a score was changed in the store, or its project deleted. Costs a pass over the project's rows, so
    /// not for a mere rename.
    pub fn changed(&self, id: ProjectId) {
        {
            let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            kept.generation += 1;
            kept.entries.remove(&id);
        }
        // Nobody listening is fine.
        let _ = self.changes.send(id);
    }

    /// Projects whose configuration changed from now on; open rooms ask for their scores again.
    pub fn subscribe(&self) -> broadcast::Receiver<ProjectId> {
        self.changes.subscribe()
    }
}
