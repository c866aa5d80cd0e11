/** Taking the last step back and doing it again, on whichever item it was. */
import { useCallback, useState } from "react";
import { problemText } from "@/api/problem.ts";
import type { Sitting } from "@/features/focus/sitting.ts";
import type { Step } from "@/features/focus/steps.ts";
import { announce } from "@/lib/announce.ts";
import { useCommand } from "@/lib/commands/dispatch.ts";
import { restoration } from "@/sync/restore.ts";
import { acquire, loaded, release } from "@/sync/reviews.ts";
import type { Person, ReviewSession } from "@/sync/session.ts";
import { toast } from "@/ui/toasts.tsx";

/** What a place is called. */
function nameOf(path: string): string {
  const [, part = "", name] = path.split("/");
  if (part === "scores" || part === "notes") return path.slice(part.length + 2);
  if (part === "tags") return `tag ${name}`;
  const words: Record<string, string> = {
    completed: "completion",
    status: "status",
    expected: "expected",
    assignees: "assignment",
  };
  return words[part] ?? part;
}

/** The question that a step was about, to bring it back in front. */
const questionOf = (places: readonly string[]) => {
  const score = places.find((path) => path.startsWith("/scores/"));
  return score === undefined ? null : nameOf(score);
};

export function useTakeBack(sitting: Sitting, me: Person, mayWrite: boolean) {
  const [wanted, setWanted] = useState<{ question: string; serial: number } | null>(null);

  const apply = useCallback(
    (session: ReviewSession, step: Step & { kind: "edit" }, direction: "undo" | "redo") => {
      const [from, to] = direction === "undo" ? [step.before, step.after] : [step.after, step.before];
      const { restored, kept, write } = restoration(session.view(), from, to, session.reviewer);
      if (restored.length > 0) session.edit((draft) => write(draft, new Date()));
      const verb = direction === "undo" ? "Taken back" : "Done again";
      // A completion brings its status along; saying both is noise.
      const said = restored.filter((path) => path !== "/status" || restored.length === 1).map(nameOf);
      if (said.length > 0) {
        announce(`${verb}: ${said.join(", ")}`);
        toast({ title: `${verb}: ${said.join(", ")}`, seconds: 2 });
      }
      if (kept.length > 0) {
        toast({
          title: "Not all of it",
          body: `Somebody has changed ${kept.map(nameOf).join(", ")} since. It stays as it is.`,
        });
      }
      if (restored.includes("/completed"))
        sitting.setMark(step.item, from.completed[session.reviewer] === undefined ? undefined : "done");
      const question = questionOf(restored);
      if (question !== null) setWanted((last) => ({ question, serial: (last?.serial ?? 0) + 1 }));
    },
    [sitting],
  );

  const move = async (direction: "undo" | "redo") => {
    const step = direction === "undo" ? sitting.steps.undo() : sitting.steps.redo();
    if (!step) {
      announce(direction === "undo" ? "Nothing to take back" : "Nothing to do again");
      return;
    }
    const now = Date.now();
    sitting.show(step.item, now);
    if (step.kind === "skip") {
      sitting.setMark(step.item, direction === "undo" ? undefined : "skipped");
      if (direction === "redo") sitting.go(sitting.state.at + 1, now);
      return;
    }
    const ref = { ...step.item.object, row_id: step.item.row };
    try {
      const here = loaded(ref, me);
      if (here) return apply(here, step, direction);
      try {
        apply(await acquire(ref, me, mayWrite), step, direction);
      } finally {
        release(ref, me);
      }
    } catch (error) {
      // It can be tried again once the review can be opened.
      if (direction === "undo") sitting.steps.redo();
      else sitting.steps.undo();
      toast({ title: "Not taken back", body: problemText(error), tone: "fail" });
    }
  };
  useCommand("focus.undo", () => void move("undo"));
  useCommand("focus.redo", () => void move("redo"));
  return wanted;
}
