//! Help with filters: what can be asked about, a filter in its parts, English.

use axum::Json;
use axum::extract::State;
use concord_shared::filter::known::{Known, SPAN_KINDS, Warning, bare_score};
use concord_shared::filter::parts::{Part, parts};
use concord_shared::filter::{Aliases, Expr, Place, check, parser};
use concord_shared::ids::{ObjectRef, ObjectType, ProjectId};
use concord_shared::problem::ProblemCode;
use concord_shared::review::state::ReviewStatus;
use concord_shared::role::Action;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Caller;
use super::body::{JsonBody, Params};
use super::btql;
use super::error::ApiError;
use super::object::object_of;
use crate::app::App;
use crate::model::ModelError;
use crate::query::english::{By, EnglishError, understand};
use crate::query::names::{self, Names, NamesError, check as check_names};

/// Values of one field that are told.
const VALUES: usize = 50;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(fields)).routes(routes!(parse)).routes(routes!(english))
}

/// What can be asked about.
#[derive(Serialize, ToSchema)]
#[schema(as = FilterField)]
struct Field {
    /// As it is written in filters.
    path: String,
    /// For people.
    label: String,
    /// `number`, `text`, `boolean`, `time`, `list` or `any`.
    kind: &'static str,
    /// `span`, `scores`, `review`, `tags`, `metrics` or `metadata`.
    group: &'static str,
    /// Values that it has, or may have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<Choice>,
}

/// A value of a field.
#[derive(Serialize, ToSchema)]
#[schema(as = FilterValue)]
struct Choice {
    value: Value,
    /// What people call it, where that is something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// How many of the newest rows have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FilterFields)]
struct Fields {
    fields: Vec<Field>,
}

/// A filter as text, about an object.
#[derive(Deserialize, ToSchema)]
#[schema(as = FilterText)]
struct Ask {
    object_type: ObjectType,
    object_id: ProjectId,
    text: String,
}

/// A filter that was understood.
#[derive(Serialize, ToSchema)]
#[schema(as = ParsedFilter)]
struct Parsed {
    /// In the one way in which it is printed; empty: everything.
    expression: String,
    /// What must hold together.
    parts: Vec<Part>,
    /// What is allowed and probably not meant.
    #[schema(value_type = Vec<Object>)]
    warnings: Vec<Warning>,
    /// Who understood English.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<By>,
}

impl Parsed {
    fn of(expr: &Expr, warnings: Vec<Warning>, by: Option<By>) -> Self {
        let parts = parts(expr);
        let expression = if parts.is_empty() { String::new() } else { expr.to_string() };
        Self { expression, parts, warnings, by }
    }
}

/// Fields that every object has: path, label, kind, group.
const FIXED: [(&str, &str, &str, &str); 22] = [
    ("created", "Created", "time", "span"),
    ("is_root", "Is the root of its trace", "boolean", "span"),
    ("input", "Input", "any", "span"),
    ("output", "Output", "any", "span"),
    ("expected", "Expected", "any", "span"),
    ("error", "Error", "any", "span"),
    ("span_attributes.name", "Name", "text", "span"),
    ("span_attributes.type", "Type", "text", "span"),
    ("id", "Row id", "text", "span"),
    ("span_id", "Span id", "text", "span"),
    ("root_span_id", "Trace id", "text", "span"),
    ("origin.object_type", "Came from", "text", "span"),
    ("review.status", "Review status", "text", "review"),
    ("__bt_assignments", "Assigned to", "list", "review"),
    ("reviews", "Reviewed by", "list", "review"),
    ("comment", "Comments", "text", "review"),
    ("disagreement", "Distance between judge and people", "number", "review"),
    ("tags", "Tags", "list", "tags"),
    ("duration", "Duration in seconds", "number", "metrics"),
    ("metrics.tokens", "Tokens", "number", "metrics"),
    ("metrics.estimated_cost", "Cost in dollars", "number", "metrics"),
    ("metadata.model", "Model", "text", "metadata"),
];

/// Fields, scores, tags and members that filters of an object can name, with values of its newest rows.
#[utoipa::path(get, path = "/api/filter/fields", tag = "filters",
    params(("object_type" = ObjectType, Query), ("object_id" = Uuid, Query)), responses((status = 200, body = Fields)))]
async fn fields(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Fields>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let source = btql::source(&app, principal, object_of(&params)?).await?;
    let names = Names::of(&*app.store, principal.organization, &source).await?;
    let mut fields: Vec<Field> = names.scores.iter().map(score).collect();
    fields.extend(FIXED.iter().map(|(path, label, kind, group)| Field {
        path: (*path).to_owned(),
        label: (*label).to_owned(),
        kind,
        group,
        values: fixed_values(path, &names),
    }));
    let kinds = |facts: &concord_shared::filter::compute::infer::Facts| match facts.kinds.iter().collect::<Vec<_>>()[..]
    {
        [&"number"] => "number",
        [&"string"] => "text",
        [&"boolean"] => "boolean",
        [&"array"] => "list",
        _ => "any",
    };
    for (path, facts) in names.seen.paths() {
        let group = match path.first().map(String::as_str) {
            Some("metadata") if !path.iter().any(|key| key.starts_with("~__bt")) => "metadata",
            Some("metrics") => "metrics",
            Some("span_attributes") => "span",
            _ => continue,
        };
        let is_inner = facts.kinds.len() == 1 && facts.kinds.contains("object");
        let text = printed(path);
        if path.len() == 1 || is_inner || fields.iter().any(|field| field.path == text) {
            continue;
        }
        let values = if group == "metrics" { Vec::new() } else { seen(facts) };
        fields.push(Field { label: path[1..].join("."), path: text, kind: kinds(facts), group, values });
    }
    Ok(Json(Fields { fields }))
}

fn score(score: &concord_shared::filter::english::KnownScore) -> Field {
    let of = if score.expected { "expected" } else { "scores" };
    let values = score.options.iter().map(|(name, value)| match value {
        Some(value) if !score.expected => Choice { value: json!(value), label: Some(name.clone()), count: None },
        _ => Choice { value: json!(name), label: None, count: None },
    });
    Field {
        path: printed(&[of.to_owned(), score.name.clone()]),
        label: score.name.clone(),
        kind: match (score.expected, score.multi) {
            (false, _) => "number",
            (true, false) => "text",
            (true, true) => "list",
        },
        group: "scores",
        values: values.collect(),
    }
}

fn fixed_values(path: &str, names: &Names) -> Vec<Choice> {
    let plain = |value: &str| Choice { value: json!(value), label: None, count: None };
    let at = |keys: &[&str]| {
        let facts = names.seen.paths().find(|(path, _)| path.iter().map(String::as_str).eq(keys.iter().copied()));
        facts.map(|(_, facts)| seen(facts)).unwrap_or_default()
    };
    match path {
        "review.status" => ReviewStatus::ALL.iter().map(|status| plain(status.as_str())).collect(),
        "__bt_assignments" | "reviews" => names
            .members
            .iter()
            .map(|(id, name)| Choice { value: json!(id), label: Some(name.clone()), count: None })
            .collect(),
        "span_attributes.type" => {
            let mut values = at(&["span_attributes", "type"]);
            let more = SPAN_KINDS.iter().filter(|kind| !values.iter().any(|value| value.value == **kind));
            let more: Vec<Choice> = more.map(|kind| plain(kind)).collect();
            values.extend(more);
            values
        }
        "span_attributes.name" => at(&["span_attributes", "name"]),
        "metadata.model" => at(&["metadata", "model"]),
        "tags" => {
            let mut values = at(&["tags"]);
            let more = names.tags.iter().filter(|tag| !values.iter().any(|value| value.value == ***tag));
            let more: Vec<Choice> = more.map(|tag| plain(tag)).collect();
            values.extend(more);
            values
        }
        _ => Vec::new(),
    }
}

fn seen(facts: &concord_shared::filter::compute::infer::Facts) -> Vec<Choice> {
    let values = facts.values().into_iter().take(VALUES);
    values.map(|(value, count)| Choice { value: value.clone(), label: None, count: Some(count) }).collect()
}

/// A path as filters have it.
fn printed(path: &[String]) -> String {
    use concord_shared::filter::{Kind, Position, ast::Step};
    let steps = path.iter().map(|key| Step::Key(key.clone())).collect();
    Expr::new(Kind::Path(steps), Position::START).map(|expr| expr.to_string()).unwrap_or_default()
}

/// Reads a filter and tells its parts; what is wrong with it is told with its place.
#[utoipa::path(post, path = "/api/filter/parse", tag = "filters", request_body = Ask, responses((status = 200, body = Parsed)))]
async fn parse(State(app): State<App>, caller: Caller, JsonBody(ask): JsonBody<Ask>) -> Result<Json<Parsed>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let object = ObjectRef { object_type: ask.object_type, object_id: ask.object_id.0 };
    let source = btql::source(&app, principal, object).await?;
    if ask.text.trim().is_empty() {
        return Ok(Json(Parsed { expression: String::new(), parts: Vec::new(), warnings: Vec::new(), by: None }));
    }
    let expr = parser::expression(&ask.text)?;
    let expr = match check(&expr, Place::Row, &Aliases::default()) {
        Ok(expr) => expr,
        Err(error) => {
            let scores = names::scores(&*app.store, &source).await?;
            let known = Known { scores, ..Known::default() };
            return Err(bare_score(&expr, &known).unwrap_or(error).into());
        }
    };
    let warnings = check_names(&*app.store, principal.organization, &[source], &expr).await?;
    Ok(Json(Parsed::of(&expr, warnings, None)))
}

/// Translates English into a filter, which is for people to see before it is used.
#[utoipa::path(post, path = "/api/filter/english", tag = "filters", request_body = Ask, responses((status = 200, body = Parsed)))]
async fn english(
    State(app): State<App>,
    caller: Caller,
    JsonBody(ask): JsonBody<Ask>,
) -> Result<Json<Parsed>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let object = ObjectRef { object_type: ask.object_type, object_id: ask.object_id.0 };
    let source = btql::source(&app, principal, object).await?;
    let names = Names::of(&*app.store, principal.organization, &source).await?;
    let (vocabulary, known) = (names.vocabulary(principal.member), names.known());
    let model = app.model.as_deref();
    let (expr, by) = understand(&ask.text, vocabulary, &known, model, principal.member, app.clock.now()).await?;
    Ok(Json(Parsed::of(&expr, Vec::new(), Some(by))))
}

impl From<NamesError> for ApiError {
    fn from(error: NamesError) -> Self {
        match error {
            NamesError::Store(error) => error.into(),
            NamesError::Filter(error) => error.into(),
        }
    }
}

impl From<EnglishError> for ApiError {
    fn from(error: EnglishError) -> Self {
        match error {
            EnglishError::NotUnderstood { detail, offset } => {
                let position = json!({"offset": offset, "line": 1, "column": offset + 1});
                Self::Refused { code: ProblemCode::InvalidValue, detail, position: Some(position) }
            }
            EnglishError::Model(ModelError::TooMany(wait)) => {
                Self::TooMany { wait, detail: ModelError::TooMany(wait).to_string() }
            }
            EnglishError::Model(error) => Self::new(ProblemCode::InvalidValue, error.to_string()),
        }
    }
}
