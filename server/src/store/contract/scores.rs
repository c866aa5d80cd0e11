//! Score configurations.

use concord_shared::ids::{OrganizationId, ProjectId};
use serde_json::{Value, json};

use super::fixtures::{World, project_score};
use crate::domain::project::{Page, ProjectScore, ScoreFilter};
use crate::domain::store::StoreError;

pub(super) async fn scores_keep_their_order_and_their_json(world: World) {
    let store = &world.store;
    let categories = json!([{"name": "no", "value": 0}, {"name": "a third", "value": 0.333_333_333_333_333_3}]);
    let config = json!({"aggregate": "median", "z": 1, "a": {"kept": [true, "\u{0}", 1.0]}});
    let first = world.add_score("Tone", "slider", Value::Null, Value::Null).await;
    let second = world.add_score("Correct", "categorical", categories.clone(), config.clone()).await;
    assert!(first.position < second.position);
    assert_eq!((&second.categories, &second.config), (&categories, &config));
    assert_eq!(store.scores_of(world.project).await, Ok(vec![first.clone(), second.clone()]));

    let moved = ProjectScore { position: "zz".into(), name: "Voice".into(), ..first.clone() };
    store.update_score(&moved).await.unwrap();
    assert_eq!(store.scores_of(world.project).await, Ok(vec![second.clone(), moved.clone()]));
    let clash = store.update_score(&ProjectScore { name: "Correct".into(), ..moved.clone() }).await;
    assert_eq!(clash, Err(StoreError::Conflict { what: "a score of that name" }));
    let last = world.add_score("Last", "slider", Value::Null, Value::Null).await;
    assert!(last.position > moved.position, "after the last, wherever that is");
    store.delete_score(second.id).await.unwrap();
    assert_eq!(store.scores_of(world.project).await, Ok(vec![moved, last]));
    assert_eq!(store.score(world.organization, second.id).await, Ok(None));
    assert_eq!(store.score(OrganizationId::new(), first.id).await, Ok(None));
}

pub(super) async fn a_score_is_replaced_only_when_asked(world: World) {
    let store = &world.store;
    let stored = world.add_score("Tone", "slider", Value::Null, json!({"aggregate": "latest"})).await;
    let options = json!([{"name": "yes", "value": 1}]);
    let other = project_score(world.project, world.owner, "Tone", "categorical", options.clone(), Value::Null);
    assert_eq!(store.register_score(&other, false).await, Ok((stored.clone(), true)));
    let expected = ProjectScore {
        score_type: "categorical".into(),
        categories: options,
        config: Value::Null,
        description: other.description.clone(),
        ..stored.clone()
    };
    assert_eq!(store.register_score(&other, true).await, Ok((expected.clone(), true)), "identity and place stay");
    assert_eq!(store.score(world.organization, stored.id).await, Ok(Some(expected)));
}

pub(super) async fn scores_are_filtered_and_paged(world: World) {
    let store = &world.store;
    let mut ids = Vec::new();
    for (name, score_type) in [("a", "slider"), ("b", "free-form"), ("c", "slider"), ("d", "slider")] {
        ids.push(world.add_score(name, score_type, Value::Null, Value::Null).await.id);
    }
    ids.reverse();
    let all = ScoreFilter {
        organization: world.organization,
        project: None,
        project_name: None,
        name: None,
        score_types: Vec::new(),
        page: Page { limit: 10, ..Page::default() },
    };
    let list = async |filter: ScoreFilter| {
        let found = store.scores(&filter).await.unwrap();
        found.into_iter().map(|score| score.id).collect::<Vec<_>>()
    };
    assert_eq!(list(all.clone()).await, ids);
    assert_eq!(list(ScoreFilter { project: Some(world.project), ..all.clone() }).await, ids);
    assert!(list(ScoreFilter { project: Some(ProjectId::new()), ..all.clone() }).await.is_empty());
    assert_eq!(list(ScoreFilter { project_name: Some("Support".into()), ..all.clone() }).await, ids);
    assert!(list(ScoreFilter { project_name: Some("support".into()), ..all.clone() }).await.is_empty());
    assert_eq!(list(ScoreFilter { name: Some("c".into()), ..all.clone() }).await, [ids[1]]);
    let types = ScoreFilter { score_types: vec!["free-form".into(), "weighted".into()], ..all.clone() };
    assert_eq!(list(types).await, [ids[2]]);
    let page = |page| ScoreFilter { page, ..all.clone() };
    assert_eq!(list(page(Page { after: Some(ids[0].0), limit: 2, ..Page::default() })).await, ids[1..3]);
    assert_eq!(list(page(Page { before: Some(ids[3].0), limit: 2, ..Page::default() })).await, ids[1..3]);
    assert_eq!(list(page(Page { ids: vec![ids[3].0], limit: 2, ..Page::default() })).await, [ids[3]]);
    assert!(list(ScoreFilter { organization: OrganizationId::new(), ..all.clone() }).await.is_empty());
}
