//! Members of the organization as Braintrust's `user`.

use axum::Json;
use axum::extract::State;
use concord_shared::ids::MemberId;
use concord_shared::moment::Moment;
use concord_shared::role::Action;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::Caller;
use super::body::{Id, Params};
use super::error::ApiError;
use super::login::organization;
use super::paging::{self, Objects, Paging, objects};
use crate::app::App;
use crate::domain::account::Member;

/// Routes of this file.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
}

/// A person of the organization.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
struct Answer {
    /// Also the key under which this person's judgements stand.
    id: MemberId,
    /// All but the last word of the name.
    given_name: Option<String>,
    /// The last word of a name of several.
    family_name: Option<String>,
    email: Option<String>,
    /// None are kept.
    avatar_url: Option<String>,
    created: Moment,
}

fn describe(member: &Member) -> Answer {
    let (given, family) = names(&member.name);
    Answer {
        id: member.id,
        given_name: Some(given.to_owned()),
        family_name: family.map(str::to_owned),
        email: Some(member.email.clone()),
        avatar_url: None,
        created: member.created,
    }
}

/// The API knows names in two parts.
fn names(name: &str) -> (&str, Option<&str>) {
    match name.trim().rsplit_once(char::is_whitespace) {
        Some((given, family)) => (given.trim_end(), Some(family)),
        None => (name.trim(), None),
    }
}

/// Members, newest first. Removed ones are found by their ids only, as authors of what they judged.
#[utoipa::path(get, path = "/v1/user", tag = "members",
    params(
        Paging,
        ("email" = Option<Vec<String>>, Query, description = "Of these addresses; may be repeated"),
        ("given_name" = Option<Vec<String>>, Query, description = "Of these given names; may be repeated"),
        ("family_name" = Option<Vec<String>>, Query, description = "Of these family names; may be repeated"),
        ("org_name" = Option<String>, Query, description = "The key's organization; the list of another one is empty"),
    ),
    responses((status = 200, body = Objects<Answer>)))]
async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Json<Objects<Answer>>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let own = organization(&app, principal).await?;
    if params.texts("org_name").next().is_some() && params.texts("org_name").all(|name| name != own.name) {
        return Ok(objects(&[], describe));
    }
    let page = paging::page(&params)?;
    let members = app.store.members(principal.organization).await?;
    if let Some(cursor) = page.after.or(page.before)
        && members.iter().all(|member| member.id.0 != cursor)
    {
        return Err(paging::unknown_cursor("user", cursor));
    }
    let one_of = |key: &str, value: &str| {
        params.texts(key).next().is_none() || params.texts(key).any(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    let asked = |member: &Member| {
        let (given, family) = names(&member.name);
        (!member.disabled || page.ids.contains(&member.id.0))
            && one_of("email", &member.email)
            && one_of("given_name", given)
            && one_of("family_name", family.unwrap_or_default())
    };
    let found = members.into_iter().filter(asked).collect();
    Ok(objects(&page.cut(found, |member: &Member| -> Uuid { member.id.0 }), describe))
}

/// One member, also a removed one.
#[utoipa::path(get, path = "/v1/user/{id}", tag = "members", params(("id" = MemberId, Path)), responses((status = 200, body = Answer)))]
async fn show(State(app): State<App>, caller: Caller, Id(id): Id<MemberId>) -> Result<Json<Answer>, ApiError> {
    let principal = caller.permit(Action::Read)?;
    let member = app.store.member(id).await?.filter(|member| member.organization == principal.organization);
    Ok(Json(describe(&member.ok_or_else(|| ApiError::not_found("user", id))?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_name_is_the_family() {
        assert_eq!(names("Mei Ling Tan"), ("Mei Ling", Some("Tan")));
        assert_eq!(names(" Eva "), ("Eva", None));
    }
}
