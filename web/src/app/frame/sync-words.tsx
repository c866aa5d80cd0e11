import { syncTone, syncWords, useSyncState } from "@/lib/sync-state.ts";
import { cx } from "@/ui/cx.ts";

const dots = { pass: "bg-pass", warn: "bg-warn", fail: "bg-fail" } as const;

/** The state of sync in words, with a dot to find it by. Announced politely when it changes. */
export function SyncWords({ hideText = false }: { hideText?: boolean }) {
  const state = useSyncState();
  const words = syncWords(state);
  return (
    <span
      role="status"
      className="inline-flex min-w-0 items-center gap-1.5 text-micro text-ink-3"
      title={state.kind === "refused" ? state.reason : words}
    >
      <i className={cx("size-1.5 flex-none rounded-full", dots[syncTone(state)])} aria-hidden="true" />
      <span className={hideText ? "sr-only" : "truncate"}>{words}</span>
    </span>
  );
}
