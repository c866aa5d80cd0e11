import type { WebhookEvent } from "@/api/configuration.ts";

/** What a webhook can be told of, in the order in which it is offered. */
export const EVENTS: readonly { value: WebhookEvent; label: string; help: string }[] = [
  { value: "review.assigned", label: "Review assigned", help: "Somebody was asked to review a row" },
  { value: "review.completed", label: "Review completed", help: "The review of a row was completed" },
  { value: "comment.mentioned", label: "Member mentioned", help: "A comment names somebody" },
  { value: "feedback.received", label: "Feedback received", help: "An end user gave a score or a comment" },
];

export const eventLabel = (event: string): string =>
  EVENTS.find((one) => one.value === event)?.label ?? (event === "webhook.test" ? "Test" : event);
