import { Check, Flag, MessageSquare } from "lucide-react";
import type { ReviewStatus, TraceLine } from "@/api/types.ts";
import { plural } from "@/lib/format.ts";
import { Chip, type Tone } from "@/ui/chip.tsx";
import { useFlash } from "./use-flash.ts";

const looks: Record<Exclude<ReviewStatus, "none">, { tone: Tone; word: string }> = {
  awaiting: { tone: "warn", word: "Awaiting" },
  in_progress: { tone: "accent", word: "In progress" },
  complete: { tone: "pass", word: "Complete" },
};

/** Where the review of a trace stands, and how much is said about it. */
export function StatusCell({ row }: { row: TraceLine }) {
  const { status, comments } = row.review;
  const flash = useFlash(row.id, status);
  const look = status === "none" ? null : looks[status];
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      {look && (
        <span key={flash} className={flash > 0 ? "rounded-chip [animation:tint_1.2s_ease-out]" : undefined}>
          <Chip tone={look.tone}>
            {status === "awaiting" && <Flag className="size-3" aria-hidden="true" />}
            {status === "complete" && <Check className="size-3" aria-hidden="true" />}
            {look.word}
          </Chip>
        </span>
      )}
      {comments > 0 && (
        <span
          className="num inline-flex items-center gap-1 text-small text-ink-3"
          title={plural(comments, "comment")}
        >
          <MessageSquare className="size-3" aria-hidden="true" />
          {comments}
          <span className="sr-only">{comments === 1 ? " comment" : " comments"}</span>
        </span>
      )}
    </span>
  );
}
