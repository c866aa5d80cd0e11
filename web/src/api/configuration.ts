/** What a project is configured with beside its scores: tags, feedback keys, webhooks. */
import { queryOptions } from "@tanstack/react-query";
import { get, patch, post } from "./client.ts";
import type { components } from "./schema.ts";

type Schemas = components["schemas"];

export type ProjectTag = Schemas["ProjectTag"];
export type FeedbackKey = Schemas["FeedbackKey"];
export type Webhook = Schemas["Webhook"];
export type WebhookEvent = Schemas["WebhookEvent"];
export type WebhookDelivery = Schemas["WebhookDelivery"];

/** Tags that a project offers, in its order. */
export const tagsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["tags", projectId],
    queryFn: async ({ signal }) => {
      const { objects } = await get<{ objects: ProjectTag[] }>(
        "/v1/project_tag",
        { project_id: projectId, limit: 1000 },
        signal,
      );
      return objects.sort((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0));
    },
    staleTime: 30_000,
  });

/** Feedback keys of all projects; only leads and owners may ask. */
export const feedbackKeysQuery = queryOptions({
  queryKey: ["feedback-keys"],
  queryFn: async ({ signal }) =>
    (await get<{ keys: FeedbackKey[] }>("/api/feedback-key", undefined, signal)).keys,
  staleTime: 30_000,
});

export const makeFeedbackKey = (projectId: string, scores: string[], origins: string[]) =>
  post<Schemas["NewKey"]>("/api/feedback-key", { project_id: projectId, scores, origins });

export const webhooksQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["webhooks", projectId],
    queryFn: async ({ signal }) =>
      (await get<{ webhooks: Webhook[] }>("/api/webhook", { project_id: projectId }, signal)).webhooks,
    staleTime: 30_000,
  });

/** What a webhook was told last; asked again while it is on screen. */
export const deliveriesQuery = (webhookId: string) =>
  queryOptions({
    queryKey: ["webhook-deliveries", webhookId],
    queryFn: async ({ signal }) =>
      (
        await get<{ deliveries: WebhookDelivery[] }>(
          `/api/webhook/${webhookId}/delivery`,
          { limit: 50 },
          signal,
        )
      ).deliveries,
    refetchInterval: 5_000,
  });

export const makeWebhook = (projectId: string, content: Pick<Webhook, "name" | "url" | "events">) =>
  post<Webhook & { secret: string }>("/api/webhook", { project_id: projectId, ...content });

export const changeWebhook = (
  id: string,
  change: Partial<Pick<Webhook, "name" | "url" | "events" | "active">>,
) => patch<Webhook>(`/api/webhook/${id}`, change);

export const testWebhook = (id: string) => post<WebhookDelivery>(`/api/webhook/${id}/test`, {});
