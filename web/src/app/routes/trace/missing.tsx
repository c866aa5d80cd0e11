import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { usePlace } from "@/api/place.ts";
import { ApiError } from "@/api/problem.ts";
import { locateQuery } from "@/api/queries.ts";
import { AppLink } from "@/ui/app-link.tsx";
import { buttonClass } from "@/ui/button.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "@/ui/states.tsx";

/** No such trace: perhaps the address names a span of one; else the way back. */
export function Missing({ error, retry, trace }: { error: Error; retry: () => void; trace: string }) {
  const place = usePlace();
  const unknown = error instanceof ApiError && error.status === 404;
  const found = useQuery({
    ...locateQuery(place.object, trace),
    enabled: unknown,
  });
  const navigate = useNavigate();
  useEffect(() => {
    if (!found.data || found.data.root_span_id === trace) return;
    void navigate({ href: place.trace(found.data.root_span_id, { s: found.data.span_id }), replace: true });
  }, [found.data, trace, navigate, place]);
  return (
    <main className="min-h-0 flex-1 bg-surface">
      <h1 className="sr-only">Trace</h1>
      {unknown && !found.isPending ? (
        <EmptyState
          title="There is no such trace"
          action={
            <AppLink href={place.list} className={buttonClass()}>
              Show all traces
            </AppLink>
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
