/** The review's parts of the trace page, each with its states: opening, failed, read only, ready. */
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Role, SpanEvent } from "@/api/types.ts";
import { ActivityList } from "@/features/review/activity-list.tsx";
import { Expected } from "@/features/review/expected.tsx";
import { FootBar } from "@/features/review/foot-bar.tsx";
import { Panel } from "@/features/review/panel.tsx";
import { questionsOf } from "@/features/review/questions.ts";
import { Tags } from "@/features/review/tags.tsx";
import { may, whyNot } from "@/lib/role.ts";
import type { ReviewState } from "@/sync/use-review.ts";
import { Skeleton } from "@/ui/skeleton.tsx";
import { Failed, NO_SCORES, Opening, Scope, useScores } from "./review-states.tsx";

interface Common {
  review: ReviewState;
  row: string;
  event: SpanEvent | undefined;
  role: Role;
}

const NO_TAGS: never[] = [];

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
  const scores = useScores(event);
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
  const scores = useScores(event);
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

/** The tags alone, for places that have no room for the whole panel. */
export function TagsPart({ review, row, event, role, knownTags }: Common & { knownTags: readonly string[] }) {
  if (review.kind !== "ready" || !event) return null;
  return (
    <Scope key={row} session={review.session} row={row} role={role}>
      <Tags logged={event.logged?.tags ?? NO_TAGS} known={knownTags} />
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
