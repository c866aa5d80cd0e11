/** What every page of a review needs around its parts: who may do what, and the states before it is open. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useSyncExternalStore } from "react";
import { usePlace } from "@/api/place.ts";
import { ApiError, problemText } from "@/api/problem.ts";
import { scoresQuery } from "@/api/queries.ts";
import type { Role, SpanEvent } from "@/api/types.ts";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { type OnEdit, ReviewScopeProvider } from "@/features/review/scope.tsx";
import { askedOf } from "@/lib/asked.ts";
import { may } from "@/lib/role.ts";
import type { ReviewSession } from "@/sync/session.ts";
import { Button } from "@/ui/button.tsx";
import { Skeleton } from "@/ui/skeleton.tsx";

export const NO_SCORES: never[] = [];

/** The scores that a row of this place is judged by; of one row, without those whose conditions do not hold for it. */
export function useScores(event?: SpanEvent) {
  const project = useProject();
  const { object_type } = usePlace().object;
  const query = useQuery(scoresQuery(project.id));
  const { data } = query;
  const me = useSession().user.id;
  const unasked = event?.unasked;
  const asked = useMemo(
    () => data && askedOf(data, object_type, me).filter((score) => !unasked?.includes(score.name)),
    [data, object_type, me, unasked],
  );
  return { ...query, data: asked };
}

/** True once the server has made this person's place in the document. */
function useReady(session: ReviewSession): boolean {
  const read = () => session.ready;
  return useSyncExternalStore(session.subscribe, read, read);
}

/** The review of a row for everything inside. */
export function Scope({
  session,
  row,
  role,
  onEdit,
  children,
}: {
  session: ReviewSession;
  row: string;
  role: Role;
  onEdit?: OnEdit;
  children: ReactNode;
}) {
  const ready = useReady(session);
  return (
    <ReviewScopeProvider session={session} row={row} mayEdit={ready && may(role, "review")} onEdit={onEdit}>
      {children}
    </ReviewScopeProvider>
  );
}

export function Opening() {
  return (
    <div role="status" className="flex flex-col">
      <span className="sr-only">Opening the review</span>
      <div className="flex h-[54px] items-center border-b border-line px-4">
        <Skeleton className="w-28" />
      </div>
      {[0, 1, 2].map((index) => (
        <div key={index} className="flex flex-col gap-3 border-b border-line px-4 py-4">
          <Skeleton className="w-24" />
          <Skeleton className="h-8! w-full rounded-btn" />
        </div>
      ))}
    </div>
  );
}

export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const offline = error instanceof ApiError && error.unreachable;
  useEffect(() => {
    if (!offline) return;
    window.addEventListener("online", retry);
    return () => window.removeEventListener("online", retry);
  }, [offline, retry]);
  return (
    <div role="alert" className="flex flex-col items-center gap-1.5 px-6 py-12 text-center">
      <h2 className="text-title font-semibold">
        {offline ? "This review is not here yet" : "The review could not be opened"}
      </h2>
      <p className="text-ink-2">
        {offline
          ? "It was not opened before the connection went away. It opens when the connection is back."
          : problemText(error)}
      </p>
      <div className="mt-3">
        <Button onClick={retry}>Try again</Button>
      </div>
    </div>
  );
}
