/** The review's parts of the trace page, each with its states: opening, failed, read only, ready. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo, useSyncExternalStore } from "react";
import { usePlace } from "@/api/place.ts";
import { ApiError, problemText } from "@/api/problem.ts";
import { scoresQuery } from "@/api/queries.ts";
import type { Role, SpanEvent } from "@/api/types.ts";
import { useProject } from "@/api/use-project.ts";
import { ActivityList } from "@/features/review/activity-list.tsx";
import { Expected } from "@/features/review/expected.tsx";
import { FootBar } from "@/features/review/foot-bar.tsx";
import { Panel } from "@/features/review/panel.tsx";
import { questionsOf } from "@/features/review/questions.ts";
import { ReviewScopeProvider } from "@/features/review/scope.tsx";
import { askedOf } from "@/lib/asked.ts";
import { may, whyNot } from "@/lib/role.ts";
import type { ReviewSession } from "@/sync/session.ts";
import type { ReviewState } from "@/sync/use-review.ts";
import { Button } from "@/ui/button.tsx";
import { Skeleton } from "@/ui/skeleton.tsx";

interface Common {
  review: ReviewState;
  row: string;
  event: SpanEvent | undefined;
  role: Role;
}

const NO_SCORES: never[] = [];

function useScores() {
  const project = useProject();
  const { object_type } = usePlace().object;
  const query = useQuery(scoresQuery(project.id));
  const { data } = query;
  const asked = useMemo(() => data && askedOf(data, object_type), [data, object_type]);
  return { ...query, data: asked };
}

/** True once the server has made this person's place in the document. */
function useReady(session: ReviewSession): boolean {
  const read = () => session.ready;
  return useSyncExternalStore(session.subscribe, read, read);
}

function Scope({
  session,
  row,
  role,
  children,
}: {
  session: ReviewSession;
  row: string;
  role: Role;
  children: ReactNode;
}) {
  const ready = useReady(session);
  return (
    <ReviewScopeProvider session={session} row={row} mayEdit={ready && may(role, "review")}>
      {children}
    </ReviewScopeProvider>
  );
}

/** The right column. */
export function ReviewPart({
  review,
  row,
  event,
  role,
  knownTags,
  onAllActivity,
  onNext,
}: Common & { knownTags: readonly string[]; onAllActivity: () => void; onNext: (() => void) | null }) {
  const { org = "", project = "" } = useParams({ strict: false });
  const scores = useScores();
  if (review.kind === "failed") return <Failed error={review.error} retry={review.retry} />;
  if (review.kind !== "ready" || !event || scores.isPending) return <Opening />;
  if (scores.isError) return <Failed error={scores.error} retry={() => void scores.refetch()} />;
  return (
    <Scope key={row} session={review.session} row={row} role={role}>
      <Panel
        scores={scores.data ?? NO_SCORES}
        event={event}
        knownTags={knownTags}
        configuration={{ org, project }}
        mayConfigure={may(role, "configure")}
        readOnly={may(role, "review") ? null : whyNot("review")}
        onAllActivity={onAllActivity}
        onNext={onNext}
      />
    </Scope>
  );
}

/** Progress and completion, for layouts that keep the panel out of sight. */
export function FootPart({ review, row, event, role, onOpen }: Common & { onOpen: () => void }) {
  const scores = useScores();
  if (review.kind !== "ready" || !event || !may(role, "review")) return null;
  return (
    <Scope key={row} session={review.session} row={row} role={role}>
      <FootBar scores={scores.data ?? NO_SCORES} onOpen={onOpen} />
    </Scope>
  );
}

/** Below the output: what should have come out. Until the review is open the logged value is read from the row. */
export function ExpectedPart({
  review,
  row,
  event,
  role,
  answer,
  marks,
}: Common & { answer: string | null; marks: boolean }) {
  if (review.kind !== "ready" || !event) {
    return (
      <div className="flex min-h-10 items-center gap-2 border-t border-line px-3.5 py-1.5 text-small text-ink-3">
        <span className="font-medium">Expected</span>
        {review.kind === "failed" ? "not available: the review could not be opened" : ""}
      </div>
    );
  }
  return (
    <Scope key={row} session={review.session} row={row} role={role}>
      <Expected event={event} answer={answer} marks={marks} />
    </Scope>
  );
}

/** The whole history of the review. */
export function ActivityPart({ review, row, role }: Common) {
  const scores = useScores();
  const questions = useMemo(() => questionsOf(scores.data ?? NO_SCORES), [scores.data]);
  if (review.kind === "failed")
    return <p className="text-small text-ink-3">Not available: the review could not be opened.</p>;
  if (review.kind !== "ready") return <Skeleton className="w-1/2" />;
  return (
    <Scope key={row} session={review.session} row={row} role={role}>
      <ActivityList questions={questions} />
    </Scope>
  );
}

function Opening() {
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

function Failed({ error, retry }: { error: unknown; retry: () => void }) {
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
