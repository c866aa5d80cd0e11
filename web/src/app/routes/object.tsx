import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { logsPlace, objectPlace, type Place, type Section } from "@/api/place.ts";
import { ApiError } from "@/api/problem.ts";
import { locateQuery, objectByIdQuery, projectsQuery } from "@/api/queries.ts";
import { useSession } from "@/api/use-session.ts";
import { GoTo } from "@/ui/app-link.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";

const route = getRouteApi("/app/$org/object");
/** How often to look for a row whose link was opened before the row itself arrived. */
const LOOK_AGAIN_MS = 2000;

const sections: Record<string, Section> = { experiment: "experiments", dataset: "datasets" };

/** What a link names: the logs of a project, an experiment or a dataset; `null` when there is none, `undefined` at first. */
function useNamedPlace(objectType: string, objectId: string): Place | null | undefined {
  const org = useSession().organization.name;
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const section = sections[objectType];
  const object = useQuery({
    ...objectByIdQuery(section ?? "experiments", objectId),
    enabled: section !== undefined && objectId !== "",
  });
  const found = object.data;
  return useMemo(() => {
    const projectOf = (id: string) => projects.find((candidate) => candidate.id === id);
    if (section === undefined) {
      const project = objectType === "project_logs" ? projectOf(objectId) : undefined;
      return project ? logsPlace(org, project) : null;
    }
    if (!found) return found;
    const project = projectOf(found.project_id);
    return project ? objectPlace(org, project.name, section, found) : null;
  }, [org, projects, section, objectType, objectId, found]);
}

/** Where links made by SDKs land: finds the row, then shows its trace. Without a row it shows the whole object. */
export function ObjectPage() {
  const { object_type, object_id, id, c, review } = route.useSearch();
  const place = useNamedPlace(object_type, object_id);
  const located = useQuery({
    ...locateQuery(place?.object ?? { object_type: "project_logs", object_id }, id),
    enabled: Boolean(place) && id !== "",
    refetchInterval: (query) => (query.state.data ? false : LOOK_AGAIN_MS),
  });

  if (place === undefined) {
    return (
      <main className="min-h-0 flex-1 bg-surface">
        <SkeletonRows rows={8} label="Looking it up" />
      </main>
    );
  }
  if (place === null) {
    return (
      <main className="min-h-0 flex-1 bg-surface">
        <EmptyState title="This link leads to nothing here">
          {object_type === "project_logs" || object_type in sections
            ? "What it names was deleted, or it is not in this organization."
            : `Links to a row of ${object_type || "nothing"} cannot be opened here.`}
        </EmptyState>
      </main>
    );
  }
  if (id === "") return <GoTo href={place.list} />;
  if (located.data) {
    return <GoTo href={place.trace(located.data.root_span_id, { s: located.data.id, c, review })} />;
  }
  const missing = located.error instanceof ApiError && located.error.status === 404;
  return (
    <main className="min-h-0 flex-1 bg-surface">
      {located.error && !missing ? (
        <ErrorState
          what="The row could not be looked up"
          error={located.error}
          retry={() => void located.refetch()}
        />
      ) : (
        <div role="status">
          <EmptyState title={missing ? "Waiting for this row" : "Looking it up"}>
            {missing
              ? "It has not arrived yet. Clients send in batches; this page shows it as soon as it is here."
              : null}
          </EmptyState>
        </div>
      )}
    </main>
  );
}
