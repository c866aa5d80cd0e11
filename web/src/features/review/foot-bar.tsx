import { useMemo } from "react";
import type { ProjectScore } from "@/api/types.ts";
import { runCommand } from "@/lib/commands/dispatch.ts";
import { useReviewView } from "@/sync/use-review.ts";
import { Button } from "@/ui/button.tsx";
import { progress, questionsOf } from "./questions.ts";
import { useScope } from "./scope.tsx";

interface Props {
  scores: readonly ProjectScore[];
  onOpen: () => void;
}

/** What is left to do and the way to do it, where the panel itself is a drawer. */
export function FootBar({ scores, onOpen }: Props) {
  const { session, me, mayEdit } = useScope();
  const view = useReviewView(session);
  const questions = useMemo(() => questionsOf(scores), [scores]);
  const finished = view.completed[me] !== undefined && view.status.value === "complete";
  return (
    <section
      aria-label="Progress of the review"
      className="flex flex-none items-center gap-2 border-t border-line bg-surface px-5 py-2"
    >
      <span className="num flex-1 text-small text-ink-3">
        {finished ? "Complete" : `${progress(questions, view, me)} of ${questions.length} answered`}
      </span>
      <Button onClick={onOpen} command="review.panel">
        Open the review
      </Button>
      {!finished && mayEdit && (
        <Button kind="primary" onClick={() => runCommand("review.complete")}>
          Complete
        </Button>
      )}
    </section>
  );
}
