/** Short messages at the foot of the window. They never carry the only copy of anything. */
import { X } from "lucide-react";
import { createStore, useStore } from "@/lib/store.ts";
import { Button } from "./button.tsx";
import { cx } from "./cx.ts";

export interface Toast {
  title: string;
  body?: string;
  tone?: "plain" | "fail";
  action?: { label: string; run: () => void };
  /** Seconds until it leaves; 6 unless told. 0 stays until closed. */
  seconds?: number;
}

interface Shown extends Toast {
  id: number;
}

/** More at once than this nobody reads; the oldest leaves. */
const MOST = 4;
const toasts = createStore<readonly Shown[]>([]);
let serial = 0;

/** Shows a toast; returns the function that takes it away. */
export function toast(message: Toast): () => void {
  serial += 1;
  const shown: Shown = { ...message, id: serial };
  toasts.set([...toasts.get(), shown].slice(-MOST));
  const close = () => toasts.set(toasts.get().filter((other) => other.id !== shown.id));
  const seconds = message.seconds ?? 6;
  if (seconds > 0) setTimeout(close, seconds * 1000);
  return close;
}

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <section
      aria-label="Messages"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-3 bottom-4 z-50 flex flex-col items-center gap-2"
    >
      {shown.map((message) => (
        <div
          key={message.id}
          className={cx(
            "floating pointer-events-auto flex w-full max-w-[440px] items-start gap-3 py-2 pr-2 pl-3.5",
            message.tone === "fail" && "border-fail!",
          )}
        >
          <div className="min-w-0 flex-1 py-1">
            <p className={cx("font-medium", message.tone === "fail" && "text-fail")}>{message.title}</p>
            {message.body && <p className="text-ink-2 [overflow-wrap:anywhere]">{message.body}</p>}
          </div>
          {message.action && (
            <Button
              onClick={() => {
                message.action?.run();
                toasts.set(toasts.get().filter((other) => other.id !== message.id));
              }}
            >
              {message.action.label}
            </Button>
          )}
          <Button
            kind="ghost"
            square
            aria-label="Close message"
            icon={<X className="icon" />}
            onClick={() => toasts.set(toasts.get().filter((other) => other.id !== message.id))}
          />
        </div>
      ))}
    </section>
  );
}
