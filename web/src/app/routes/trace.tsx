import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { traceQuery } from "@/api/queries.ts";
import { useProject } from "@/api/use-project.ts";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { ErrorState } from "@/ui/states.tsx";

const route = getRouteApi("/app/$org/p/$project/logs/$trace");

/** One trace: its spans by name. */
export function TracePage() {
  const { trace } = route.useParams();
  const project = useProject();
  const query = useQuery(traceQuery({ object_type: "project_logs", object_id: project.id }, trace));
  if (query.isError) {
    return (
      <ErrorState
        what="This trace could not be loaded"
        error={query.error}
        retry={() => void query.refetch()}
      />
    );
  }
  return (
    <main className="min-h-0 flex-1 overflow-y-auto bg-surface">
      <h1 className="sr-only">Trace</h1>
      {query.data ? (
        <ul>
          {query.data.spans.map((span) => (
            <li key={span.id} className="border-b border-line px-5 py-1.5">
              {span.name ?? span.span_id}
            </li>
          ))}
        </ul>
      ) : (
        <SkeletonRows rows={8} />
      )}
    </main>
  );
}
