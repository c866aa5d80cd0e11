//! Webhooks and what they are told.

use std::collections::BTreeMap;

use async_trait::async_trait;
use concord_shared::ids::{DeliveryId, MemberId, OrganizationId, ProjectId, WebhookId};
use concord_shared::moment::Moment;
use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};
use uuid::Uuid;

use super::PostgresStore;
use super::text::plain;
use crate::domain::store::{ReviewCommit, StoreError};
use crate::domain::webhook::{Delivery, Event, OF_ONE, Outcome, QUEUED, State, Webhook, WebhookStore, happened};

/// Queues what commits are to be told as, in their transaction. Most commits are to be told as nothing.
pub(super) async fn tell(conn: &mut PgConnection, commits: &[&ReviewCommit]) -> Result<(), StoreError> {
    let told: Vec<_> = commits
        .iter()
        .flat_map(|commit| {
            happened(commit).into_iter().map(|(event, data)| (commit.key.project, commit.at, event, data))
        })
        .collect();
    if told.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select id, project_id, events, (select count(*) from (select 1 from webhook_delivery d
             where d.webhook_id = w.id and d.state = 'waiting' limit $2) as waiting) as waiting
         from webhook w where project_id = any($1) and active",
    )
    .bind(told.iter().map(|(project, ..)| project.0).collect::<Vec<_>>())
    .bind(i64::from(QUEUED))
    .fetch_all(&mut *conn)
    .await?;
    let mut queued: BTreeMap<Uuid, i64> = BTreeMap::new();
    let (mut ids, mut hooks, mut events, mut texts, mut times) = (vec![], vec![], vec![], vec![], vec![]);
    for row in &rows {
        let (hook, project): (Uuid, Uuid) = (row.try_get("id")?, row.try_get("project_id")?);
        let wanted = events_of(row.try_get("events")?)?;
        let waiting = queued.entry(hook).or_insert(row.try_get("waiting")?);
        for (_, at, event, data) in told.iter().filter(|(of, _, event, _)| of.0 == project && wanted.contains(event)) {
            if *waiting >= i64::from(QUEUED) {
                tracing::warn!(webhook = %hook, "its address has not answered for long; what happens is not queued for it");
                break;
            }
            *waiting += 1;
            ids.push(DeliveryId::new().0);
            hooks.push(hook);
            events.push(event.as_str());
            texts.push(data.to_string());
            times.push(at.0);
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into webhook_delivery (id, webhook_id, event, data, state, attempts, created_at, next_at)
         select id, webhook, event, data, 'waiting', 0, at, at
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[]) as told (id, webhook, event, data, at)",
    )
    .bind(ids)
    .bind(hooks)
    .bind(events)
    .bind(texts)
    .bind(times)
    .execute(conn)
    .await?;
    Ok(())
}

#[async_trait]
impl WebhookStore for PostgresStore {
    async fn add_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "insert into webhook (id, organization_id, project_id, name, url, events, secret, active, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        );
        let insert = insert.bind(webhook.id.0).bind(webhook.organization.0).bind(webhook.project.0);
        let insert = insert.bind(plain(&webhook.name)).bind(&webhook.url).bind(events_text(webhook));
        let insert = insert.bind(&webhook.secret).bind(webhook.active).bind(webhook.created_by.0);
        insert.bind(webhook.created.0).execute(&self.writer).await?;
        Ok(())
    }

    async fn webhook(&self, organization: OrganizationId, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        let query = sqlx::query(
            "select w.* from webhook w join project p on p.id = w.project_id
             where w.id = $1 and w.organization_id = $2 and p.deleted_at is null",
        );
        let row = query.bind(id.0).bind(organization.0).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_webhook).transpose()
    }

    async fn webhooks(&self, organization: OrganizationId, project: ProjectId) -> Result<Vec<Webhook>, StoreError> {
        let query = sqlx::query(
            "select w.* from webhook w join project p on p.id = w.project_id
             where w.project_id = $1 and w.organization_id = $2 and p.deleted_at is null order by w.id",
        );
        let rows = query.bind(project.0).bind(organization.0).fetch_all(&self.readers).await?;
        rows.iter().map(read_webhook).collect()
    }

    async fn update_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        let update = sqlx::query("update webhook set name = $2, url = $3, events = $4, active = $5 where id = $1");
        let update = update.bind(webhook.id.0).bind(plain(&webhook.name)).bind(&webhook.url);
        update.bind(events_text(webhook)).bind(webhook.active).execute(&self.writer).await?;
        Ok(())
    }

    async fn delete_webhook(&self, id: WebhookId) -> Result<(), StoreError> {
        let mut write = self.writer.begin().await?;
        // First the webhook's row is locked, so that nothing is queued for it meanwhile.
        sqlx::query("select 1 from webhook where id = $1 for update").bind(id.0).execute(&mut *write).await?;
        sqlx::query("delete from webhook_delivery where webhook_id = $1").bind(id.0).execute(&mut *write).await?;
        sqlx::query("delete from webhook where id = $1").bind(id.0).execute(&mut *write).await?;
        write.commit().await?;
        Ok(())
    }

    async fn deliveries(
        &self,
        webhook: WebhookId,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let query = sqlx::query(
            "select d.*, d.id as delivery_id, d.created_at as made_at from webhook_delivery d
             where d.webhook_id = $1 and ($2::uuid is null or d.id < $2) order by d.id desc limit $3",
        );
        let query = query.bind(webhook.0).bind(before.map(|before| before.0)).bind(i64::from(limit));
        query.fetch_all(&self.readers).await?.iter().map(read_delivery).collect()
    }

    async fn queue_delivery(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "insert into webhook_delivery (id, webhook_id, event, data, state, attempts, created_at, next_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        );
        let insert = insert.bind(delivery.id.0).bind(delivery.webhook.0).bind(&delivery.event);
        let insert = insert.bind(delivery.data.to_string()).bind(delivery.state.as_str()).bind(delivery.attempts);
        insert.bind(delivery.created.0).bind(delivery.next.0).execute(&self.writer).await?;
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
        let mut write = self.writer.begin().await?;
        // What another server has in hand is passed over.
        let query = sqlx::query(
            "select d.webhook_id, d.event, d.data, d.state, d.attempts, d.next_at, d.answer, d.detail, d.finished_at,
                 d.id as delivery_id, d.created_at as made_at, w.* from (
                 select id, row_number() over (partition by webhook_id order by next_at, id) as place
                 from webhook_delivery where state = 'waiting' and next_at <= $1
             ) as due join webhook_delivery d on d.id = due.id join webhook w on w.id = d.webhook_id
             where due.place <= $2 and w.active and d.state = 'waiting' and d.next_at <= $1
             order by d.next_at, d.id limit $3 for update of d skip locked",
        );
        let query = query.bind(now.0).bind(i64::from(OF_ONE)).bind(i64::from(limit));
        let rows = query.fetch_all(&mut *write).await?;
        let mut claimed = Vec::new();
        for row in &rows {
            let mut delivery = read_delivery(row)?;
            (delivery.attempts, delivery.next) = (delivery.attempts + 1, lease);
            claimed.push((delivery, read_webhook(row)?));
        }
        let update =
            sqlx::query("update webhook_delivery set attempts = attempts + 1, next_at = $2 where id = any($1)");
        let ids: Vec<Uuid> = claimed.iter().map(|(delivery, _)| delivery.id.0).collect();
        update.bind(ids).bind(lease.0).execute(&mut *write).await?;
        write.commit().await?;
        Ok(claimed)
    }

    async fn finish_delivery(&self, id: DeliveryId, outcome: &Outcome) -> Result<(), StoreError> {
        let update = sqlx::query(
            "update webhook_delivery set state = $2, next_at = $3, answer = $4, detail = $5, finished_at = $6 where id = $1",
        );
        let finished = (outcome.state != State::Waiting).then_some(outcome.at.0);
        let update = update.bind(id.0).bind(outcome.state.as_str()).bind(outcome.next.0).bind(outcome.answer);
        update.bind(outcome.detail.as_deref().map(plain)).bind(finished).execute(&self.writer).await?;
        Ok(())
    }

    async fn forget_deliveries(&self, before: Moment) -> Result<u64, StoreError> {
        let delete = sqlx::query("delete from webhook_delivery where finished_at < $1").bind(before.0);
        Ok(delete.execute(&self.writer).await?.rows_affected())
    }
}

fn events_text(webhook: &Webhook) -> String {
    serde_json::json!(webhook.events).to_string()
}

fn events_of(text: &str) -> Result<Vec<Event>, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what: "webhook", detail: error.to_string() })
}

fn read_webhook(row: &PgRow) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        id: WebhookId(row.try_get("id")?),
        organization: OrganizationId(row.try_get("organization_id")?),
        project: ProjectId(row.try_get("project_id")?),
        name: row.try_get("name")?,
        url: row.try_get("url")?,
        events: events_of(row.try_get("events")?)?,
        secret: row.try_get("secret")?,
        active: row.try_get("active")?,
        created_by: MemberId(row.try_get("created_by")?),
        created: Moment(row.try_get("created_at")?),
    })
}

fn read_delivery(row: &PgRow) -> Result<Delivery, StoreError> {
    let damaged = |detail: String| StoreError::Corrupt { what: "webhook delivery", detail };
    let state: &str = row.try_get("state")?;
    Ok(Delivery {
        id: DeliveryId(row.try_get("delivery_id")?),
        webhook: WebhookId(row.try_get("webhook_id")?),
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
