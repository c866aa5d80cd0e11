/** What every part of a review needs: the open review, who is looking, and how to edit with a word when it fails. */
import { createContext, type ReactNode, use, useMemo } from "react";
import { problemText } from "@/api/problem.ts";
import { type Person, usePeople } from "@/api/use-people.ts";
import { personColour } from "@/lib/people.ts";
import type { Draft } from "@/sync/edit.ts";
import type { ReviewSession } from "@/sync/session.ts";
import type { ReviewView } from "@/sync/view.ts";
import { toast } from "@/ui/toasts.tsx";

export interface ReviewScope {
  session: ReviewSession;
  /** Row id of the reviewed span. */
  row: string;
  /** Reviewer key of the person at the screen. */
  me: string;
  /** False for viewers, and until the server has made this person's place. */
  mayEdit: boolean;
  person: (reviewer: string) => Person;
  /** Makes one change; false, with a message on screen, when it could not be made. */
  edit: (change: (draft: Draft) => void) => boolean;
}

const Context = createContext<ReviewScope | null>(null);

export function useScope(): ReviewScope {
  const scope = use(Context);
  if (!scope) throw new Error("no review: this part renders inside <ReviewScopeProvider>");
  return scope;
}

/** Says why an edit was not made; typed words stay available. */
export function tellRefused(error: unknown, text = ""): void {
  toast({
    title: "Not changed",
    body: problemText(error),
    tone: "fail",
    ...(text === ""
      ? {}
      : { action: { label: "Copy text", run: () => void navigator.clipboard?.writeText(text) }, seconds: 0 }),
  });
}

/** Hears of every edit that was made here: what the review was before it, and what it is after. */
export type OnEdit = (before: ReviewView, after: ReviewView) => void;

interface Props {
  session: ReviewSession;
  row: string;
  mayEdit: boolean;
  onEdit?: OnEdit | undefined;
  children: ReactNode;
}

export function ReviewScopeProvider({ session, row, mayEdit, onEdit, children }: Props) {
  const person = usePeople();
  const scope = useMemo<ReviewScope>(
    () => ({
      session,
      row,
      me: session.reviewer,
      mayEdit,
      person,
      edit: (change) => {
        try {
          const before = session.view();
          session.edit(change);
          onEdit?.(before, session.view());
          return true;
        } catch (error) {
          tellRefused(error);
          return false;
        }
      },
    }),
    [session, row, mayEdit, person, onEdit],
  );
  return <Context value={scope}>{children}</Context>;
}

/** The custom properties of a person's colours. */
export function colours(id: string, me: string): { ink: string; soft: string } {
  const name = personColour(id, me);
  return { ink: `var(--${name})`, soft: `var(--${name}-soft)` };
}
