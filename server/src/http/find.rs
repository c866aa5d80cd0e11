//! Finding: how many rows a filter matches, which values they have, and when they were made.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use concord_shared::filter::eval::{self, Clock, Scope};
use concord_shared::filter::{self, Aliases, Expr, Place, Position, check};
use concord_shared::ids::{ObjectRef, ObjectType};
use concord_shared::metric::CounterKey;
use concord_shared::moment::Moment;
use concord_shared::problem::ProblemCode;
use concord_shared::role::Action;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::Params;
use super::btql;
use super::error::ApiError;
use super::object::object_of;
use crate::app::App;
use crate::domain::access::Principal;
use crate::domain::search::Volume;
use crate::query::btql::{Page, Plan, Walk};
use crate::query::cursor::QueryPlace;
use crate::query::names::check as check_names;

/// Matching rows that are looked at for counts of values and times; with more, the newest so many stand for all.
const SAMPLE: usize = 3_000;

/// Rows that are counted one by one.
const COUNTED: usize = 10_000;

/// Rows of a label that are counted, which takes about a millisecond for each hundred thousand.
const LABELLED: u32 = 2_000_000;

/// Values of one field that are told.
const VALUES: usize = 50;

/// Fields of one question, and stretches of one histogram.
const FIELDS: usize = 20;
const STRETCHES: u32 = 500;

/// Lengths of stretches in seconds, as clocks have them; beyond them whole weeks.
const STEPS: [i64; 20] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
];

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(count)).routes(routes!(facets)).routes(routes!(histogram))
}

/// How far counts may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Counts {
    /// All were counted.
    Exact,
    /// The newest few thousand were counted and stand for the others.
    Sampled,
    /// There are more.
    AtLeast,
}

/// A filter as it was written; nothing matches everything.
pub(super) fn read_filter(text: Option<&str>) -> Result<Expr, ApiError> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(Expr::value(true.into(), Position::START)?);
    };
    Ok(check(&filter::parser::expression(text)?, Place::Row, &Aliases::default())?)
}

/// One page of what a filter matches in one object.
pub(super) async fn page(
    app: &App,
    principal: &Principal,
    object: ObjectRef,
    plan: &Plan,
    after: Option<QueryPlace>,
) -> Result<Page, ApiError> {
    let sources = [btql::source(app, principal, object).await?];
    check_names(&*app.store, principal.organization, &sources, &plan.filter).await?;
    let names = app.store.member_names(principal.organization).await?;
    let walk = Walk {
        store: &*app.store,
        organization: principal.organization,
        names: &names,
        sources: &sources,
        plan,
        clock: btql::clock(app, None)?,
        as_of: None,
    };
    Ok(walk.page(after).await?)
}

/// How many there are.
#[derive(Debug, Serialize, ToSchema)]
struct Count {
    /// Rows that match.
    rows: u64,
    /// Traces that have one.
    traces: u64,
    /// Whether there may be more.
    rows_are: Counts,
}

/// How many rows match a filter, counted to ten thousand.
#[utoipa::path(get, path = "/api/count", tag = "rows", params(("object_type" = ObjectType, Query), ("object_id" = Uuid, Query), ("filter" = Option<String>, Query)), responses((status = 200, body = Count)))]
async fn count(State(app): State<App>, Caller(principal): Caller, params: Params) -> Result<Json<Count>, ApiError> {
    principal.permit(Action::Read)?;
    let object = object_of(&params)?;
    super::object::visible(&app, &principal, object).await?;
    let filter = read_filter(params.text("filter"))?;
    if is_everything(&filter) {
        let counters = app.store.counters(object).await?;
        let number = |key| u64::try_from(counters.get(&key)).unwrap_or(0);
        let (rows, traces) = (number(CounterKey::Rows), number(CounterKey::Traces));
        return Ok(Json(Count { rows, traces, rows_are: Counts::Exact }));
    }
    let plan = Plan { limit: COUNTED, ..Plan::filtered(filter) };
    let found = page(&app, &principal, object, &plan, None).await?;
    let roots: std::collections::BTreeSet<&str> =
        found.rows.iter().filter_map(|row| row.get("root_span_id")?.as_str()).collect();
    let rows_are = if found.next.is_none() { Counts::Exact } else { Counts::AtLeast };
    Ok(Json(Count { rows: found.rows.len() as u64, traces: roots.len() as u64, rows_are }))
}

fn is_everything(filter: &Expr) -> bool {
    matches!(filter.kind, filter::Kind::Literal(Value::Bool(true)))
}

/// The values of one field.
#[derive(Debug, Serialize, ToSchema)]
struct Facet {
    /// As it was asked for.
    field: String,
    /// The most frequent first.
    values: Vec<FacetValue>,
    /// There are others.
    more: bool,
}

/// A value with the number of rows that have it.
#[derive(Debug, Serialize, ToSchema)]
struct FacetValue {
    value: Value,
    count: u64,
}

/// Values of fields.
#[derive(Debug, Serialize, ToSchema)]
struct Facets {
    facets: Vec<Facet>,
    counts: Counts,
    /// Rows that were looked at, where counts are sampled.
    looked: Option<usize>,
}

/// Which values the rows that match have, and how many have each: `tags`, `status`, `assignee`, `type`, `name`, `model`, `error`,
/// `scores.<name>`, `metadata.<key>`.
#[utoipa::path(get, path = "/api/facet", tag = "rows", params(("object_type" = ObjectType, Query), ("object_id" = Uuid, Query), ("filter" = Option<String>, Query), ("field" = Vec<String>, Query)), responses((status = 200, body = Facets)))]
async fn facets(State(app): State<App>, Caller(principal): Caller, params: Params) -> Result<Json<Facets>, ApiError> {
    principal.permit(Action::Read)?;
    let object = object_of(&params)?;
    super::object::visible(&app, &principal, object).await?;
    let filter = read_filter(params.text("filter"))?;
    let fields: Vec<String> = params.texts("field").take(FIELDS).map(str::to_owned).collect();
    let everything = is_everything(&filter);
    let mut known = BTreeMap::new();
    let (mut counts, mut looked) = (Counts::Exact, None);
    if everything {
        for field in &fields {
            if let Some(facet) = labelled(&app, object, field).await? {
                if facet.values.iter().any(|value| value.count >= u64::from(LABELLED)) {
                    counts = Counts::AtLeast;
                }
                known.insert(field.clone(), facet);
            }
        }
    }
    let left: Vec<(String, Expr)> = fields
        .iter()
        .filter(|field| !known.contains_key(*field))
        .map(|field| Ok((field.clone(), read_field(field)?)))
        .collect::<Result<_, ApiError>>()?;
    if !left.is_empty() {
        let plan = Plan { limit: SAMPLE, ..Plan::filtered(filter) };
        let found = page(&app, &principal, object, &plan, None).await?;
        if found.next.is_some() {
            (counts, looked) = (Counts::Sampled, Some(found.rows.len()));
        }
        let clock = btql::clock(&app, None)?;
        for (field, expr) in left {
            known.insert(field.clone(), counted(field, &expr, &found.rows, clock));
        }
    }
    let facets = fields.iter().filter_map(|field| known.remove(field)).collect();
    Ok(Json(Facets { facets, counts, looked }))
}

/// The field as an expression of the language.
fn read_field(field: &str) -> Result<Expr, ApiError> {
    let text = match field {
        "tags" => "tags",
        "status" => "review.status",
        "assignee" => "__bt_assignments",
        "type" => "span_attributes.type",
        "name" => "span_attributes.name",
        "model" => "metadata.model",
        "error" => "error is not null",
        other if other.starts_with("scores.") || other.starts_with("metadata.") => other,
        other => {
            let shown: String = other.chars().take(60).collect();
            let detail = format!(
                "field: {shown:?} has no counts; ask for tags, status, assignee, type, name, model, error, scores.… or metadata.…"
            );
            return Err(ApiError::new(ProblemCode::InvalidValue, detail));
        }
    };
    Ok(check(&filter::parser::expression(text)?, Place::Row, &Aliases::default())?)
}

/// Counts of all rows, where labels have them.
async fn labelled(app: &App, object: ObjectRef, field: &str) -> Result<Option<Facet>, ApiError> {
    let prefix = match field {
        "tags" => "t:",
        "status" => "s:",
        "assignee" => "a:",
        _ => return Ok(None),
    };
    let labels = app.store.labels(object, prefix, 1000, LABELLED).await?;
    let counts = labels.into_iter().map(|(text, rows)| (Value::from(&text[prefix.len()..]), rows)).collect();
    Ok(Some(facet(field.to_owned(), counts)))
}

fn counted(field: String, expr: &Expr, rows: &[Map<String, Value>], clock: Clock) -> Facet {
    let mut counts: BTreeMap<String, (Value, u64)> = BTreeMap::new();
    for row in rows {
        let values = match eval::value(expr, Scope { row, clock }) {
            Value::Null => Vec::new(),
            Value::Array(items) => items,
            Value::Object(_) => Vec::new(),
            one => vec![one],
        };
        for value in values {
            counts.entry(value.to_string()).or_insert_with(|| (value, 0)).1 += 1;
        }
    }
    facet(field, counts.into_values().collect())
}

fn facet(field: String, mut counts: Vec<(Value, u64)>) -> Facet {
    counts.sort_by(|(a, left), (b, right)| right.cmp(left).then_with(|| eval::order(a, b)));
    let more = counts.len() > VALUES;
    let values = counts.into_iter().take(VALUES).map(|(value, count)| FacetValue { value, count }).collect();
    Facet { field, values, more }
}

/// One stretch of time.
#[derive(Debug, Serialize, ToSchema)]
struct Bucket {
    /// When it begins.
    at: Moment,
    rows: i64,
    errors: i64,
}

/// When rows were made.
#[derive(Debug, Serialize, ToSchema)]
struct Histogram {
    from: Option<Moment>,
    to: Option<Moment>,
    /// Length of a stretch.
    seconds: i64,
    buckets: Vec<Bucket>,
    counts: Counts,
}

/// When traces were made, or, with a filter, the rows that match.
#[utoipa::path(get, path = "/api/histogram", tag = "rows", params(("object_type" = ObjectType, Query), ("object_id" = Uuid, Query), ("filter" = Option<String>, Query), ("from" = Option<String>, Query), ("to" = Option<String>, Query), ("buckets" = Option<u32>, Query)), responses((status = 200, body = Histogram)))]
async fn histogram(
    State(app): State<App>,
    Caller(principal): Caller,
    params: Params,
) -> Result<Json<Histogram>, ApiError> {
    principal.permit(Action::Read)?;
    let object = object_of(&params)?;
    super::object::visible(&app, &principal, object).await?;
    let filter = read_filter(params.text("filter"))?;
    let buckets = params.value("buckets")?.unwrap_or(60).clamp(1, STRETCHES);
    let ends: (Option<Moment>, Option<Moment>) = (params.value("from")?, params.value("to")?);
    let known = app.store.span_of_time(object).await?;
    let from = ends.0.or(known.map(|(first, _)| Moment(first)));
    let to = ends.1.or(known.map(|(_, last)| Moment(last)));
    let Some((from, to)) = from.zip(to).filter(|(from, to)| from <= to) else {
        let empty = Histogram { from: None, to: None, seconds: 0, buckets: Vec::new(), counts: Counts::Exact };
        return Ok(Json(empty));
    };
    let seconds = step((to.0 - from.0) / 1_000_000, i64::from(buckets));
    let width = seconds * 1_000_000;
    let start = from.0.div_euclid(width) * width;
    let count = u32::try_from((to.0 - start) / width + 1).unwrap_or(STRETCHES).min(STRETCHES + 1);
    let (volumes, counts) = if is_everything(&filter) {
        (app.store.volume(object, start, width, count).await?, Counts::Exact)
    } else {
        let within = |text: String| read_filter(Some(&text));
        let bounds = vec![filter, within(format!("created >= '{from}'"))?, within(format!("created <= '{to}'"))?];
        let plan = Plan { limit: SAMPLE, ..Plan::filtered(Expr::and(bounds, Position::START)?) };
        let found = page(&app, &principal, object, &plan, None).await?;
        let mut volumes = vec![Volume::default(); count as usize];
        for row in &found.rows {
            let made = row.get("created").and_then(Value::as_str).and_then(|text| text.parse::<Moment>().ok());
            let Some(volume) = made.and_then(|made| volumes.get_mut(((made.0 - start) / width) as usize)) else {
                continue;
            };
            volume.rows += 1;
            volume.errors += i64::from(row.get("error").is_some_and(|error| !error.is_null()));
        }
        (volumes, if found.next.is_none() { Counts::Exact } else { Counts::Sampled })
    };
    let at = |index: usize| Moment(start + width * index as i64);
    let buckets = volumes
        .into_iter()
        .enumerate()
        .map(|(index, Volume { rows, errors })| Bucket { at: at(index), rows, errors })
        .collect();
    Ok(Json(Histogram { from: Some(from), to: Some(to), seconds, buckets, counts }))
}

/// The shortest stretch of which `count` are enough.
fn step(seconds: i64, count: i64) -> i64 {
    let week = STEPS[STEPS.len() - 1];
    STEPS.into_iter().find(|step| seconds / step < count).unwrap_or_else(|| (seconds / count / week + 1) * week)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn stretches_are_as_clocks_have_them() {
        assert_eq!(step(59, 60), 1);
        assert_eq!(step(3600, 60), 120);
        assert_eq!(step(86_400 * 30, 60), 86_400);
        assert_eq!(step(i64::from(u32::MAX), 60) % 604_800, 0);
        assert_eq!(json!(Counts::AtLeast), json!("at_least"));
    }
}
