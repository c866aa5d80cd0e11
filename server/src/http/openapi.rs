//! `GET /openapi.json`: the description of the API, made from the handlers themselves. A handler is described where it stands, by
//! `#[utoipa::path]` above it, and routed by `routes!`, so that nothing is routed that is not described.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use concord_shared::ids::{
    DeliveryId, KeyId, MemberId, ObjectType, OrganizationId, ProjectId, ScoreId, TagId, ViewId, WebhookId,
};
use concord_shared::problem::Problem;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, ContentBuilder, InfoBuilder, OpenApi, RefOr, ResponseBuilder};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use super::auth::COOKIE;
use crate::app::App;

/// The document as it is sent.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    // A document of strings, numbers and maps always has a JSON form.
    Bytes::from(serde_json::to_vec_pretty(&describe()).unwrap_or_default())
});

/// The document as `GET /openapi.json` answers it.
pub fn document() -> Bytes {
    DOCUMENT.clone()
}

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "server", security(()), responses((status = 200, body = Object)))]
async fn show() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], document())
}

/// The same handlers for several kinds of containers: their paths have `{kind}` where each has its word.
pub(super) fn for_kinds<S>(kinds: &[ObjectType], routes: UtoipaMethodRouter<S>) -> UtoipaMethodRouter<S> {
    let (schemas, template, handlers) = routes;
    let mut paths = template.clone();
    paths.paths.clear();
    for kind in kinds {
        for (path, item) in &template.paths {
            paths.paths.insert(path.replace("{kind}", kind.as_str()), item.clone());
        }
    }
    (schemas, paths, handlers)
}

/// The description of every route.
pub fn describe() -> OpenApi {
    let mut document = super::routes().into_openapi();
    let about = "People review what an AI system did: the API of Braintrust's clients, and Concord's own under /api.";
    let info = InfoBuilder::new().title("Concord").version(env!("CARGO_PKG_VERSION")).description(Some(about));
    document.info = info.build();
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
            ("patch", &mut item.patch),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                finish(method, path, operation);
            }
        }
    }
    let components = document.components.get_or_insert_with(Components::new);
    let key =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key: sk-…, or pk-… for feedback"));
    components.add_security_scheme("key", SecurityScheme::Http(key.build()));
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE))));
    let mut add =
        |name: std::borrow::Cow<'static, str>, schema| drop(components.schemas.insert(name.into_owned(), schema));
    add(Problem::name(), Problem::schema());
    // What only paths and queries refer to.
    add(KeyId::name(), KeyId::schema());
    add(MemberId::name(), MemberId::schema());
    add(OrganizationId::name(), OrganizationId::schema());
    add(ObjectType::name(), ObjectType::schema());
    add(ProjectId::name(), ProjectId::schema());
    add(ScoreId::name(), ScoreId::schema());
    add(TagId::name(), TagId::schema());
    add(ViewId::name(), ViewId::schema());
    add(DeliveryId::name(), DeliveryId::schema());
    add(WebhookId::name(), WebhookId::schema());
    document
}

/// What all operations have in common: a name made of method and path, the problem that any of them may answer, and that they ask
/// who is calling, unless they say otherwise.
fn finish(method: &str, path: &str, operation: &mut Operation) {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    operation.operation_id = Some(std::iter::once(method).chain(words).collect::<Vec<_>>().join("_"));
    let content = ContentBuilder::new().schema(Some(utoipa::openapi::Ref::from_schema_name(Problem::name()))).build();
    let problem = ResponseBuilder::new().description("What was wrong, and what would be right");
    let problem = problem.content("application/problem+json", content).build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(problem));
    if operation.security.is_none() {
        let either = ["key", "session"].map(|name| SecurityRequirement::new::<_, [&str; 0], &str>(name, []));
        operation.security = Some(either.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_is_complete_and_refers_to_nothing_that_is_missing() {
        let document = serde_json::to_value(describe()).expect("JSON");
        assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
        let schemas = document["components"]["schemas"].as_object().expect("schemas");
        let text = document.to_string();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap_or_default();
            assert!(schemas.contains_key(name), "{name} is referred to and not described");
        }
    }

    /// `OpenApiRouter::route` and axum's own router take what is not described.
    #[test]
    fn nothing_is_routed_that_is_not_described() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
        for file in std::fs::read_dir(folder).expect("a folder") {
            let path = file.expect("a file").path();
            if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("openapi.rs") {
                let code = std::fs::read_to_string(&path).expect("text");
                assert!(!code.contains(".route("), "{} routes without a description: use routes!", path.display());
            }
        }
    }
}
