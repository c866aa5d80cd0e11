import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, Navigate } from "@tanstack/react-router";
import { ApiError } from "@/api/problem.ts";
import { locateQuery, projectsQuery } from "@/api/queries.ts";
import { useSession } from "@/api/use-session.ts";
import { EmptyState, ErrorState } from "@/ui/states.tsx";

const route = getRouteApi("/app/$org/object");
/** How often to look for a row whose link was opened before the row itself arrived. */
const LOOK_AGAIN_MS = 2000;

/** Where links made by SDKs land: finds the row, then shows its trace. */
export function ObjectPage() {
  const { object_type, object_id, id } = route.useSearch();
  const org = useSession().organization.name;
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const project = projects.find((candidate) => candidate.id === object_id);
  const known = object_type === "project_logs" && project !== undefined && id !== "";
  const located = useQuery({
    ...locateQuery({ object_type: "project_logs", object_id }, id),
    enabled: known,
    refetchInterval: (query) => (query.state.data ? false : LOOK_AGAIN_MS),
  });

  if (!known) {
    return (
      <main className="min-h-0 flex-1 bg-surface">
        <EmptyState title="This link leads to nothing here">
          {object_type === "project_logs"
            ? "Its project is not in this organization, or the link lacks the row's id."
            : `Links to a row of an ${object_type} cannot be opened here.`}
        </EmptyState>
      </main>
    );
  }
  if (located.data) {
    return (
      <Navigate
        replace
        to="/app/$org/p/$project/logs/$trace"
        params={{ org, project: project.name, trace: located.data.root_span_id }}
        search={{ s: located.data.id }}
      />
    );
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
