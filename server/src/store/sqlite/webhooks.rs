//! Webhooks and what they are told.

use async_trait::async_trait;
use concord_shared::ids::{DeliveryId, MemberId, OrganizationId, ProjectId, WebhookId};
use concord_shared::moment::Moment;
use rusqlite::{Connection, params};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::SqliteStore;
use super::reviews::uuid;
use crate::domain::store::{ReviewCommit, StoreError};
use crate::domain::webhook::{Delivery, OF_ONE, Outcome, QUEUED, State, Webhook, WebhookStore, happened};

/// Queues what a commit is to be told as, in its transaction. Most commits are to be told as nothing.
pub(super) fn tell(conn: &Connection, commit: &ReviewCommit) -> Result<(), StoreError> {
    let told = happened(commit);
    if told.is_empty() {
        return Ok(());
    }
    let mut hooks = conn.prepare_cached("select id, events from webhook where project_id = ? and active = 1")?;
    let hooks = hooks.query_map([commit.key.project.as_bytes()], |row| {
        Ok((Uuid::from_bytes(row.get(0)?), row.get::<_, String>(1)?))
    })?;
    for hook in hooks {
        let (hook, events) = hook?;
        let events = events_of(&events)?;
        for (event, data) in told.iter().filter(|(event, _)| events.contains(event)) {
            let mut waiting = conn.prepare_cached(
                "select count(*) from (select 1 from webhook_delivery where webhook_id = ? and state = 'waiting' limit ?)",
            )?;
            if waiting.query_row(params![hook.as_bytes(), QUEUED], |row| row.get::<_, u32>(0))? >= QUEUED {
                tracing::warn!(webhook = %hook, "its address has not answered for long; what happens is not queued for it");
                break;
            }
            conn.prepare_cached(
                "insert into webhook_delivery (id, webhook_id, event, data, state, attempts, created_at, next_at) \
                 values (?, ?, ?, ?, 'waiting', 0, ?, ?)",
            )?
            .execute(params![
                DeliveryId::new().as_bytes(),
                hook.as_bytes(),
                event.as_str(),
                data.to_string(),
                commit.at.0,
                commit.at.0,
            ])?;
        }
    }
    Ok(())
}

#[async_trait]
impl WebhookStore for SqliteStore {
    async fn add_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "insert into webhook (id, organization_id, project_id, name, url, events, secret, active, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        );
        let insert = insert.bind(webhook.id.as_bytes()).bind(webhook.organization.as_bytes());
        let insert = insert.bind(webhook.project.as_bytes()).bind(&webhook.name).bind(&webhook.url);
        let insert = insert.bind(events_text(webhook)).bind(&webhook.secret).bind(webhook.active);
        self.execute(insert.bind(webhook.created_by.as_bytes()).bind(webhook.created.0)).await?;
        Ok(())
    }

    async fn webhook(&self, organization: OrganizationId, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        let query = sqlx::query(
            "select w.* from webhook w join project p on p.id = w.project_id
             where w.id = $1 and w.organization_id = $2 and p.deleted_at is null",
        );
        let row = query.bind(id.as_bytes()).bind(organization.as_bytes()).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_webhook).transpose()
    }

    async fn webhooks(&self, organization: OrganizationId, project: ProjectId) -> Result<Vec<Webhook>, StoreError> {
        let query = sqlx::query(
            "select w.* from webhook w join project p on p.id = w.project_id
             where w.project_id = $1 and w.organization_id = $2 and p.deleted_at is null order by w.id",
        );
        let rows = query.bind(project.as_bytes()).bind(organization.as_bytes()).fetch_all(&self.readers).await?;
        rows.iter().map(read_webhook).collect()
    }

    async fn update_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        let update = sqlx::query("update webhook set name = $2, url = $3, events = $4, active = $5 where id = $1");
        let update = update.bind(webhook.id.as_bytes()).bind(&webhook.name).bind(&webhook.url);
        self.execute(update.bind(events_text(webhook)).bind(webhook.active)).await?;
        Ok(())
    }

    async fn delete_webhook(&self, id: WebhookId) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let log = sqlx::query("delete from webhook_delivery where webhook_id = $1").bind(id.as_bytes());
        log.execute(&mut *write).await?;
        sqlx::query("delete from webhook where id = $1").bind(id.as_bytes()).execute(&mut *write).await?;
        write.commit().await
    }

    async fn deliveries(
        &self,
        webhook: WebhookId,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let query = sqlx::query(
            "select d.*, d.id as delivery_id, d.created_at as made_at from webhook_delivery d
             where d.webhook_id = $1 and ($2 is null or d.id < $2) order by d.id desc limit $3",
        );
        let query = query.bind(webhook.as_bytes()).bind(before.as_ref().map(DeliveryId::as_bytes)).bind(limit);
        query.fetch_all(&self.readers).await?.iter().map(read_delivery).collect()
    }

    async fn queue_delivery(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "insert into webhook_delivery (id, webhook_id, event, data, state, attempts, created_at, next_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        );
        let insert = insert.bind(delivery.id.as_bytes()).bind(delivery.webhook.as_bytes()).bind(&delivery.event);
        let insert = insert.bind(delivery.data.to_string()).bind(delivery.state.as_str()).bind(delivery.attempts);
        self.execute(insert.bind(delivery.created.0).bind(delivery.next.0)).await?;
        Ok(())
    }

    async fn claim_deliveries(
        &self,
        now: Moment,
        lease: Moment,
        limit: u32,
    ) -> Result<Vec<(Delivery, Webhook)>, StoreError> {
        // Asked every second: where nothing is due nothing is written.
        let due = "select exists (select 1 from webhook_delivery where state = 'waiting' and next_at <= $1)";
        if !sqlx::query_scalar::<_, bool>(due).bind(now.0).fetch_one(&self.readers).await? {
            return Ok(Vec::new());
        }
        let mut write = self.begin().await?;
        let query = sqlx::query(
            "select d.webhook_id, d.event, d.data, d.state, d.attempts, d.next_at, d.answer, d.detail, d.finished_at,
                 d.id as delivery_id, d.created_at as made_at, w.* from (
                 select id, row_number() over (partition by webhook_id order by next_at, id) as place
                 from webhook_delivery where state = 'waiting' and next_at <= $1
             ) as due join webhook_delivery d on d.id = due.id join webhook w on w.id = d.webhook_id
             where due.place <= $2 and w.active = 1 order by d.next_at, d.id limit $3",
        );
        let rows = query.bind(now.0).bind(OF_ONE).bind(limit).fetch_all(&mut *write).await?;
        let mut claimed = Vec::new();
        for row in &rows {
            let mut delivery = read_delivery(row)?;
            (delivery.attempts, delivery.next) = (delivery.attempts + 1, lease);
            let update = sqlx::query("update webhook_delivery set attempts = $2, next_at = $3 where id = $1");
            let update = update.bind(delivery.id.0.as_bytes().to_vec()).bind(delivery.attempts).bind(lease.0);
            update.execute(&mut *write).await?;
            claimed.push((delivery, read_webhook(row)?));
        }
        write.commit().await?;
        Ok(claimed)
    }

    async fn finish_delivery(&self, id: DeliveryId, outcome: &Outcome) -> Result<(), StoreError> {
        let update = sqlx::query(
            "update webhook_delivery set state = $2, next_at = $3, answer = $4, detail = $5, finished_at = $6 where id = $1",
        );
        let finished = (outcome.state != State::Waiting).then_some(outcome.at.0);
        let update = update.bind(id.as_bytes()).bind(outcome.state.as_str()).bind(outcome.next.0);
        self.execute(update.bind(outcome.answer).bind(&outcome.detail).bind(finished)).await?;
        Ok(())
    }

    async fn forget_deliveries(&self, before: Moment) -> Result<u64, StoreError> {
        let delete = sqlx::query("delete from webhook_delivery where finished_at < $1").bind(before.0);
        Ok(self.execute(delete).await?.rows_affected())
    }
}

fn events_text(webhook: &Webhook) -> String {
    serde_json::json!(webhook.events).to_string()
}

fn events_of(text: &str) -> Result<Vec<crate::domain::webhook::Event>, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what: "webhook", detail: error.to_string() })
}

fn read_webhook(row: &SqliteRow) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        id: WebhookId(uuid(row, "id")?),
        organization: OrganizationId(uuid(row, "organization_id")?),
        project: ProjectId(uuid(row, "project_id")?),
        name: row.try_get("name")?,
        url: row.try_get("url")?,
        events: events_of(row.try_get("events")?)?,
        secret: row.try_get("secret")?,
        active: row.try_get("active")?,
        created_by: MemberId(uuid(row, "created_by")?),
        created: Moment(row.try_get("created_at")?),
    })
}

fn read_delivery(row: &SqliteRow) -> Result<Delivery, StoreError> {
    let damaged = |detail: String| StoreError::Corrupt { what: "webhook delivery", detail };
    let state: &str = row.try_get("state")?;
    Ok(Delivery {
        id: DeliveryId(uuid(row, "delivery_id")?),
        webhook: WebhookId(uuid(row, "webhook_id")?),
        event: row.try_get("event")?,
        data: serde_json::from_str(row.try_get("data")?).map_err(|error| damaged(error.to_string()))?,
        state: State::parse(state).ok_or_else(|| damaged(state.to_owned()))?,
        attempts: row.try_get("attempts")?,
        created: Moment(row.try_get("made_at")?),
        next: Moment(row.try_get("next_at")?),
        answer: row.try_get("answer")?,
        detail: row.try_get("detail")?,
        finished: row.try_get::<Option<i64>, _>("finished_at")?.map(Moment),
    })
}
