import type { ReactNode } from "react";
import { useAria } from "@/lib/commands/bindings.ts";
import type { CommandId } from "@/lib/commands/table.ts";
import { cx } from "./cx.ts";

interface Props {
  on: boolean;
  onChange: (on: boolean) => void;
  command: CommandId;
  children: ReactNode;
}

/** On or off, with its words beside it. */
export function Switch({ on, onChange, command: id, children }: Props) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-keyshortcuts={useAria(id)}
      onClick={() => onChange(!on)}
      className="inline-flex h-7 flex-none items-center gap-2 whitespace-nowrap rounded-btn px-1.5 text-[12.5px] text-ink-2 hover:text-ink coarse:h-11"
    >
      <span
        aria-hidden="true"
        className={cx(
          "flex h-4 w-7 flex-none items-center rounded-full p-0.5 transition-colors duration-[120ms]",
          on ? "bg-accent" : "bg-control",
        )}
      >
        <i className={cx("size-3 rounded-full bg-accent-on transition-transform", on && "translate-x-3")} />
      </span>
      {children}
    </button>
  );
}
