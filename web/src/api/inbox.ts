/** What the viewer was told: assignments, mentions, answers, resolutions. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { get, post } from "./client.ts";
import type { components } from "./schema.ts";

export type Notification = components["schemas"]["Notification"];
type Notifications = components["schemas"]["Notifications"];

export const inboxQuery = infiniteQueryOptions({
  queryKey: ["inbox"],
  queryFn: ({ pageParam, signal }) => get<Notifications>("/api/notification", { cursor: pageParam }, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.cursor,
  staleTime: 2_000,
});

/** Marks some as read, or everything up to one. */
export const markRead = (which: { ids: string[] } | { up_to: string }) =>
  post<{ unread: number }>("/api/notification/read", which);
