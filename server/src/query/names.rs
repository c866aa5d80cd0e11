//! The names of an object: scores, tags, members, what metadata has. For completion, for checking filters, for English.

use std::collections::{BTreeMap, BTreeSet};

use concord_shared::filter::compute::infer::Seen;
use concord_shared::filter::english::{KnownScore, Vocabulary};
use concord_shared::filter::known::{Known, Warning, check_names};
use concord_shared::filter::{Expr, FilterError};
use concord_shared::ids::{MemberId, ObjectRef, OrganizationId, ProjectId};
use concord_shared::metric::CounterKey;
use concord_shared::score::{Score, ScoreKind};

use super::btql::Source;
use super::event::{Context, event};
use crate::domain::project::Page;
use crate::domain::project::tag::{MAX_TAGS, TagFilter};
use crate::domain::store::{Store, StoreError};

/// Newest rows that are looked at.
const ROWS: usize = 200;

/// Traces that are read for them.
const TRACES: u32 = 50;

/// Names of each kind that are told.
const NAMES: usize = 500;

/// Names of scores of an object: configured ones, then those that rows have.
pub async fn scores(store: &dyn Store, source: &Source) -> Result<Vec<String>, StoreError> {
    let mut names: Vec<String> = source.scores.iter().map(|score| score.name.clone()).collect();
    let counters = store.counters(source.object).await?;
    let seen: BTreeSet<&str> = counters
        .iter()
        .filter_map(|(key, _)| match key {
            CounterKey::Score(name, _) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let more: Vec<String> =
        seen.into_iter().filter(|name| !names.iter().any(|n| n == name)).map(str::to_owned).collect();
    names.extend(more);
    names.truncate(NAMES);
    Ok(names)
}

/// Tags that a project offers.
pub async fn tags(
    store: &dyn Store,
    organization: OrganizationId,
    project: ProjectId,
) -> Result<Vec<String>, StoreError> {
    let page = Page { limit: MAX_TAGS as u32, ..Page::default() };
    let filter = TagFilter { organization, project: Some(project), project_name: None, name: None, page };
    Ok(store.tags(&filter).await?.into_iter().map(|tag| tag.name).collect())
}

/// Why names could not be checked, or what is wrong with one.
#[derive(Debug, thiserror::Error)]
pub enum NamesError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A name that cannot be meant.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

/// Checks the names in an expression against those of its objects. Nothing is read where it names no score and no tag.
pub async fn check(
    store: &dyn Store,
    organization: OrganizationId,
    sources: &[Source],
    expr: &Expr,
) -> Result<Vec<Warning>, NamesError> {
    let text = expr.to_string();
    let mut known = Known::default();
    // What is not read cannot be wrong.
    for source in sources.iter().take(8) {
        if text.contains("scores") {
            known.scores.extend(scores(store, source).await?);
        }
        if text.contains("tags") {
            known.tags.extend(tags(store, organization, source.project).await?);
        }
    }
    Ok(check_names(expr, &known)?)
}

/// Everything that can be named in an object.
#[derive(Debug)]
pub struct Names {
    /// Scores, configured and seen, with their options.
    pub scores: Vec<KnownScore>,
    /// Tags, offered and seen.
    pub tags: Vec<String>,
    /// Members.
    pub members: BTreeMap<MemberId, String>,
    /// What the newest rows have, by path.
    pub seen: Seen,
}

impl Names {
    /// Reads them.
    pub async fn of(store: &dyn Store, organization: OrganizationId, source: &Source) -> Result<Self, StoreError> {
        let members: BTreeMap<MemberId, String> = store
            .members(organization)
            .await?
            .into_iter()
            .filter(|member| !member.disabled)
            .map(|member| (member.id, member.name))
            .take(NAMES)
            .collect();
        let seen = seen(store, organization, source.project, source.object, &source.scores, &members).await?;
        let mut all = Vec::new();
        for name in scores(store, source).await? {
            let configured = source.scores.iter().find(|score| score.name == name);
            all.push(known_score(name, configured));
        }
        let mut tags = tags(store, organization, source.project).await?;
        let path = ["tags".to_owned()];
        let of_rows = seen.paths().filter(|(at, _)| *at == path).flat_map(|(_, facts)| facts.values());
        let more: Vec<String> = of_rows
            .filter_map(|(tag, _)| tag.as_str())
            .filter(|tag| !tags.iter().any(|t| t == tag))
            .map(str::to_owned)
            .collect();
        tags.extend(more);
        tags.truncate(NAMES);
        Ok(Self { scores: all, tags, members, seen })
    }

    /// For English.
    pub fn vocabulary(&self, me: Option<MemberId>) -> Vocabulary {
        let keys = self.seen.paths().filter_map(|(path, _)| match path {
            [first, key] if first == "metadata" => Some(key.clone()),
            _ => None,
        });
        Vocabulary {
            scores: self.scores.clone(),
            tags: self.tags.clone(),
            fields: keys.take(NAMES).collect(),
            members: self.members.iter().map(|(id, name)| (id.to_string(), name.clone())).collect(),
            me: me.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    /// For checking.
    pub fn known(&self) -> Known {
        Known { scores: self.scores.iter().map(|score| score.name.clone()).collect(), tags: self.tags.clone() }
    }
}

fn known_score(name: String, configured: Option<&Score>) -> KnownScore {
    let (options, expected, multi) = match configured.map(|score| &score.kind) {
        Some(ScoreKind::Categorical { options }) => (options.as_slice(), false, false),
        Some(ScoreKind::Expected { options, multi }) => (options.as_slice(), true, *multi),
        _ => (&[][..], false, false),
    };
    let options = options.iter().map(|option| (option.name.clone(), option.value)).collect();
    KnownScore { name, options, expected, multi }
}

/// What the newest rows have.
async fn seen(
    store: &dyn Store,
    organization: OrganizationId,
    project: ProjectId,
    object: ObjectRef,
    scores: &[Score],
    names: &BTreeMap<MemberId, String>,
) -> Result<Seen, StoreError> {
    let fetched = store.fetch(object, None, TRACES).await?;
    let context = Context { organization, project, object, scores, names };
    let paths = ["metadata", "tags", "span_attributes", "metrics", "origin"].map(|field| [field.to_owned()]);
    let mut seen = Seen::default();
    for row in fetched.rows.iter().take(ROWS) {
        let event = event(row, context, false);
        paths.iter().for_each(|path| seen.row(&event, path));
    }
    Ok(seen)
}
