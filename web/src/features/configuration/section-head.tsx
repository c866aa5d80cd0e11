import type { ReactNode } from "react";

interface Props {
  title: string;
  children: ReactNode;
  action: ReactNode;
  /** Why the action is disabled, when it is. */
  reason: string | null;
}

/** Title, one sentence and the main action of a section; says why when this role only reads it. */
export function SectionHead({ title, children, action, reason }: Props) {
  return (
    <div className="pb-4">
      <div className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <h2 className="text-title font-semibold tracking-[-.01em]">{title}</h2>
          <p className="text-ink-2">{children}</p>
        </div>
        {action}
      </div>
      {reason && (
        <p role="note" className="mt-3 rounded-btn bg-sunken px-3 py-1.5 text-ink-2">
          {reason}
        </p>
      )}
    </div>
  );
}
