//! Webhooks and what they are told.

use std::collections::BTreeMap;

use async_trait::async_trait;
use concord_shared::ids::{DeliveryId, OrganizationId, ProjectId, WebhookId};
use concord_shared::moment::Moment;

use super::{Data, MemoryStore};
use crate::domain::store::{ReviewCommit, StoreError};
use crate::domain::webhook::{Delivery, OF_ONE, Outcome, QUEUED, State, Webhook, WebhookStore, happened};

impl Data {
    /// Queues what a commit is to be told as.
    pub(super) fn tell(&mut self, commit: &ReviewCommit) {
        let project = commit.key.project;
        let hooks = self.webhooks.values().filter(|hook| hook.active && hook.project == project);
        for hook in hooks.cloned().collect::<Vec<_>>() {
            for (event, data) in happened(commit) {
                let waiting = self.deliveries.values().filter(|one| one.webhook == hook.id && is_waiting(one)).count();
                if hook.events.contains(&event) && waiting < QUEUED as usize {
                    let delivery = Delivery::new(DeliveryId::new(), hook.id, event.as_str(), data, commit.at);
                    self.deliveries.insert(delivery.id, delivery);
                }
            }
        }
    }
}

fn is_waiting(delivery: &Delivery) -> bool {
    delivery.state == State::Waiting
}

#[async_trait]
impl WebhookStore for MemoryStore {
    async fn add_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        self.data().webhooks.insert(webhook.id, webhook.clone());
        Ok(())
    }

    async fn webhook(&self, organization: OrganizationId, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        let data = self.data();
        let stands = |hook: &&Webhook| data.standing(organization).any(|project| project.id == hook.project);
        Ok(data.webhooks.get(&id).filter(stands).cloned())
    }

    async fn webhooks(&self, organization: OrganizationId, project: ProjectId) -> Result<Vec<Webhook>, StoreError> {
        let data = self.data();
        let stands = data.standing(organization).any(|known| known.id == project);
        Ok(data.webhooks.values().filter(|hook| stands && hook.project == project).cloned().collect())
    }

    async fn update_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        if let Some(known) = self.data().webhooks.get_mut(&webhook.id) {
            let Webhook { name, url, events, active, .. } = webhook.clone();
            *known = Webhook { name, url, events, active, ..known.clone() };
        }
        Ok(())
    }

    async fn delete_webhook(&self, id: WebhookId) -> Result<(), StoreError> {
        let mut data = self.data();
        data.webhooks.remove(&id);
        data.deliveries.retain(|_, delivery| delivery.webhook != id);
        Ok(())
    }

    async fn deliveries(
        &self,
        webhook: WebhookId,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let data = self.data();
        let found = data.deliveries.values().rev().filter(|one| one.webhook == webhook);
        let found = found.filter(|one| before.is_none_or(|before| one.id < before));
        Ok(found.take(limit as usize).cloned().collect())
    }

    async fn queue_delivery(&self, delivery: &Delivery) -> Result<(), StoreError> {
        self.data().deliveries.insert(delivery.id, delivery.clone());
        Ok(())
    }

    async fn claim_deliveries(
        &self,
        now: Moment,
        lease: Moment,
        limit: u32,
    ) -> Result<Vec<(Delivery, Webhook)>, StoreError> {
        let mut data = self.data();
        let Data { deliveries, webhooks, .. } = &mut *data;
        let mut due: Vec<&mut Delivery> =
            deliveries.values_mut().filter(|one| is_waiting(one) && one.next <= now).collect();
        due.sort_by_key(|delivery| (delivery.next, delivery.id));
        let mut taken: BTreeMap<WebhookId, u32> = BTreeMap::new();
        let mut claimed = Vec::new();
        for delivery in due {
            let Some(hook) = webhooks.get(&delivery.webhook).filter(|hook| hook.active) else { continue };
            let count = taken.entry(hook.id).or_default();
            if *count < OF_ONE && claimed.len() < limit as usize {
                *count += 1;
                (delivery.attempts, delivery.next) = (delivery.attempts + 1, lease);
                claimed.push((delivery.clone(), hook.clone()));
            }
        }
        Ok(claimed)
    }

    async fn finish_delivery(&self, id: DeliveryId, outcome: &Outcome) -> Result<(), StoreError> {
        if let Some(delivery) = self.data().deliveries.get_mut(&id) {
            let Outcome { state, next, answer, detail, at } = outcome.clone();
            let finished = (state != State::Waiting).then_some(at);
            *delivery = Delivery { state, next, answer, detail, finished, ..delivery.clone() };
        }
        Ok(())
    }

    async fn forget_deliveries(&self, before: Moment) -> Result<u64, StoreError> {
        let mut data = self.data();
        let all = data.deliveries.len();
        data.deliveries.retain(|_, delivery| delivery.finished.is_none_or(|finished| finished >= before));
        Ok((all - data.deliveries.len()) as u64)
    }
}
