/** Query options per resource, so that every page asks for a thing under the same key. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get } from "./client.ts";
import type { Section } from "./place.ts";
import { ApiError } from "./problem.ts";
import type {
  ApiKey,
  ExperimentSummary,
  Located,
  Member,
  ObjectInfo,
  ObjectOverview,
  ObjectRef,
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

const KINDS = { experiments: "experiment", datasets: "dataset" } as const;

/** Experiments or datasets of a project with their figures, newest first. */
export const objectsOverviewQuery = (section: Section, projectId: string) =>
  queryOptions({
    queryKey: ["objects", section, projectId],
    queryFn: async ({ signal }) => {
      const query = { project_id: projectId, object_type: KINDS[section] };
      return (await get<{ objects: ObjectOverview[] }>("/api/object/overview", query, signal)).objects;
    },
    staleTime: 5_000,
  });

/** The experiment or dataset of that name or id; `null` when there is none. */
export const objectQuery = (section: Section, projectId: string, nameOrId: string) =>
  queryOptions({
    queryKey: ["object", section, projectId, nameOrId],
    queryFn: async ({ signal }): Promise<ObjectInfo | null> => {
      const kind = KINDS[section];
      const query = { project_id: projectId, [`${kind}_name`]: nameOrId };
      const { objects } = await get<{ objects: ObjectInfo[] }>(`/v1/${kind}`, query, signal);
      if (objects[0] || !/^[0-9a-f-]{36}$/i.test(nameOrId)) return objects[0] ?? null;
      const byId = await get<{ objects: ObjectInfo[] }>(
        `/v1/${kind}`,
        { project_id: projectId, ids: nameOrId },
        signal,
      );
      return byId.objects[0] ?? null;
    },
    staleTime: 30_000,
  });

/** One experiment or dataset by its id, for links that name nothing else; `null` when there is none. */
export const objectByIdQuery = (section: Section, id: string) =>
  queryOptions({
    queryKey: ["object", section, id],
    queryFn: async ({ signal }): Promise<ObjectInfo | null> => {
      try {
        return await get<ObjectInfo>(`/v1/${KINDS[section]}/${encodeURIComponent(id)}`, undefined, signal);
      } catch (error) {
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) return null;
        throw error;
      }
    },
    staleTime: 30_000,
  });

/** Figures of an experiment beside those of the one it is compared with. */
export const summaryQuery = (experimentId: string) =>
  queryOptions({
    queryKey: ["summary", experimentId],
    queryFn: ({ signal }) =>
      get<ExperimentSummary>(`/v1/experiment/${experimentId}/summarize`, { summarize_scores: true }, signal),
    staleTime: 5_000,
  });

/** The spans of one trace, with its neighbours. */
export const traceQuery = (object: ObjectRef, root: string) =>
  queryOptions({
    queryKey: ["trace", object.object_id, root],
    queryFn: ({ signal }) =>
      get<TraceDetail>(`/api/trace/${encodeURIComponent(root)}`, { ...object }, signal),
    staleTime: 5_000,
    placeholderData: keepPreviousData,
  });

/** What records of datasets lack of a span. */
const NO_SPAN = {
  output: null,
  error: null,
  scores: null,
  metrics: null,
  context: null,
  span_attributes: null,
};

/** One row whole. */
export const spanQuery = (object: ObjectRef, id: string) =>
  queryOptions({
    queryKey: ["span", object.object_id, id],
    queryFn: async ({ signal }): Promise<SpanEvent> => ({
      ...NO_SPAN,
      ...(await get<SpanEvent>("/api/span", { ...object, id }, signal)),
    }),
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
