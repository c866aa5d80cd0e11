//! Organizations, members, links.

use async_trait::async_trait;
use concord_shared::ids::{MemberId, OrganizationId};
use concord_shared::moment::Moment;
use concord_shared::role::Role;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::SqliteStore;
use super::keys::insert_key;
use super::reviews::{optional_uuid, uuid};
use crate::domain::account::keys::ApiKey;
use crate::domain::account::secret::Digest;
use crate::domain::account::{AccountStore, Credentials, Member, MemberChange, NewToken, Organization, TokenKind};
use crate::domain::store::StoreError;

#[async_trait]
impl AccountStore for SqliteStore {
    async fn has_organization(&self) -> Result<bool, StoreError> {
        let query = sqlx::query_scalar("select exists (select 1 from organization)");
        Ok(query.fetch_one(&self.readers).await?)
    }

    async fn create_organization(
        &self,
        organization: &Organization,
        owner: &Credentials,
        key: Option<(&ApiKey, Digest)>,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        insert_organization(&mut write, organization).await?;
        insert_member(&mut write, owner).await?;
        if let Some((key, digest)) = key {
            insert_key(&mut write, key, digest).await?;
        }
        Ok(write.commit().await?)
    }

    async fn set_up(
        &self,
        token: Digest,
        organization: &Organization,
        owner: &Credentials,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let used = sqlx::query(
            "delete from token where digest = $1 and kind = 'set-up' and expires_at > $2
             and not exists (select 1 from organization)",
        );
        if used.bind(&token[..]).bind(now.0).execute(&mut *write).await?.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("delete from token where kind = 'set-up'").execute(&mut *write).await?;
        insert_organization(&mut write, organization).await?;
        insert_member(&mut write, owner).await?;
        write.commit().await?;
        Ok(true)
    }

    async fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
        let query = sqlx::query("select id, name, created_at from organization where id = $1").bind(id.as_bytes());
        query.fetch_optional(&self.readers).await?.as_ref().map(read_organization).transpose()
    }

    async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        let query = sqlx::query("select id, name, created_at from organization order by created_at, id");
        query.fetch_all(&self.readers).await?.iter().map(read_organization).collect()
    }

    async fn rename_organization(&self, id: OrganizationId, name: &str) -> Result<(), StoreError> {
        let query = sqlx::query("update organization set name = $2 where id = $1").bind(id.as_bytes()).bind(name);
        self.execute(query).await.map_err(|error| conflict(error, "an organization of that name"))?;
        Ok(())
    }

    async fn member(&self, id: MemberId) -> Result<Option<Member>, StoreError> {
        let query = sqlx::query("select * from member where id = $1").bind(id.as_bytes());
        query.fetch_optional(&self.readers).await?.as_ref().map(read_member).transpose()
    }

    async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        let query = sqlx::query("select * from member where email = $1 and disabled_at is null").bind(email);
        let Some(row) = query.fetch_optional(&self.readers).await? else { return Ok(None) };
        Ok(Some(Credentials { member: read_member(&row)?, password_hash: row.try_get("password_hash")? }))
    }

    async fn members(&self, organization: OrganizationId) -> Result<Vec<Member>, StoreError> {
        let query = sqlx::query("select * from member where organization_id = $1 order by created_at, id");
        query.bind(organization.as_bytes()).fetch_all(&self.readers).await?.iter().map(read_member).collect()
    }

    async fn add_member(&self, member: &Credentials, invitation: Option<&NewToken>) -> Result<MemberId, StoreError> {
        let mut write = self.begin().await?;
        let Credentials { member: new, password_hash } = member;
        let removed = sqlx::query(
            "select id from member where organization_id = $1 and email = $2 and disabled_at is not null
             order by disabled_at desc limit 1",
        );
        let removed = removed.bind(new.organization.as_bytes()).bind(&new.email).fetch_optional(&mut *write).await?;
        let id = match removed {
            None => {
                insert_member(&mut write, member).await?;
                new.id
            }
            Some(row) => {
                let id = MemberId(uuid(&row, "id")?);
                let revive = sqlx::query(
                    "update member set name = $2, role = $3, password_hash = $4, disabled_at = null where id = $1",
                );
                let revive = revive.bind(id.as_bytes()).bind(&new.name).bind(new.role.as_str()).bind(password_hash);
                revive.execute(&mut *write).await.map_err(taken)?;
                id
            }
        };
        if let Some(token) = invitation {
            insert_token(&mut write, token, Some(id)).await?;
        }
        write.commit().await?;
        Ok(id)
    }

    async fn set_role(
        &self,
        organization: OrganizationId,
        member: MemberId,
        role: Role,
    ) -> Result<MemberChange, StoreError> {
        let mut write = self.begin().await?;
        let change = may_change(&mut write, organization, member, role == Role::Owner).await?;
        if change == MemberChange::Done {
            let update = sqlx::query("update member set role = $2 where id = $1");
            update.bind(member.as_bytes()).bind(role.as_str()).execute(&mut *write).await?;
            write.commit().await?;
        }
        Ok(change)
    }

    async fn remove_member(
        &self,
        organization: OrganizationId,
        member: MemberId,
        now: Moment,
    ) -> Result<MemberChange, StoreError> {
        let mut write = self.begin().await?;
        let change = may_change(&mut write, organization, member, false).await?;
        if change == MemberChange::Done {
            let disable = sqlx::query("update member set disabled_at = $2, password_hash = null where id = $1");
            disable.bind(member.as_bytes()).bind(now.0).execute(&mut *write).await?;
            for delete in [
                "delete from session where member_id = $1",
                "delete from api_key where member_id = $1",
                "delete from token where member_id = $1",
            ] {
                sqlx::query(delete).bind(member.as_bytes()).execute(&mut *write).await?;
            }
            write.commit().await?;
        }
        Ok(change)
    }

    async fn add_token(&self, token: &NewToken, now: Moment) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        sqlx::query("delete from token where expires_at <= $1").bind(now.0).execute(&mut *write).await?;
        insert_token(&mut write, token, token.member).await?;
        Ok(write.commit().await?)
    }

    async fn token_member(&self, token: Digest, kind: TokenKind, now: Moment) -> Result<Option<Member>, StoreError> {
        let query = sqlx::query(
            "select m.* from token t join member m on m.id = t.member_id
             where t.digest = $1 and t.kind = $2 and t.expires_at > $3 and m.disabled_at is null",
        );
        let query = query.bind(token.to_vec()).bind(kind.as_str()).bind(now.0);
        query.fetch_optional(&self.readers).await?.as_ref().map(read_member).transpose()
    }

    async fn accept_invitation(
        &self,
        token: Digest,
        password_hash: &str,
        now: Moment,
    ) -> Result<Option<Member>, StoreError> {
        let mut write = self.begin().await?;
        let query = sqlx::query(
            "select m.* from token t join member m on m.id = t.member_id
             where t.digest = $1 and t.kind = 'invitation' and t.expires_at > $2 and m.disabled_at is null",
        );
        let Some(row) = query.bind(&token[..]).bind(now.0).fetch_optional(&mut *write).await? else { return Ok(None) };
        let member = read_member(&row)?;
        let update = sqlx::query("update member set password_hash = $2 where id = $1");
        update.bind(member.id.as_bytes()).bind(password_hash).execute(&mut *write).await?;
        for delete in [
            "delete from session where member_id = $1",
            "delete from token where member_id = $1 and kind = 'invitation'",
        ] {
            sqlx::query(delete).bind(member.id.as_bytes()).execute(&mut *write).await?;
        }
        write.commit().await?;
        Ok(Some(member))
    }
}

async fn insert_organization(write: &mut SqliteConnection, organization: &Organization) -> Result<(), StoreError> {
    let query = sqlx::query("insert into organization (id, name, created_at) values ($1, $2, $3)");
    let query = query.bind(organization.id.as_bytes()).bind(&organization.name).bind(organization.created.0);
    query.execute(write).await.map_err(|error| conflict(error, "an organization of that name"))?;
    Ok(())
}

async fn insert_member(write: &mut SqliteConnection, credentials: &Credentials) -> Result<(), StoreError> {
    let Credentials { member, password_hash } = credentials;
    let query = sqlx::query(
        "insert into member (id, organization_id, email, name, role, password_hash, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
    );
    let query = query.bind(member.id.as_bytes()).bind(member.organization.as_bytes()).bind(&member.email);
    let query = query.bind(&member.name).bind(member.role.as_str()).bind(password_hash).bind(member.created.0);
    query.execute(write).await.map_err(taken)?;
    Ok(())
}

async fn insert_token(
    write: &mut SqliteConnection,
    token: &NewToken,
    member: Option<MemberId>,
) -> Result<(), StoreError> {
    let query = sqlx::query("insert into token (digest, kind, member_id, expires_at) values ($1, $2, $3, $4)");
    let query = query.bind(&token.digest[..]).bind(token.kind.as_str());
    let query = query.bind(member.as_ref().map(MemberId::as_bytes)).bind(token.expires.0);
    query.execute(write).await?;
    Ok(())
}

/// Whether a member may get another role or go. Asked inside the writing transaction, so that two owners cannot remove
/// each other at the same moment.
async fn may_change(
    write: &mut SqliteConnection,
    organization: OrganizationId,
    member: MemberId,
    stays_owner: bool,
) -> Result<MemberChange, StoreError> {
    let query = sqlx::query(
        "select m.role = 'owner' as is_owner,
                (select count(*) from member where organization_id = $1 and role = 'owner' and disabled_at is null) as owners
         from member m where m.id = $2 and m.organization_id = $1 and m.disabled_at is null",
    );
    let row = query.bind(organization.as_bytes()).bind(member.as_bytes()).fetch_optional(write).await?;
    let Some(row) = row else { return Ok(MemberChange::Unknown) };
    let is_last_owner = row.try_get::<bool, _>("is_owner")? && row.try_get::<i64, _>("owners")? == 1;
    Ok(if is_last_owner && !stays_owner { MemberChange::LastOwner } else { MemberChange::Done })
}

fn read_organization(row: &SqliteRow) -> Result<Organization, StoreError> {
    Ok(Organization {
        id: OrganizationId(uuid(row, "id")?),
        name: row.try_get("name")?,
        created: Moment(row.try_get("created_at")?),
    })
}

fn read_member(row: &SqliteRow) -> Result<Member, StoreError> {
    Ok(Member {
        id: MemberId(uuid(row, "id")?),
        organization: OrganizationId(uuid(row, "organization_id")?),
        email: row.try_get("email")?,
        name: row.try_get("name")?,
        role: read_role(row, "role")?,
        created: Moment(row.try_get("created_at")?),
        disabled: row.try_get::<Option<i64>, _>("disabled_at")?.is_some(),
    })
}

/// Reads a role.
pub(super) fn read_role(row: &SqliteRow, column: &str) -> Result<Role, StoreError> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error| StoreError::Corrupt { what: "role", detail: format!("{error}") })
}

/// Reads an id of whoever made something, which may be unknown.
pub(super) fn read_maker(row: &SqliteRow, column: &str) -> Result<Option<MemberId>, StoreError> {
    Ok(optional_uuid(row, column)?.map(MemberId))
}

/// A violated uniqueness becomes [`StoreError::Conflict`]; `what` is the thing that exists.
pub(super) fn conflict(error: sqlx::Error, what: &'static str) -> StoreError {
    match error.as_database_error() {
        Some(violation) if violation.is_unique_violation() => StoreError::Conflict { what },
        _ => error.into(),
    }
}

fn taken(error: sqlx::Error) -> StoreError {
    conflict(error, "a member with that e-mail")
}
