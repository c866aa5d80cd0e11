/** Query options per resource, so that every page asks for a thing under the same key. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get } from "./client.ts";
import { ApiError } from "./problem.ts";
import type {
  ApiKey,
  Located,
  Member,
  ObjectType,
  Project,
  ProjectOverview,
  ProjectScore,
  Session,
  SpanEvent,
  TraceDetail,
} from "./types.ts";

/** Who is signed in; `null` when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await get<Session>("/api/session", undefined, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  // Rights can change and sessions end while a page stays open.
  staleTime: 60_000,
  refetchOnWindowFocus: true,
});

/** Whether the server still waits for its first owner. */
export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => get<{ needed: boolean }>("/api/setup", undefined, signal),
  staleTime: 60_000,
});

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: async ({ signal }) =>
    (await get<{ objects: Project[] }>("/v1/project", undefined, signal)).objects,
  staleTime: 30_000,
});

export const overviewQuery = queryOptions({
  queryKey: ["projects", "overview"],
  queryFn: async ({ signal }) =>
    (await get<{ projects: ProjectOverview[] }>("/api/project/overview", undefined, signal)).projects,
  staleTime: 5_000,
});

/** The project's scores in the order in which reviewers are asked. */
export const scoresQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["scores", projectId],
    queryFn: async ({ signal }) => {
      const { objects } = await get<{ objects: ProjectScore[] }>(
        "/v1/project_score",
        { project_id: projectId, limit: 1000 },
        signal,
      );
      return objects.sort(byPosition);
    },
    staleTime: 30_000,
  });

/** Positions are rank texts, compared as plain text; scores without one come last, oldest first. */
export function byPosition(
  a: Pick<ProjectScore, "position" | "created">,
  b: Pick<ProjectScore, "position" | "created">,
): number {
  const left = a.position ?? "\uffff";
  const right = b.position ?? "\uffff";
  if (left !== right) return left < right ? -1 : 1;
  return a.created < b.created ? -1 : a.created > b.created ? 1 : 0;
}

export const membersQuery = queryOptions({
  queryKey: ["members"],
  queryFn: async ({ signal }) => (await get<{ members: Member[] }>("/api/member", undefined, signal)).members,
  staleTime: 60_000,
});

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: async ({ signal }) => (await get<{ keys: ApiKey[] }>("/api/key", undefined, signal)).keys,
  staleTime: 30_000,
});

interface ObjectRef {
  object_type: ObjectType;
  object_id: string;
}

/** The spans of one trace, with its neighbours. */
export const traceQuery = (object: ObjectRef, root: string) =>
  queryOptions({
    queryKey: ["trace", object.object_id, root],
    queryFn: ({ signal }) =>
      get<TraceDetail>(`/api/trace/${encodeURIComponent(root)}`, { ...object }, signal),
    staleTime: 5_000,
    placeholderData: keepPreviousData,
  });

/** One row whole. */
export const spanQuery = (object: ObjectRef, id: string) =>
  queryOptions({
    queryKey: ["span", object.object_id, id],
    queryFn: ({ signal }) => get<SpanEvent>("/api/span", { ...object, id }, signal),
    staleTime: 5_000,
  });

/** Which trace a row belongs to; tries row id, span id and root span id. */
export const locateQuery = (object: ObjectRef, id: string) =>
  queryOptions({
    queryKey: ["locate", object.object_type, object.object_id, id],
    queryFn: ({ signal }) => get<Located>("/api/locate", { ...object, id }, signal),
    staleTime: 60_000,
    retry: false,
  });
