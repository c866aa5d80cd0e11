import type { ReactNode } from "react";
import { ApiError, problemText } from "@/api/problem.ts";
import { Button } from "./button.tsx";

interface Props {
  title: string;
  children?: ReactNode;
  /** The one next thing to do. */
  action?: ReactNode;
}

/** Nothing here yet, or nothing that fits: one sentence and one action. */
export function EmptyState({ title, children, action }: Props) {
  return (
    <div className="mx-auto flex max-w-[420px] flex-col items-center gap-1.5 px-6 py-14 text-center">
      <h2 className="text-title font-semibold tracking-[-.01em]">{title}</h2>
      {children && <div className="text-ink-2">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}

/** What failed, in words, with a way to try again and the id to report. */
export function ErrorState({ what, error, retry }: { what: string; error: unknown; retry?: () => void }) {
  const instance = error instanceof ApiError ? error.problem.instance : undefined;
  return (
    <div
      role="alert"
      className="mx-auto flex max-w-[460px] flex-col items-center gap-1.5 px-6 py-14 text-center"
    >
      <h2 className="text-title font-semibold tracking-[-.01em]">{what}</h2>
      <p className="text-ink-2">{problemText(error)}</p>
      {instance && (
        <p className="text-small text-ink-3">
          Report it as <code className="mono select-all">{instance}</code>
        </p>
      )}
      {retry && (
        <div className="mt-3">
          <Button onClick={retry}>Try again</Button>
        </div>
      )}
    </div>
  );
}

/** A page or part that this role may not use: what it is and who can grant it. */
export function NoPermission({ title, children }: { title: string; children: ReactNode }) {
  return <EmptyState title={title}>{children}</EmptyState>;
}
