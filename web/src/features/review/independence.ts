/**
 * Independent review: what judges and other people gave stays out of sight of whoever has not answered yet, where the project
 * says so. It keeps people from leaning on each other; it is no secret, and the API tells it.
 */
import { useCallback, useEffect, useMemo } from "react";
import { useProject } from "@/api/use-project.ts";
import { useSession } from "@/api/use-session.ts";
import { isIndependent } from "@/lib/independent.ts";
import { may } from "@/lib/role.ts";
import { createStore, useStore } from "@/lib/store.ts";
import { useReviewView } from "@/sync/use-review.ts";
import { isAnswered, type Question } from "./questions.ts";
import { useScope } from "./scope.tsx";

/** Questions of the review on screen that its reader has not answered; of no review before it is open. */
const open = createStore<{ row: string; names: ReadonlySet<string> } | null>(null);

/** Says, from inside a review, which of its questions its reader has answered. */
export function useTellAnswered(questions: readonly Question[]): void {
  const { session, me, row } = useScope();
  const view = useReviewView(session);
  // A text is everybody's: there is nothing of others to hide.
  const unanswered = questions.filter(
    (question) => question.kind !== "text" && !isAnswered(question, view, me),
  );
  const key = JSON.stringify(unanswered.map((question) => question.name));
  useEffect(() => {
    open.set({ row, names: new Set(JSON.parse(key) as string[]) });
  }, [row, key]);
}

/** Whether what others gave for a score of this row stays hidden for now; everything does until the review is open. */
export function useIsHidden(row: string): (score: string) => boolean {
  const { role } = useSession();
  const independent = isIndependent(useProject()) && may(role, "review");
  const asked = useStore(open);
  return useCallback(
    (score) => independent && (asked?.row !== row || asked.names.has(score)),
    [independent, asked, row],
  );
}

/** What judges gave, without what is hidden. */
export function useShownScores(
  scores: Readonly<Record<string, number | null>> | null | undefined,
  row: string,
): Readonly<Record<string, number | null>> {
  const hidden = useIsHidden(row);
  return useMemo(
    () => Object.fromEntries(Object.entries(scores ?? {}).filter(([name]) => !hidden(name))),
    [scores, hidden],
  );
}
