import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { ApiError } from "@/api/problem.ts";
import { locateQuery } from "@/api/queries.ts";
import { useProject } from "@/api/use-project.ts";
import { buttonClass } from "@/ui/button.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";

const route = getRouteApi("/app/$org/p/$project/logs/$trace");

/** No such trace: perhaps the address names a span of one; else the way back. */
export function Missing({ error, retry, trace }: { error: Error; retry: () => void; trace: string }) {
  const { org, project } = route.useParams();
  const { id } = useProject();
  const unknown = error instanceof ApiError && error.status === 404;
  const found = useQuery({
    ...locateQuery({ object_type: "project_logs", object_id: id }, trace),
    enabled: unknown,
  });
  const navigate = useNavigate();
  useEffect(() => {
    if (!found.data || found.data.root_span_id === trace) return;
    void navigate({
      to: "/app/$org/p/$project/logs/$trace",
      params: { org, project, trace: found.data.root_span_id },
      search: { s: found.data.span_id },
      replace: true,
    });
  }, [found.data, trace, navigate, org, project]);
  return (
    <main className="min-h-0 flex-1 bg-surface">
      <h1 className="sr-only">Trace</h1>
      {unknown && !found.isPending ? (
        <EmptyState
          title="There is no such trace"
          action={
            <Link to="/app/$org/p/$project/logs" params={{ org, project }} className={buttonClass()}>
              Show all traces
            </Link>
          }
        >
          It was deleted, or the address is mistyped.
        </EmptyState>
      ) : unknown ? (
        <SkeletonRows rows={8} label="Looking for the trace" />
      ) : (
        <ErrorState what="This trace could not be loaded" error={error} retry={retry} />
      )}
    </main>
  );
}
