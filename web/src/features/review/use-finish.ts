/** Flagging, completing and reopening a review: the same keys and words wherever it is done. */
import { announce } from "@/lib/announce.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { complete, reopen, setStatus } from "@/sync/edit.ts";
import { useReviewPart } from "@/sync/use-review.ts";
import type { ReviewView } from "@/sync/view.ts";
import { useScope } from "./scope.tsx";

const statusOf = (view: ReviewView) => view.status;
const completedOf = (view: ReviewView) => view.completed;

export function useFinish(onComplete: () => void) {
  const { session, me, edit, mayEdit } = useScope();
  const status = useReviewPart(session, statusOf).value;
  const finished = useReviewPart(session, completedOf)[me] !== undefined && status === "complete";
  const flagged = status === "awaiting";

  const flag = () => {
    if (edit((draft) => setStatus(draft, me, flagged ? "none" : "awaiting", new Date()))) {
      announce(flagged ? "Flag taken away" : "Flagged for review");
    }
  };
  const finish = () => {
    if (!edit((draft) => complete(draft, me, new Date()))) return;
    announce("Review complete");
    onComplete();
  };
  const takeUp = () => edit((draft) => reopen(draft, me, new Date()));
  useCommand("review.flag", flag, mayEdit && !finished);
  useCommand("review.complete", finish, mayEdit && !finished);
  return { finished, flagged, flag, finish, takeUp, mayEdit };
}
